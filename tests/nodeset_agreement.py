#!/usr/bin/python3
"""Compares the readers of host lists with ClusterShell's own library, in one process.

usage: nodeset_agreement.py READ_HOSTS [COUNT [SEED]]

Random expressions go to READ_HOSTS (tests/unit/read_hosts.c) and to ClusterShell. Both
must refuse, or count the same, name the same nodes and (up to one number a name) fold to
the same text. What READ_HOSTS folds is read by ClusterShell and must be the same set.
"""
import random
import re
import subprocess
import sys

sys.path.append("/usr/lib/python3/dist-packages")
from ClusterShell.NodeSet import NodeSet, NodeSetException, RESOLVER_NOGROUP

# ClusterShell folds several numbers a name in quadratic time: larger sets are left out.
MANY = 3000
MANY_PRODUCTS = 150

# Where the reader says "not here" about what ClusterShell would take.
REFUSED_ON_PURPOSE = ("negative numbers", "at most 18 digits", "group", "wildcard",
                      "step is not a number")
BASES = ["n", "node", "r", "a-b", "x.y", "", "login", "%", "n%s"]


def bound(rng):
    value = rng.choice([rng.randrange(10), rng.randrange(30), rng.randrange(200),
                        rng.choice([9, 10, 99, 100, 999, 1000])])
    return value


def one_range(rng):
    low = bound(rng)
    if rng.random() < 0.4:
        return str(low).zfill(rng.choice([0, 0, 2, 3]))
    high = low + rng.choice([0, 1, 2, 5, 30])
    if rng.random() < 0.02:
        low, high = high, low
    width = rng.choice([0, 0, 0, len(str(high)), len(str(high)) + 1])
    if rng.random() < 0.02:
        width = rng.choice([2, 3, 4])
    text = str(low).zfill(width) + "-" + str(high).zfill(width)
    if rng.random() < 0.15:
        text += "/" + rng.choice(["1", "2", "2", "3", "3", "7", "7", "0"])
    return text


def bracket(rng):
    return "[" + ",".join(one_range(rng) for _ in range(rng.choice([1, 1, 1, 2, 3, 5]))) + "]"


def item(rng):
    text = rng.choice(BASES)
    for _ in range(rng.choice([0, 1, 1, 1, 1, 2, 2, 3])):
        if rng.random() < 0.12:
            text += rng.choice(["1", "0", "01", "20"])
        text += bracket(rng) if rng.random() < 0.7 else str(bound(rng))
        if rng.random() < 0.1:
            text += rng.choice(["0", "5", "10"])
        if rng.random() < 0.9:
            text += rng.choice(["-", "x", "-ib", "c", "."])
    return text


def expression(rng):
    text = item(rng)
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3, 6])):
        text += rng.choice([",", ",", ",", "!", "&", "^"])
        text += rng.choice(["", "", "", " "])
        text += item(rng)
    if rng.random() < 0.06:
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(list("[],!&^-/ 0") + [""]) + text[at + rng.randrange(2):]
    return text


def dims(name):
    return len(re.findall(r"\d+", name))


def judge(text):
    """The node set, None when ClusterShell refuses."""
    try:
        return NodeSet(text, resolver=RESOLVER_NOGROUP)
    except (NodeSetException, AssertionError, ValueError, IndexError):
        return None


def ask(program, notation, lines, *options):
    out = subprocess.run([program, notation, *options], input="\n".join(lines) + "\n",
                         capture_output=True, text=True, check=True).stdout
    return out.splitlines()


def check(text, folded, named):
    """What is wrong with the answers to `text`, or None."""
    nodes = judge(text)
    if folded.startswith("fault"):
        if nodes is None or any(reason in folded for reason in REFUSED_ON_PURPOSE):
            return None
        return "refused, nodeset takes it"
    if nodes is None:
        return "taken, nodeset refuses it"
    count, fold = folded.split("\t")
    names = named.split(" ")[1:] if " " not in text.strip() else None
    expected = set(nodes)
    if int(count) != len(expected):
        return "count"
    if names is not None and (len(names) != len(expected) or set(names) != expected):
        return "names"
    if all(dims(name) <= 1 for name in expected) and fold.replace("\\ ", " ") != str(nodes):
        return "fold"
    again = judge(fold) if "\\" not in fold else nodes
    if again is None or set(again) != expected:
        return "fold is another set"
    return None


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 32)
    print(f"# seed {seed}, {count} expressions")
    rng = random.Random(seed)
    texts = [expression(rng) for _ in range(count)]
    texts = [text for text in texts if len(text) < 200 and text.strip()]
    folded = ask(program, "clustershell", texts)
    named = ask(program, "clustershell", texts, "-e")
    bad = refused = large = 0
    if len(folded) != len(texts) or len(named) != len(texts):
        print(f"{len(folded)} and {len(named)} answers to {len(texts)} expressions")
        return 1
    for text, fold, names in zip(texts, folded, named):
        refused += fold.startswith("fault")
        limit = MANY_PRODUCTS if text.count("[") > 1 else MANY
        if not fold.startswith("fault") and int(fold.split("\t")[0]) > limit:
            large += 1
            continue
        wrong = check(text, fold, names)
        if wrong:
            bad += 1
            if bad <= 10:
                print(f"{wrong}: {text!r}\n  here:    {fold[:300]}\n  nodeset: {str(judge(text))[:300]}")
    print(f"{len(texts)} compared, {refused} refused by both, "
          f"{large} too large for nodeset, {bad} differ")
    return 1 if bad or (refused + large) * 2 > len(texts) else 0


if __name__ == "__main__":
    sys.exit(main())
