"""Building and running the programs that are measured."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

BENCHMARKS = pathlib.Path(__file__).resolve().parent.parent
ROOT = BENCHMARKS.parent
WORKLOAD = BENCHMARKS / ".build/release/daybook-workload"
DAYBOOK = ROOT / ".build/release/daybook"
LIMITS = BENCHMARKS / "Limits"
# Where programs stand: what they make without being told where goes with the run's other stores.
FOLDER = None


class Failure(Exception):
    """A program did not do what it was asked to."""


class Usage:
    """What a process took: seconds on the clock, seconds of CPU."""

    def __init__(self, wall, usage):
        self.wall = wall
        self.cpu = usage.ru_utime + usage.ru_stime


def build_in(folder):
    """Builds the workload in a folder in which the project was built already: what both have in common
    is not compiled again."""
    global WORKLOAD
    WORKLOAD = folder.resolve() / "release/daybook-workload"


def build(everything=True):
    """What run.py runs, as release builds; --check needs the workload alone."""
    commands = [
        (BENCHMARKS, [
            "swift", "build", "-c", "release", "--product", "daybook-workload", "--scratch-path",
            str(WORKLOAD.parent.parent)]),
        (ROOT, ["swift", "build", "-c", "release", "--product", "daybook"]),
        (BENCHMARKS, ["make", "--silent", "-C", "Limits"])]
    for folder, command in commands if everything else commands[:1]:
        print(f"run.py: {' '.join(command)}", flush=True)
        if subprocess.run(command, cwd=folder).returncode != 0:
            raise Failure(f"{' '.join(command)} failed in {folder}")


def run(command, expect=(0,), stdin=None, environment=None):
    """Runs a command to its end. Returns (standard output, Usage)."""
    command = [str(word) for word in command]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        begin = time.monotonic()
        process = subprocess.Popen(
            command, stdin=stdin or subprocess.DEVNULL, stdout=output, stderr=errors, cwd=FOLDER,
            env={**os.environ, **(environment or {})})
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        wall = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    if process.returncode not in expect:
        raise Failure(
            f"{' '.join(command)} ended with {process.returncode}:\n{texts[0]}{texts[1]}"[:4000])
    return texts[0], Usage(wall, usage)


def workload(mode, *options):
    """The figures of a run of daybook-workload, by name."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "figures.json"
        run([WORKLOAD, mode, *options, "--json", file])
        return json.loads(file.read_text())


def daybook(*arguments, expect=(0,), environment=None):
    """The summary of a command of daybook, and its Usage."""
    output, usage = run(
        [DAYBOOK, *arguments, "--json"], expect=expect, environment=environment)
    return json.loads(output.splitlines()[-1]), usage


# The kernel counts what a process was before it became another program as well, and this one may be
# large: a small one starts the program and asks for its peak.
LAUNCHER = """
import os, sys
child = os.fork()
if child == 0:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execv(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss * 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def peak(*arguments):
    """The largest resident size of a command of daybook, in bytes."""
    output, _ = run([sys.executable, "-S", "-c", LAUNCHER, DAYBOOK, *arguments])
    return int(output)


def limit(name, *options):
    """What a program of Limits says."""
    return json.loads(run([LIMITS / f"limit-{name}", *options])[0])


def used_bytes(log):
    """Bytes of the segments in a log's folder without the prepared zeros behind the newest."""
    total = 0
    for path in sorted(pathlib.Path(log).glob("log-*.seg")):
        total += len(path.read_bytes().rstrip(b"\0"))
    return total
