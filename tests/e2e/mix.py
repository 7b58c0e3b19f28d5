#!/usr/bin/python3
"""Brings tunnels up and down at random, while what carries them is killed and stopped at random.

    mix.py SEED SECONDS REPORTS

Runs on `you` of the lab of mix.yaml. Three clients run `up`, `down` and `status`; a fourth actor sends
signals to ssh masters, to sessions of sshd and to the supervisor. The seed decides what each actor does, in
what order and with which pauses; what is there to be hit at that moment it cannot decide. REPORTS is where
sanitizers write: the beginning of a path.

Says on standard output what was done and when. Exits 1, and says FAILED and why, as soon as a command
takes longer than it may, or ends with a status that tunplan(1) does not give for it; as soon as a process
of tunplan dies of a signal that nobody sent; or if, after `down --all-files`, one is left.
"""
import ctypes
import glob
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

# How a supervisor may end, or a holder whose ssh has gone: not by a signal of its own making.
ORPHANS = {0, 1, 255, -signal.SIGHUP, -signal.SIGTERM, -signal.SIGKILL}

TUNNELS = ["near", "deep", "back", "browse", "socket"]

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
# How often an `up` that waits is left by Ctrl-C, by two, or killed.
ABANDONED = [(6, []), (3, [signal.SIGINT]), (1, [signal.SIGINT] * 2), (1, [signal.SIGKILL])]

# What is done to whom: weight, of which kind a process, the signal, and the one that follows a while later.
FAULTS = [
    (6, "master", signal.SIGKILL, None),
    (3, "master", signal.SIGTERM, None),
    (4, "master", signal.SIGSTOP, signal.SIGCONT),
    (8, "master", signal.SIGSTOP, signal.SIGKILL),
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
    "session": re.compile(os.environ["SSHD_SESSION"]),
    "supervisor": re.compile(r"[^\0]*tunplan\0--supervisor"),
}


class Failed(Exception):
    """What the test is to find."""


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


class Command:
    """One that runs: who waits for it, and until when."""

    def __init__(self, mix, actor, argv, limit, expected):
        self.actor, self.argv, self.limit, self.expected = actor, argv, limit, expected
        self.said = tempfile.TemporaryFile()
        self.begun, self.stood = time.monotonic(), mix.stood()
        said = self.said.fileno()
        self.pid = os.posix_spawnp(
            argv[0], argv, os.environ,
            file_actions=[(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                          (os.POSIX_SPAWN_DUP2, said, 1), (os.POSIX_SPAWN_DUP2, said, 2)],
            setsigmask=[], setsigdef=[signal.SIGINT, signal.SIGPIPE])

    def last_words(self):
        self.said.seek(0)
        lines = self.said.read().decode(errors="replace").split("\n")
        return next((line[:200] for line in reversed(lines) if line.strip()), "")


class Mix:
    """All actors, in one loop that sleeps until a child ends or a pause does."""

    def __init__(self, seed, reports):
        self.begun = time.monotonic()
        self.reports = reports
        self.commands = {}  # by pid
        self.actors = {}  # a name to what it does
        self.due = {}  # a name to when its pause ends
        self.seen = set()  # kinds of which there was one
        self.stopped = {}  # a pid to its pidfd
        self.stood_s, self.stood_since = 0, None
        for name in ("one", "two", "three"):
            self.actors[name] = self.client(name, random.Random(f"{seed} {name}"))
        self.actors["fault"] = self.faults(random.Random(f"{seed} faults"))
        self.due = dict.fromkeys(self.actors, 0)

    def say(self, who, what):
        print(f"{time.monotonic() - self.begun:8.2f}  {who:<6} {what}", flush=True)

    def stood(self):
        """For how long something of ours was stopped, in seconds."""
        return self.stood_s + (time.monotonic() - self.stood_since if self.stopped else 0)

    # What actors do: each yields a pause in seconds, or a Command for whose end it waits.

    def client(self, name, dice):
        while True:
            word, options, limit, takes_tunnels = weighted(dice, COMMANDS)
            tunnels = dice.sample(TUNNELS, dice.choice([1, 1, 1, 2, 2, 3, 5]))
            (signals,) = weighted(dice, ABANDONED)
            waits = [dice.uniform(0, 2) ** 2, dice.uniform(0, 0.5)]
            timeout, pause = dice.randint(1, 5), dice.uniform(0, 1)
            argv = ["tunplan", word] + options
            if "--timeout" in options:
                argv.append(str(timeout))
                limit += timeout
            if takes_tunnels:
                argv += tunnels
            command = self.run(name, argv, limit)
            if word == "up" and not options:
                for number, wait in zip(signals, waits):
                    yield wait
                    self.abandon(command, number)
            yield command
            yield pause

    def faults(self, dice):
        while True:
            kind, first, second = weighted(dice, FAULTS)
            pick, hold = dice.random(), dice.uniform(0.1, 4)
            pause = dice.uniform(2, 5) if dice.random() < 0.2 else dice.uniform(0, 1)
            there = processes()
            self.seen |= {kind for kind in there if there[kind]}
            if there[kind]:
                pid = there[kind][int(pick * len(there[kind]))]
                self.hit(kind, pid, first)
                if second:
                    yield hold
                    self.hit(kind, pid, second)
            yield pause

    def run(self, name, argv, limit):
        self.say(name, " ".join(argv))
        command = Command(self, name, argv, limit, set(STATUSES[argv[1]]))
        self.commands[command.pid] = command
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
        self.say(command.actor, f"{status}, {command.last_words()}")
        if status not in command.expected:
            command.said.seek(0)
            raise Failed(f"{' '.join(command.argv)}: ended with {status}, and said:\n"
                         + command.said.read().decode(errors="replace"))
        command.said.close()
        if command.actor in self.due:
            self.due[command.actor] = 0

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

    def act(self, name):
        """Lets an actor go on to its next pause or the end of its command."""
        while self.due[name] <= time.monotonic():
            waits_for = next(self.actors[name])
            if isinstance(waits_for, (int, float)):
                self.due[name] = time.monotonic() + waits_for
            elif waits_for.pid in self.commands:
                self.due[name] = float("inf")

    def play(self, seconds):
        end = self.begun + seconds
        while time.monotonic() < end:
            for name in self.actors:
                self.act(name)
            self.turn(end)
        self.due = {}
        self.go_on()
        while self.commands:
            self.turn(float("inf"))
        # In a minute there is one of each, or the kinds are not those of today any more.
        if seconds >= 60 and self.seen != set(KINDS):
            raise Failed(f"nothing was there to be hit but: {self.seen}")

    def go_on(self):
        for pid in list(self.stopped):
            self.hit("stopped", pid, signal.SIGCONT)

    def clear(self):
        """Takes down whatever is up, and waits for the end of every process that the commands left."""
        self.run("last", ["tunplan", "down", "--all-files"], DOWN_S)
        while self.commands:
            self.turn(float("inf"))
        end = time.monotonic() + LAST_S
        while self.turn(end):
            if time.monotonic() > end:
                raise Failed("after down --all-files, not all processes have ended")


def main():
    seed, seconds, reports = sys.argv[1], float(sys.argv[2]), sys.argv[3]
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    mix = Mix(seed, reports)
    try:
        mix.play(seconds)
        mix.clear()
    except Failed as failed:
        os.system("ps -eo pid,ppid,stat,wchan:20,etimes,args | cut -c1-150")
        mix.go_on()
        print(f"FAILED {failed}")
        sys.exit(1)


main()
