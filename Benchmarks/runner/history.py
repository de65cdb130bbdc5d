#!/usr/bin/env python3
"""Makes a store with a long history for goals 9 and 11: every order is shipped and its mail sent, and the read
models stand still, since projecting a hundred million events takes hours and neither goal asks them.

    python3 Benchmarks/runner/history.py --events 100000000 DIRECTORY
    python3 Benchmarks/run.py --only 9,11 --settle --events 100000000 --events-store DIRECTORY

A model stands still when its file says so, as it does when too many events are parked; the log and the
decisions go on. A store that is there is written on."""

import argparse
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from runner import programs

MODELS = ["inventory", "orders", "users"]


def stop(model):
    with sqlite3.connect(model) as database:
        database.execute(
            "UPDATE projection SET stopped_position = position + 1,"
            " stopped_reason = 'benchmark: a long history'")
    database.close()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, required=True)
    parser.add_argument("directory", type=pathlib.Path)
    options = parser.parse_args()
    start = ["start", "--settle", "--starts", "1", "--directory", options.directory, "--events"]
    if not options.directory.exists():
        programs.workload(*start, "50000")
        for name in MODELS:
            stop(options.directory / "read-models" / f"{name}.sqlite")
    for name, figure in programs.workload(*start, options.events).items():
        print(f"{name}: {figure}")


if __name__ == "__main__":
    main()
