#!/usr/bin/python3
"""Compares the reader of pdsh host lists with pdsh itself.

usage: pdsh_agreement.py READ_HOSTS [COUNT [SEED]]

Random -w and -x lists go to READ_HOSTS (tests/unit/read_hosts.c) and to
`pdsh -Q -w LIST -x LIST`, which names the hosts that it would run on. Both must refuse, or
name the same hosts. Where -Q cuts its list short, at 1 KiB, where names have brackets and
commas in them, and for every tenth list `pdsh -R exec ... echo %h` is asked, which really
runs.
"""
import os
import random
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

BASES = ["n", "n", "n", "m-", "a.b", "", "n1", "n0"]
# Where the reader says "not here" about what pdsh would take, and change.
REFUSED_ON_PURPOSE = ("would cut", "bad range", "found a colon")


def number(rng):
    return rng.choice([rng.randrange(4), rng.randrange(13), rng.choice([9, 10, 99, 100])])


def one_range(rng):
    low = number(rng)
    text = str(low).zfill(rng.choice([0, 0, 0, 2, 3]))
    if rng.random() < 0.6:
        high = low + rng.choice([0, 1, 2, 4])
        if rng.random() < 0.02:
            high = low - 1
        text += "-" + str(high).zfill(rng.choice([0, 0, 0, 2, 3]))
    if rng.random() < 0.01:
        text = rng.choice(["", " 1-2", "+1", "1x-3", "1-", "-2", "1-2/1", "33554431-33554434"])
    return text


def bracket(rng):
    return "[" + ",".join(one_range(rng) for _ in range(rng.choice([1, 1, 2, 3]))) + "]"


def item(rng):
    text = rng.choice(BASES)
    if rng.random() < 0.04:
        text = rng.choice(["u@", "exec:", "exec:u@", "@"]) + text
    for _ in range(rng.choice([0, 1, 1, 1, 1, 1, 2, 2, 3])):
        text += bracket(rng) if rng.random() < 0.75 else str(number(rng))
        if rng.random() < 0.35:
            text += rng.choice(["-", "x", "-ib", "5"])
    return text or "n1"


def host_list(rng, most):
    text = ""
    for i in range(rng.randrange(1, most + 1)):
        if i:
            text += rng.choice([",", ",", ",", " ", ", ", ",,"])
        text += item(rng)
    if rng.random() < 0.04:
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(list("[],- 0") + [""]) + text[at + rng.randrange(2):]
    return text


def case(rng):
    lists = [host_list(rng, 4)]
    if rng.random() < 0.6:
        lists.append(host_list(rng, 3))
    # What begins with these is for the reader of the command line.
    if any(part.lstrip(",")[:1] in ("-", "^", "/", "") or ",-" in part for part in lists):
        return None
    return lists


def run(lists, options, command):
    argv = ["pdsh", *options, "-R", "exec", "-f", "64", "-w", lists[0]]
    if len(lists) > 1:
        argv += ["-x", lists[1]]
    return subprocess.run(argv + command, capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL, check=False)


def judge(numbered):
    """The hosts, None when pdsh refuses."""
    number, lists = numbered
    told = run(lists, ["-Q"], [])
    listed = told.stdout.rstrip("\n").rpartition("-- Target nodes --\n")[2]
    names = listed.split(",")
    if number % 10 == 0 or re.search(r"[][ ]", listed) or len(listed) > 1000:
        told = run(lists, [], ["echo", "%h"])
        names = [line.split(": ", 1)[1] for line in told.stdout.splitlines()]
    if told.returncode != 0 and "no remote hosts specified" in told.stderr:
        return set()
    if told.returncode != 0 or told.stderr.strip():
        return None
    return set(names)


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 32)
    print(f"# seed {seed}, {count} lists")
    rng = random.Random(seed)
    for name in [name for name in os.environ if name.startswith("PDSH_")] + ["WCOLL"]:
        os.environ.pop(name, None)
    cases = [lists for lists in (case(rng) for _ in range(count)) if lists]
    answers = subprocess.run([program, "pdsh", "-e"], capture_output=True, text=True,
                             input="".join("\t".join(lists) + "\n" for lists in cases),
                             check=True).stdout.splitlines()
    wanted = [(lists, answer) for lists, answer in zip(cases, answers)
              if answer.startswith("fault") or int(answer.split(" ")[0]) <= 120]
    bad = refused = 0
    with ThreadPoolExecutor(2) as pool:
        judged = list(pool.map(judge, enumerate(lists for lists, _ in wanted)))
    for (lists, answer), hosts in zip(wanted, judged):
        if answer.startswith("fault"):
            wrong = hosts is not None and not any(r in answer for r in REFUSED_ON_PURPOSE)
            refused += not wrong
        elif hosts is None and any(":" in text for text in lists):
            wrong = False  # which modules pdsh can load is not known here
        else:
            # Names are compared by their words: a name may hold a blank.
            words = sorted(word for host in hosts or () for word in host.split(" "))
            wrong = hosts is None or sorted(answer.split(" ")[1:]) != words \
                or int(answer.split(" ")[0]) != len(hosts)
        if wrong:
            bad += 1
            if bad <= 10:
                print(f"{lists}\n  here: {answer[:300]}\n  pdsh: "
                      f"{'refused' if hosts is None else sorted(hosts)}")
    print(f"{len(wanted)} compared, {refused} refused, {bad} differ")
    return 1 if bad or len(answers) != len(cases) or refused * 2 > len(wanted) else 0


if __name__ == "__main__":
    sys.exit(main())
