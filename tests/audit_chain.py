#!/usr/bin/env python3
"""The audit log by another program than tallygate itself.

audit_chain.py check FILE...      the chain, by the description in docs/audit.md
audit_chain.py get FILE N PATH    the value at PATH (a.b.c) of line N (-1: the last) as JSON
audit_chain.py expect FILE N PATH VALUE [PATH VALUE]...   values of line N
audit_chain.py forge FILE N OLD NEW   line N with OLD replaced by NEW, its hash made right
audit_chain.py grow FILE COUNT    a whole log of COUNT records
"""
import hashlib
import json
import sys

TRAILER = len(',"hash":"') + 64 + len('"}}')


def digest(data):
    return hashlib.blake2b(data, digest_size=32).hexdigest()


def lines(path):
    with open(path, "rb") as file:
        return file.read().split(b"\n")[:-1]


def with_hash(line):
    covered = line[:-TRAILER]
    return covered + b',"hash":"' + digest(covered).encode() + b'"}}'


def check(paths):
    previous, sequence = "0" * 64, 0
    for path in paths:
        for number, line in enumerate(lines(path), 1):
            record = json.loads(line)
            where = f"{path}:{number}"
            assert record["event"]["hash"] == digest(line[:-TRAILER]), f"{where}: hash"
            assert record["tallygate"]["previous"] == previous, f"{where}: previous"
            assert record["event"]["sequence"] == sequence + 1, f"{where}: sequence"
            previous, sequence = record["event"]["hash"], sequence + 1
    print(sequence)


def value_at(record, name):
    """The value at a path as text; "missing" when there is none."""
    for part in name.split("."):
        if isinstance(record, list):
            record = record[int(part)]
        elif part in record:
            record = record[part]
        else:
            return "missing"
    return record if isinstance(record, str) else json.dumps(record)


def load(path, number):
    number = int(number)
    return json.loads(lines(path)[number if number < 0 else number - 1])


def get(path, number, name):
    print(value_at(load(path, number), name))


def expect(path, number, *pairs):
    record = load(path, number)
    wrong = 0
    for name, wanted in zip(pairs[::2], pairs[1::2], strict=True):
        found = value_at(record, name)
        if found != wanted:
            wrong += 1
            print(f"{name}: expected {wanted!r}, found {found!r}")
    sys.exit(1 if wrong else 0)


def forge(path, number, old, new):
    all_lines = lines(path)
    line = all_lines[int(number) - 1]
    assert old.encode() in line
    all_lines[int(number) - 1] = with_hash(line.replace(old.encode(), new.encode()))
    with open(path, "wb") as file:
        file.write(b"\n".join(all_lines) + b"\n")


def grow(path, count):
    previous = "0" * 64
    with open(path, "wb") as file:
        for sequence in range(1, int(count) + 1):
            line = json.dumps(
                {
                    "@timestamp": "2026-01-01T00:00:00.000Z",
                    "tallygate": {"tool": "drain", "previous": previous},
                    "event": {"action": "command-read", "sequence": sequence, "hash": "0" * 64},
                },
                separators=(",", ":"),
            )
            line = with_hash(line.encode())
            previous = digest(line[:-TRAILER])
            file.write(line + b"\n")


COMMANDS = {"check": lambda *paths: check(paths), "get": get, "expect": expect, "forge": forge, "grow": grow}
COMMANDS[sys.argv[1]](*sys.argv[2:])
