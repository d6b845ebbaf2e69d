"""Clients that tallyd must not believe. usage: forge.py ask|garbage|many|before"""
import json
import os
import random
import socket
import sys

PATH = "/run/tallygate/tallyd.sock"


def connect():
    client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    client.settimeout(10)
    client.connect(PATH)
    return client


def ask():
    client = connect()
    client.send(json.dumps({"v": 1, "op": "status"}).encode())
    print(client.recv(65536).decode())


def garbage():
    random.seed(1)
    for size in (1, 2, 17, 1000, 32768, 100000):
        client = connect()
        try:
            client.send(random.randbytes(size))
            client.recv(65536)
        except OSError:
            pass
        client.close()
    client = connect()
    client.send(b'{"v": 1, "op": "adm')
    client.close()


def many():
    """More connections than one user may have: the rest is refused, and others are served."""
    clients = []
    for _ in range(1000):
        try:
            clients.append(connect())
        except OSError:
            break
    print(len(clients))


def before():
    """Asks, and becomes a gate before tallyd has looked; a child keeps the connection."""
    client = connect()
    os.set_inheritable(client.fileno(), True)
    event = "01a20db7-6f7e-7236-9f40-d846fd24732b"
    client.send(json.dumps({"v": 1, "op": "withdraw", "event": event}).encode())
    if os.fork() == 0:
        try:
            while True:
                answer = client.recv(65536)
                if not answer or b'"error"' in answer:
                    break
                print("answered", answer.decode())
                os._exit(1)
        except OSError:
            pass
        print("nothing was answered", flush=True)
        os._exit(0)
    os.execv("/usr/lib/tallygate/tally-gate",
             ["tally-gate", "--", "/usr/bin/true", "true"])


{"ask": ask, "garbage": garbage, "many": many, "before": before}[sys.argv[1]]()
