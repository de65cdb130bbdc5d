#!/usr/bin/env python3
"""A real process whose system calls fail.

    python3 Tests/Survival/faults.py PROGRAM [--bar 2|6] [--only CASE] [--jobs 2]

Bar 2: a fixed scenario of about 40 operations (create, append, change segments, read, close, open again) is run
once for every system call k on a file of the log and every fault: EIO, ENOSPC, EROFS, once and from then on; EINTR
and short reads and writes, once and at every call; the process ends before or after the call. Then the log is
opened without faults and held against what was acknowledged.

Bar 6: fdatasync number k fails with EIO, k = 1 to 1000.

Nothing here is random: a case is named by its fault and its call, and `--only` repeats it."""

import argparse
import concurrent.futures
import errno
import json
import os
import shutil
import sys
import time

import survival
from survival import EXIT_AFTER, EXIT_BEFORE, FAIL, INTERRUPT, SHORT, Failure, Shim, Witness, Worker, bit

SIZE = 16384
UNKNOWN = ("io", "poisoned", "fenced")
#: name, action, errno, from then on
FAULTS = [
    ("EIO-once", FAIL, errno.EIO, False), ("EIO-for-ever", FAIL, errno.EIO, True),
    ("ENOSPC-once", FAIL, errno.ENOSPC, False), ("ENOSPC-for-ever", FAIL, errno.ENOSPC, True),
    ("EROFS-once", FAIL, errno.EROFS, False), ("EROFS-for-ever", FAIL, errno.EROFS, True),
    ("EINTR-once", INTERRUPT, 0, False), ("EINTR-each", INTERRUPT, 0, True),
    ("short-once", SHORT, 0, False), ("short-each", SHORT, 0, True),
    ("exit-before", EXIT_BEFORE, 0, False), ("exit-after", EXIT_AFTER, 0, False),
]


def scenario(directory, durability):
    """About 40 operations: two lifetimes of a log with three changes of segment."""
    shapes = ["1x120", "2x300", "1x1500", "3x200", "1x4000"]
    keys = [f"t{number % 3}.{number}:{shapes[number % len(shapes)]}" for number in range(32)]
    first = [f"append {key}" for key in keys[:24]]
    lines = [f"open {directory} {SIZE} {durability}"] + first[:12] + ["read 1"] + first[12:] + ["close"]
    lines += [f"open {directory} {SIZE} {durability}", f"append {keys[3]}"]
    lines += [f"append {key}" for key in keys[24:]] + ["read 1", "close"]
    return lines, keys


class Runner:
    """One worker under the shim, one healthy one that checks."""

    def __init__(self, program, folder, name):
        self.program = program
        self.root = os.path.join(folder, f"logs-{name}")
        os.mkdir(self.root)
        self.shim = Shim(folder, self.root)
        self.faulty = None
        self.healthy = Worker(program)
        self.number = 0

    def worker(self):
        if self.faulty is None or self.faulty.process.poll() is not None:
            if self.faulty:
                self.faulty.stop()
            self.shim.plan()
            self.faulty = Worker(self.program, self.shim)
        return self.faulty

    def directory(self):
        self.number += 1
        return os.path.join(self.root, f"log{self.number}")

    def stop(self):
        for worker in (self.faulty, self.healthy):
            if worker:
                worker.stop()

    def count(self, durability):
        """How many calls the scenario makes, by kind."""
        directory = self.directory()
        lines, _ = scenario(directory, durability)
        worker = self.worker()
        self.shim.plan()
        for line in lines:
            answer = worker.ask(line)
            if answer.split(" ")[0] not in ("opened", "appended", "read", "closed"):
                raise Failure(f"without any fault: {answer}")
        total, kinds = self.shim.control.counted, list(self.shim.control.kinds)
        shutil.rmtree(directory)
        return total, dict(zip(survival.CALLS, kinds))

    def case(self, durability, fault, first):
        """Runs one case; gives what it came to, or None when the call is never reached."""
        name, action, error, forever = fault
        directory = self.directory()
        lines, keys = scenario(directory, durability)
        witness = Witness()
        witness.sent.update(keys)
        worker = self.worker()
        self.shim.plan(action, first, forever, error)
        outcome = self.drive(worker, lines, witness, action)
        self.shim.heal()
        hit = self.shim.control.hit
        if worker.process.poll() is None:
            # Gives the lock back; whatever it answers, the next opening decides.
            worker.ask("close")
        if not hit:
            verdict = None
        else:
            verdict = self.judge(outcome, name, action, worker, witness, keys)
        witness.check(self.healthy, directory, SIZE)
        shutil.rmtree(directory)
        return verdict

    def drive(self, worker, lines, witness, action):
        """Sends the lines, which the worker does one by one; notes when nothing may be acknowledged any more."""
        outcome = {"refused": 0, "unknown": 0, "healed": False, "ended": False}
        broken = False
        worker.send(*lines)
        for line in lines:
            answer = worker.line(1.0 if action == FAIL else 20.0)
            if answer is None and worker.process.poll() is None and action == FAIL and not outcome["healed"]:
                # An append that waits for space: give it some, and it must go on by itself.
                self.shim.heal()
                outcome["healed"] = True
                answer = worker.line(10.0)
            if answer is None:
                worker.has_ended(5.0)
                if action not in (EXIT_BEFORE, EXIT_AFTER) or worker.process.poll() != 137:
                    raise Failure(f"no answer to '{line}': {worker.silence()}")
                outcome["ended"] = True
                return outcome
            words = witness.take(answer)
            if line.startswith("open "):
                broken = words[0] == "failed"
                if broken:
                    outcome["refused"] += 1
            elif words[0] == "appended" and broken:
                raise Failure(f"acknowledged on a log that had failed: {answer}")
            elif words[0] == "failed" and line.startswith("append"):
                if words[2] in UNKNOWN:
                    outcome["unknown"] += 1
                    # A read that failed while the batch was looked at ends nothing: it was not staged.
                    broken = broken or words[2] != "io" or words[5] not in ("read:", "open:")
                else:
                    outcome["refused"] += 1
        return outcome

    def judge(self, outcome, name, action, worker, witness, keys):
        if action in (EXIT_BEFORE, EXIT_AFTER):
            if not outcome["ended"]:
                raise Failure("the process went on")
            return "ended"
        if worker.process.poll() is not None:
            raise Failure(f"the process ended by itself: {worker.process.poll()}")
        if action in (INTERRUPT, SHORT):
            if outcome["refused"] or outcome["unknown"] or set(witness.acknowledged) != set(keys):
                raise Failure(f"{name} was not invisible: {outcome}, {len(witness.acknowledged)} acknowledged")
            return "invisible"
        if outcome["healed"]:
            return "resumed"
        if outcome["unknown"]:
            return "unknown"
        return "refused" if outcome["refused"] else "unnoticed"


# MARK: Bar 6

def failed_sync(runner, number):
    """fdatasync number `number` fails with EIO: the appends are answered, none is acknowledged behind it."""
    directory = runner.directory()
    durability = "marked" if number % 2 else "lazy"
    witness = Witness()
    worker = runner.worker()
    runner.shim.plan(FAIL, number, False, errno.EIO, bit("datasync"))
    figures = {"hit": 0, "unknown": 0, "asked": 0, "afterwards": 0, "retries": 0, "opened": True}
    size = 1 << 20 if number % 4 < 2 else 1 << 16
    answer = worker.ask(f"open {directory} {size} {durability}")
    if answer.startswith("opened"):
        keys = [f"s{index}:1x60" for index in range(number + 4)]
        behind = 0
        sent = 0
        # Many at once on their way in, one after another in the log: each has its own sync.
        while behind < 4 and sent < len(keys):
            window = keys[sent:sent + (64 if number - sent > 80 else 4)]
            sent += len(window)
            witness.sent.update(window)
            worker.send(*[f"append {key}" for key in window])
            for _ in window:
                words = witness.take(worker.line() or "none")
                if words[0] == "failed":
                    figures["asked"] += 1
                    behind += 1
                    if words[2] not in UNKNOWN:
                        raise Failure(f"answered {' '.join(words)}")
                    figures["unknown"] += 1
                elif words[0] != "appended":
                    raise Failure(f"answered {' '.join(words)}")
                elif behind:
                    figures["afterwards"] += 1
        worker.ask("close")
    else:
        figures["opened"] = False
        worker.ask("close")
    figures["hit"] = runner.shim.control.hit
    figures["retries"] = runner.shim.control.repeated
    runner.shim.heal()
    witness.check(runner.healthy, directory, size)
    shutil.rmtree(directory)
    return figures


# MARK: Running

def share(arguments, folder, name, cases, run):
    """Runs the cases on some runners side by side; gives results and failures, in order."""
    jobs = min(arguments.jobs, len(cases)) or 1

    def work(job):
        runner = Runner(arguments.program, folder, f"{name}-{job}")
        results = []
        try:
            for case in cases[job::jobs]:
                try:
                    results.append((case, run(runner, case), None))
                except Failure as failure:
                    results.append((case, None, str(failure)))
                    runner.stop()
                    runner.faulty, runner.healthy = None, Worker(arguments.program)
        finally:
            runner.stop()
        return results

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return [result for part in pool.map(work, range(jobs)) for result in part]


def bar_2(arguments, folder):
    started = time.monotonic()
    runner = Runner(arguments.program, folder, "count")
    counts = {}
    for durability in ("lazy", "marked"):
        counts[durability], kinds = runner.count(durability)
        print(f"{durability}: {counts[durability]} calls:",
              ", ".join(f"{count} {kind}" for kind, count in kinds.items() if count))
    runner.stop()
    cases = [(durability, fault, first) for durability in ("lazy", "marked") for fault in FAULTS
             for first in range(1, counts[durability] + 1)
             # What EROFS leads to does not depend on when the mark is synced.
             if durability == "lazy" or not fault[0].startswith("EROFS")]
    if arguments.only:
        cases = [case for case in cases if f"{case[0]}/{case[1][0]}/{case[2]}" == arguments.only]
    elif arguments.every > 1:
        cases = cases[::arguments.every]
    results = share(arguments, folder, "faults", cases, lambda runner, case: runner.case(*case))
    verdicts, failures = {}, []
    for (durability, fault, first), verdict, failure in results:
        if failure:
            failures.append(f"{durability}/{fault[0]}/{first}: {failure}")
        elif verdict:
            verdicts.setdefault(fault[0], {}).setdefault(verdict, 0)
            verdicts[fault[0]][verdict] += 1
    for name, counted in verdicts.items():
        print(f"{name}:", ", ".join(f"{count} {verdict}" for verdict, count in sorted(counted.items())))
    for failure in failures[:20]:
        print("FAILED", failure)
    if failures:
        print(f"repeat: python3 Tests/Survival/faults.py {arguments.program} --bar 2 --only "
              f"{failures[0].split(':')[0]}")
    reached = sum(sum(counted.values()) for counted in verdicts.values())
    return {"bar": "2-process", "ok": not failures and reached > 0, "cases": len(cases), "reached": reached,
            "failed": len(failures), "calls_lazy": counts["lazy"], "calls_marked": counts["marked"],
            "seconds": round(time.monotonic() - started, 1)}


def bar_6(arguments, folder):
    started = time.monotonic()
    cases = [int(arguments.only)] if arguments.only else list(range(1, arguments.syncs + 1))[::arguments.every]
    results = share(arguments, folder, "syncs", cases, failed_sync)
    failures = [f"fdatasync {case}: {failure}" for case, _, failure in results if failure]
    figures = [figure for _, figure, _ in results if figure]
    total = {name: sum(int(figure[name]) for figure in figures) for name in ("hit", "unknown", "asked", "afterwards",
                                                                            "retries", "opened")}
    missed = [case for case, figure, _ in results if figure and not figure["hit"]]
    if missed:
        failures.append(f"never reached: {missed[:10]}")
    for failure in failures[:20]:
        print("FAILED", failure)
    if failures:
        print(f"repeat: python3 Tests/Survival/faults.py {arguments.program} --bar 6 --only K")
    ok = (not failures and total["afterwards"] == 0 and total["retries"] == 0
          and total["unknown"] == total["asked"] and len(figures) == len(cases))
    print(f"{len(cases)} runs, each with one EIO: {total['opened']} while it appends, "
          f"{len(figures) - total['opened']} while it is created; {total['afterwards']} acknowledged afterwards, "
          f"{total['retries']} syncs tried again, {total['unknown']} of {total['asked']} answered 'outcome unknown'")
    return {"bar": "6", "ok": ok, "syncs": len(cases), "acknowledged_afterwards": total["afterwards"],
            "sync_retries": total["retries"], "answered": total["asked"], "answered_unknown": total["unknown"],
            "failed": len(failures), "seconds": round(time.monotonic() - started, 1)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="daybook-simulate, release build")
    parser.add_argument("--bar", choices=["2", "6"], help="only this one")
    parser.add_argument("--only", help="one case: lazy/EIO-once/17, or the number of an fdatasync")
    parser.add_argument("--every", type=int, default=1, help="only each Nth case")
    parser.add_argument("--syncs", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    arguments = parser.parse_args()
    arguments.program = os.path.abspath(arguments.program)
    folder = survival.folder_in_memory("daybook-faults-")
    try:
        bars = [bar_2, bar_6] if not arguments.bar else [bar_2 if arguments.bar == "2" else bar_6]
        figures = [bar(arguments, folder) for bar in bars]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for figure in figures:
        print(json.dumps(figure, sort_keys=True))
    sys.exit(0 if all(figure["ok"] for figure in figures) else 1)


if __name__ == "__main__":
    main()
