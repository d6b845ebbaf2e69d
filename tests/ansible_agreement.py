#!/usr/bin/python3
"""Compares what `tally explain` says of ansible lines with ansible itself.

usage: ansible_agreement.py TALLY [COUNT [SEED]]

Random inventories, patterns and options go to `TALLY explain --jsonl` and to ansible's own
ad hoc command, which is stopped where it would start its tasks: the hosts of its play are
the truth. Ansible is loaded once and forked for every run, for the probes of tally as well:
the `ansible` in PATH hands its words to this process. What ansible refuses may be unknown or
over-counted; nothing else may differ.
"""
import contextlib
import io
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading

sys.path.append("/usr/lib/python3/dist-packages")
PARTS = 2  # processes of tally at a time

CLIENT = """#!/usr/bin/python3 -SE
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({0!r})
server.sendall(json.dumps([sys.argv[1:], os.getcwd()]).encode() + b"\\n")
status, out, err = json.loads(server.makefile().readline())
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(status)
"""


# ---- random lines ----

def inventory(rng):
    """An inventory in ini form, and its groups."""
    groups = rng.sample(["web", "db", "cache", "lb", "api"], rng.choice([2, 3, 4]))
    text = rng.choice(["", "lonely.example.com\n", "10.0.0.[1:3]\n", "2001:db8::1\n"])
    for group in groups:
        text += f"[{group}]\n"
        for _ in range(rng.choice([0, 1, 2, 2, 3])):
            low, size = rng.choice([0, 1, 8]), rng.choice([1, 3, 5])
            text += rng.choice([
                f"{group}[{low}:{low + size}]\n", f"{group}[{low:02}:{low + size:02}].ex.org\n",
                f"{group}-[a:c] ansible_user=x\n", "shared1\n", f"{group}1 x=y # {low}\n",
                f"h[{low}:{low + size}:2]\n", "# h99\n"])
    text += "[prod:children]\n" + "\n".join(groups[:2]) + "\n[prod:vars]\na=b\n"
    return text, groups + ["prod", "all", "ungrouped"]


def atom(rng, groups):
    group = rng.choice(groups)
    return rng.choice([
        *[group] * 12, *["all"] * 4, group + "[0]", group + "[-1]", group + "[1:2]",
        group + "[1-2]", group + "[:2]", group + "[1:]", group + "[01:05]", group + "[0",
        group + "*", "*", "*1", "h?", "~web.*1", "~(db|lb)", "10.0.0.*", "shared1", "nosuch",
        "localhost", "lonely.example.com", group + "1", "", "~[", group.upper()])


def pattern(rng, groups):
    text = atom(rng, groups)
    for _ in range(rng.choice([0, 0, 0, 1, 1, 2])):
        text += rng.choice([":", ",", ":!", ":&", ",!", ":\\!"]) + atom(rng, groups)
    return rng.choice(["!", "&", " "]) + text if rng.random() < 0.04 else text


def option(rng, short, long, value):
    return rng.choice([[short, value], [short + value], [long, value], [f"{long}={value}"],
                       ["-b" + short[1:], value], [f"{long[:-1]}={value}"]])


def line(rng, groups):
    parts = [option(rng, "-i", "--inventory-file", rng.choice(
        ["inv.ini"] * 24 + ["other.ini", "none.ini", "a,b", "inv.ini,"]))]
    if rng.random() < 0.1:
        parts.append(["-i", rng.choice(["other.ini", "x,y,z"])])
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        parts.append(option(rng, "-l", "--limit", rng.choice(
            [pattern(rng, groups)] * 5 + groups * 2 + ["all", "", ",", "@retry", "@none"])))
    act, module = rng.choice([("run", ["-m", "raw", "-a", "uptime"]),
                              ("restart", ["-a", "reboot"]),
                              ("stop", ["-m", "service", "-aname=x state=stopped"]),
                              ("read", ["-mping"]), ("remove", ["-m", "apt", "-a", "state=absent"])])
    parts += [module] + rng.choice([[], [["-vvf", "5"]], [["--forks=5", "-o"]], [["-e", "a=b"]]])
    rng.shuffle(parts)
    argv = [word for part in parts for word in part]
    where = pattern(rng, groups)
    if rng.random() < 0.3 or where.startswith("-"):
        return argv + ["--", where], act
    argv.insert(0 if rng.random() < 0.5 else len(argv), where)
    return argv, act


# ---- ansible, loaded once ----

def adhoc(argv, directory, record=None):
    """Runs ansible's ad hoc command in this very process: (status, what it said)."""
    from ansible.cli import adhoc as module
    from ansible.executor.task_queue_manager import TaskQueueManager

    class Recorder(TaskQueueManager):
        def run(self, play):
            record.extend(host.name for host in self._inventory.get_hosts(play.hosts))
            raise SystemExit(0)

    os.chdir(directory)
    out, err = io.StringIO(), io.StringIO()
    if record is not None:
        module.TaskQueueManager = Recorder
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            module.AdHocCLI.cli_executor(["ansible"] + argv)
            status = 0
        except SystemExit as exit_:
            status = exit_.code or 0
        except Exception as error:  # pylint: disable=broad-except
            print(f"ERROR! {error!r}", file=err)
            status = 250
    return status, out.getvalue(), err.getvalue()


def forked(work):
    """What `work` returns, from a child of its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            with os.fdopen(writer, "w") as file:
                file.write(json.dumps(work()))
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file:
        text = file.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else [255, "", "ansible died"]


def serve(path):
    """Answers the clients, each from a fork, until this process ends."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(16)
    while True:
        client, _ = listener.accept()
        if os.fork() == 0:
            with client, client.makefile("rw") as file:
                argv, directory = json.loads(file.readline())
                file.write(json.dumps(forked(lambda: adhoc(argv, directory))) + "\n")
            os._exit(0)
        client.close()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def start_server(path):
    child = os.fork()
    if child:
        return child
    import ctypes
    import signal
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: ends with its parent
    with open(os.devnull, "r+b") as null:
        for fd in (0, 1):
            os.dup2(null.fileno(), fd)
    serve(path)
    return 0


def truth(argv, directory):
    """The hosts, None when ansible refuses or has nothing to say."""
    def work():
        hosts = []
        status, _, err = adhoc(argv, directory, hosts)
        return [status, hosts, err]

    status, hosts, _ = forked(work)
    return hosts if status == 0 else None


# ---- comparison ----

def ask(tally, questions):
    told = subprocess.run([tally, "explain", "--names", "--jsonl"], capture_output=True,
                          text=True, input="".join(json.dumps(q) + "\n" for q in questions),
                          check=False)
    answers = [json.loads(text) for text in told.stdout.splitlines()]
    return answers + [{"error": told.stderr[-300:]}] * (len(questions) - len(answers))


def differs(hosts, act, answer):
    if "error" in answer:
        return answer["error"]
    count = answer["count"]
    if not hosts:
        return None
    # An inventory that cannot be read makes the number of hosts unknown here.
    if count is None:
        return None if "cannot read an inventory" in answer.get("unknown", "") else "unknown"
    if answer["action"] != act:
        return f"the action is {act}"
    return None if set(answer["names"]) == set(hosts) and count == len(set(hosts)) else "hosts"


def main():
    tally = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 32)
    print(f"# seed {seed}, {count} lines", flush=True)
    rng = random.Random(seed)
    for name in [name for name in os.environ if name.startswith("ANSIBLE_")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="tallygate-ansible.") as top:
        os.environ.update(HOME=top, ANSIBLE_LOCALHOST_WARNING="0", ANSIBLE_NOCOLOR="1")
        os.chdir(top)
        import ansible.cli.adhoc  # noqa: F401  pylint: disable=unused-import
        import ansible.plugins.loader  # noqa: F401  pylint: disable=unused-import
        with open(os.path.join(top, "ansible"), "w", encoding="utf-8") as file:
            file.write(CLIENT.format(os.path.join(top, "socket")))
        os.chmod(os.path.join(top, "ansible"), 0o755)
        server = start_server(os.path.join(top, "socket"))
        os.environ["PATH"] = top + ":" + os.environ["PATH"]
        questions, acts = [], []
        for number in range(count):
            if number % 20 == 0:
                directory = os.path.join(top, str(number))
                os.mkdir(directory)
                text, groups = inventory(rng)
                for name, data in (("inv.ini", text), ("other.ini", "[web]\no[1:2]\n"),
                                   ("retry", "web1\nshared1\n")):
                    with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                        file.write(data)
            argv, act = line(rng, groups)
            questions.append({"argv": ["ansible"] + argv, "cwd": directory})
            acts.append(act)
        answers = [None] * PARTS
        threads = [threading.Thread(target=lambda part=part: answers.__setitem__(
            part, ask(tally, questions[part::PARTS]))) for part in range(PARTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        bad = refused = unknown = 0
        for number, (question, act) in enumerate(zip(questions, acts)):
            answer = answers[number % PARTS][number // PARTS]
            hosts = truth(question["argv"][1:], question["cwd"])
            refused += not hosts
            unknown += answer.get("count") is None
            wrong = differs(hosts, act, answer)
            if wrong:
                bad += 1
                if bad <= 10:
                    print(f"{wrong}: {question['argv']}\n  here:    {answer.get('action')} "
                          f"{answer.get('count')} {answer.get('targets')} "
                          f"{answer.get('unknown', '')}\n  ansible: {act} {sorted(hosts)}")
        os.kill(server, 9)
        os.waitpid(server, 0)
        os.chdir("/")
    print(f"{count} compared, {refused} on no host, {unknown} unknown here, {bad} differ")
    return 1 if bad or unknown * 10 > count * 6 else 0


if __name__ == "__main__":
    sys.exit(main())
