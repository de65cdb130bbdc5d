#!/usr/bin/env python3
"""Runs Daybook's workload on other stores, durably, on this machine, and prints a table.

    python3 Benchmarks/Peers/run.py [--orders N] [--only NAME,…] [--seconds-per-peer S] [--rounds N]
        [--json FILE] [--markdown FILE] [--folder DIR] [--daybook PROGRAM]
    python3 Benchmarks/Peers/run.py --check

Packages go to ~/.cache/daybook-peers (XDG_CACHE_HOME is honoured); stores lie in a folder below
--folder (the current folder), which must be on the disk to be measured, and are removed at the end,
like the servers that were started. --daybook names our `daybook-workload`, which is run as well,
for columns of ratios. --check runs every peer with tiny sizes. Exits 1 if anything could not be
measured.
"""

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import platform
import shutil
import signal
import subprocess
import sys
import tempfile

import cluster
import events
import install
import plan
import table
import workload
from measure import Missing

OURS = [["bulk"], ["callers", "--callers", "1"], ["callers", "--callers", "64"],
        ["callers", "--callers", "256"]]
# One row fails, the others go on; what else is raised is a fault of these scripts.
FAILURES = (Missing, RuntimeError, OSError, ValueError, subprocess.SubprocessError)


class Run:
    def __init__(self, options, folder, stack):
        self.options, self.folder, self.stack = options, folder, stack
        self.new_database = None  # of the PostgreSQL server, once a row needs it
        self.programs = folder / "programs"
        self.programs.mkdir()
        self.probe_program = install.compiled("sync_probe", self.programs)
        self.probes = []

    def fdatasync(self):
        seconds = min(0.5, self.options.seconds / 10)
        probe = measured_by([self.probe_program, self.folder / "probe", str(seconds)])
        self.probes.append(probe)
        return probe

    def measure(self, case):
        prepared, version = case.prepare(self.programs)
        store = self.folder / "store"
        store.mkdir()
        try:
            with self.database_for(case) as conninfo:
                before = self.fdatasync()
                found = measured_by(
                    case.arguments(prepared, self.options, store, conninfo),
                    timeout=self.options.seconds * 10 + 120)
                sync = between(before, self.fdatasync())
        finally:
            shutil.rmtree(store, ignore_errors=True)
        return {
            "peer": case.peer, "version": version, "durability": case.durability, "mode": case.mode,
            "callers": case.callers, **rates(found), "fdatasync_p50_us": sync}

    def database_for(self, case):
        if not case.postgres:
            return contextlib.nullcontext()
        if self.new_database is None:
            self.new_database = self.stack.enter_context(cluster.cluster(self.folder))
        return self.new_database()

    def daybook(self, words):
        result = self.folder / "daybook.json"
        before = self.fdatasync()
        callers, orders = int(words[2]) if len(words) > 2 else 1, self.options.orders
        if words[0] == "callers":  # an order is two syncs, one after the other
            orders = min(orders, int(self.options.seconds * callers * 5e5 / before["p50_us"]) + 1)
        subprocess.run(
            [self.options.daybook, *words, "--orders", str(orders), "--json", result,
             "--seed", str(self.options.seed), "--popularity", self.options.variant],
            cwd=self.folder, check=True, stdout=subprocess.DEVNULL)
        found = json.loads(result.read_text())
        if "orders_per_second" in found:
            found.setdefault(
                "events_per_second", found["orders_per_second"] * workload.EVENTS_PER_ORDER)
        if "log_bytes_per_order" in found:
            found.setdefault("bytes_per_order", found["log_bytes_per_order"])
        return {**found, "callers": callers,
                "fdatasync_p50_us": between(before, self.fdatasync())}


def measured_by(words, timeout=120):
    """The JSON object that a program prints, run in a process group that can be ended whole."""
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    try:
        output, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"{pathlib.Path(words[0]).name} did not end within {timeout:.0f} s")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    if process.returncode != 0:
        print(errors, file=sys.stderr)
        last = next(filter(None, reversed(errors.splitlines())), "no message")
        raise RuntimeError(f"{pathlib.Path(words[0]).name} ended with {process.returncode}: {last}")
    return json.loads(output)


def rates(found):
    if found["orders"] == 0:
        raise RuntimeError("no order was placed in the time given")
    orders_per_second = found["orders"] / found["seconds"]
    return {
        **found, "orders_per_second": round(orders_per_second, 1),
        "events_per_second": round(orders_per_second * workload.EVENTS_PER_ORDER, 1)}


def speed(row):
    """What the best of several rounds is chosen by; a replay has events alone."""
    return row.get("orders_per_second") or row["events_per_second"]


def between(before, after):
    return round((before["p50_us"] + after["p50_us"]) / 2, 1)


def check_programs_agree(folder):
    """The C programs and the Python peers must store the same orders as the same bytes."""
    program = install.compiled("vector", folder)
    for variant in workload.VECTORS:
        shown = subprocess.run([program, "1", variant], capture_output=True, text=True, check=True)
        if shown.stdout.splitlines() != workload.VECTORS[variant]:
            raise SystemExit(f"vector.c gives another {variant} stream:\n{shown.stdout}")
        shown = subprocess.run(
            [program, "1", variant, "events"], capture_output=True, text=True, check=True)
        stream = workload.orders(1, variant)
        expected = [
            payload.hex() for _ in range(5) for payload in events.payloads(next(stream))]
        if shown.stdout.splitlines() != expected:
            raise SystemExit("workload.c and events.py encode events differently")


def output_of(*words):
    done = subprocess.run(words, cwd=install.PEERS, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def machine(folder):
    processor = next(
        (line.split(":")[1].strip() for line in open("/proc/cpuinfo") if "model name" in line),
        platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return {
        "processor": processor, "cores": os.cpu_count(), "memory_gib": round(memory),
        "kernel": platform.release(), "file_system": output_of("stat", "-f", "-c", "%T", folder),
        "load_before": os.getloadavg()[0]}


def measure_all(options, folder):
    document = {
        "measured": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "commit": output_of("git", "rev-parse", "--short", "HEAD"),
        "machine": machine(folder), "fdatasync": None,
        "settings": {name: getattr(options, name)
                     for name in ("orders", "seconds", "rounds", "seed", "variant")},
        "results": [], "daybook": [], "skipped": []}
    if document["machine"]["file_system"] in ("tmpfs", "ramfs"):
        raise SystemExit(f"{options.folder} is in memory: name a folder on a disk with --folder")
    with contextlib.ExitStack() as stack:
        run = Run(options, folder, stack)
        check_programs_agree(run.programs)
        measure_each(run, document)
    document["machine"]["load_after"] = os.getloadavg()[0]
    return document


def measure_each(run, document):
    options = run.options
    jobs = [(f"{case.peer} {case.mode} {case.callers}", "results", run.measure, case)
            for case in plan.cases() if not options.only or case.peer in options.only]
    if options.daybook:
        jobs += [(f"daybook {' '.join(words)}", "daybook", run.daybook, words) for words in OURS]
    best = {}
    for _ in range(options.rounds):
        for name, place, work, what in jobs:
            print(f"{name} …", end=" ", file=sys.stderr, flush=True)
            try:
                row = work(what)
                print(f"{speed(row):,.0f}/s", file=sys.stderr)
                best[name] = max(row, best.get(name, row), key=speed)
            except FAILURES as error:
                document["skipped"].append({"case": name, "reason": str(error)})
                print(f"not measured: {error}", file=sys.stderr)
    for name, place, *_ in jobs:
        if name in best:
            document[place].append(best[name])
    document["fdatasync"] = {
        name: sorted(probe[name] for probe in run.probes)[len(run.probes) // 2]
        for name in ("p50_us", "p99_us")} if run.probes else run.fdatasync()


def parsed():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = sorted({case.peer for case in plan.cases()})
    parser.add_argument("--orders", type=int, default=1_000_000, help="at most, a row")
    parser.add_argument("--seconds-per-peer", dest="seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=1, help="the best one of each row is shown")
    parser.add_argument("--only", type=lambda text: text.split(","), help=", ".join(names))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--variant", choices=list(workload.VECTORS), default="uniform")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path.cwd())
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--markdown", type=pathlib.Path)
    parser.add_argument("--daybook", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--check", action="store_true", help="tiny sizes, for CI")
    options = parser.parse_args()
    unknown = set(options.only or []) - set(names)
    if unknown:
        parser.error(f"no peer {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    if options.check:
        options.orders, options.seconds = 100, 0.1
    return options


def main():
    options = parsed()
    workload.check()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="daybook-peers-", dir=options.folder)).resolve()
    folder.chmod(0o711)  # the PostgreSQL server may run as another user
    try:
        document = measure_all(options, folder)
    except Missing as missing:
        raise SystemExit(str(missing))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    text = table.document_text(document)
    print(text)
    if options.markdown:
        options.markdown.write_text(text)
    if options.json:
        options.json.write_text(json.dumps(document, indent=2) + "\n")
    if document["skipped"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
