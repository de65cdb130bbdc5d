#!/usr/bin/env python3
"""Read models on real order history: rebuilt beside the live ones, compared, asked as of any moment.

    python3 Tests/EndToEnd/projections.py RELEASE_DIR DEBUG_DIR HISTORY.csv.xz [--kills 6] [--seed N]

Imports the file and its beginning once more under other numbers, so that the log has more than 100,000
events. Then: a rebuild is killed at random moments and given again; a debug build with a planted mistake
in a projector fills the read models, and `projection compare` must name the right event, table and columns,
from the live files and from the other program; answers as of random positions equal a rebuild that
stopped there; and rebuilds run beside commands and questions. Prints what it measured. Exits 1 at the
first thing that does not hold, and prints the seed and command to repeat it.
"""

import argparse
import csv
import io
import json
import lzma
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

# For each mistake in a projector: the read model, the type of the first event that it concerns, and the
# columns that are wrong behind it. Which event is the first is found in the log, not written here.
MISTAKES = {
    "refundNotAdded": ("orders", "RefundSucceeded", {"stored_orders.refunded_minor"}),
    "parcelOfOneLine": ("orders", "ShipmentDispatched", {"stored_orders.shipped_units", "shipments.unit_count"}),
}


class Failure(Exception):
    pass


def require(holds, message):
    if not holds:
        raise Failure(message)


class Store:
    def __init__(self, program, path, planted=None):
        self.program, self.path = str(program), str(path)
        self.environment = dict(os.environ)
        if planted:
            self.environment["DAYBOOK_PLANTED_BUG"] = planted

    def run(self, *words, expect=(0,)):
        """The records and the summary of a command with --json."""
        done = subprocess.run(
            [self.program, *words, "--store", self.path, "--json"], capture_output=True, text=True,
            env=self.environment)
        require(done.returncode in expect,
                f"`daybook {' '.join(words)}` ended with {done.returncode}, expected {expect}\n"
                f"{done.stdout[-2000:]}{done.stderr[-4000:]}")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return lines[:-1], lines[-1]

    def timed(self, *words, expect=(0,)):
        started = time.monotonic()
        lines, summary = self.run(*words, expect=expect)
        return lines, summary, time.monotonic() - started


def histories(archive, folder):
    """The file, and its first third once more under invoice numbers and customers that are not in it."""
    text = lzma.open(archive, "rt", encoding="utf-8", newline="").read()
    whole = folder / "history.csv"
    whole.write_text(text, encoding="utf-8", newline="")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    again = folder / "again.csv"
    third = rows[1:1 + len(rows) // 3]
    # An invoice is whole or not there.
    while third and third[-1][0] == rows[1 + len(third)][0]:
        third.pop()
    with open(again, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(rows[0])
        for row in third:
            number = row[0]
            row[0] = number[:-6] + str(int(number[-6:]) + 300_000) if number[-6:].isdigit() else number
            row[4] = "2011-07-" + row[4][8:] if row[4][:4].isdigit() else row[4]
            writer.writerow(row)
    return whole, again


def fill(release, folder, archive):
    store = Store(release / "daybook", folder / "shop")
    store.run("init", "--seed", "7")
    whole, again = histories(archive, folder)
    _, _, seconds = store.timed("import", "orders", str(whole), "--reject-file", str(folder / "r1"), expect=(0, 3))
    store.run("import", "orders", str(again), "--reject-file", str(folder / "r2"), expect=(0, 3))
    head = store.run("projection", "status")[1]["head"]
    require(head >= 100_000, f"the log has only {head} events")
    print(f"log: {head} events; the file itself imported in {seconds:.1f} s")
    return store, head


def rebuild(store, head):
    lines, _, seconds = store.timed("projection", "rebuild", "--all")
    for line in lines:
        if line["type"] == "record":
            require(line["data"]["comparison"] == "equal to the live one", f"rebuilt: {line}")
    orders = store.run("order", "list", "--limit", "1")[0][0]["data"]["order_number"]
    status = [line["data"] for line in store.run("projection", "status")[0] if line["type"] == "record"]
    kept = sum(model["kept_bytes"] for model in status)
    print(f"rebuild of all three with comparison: {seconds:.1f} s, {head / seconds:,.0f} events/s, "
          f"{orders / seconds:,.0f} orders/s; kept copies {kept:,} bytes")
    _, summary, seconds = store.timed("projection", "compare", "orders")
    require(summary["result"] == "equal", f"{summary}")
    print(f"compare orders, no difference: {seconds:.1f} s")
    store.run("projection", "clean", "--all")


def kill_rebuilds(store, kills, chance):
    """Killed at any moment: the live files answer, and a second call succeeds."""
    before = store.run("order", "list", "--limit", "50")[0]
    for _ in range(kills):
        process = subprocess.Popen(
            [store.program, "projection", "rebuild", "--all", "--store", store.path],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.05, 6))
        process.send_signal(signal.SIGKILL)
        process.wait()
        require(store.run("order", "list", "--limit", "50")[0] == before,
                "answers changed after a killed rebuild")
        status = store.run("projection", "status")[0]
        require(all(line["data"]["condition"] == "ready" for line in status),
                f"after a killed rebuild: {status}")
    lines, _ = store.run("projection", "rebuild", "--all")
    require(all(line["data"]["comparison"] == "equal to the live one"
                for line in lines if line["type"] == "record"), f"{lines}")
    store.run("projection", "clean", "--all")
    print(f"{kills} rebuilds killed, the live files untouched, the next one succeeded")


def first_event(store, kind, matches):
    for line in store.run("log", "search", "--type", kind)[0]:
        if line["type"] == "record" and matches(line["data"]):
            return line["data"]
    raise Failure(f"there is no {kind} that the mistake concerns")


def plant(release, debug, store, folder):
    """Each mistake is found from the live files and, exactly, from the other program."""
    for mistake, (model, kind, columns) in MISTAKES.items():
        shop = folder / f"shop-{mistake}"
        shutil.copytree(store.path, shop, symlinks=True)
        sound = Store(release / "daybook", shop)
        wrong = Store(debug / "daybook", shop, planted=mistake)
        wrong.run("projection", "rebuild", model, "--expect-changes")
        want = first_event(
            sound, kind,
            lambda event: mistake != "parcelOfOneLine" or len(event["payload"]["lines"]) > 1)
        lines, summary, seconds = sound.timed("projection", "compare", model, expect=(3,))
        require(summary["result"] == "different", f"{mistake}: {summary}")
        finding = next(line for line in lines if line["type"] == "finding")["details"]
        differing = {f"{line['data']['table']}.{line['data']['column']}"
                     for line in lines if line["type"] == "record"}
        require(finding["equal_at"] < want["position"] <= finding["differs_at"],
                f"{mistake}: began at {want['position']}, found {finding}")
        require(finding["position"] == want["position"] and finding["type"] == kind,
                f"{mistake}: began at {want['position']} ({kind}), found {finding}")
        require(columns <= differing, f"{mistake}: {columns} expected, found {differing}")
        print(f"{mistake}: position {finding['position']} of {kind} named from the live files "
              f"(exact: {finding['exact']}), {finding['probes']} probes, {seconds:.1f} s")
        # Refused to be taken for a rebuild, until it is said to be wanted.
        lines, _ = sound.run("projection", "rebuild", model, expect=(3,))
        record = next(line["data"] for line in lines if line["type"] == "record")
        require(not record["in_place"], f"{mistake}: a difference was put in place")

        other = folder / f"{mistake}.sh"
        other.write_text(
            f"#!/bin/sh\nDAYBOOK_PLANTED_BUG={mistake} exec '{debug / 'daybook'}' \"$@\"\n")
        other.chmod(0o755)
        lines, summary, seconds = sound.timed(
            "projection", "compare", model, "--program", str(other), expect=(3,))
        finding = next(line for line in lines if line["type"] == "finding")["details"]
        require(finding["position"] == want["position"] and finding["exact"],
                f"{mistake}: began at {want['position']}, the other program says {finding}")
        print(f"{mistake}: the same from the other program, {finding['probes']} probes, {seconds:.1f} s")
        shutil.rmtree(shop)


def ask_the_past(store, folder, head, count, chance):
    """As of a random position, from kept copies and from the first event: the same file."""
    times = []
    for index in range(count):
        position = str(chance.randrange(head + 1))
        model = chance.choice(["inventory", "orders", "users"])
        near, far = folder / f"near-{index}", folder / f"far-{index}"
        store.run("projection", "build", model, str(near), "--as-of", position)
        store.run("projection", "build", model, str(far), "--as-of", position, "--from", "nothing")
        _, summary = store.run("projection", "compare", model, "--file", str(far))
        require(summary["result"] == "equal", f"{model} as of {position}: {summary}")
        near.unlink(), far.unlink()
        _, summary, seconds = store.timed("order", "list", "--as-of", position)
        require(summary["position"] <= int(position), f"as of {position}: {summary}")
        times.append(seconds)
    times.sort()
    print(f"{count} random positions: as-of equals a rebuild stopped there; one question takes "
          f"{times[len(times) // 2]:.2f} s (median), {times[-1]:.2f} s (longest)")


def load(release, store, folder):
    copy = folder / "loaded"
    shutil.copytree(store.path, copy, symlinks=True)
    done = subprocess.run(
        [str(release / "daybook-simulate"), "rebuild-load", str(copy), "--seconds", "4"],
        capture_output=True, text=True, timeout=300)
    require(done.returncode == 0, f"rebuild under load:\n{done.stdout}{done.stderr}")
    print(f"rebuild under load: {done.stdout.strip()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("release", type=pathlib.Path)
    parser.add_argument("debug", type=pathlib.Path)
    parser.add_argument("history", type=pathlib.Path)
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--questions", type=int, default=8)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    options.release, options.debug = options.release.resolve(), options.debug.resolve()
    chance = random.Random(options.seed)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="daybook-projections-"))
    try:
        store, head = fill(options.release, folder, options.history)
        rebuild(store, head)
        ask_the_past(store, folder, head, options.questions, chance)
        kill_rebuilds(store, options.kills, chance)
        plant(options.release, options.debug, store, folder)
        load(options.release, store, folder)
    except Failure as failure:
        print(f"FAILED: {failure}\nrepeat it: python3 Tests/EndToEnd/projections.py {options.release} "
              f"{options.debug} {options.history} --seed {options.seed}")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("projections: everything holds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
