#!/usr/bin/env python3
"""Faults of LOG.md section 7 that need a process and its surroundings.

    python3 Tests/Survival/processes.py PROGRAM

15  a disk whose syncs take a second: nothing is acknowledged before its sync returned, nothing fails
36  the LOCK file of a process that was killed, or of another boot: the kernel's lock decides
37  a second writer while the first one runs is refused with the holder's name
38  opening and closing LOCK elsewhere, and a child that inherits what it can, do not drop or keep the lock
41  the end of the input: drained, closed, clean
42  no memory left: the process ends like a killed one, and everything acknowledged is there
43  no descriptor left: the log goes from segment to segment with those it has
44  a volume that becomes read-only: opened for writing it says so, reading goes on; writing again, it goes on

Needs root for 44 (it mounts a tmpfs)."""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import survival
from disk_full import in_own_mounts
from survival import Failure, Witness, Worker

SIZE = 16384


def need(condition, text):
    if not condition:
        raise Failure(text)


class Faults:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def append(self, worker, witness, name, count):
        for number in range(count):
            key = f"{name}.{number}:2x300"
            witness.sent.add(key)
            words = witness.take(worker.ask(f"append {key}"))
            need(words[0] == "appended", " ".join(words))

    def checked(self, witness, directory):
        worker = Worker(self.program)
        try:
            return witness.check(worker, directory, SIZE)
        finally:
            worker.stop()

    def fault_15_slow_disk(self):
        directory, witness = f"{self.folder}/slow", Witness()
        os.mkdir(directory)
        shim = survival.Shim(self.folder, directory)
        worker = Worker(self.program, shim)
        need(worker.ask(f"open {directory} {SIZE} lazy") == "opened 0", "not created")
        self.append(worker, witness, "s", 3)
        delay = 1.0
        shim.plan(survival.DELAY, first=1, forever=True, error=int(1000 * delay), calls=survival.bit("datasync"))
        keys = [f"slow.{number}:1x200" for number in range(20)]
        witness.sent.update(keys)
        started = time.monotonic()
        worker.send(*[f"append {key}" for key in keys])
        first = worker.line(30.0)
        waited = time.monotonic() - started
        need(first is not None and witness.take(first)[0] == "appended", str(first))
        need(shim.control.hit >= 1, "no sync was delayed")
        need(waited >= delay, f"acknowledged after {waited:.2f} s, before its sync returned")
        for _ in keys[1:]:
            line = worker.line(60.0)
            need(line is not None and witness.take(line)[0] == "appended", f"a slow disk is no failure: {line}")
        need(len(witness.acknowledged) == len(keys) + 3, "not everything was acknowledged")
        shim.heal()
        need(worker.ask("close", 60.0) == "closed", "close")
        worker.stop()
        self.checked(witness, directory)

    def fault_36_stale_lock(self):
        directory, witness, worker = f"{self.folder}/stale", Witness(), Worker(self.program)
        need(worker.ask(f"open {directory} {SIZE} lazy") == "opened 0", "not created")
        self.append(worker, witness, "a", 20)
        worker.stop()
        with open(f"{directory}/LOCK") as file:
            need(f"pid {worker.process.pid}," in file.read(), "LOCK does not name its last holder")
        # Of another boot, with the number of a process that runs.
        with open(f"{directory}/LOCK", "w") as file:
            file.write(f"pid {os.getpid()}, boot 00000000-0000-0000-0000-000000000000, epoch 9\n")
        self.checked(witness, directory)

    def fault_37_second_writer(self):
        directory, witness, worker = f"{self.folder}/second", Witness(), Worker(self.program)
        worker.ask(f"open {directory} {SIZE} lazy")
        second = Worker(self.program)
        answer = second.ask(f"open {directory} {SIZE} lazy")
        need(answer.startswith("failed open locked") and f"pid {worker.process.pid}," in answer, answer)
        second.stop()
        self.append(worker, witness, "b", 5)
        worker.stop()
        self.checked(witness, directory)

    def fault_38_descriptors(self):
        directory, witness, worker = f"{self.folder}/inherited", Witness(), Worker(self.program)
        worker.ask(f"open {directory} {SIZE} lazy")
        os.close(os.open(f"{directory}/LOCK", os.O_RDWR))
        inherited = [name for name in os.listdir(f"/proc/{worker.process.pid}/fd")
                     if os.readlink(f"/proc/{worker.process.pid}/fd/{name}").startswith(directory)]
        need(len(inherited) >= 4, f"only {len(inherited)} descriptors of the log")
        for name in inherited:
            with open(f"/proc/{worker.process.pid}/fdinfo/{name}") as file:
                flags = [line.split()[1] for line in file if line.startswith("flags:")][0]
            need(int(flags, 8) & os.O_CLOEXEC, f"descriptor {name} would survive exec")
        second = Worker(self.program)
        need(second.ask(f"open {directory} {SIZE} lazy").startswith("failed open locked"), "the lock was dropped")
        second.stop()
        self.append(worker, witness, "c", 5)
        worker.stop()
        self.checked(witness, directory)

    def fault_41_drain(self):
        directory, witness, worker = f"{self.folder}/drain", Witness(), Worker(self.program)
        worker.ask(f"open {directory} {SIZE} lazy")
        keys = [f"d.{number}:1x500" for number in range(200)]
        witness.sent.update(keys)
        worker.send(*[f"append {key}" for key in keys])
        worker.process.stdin.close()
        started = time.monotonic()
        lines = []
        while (line := worker.line(10.0)) is not None:
            lines.append(line)
            witness.take(line)
        need(worker.has_ended(5.0) == 0, "the process does not end")
        need(time.monotonic() - started < 5, "it took longer than 5 s")
        need(lines[-1] == "closed" and len(witness.acknowledged) == len(keys), f"{lines[-1]}")
        self.checked(witness, directory)

    def fault_42_no_memory(self):
        directory, witness, worker = f"{self.folder}/memory", Witness(), Worker(self.program)
        size = 1 << 20
        need(worker.ask(f"open {directory} {size} lazy") == "opened 0", "not created")
        self.append(worker, witness, "m", 30)
        with open(f"/proc/{worker.process.pid}/statm") as file:
            mapped = int(file.read().split()[0]) * resource.getpagesize()
        resource.prlimit(worker.process.pid, resource.RLIMIT_AS, (mapped, mapped))
        # Larger and larger batches, until there is no memory for one.
        for number, mebibytes in enumerate([1, 4, 8] + [15] * 8):
            key = f"large.{number}:{mebibytes * 64 - 1}x16384"
            witness.sent.add(key)
            worker.send(f"append {key}")
            line = worker.line(60.0)
            if line is None:
                break
            need(witness.take(line)[0] == "appended", line)
        status = worker.has_ended(10.0)
        need(status is not None and status < 0, f"the process outlived its memory: {status}")
        worker.stop()
        checking = Worker(self.program)
        try:
            found = witness.check(checking, directory, size)
        finally:
            checking.stop()
        need(len(found) >= 30, "acknowledged batches are missing")

    def fault_43_no_descriptors(self):
        directory, witness = f"{self.folder}/full-table", Witness()
        worker = Worker(self.program, descriptors=64)
        worker.ask(f"open {directory} {SIZE} lazy")
        self.append(worker, witness, "e", 3)
        taken = worker.ask("exhaust").split(" ")
        need(taken[0] == "exhausted" and int(taken[1]) > 10, " ".join(taken))
        before = len([name for name in os.listdir(directory) if name.endswith(".seg")])
        self.append(worker, witness, "f", 150)
        after = len([name for name in os.listdir(directory) if name.startswith("log-")])
        need(after >= before + 4, f"only {after} segments")
        # Reading needs a descriptor for each sealed segment: refused now, and no harm done.
        read = worker.ask("read 1")
        need(read.startswith("read ") or read.startswith("failed read io 24 "), read)
        need(worker.ask("release") == "released", "release")
        need(worker.ask("read 1").startswith("read "), "reads")
        need(worker.ask("close") == "closed", "close")
        worker.stop()
        self.checked(witness, directory)

    def fault_44_read_only(self):
        volume, witness, worker = f"{self.folder}/volume", Witness(), Worker(self.program)
        os.mkdir(volume)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=700", "tmpfs", volume], check=True)
        try:
            directory = f"{volume}/log"
            worker.ask(f"open {directory} {SIZE} lazy")
            self.append(worker, witness, "g", 30)
            need(worker.ask("close") == "closed", "close")
            # The log's threads let go of its files a moment after they have answered.
            for left in reversed(range(50)):
                if subprocess.run(["mount", "-o", "remount,ro", volume], check=left == 0,
                                  stderr=None if left == 0 else subprocess.DEVNULL).returncode == 0:
                    break
                time.sleep(0.1)
            answer = worker.ask(f"open {directory} {SIZE} lazy")
            need(answer.startswith("failed open readOnly 30 "), answer)
            need(worker.ask(f"verify {directory}").startswith("verified sound"), "reading a read-only volume")
            subprocess.run(["mount", "-o", "remount,rw", volume], check=True)
            self.checked(witness, directory)
        finally:
            worker.stop()
            subprocess.run(["umount", volume], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="daybook-simulate, release build")
    arguments = parser.parse_args()
    in_own_mounts()
    started = time.monotonic()
    folder = tempfile.mkdtemp(prefix="daybook-processes-")
    faults = Faults(os.path.abspath(arguments.program), folder)
    failures = []
    names = sorted(name for name in dir(faults) if name.startswith("fault_"))
    for name in names:
        try:
            getattr(faults, name)()
            print("ok", name)
        except Failure as failure:
            failures.append(name)
            print("FAILED", name, failure)
    shutil.rmtree(folder, ignore_errors=True)
    if failures:
        print(f"repeat: python3 Tests/Survival/processes.py {arguments.program}")
    survival.finish({"bar": "faults-of-processes", "ok": not failures, "faults": len(names),
                     "failed": len(failures), "seconds": round(time.monotonic() - started, 1)})


if __name__ == "__main__":
    main()
