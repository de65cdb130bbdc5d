"""The results as a Markdown table, and how they compare with Daybook's."""


def text(value, unit=""):
    if value is None:
        return "–"
    return f"{value:,.0f}{unit}" if abs(value) >= 10 else f"{value:,.2f}{unit}"


def counterpart(row, ours):
    """Our run that is compared with a peer's: the same mode, and at least as many callers.

    A peer with 5 or 32 callers is compared with our 64; the table names both numbers.
    """
    same = [each for each in ours if each["mode"] == row["mode"]]
    enough = [each for each in same if each.get("callers", 1) >= row["callers"]]
    return min(enough, key=lambda each: each.get("callers", 1), default=None)


def ratio(row, ours):
    mine = counterpart(row, ours)
    if mine is None:
        return "–"
    shown = f"{mine['orders_per_second'] / row['orders_per_second']:,.1f} ×"
    callers = mine.get("callers", 1)
    return shown if callers == row["callers"] else f"{shown} (ours: {callers} callers)"


def results(document):
    ours = document["daybook"]
    head = [
        "peer", "version", "durability", "mode", "callers", "orders/s", "events/s", "p50", "p99",
        "fdatasync p50", "orders a fdatasync", "bytes an order", "replay events/s"]
    if ours:
        head.append("Daybook ÷ peer, orders/s")
    rows = [
        cells(row) + ([ratio(row, ours)] if ours else [])
        for row in document["results"]]
    rows += [
        cells({"peer": "**daybook**", "version": "this tree", "durability": "fdatasync", **row})
        + ["1"] for row in ours]
    lines = [head, ["---" if index < 4 else "---:" for index in range(len(head))], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def cells(row):
    rate, sync = row.get("orders_per_second"), row.get("fdatasync_p50_us")
    if row["mode"] != "callers":  # there, the times are of groups
        row = {**row, "p50_us": None, "p99_us": None}
    in_one_sync = rate * sync / 1e6 if rate is not None and sync else None
    return [
        row["peer"], row["version"], row["durability"], row["mode"], str(row.get("callers", 1)),
        text(rate), text(row.get("events_per_second")), text(row.get("p50_us"), " µs"),
        text(row.get("p99_us"), " µs"), text(sync, " µs"), text(in_one_sync),
        text(row.get("bytes_per_order")),
        text(row.get("replay_events_per_second"))]


def document_text(document):
    machine, sync = document["machine"], document["fdatasync"]
    lines = [
        f"Measured {document['measured']} at {document['commit']}: {machine['processor']}, "
        f"{machine['cores']} cores, {machine['memory_gib']} GiB, Linux {machine['kernel']}, "
        f"{machine['file_system']}; load average {machine['load_before']} before and "
        f"{machine['load_after']} after. Seed {document['settings']['seed']}, "
        f"{document['settings']['variant']}, at most {document['settings']['orders']:,} orders or "
        f"{document['settings']['seconds']:g} s a row; rounds, of which the best is shown: "
        f"{document['settings']['rounds']}.",
        "",
        "`fdatasync` of a 4 KiB append into written blocks: p50 "
        f"{text(sync['p50_us'], ' µs')}, p99 {text(sync['p99_us'], ' µs')} "
        "(medians of all probes); each row names the mean of the p50 measured just before and just "
        "after it.",
        "", results(document)]
    for each in document["skipped"]:
        lines += ["", f"Not measured: {each['case']}: {each['reason']}"]
    return "\n".join(lines) + "\n"
