"""What does not depend on how busy a machine is: counted, and compared with thresholds.json."""

import json
import os
import pathlib
import sys
import tempfile

from . import counters, programs

THRESHOLDS = pathlib.Path(__file__).resolve().parent / "thresholds.json"


def count(folder):
    """The counted figures, by name."""
    figures = programs.workload(
        "bulk", "--orders", 20_000, "--callers", 1, "--directory", folder / "sizes")
    hooks = counters.compile_hooks(folder)
    return {
        "events_per_order": figures["events_per_order"],
        "log_bytes_per_order": figures["log_bytes_per_order"],
        "read_model_bytes_per_order": figures["read_model_bytes_per_order"],
        "syncs_of_the_log_per_group": counters.syncs_per_group(folder, hooks),
        "instructions_per_order": counters.instructions_per_order(folder, hooks),
    }


def check(directory):
    """Prints each figure with its threshold; returns the exit code."""
    thresholds = json.loads(THRESHOLDS.read_text())
    with tempfile.TemporaryDirectory(prefix="daybook-check-", dir=directory) as folder:
        figures = count(pathlib.Path(os.path.realpath(folder)))
    broken = []
    for name, figure in figures.items():
        threshold = thresholds[name]
        most = threshold["expected"] * (1 + threshold["tolerance"])
        verdict = "ok" if figure <= most else "TOO MUCH"
        better = figure < threshold["expected"] * (1 - threshold["tolerance"])
        hint = "; lower the threshold" if better else ""
        print(f"{figure:14,.2f}  {name}: at most {most:,.2f}: {verdict}{hint}")
        if figure > most:
            broken.append(name)
    if broken:
        print(
            f"run.py: {', '.join(broken)} rose. If that is wanted, say why in the commit that raises "
            f"{THRESHOLDS}", file=sys.stderr)
    return 1 if broken else 0
