#!/usr/bin/env python3
"""Every bar of LOG.md section 10, one after another, each with its figure.

    python3 Tests/Survival/bars.py [--release .build/release] [--debug .build/debug] [--only 1,4] [--long 1]

Each bar is a harness of its own that prints one line of JSON last and exits 1 when a promise was not
kept; this runs them, prints what they measured as one table, and exits 1 when one of them failed, said
nothing, or was not there. `--long N` multiplies every budget of time or cases by N.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent


def bars(release, debug, long):
    """(bar, what it shows, command); the order puts what fails fastest first."""
    simulate = str(release / "daybook-simulate")
    planted = str(debug / "daybook-simulate")
    python = sys.executable
    return [
        ("2", "every cut, subset, error and nested crash of a small log",
         [simulate, "exhaustive"] + (["--all"] if long > 1 else [])),
        ("3", "every bit of a 64 KiB log", [simulate, "bits"]),
        ("1", "crash points of random worlds",
         [simulate, "run", "--seeds", f"1..{1600 * long}", "--require-all", "--json"]),
        ("store", "the whole engine in a simulated world",
         [simulate, "store", f"1..{500 * long}", "--require-all", "--json"]),
        ("10 of the issue", "conditional appends against a model",
         [simulate, "conditions", "--histories", str(1_000_000 * long)]),
        ("7", "planted bugs", [planted, "bugs", "--seconds", "120"]),
        ("4", "killed processes",
         [simulate, "kill", "--cycles", str(1_000 * long), "--recovery-runs", "20"]),
        ("5", "crash images of ext4", [python, str(HERE / "ext4_images.py"), str(release)]),
        ("5 sabotaged", "crash images that must be noticed",
         [python, str(HERE / "ext4_images.py"), str(release), "--sabotage"]),
        ("6", "a failed fdatasync", [python, str(HERE / "faults.py"), simulate, "--bar", "6"]),
        ("2 on a real process", "every system call of a scenario",
         [python, str(HERE / "faults.py"), simulate, "--bar", "2"]
         + ([] if long > 1 else ["--every", "10"])),
        ("10", "a full disk", [python, str(HERE / "disk_full.py"), simulate]),
        ("faults 36 to 44", "locks, signals, descriptors, volumes",
         [python, str(HERE / "processes.py"), simulate]),
        ("8", "fuzzing",
         [python, str(HERE.parent / "Fuzz" / "fuzz.py"), "--seconds", str(60 * long)]),
        ("9", "coverage and assertions of the log core", [python, str(HERE / "coverage.py")]),
    ]


def run(bar, what, command):
    """Runs one harness and shows what it says as it says it."""
    print(f"\n-- bar {bar}: {what}\n   {' '.join(command)}", flush=True)
    started = time.monotonic()
    # Every simulated log takes and frees buffers of a mebibyte: kept in the heap, they cost no system
    # call and no interrupt of the other thread.
    heap = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}
    try:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, errors="replace",
            env={**os.environ, **heap})
    except OSError as error:
        return {"ok": False, "why": f"cannot be started: {error}"}, 0
    last = ""
    for line in process.stdout:
        if line.strip():
            last = line.strip()
        print("   " + line.rstrip(), flush=True)
    process.wait()
    seconds = time.monotonic() - started
    try:
        figures = json.loads(last)
    except ValueError:
        figures = {"ok": False, "why": f"no figures; exit {process.returncode}"}
    if process.returncode != 0:
        figures["ok"] = False
        figures.setdefault("why", f"exit {process.returncode}")
    return figures, seconds


def told(figures):
    """The figures of one bar as one line."""
    parts = []
    for key, value in figures.items():
        if key in ("bar", "ok") or isinstance(value, (dict, list)):
            continue
        parts.append(f"{key} {value}")
    return ", ".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--release", type=pathlib.Path, default=pathlib.Path(".build/release"))
    parser.add_argument("--debug", type=pathlib.Path, default=pathlib.Path(".build/debug"))
    parser.add_argument("--only", help="names of bars, separated by commas")
    parser.add_argument("--long", type=int, default=1, help="multiplies every budget")
    options = parser.parse_args()
    table = []
    chosen = bars(options.release, options.debug, options.long)
    if options.only:
        wanted = {name.strip() for name in options.only.split(",")}
        chosen = [bar for bar in chosen if bar[0] in wanted]
        if not chosen:
            parser.error(f"no bar is called {options.only}")
    for bar, what, command in chosen:
        figures, seconds = run(bar, what, command)
        table.append((bar, what, figures, seconds))
    print("\nThe bars of LOG.md section 10:")
    for bar, what, figures, seconds in table:
        verdict = "ok    " if figures.get("ok") else "FAILED"
        print(f"{verdict} {bar}: {what} ({seconds:.0f} s): {told(figures)}")
    failed = sum(not figures.get("ok") for _, _, figures, _ in table)
    print(f"bars: {len(table) - failed} passed, {failed} failed, "
          f"{sum(row[3] for row in table):.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
