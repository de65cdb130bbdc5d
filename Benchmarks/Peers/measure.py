"""What the Python peers share: command line, clients that run at once, one form of result."""

import argparse
import concurrent.futures
import itertools
import json
import multiprocessing
import pathlib
import threading
import time
import traceback

import workload

# Orders made before the clock starts, so that the generator is not what is measured.
ORDERS_PER_SECOND_AT_MOST = {"callers": 8_000, "bulk": 20_000}


class Missing(Exception):
    """Something that the run needs is not there; the text says what to install."""


def options(description):
    """The command line of a peer; run.py speaks it."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("mode", choices=["callers", "bulk"])
    parser.add_argument("--callers", type=int, default=1)
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--variant", choices=["uniform", "skewed"], default="uniform")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="for the store")
    parser.add_argument("--conninfo", help="a PostgreSQL server; without it the store is SQLite")
    return parser.parse_args()


def orders_for(options):
    count = min(
        options.orders, int(options.seconds * ORDERS_PER_SECOND_AT_MOST[options.mode]) + 1)
    if options.mode == "bulk":
        count = max(count, min(options.orders, workload.GROUP))
    return list(itertools.islice(workload.orders(options.seed, options.variant), count))


def groups(items):
    return [items[first:first + workload.GROUP] for first in range(0, len(items), workload.GROUP)]


def _call(connect, place, share, seconds, ready):
    """One caller: connects in its own thread, waits for the others, places until time is up."""
    try:
        client = connect()
    except BaseException:
        ready.abort()
        raise
    ready.wait(120)
    latencies = []
    start = before = time.monotonic()
    for item in share:
        if before >= start + seconds:
            break
        place(client, item)
        after = time.monotonic()
        latencies.append(after - before)
        before = after
    return start, before, latencies


def _process(shares, connect, place, seconds, ready, pipe):
    try:
        with concurrent.futures.ThreadPoolExecutor(len(shares)) as pool:
            calls = [
                pool.submit(_call, connect, place, share, seconds, ready) for share in shares]
        failures = [call.exception() for call in calls if call.exception()]
        real = [each for each in failures if not isinstance(each, threading.BrokenBarrierError)]
        for failure in real or failures:
            raise failure
        pipe.send([call.result() for call in calls])
    except Exception:
        pipe.send(traceback.format_exc())


def drive(options, connect, place, work, processes=1):
    """Lets callers place their share of the work at the same time, each waiting for its own.

    `connect` makes one client a caller, in the process that uses it; `place(client, item)` returns
    when the item is durable. Returns how many were placed, in how many seconds, and each one's
    time.
    """
    context = multiprocessing.get_context("fork")
    processes = min(processes, options.callers)
    shares = [work[caller::options.callers] for caller in range(options.callers)]
    ready = context.Barrier(options.callers)
    children, pipes = [], []
    try:
        for index in range(processes):
            pipe, other_end = context.Pipe(duplex=False)
            child = context.Process(
                target=_process,
                args=(shares[index::processes], connect, place, options.seconds, ready, other_end))
            child.start()
            other_end.close()
            children.append(child)
            pipes.append(pipe)
        outcomes = [received(pipe) for pipe in pipes]
    finally:
        for child in children:
            child.join(10)
            if child.is_alive():
                child.kill()
    failures = [outcome for outcome in outcomes if isinstance(outcome, str)]
    if failures:
        raise RuntimeError("\n".join(failures))
    calls = [call for outcome in outcomes for call in outcome]
    seconds = max(end for _, end, _ in calls) - min(start for start, _, _ in calls)
    latencies = [took for *_, latencies in calls for took in latencies]
    return len(latencies), seconds, latencies


def received(pipe):
    try:
        return pipe.recv()
    except EOFError:
        return "a client process ended without a result"


def percentile_us(latencies, percent):
    return round(sorted(latencies)[len(latencies) * percent // 100] * 1e6, 1)


def report(orders, seconds, latencies=None, **more):
    """Prints what a peer measured in the form that the C programs use as well."""
    measured = {"orders": orders, "seconds": round(seconds, 6)}
    if latencies:
        measured["p50_us"] = percentile_us(latencies, 50)
        measured["p99_us"] = percentile_us(latencies, 99)
    print(json.dumps({**measured, **more}))
