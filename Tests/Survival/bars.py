#!/usr/bin/env python3
"""Every bar of LOG.md section 10, each with its figure.

    python3 Tests/Survival/bars.py [--release .build/release] [--debug .build/debug] [--only 1,4] [--long 1]

Each bar is a harness of its own that prints one line of JSON last and exits 1 when a promise was not
kept; this runs them, prints what they measured as one table, and exits 1 when one of them failed, said
nothing, or was not there. `--long N` multiplies every budget of time or cases by N.

It takes the release and the debug build of `daybook-simulate`, and what `coverage.py --build` and
`fuzz.py --build` compile: minutes of compilers that are spent here when they were not spent before.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
# Of random worlds: as many as make a million crash points, and a few more.
SEEDS = 1550


def stages(release, debug, long):
    """What runs after what: stages of lanes that run side by side, each a list of (bar, what it
    shows, command).

    Both cores are busy with one of the first lane; the order puts what fails fastest first. Beside it
    runs what does nothing but wait for space and for slow disks. In the second stage, what waits now and
    then (for a process to die, for a mount) runs in lanes beside each other. What measures a time comes
    last, alone.
    """
    simulate = str(release / "daybook-simulate")
    planted = str(debug / "daybook-simulate")
    python = sys.executable
    busy = [
        ("2", "every cut, subset, error and nested crash of a small log",
         [simulate, "exhaustive"] + (["--all"] if long > 1 else [])),
        ("3", "every bit of a 64 KiB log", [simulate, "bits"]),
        ("1", "crash points of random worlds",
         [simulate, "run", "--seeds", f"1..{SEEDS * long}", "--require-all", "--json"]),
        ("store", "the whole engine in a simulated world",
         [simulate, "store", f"1..{500 * long}", "--require-all", "--json"]),
        ("10 of the issue", "conditional appends against a model",
         [simulate, "conditions", "--histories", str(1_000_000 * long)]),
        ("7", "planted bugs", [planted, "bugs", "--seconds", "120"]),
    ]
    idle = [
        ("10", "a full disk", [python, str(HERE / "disk_full.py"), simulate]),
        ("faults 36 to 44", "locks, signals, descriptors, volumes",
         [python, str(HERE / "processes.py"), simulate]),
    ]
    killed = [
        ("4", "killed processes",
         [simulate, "kill", "--cycles", str(1_000 * long), "--recovery-runs", "0"]),
        ("5", "crash images of ext4", [python, str(HERE / "ext4_images.py"), str(release)]),
        ("5 sabotaged", "crash images that must be noticed",
         [python, str(HERE / "ext4_images.py"), str(release), "--sabotage"]),
    ]
    refused = [
        ("6", "a failed fdatasync", [python, str(HERE / "faults.py"), simulate, "--bar", "6"]),
        ("2 on a real process", "every system call of a scenario",
         [python, str(HERE / "faults.py"), simulate, "--bar", "2"]
         + ([] if long > 1 else ["--every", "10"])),
    ]
    compiled = [
        ("9", "coverage and assertions of the log core", [python, str(HERE / "coverage.py")]),
        ("8", "fuzzing",
         [python, str(HERE.parent / "Fuzz" / "fuzz.py"), "--seconds", str(60 * long)]),
    ]
    timed = [("4 recovery", "how long a restart takes",
              [simulate, "kill", "--cycles", "0", "--recovery-runs", "20"])]
    return [[busy, idle], [killed, refused, compiled], [timed]]


def run(bar, what, command, is_alone):
    """Runs one harness; shows what it says as it says it, or at its end when others run too."""
    title = f"\n-- bar {bar}: {what}\n   {' '.join(command)}"
    if is_alone:
        print(title, flush=True)
    started = time.monotonic()
    # Every simulated log takes and frees buffers of a mebibyte: kept in the heap, they cost no system
    # call and no interrupt of the other thread.
    heap = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}
    try:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, errors="replace",
            env={**os.environ, **heap})
    except OSError as error:
        return {"ok": False, "why": f"cannot be started: {error}"}, (0, 0)
    lines = []
    for line in process.stdout:
        lines.append("   " + line.rstrip())
        if is_alone:
            print(lines[-1], flush=True)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = (time.monotonic() - started, usage.ru_utime + usage.ru_stime)
    if not is_alone:
        print("\n".join([title, *lines]), flush=True)
    said = [line.strip() for line in lines if line.strip()]
    try:
        figures = json.loads(said[-1] if said else "")
    except ValueError:
        figures = {"ok": False, "why": f"no figures; exit {process.returncode}"}
    if process.returncode != 0:
        figures["ok"] = False
        figures.setdefault("why", f"exit {process.returncode}")
    return figures, seconds


def run_lane(lane, is_alone):
    """One after another; a row of the table for each."""
    return [(bar, what, *run(bar, what, command, is_alone)) for bar, what, command in lane]


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
    chosen = stages(options.release, options.debug, options.long)
    if options.only:
        wanted = {name.strip() for name in options.only.split(",")}
        chosen = [[[bar for bar in lane if bar[0] in wanted] for lane in stage] for stage in chosen]
        if not any(lane for stage in chosen for lane in stage):
            parser.error(f"no bar is called {options.only}")
    started = time.monotonic()
    table = []
    for stage in chosen:
        lanes = [lane for lane in stage if lane]
        with concurrent.futures.ThreadPoolExecutor(max(1, len(lanes))) as pool:
            for rows in pool.map(lambda lane: run_lane(lane, len(lanes) == 1), lanes):
                table += rows
    print("\nThe bars of LOG.md section 10:")
    for bar, what, figures, seconds in table:
        verdict = "ok    " if figures.get("ok") else "FAILED"
        took, processor = seconds
        print(f"{verdict} {bar}: {what} ({took:.0f} s, of processors {processor:.0f} s): "
              f"{told(figures)}")
    failed = sum(not figures.get("ok") for _, _, figures, _ in table)
    print(f"bars: {len(table) - failed} passed, {failed} failed, "
          f"{time.monotonic() - started:.0f} s, of processors "
          f"{sum(processor for *_, (_, processor) in table):.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
