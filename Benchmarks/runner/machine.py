"""What a result was measured on."""

import datetime
import os
import pathlib
import platform
import subprocess

from . import programs


def output(*command):
    """What a command prints; empty when there is no such command."""
    try:
        return subprocess.run(
            command, capture_output=True, text=True, cwd=programs.ROOT).stdout.strip()
    except OSError:
        return ""


def load():
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def cpu_name():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def built(program):
    """When a program was built: with --no-build it may be older than the commit."""
    time = datetime.datetime.fromtimestamp(program.stat().st_mtime, datetime.timezone.utc)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def describe(directory):
    dirty = output("git", "status", "--porcelain", "--untracked-files=no")
    disk = output("df", "--output=source,fstype", directory).splitlines()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "commit": output("git", "rev-parse", "HEAD") + (" with changes" if dirty else ""),
        "cpu": cpu_name(), "cores": os.cpu_count(), "memory_gib": round(memory, 1),
        "kernel": platform.release(), "disk": " ".join(disk[-1].split()) if disk else "",
        "swift": output("swift", "--version").splitlines()[0] if output("swift", "--version") else "",
        "programs": {
            program.name: built(program) for program in (programs.WORKLOAD, programs.DAYBOOK)},
        "load_before": load()}


def page(machine, load_after, options):
    """The head of a result."""
    sizes = ", ".join(f"{size:,}" for size in options.sizes)
    programs_built = ", ".join(f"{name} {time}" for name, time in machine["programs"].items())
    stale = "; not built by this run, so perhaps of another commit" if options.no_build else ""
    return f"""# Goals, {machine['date']}

- commit {machine['commit']}
- programs built: {programs_built}{stale}
- {machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, Linux {machine['kernel']}
- disk {machine['disk']}; {machine['swift']}
- load (1, 5, 15 minutes) before {machine['load_before']}, after {load_after}; more than about one before means
  that other programs ran beside this: compare with the limit in the same row, not with another day
- {options.orders:,} orders, {options.events:,} events for goals 9 and 11, sizes {sizes} for goal 14, {options.seconds} s for
  goal 8, {options.rounds} round(s){', quick' if options.quick else ''}
- synced, LZ4, CRC-32C, chain, Merkle leaves, tags and idempotency keys on
"""
