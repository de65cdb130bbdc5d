"""Goals 5, 6, 7, 9, 10, 11: what is read, and 14: how that changes with size."""

from . import programs
from .bench import best, least, middle, net
from .rows import Row


def verify(bench):
    """5: bytes per second of CPU, so that other programs and threads do not count.

    Three times the orders of other goals: what a process takes anyway would be a part of what is left.
    """
    store, empty = bench.store(3 * bench.options.orders), bench.empty_store()
    segments = sorted((store / "log").glob("log-*.seg"))
    byte_count = programs.used_bytes(store / "log")
    rows = []
    # CRC and chain are what --stored checks; without it batches are read and Merkle leaves hashed, too.
    for name, depth, goal in (("CRC and chain", ["--stored"], ">= 0.7"), ("everything", [], "")):
        start = programs.daybook("verify", *depth, "--store", empty)[1]
        usages, limits = bench.rounds(
            lambda: programs.daybook("verify", *depth, "--store", store)[1],
            lambda: programs.limit("hash", *segments))
        speed = byte_count / least(net(usage, start, "cpu") for usage in usages)
        limit = best(figures["sha256_bytes_per_second"] for figures in limits)
        rows += [
            Row(5, f"verify, {name}, a core", speed / 1e9, "GB/s", "", limit / 1e9,
                "limit-hash (SHA-256)", f"{byte_count / 1e6:,.0f} MB"),
            Row(5, f"share of SHA-256's speed, {name}", speed / limit, "", goal),
        ]
    return rows


def replay_rate(bench, orders):
    """Events per second of the fold alone, and of limit-read on two threads."""
    store, empty = bench.log_alone(bench.store(orders)), bench.log_alone(bench.empty_store())
    start = programs.daybook("replay", "--state-only", "--store", empty)[1]
    results, limits = bench.rounds(
        lambda: programs.daybook("replay", "--state-only", "--store", store),
        lambda: programs.limit("read", store / "log"))
    rate = best(
        summary["events"] / net(usage, start, "wall") for summary, usage in results)
    return rate, best(figures["threads"][1]["events_per_second"] for figures in limits)


def replay(bench):
    """6: every event decoded, folded, checked; read models are left out."""
    rate, limit = replay_rate(bench, bench.options.orders)
    return [Row(
        6, "replay, fold and invariants", rate, "events/s", ">= 10,000,000", limit,
        "limit-read, 2 threads", f"{bench.options.orders:,} orders")]


def rebuild_rate(bench, orders):
    """Orders per second of all three read models, and of limit-rebuild at its better way."""
    store, empty = bench.store(orders), bench.empty_store()
    arguments = ["projection", "rebuild", "--all", "--store"]
    start = programs.daybook(*arguments, empty)[1]

    def ours():
        usage = programs.daybook(*arguments, store)[1]
        programs.daybook("projection", "clean", "--all", "--store", store)
        return orders / net(usage, start, "wall")

    def theirs():
        figures = programs.limit(
            "rebuild", "--orders", orders, "--directory", bench.folder / "rebuild-models")
        return max(figures[way]["orders_per_second"] for way in ("in_turn", "at_once"))

    rates, limits = bench.rounds(ours, theirs)
    return best(rates), best(limits)


def rebuild(bench):
    """7: built anew, compared with the live ones, put in their place."""
    rate, limit = rebuild_rate(bench, bench.options.orders)
    return [Row(
        7, "rebuild of all three read models", rate, "orders/s", ">= 300,000", limit,
        "limit-rebuild", f"{bench.options.orders:,} orders")]


def start(bench):
    """9: a writer is killed, a new process opens the store and places an order."""
    figures = programs.workload(
        "start", "--events", bench.options.events, "--starts", bench.options.rounds,
        "--directory", bench.events_store(), *(["--settle"] if bench.options.settle else []))
    return [Row(
        9, "start after kill -9 until the first order is durable",
        figures["seconds_to_first_durable_order"], "s", "<= 1",
        note=f"goal: 100,000,000 events; here {figures['events']:,.0f}; slowest of "
        f"{figures['starts']:.0f}"
        f"{'; every order shipped' if bench.options.settle else ''}")]


def select_rates(bench, orders):
    store = bench.store(orders)
    questions = bench.scaled(20_000)
    ours, theirs = bench.rounds(
        lambda: programs.workload("select", "--directory", store, "--questions", questions),
        lambda: programs.limit("select", "--questions", questions, store / "read-models"))
    return {
        (name, share): (
            middle(figures[f"{name}_{share}_us"] for figures in ours),
            middle(figures[name][f"{share}_us"] for figures in theirs))
        for name in ("order", "dashboard") for share in ("p50", "p99")}


def select(bench):
    """10: the same questions about the same orders as limit-select."""
    rates = select_rates(bench, bench.options.orders)
    wanted = {("order", "p99"): "<= 50", ("dashboard", "p99"): "<= 200"}
    return [
        Row(10, f"{name}, {share}", ours, "µs", wanted.get((name, share), ""), limit,
            "limit-select",
            f"goal: 1,000,000 orders; here {bench.options.orders:,}" if share == "p99" else "")
        for (name, share), (ours, limit) in rates.items()]


def tag_query(bench):
    """11: the history of random orders; in the store of goal 9, if that was run."""
    store = bench.events_store()
    if not (store / "log").exists():
        store = bench.store(bench.options.orders)
    options = ["--drop-caches"] if bench.options.drop_caches else []
    figures = programs.workload("tag-query", "--directory", store, *options)
    size = f"goal: 100,000,000 events; here {figures['events']:,.0f}"
    cold = "all caches dropped" if options else "the log's pages given back"
    return [
        Row(11, "history of one order, warm, p50", figures["warm_p50_us"], "µs", "<= 200",
            note=f"{size}; p99 {figures['warm_p99_us']:,.0f} µs"),
        Row(11, "history of one order, cold, p50", figures["cold_p50_us"], "µs", "<= 5,000",
            note=f"{size}; p99 {figures['cold_p99_us']:,.0f} µs; {cold}"),
    ]


def sizes(bench):
    """14: the same figures at several sizes; the worst is at most 1.2 times the best."""
    series = {"1 bulk, orders/s": {}, "6 replay, events/s": {}, "7 rebuild, orders/s": {},
              "10 order p50, µs": {}, "10 dashboard p50, µs": {}, "11 tag query p50, µs": {}}
    for orders in bench.options.sizes:
        store = bench.store(orders)
        values = [
            bench.bulk_figures[orders]["orders_per_second"], replay_rate(bench, orders)[0],
            rebuild_rate(bench, orders)[0],
            *(select_rates(bench, orders)[name, "p50"][0] for name in ("order", "dashboard")),
            middle(
                programs.workload("tag-query", "--directory", store)["warm_p50_us"]
                for _ in range(bench.options.rounds))]
        for name, value in zip(series, values):
            series[name][orders] = value
    rows = []
    for name, values in series.items():
        # A rate that rises, or a time that falls, with the size is no cost.
        ordered = [values[orders] for orders in sorted(values)]
        worse = [
            max(ordered[:index + 1]) / value if name.endswith("/s")
            else value / min(ordered[:index + 1])
            for index, value in enumerate(ordered)]
        note = ", ".join(f"{orders:,} orders: {value:,.0f}" for orders, value in values.items())
        rows.append(Row(14, name, max(worse), "× worse", "<= 1.2", note=note))
    return rows
