#!/usr/bin/python3
"""What target sets cost here and with ClusterShell's nodeset, in one run.

usage: bench_hostset.py BENCH_HOSTSET       (the program of bench_hostset.c)

Prints tab separated: case, names, milliseconds and peak KiB here, milliseconds and peak
KiB of nodeset. Milliseconds here are those of the work in the process (best of several);
those of nodeset are of the whole program, less its start (nodeset -c n1), as it can only
be called as one. nodeset needs half a minute or so.
"""
import os
import subprocess
import sys
import tempfile
import time


def run(argv, stdin=subprocess.DEVNULL):
    """Output, wall milliseconds and peak KiB (at least this program's own) of a program."""
    start = time.monotonic()
    child = subprocess.Popen(argv, stdin=stdin, stdout=subprocess.PIPE)
    out = child.stdout.read().decode()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"bench_hostset.py: {argv[0]} {argv[1]} failed ({child.returncode})")
    return out, (time.monotonic() - start) * 1e3, usage.ru_maxrss


def main():
    bench = sys.argv[1]
    with tempfile.TemporaryDirectory() as place:
        names, folded = os.path.join(place, "names"), os.path.join(place, "folded")
        with open(names, "w") as out:
            subprocess.run([bench, "random", "100000"], stdout=out, check=True)
        floor = min(run(["nodeset", "-c", "n1"])[1] for _ in range(3))
        with open(names) as source:
            text, names_ms, names_kib = run(["nodeset", "-f"], source)
        with open(folded, "w") as out:
            out.write(text.strip() + "\n")
        range_ms = range_kib = 0
        for mode in "-c", "-f":
            _, wall, kib = run(["nodeset", mode, "node[1-1000000]"])
            range_ms, range_kib = range_ms + wall - floor, max(kib, range_kib)
        with open(folded) as source:
            _, folded_ms, folded_kib = run(["nodeset", "-f"], source)
        theirs = {"range": (range_ms, range_kib), "names": (names_ms - floor, names_kib),
                  "folded": (folded_ms - floor, folded_kib)}
        print("case\tnames\tms\tKiB\tnodeset ms\tnodeset KiB")
        for case, path in ("range", ""), ("names", names), ("folded", folded):
            answer, _, _ = run([bench, case, path])
            _, count, best, kib, _ = answer.split("\t")
            print(f"{case}\t{count}\t{best}\t{kib}\t{theirs[case][0]:.0f}\t{theirs[case][1]}")


if __name__ == "__main__":
    main()
