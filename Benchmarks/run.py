#!/usr/bin/env python3
"""Runs every goal of speed, Daybook and its limit in turns, and prints one table.

    python3 Benchmarks/run.py                    all goals; some half an hour
    python3 Benchmarks/run.py --quick            small sizes, one round: do the tools work?
    python3 Benchmarks/run.py --only 1,5,7
    python3 Benchmarks/run.py --results          keeps the table in Benchmarks/Results
    python3 Benchmarks/run.py --check            what is counted, not timed, against thresholds.json

Stores are made in a folder of the working directory and removed. Exit code 1 when something failed or
--check found something; a goal that is not reached is a row like the others."""

import argparse
import json
import pathlib
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from runner import check, machine, programs, reading, writing
from runner.bench import Bench
from runner.rows import Row, table

GOALS = {
    1: writing.bulk, 2: writing.callers, 3: writing.latency, 4: writing.log, 5: reading.verify,
    6: reading.replay, 7: reading.rebuild, 8: writing.steady, 9: reading.start,
    10: reading.select, 11: reading.tag_query, 12: writing.size, 13: writing.memory,
    14: reading.sizes, 15: writing.real_file}


def numbers(text):
    """Whole numbers, 1e5 too, each once."""
    values = [float(word) for word in text.split(",")]
    if any(value < 1 or not value.is_integer() for value in values):
        raise argparse.ArgumentTypeError(f"{text}: whole numbers from 1, like 1,5,7 or 1e5,1e6")
    return list(dict.fromkeys(int(value) for value in values))


def positive(text):
    value, *others = numbers(text)
    if others:
        raise argparse.ArgumentTypeError(f"{text}: one whole number from 1")
    return value


def read_options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--only", type=numbers, default=list(GOALS), help="goals, by their numbers: 1,5,7")
    add("--orders", type=positive, help="orders of most goals (default 100,000; quick 10,000)")
    add("--events", type=positive, help="events of goals 9, 11 (default 2,000,000; quick 100,000)")
    add("--events-store", type=pathlib.Path,
        help="keep the store of goals 9 and 11 here, and use it again")
    add("--settle", action="store_true", help="orders of goals 9, 11 are shipped, mails sent")
    add("--sizes", type=numbers, help="orders of goal 14 (default 1e5,1e6; quick 5e3,2e4)")
    add("--seconds", type=positive, help="of goal 8 (default 60; quick 5)")
    add("--rounds", type=positive, help="of each pair (default 3; quick 1)")
    add("--quick", action="store_true", help="small sizes: the figures say little")
    add("--drop-caches", action="store_true", help="goal 11 empties the machine's page cache")
    add("--json", type=pathlib.Path, help="write all rows to this file, too")
    add("--results", action="store_true", help="write Results/DATE-goals.md and .json")
    add("--check", action="store_true", help="compare what is counted with thresholds.json")
    add("--no-build", action="store_true", help="run the programs as they are")
    add("--build-folder", type=pathlib.Path,
        help="the build folder of the workload, e.g. the project's .build, where most is built already")
    add("--directory", type=pathlib.Path, default=pathlib.Path(),
        help="where stores are made: the disk that is measured")
    options = parser.parse_args()
    quick = options.quick
    for name, full, small in (
        ("orders", 100_000, 10_000), ("events", 2_000_000, 100_000),
        ("sizes", [100_000, 1_000_000], [5_000, 20_000]), ("seconds", 60, 5), ("rounds", 3, 1),
    ):
        if getattr(options, name) is None:
            setattr(options, name, small if quick else full)
    unknown = set(options.only) - set(GOALS)
    if unknown:
        parser.error(f"there is no goal {min(unknown)}; goals are 1 to 15")
    options.sizes = sorted(options.sizes)
    if 14 in options.only and len(options.sizes) < 2:
        parser.error("--sizes: goal 14 compares two sizes or more")
    for name, folder in (
        ("directory", options.directory), ("json", options.json and options.json.parent)
    ):
        if folder and not folder.is_dir():
            parser.error(f"--{name}: there is no folder {folder}")
    options.directory = options.directory.resolve()
    if options.events_store:
        options.events_store = options.events_store.resolve()
    return options


def check_built():
    for program in (programs.WORKLOAD, programs.DAYBOOK, programs.LIMITS / "limit-append"):
        if not program.exists():
            raise programs.Failure(f"{program} is not built; leave out --no-build")


def measure(options):
    """All rows; a goal whose programs fail is one row that says so."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="daybook-bench-", dir=options.directory) as folder:
        bench = Bench(options, pathlib.Path(folder).resolve())
        for number in options.only:
            begin = time.monotonic()
            try:
                found = GOALS[number](bench)
            except (programs.Failure, OSError, KeyError) as failure:
                print(f"run.py: goal {number} failed: {failure!r}", file=sys.stderr)
                found = [Row(number, f"failed: {str(failure).splitlines()[0][:120]}", None, "")]
            rows += found
            took = time.monotonic() - begin
            print(f"run.py: goal {number} took {took:.0f} s", file=sys.stderr, flush=True)
    return rows


def report(options, before, rows):
    load_after = machine.load()
    head = machine.page(before, load_after, options)
    print(f"{head}\n{table(rows)}")
    record = {
        "settings": {
            name: str(value) if isinstance(value, pathlib.Path) else value
            for name, value in vars(options).items()},
        "machine": before, "load_after": load_after, "rows": [row.record() for row in rows]}
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    if options.json:
        options.json.write_text(text)
    if options.results:
        folder = programs.BENCHMARKS / "Results"
        folder.mkdir(exist_ok=True)
        # Results are kept: a second table of a day has a number.
        name = folder / f"{before['date'][:10]}-goals"
        number = 2
        while name.with_suffix(".md").exists():
            name = folder / f"{before['date'][:10]}-goals-{number}"
            number += 1
        name.with_suffix(".json").write_text(text)
        name.with_suffix(".md").write_text(f"{head}\n{table(rows)}\n")
        print(f"run.py: wrote {name}.md and .json", file=sys.stderr)


def main():
    options = read_options()
    # Ends like Ctrl-C does: the programs that run end with it, and stores are removed.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    if options.build_folder:
        programs.build_in(options.build_folder)
    try:
        if not options.no_build:
            programs.build(everything=not options.check)
        if options.check:
            return check.check(options.directory)
        check_built()
    except programs.Failure as failure:
        print(f"run.py: {failure}", file=sys.stderr)
        return 1
    before = machine.describe(options.directory)
    rows = measure(options)
    report(options, before, rows)
    return 1 if any(row.figure is None for row in rows) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
