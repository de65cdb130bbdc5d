#!/usr/bin/env python3
"""Has Daybook judge what the limits write: check.py PATH-OF-DAYBOOK.

Exit code 1, and a line that says so, when something differs."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ORDERS = 3000
# The rows of limit-rebuild have the positions of the first variant.
VARIANTS = [["--together"], [], ["--skewed", "--threads", "1"], ["--threads", "2", "--group", "7"]]


def run(*command):
    """The finished command; ends this program when it fails."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(
            f"check: {' '.join(command)} ended with {done.returncode}:\n"
            f"{done.stdout}{done.stderr}")
    return done


def summary(*command):
    """The last line of a Daybook command's JSON."""
    return json.loads(run(*command, "--json").stdout.splitlines()[-1])


def expect(what, found, wanted):
    if found != wanted:
        sys.exit(f"check: {what} is {found!r}, not {wanted!r}")


def write_log(store, options):
    """Puts a log of limit-append in the place of a new store's; returns its Merkle root."""
    run(DAYBOOK, "init", "--store", store)
    shutil.rmtree(f"{store}/log")
    done = run(
        f"{HERE}/limit-append", "--orders", str(ORDERS), "--keep", "--directory", f"{store}/log",
        *options)
    return re.search(r"Merkle root ([0-9a-f]{64})", done.stderr).group(1)


def check_log(store, root):
    found = summary(DAYBOOK, "verify", "--store", store)
    expect("sound", found["sound"], True)
    expect("the Merkle root", found["merkle_root"], root)
    expect("the number of events", found["events"], 32_000 + 5 * ORDERS)
    replayed = summary(DAYBOOK, "replay", "--store", store)
    expect("the number of violations", replayed["violations"], 0)
    read = json.loads(run(f"{HERE}/limit-read", f"{store}/log").stdout)
    expect("limit-read's number of events", read["events"], found["events"])


def different_rows(ours, theirs):
    """Per table, how many rows only one of two files has."""
    database = sqlite3.connect(":memory:")
    database.execute("ATTACH ? AS a", (os.path.realpath(ours),))
    database.execute("ATTACH ? AS b", (theirs,))
    names = "SELECT name FROM a.sqlite_master WHERE type = 'table' AND name <> 'projection'"
    return {
        table: sum(
            database.execute(
                f"SELECT count(*) FROM (SELECT * FROM {x}.{table} EXCEPT SELECT * FROM {y}.{table})"
            ).fetchone()[0]
            for x, y in ("ab", "ba"))
        for (table,) in database.execute(names).fetchall()}


def check_models(store, folder):
    run(DAYBOOK, "projection", "rebuild", "--all", "--expect-changes", "--store", store)
    run(f"{HERE}/limit-rebuild", "--orders", str(ORDERS), "--keep", "--directory", folder)
    for model in ("inventory", "orders", "users"):
        found = different_rows(f"{store}/read-models/{model}.sqlite", f"{folder}/{model}.sqlite")
        expect(f"the number of different rows in {model}", found, dict.fromkeys(found, 0))
    run(f"{HERE}/limit-select", "--questions", "100", f"{store}/read-models")


def main():
    with tempfile.TemporaryDirectory() as scratch:
        for number, options in enumerate(VARIANTS):
            store = f"{scratch}/shop-{number}"
            check_log(store, write_log(store, options))
            print(f"check: the log of limit-append {' '.join(options)} is Daybook's")
        check_models(f"{scratch}/shop-0", f"{scratch}/models")
        print("check: the rows of limit-rebuild are Daybook's")


if len(sys.argv) != 2:
    sys.exit(__doc__)
DAYBOOK = os.path.abspath(sys.argv[1])
main()
