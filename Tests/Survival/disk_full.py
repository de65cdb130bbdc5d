#!/usr/bin/env python3
"""Bar 10: a volume of 8 MiB that gets full and free again, a hundred times, under one process.

    python3 Tests/Survival/disk_full.py PROGRAM [--cycles 100] [--seed N]

A ballast file takes the free space while a worker appends. Appends must be refused before they are accepted,
reads must go on, and when the ballast goes, appends must go on by themselves: no restart, nothing lost, and what
was waiting is acknowledged. Needs root (it mounts a tmpfs in a mount namespace of its own)."""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

import survival
from survival import Failure, Witness, Worker

SEGMENT = 64 << 10


def fill(path):
    """Takes all space that is left."""
    with open(path, "wb", buffering=0) as file:
        for size in (1 << 16, 4096):
            block = bytes(size)
            while True:
                try:
                    if file.write(block) < size:
                        break
                except OSError:
                    break


class Run:
    def __init__(self, program, volume, seed):
        self.volume, self.random, self.witness = volume, random.Random(seed), Witness()
        self.worker = Worker(program)
        self.number = 0
        self.counts = {"refused": 0, "waited": 0, "reads": 0, "directories": 0}
        self.directory = None

    def key(self):
        self.number += 1
        # The last one is about as long as a segment, so it needs the next one, and waits for it on a full disk.
        shape = self.random.choice(["1x120", "2x300", "1x3000", "3x900", "1x9000", "2x300", "1x120", "1x110000"])
        key = f"d{self.number % 5}.{self.number}:{shape}"
        self.witness.sent.add(key)
        return key

    def answer(self, seconds=20.0):
        line = self.worker.line(seconds)
        if line is None:
            raise Failure(f"no answer: {self.worker.silence()}")
        return self.witness.take(line)

    def read(self):
        words = self.worker.ask("read 1").split(" ")
        events = sum(last - first + 1 for first, last in self.witness.acknowledged.values())
        if words[0] != "read" or int(words[1]) < events:
            raise Failure(f"reads: {' '.join(words)}, {events} events are acknowledged")
        self.counts["reads"] += 1

    def begin(self):
        """A new log; the old one would fill the volume by itself."""
        self.end()
        self.counts["directories"] += 1
        self.directory = f"{self.volume}/log{self.counts['directories']}"
        self.witness = Witness()
        answer = self.worker.ask(f"open {self.directory} {SEGMENT} lazy")
        if not answer.startswith("opened"):
            raise Failure(answer)

    def end(self):
        if not self.directory:
            return
        answer = self.worker.ask("close")
        if answer != "closed":
            raise Failure(f"close: {answer}")
        self.witness.check(self.worker, self.directory, SEGMENT)
        shutil.rmtree(self.directory)
        self.directory = None

    def cycle(self):
        ballast = f"{self.volume}/ballast"
        fill(ballast)
        pending, refused = set(), 0
        # What fits into the active segment is accepted; then refusals come, or one waits and then they come.
        for _ in range(5000):
            if refused >= 3:
                break
            key = self.key()
            self.worker.send(f"begin {key}")
            pending.add(key)
            while key in pending:
                # Whatever waits is not answered; nobody must wait for that here.
                line = self.worker.line(0.1)
                if line is None:
                    break
                if not line.startswith("begun "):
                    refused += self.settle(self.witness.take(line), pending)[0] == "failed"
        if not refused:
            raise Failure("the volume is full and nothing was refused")
        self.read()
        self.counts["waited"] += len(pending)
        os.unlink(ballast)
        # By itself: what waits is acknowledged, and new ones are taken after some time.
        deadline = time.monotonic() + 20
        while pending:
            words = self.answer()
            if words[0] != "begun":
                self.settle(words, pending)
        while True:
            key = self.key()
            words = self.witness.take(self.worker.ask(f"append {key}"))
            if words[0] == "appended":
                break
            if words[2] != "noSpace" or time.monotonic() > deadline:
                raise Failure(f"does not go on: {' '.join(words)}")
        self.read()

    def settle(self, words, pending):
        if words[0] not in ("appended", "failed"):
            raise Failure(f"unexpected: {' '.join(words)}")
        pending.discard(words[1])
        if words[0] == "failed":
            if words[2] != "noSpace":
                raise Failure(f"refused as {' '.join(words)}")
            self.counts["refused"] += 1
            # Refused means not accepted: it must never show.
            self.witness.sent.discard(words[1])
        return words


def in_own_mounts():
    """Starts this program again in a mount namespace, where its volume disturbs nobody and goes with it."""
    if os.environ.get("DAYBOOK_OWN_MOUNTS"):
        return
    if os.geteuid() != 0:
        sys.exit("disk_full.py mounts a tmpfs of 8 MiB and needs root for that; run it as root")
    os.environ["DAYBOOK_OWN_MOUNTS"] = "1"
    os.execvp("unshare", ["unshare", "--mount", sys.executable] + sys.argv)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="daybook-simulate, release build")
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 10 ** 9))
    arguments = parser.parse_args()
    in_own_mounts()
    print(f"seed {arguments.seed}; repeat: python3 Tests/Survival/disk_full.py {arguments.program} "
          f"--cycles {arguments.cycles} --seed {arguments.seed}")
    started = time.monotonic()
    volume = tempfile.mkdtemp(prefix="daybook-volume-")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", volume],
                             capture_output=True, text=True)
    if mounted.returncode:
        sys.exit(f"cannot mount a tmpfs of 8 MiB: {mounted.stderr.strip()}")
    run = Run(os.path.abspath(arguments.program), volume, arguments.seed)
    failure, cycles = None, 0
    try:
        for cycles in range(arguments.cycles):
            if cycles % 10 == 0:
                run.begin()
            run.cycle()
        cycles += 1
        run.end()
    except Failure as error:
        failure = f"cycle {cycles}: {error}"
        print("FAILED", failure)
    restarts = 0 if run.worker.process.poll() is None else 1
    run.worker.stop()
    subprocess.run(["umount", volume], check=True)
    os.rmdir(volume)
    print(f"{cycles} cycles on {run.counts['directories']} logs: {run.counts['refused']} refused before acceptance, "
          f"{run.counts['waited']} waited for space, {run.counts['reads']} reads served, {run.number} batches sent, "
          f"{restarts} restarts")
    survival.finish({"bar": "10", "ok": failure is None and restarts == 0, "cycles": cycles, "restarts": restarts,
                     "seed": arguments.seed, "lost": 0 if failure is None else None, "batches": run.number,
                     "refused": run.counts["refused"], "waited": run.counts["waited"],
                     "reads": run.counts["reads"], "seconds": round(time.monotonic() - started, 1)})


if __name__ == "__main__":
    main()
