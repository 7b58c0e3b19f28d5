#!/usr/bin/python3
"""Brings tunnels up and down at random, while what carries them is killed and stopped at random.

    mix.py SEED REPORTS

Runs one round on `you` of the lab of mix.yaml. Three clients run a number of `up`, `down` and `status`;
meanwhile, a fourth actor sends signals to ssh masters, their holders, sessions of sshd and the
supervisor. Then nobody disturbs any more, and what is said must be true. The seed decides what each actor
does, in what order and with which pauses; what is there to be hit at that moment it cannot decide. REPORTS
is where sanitizers write: the beginning of a path.

Says on standard output what was done and when. Exits 1, and says FAILED and why, as soon as a command
takes longer than it may, or ends with a status that tunplan(1) does not give for it; as soon as a process
of tunplan dies of a signal that nobody sent; and at the end, if `up` does not succeed, a tunnel that is up
does not answer, one that was taken down still listens, `status` says something else, or a process is left
after `down --all-files`.
"""
import ctypes
import glob
import json
import os
import random
import re
import signal
import sys
import tempfile
import time

PR_SET_CHILD_SUBREAPER = 36
DONE, FAILED, SILENT, INTERRUPTED = 0, 1, 5, 130

# How long a command may take, in seconds, while nothing is stopped. Only --timeout is a promise to the
# second; the others are what hops take to fail and processes to be ended, on a slow machine.
QUICK_S, PROBE_S, DOWN_S, UP_S = 20, 40, 40, 120
# After `down --all-files`, the last process.
LAST_S = 15

# How a supervisor may end, or a holder whose ssh has gone: not by a signal of its own making. The 4 is what
# LeakSanitizer's tracer says when the process that it looks into was killed before.
ORPHANS = {0, 1, 4, 255, -signal.SIGHUP, -signal.SIGTERM, -signal.SIGKILL}

# Each tunnel: where it listens, how it is asked, and whose answer comes.
TUNNELS = {
    "near": (7101, "TCP:127.0.0.1:7101", "middle/hello"),
    "deep": (7102, "TCP:127.0.0.1:7102", "last/hello"),
    "back": (9090, "TCP:127.0.0.1:9090", "you/mine"),
    "browse": (1080, "SOCKS4A:127.0.0.1:last:7001,socksport=1080", "last/hello"),
    "socket": ("/run/home/hello.sock", "UNIX-CONNECT:/run/home/hello.sock", "middle/socket"),
}

# How many commands each client runs in a round.
COMMANDS_EACH = 12

# What a client does: weight, command, arguments, how long it may take, whether it takes tunnels.
COMMANDS = [
    (8, "up", [], UP_S, True),
    (4, "up", ["--no-wait"], QUICK_S, True),
    (3, "up", ["--timeout"], QUICK_S, True),
    (6, "down", [], DOWN_S, True),
    (1, "down", ["--timeout"], QUICK_S, True),
    (1, "down", ["--all"], DOWN_S, False),
    (2, "status", [], QUICK_S, False),
    (1, "status", ["--json", "--all-files"], QUICK_S, False),
    (2, "status", ["--probe"], PROBE_S, True),
    (1, "status", ["--probe", "--timeout"], QUICK_S, True),
]
# And how it may end, by tunplan(1): what it names is in the file, which is valid, and there is a path.
STATUSES = {"up": {DONE, FAILED, SILENT}, "down": {DONE, FAILED}, "status": {DONE, FAILED, SILENT}}
# How often an `up` or a `down` that waits is left by Ctrl-C, by two, or killed.
ABANDONED = [(6, []), (3, [signal.SIGINT]), (1, [signal.SIGINT] * 2), (1, [signal.SIGKILL])]

# What is done to whom: weight, of which kind a process, the signal, and the one that follows a while later.
FAULTS = [
    (6, "master", signal.SIGKILL, None),
    (3, "master", signal.SIGTERM, None),
    (4, "master", signal.SIGSTOP, signal.SIGCONT),
    (8, "master", signal.SIGSTOP, signal.SIGKILL),
    (1, "holder", signal.SIGKILL, None),
    (2, "holder", signal.SIGSTOP, signal.SIGCONT),
    (2, "holder", signal.SIGSTOP, signal.SIGKILL),
    (2, "session", signal.SIGKILL, None),
    (2, "session", signal.SIGTERM, None),
    (3, "session", signal.SIGSTOP, signal.SIGCONT),
    (1, "session", signal.SIGSTOP, signal.SIGKILL),
    (1, "supervisor", signal.SIGKILL, None),
    (1, "supervisor", signal.SIGTERM, None),
    (2, "supervisor", signal.SIGSTOP, signal.SIGCONT),
    (1, "supervisor", signal.SIGSTOP, signal.SIGKILL),
]
# The command lines of those; helper.bash has the sessions.
KINDS = {
    "master": re.compile(r"([^\0]*/)?ssh\0.*\0ControlMaster=yes\0", re.S),
    "holder": re.compile(r"[^\0]*tunplan\0--holder"),
    "session": re.compile(os.environ["SSHD_SESSION"]),
    "supervisor": re.compile(r"[^\0]*tunplan\0--supervisor"),
}


class Failed(Exception):
    """What the test is to find."""


def some_tunnels(dice):
    return dice.sample(list(TUNNELS), dice.choice([1, 1, 1, 2, 2, 3, 5]))


def weighted(dice, rows):
    return dice.choices(rows, [row[0] for row in rows])[0][1:]


def processes():
    """Those of each kind, the oldest first."""
    found = {kind: [] for kind in KINDS}
    for pid in sorted(map(int, filter(str.isdigit, os.listdir("/proc")))):
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
                line = file.read().rstrip("\0")
        except OSError:
            continue  # it has gone
        for kind, pattern in KINDS.items():
            if pattern.match(line):
                found[kind].append(pid)
    return found


def listeners():
    """Where somebody listens on any host, a port or a path, and a process of that host."""
    found = {}
    networks = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            network = os.readlink(f"/proc/{pid}/ns/net")
            if network in networks:
                continue
            with open(f"/proc/{pid}/net/tcp", encoding="utf-8") as file:
                rows = [line.split() for line in file]
            ports = [int(row[1].split(":")[1], 16) for row in rows if row[3] == "0A"]
            with open(f"/proc/{pid}/net/unix", encoding="utf-8") as file:
                rows = [line.split() for line in file]
            paths = [row[7] for row in rows if row[3] == "00010000" and len(row) > 7]
        except OSError:
            continue  # it has gone
        networks.add(network)
        found.update(dict.fromkeys(ports + paths, pid))
    return found


class Command:
    """One that runs: who waits for it, and until when."""

    def __init__(self, mix, actor, argv, limit, expected):
        self.actor, self.argv, self.limit, self.expected = actor, argv, limit, expected
        self.said = tempfile.TemporaryFile()
        self.begun, self.stood, self.text = time.monotonic(), mix.stood(), None
        said = self.said.fileno()
        self.pid = os.posix_spawnp(
            argv[0], argv, os.environ,
            file_actions=[(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                          (os.POSIX_SPAWN_DUP2, said, 1), (os.POSIX_SPAWN_DUP2, said, 2)],
            setsigmask=[], setsigdef=[signal.SIGINT, signal.SIGPIPE])

    def read(self):
        """What it has said until now."""
        self.said.seek(0)
        return self.said.read().decode(errors="replace")

    def last_words(self):
        lines = self.text.split("\n")
        return next((line[:200] for line in reversed(lines) if line.strip()), "")


class Mix:
    """All actors, in one loop that sleeps until a child ends or a pause does."""

    def __init__(self, seed, reports):
        self.begun = time.monotonic()
        self.reports = reports
        self.commands = {}  # by pid
        self.actors = {}  # a name to what it does
        self.due = {}  # a name to when its pause ends
        self.stopped = {}  # a pid to its pidfd
        self.stood_s, self.stood_since = 0, None
        self.clients = {"one", "two", "three"}
        for name in sorted(self.clients):
            self.actors[name] = self.client(name, random.Random(f"{seed} {name}"))
        self.actors["fault"] = self.faults(random.Random(f"{seed} faults"))
        self.dice = random.Random(f"{seed} rest")
        self.due = dict.fromkeys(self.actors, 0)

    def say(self, who, what):
        print(f"{time.monotonic() - self.begun:8.2f}  {who:<6} {what}", flush=True)

    def stood(self):
        """For how long something of ours was stopped, in seconds."""
        return self.stood_s + (time.monotonic() - self.stood_since if self.stopped else 0)

    # What actors do: each yields a pause in seconds, or a Command for whose end it waits. The faults wait
    # for commands to begin, so that there is as much of either on a slow machine.

    def client(self, name, dice):
        for _ in range(COMMANDS_EACH):
            word, options, limit, takes_tunnels = weighted(dice, COMMANDS)
            tunnels = some_tunnels(dice)
            (signals,) = weighted(dice, ABANDONED)
            waits = [dice.uniform(0, 2) ** 2, dice.uniform(0, 0.5)]
            timeout, pause = dice.randint(1, 5), dice.uniform(0, 1)
            argv = ["tunplan", word] + options
            if "--timeout" in options:
                argv.append(str(timeout))
                limit += timeout
            if takes_tunnels:
                argv += tunnels
            command = self.run(name, argv, limit, STATUSES[word])
            if word in ("up", "down") and not options:
                for number, wait in zip(signals, waits):
                    yield wait
                    self.abandon(command, number)
            yield command
            yield pause

    def faults(self, dice):
        commands_each = dice.choice([1, 2, 4])  # some rounds are calmer
        while True:
            for _ in range(commands_each):
                yield self  # until the next command begins
            yield dice.uniform(0, 1.2) ** 2
            there = processes()
            rows = [row for row in FAULTS if there[row[1]]]
            kind, first, second = weighted(dice, rows or FAULTS)
            which, hold = dice.random(), dice.uniform(0.1, 4)
            if not rows:
                continue
            pid = there[kind][int(which * len(there[kind]))]
            self.hit(kind, pid, first)
            if second:
                yield hold
                self.hit(kind, pid, second)

    def run(self, name, argv, limit, expected):
        self.say(name, " ".join(argv))
        command = Command(self, name, argv, limit, set(expected))
        self.commands[command.pid] = command
        self.wake("fault")
        return command

    def abandon(self, command, number):
        if command.pid not in self.commands:
            return
        self.say(command.actor, f"is sent {signal.Signals(number).name}")
        os.kill(command.pid, number)
        # Of SIGINT itself dies who has not begun to wait yet.
        command.expected |= {INTERRUPTED, -number}
        command.limit = min(command.limit, self.took(command) + QUICK_S)

    def hit(self, kind, pid, number):
        """Sends a signal. Who was stopped is held by a pidfd: its number may be another's by then."""
        try:
            pidfd = self.stopped.get(pid) or os.pidfd_open(pid)
        except ProcessLookupError:
            return
        self.say("fault", f"{signal.Signals(number).name} to {kind} {pid}")
        try:
            signal.pidfd_send_signal(pidfd, number)
            if number == signal.SIGSTOP:
                self.stood_since = time.monotonic()
                self.stopped[pid] = pidfd
                return
        except ProcessLookupError:
            self.say("fault", "which had gone")
        self.stood_s = self.stood()
        self.stopped.pop(pid, None)
        os.close(pidfd)

    # What happens.

    def took(self, command):
        return time.monotonic() - command.begun - (self.stood() - command.stood)

    def reap(self):
        """Takes note of every child that has ended; orphans of our commands are our children, too."""
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return False
            if ended is None:
                return True
            with open(f"/proc/{ended.si_pid}/stat", encoding="utf-8", errors="replace") as file:
                program = re.search(r"\((.*)\)", file.read(), re.S).group(1)
            pid, status = os.waitpid(ended.si_pid, 0)
            status = os.waitstatus_to_exitcode(status)
            command = self.commands.pop(pid, None)
            if command:
                self.ended(command, status)
            elif program == "tunplan":
                self.orphan_ended(pid, status)

    def ended(self, command, status):
        command.text = command.read()
        command.said.close()
        self.say(command.actor, f"{status}, {command.last_words()}")
        if status not in command.expected:
            raise Failed(f"{' '.join(command.argv)}: ended with {status}, and said:\n{command.text}")
        self.wake(command.actor)

    def orphan_ended(self, pid, status):
        """A supervisor, which takes its time for TERM, or a holder, to which its ssh sends HUP."""
        self.say("", f"tunplan {pid} ended: {status}")
        if status not in ORPHANS:
            raise Failed(f"tunplan {pid} died by itself: {status}")

    def look(self):
        for command in self.commands.values():
            if self.took(command) > command.limit:
                raise Failed(f"{' '.join(command.argv)} (pid {command.pid}) hangs: "
                             f"{self.took(command):.0f} s, without those in which something was stopped")
        for report in glob.glob(glob.escape(self.reports) + "*"):
            with open(report, encoding="utf-8", errors="replace") as file:
                raise Failed(f"a sanitizer reports:\n{file.read()}")

    def turn(self, until):
        """Waits for an event, until a time at most; whoever was waiting for that goes on."""
        now = time.monotonic()
        wait = min([until, now + 1, *self.due.values()]) - now
        signal.sigtimedwait([signal.SIGCHLD], max(wait, 0))
        any_left = self.reap()
        self.look()
        return any_left

    def wake(self, name):
        """Ends a wait for an event, though not a pause."""
        if self.due.get(name) == float("inf"):
            self.due[name] = 0

    def act(self, name):
        """Lets an actor go on to its next pause, the end of its command, or its own."""
        while self.due.get(name, float("inf")) <= time.monotonic():
            waits_for = next(self.actors[name], None)
            if waits_for is None:
                self.say(name, "has done all")
                del self.due[name]
            elif isinstance(waits_for, (int, float)):
                self.due[name] = time.monotonic() + waits_for
            elif waits_for is self or waits_for.pid in self.commands:
                self.due[name] = float("inf")

    def play(self):
        """Until the clients have done all, and nobody is stopped any more."""
        while self.clients & self.due.keys() or self.due["fault"] < float("inf"):
            for name in self.actors:
                self.act(name)
            self.turn(float("inf"))

    def answer(self, argv, limit, expected):
        """Runs a command while nothing else happens, and returns what it says."""
        command = self.run("rest", argv, limit, expected)
        while command.pid in self.commands:
            self.turn(float("inf"))
        return command.text

    def rest(self):
        """Holds what tunplan says to what is so, now that nobody disturbs."""
        # Who hears first of a signal is chance; who was asked has heard.
        self.answer(["tunplan", "status", "--probe", "--all-files"], PROBE_S, STATUSES["status"])
        tunnels = self.dice.sample(list(TUNNELS), len(TUNNELS))
        self.answer(["tunplan", "up"] + tunnels, UP_S, {DONE})
        # Else they are not what they are called today, and nobody was hit.
        if not all(processes().values()):
            raise Failed(f"not all kinds are there: {processes()}")
        # Some go, and the hops that they shared remain.
        gone = tunnels[:self.dice.randrange(len(tunnels))]
        if gone:
            self.answer(["tunplan", "down"] + gone, DOWN_S, {DONE})
        there = listeners()
        for tunnel in tunnels:
            place, address, host = TUNNELS[tunnel]
            if (tunnel in gone) == (place in there):
                raise Failed(f"{tunnel} is {'down' if tunnel in gone else 'up'}: who listens is {there}")
            if tunnel in gone:
                continue
            ask = ["nsenter", f"--net=/proc/{there[place]}/ns/net", "socat", "-t", "5", "STDIO", address]
            if not self.answer(ask, QUICK_S, {DONE}).startswith(f"{host} answers on "):
                raise Failed(f"{tunnel} is up, but leads elsewhere")
        status = self.answer(["tunplan", "status", "--json", "--all-files"], QUICK_S, {DONE})
        states = {tunnel["name"]: tunnel["state"] for tunnel in json.loads(status)["tunnels"]}
        if states != dict.fromkeys(set(tunnels) - set(gone), "up"):
            raise Failed(f"not what is up: {states}")

    def go_on(self):
        for pid in list(self.stopped):
            self.hit("stopped", pid, signal.SIGCONT)

    def clear(self):
        """Takes down whatever is up, and waits for the end of every process that the commands left."""
        self.answer(["tunplan", "down", "--all-files"], DOWN_S, {DONE})
        end = time.monotonic() + LAST_S
        while self.turn(end):
            if time.monotonic() > end:
                raise Failed("after down --all-files, not all processes have ended")


def main():
    seed, reports = sys.argv[1:]
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    mix = Mix(seed, reports)
    try:
        mix.play()
        mix.rest()
        mix.clear()
    except Failed as failed:
        os.system("ps -eo pid,ppid,stat,wchan:20,etimes,args | cut -c1-150")
        mix.go_on()
        print(f"FAILED {failed}")
        sys.exit(1)


main()
