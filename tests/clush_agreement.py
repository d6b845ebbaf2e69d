#!/usr/bin/python3
"""Compares what `tally explain` says of clush lines with clush itself, in one process.

usage: clush_agreement.py TALLY [COUNT [SEED]]

Random command lines, options in all the forms that optparse takes, go to `TALLY explain
--jsonl` and to ClusterShell's own main(), which is stopped where it would start to run: the
nodes it holds then are the truth. An answer must name the same nodes and the same kind of
act; what clush refuses may be unknown or over-counted.
"""
import contextlib
import io
import json
import os
import random
import subprocess
import sys
import tempfile

sys.path.append("/usr/lib/python3/dist-packages")

GROUPS = """roles:
  all: 'n[1-40],adm[1-2]'
  web: 'n[1-20]'
  db: 'n[21-24]'
  rack1: '@web,adm1'
  rack2: 'n[15-30]'
  empty: ''
racks:
  r1: 'n[1-10]'
  r2: 'n[11-20]'
"""
CONFIG = "[Main]\ndefault: roles\nautodir: {0}\n"
COMMANDS = [(["uptime"], "run"), (["reboot"], "restart"), (["sudo", "poweroff"], "stop"),
            (["systemctl", "stop", "nginx"], "stop"), (["rm -rf /srv/x"], "remove"),
            (["echo", "-w", "n[1-9]"], "run"), (["true;", "reboot"], "restart"),
            (["systemctl restart a && uptime"], "restart")]


class Stopped(Exception):
    """clush has come to where it would run."""


def one_range(rng):
    low = rng.choice([0, 1, 3, 8, 9, 10, 15, 99])
    width = rng.choice([0, 0, 0, 2, 3])
    if rng.random() < 0.4:
        return str(low).zfill(width)
    high = low + rng.choice([0, 1, 2, 5, 11])
    if rng.random() < 0.03:
        low, high = high + 1, low
    width = rng.choice([0, 0, len(str(high))]) if width < len(str(high)) else width
    step = rng.choice(["/2", "/3"]) if rng.random() < 0.1 else ""
    return f"{str(low).zfill(width)}-{str(high).zfill(width)}{step}"


def node(rng, groups):
    if groups and rng.random() < 0.35:
        return rng.choice(["@web", "@db", "@rack1", "@racks:r1", "@racks:r[1-2]", "@empty", "@*",
                           "n*", "n1?", "adm*", "@nosuch", "@roles:web"])
    text = rng.choice(["n", "n", "n", "adm", "r1-", "web"])
    if rng.random() < 0.75:
        text += "[" + ",".join(one_range(rng) for _ in range(rng.choice([1, 1, 2]))) + "]"
    else:
        text += str(rng.randrange(30))
    return text + rng.choice(["", "", "", "", "-ib", ".x", ":22"])


def nodes(rng, groups):
    text = node(rng, groups)
    for _ in range(rng.choice([0, 0, 1, 1, 2, 4])):
        text += rng.choice([",", ",", ",", "!", "&", "^"]) + node(rng, groups)
    if rng.random() < 0.04:
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(["[", "]", ",", "-", " ", "!"]) + text[at:]
    return text


def option(rng, short, long, value):
    """One option with its value, in one of the forms that mean the same."""
    forms = [[short, value], [short + value], ["-b" + short[1:], value]] if short else []
    if short and short[1:] in "c":
        forms = forms[:1]
    if long:
        cut = long[:rng.randrange(len(long) - 2, len(long) + 1)] if rng.random() < 0.2 else long
        forms += [[cut, value], [cut + "=" + value]]
    return rng.choice(forms)


def others(rng):
    return rng.choice([
        ["-b"], ["-B"], ["-L"], ["-N"], ["-q"], ["-S"], ["-bL"], ["--dshbak"], ["--maxrc"],
        ["-f", "4"], ["-f4"], ["--fanout=8"], ["-t", "5"], ["-u", "0"], ["-l", "root"],
        ["-lroot"], ["--user=root"], ["-o", "-p 2022"], ["--options=-oX=y"],
        ["-O", "fanout=4"], ["-O", "ssh_options=-q", "-O", "maxrc=yes"], ["--color=never"],
        ["-R", "ssh"], ["--worker=exec"], ["-R", "rsh"], ["--outdir=out"], ["-n"],
        ["--nostdin"], ["--diff"], ["--no-such-option"]] + [["-n"]] * 10)


def line(rng, groups):
    """argv behind "clush", and the act it should be."""
    parts = []
    for _ in range(rng.choice([0, 1, 1, 1, 1, 2])):
        parts.append(option(rng, "-w", None, nodes(rng, groups)))
    for _ in range(rng.choice([0, 0, 0, 1, 2])):
        parts.append(option(rng, "-x", None, nodes(rng, groups)))
    if rng.random() < 0.1:
        parts.append(option(rng, None, rng.choice(["--hostfile", "--machinefile"]),
                            rng.choice(["hosts", "hosts", "comments", "none"])))
    if rng.random() < 0.05:
        parts.append(option(rng, None, "--pick", rng.choice(["1", "3", "9", "1000"])))
    if groups:
        for _ in range(rng.choice([0, 0, 1, 2])):
            parts.append(option(rng, "-g", "--group", rng.choice(
                ["web", "db", "web,db", "rack[1-2]", "racks:r1", "empty", "nosuch", "db,rack1",
                 "rack[1-2]!rack2", "racks:r[1-2]"])))
        if rng.random() < 0.2:
            parts.append(option(rng, "-X", None, rng.choice(["db", "rack1", "racks:r2", "x"])))
        if rng.random() < 0.15:
            parts.append([rng.choice(["-a", "--all", "--al"])])
        if rng.random() < 0.15:
            parts.append(option(rng, "-s", "--groupsource",
                                rng.choice(["racks", "roles", "none"])))
    for _ in range(rng.choice([0, 0, 1, 2])):
        parts.append(others(rng))
    rng.shuffle(parts)
    argv = [word for part in parts for word in part]
    if rng.random() < 0.12:
        copy = rng.choice(["-c", "--copy", "--rcopy"])
        act = "read" if copy == "--rcopy" else "config"
        argv.insert(rng.choice([0, len(argv)]) if rng.random() < 0.5 else len(argv), copy)
        argv += rng.choice([["hosts"], ["hosts", "comments", "--dest", "/tmp"], []])
        if rng.random() < 0.3:
            argv += ["-w", nodes(rng, groups)]
        return argv, act
    command, act = rng.choice(COMMANDS)
    return argv + rng.choice([[], [], ["--"]]) + command, act


def truth(module, NodeSet, argv):
    """The nodes, or None when clush refuses."""
    held = {}

    def stop(_task, *rest):
        held["nodes"] = next(set(item) for item in rest if isinstance(item, NodeSet.NodeSet))
        raise Stopped

    def leave(status, task=None):
        raise SystemExit(status)

    module.run_command = module.run_copy = module.run_rcopy = module.ttyloop = stop
    module.clush_exit = leave
    module.set_fdlimit = lambda *_: None
    module.sys.argv = ["clush"] + argv
    hook = sys.excepthook
    # What -s of the line before has changed must not last.
    NodeSet.set_std_group_resolver_config("groups.conf")
    try:
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            module.main()
    except Stopped:
        return held["nodes"]
    except (SystemExit, Exception):  # pylint: disable=broad-except
        return None
    finally:
        sys.excepthook = hook
    return None


def prepare(directory):
    """The configuration that both sides read, and the directory they stand in."""
    for name, text in (("groups.yaml", GROUPS), ("groups.conf", CONFIG.format(directory)),
                       ("hosts", "n[1-3]\nadm1 n7\n"), ("comments", "n1 # two\n"),
                       ("clush.conf", "[Main]\nfanout: 4\n")):
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            file.write(text)
    os.environ["CLUSTERSHELL_CFGDIR"] = directory
    os.environ["HOME"] = directory
    os.chdir(directory)


def differs(expected, act, argv, answer):
    """What is wrong with the answer, or None."""
    if "error" in answer:
        return answer["error"]
    count, names = answer["count"], set(answer["names"])
    if expected is None or (count is None and "negative numbers" in answer["unknown"]):
        return None
    if answer["action"] != act:
        return f"the action is {act}"
    if any(word.startswith("--p") for word in argv):
        if count != len(expected):
            return "the number of picks"
        return None if expected <= names else "the nodes that are picked from"
    if any(name.startswith("-") for name in expected):
        return None if count == len(expected) else "the number with a node that is an option"
    return None if count == len(expected) and names == expected else "the nodes"


def main():
    tally = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 32)
    print(f"# seed {seed}, {count} lines")
    rng = random.Random(seed)
    # A line with groups costs a run of nodeset, a tenth of a second: every tenth has some.
    lines = [line(rng, number % 10 == 0) for number in range(count)]
    with tempfile.TemporaryDirectory(prefix="tallygate-clush.") as directory:
        prepare(directory)
        import ClusterShell.CLI.Clush as module
        from ClusterShell import NodeSet
        asked = "".join(json.dumps({"argv": ["clush"] + argv, "cwd": directory}) + "\n"
                        for argv, _ in lines)
        told = subprocess.run([tally, "explain", "--names", "--jsonl"], input=asked,
                              capture_output=True, text=True, check=False)
        answers = [json.loads(text) for text in told.stdout.splitlines()]
        if len(answers) != len(lines):
            print(f"{len(answers)} answers to {len(lines)} lines: {told.stderr[-300:]}")
            return 1
        bad = refused = over = 0
        for (argv, act), answer in zip(lines, answers):
            expected = truth(module, NodeSet, argv)
            refused += expected is None
            over += expected is None and answer.get("count") is not None
            wrong = differs(expected, act, argv, answer)
            if wrong:
                bad += 1
                if bad <= 10:
                    print(f"{wrong}: {argv}\n  here:  {answer.get('action')} "
                          f"{answer.get('count')} {answer.get('targets')} "
                          f"{answer.get('unknown', '')}\n  clush: "
                          f"{act} {len(expected)} {sorted(expected)[:40]}")
        os.chdir("/")
    print(f"{len(lines)} compared, {refused} refused by clush ({over} of them counted here), "
          f"{bad} differ")
    return 1 if bad or refused * 2 > len(lines) else 0


if __name__ == "__main__":
    sys.exit(main())
