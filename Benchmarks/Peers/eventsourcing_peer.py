"""The Python library `eventsourcing`: an Order aggregate, saved twice.

Aggregates, `@event` and `app.save()` as https://eventsourcing.readthedocs.io/en/stable/ shows them;
JSON transcoder, no compression or encryption (the defaults). The caller keeps the aggregate between
the two saves, so nothing is read back. On SQLite the library sets WAL and leaves synchronous alone,
which is FULL unless SQLite was built otherwise; that is checked.
"""

import time

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

import events
import measure
import workload


class Order(Aggregate):
    @event("Placed")
    def __init__(self, number, user, lines, currency):
        self.number, self.user = number, user
        self.lines, self.currency = lines, currency
        self.reserved = self.captured = self.mail = None

    @event("StockReserved")
    def reserve_stock(self, location, lines):
        self.reserved = (location, lines)

    @event("PaymentRequested")
    def request_payment(self, attempt, amount, currency):
        self.requested = (attempt, amount, currency)

    @event("PaymentCaptured")
    def capture_payment(self, attempt, amount, currency, reference):
        self.captured = reference

    @event("MailRequested")
    def request_mail(self, user, template):
        self.mail = template


class Shop(Application):
    pass


def placed(item):
    lines = [
        [events.sku(product), quantity, workload.unit_price(product)]
        for product, quantity in item.lines]
    order = Order(item.number, item.user, lines, "EUR")
    order.reserve_stock("main", [line[:2] for line in lines])
    order.request_payment(1, item.amount, "EUR")
    return order


def complete(order, item):
    order.capture_payment(1, item.amount, "EUR", f"bank-{item.number}")
    order.request_mail(item.user, "order-confirmation")


def place(app, item):
    order = placed(item)
    app.save(order)
    complete(order, item)
    app.save(order)


def place_group(app, group):
    orders = []
    for item in group:
        order = placed(item)
        complete(order, item)
        orders.append(order)
    app.save(*orders)


def environment(options):
    if not options.conninfo:
        return {
            "CREATE_TABLE": "n",
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": str(options.folder / "events.db"),
        }
    server = dict(part.split("=") for part in options.conninfo.split())
    return {
        "CREATE_TABLE": "n",
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": server["dbname"],
        "POSTGRES_HOST": server["host"],
        "POSTGRES_PORT": "5432",
        "POSTGRES_USER": server["user"],
        "POSTGRES_PASSWORD": "",
        # One round trip a save, and without it a save of 1,000 aggregates never returns (9.5.6).
        "POSTGRES_ENABLE_DB_FUNCTIONS": "y",
    }


def stored_bytes(app, options):
    if options.conninfo:
        with app.recorder.datastore.transaction() as cursor:
            table = app.recorder.events_table_name
            cursor.execute(f"SELECT pg_total_relation_size('{table}') AS size")
            return cursor.fetchone()["size"]
    with app.recorder.datastore.transaction(commit=False) as cursor:
        cursor.execute(
            "SELECT page_count * page_size AS size FROM pragma_page_count, pragma_page_size")
        return cursor.fetchone()["size"]


def require_full_sync(app):
    with app.recorder.datastore.transaction(commit=False) as cursor:
        cursor.execute("SELECT synchronous FROM pragma_synchronous")
        if cursor.fetchone()["synchronous"] != 2:
            raise RuntimeError("this SQLite does not sync every commit: synchronous is not FULL")


def replay(app, expected):
    """Reads every notification and decodes it into its event object."""
    start, count, first = time.monotonic(), 0, 1
    while True:
        section = app.recorder.select_notifications(start=first, limit=1000)
        for notification in section:
            app.mapper.to_domain_event(notification)
        count += len(section)
        if not section:
            break
        first = section[-1].id + 1
    if count != expected:
        raise RuntimeError(f"{expected} events were stored, {count} came back")
    return round(count / (time.monotonic() - start))


def main():
    options = measure.options(__doc__)
    settings = environment(options)
    orders = measure.orders_for(options)
    Shop({**settings, "CREATE_TABLE": "y"}).close()
    if options.mode == "bulk":
        groups = measure.groups(orders)
        count, seconds, _ = measure.drive(options, lambda: Shop(settings), place_group, groups)
        saved, latencies = sum(map(len, groups[:count])), None
    else:
        saved, seconds, latencies = measure.drive(
            options, lambda: Shop(settings), place, orders, processes=options.callers)
    with Shop(settings) as app:
        if not options.conninfo:
            require_full_sync(app)
        rate = replay(app, saved * workload.EVENTS_PER_ORDER)
        size = stored_bytes(app, options) / saved
    measure.report(
        saved, seconds, latencies, bytes_per_order=round(size, 1), replay_events_per_second=rate)


if __name__ == "__main__":
    main()
