"""Counts from outside of the program: syncs by strace, instructions by callgrind."""

import concurrent.futures
import pathlib
import re
import shutil

from . import programs

HOOKS = pathlib.Path(__file__).resolve().parent / "hooks.c"
GROUP = 1_000


def compile_hooks(folder):
    """The library that is preloaded; returns its path."""
    for tool in ("gcc", "strace", "valgrind", "strip"):
        if not shutil.which(tool):
            raise programs.Failure(
                f"{tool} is not there: apt-get install gcc binutils strace valgrind")
    library = folder / "hooks.so"
    programs.run(["gcc", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC", "-o", library, HOOKS])
    return library


def bulk(folder, name, orders):
    return ["bulk", "--orders", orders, "--group", GROUP, "--callers", 1,
            "--directory", folder / name]


def syncs_per_group(folder, hooks, orders=20_000):
    """fdatasync of the log's segments between the first and the last order of calls for 1,000."""
    trace = folder / "syncs.txt"
    programs.run([
        "strace", "-f", "-qq", "-y", "-s", "64", "-e", "trace=fdatasync,access", "-E",
        f"LD_PRELOAD={hooks}", "-o", trace, programs.WORKLOAD, *bulk(folder, "syncs", orders)])
    text = trace.read_text(errors="replace")
    measured = re.search("daybook-measurement-begins(.*)daybook-measurement-ends", text, re.DOTALL)
    if not measured:
        raise programs.Failure("strace did not see where the measurement begins and ends")
    syncs = re.findall(r"fdatasync\(\d+<[^>]*/log/log-\d+\.seg>", measured.group(1))
    return len(syncs) / (orders / GROUP)


def instructions(folder, hooks, program, orders):
    """Instructions of the whole process from the first order until the read models follow."""
    report = folder / f"callgrind-{orders}.txt"
    programs.run([
        "valgrind", "--tool=callgrind", "--instr-atstart=no", f"--log-file={report}",
        f"--callgrind-out-file={folder / 'callgrind.out'}.{orders}", program,
        *bulk(folder, f"instructions-{orders}", orders)],
        environment={"LD_PRELOAD": str(hooks)})
    total = re.search(r"Collected : (\d+)", report.read_text(errors="replace"))
    if not total or int(total.group(1)) == 0:
        raise programs.Failure("callgrind counted no instructions")
    return int(total.group(1))


def instructions_per_order(folder, hooks, few=1_000, many=2_000):
    """What each order adds, read models included: many less few, so that what is paid once is out."""
    # valgrind cannot read the debug information that swiftc writes.
    program = folder / "daybook-workload-stripped"
    programs.run(["strip", "-g", "-o", program, programs.WORKLOAD])
    with concurrent.futures.ThreadPoolExecutor() as pool:
        counts = list(pool.map(
            lambda orders: instructions(folder, hooks, program, orders), (few, many)))
    return (counts[1] - counts[0]) / (many - few)
