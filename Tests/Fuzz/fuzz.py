#!/usr/bin/env python3
"""Fuzzes everything that reads bytes that others may have written. LOG.md section 10, bar 8.

    python3 Tests/Fuzz/fuzz.py                     build, regressions, corpus, then 60 s of new inputs
    python3 Tests/Fuzz/fuzz.py --seconds 300       longer; the time is shared by all targets
    python3 Tests/Fuzz/fuzz.py --target log        one target only
    python3 Tests/Fuzz/fuzz.py --target log --replay FILE
    python3 Tests/Fuzz/fuzz.py --self-test         are planted mistakes found?
    python3 Tests/Fuzz/fuzz.py --build             only build, so that a later run need not
    python3 Tests/Fuzz/fuzz.py --keep              keep what was found interesting: minimise into Corpus

The targets are compiled by swiftc itself, module by module: only the sources that are fuzzed, none
of the packages they live beside (ADR 0012). A finding is kept under Tests/Fuzz/Regressions.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from modules import ROOT, Failed, Modules, swift_files  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
BUILD = ROOT / ".build-fuzz"

# Name, share of the time: those that repeat themselves soon need less. Two programs, for libFuzzer
# looks at every counter of a program after each input.
LOG = {"frame": 2, "header": 1, "mark": 1, "seal": 1, "lz4": 1, "batch": 2, "log": 6}
SHOP = {"event": 3, "snapshot": 2, "json": 2, "csv": 1, "text": 1}
TARGETS = LOG | SHOP
CANARIES = {
    "canary": "deadly signal", "canary-memory": "one input holds",
    "canary-overflow": "heap-buffer-overflow", "canary-time": "one input took",
    "canary-leak": "detected memory leaks",
}

# What of the tool reads commands and imports; the rest of it needs other packages.
TOOL = [
    "Arguments/JSON*.swift", "Arguments/CommandReader*.swift", "Arguments/ObjectReader.swift",
    "Arguments/TransactionFile.swift", "Arguments/Spelling.swift", "Arguments/ItemArgument.swift",
    "Arguments/Values+Argument.swift", "Output/Failure.swift", "Output/ExitStatus.swift",
    "Output/Field*.swift", "Output/Table.swift", "Output/Terminal.swift",
    "Output/StreamWriter.swift", "Output/CSVLine.swift",
    "Import/CSVReader.swift", "Import/CSVRecord.swift", "Import/OrderHistory.swift",
    "Import/OrderHistoryReader.swift", "Import/ByteInterner.swift", "Import/ContentHash.swift",
    "Import/NumberText.swift", "Import/RejectReason.swift",
]


# Building


def build():
    """Both programs; says how long it took."""
    started = time.monotonic()
    modules = Modules(
        BUILD, ["-sanitize=fuzzer,address", "-O", "-gline-tables-only", "-I", HERE / "CFuzzBudget"])
    checksum, budget = ROOT / "Sources/CDaybookCRC32C", HERE / "CFuzzBudget"
    # Checksums are most of the work of some targets: watched for bad reads, not for coverage.
    modules.c("CDaybookCRC32C", checksum / "crc32c.c", checksum.rglob("*.h"), ["-fsanitize=address"])
    modules.c("CFuzzBudget", budget / "CFuzzBudget.c", budget.glob("*.h"))
    core, log = swift_files("Sources/DaybookCore"), swift_files("Sources/DaybookLog")
    decisions = swift_files("Sources/DaybookDecisions")
    tool = [p for pattern in TOOL for p in (ROOT / "Sources/daybook").glob(pattern)]
    harness = swift_files("Tests/Fuzz/Harness")
    modules.swift("DaybookCore", core)
    modules.swift("DaybookLog", log, core)
    limits, stub = list(budget.glob("*.h")), HERE / "Stubs/ArgumentParser.swift"
    modules.swift("LogTargets", harness + swift_files("Tests/Fuzz/Targets/Log"), core + log + limits)
    modules.swift("ArgumentParser", [stub])
    modules.swift("DaybookDecisions", decisions, core)
    modules.swift("ShopTargets", harness + tool + swift_files("Tests/Fuzz/Targets/Shop"),
                  [*core, *decisions, *limits, stub])
    modules.compile()
    modules.program("fuzz-log", [
        "DaybookCore", "DaybookLog", "LogTargets", "CDaybookCRC32C", "CFuzzBudget"])
    modules.program("fuzz-shop", [
        "DaybookCore", "DaybookDecisions", "ArgumentParser", "ShopTargets", "CFuzzBudget"])
    print(f"build: {time.monotonic() - started:.0f} s: {modules.told()}", flush=True)


# Running


def environment(target):
    # Without the first a finding hangs. A replay shows whole stacks; a run needs speed.
    return {**os.environ, "SWIFT_BACKTRACE": "enable=no", "DAYBOOK_FUZZ_TARGET": target,
            "ASAN_OPTIONS": "quarantine_size_mb=16:malloc_context_size=5",
            "SWIFT_DETERMINISTIC_HASHING": "1"}


def command(target, *arguments):
    # The target's own limit is processor time; this one, of the clock, is for endless loops only.
    program = BUILD / ("fuzz-log" if target in LOG else "fuzz-shop")
    return [str(program), "-print_funcs=0", "-rss_limit_mb=1024", "-malloc_limit_mb=64", "-timeout=60",
            *arguments]


def numbers(text):
    """libFuzzer's statistics and ours."""
    found = {k: int(v) for k, v in re.findall(r"stat::(\w+):\s+(\d+)", text)}
    found |= {k: int(v) for k, v in re.findall(r"(peak_bytes|slowest_ns)=(\d+)", text)}
    coverage = re.findall(r"cov: (\d+) ft: (\d+)", text)
    if coverage:
        found["coverage"], found["features"] = map(int, coverage[-1])
    return found


def replay_command(target, path):
    return f"python3 Tests/Fuzz/fuzz.py --target {target} --replay {path}"


def inputs(folder, target):
    return sorted(p for p in (HERE / folder / target).glob("*") if p.is_file())


def run_inputs(target, paths):
    """Runs given inputs once each; returns the one that fails, its output, and the statistics."""
    if not paths:
        return None, "", {}
    done = subprocess.run(command(target, "-runs=1", "-print_final_stats=1", *map(str, paths)),
                          env=environment(target), capture_output=True, text=True, errors="replace")
    text = done.stderr + done.stdout
    if done.returncode == 0:
        return None, text, numbers(text)
    last = re.findall(r"Running: (.*)", text)
    return (pathlib.Path(last[-1]) if last else paths[0]), text, numbers(text)


def fuzz(target, seconds, seed):
    """New inputs for some time; a finding is moved to Regressions."""
    found = BUILD / "findings" / target
    work = BUILD / "work" / target
    shutil.rmtree(found, ignore_errors=True)
    for folder in (found, work, HERE / "Corpus" / target):
        folder.mkdir(parents=True, exist_ok=True)
    dictionary = {"json": "json.txt", "csv": None, "text": None, "lz4": None}.get(
        target, None if target in CANARIES else "numbers.txt")
    extra = [f"-dict={HERE / 'Dictionaries' / dictionary}"] if dictionary else []
    done = subprocess.run(
        command(target, f"-max_total_time={seconds}", f"-seed={seed}", "-print_final_stats=1",
                "-use_value_profile=1", "-reload=0", f"-artifact_prefix={found}/", *extra,
                str(work), str(HERE / "Corpus" / target)),
        env=environment(target), capture_output=True, text=True, errors="replace")
    text = done.stderr + done.stdout
    kept = []
    for path in sorted(found.iterdir()):
        place = HERE / "Regressions" / target / path.name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
        kept.append(place.relative_to(ROOT))
    return done.returncode, text, kept


def reason(text):
    """The lines of a finding that say what it is."""
    marks = ("FUZZ:", "ERROR:", "Fatal error", "SUMMARY:", " in $s", "#1 ", "#2 ", "#3 ", "#4 ", "#5 ")
    lines = [line for line in text.splitlines() if any(mark in line for mark in marks)]
    return "\n".join("    " + line.strip()[:200] for line in lines[:14])


def run_target(target, seconds, seed):
    """Regressions, corpus, new inputs: a row for the table and whether all is well."""
    for folder in ("Regressions", "Corpus"):
        failing, text, _ = run_inputs(target, inputs(folder, target))
        if failing is not None:
            return {"target": target, "ok": False, "executions": 0, "reason": reason(text),
                    "replay": replay_command(target, failing)}
    row = {"target": target, "ok": True, "executions": 0, "seconds": seconds,
           "regressions": len(inputs("Regressions", target)),
           "corpus": len(inputs("Corpus", target))}
    if seconds == 0:
        return row
    code, text, kept = fuzz(target, seconds, seed)
    stats = numbers(text)
    row |= {
        "executions": stats.get("number_of_executed_units", 0),
        "per_second": stats.get("average_exec_per_sec", 0),
        "coverage": stats.get("coverage", 0), "features": stats.get("features", 0),
        "slowest_ms": round(stats.get("slowest_ns", 0) / 1e6, 1),
        "peak_mib": round(stats.get("peak_bytes", 0) / 2**20, 1),
        "process_mib": stats.get("peak_rss_mb", 0),
    }
    if code != 0:
        row |= {"ok": False, "reason": reason(text) or text[-1500:],
                "replay": replay_command(target, kept[0]) if kept else f"seed {seed}"}
    return row


def self_test(seed):
    """Every planted mistake must be found, and called by its name."""
    missed = []
    for target, words in CANARIES.items():
        started = time.monotonic()
        # Usually seconds; a busy machine needs longer for as many executions.
        code, text, kept = fuzz(target, 120, seed)
        shutil.rmtree(HERE / "Regressions" / target, ignore_errors=True)
        shutil.rmtree(HERE / "Corpus" / target, ignore_errors=True)
        shutil.rmtree(BUILD / "work" / target, ignore_errors=True)
        runs = re.findall(r"^#(\d+)", text, re.MULTILINE)
        if code == 0 or words not in text:
            missed.append(target)
        print(f"  {target:16} {'missed' if target in missed else 'found'} after about "
              f"{runs[-1] if runs else 0} executions, {time.monotonic() - started:.1f} s", flush=True)
    return missed


def keep(target):
    """Minimises what was found interesting into the corpus in the tree; small files only."""
    corpus, fresh = HERE / "Corpus" / target, BUILD / "minimised" / target
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    subprocess.run(command(target, "-merge=1", str(fresh), str(corpus), str(BUILD / "work" / target)),
                   env=environment(target), capture_output=True, check=True)
    budget = 24 << 10
    shutil.rmtree(corpus, ignore_errors=True)
    corpus.mkdir(parents=True)
    for path in sorted(fresh.iterdir(), key=lambda p: p.stat().st_size):
        budget -= path.stat().st_size
        if budget < 0:
            break
        shutil.copy(path, corpus)


def table(rows):
    print(f"{'target':10} {'executions':>11} {'per s':>8} {'edges':>6} {'features':>8} "
          f"{'slowest':>9} {'held':>9} {'process':>8}  regressions, corpus")
    for row in rows:
        if row["ok"]:
            print(f"{row['target']:10} {row['executions']:11,} {row.get('per_second', 0):8,} "
                  f"{row.get('coverage', 0):6,} {row.get('features', 0):8,} "
                  f"{row.get('slowest_ms', 0):6.1f} ms {row.get('peak_mib', 0):5.1f} MiB "
                  f"{row.get('process_mib', 0):4} MiB  {row['regressions']}, {row['corpus']}")
        else:
            print(f"{row['target']:10} FINDING\n{row['reason']}\n    replay: {row['replay']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=int, default=60, help="of new inputs, over all targets and jobs")
    parser.add_argument("--target", action="append", choices=[*TARGETS, *CANARIES])
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--replay", type=pathlib.Path)
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--build", action="store_true", help="and nothing else")
    chosen = parser.parse_args()
    targets = chosen.target or list(TARGETS)
    try:
        build()
    except Failed as failure:
        print(failure)
        return 1
    if chosen.build:
        return 0
    if chosen.replay:
        return subprocess.run(command(targets[0], str(chosen.replay)),
                              env=environment(targets[0])).returncode
    print(f"self-test: planted mistakes, seed {chosen.seed}", flush=True)
    missed = self_test(chosen.seed)
    if chosen.self_test:
        print(json.dumps({"bar": "8 self-test", "ok": not missed, "missed": missed}))
        return 1 if missed else 0
    total = sum(TARGETS[t] for t in targets)
    shares = {t: round(chosen.seconds * chosen.jobs * TARGETS[t] / total) for t in targets}
    if chosen.seconds > 0:
        shares = {t: max(1, s) for t, s in shares.items()}
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(chosen.jobs) as pool:
        # The longest first, so that all end at about the same time.
        rows = list(pool.map(lambda t: run_target(t, shares[t], chosen.seed),
                             sorted(targets, key=lambda t: -shares[t])))
    took = time.monotonic() - started
    rows.sort(key=lambda row: list(TARGETS).index(row["target"]) if row["target"] in TARGETS else 99)
    table(rows)
    if chosen.keep:
        for target in targets:
            keep(target)
    executions = sum(row["executions"] for row in rows)
    ok = all(row["ok"] for row in rows) and not missed
    print(json.dumps({
        "bar": "8", "ok": ok, "executions": executions,
        "executions_per_minute": round(executions / took * 60) if took else 0,
        "seconds": round(took, 1), "seed": chosen.seed, "jobs": chosen.jobs,
        "planted_found": len(CANARIES) - len(missed), "planted": len(CANARIES),
        "findings": [row["target"] for row in rows if not row["ok"]],
        "slowest_ms": max((row.get("slowest_ms", 0) for row in rows), default=0),
        "peak_mib": max((row.get("peak_mib", 0) for row in rows), default=0)}))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
