#!/usr/bin/env python3
"""How much of the log core is run, and how many assertions it has. LOG.md section 10, bar 9; ADR 0022.

    python3 Tests/Survival/coverage.py                  a table by folder, and every region not run
    python3 Tests/Survival/coverage.py --filter Corrup  only some of the tests, no worlds
    python3 Tests/Survival/coverage.py --build          only build, so that a later run need not

Core, log, the log's tests and the simulated worlds of the log are compiled by swiftc itself (ADR 0012),
the log with coverage and with its planted mistakes. Run are the tests, some worlds, and a hunt for each
mistake. Nothing is left out: the figures are of every line of the folders below.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Fuzz"))
from modules import ROOT, Failed, Modules, swift_files  # noqa: E402

BUILD = ROOT / ".build-coverage"
OWN = pathlib.Path(__file__).resolve().parent / "Coverage"
# The bar, as ADR 0022 decides it: what may be left that nothing ran (none is; a few depend on which
# thread comes first), and lines of code an assertion.
LINES_LEFT, REGIONS_LEFT, LINES_EACH = 6, 6, 15
# Of random worlds, and how many small ones; more of them, and the exhaustive run, reach nothing more.
SEEDS = (21, 40)
SMALL = 30
SOURCES = ROOT / "Sources/DaybookLog"
# LOG.md says "log core"; what lies beside these folders is the interface over it.
CORE = ["Frames", "Batches", "Segments", "Recovery", "Storage", "Indexes"]
COVERED = ["-profile-generate", "-profile-coverage-mapping"]
RUNNER = """import Testing

@main struct Runner {
    static func main() async { await Testing.__swiftPMEntryPoint() as Never }
}
"""


# The parts of the simulator that know nothing of the engine.
WORLDS = [
    "Campaigns/BitFlips*.swift", "Campaigns/FlippedLog.swift", "Campaigns/LogCampaign.swift",
    "Campaigns/LogScenario*.swift", "Campaigns/LogShrinker.swift",
    "Campaigns/SituationCounts.swift", "Chance/*.swift", "Disk/*.swift", "LogWorld/*.swift",
    "Oracle/*.swift",
]


def build():
    """The log's tests and the simulated worlds; returns both programs.

    Says how long it took.
    """
    started = time.monotonic()
    modules = Modules(BUILD, ["-D", "DAYBOOK_PLANTED_BUGS"])
    core, log = swift_files("Sources/DaybookCore"), swift_files("Sources/DaybookLog")
    worlds = [p for pattern in WORLDS for p in (ROOT / "Sources/DaybookSimulator").glob(pattern)]
    modules.c("CDaybookCRC32C", ROOT / "Sources/CDaybookCRC32C/crc32c.c")
    modules.c("write_profile", OWN / "write_profile.c")
    stub, seam = ROOT / "Tests/Fuzz/Stubs/Crypto.swift", ROOT / "Sources/DaybookEngine/Store/SHA256+Crypto.swift"
    modules.swift("Crypto", [stub], flags=["-O"])
    modules.swift("DaybookCore", core, flags=["-O"])
    modules.swift("DaybookLog", log, core, ["-O", *COVERED])
    runner = BUILD / "Runner.swift"
    runner.write_text(RUNNER)
    # All that the log's worlds need of the engine.
    modules.swift("DaybookEngine", [seam], [*core, stub], ["-O"])
    shared = ["Crypto", "DaybookEngine", "DaybookCore", "DaybookLog", "CDaybookCRC32C", "write_profile"]

    modules.swift("DaybookLogTests", [*swift_files("Tests/DaybookLogTests"), runner], [*core, *log, stub],
                  ["-Onone", "-plugin-path", toolchain() / "lib/swift/host/plugins"])
    modules.swift("DaybookSimulator", worlds, [*core, *log, stub, seam], ["-O"])
    modules.swift("Worlds", [OWN / "Worlds.swift"], [*core, *log, *worlds, stub, seam])
    modules.compile()
    programs = [modules.program(name, [*shared, *own], ["-profile-generate"]) for name, own in [
        ("log-tests", ["DaybookLogTests"]), ("log-worlds", ["DaybookSimulator", "Worlds"])]]
    print(f"build: {time.monotonic() - started:.0f} s: {modules.told()}", flush=True)
    return programs


def toolchain():
    """`…/usr` of the compiler that is used."""
    info = json.loads(subprocess.run(["swiftc", "-print-target-info"], capture_output=True,
                                     check=True, text=True).stdout)
    return pathlib.Path(info["paths"]["runtimeResourcePath"]).parent.parent


def planted():
    """The mistakes that the log can be told to make."""
    text = "".join(p.read_text() for p in SOURCES.rglob("*.swift"))
    return sorted(set(re.findall(r"PlantedBug\.(\w+)\.isPlanted", text)))


def run(tests, worlds, only, tests_only):
    """Runs tests and worlds, two at a time; returns what failed, the tests' number, the profile."""
    for old in BUILD.glob("*.profraw"):
        old.unlink()

    def one(name, command, limit):
        began = time.monotonic()
        # Every process its own profile: exit tests and hunts are processes too.
        done = subprocess.run(
            [str(part) for part in command], cwd=ROOT, capture_output=True, text=True,
            errors="replace",
            env={**os.environ, "LLVM_PROFILE_FILE": str(BUILD / f"{name}-%p.profraw"),
                 "SWIFT_BACKTRACE": "enable=no", "DAYBOOK_COVERAGE_SECONDS": str(limit)})
        text = done.stdout + done.stderr
        # A hunt that ends by an assertion or in an endless loop has found its mistake.
        ends = [-signal.SIGILL, -signal.SIGTRAP, -signal.SIGALRM] if name.startswith("hunt") else []
        seconds = time.monotonic() - began
        return name, seconds, done.returncode == 0 or done.returncode in ends, text

    jobs = [("tests", [tests, "--testing-library", "swift-testing"]
             + (["--filter", only] if only else []), 300)]
    if not (only or tests_only):
        jobs += [("bits", [worlds, "bits", 97], 300), ("small", [worlds, "small", 1, SMALL], 300),
                 ("run", [worlds, "run", *SEEDS], 300)]
        jobs += [(f"hunt-{bug}", [worlds, "hunt", bug, 20], 40) for bug in planted()]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = list(pool.map(lambda job: one(*job), jobs))
    failed = [name for name, _, passed, _ in results if not passed]
    slowest = sorted(results, key=lambda result: -result[1])[:8]
    print("slowest: " + ", ".join(f"{name} {took:.0f} s" for name, took, _, _ in slowest))
    for name, _, passed, text in results:
        if not passed:
            print(f"{name} failed:\n{text[-4000:]}")
    profile = BUILD / "all.profdata"
    subprocess.run([toolchain() / "bin/llvm-profdata", "merge", "-sparse",
                    *BUILD.glob("*.profraw"), "-o", profile], check=True)
    counts = re.findall(r"Test run with (\d+) tests?", results[0][3])
    return failed, int(counts[-1]) if counts else 0, profile


def report(program, profile):
    """llvm-cov's export for the files of the log."""
    text = subprocess.run(
        [toolchain() / "bin/llvm-cov", "export", program, f"-instr-profile={profile}",
         *swift_files("Sources/DaybookLog")],
        capture_output=True, check=True, text=True).stdout
    return json.loads(text)["data"][0]


def uncovered(report):
    """Regions that were never entered: file -> [(line, column, line, column)]."""
    entered = collections.defaultdict(int)
    for function in report["functions"]:
        for region in function["regions"]:
            # Code regions only; the same one is counted once for each specialisation.
            if region[7] == 0:
                place = (function["filenames"][region[5]], *region[:4])
                entered[place] += region[4]
    missed = collections.defaultdict(list)
    for (file, *place), count in sorted(entered.items()):
        if count == 0:
            missed[file].append(place)
    return entered, missed


def code_lines(path):
    """Lines with something other than a comment, a blank or a lone brace."""
    return sum(1 for line in path.read_text().splitlines()
               if not re.fullmatch(r"\s*(//.*|[\s{}()\[\],]*)", line))


def assertions(path):
    """On in release: `invariant`, `established` (an optional that must be there), and `precondition`.

    Guards that refuse input are none.
    """
    return len(re.findall(r"\b(?:invariant|established|precondition(?:Failure)?)\(",
                          re.sub(r"//.*", "", path.read_text())))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--filter", help="names of tests, as for swift test")
    parser.add_argument("--tests-only", action="store_true", help="without the simulated worlds")
    parser.add_argument("--build", action="store_true", help="and nothing else")
    parser.add_argument("--quiet", action="store_true", help="only the table")
    chosen = parser.parse_args()
    started = time.monotonic()
    try:
        tests, worlds = build()
    except Failed as failure:
        print(failure)
        return 1
    if chosen.build:
        return 0
    built = time.monotonic() - started
    failed, count, profile = run(tests, worlds, chosen.filter, chosen.tests_only)
    passed = not failed
    data = report(tests, profile)
    entered, missed = uncovered(data)
    rows = {}
    print(f"{'folder':10} {'lines':>15} {'%':>6} {'regions':>13} {'%':>6} {'code':>6} {'asserts':>7} "
          f"{'lines each':>10}")
    for folder in CORE:
        base = str(SOURCES / folder) + "/"
        files = [f for f in data["files"] if f["filename"].startswith(base)]
        regions = [c for (file, *_), c in entered.items() if file.startswith(base)]
        rows[folder] = row = {
            "lines": sum(f["summary"]["lines"]["count"] for f in files),
            "lines_run": sum(f["summary"]["lines"]["covered"] for f in files),
            "regions": len(regions), "regions_run": sum(1 for c in regions if c > 0),
            "code": sum(code_lines(p) for p in (SOURCES / folder).rglob("*.swift")),
            "asserts": sum(assertions(p) for p in (SOURCES / folder).rglob("*.swift")),
        }
        show(folder, row)
    total = {key: sum(row[key] for row in rows.values()) for key in rows[CORE[0]]}
    show("log core", total)
    if not chosen.quiet:
        for file, places in sorted(missed.items()):
            name = pathlib.Path(file).relative_to(SOURCES)
            if name.parts[0] not in CORE:
                continue
            source = pathlib.Path(file).read_text().splitlines()
            for line, column, last, _ in places:
                print(f"  not run: {name}:{line}:{column}..{last}  {source[line - 1].strip()[:80]}")
    lines = 100 * total["lines_run"] / total["lines"]
    regions = 100 * total["regions_run"] / total["regions"]
    each = total["code"] / total["asserts"] if total["asserts"] else float("inf")
    lines_left = total["lines"] - total["lines_run"]
    regions_left = total["regions"] - total["regions_run"]
    is_whole = not (chosen.filter or chosen.tests_only)
    problems = [f"{name} failed" for name in failed] + [
        f"{what} {found}, the bar is {bar}" for what, found, bar in [
            ("lines not run:", lines_left, LINES_LEFT),
            ("regions not run:", regions_left, REGIONS_LEFT),
            ("lines of code an assertion:", round(each, 1), LINES_EACH)]
        if found > bar and is_whole]
    print(json.dumps({
        "bar": "9", "ok": not problems, "problems": problems, "tests": count,
        "line_percent": round(lines, 2), "region_percent": round(regions, 2),
        "lines_not_run": lines_left, "regions_not_run": regions_left,
        "assertions": total["asserts"], "code_lines_per_assertion": round(each, 1),
        "build_seconds": round(built), "seconds": round(time.monotonic() - started)}))
    return 1 if problems else 0


def show(name, row):
    percent = lambda part, whole: 100 * part / whole if whole else 100.0  # noqa: E731
    each = row["code"] / row["asserts"] if row["asserts"] else 0
    print(f"{name:10} {row['lines_run']:7,}/{row['lines']:7,} "
          f"{percent(row['lines_run'], row['lines']):6.2f} {row['regions_run']:6,}/{row['regions']:6,} "
          f"{percent(row['regions_run'], row['regions']):6.2f} {row['code']:6,} {row['asserts']:7} "
          f"{each:10.1f}")


if __name__ == "__main__":
    sys.exit(main())
