#!/usr/bin/env python3
"""The whole flow on real order history, with the release program and nothing but its command line.

    python3 Tests/EndToEnd/history.py DAYBOOK HISTORY.csv.xz [--kills 50] [--flips 60] [--seed N]

Imports the file, compares the reconciliation with an independent count, proves the log and the read
models, kills an import again and again and compares what it ends with, and flips bits. Prints what it
measured. Exits 1 at the first thing that does not hold, and prints the seed and command to repeat it.
"""

import argparse
import json
import lzma
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

EXPECTED = {
    "rows": 245903, "orders": 9661, "order_lines": 239943, "units": 2502078,
    "net_pence": 482646649, "return_lines": 3425, "returned_units": 110849,
    "refunded_pence": 24382677, "adjustments": 1456, "adjusted_units": -81686, "rejects": 1079,
    "users": 3003, "products": 3651, "opening_units": 2566797, "final_units": 96485,
}


class Failure(Exception):
    pass


def require(holds, message):
    if not holds:
        raise Failure(message)


class Daybook:
    """Runs the program on one store."""

    def __init__(self, program, store):
        self.program, self.store = str(program), str(store)

    def arguments(self, *words):
        return [self.program, *words, "--store", self.store]

    def run(self, *words, expect=(0,), capture=True):
        done = subprocess.run(self.arguments(*words), capture_output=capture, text=True)
        require(
            done.returncode in expect,
            f"`daybook {' '.join(words)}` ended with {done.returncode}, expected {expect}\n"
            f"{(done.stdout or '')[-2000:]}{(done.stderr or '')[-4000:]}")
        return done

    def summary(self, *words, expect=(0,)):
        """The final summary of a command with --json, and how long it took."""
        started = time.monotonic()
        done = self.run(*words, "--json", expect=expect)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        summaries = [line for line in lines if line["type"] == "summary"]
        require(len(summaries) == 1 and lines[-1] is summaries[0],
                f"`daybook {' '.join(words)} --json`: not exactly one summary at the end")
        require(summaries[0]["exit_code"] == done.returncode, "exit_code differs from the exit code")
        return summaries[0], time.monotonic() - started

    def create(self):
        """A new store; the seed makes the keys of digests equal in every store of a run."""
        self.run("init", "--seed", "7")

    def exports(self):
        """Everything that can be exported, as bytes. Sealed boxes are under random keys: masked."""
        exports = {
            what: subprocess.run(
                self.arguments("export", what), check=True, capture_output=True).stdout
            for what in ("events", "inventory", "orders", "users")}
        exports["events"] = re.sub(
            rb'("sealed":\d+,"bytes":)"[0-9a-f]*"', rb'\1"masked"', exports["events"])
        return exports


def size(path):
    return sum(file.stat().st_size for file in pathlib.Path(path).rglob("*") if file.is_file())


def import_undisturbed(program, history, work):
    book = Daybook(program, work / "store")
    book.create()
    summary, seconds = book.summary(
        "import", "orders", str(history), "--reject-file", str(work / "rejects.csv"), expect=(3,))
    wrong = {name: (summary.get(name), value) for name, value in EXPECTED.items()
             if summary.get(name) != value}
    require(not wrong, f"reconciliation differs (got, expected): {wrong}")
    rejects = (work / "rejects.csv").read_text().splitlines()
    require(len(rejects) == EXPECTED["rejects"] + 1, f"reject file has {len(rejects) - 1} rows")
    print(f"import: {summary['rows']} rows, {summary['orders']} orders, {summary['rejects']} rejects"
          f" in {seconds:.2f} s; all {len(EXPECTED)} figures as counted independently")
    return book


def prove(book, work, history):
    _, verify_seconds = book.summary("verify")
    _, replay_seconds = book.summary("replay")
    before = book.exports()
    _, rebuild_seconds = book.summary("projection", "rebuild", "--all")
    require(book.exports() == before, "exports differ after a rebuild")
    print(f"verify {verify_seconds:.2f} s, replay {replay_seconds:.2f} s, rebuild {rebuild_seconds:.2f} s;"
          " rebuilt read models equal")
    log = pathlib.Path(book.store) / "log"
    stats, _ = book.summary("log", "stats")
    print(f"bytes: csv {history.stat().st_size}, log stored {stats.get('stored_bytes')}"
          f" (files {size(log)}), read models {size(pathlib.Path(book.store) / 'read-models')}")
    return before


def kill_and_resume(program, history, work, kills, expected, chance):
    """Kills imports at random moments until `kills` kills have been made."""
    made = rounds = 0
    while made < kills:
        rounds += 1
        store = work / f"killed-{rounds}"
        book = Daybook(program, store)
        book.create()
        words = book.arguments("import", "orders", str(history), "--reject-file",
                               str(work / "killed.csv"), "--quiet")
        while True:
            process = subprocess.Popen(
                words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            if made < kills:
                try:
                    process.wait(timeout=chance.uniform(0.02, 2.0))
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    process.communicate()
                    made += 1
                    continue
            _, errors = process.communicate()
            require(process.returncode == 3, f"resumed import ended with {process.returncode}: {errors}")
            break
        for what, data in book.exports().items():
            require(data == expected[what], f"round {rounds}: export {what} differs after {made} kills")
        require((work / "killed.csv").read_bytes() == (work / "rejects.csv").read_bytes(),
                "reject file differs after kills")
        book.run("verify")
        shutil.rmtree(store)
    print(f"killed {made} times in {rounds} imports: exports and reject file byte for byte equal")


def flip_bits(book, work, flips, chance):
    """Every flipped bit must be found, named and answered with 65."""
    copy = work / "flipped"
    shutil.copytree(book.store, copy)
    segments = sorted((copy / "log").glob("log-*.seg"))
    for _ in range(flips):
        segment = chance.choice(segments)
        offset, bit = chance.randrange(segment.stat().st_size), chance.randrange(8)
        mode = segment.stat().st_mode
        segment.chmod(0o600)
        with segment.open("r+b") as file:
            file.seek(offset)
            byte = file.read(1)[0]
            file.seek(offset)
            file.write(bytes([byte ^ 1 << bit]))
        place = f"{segment.name}, offset {offset}, bit {bit}"
        done = Daybook(book.program, copy).run("verify", "--json", expect=(65,))
        findings = [json.loads(line) for line in done.stdout.splitlines()]
        findings = [line["details"] for line in findings if line["type"] == "finding"]
        require(findings, f"no finding for {place}")
        number = int(segment.stem.split("-")[1])
        require(
            any(f["segment"] == number and f["first_byte"] <= offset < f["end_byte"]
                for f in findings),
            f"no finding covers {place}: {findings}")
        with segment.open("r+b") as file:
            file.seek(offset)
            file.write(bytes([byte]))
        segment.chmod(mode)
    Daybook(book.program, copy).run("verify")
    print(f"{flips} flipped bits: each found and named, exit code 65")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("history")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--flips", type=int, default=60)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    options = parser.parse_args()
    chance = random.Random(options.seed)
    work = pathlib.Path(tempfile.mkdtemp(prefix="daybook-history-"))
    try:
        history = work / "history.csv"
        history.write_bytes(lzma.open(options.history).read())
        program = pathlib.Path(options.program).resolve()
        book = import_undisturbed(program, history, work)
        expected = prove(book, work, history)
        flip_bits(book, work, options.flips, chance)
        kill_and_resume(program, history, work, options.kills, expected, chance)
        return 0
    except Failure as failure:
        print(f"FAILED: {failure}\nrepeat: python3 Tests/EndToEnd/history.py {options.program}"
              f" {options.history} --seed {options.seed}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
