"""UmaDB: the server of the PyPI package and its client, over gRPC, with an append condition.

Condition and event ids as https://pypi.org/project/umadb/ recommends: the query of the decision is
the order's own tag, nothing may match it; the second append names the position of the first.
"""

import contextlib
import itertools
import os
import pathlib
import socket
import subprocess
import sys
import time

import umadb

import events
import measure
import workload

SERVER = pathlib.Path(sys.executable).parent / "umadb"
CLIENT_PROCESSES = 2


@contextlib.contextmanager
def server(path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    log = path.with_suffix(".log")
    with open(log, "w") as output:
        process = subprocess.Popen(
            [SERVER, "--listen", address, "--db-path", path], stdout=output, stderr=output)
    try:
        wait_until_it_answers(f"http://{address}", process, log)
        yield f"http://{address}"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_it_answers(url, process, log):
    deadline = time.monotonic() + 20
    while True:
        try:
            return umadb.Client(url).head()
        except (umadb.TransportError, OSError):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the UmaDB server does not answer: {log.read_text()}")
            time.sleep(0.05)


def events_of(order):
    return [
        umadb.Event(kind, payload, tags, events.identity(order, revision))
        for revision, (kind, payload, tags) in enumerate(
            zip(events.FIRST_BATCH + events.SECOND_BATCH, events.payloads(order),
                events.tags(order)))]


def two_appends(order):
    """What a caller needs for one order, made before the clock starts."""
    made = events_of(order)
    query = umadb.Query([umadb.QueryItem(tags=[f"order:{order.number}"])])
    return made[:3], made[3:], query, umadb.AppendCondition(query)


def place(client, item):
    first, second, query, nothing_yet = item
    position = client.append(first, nothing_yet)
    client.append(second, umadb.AppendCondition(query, position))


def append_group(client, group):
    client.append(group)


def used_bytes(path):
    """The file grows in steps of 256 MiB of zeros; what counts is up to the last byte in use."""
    step = 1 << 20
    with open(path, "rb") as file:
        for start in range(os.path.getsize(path) // step * step, -1, -step):
            file.seek(start)
            found = len(file.read(step).rstrip(b"\0"))
            if found:
                return start + found
    return 0


def replay(url, expected):
    """Reads every event back as Python objects; payloads stay bytes."""
    client = umadb.Client(url, batch_size=5000)
    start = time.monotonic()
    response = client.read()
    count = sum(len(batch) for batch in iter(response.next_batch, []))
    if count != expected:
        raise RuntimeError(f"{expected} events were stored, {count} came back")
    rate = round(count / (time.monotonic() - start))
    client.close()
    return rate


def main():
    options = measure.options(__doc__)
    path = options.folder / "uma.db"
    orders = measure.orders_for(options)
    with server(path) as url:
        if options.mode == "bulk":
            groups = measure.groups(orders)
            work = [list(itertools.chain(*map(events_of, group))) for group in groups]
            count, seconds, _ = measure.drive(
                options, lambda: umadb.Client(url), append_group, work)
            placed, latencies = sum(map(len, groups[:count])), None
        else:
            work = [two_appends(order) for order in orders]
            placed, seconds, latencies = measure.drive(
                options, lambda: umadb.Client(url), place, work, processes=CLIENT_PROCESSES)
        rate = replay(url, placed * workload.EVENTS_PER_ORDER)
    measure.report(
        placed, seconds, latencies, bytes_per_order=round(used_bytes(path) / placed, 1),
        replay_events_per_second=rate)


if __name__ == "__main__":
    main()
