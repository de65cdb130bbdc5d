"""Goals 1, 2, 3, 4, 8, 12, 13, 15: what is written."""

import ctypes
import ctypes.util
import json
import lzma
import shutil

from . import programs
from .bench import best, middle
from .rows import Row

HISTORY = programs.ROOT.parent / "shared/data/online-retail-2010-12-to-2011-06.csv.xz"
PUBLISHED = {1: 21_397, 64: 533_955, 512: 984_881}
LOG_GOALS = {1: "100,000", 64: "1,000,000", 512: "2,000,000"}
LOG_EVENTS = {1: 30_000, 64: 640_000, 512: 1_536_000}


def bulk(bench):
    """1: the bulk interface, against a program that only writes the same bytes."""
    rows = []
    for variant, ours, theirs in (
        ("uniform", [], []), ("skewed", ["--popularity", "skewed"], ["--skewed"])
    ):
        orders = bench.options.orders
        figures, limits = bench.rounds(
            lambda: programs.workload("bulk", "--orders", orders, *ours),
            lambda: bench.append_limit(orders, *theirs))
        rate = best(f["orders_per_second"] for f in figures)
        limit = best(f["orders_per_second"] for f in limits)
        wanted = variant == "uniform"
        p99 = middle(f["p99_us"] for f in figures)
        rows.append(Row(
            1, f"bulk, durable, {variant}", rate, "orders/s",
            ">= 500,000 (goal 1,000,000)" if wanted else "", limit, "limit-append",
            f"{orders:,} orders; p99 of a call for 1,000 {p99:,.0f} µs"))
        rows.append(Row(
            1, f"share of limit-append, {variant}", rate / limit, "", ">= 0.5" if wanted else ""))
    return rows


def sync_limit():
    return programs.limit("sync", "--seconds", 1, "--file-mib", 32)["sizes"][0]


def callers(bench):
    """2: group-commit efficiency = rate ÷ (callers ÷ fdatasync p50)."""
    rows = []
    for count, orders in ((64, 6_400), (256, 12_800)):
        orders = bench.scaled(orders)
        figures, limits = bench.rounds(
            lambda: programs.workload("callers", "--callers", count, "--orders", orders),
            sync_limit)
        shares = [
            ours["orders_per_second"] * sync["fdatasync_p50_us"] / 1e6 / count
            for ours, sync in zip(figures, limits)]
        rate = middle(f["orders_per_second"] for f in figures)
        p50 = middle(f["fdatasync_p50_us"] for f in limits)
        rows.append(Row(
            2, f"{count} callers, group-commit efficiency", middle(shares), "",
            ">= 0.5" if count == 64 else "", 0.38, "published best",
            f"{rate:,.0f} orders/s, fdatasync p50 {p50:,.0f} µs"))
    return rows


def latency(bench):
    """3: one caller against one fdatasync: a command of one batch, and an order, which takes two syncs."""
    count = bench.scaled(1_000)
    rows = []
    for wish, what in (
        ("deliveries", "a command of one batch"),
        ("orders", "an order of two batches"),
    ):
        figures, limits = bench.rounds(
            lambda: programs.workload(
                "callers", "--callers", 1, "--orders", count, "--wish", wish), sync_limit)
        for share, wanted in (("p50", "<= 1.3"), ("p99", "<= 2")):
            ratios = [
                ours[f"{share}_us"] / sync[f"fdatasync_{share}_us"]
                for ours, sync in zip(figures, limits)]
            ours = middle(f[f"{share}_us"] for f in figures)
            sync = middle(f[f"fdatasync_{share}_us"] for f in limits)
            rows.append(Row(
                3, f"one caller, {what}: {share} ÷ fdatasync {share}", middle(ratios), "×", wanted,
                note=f"{ours:,.0f} µs, fdatasync {sync:,.0f} µs"))
    return rows


def log(bench):
    """4: the bare log."""
    rows = []
    for batch, published in PUBLISHED.items():
        events = bench.scaled(LOG_EVENTS[batch])
        figures = [
            programs.workload("log", "--batch", batch, "--events", max(events, 64 * batch))
            for _ in range(bench.options.rounds)]
        stored = figures[0]["stored_bytes_per_event"] / figures[0]["raw_bytes_per_event"]
        rows.append(Row(
            4, f"conditional append, batches of {batch}",
            best(f["events_per_second"] for f in figures), "events/s", f">= {LOG_GOALS[batch]}",
            published, "published best, uncompressed",
            f"64 writers, 256-byte payloads that LZ4 stores in {stored:.0%}"))
    return rows


def steady(bench):
    """8: commands while the read models keep up."""
    figures = programs.workload("steady", "--seconds", bench.options.seconds, "--settle")
    memory = [value for name, value in figures.items() if name.startswith("resident_bytes_after")]
    growth = memory[-1] / memory[len(memory) // 2] if memory else None
    return [
        Row(8, "steady state, each order shipped as well", figures["orders_per_second"], "orders/s",
            ">= 150,000", note=f"{figures['seconds']:.0f} s"),
        Row(8, "longest lag of the read models", figures["longest_lag_seconds"], "s", "<= 1",
            note=f"p99 {figures['p99_us'] / 1e6:.2f} s"),
        Row(8, "resident size at the end ÷ half-way", growth, "×", "<= 1.05"),
    ]


def lz4_size(data):
    """Bytes of data as LZ4 blocks of 64 KiB, as the log would store them."""
    library = ctypes.CDLL(ctypes.util.find_library("lz4") or "liblz4.so.1")
    target = ctypes.create_string_buffer(library.LZ4_compressBound(64 << 10))
    return sum(
        library.LZ4_compress_default(
            data[start:start + (64 << 10)], target, len(data[start:start + (64 << 10)]),
            len(target))
        for start in range(0, len(data), 64 << 10))


def json_bytes_per_order(store, orders):
    """The events of the orders as NDJSON, one object an event, LZ4-compressed."""
    output, _ = programs.run([programs.DAYBOOK, "export", "--store", store])
    lines = output.splitlines()[-5 * orders - 1:]
    events = [line for line in lines if json.loads(line).get("type") != "summary"][-5 * orders:]
    return lz4_size("\n".join(events).encode()) / orders


def size(bench):
    """12: bytes on disk. UmaDB's file is measured by Peers."""
    orders = bench.options.orders
    store = bench.store(orders)
    figures, limit = bench.bulk_figures[orders], bench.bulk_limits[orders]
    as_json = json_bytes_per_order(store, orders)
    rebuilt = programs.limit(
        "rebuild", "--orders", orders, "--directory", bench.folder / "size-models")
    return [
        Row(12, "log, both batches of an order", figures["log_bytes_per_order"], "bytes", "<= 200",
            limit["stored_bytes_per_order"], "limit-append"),
        Row(12, "the same against LZ4-compressed JSON", figures["log_bytes_per_order"], "bytes", "",
            as_json, "export, LZ4 in 64 KiB blocks"),
        Row(12, "read models, an order", figures["read_model_bytes_per_order"], "bytes", "<= 400",
            rebuilt["bytes_per_order"]["total"], "limit-rebuild"),
    ]


def memory(bench):
    """13: what the process holds, and whether replay and rebuild need more for more orders."""
    orders = bench.options.orders
    # So many that what is bounded does not hide what grows.
    figures = programs.workload("memory", "--orders", 4 * orders, "--users", 3 * orders)

    def resident(subject):
        return f"{figures[f'resident_bytes_per_{subject}']:,.0f} bytes of the resident size"

    rows = [
        Row(13, "an open order", figures["bytes_per_open_order"], "bytes", "<= 200",
            note=resident("open_order")),
        Row(13, "a user", figures["bytes_per_user"], "bytes", "<= 100", note=resident("user")),
        Row(13, "the process with 10,000 users and no order", figures["resident_bytes_at_start"],
            "bytes", f"<= {64 << 20:,}", note="program, buffers and caches together"),
    ]
    small, large = bench.settled_store(orders), bench.settled_store(4 * orders)
    for name, arguments in (("replay", ["replay"]), ("rebuild", ["projection", "rebuild", "--all"])):
        peaks = []
        for store in (small, large):
            peaks.append(programs.peak(*arguments, "--store", store))
            programs.daybook("projection", "clean", "--all", "--store", store)
        rows.append(Row(
            13, f"peak of {name} at {4 * orders:,} ÷ at {orders:,} settled orders",
            peaks[1] / peaks[0], "×", "<= 1.2",
            note=f"{peaks[1] / 2**20:,.0f} and {peaks[0] / 2**20:,.0f} MiB"))
    return rows


def real_file(bench):
    """15: the real history."""
    if not HISTORY.exists():
        raise programs.Failure(f"{HISTORY} is not there")
    csv = bench.folder / "history.csv"
    with lzma.open(HISTORY) as packed, open(csv, "wb") as plain:
        shutil.copyfileobj(packed, plain)
    walls = []
    for number in range(bench.options.rounds):
        store = bench.folder / f"history-{number}"
        programs.daybook("init", "--store", store)
        summary, usage = programs.daybook(
            "import", "orders", csv, "--store", store, "--reject-file",
            bench.folder / f"rejects-{number}.csv", expect=(0, 3))
        walls.append(usage.wall)
        shutil.rmtree(store)
    return [Row(
        15, "import of the real file", min(walls), "s", "<= 3",
        note=f"{summary['rows']:,} rows, process and start included")]
