#!/usr/bin/python3
"""Judges `tally explain` by real command lines and the truth about what they touch.

usage: judge.py [--tally PATH] [--tools A,B] [--show] [--reference DIR] [FILE...]

FILE: *.jsonl, one line a command (README.md beside this file says what stands in it); none:
all of them here. Prints TAP, one test a tool, its misses below it, and how many answers
were exact: the very count and action, where a safe "unknown" is right as well. --show adds
the lines that are right but not exact. --reference compares the lines with those of the
same name in DIR: one that says something else, and does not say why, is a failure.

What a line needs is made for it: its files in a directory of its own, and the server it
asks (stubs/, on loopback, on a port that is free) with its data set. The lines are dealt
out to as many processes as there are processors.
"""
import argparse
import base64
import collections
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
STUBS = os.path.join(HERE, "stubs")
# The port that the lines name; each is replaced by the one that the server really has.
PORTS = {"kube": "18001", "aws": "18002", "docker": "18003", "openstack": "18004",
         "hcloud": "18005", "gcloud": "18006", "az": "18007"}
CHUNK = 16  # lines for one process of tally
# What the user's own shell may have set, and what the lines were recorded without.
OWN = ("ANSIBLE_", "PDSH_", "CLUSTERSHELL_", "AWS_", "KUBECONFIG", "WCOLL", "GENDERS",
       "TALLY_", "LD_PRELOAD", "DOCKER_", "OS_", "HCLOUD_", "CLOUDSDK_", "TF_", "PG", "HELM_")


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--tally", default=os.path.join(TOP, "build", "tally"))
    parser.add_argument("--tools")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--reference")
    return parser.parse_args()


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(text) for text in file]
    for line in lines:
        line["wrapped"] = os.path.basename(path) == "wrapped.jsonl"
    return lines


# ---- the servers ----

class Server:
    """The server of one kind with one data set, on a port of its own."""

    def __init__(self, stub, directory):
        self.kind, _, name = stub.partition(":")
        self.directory = directory
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            ["/usr/bin/python3", os.path.join(STUBS, "stubs.py"), self.kind,
             "--port", str(self.port), "--set", name],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.mkdir(directory)
        with open(os.path.join(STUBS, "kubeconfig"), encoding="utf-8") as file:
            text = self.place(file.read())
        with open(os.path.join(directory, "kubeconfig"), "w", encoding="utf-8") as file:
            file.write(text)
        with open(os.path.join(directory, "gcloud-token"), "w", encoding="utf-8") as file:
            file.write("stub-token\n")

    def wait(self):
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"the stub server for {self.kind} does not answer")

    def place(self, text):
        text = text.replace("127.0.0.1:" + PORTS[self.kind], f"127.0.0.1:{self.port}")
        return text.replace("@STUBS@", self.directory)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


# ---- a line becomes a question ----

def write_file(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    link = re.match("@LINK:(.*)@", text)
    if link:
        os.symlink(link.group(1), path)
        return
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.removeprefix("@EXEC@"))
    if text.startswith("@EXEC@"):
        os.chmod(path, 0o755)


def lay_out(line, directory, server):
    """The line's files in `directory`; the line as `tally explain --jsonl` reads it."""
    def place(text):
        text = text.replace("@DIR@", directory)
        return server.place(text) if server else text

    os.makedirs(directory)
    for name, text in (line.get("files") or {}).items():
        write_file(os.path.join(directory, name), place(text))
    for name, text in (line.get("files_b64") or {}).items():
        with open(os.path.join(directory, name), "wb") as file:
            file.write(base64.b64decode(text))
    question = {"argv": [place(word) for word in line["argv"]], "cwd": directory,
                "env": {k: place(v) for k, v in (line.get("env") or {}).items()}}
    if "stdin" in line:
        question["stdin"] = line["stdin"]
    return question


def ask(tally, questions):
    env = {k: v for k, v in os.environ.items() if not k.startswith(OWN)}
    run = subprocess.run([tally, "explain", "--json", "--names", "--jsonl"],
                         input="".join(json.dumps(q) + "\n" for q in questions),
                         capture_output=True, text=True, env=env, check=False)
    answers = [json.loads(text) for text in run.stdout.splitlines() if text.strip()]
    lost = {"error": f"tally ended with status {run.returncode}: {run.stderr[-400:]}"}
    return answers + [lost] * (len(questions) - len(answers))


# ---- an answer is right or not ----

def names(line):
    targets = line.get("targets")
    if isinstance(targets, list):
        return set(targets)
    if not targets:
        return None
    if line["unit"] == "resource" and targets != "all":  # brackets belong to an address
        return set(targets.split(","))
    if "[" in targets and "/" not in targets:
        from ClusterShell.NodeSet import NodeSet, NodeSetException
        try:
            return set(NodeSet(targets))
        except NodeSetException:
            return None
    # One target whose name has commas in it.
    return {targets} if line["count"] == 1 else set(targets.split(","))


def may_be_unknown(line):
    """Each exec of a wrapped line is judged by itself, when it comes; a client that is not
    installed answers no probe."""
    return (line.get("bed") or line["wrapped"] or not line["verified"]
            or (line.get("stub") or "").startswith("doc")
            or not shutil.which(line["argv"][0]))


def is_right(line, answer):
    if "count" not in answer and "verdict" not in answer:
        return False
    truth, count = line["count"], answer.get("count")
    if count is None and may_be_unknown(line):
        return True
    if truth is None:
        return count is None
    # What the tool itself refuses harms nobody, whatever was counted.
    if truth == 0 and (line.get("exit") not in (0, None) or line["action"] != "read"):
        return True
    if answer.get("action") != line["action"]:
        return False
    if truth == 0:
        return True
    wanted = names(line)
    return count == truth and (wanted is None or set(answer.get("names") or []) == wanted)


def is_exact(line, answer):
    return answer.get("count") == line["count"] and answer.get("action") == line["action"]


def judge(lines, tally):
    """[(line, answer)], in the order of the lines."""
    groups = collections.OrderedDict()
    for at, line in enumerate(lines):
        stub = line.get("stub") or ""
        groups.setdefault(stub if stub.split(":")[0] in PORTS else "", []).append(at)
    answers = [None] * len(lines)
    with tempfile.TemporaryDirectory(prefix="tallygate-corpus.") as top:
        servers = {}

        def part(stub, ats):
            server = servers.get(stub)
            if server:
                server.wait()
            questions = [lay_out(lines[at], os.path.join(top, str(at)), server)
                         for at in ats]
            for at, answer in zip(ats, ask(tally, questions)):
                answers[at] = answer

        try:
            for number, stub in enumerate(s for s in groups if s):
                servers[stub] = Server(stub, os.path.join(top, f"stubs{number}"))
            with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
                work = [pool.submit(part, stub, ats[i:i + CHUNK])
                        for stub, ats in groups.items() for i in range(0, len(ats), CHUNK)]
                for job in work:
                    job.result()
        finally:
            for server in servers.values():
                server.end()
    return list(zip(lines, answers))


# ---- the report ----

def says(line, answer):
    return (f"#   {line['id']}: {json.dumps(line['argv'])}\n"
            f"#     truth: {line['action']} {line['count']} {line.get('targets') or ''}"
            f" {line.get('note') or ''}\n"
            f"#     here:  {answer.get('action')} {answer.get('count')}"
            f" {answer.get('targets') or ''} {answer.get('error') or ''}")


def report(judged, show):
    tools = collections.OrderedDict()
    for line, answer in judged:
        tools.setdefault(line["tool"], []).append((line, answer))
    failed = 0
    for number, (tool, pairs) in enumerate(tools.items(), 1):
        misses = [pair for pair in pairs if not is_right(*pair)]
        exact = [pair for pair in pairs if is_exact(*pair) and pair not in misses]
        failed += bool(misses)
        print(f"{'not ok' if misses else 'ok'} {number} - {tool}: "
              f"{len(pairs) - len(misses)} of {len(pairs)} right, {len(exact)} exact")
        for pair in misses:
            print(says(*pair))
        if show:
            print("#   right, but not exact:")
            for pair in pairs:
                if pair not in misses and pair not in exact:
                    print(says(*pair))
    return failed, len(tools)


def compare(paths, reference, number):
    """One test a file: what it has in common with the reference says the same."""
    failed = 0
    for path in paths:
        theirs = {}
        other = os.path.join(reference, os.path.basename(path))
        if not os.path.exists(other):
            continue
        for line in read_lines(other):
            theirs[line["id"]] = line
        differ = []
        for line in read_lines(path):
            why = line.pop("corrected", {})
            wanted = theirs.get(line["id"])
            if wanted is None or any(line.get(key) != wanted.get(key)
                                     for key in line.keys() | wanted.keys()
                                     if key not in why):
                differ.append(line["id"])
        number += 1
        failed += bool(differ)
        print(f"{'not ok' if differ else 'ok'} {number} - {os.path.basename(path)} says "
              f"what the reference says{': ' + ' '.join(differ) if differ else ''}")
    return failed, number


def main():
    sys.path.append("/usr/lib/python3/dist-packages")
    options = arguments()
    paths = options.files or [os.path.join(HERE, name) for name in sorted(os.listdir(HERE))
                              if name.endswith(".jsonl")]
    lines = [line for path in paths for line in read_lines(path)]
    if options.tools:
        lines = [line for line in lines if line["tool"] in options.tools.split(",")]
    judged = judge(lines, options.tally)
    failed, number = report(judged, options.show)
    if options.reference and os.path.isdir(options.reference):
        worse, number = compare(paths, options.reference, number)
        failed += worse
    print(f"1..{number}")
    right = sum(is_right(*pair) for pair in judged)
    exact = sum(is_right(*pair) and is_exact(*pair) for pair in judged)
    print(f"# {right} of {len(judged)} right, {exact} exact")
    return 1 if failed or not judged else 0


if __name__ == "__main__":
    sys.exit(main())
