#!/usr/bin/env python3
"""Compares what tallysh is to its caller with what the shell itself is.

usage: shell_like.py TALLYSH SHELL statuses|signals|sent|killed
Prints nothing and ends with 0 when both are the same.
"""
import os
import signal
import subprocess
import sys
import time

tallysh, shell, what = sys.argv[1:]
signal.alarm(100)  # a signal that got lost is a failure, not a wait
NUMBERS = range(1, 16)
for number in NUMBERS:  # whoever runs this may ignore some
    if number not in (signal.SIGKILL, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
failures = []


def same(label, ours, theirs):
    if ours != theirs:
        failures.append(f"{label}: tallysh {ours!r}, {shell} {theirs!r}")


def wait_status(program, command):
    """The wait status itself: a dumped core would show in it."""
    pid = os.posix_spawn(program, [program, "-c", command], os.environ)
    return os.waitpid(pid, 0)[1]


def statuses():
    for number in range(256):
        same(f"exit {number}", wait_status(tallysh, f"exit {number}"), number << 8)


def signals():
    for number in NUMBERS:
        ours = wait_status(tallysh, f"kill -{number} $$; :")
        theirs = wait_status(shell, f"kill -{number} $$; :")
        # A core is the shell's to leave, not ours.
        same(f"signal {number}", ours, theirs & ~0x80)


def send(program, command, number):
    """Starts it, waits until it says so, signals the process that was started."""
    process = subprocess.Popen([program, "-c", command], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    said = process.stdout.readline()
    process.send_signal(number)
    rest = process.stdout.read()
    return said.decode().strip(), rest.decode(), process.wait()


def sent():
    """A signal to the process that was started is a signal to the shell."""
    # `wait` ends when a signal comes in between; an exec would lose one that bash holds.
    sleeper = "sleep 1000 >/dev/null & echo $!; wait; exit 3"
    for number in (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15):
        pid, said, status = send(tallysh, f"trap 'echo caught; exit 9' {number}; {sleeper}", number)
        os.kill(int(pid), signal.SIGKILL)
        same(f"caught {number}", (said, status), ("caught\n", 9))
        if number == signal.SIGQUIT:
            continue  # bash ignores it in any case
        pid, said, status = send(tallysh, sleeper, number)
        os.kill(int(pid), signal.SIGKILL)
        same(f"default {number}", (said, status), ("", -number))


def alive(pid):
    """Neither gone nor a zombie that somebody has still to look at."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def killed():
    """SIGKILL cannot be passed on; the supervisor sees to it that the shell dies as well."""
    said, _, status = send(tallysh, "echo $$; exec sleep 1000", signal.SIGKILL)
    same("killed", status, -signal.SIGKILL)
    end = time.monotonic() + 60
    while alive(int(said)):
        if time.monotonic() > end:
            failures.append(f"the shell {int(said)} goes on")
            break


{"statuses": statuses, "signals": signals, "sent": sent, "killed": killed}[what]()
print("\n".join(failures), end="")
sys.exit(1 if failures else 0)
