#!/usr/bin/env python3
"""64 gates at once against a floor with room for 17, some of them killed at any moment.

usage: ledger_race.py GATE SESSION WORK ROUNDS SEED

Each gate is to become `drain webNN`, which writes its name to WORK/ran. Between the rounds
the ledger is a new one. A round ends when nobody gets in any more: those that were killed
before they had begun must have given their room back, those that have begun must keep it,
whatever became of them. Prints TAP; the seed makes the kills the same again.
"""
import os, random, shutil, signal, sqlite3, subprocess, sys, time

gate, session, work, rounds, seed = sys.argv[1:6]
rounds, seed = int(rounds), int(seed)
state = os.path.join(work, 'state')
ran = os.path.join(work, 'ran')
ROOM, ALL = 17, 64


def start(host):
    return subprocess.Popen(
        [gate, '--session=' + session, '--', os.path.join(work, 'drain'), 'drain', host],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True)


def begun():
    """Hosts whose tool may have begun, by the ledger."""
    with sqlite3.connect(os.path.join(state, 'ledger.db')) as db:
        return [row[0] for row in db.execute('SELECT targets FROM admissions WHERE state > 0')]


def one_round(number, kills):
    rng = random.Random(seed * 1000 + number)
    shutil.rmtree(state, ignore_errors=True)
    open(ran, 'w').close()
    hosts = ['web%02d' % i for i in range(1, ALL + 1)]
    rng.shuffle(hosts)
    gates = [(host, start(host)) for host in hosts]
    victims = rng.sample(gates, kills)
    for _, victim in victims:
        # At no moment in particular: that is the point. Nothing waits for it.
        time.sleep(rng.random() * 0.01)
        victim.send_signal(signal.SIGKILL)
    bad = [p.wait() for _, p in gates if p.wait() not in (0, 126, -signal.SIGKILL)]
    if bad:
        return 'a gate ended with %s' % bad
    seen = open(ran).read().split()
    if len(seen) > ROOM:
        return '%d ran' % len(seen)
    if kills == 0 and len(seen) != ROOM:
        return '%d ran, %d have room' % (len(seen), ROOM)
    # Whoever was killed before it had begun left its room to others.
    for host in hosts:
        if host not in seen:
            start(host).wait()
    seen, listed = open(ran).read().split(), begun()
    if len(set(listed)) != ROOM:
        return '%d are out by the ledger, %d have room' % (len(set(listed)), ROOM)
    if len(seen) != len(set(seen)):
        return 'one ran twice'
    if not set(seen) <= set(listed):
        return 'ran without being in the ledger: %s' % sorted(set(seen) - set(listed))
    return None


failed = 0
print('1..%d' % rounds)
for number in range(1, rounds + 1):
    kills = 0 if number == 1 else 8 * (number % 7)
    why = one_round(number, kills)
    print('%sok %d - 64 at once, %d of them killed%s' %
          ('not ' if why else '', number, kills, ': ' + why if why else ''))
    failed += why is not None
sys.exit(1 if failed else 0)
