"""What the harnesses here share: a worker process with a real log, the shim's other side, and the witness
that is held against the log afterwards. Only the standard library is used."""

import ctypes
import hashlib
import json
import mmap
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

FILLER = b"the log survives everything here"
CALLS = ["open", "read", "write", "datasync", "sync", "truncate", "allocate", "rename", "unlink", "mkdir", "stat",
         "chmod"]
ALL_CALLS = (1 << len(CALLS)) - 1
NONE, FAIL, INTERRUPT, SHORT, EXIT_BEFORE, EXIT_AFTER, DELAY = range(7)
HERE = os.path.dirname(os.path.abspath(__file__))


class Failure(Exception):
    """A promise that was not kept, or a harness that could not do its work."""


def bit(*names):
    """The mask of calls of these kinds."""
    return sum(1 << CALLS.index(name) for name in names)


def digest_of(key, cache={}):
    """SHA-256 of all payloads of the batch with this key, derived without the program under test."""
    if key not in cache:
        events, size = (int(number) for number in key.rsplit(":", 1)[1].split("x"))
        whole = hashlib.sha256()
        for event in range(events):
            payload = b""
            block = 0
            while len(payload) < size:
                payload += hashlib.sha256(f"{key}/{event}/{block}".encode()).digest() + FILLER
                block += 1
            whole.update(payload[:size])
        cache[key] = whole.hexdigest()
    return cache[key]


class Control(ctypes.Structure):
    """`struct control` of shim.c."""
    _fields_ = [(name, ctypes.c_uint32) for name in
                ("action", "error", "first", "forever", "calls", "counted", "hit", "failed_kind")]
    _fields_ += [("failed_inode", ctypes.c_uint64), ("repeated", ctypes.c_uint32), ("touched", ctypes.c_uint32),
                 ("kinds", ctypes.c_uint32 * len(CALLS))]


class Shim:
    """Builds shim.so and steers it through a mapped file."""

    building = threading.Lock()

    @staticmethod
    def build(folder):
        """One library a folder: runners start side by side, and none may load what is half written."""
        library = os.path.join(folder, "shim.so")
        with Shim.building:
            if not os.path.exists(library):
                compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
                if not compiler:
                    raise Failure("no C compiler (cc, gcc or clang) to build the shim with")
                subprocess.run([compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library,
                                os.path.join(HERE, "shim.c")], check=True)
        return library

    def __init__(self, folder, root):
        self.library = Shim.build(folder)
        self.root = root
        self.path = tempfile.mktemp(prefix="control-", dir=folder)
        with open(self.path, "wb") as file:
            file.write(bytes(max(4096, ctypes.sizeof(Control))))
        self.file = open(self.path, "r+b")
        self.map = mmap.mmap(self.file.fileno(), 4096)
        self.control = Control.from_buffer(self.map)

    def plan(self, action=NONE, first=0, forever=False, error=0, calls=ALL_CALLS):
        """Counts anew; nothing happens to any call before the plan is complete."""
        self.control.action = NONE
        ctypes.memset(ctypes.addressof(self.control), 0, ctypes.sizeof(Control))
        self.control.first, self.control.forever, self.control.error = first, int(forever), error
        self.control.calls = calls
        self.control.action = action

    def heal(self):
        self.control.action = NONE

    @property
    def environment(self):
        return {"LD_PRELOAD": self.library, "DAYBOOK_SHIM_CONTROL": self.path, "DAYBOOK_SHIM_ROOT": self.root}


class Worker:
    """`daybook-simulate command-worker`: lines in, lines out."""

    def __init__(self, program, shim=None, descriptors=None):
        environment = dict(os.environ, SWIFT_BACKTRACE="enable=no")
        if shim:
            environment.update(shim.environment)
        command = [program, "command-worker"]
        if descriptors:
            command = ["sh", "-c", f'ulimit -n {descriptors}; exec "$0" "$@"'] + command
        # A file, so that nobody has to read it while the worker runs.
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, env=environment)
        self.waited = 0.0
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.buffer = b""

    def send(self, *lines):
        try:
            self.process.stdin.write("".join(line + "\n" for line in lines).encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def line(self, seconds=20.0):
        """The next line; None when the process ended or nothing came in time."""
        started = time.monotonic()
        while b"\n" not in self.buffer:
            self.waited = time.monotonic() - started
            if self.waited >= seconds or not self.selector.select(seconds - self.waited):
                self.waited = time.monotonic() - started
                return None
            data = self.process.stdout.read(1 << 16)
            if data == b"":
                self.waited = time.monotonic() - started
                return None
            self.buffer += data or b""
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.decode()

    def ask(self, line, seconds=20.0):
        """Sends a line and gives the answer."""
        self.send(line)
        answer = self.line(seconds)
        if answer is None:
            raise Failure(f"no answer to '{line}': {self.silence()}")
        return answer

    def silence(self):
        """Why `line` gave nothing: whether the worker ended, how, what it said, how long was waited."""
        status = self.has_ended(1.0)
        if status is None:
            end = "it still runs"
        elif status < 0:
            end = f"it ended by {signal.Signals(-status).name}"
        else:
            end = f"it ended with {status}"
        self.errors.seek(0)
        said = self.errors.read().decode(errors="replace").strip()[-500:]
        return f"{end}, after {self.waited:.1f} s of waiting" + (f"; it said: {said}" if said else "")

    def has_ended(self, seconds=5.0):
        """The exit status when the process ends in time; None when it goes on."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.selector.close()
        for stream in (self.process.stdin, self.process.stdout, self.errors):
            try:
                stream.close()
            except BrokenPipeError:
                pass


class Witness:
    """What was sent and what was acknowledged."""

    def __init__(self):
        self.sent = set()
        self.acknowledged = {}

    def take(self, line):
        """Notes an acknowledgement; gives the words of the line."""
        words = line.split(" ")
        if words[0] == "appended":
            key, positions = words[1], (int(words[2]), int(words[3]))
            if self.acknowledged.setdefault(key, positions) != positions:
                raise Failure(f"{key} was acknowledged at {self.acknowledged[key]}, then at {positions}")
        return words

    def check(self, worker, directory, size=16384):
        """Opens the log with a healthy worker and holds it against what was acknowledged."""
        answer = worker.ask(f"open {directory} {size} lazy")
        if not answer.startswith("opened "):
            raise Failure(f"cannot be opened afterwards: {answer}")
        found, number, position = {}, 0, 0
        worker.send("dump")
        while True:
            line = worker.line()
            if line is None:
                raise Failure(f"the checking worker says nothing: {worker.silence()}")
            words = line.split(" ")
            if words[0] == "end":
                break
            if words[0] != "batch":
                raise Failure(f"cannot be read afterwards: {line}")
            key = words[4]
            if int(words[1]) != number + 1 or int(words[2]) != position + 1:
                raise Failure(f"not dense: {line} after batch {number}, position {position}")
            number, position = int(words[1]), int(words[3])
            if key not in self.sent or key in found:
                raise Failure(f"{'twice' if key in found else 'never sent'}: {line}")
            if words[5] != "right" or words[6] != digest_of(key):
                raise Failure(f"another content than was sent: {line}")
            found[key] = (int(words[2]), position)
        for key, positions in self.acknowledged.items():
            if found.get(key) != positions:
                raise Failure(f"LOST: {key} was acknowledged at {positions}, found {found.get(key)}")
        for key in list(self.acknowledged)[-1:]:
            again = self.take(worker.ask(f"append {key}"))
            if again[0] != "appended":
                raise Failure(f"the same key again: {' '.join(again)}")
        fresh = f"after{number}:1x50"
        self.sent.add(fresh)
        if not worker.ask(f"append {fresh}").startswith(f"appended {fresh} {position + 1} "):
            raise Failure("does not go on after recovery")
        closed = worker.ask("close")
        if closed != "closed":
            raise Failure(f"cannot be closed: {closed}")
        verified = worker.ask(f"verify {directory}")
        if not verified.startswith("verified sound"):
            raise Failure(verified)
        return found


def folder_in_memory(prefix):
    """A directory in memory when there is one: thousands of runs need no platter."""
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    return tempfile.mkdtemp(prefix=prefix, dir=parent)


def finish(figures):
    """Prints the last line and ends the program."""
    print(json.dumps(figures, sort_keys=True))
    sys.exit(0 if figures["ok"] else 1)
