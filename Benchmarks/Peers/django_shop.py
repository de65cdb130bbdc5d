"""The Django service layer of the reference text, on SQLite or PostgreSQL.

SQLite as https://docs.djangoproject.com/en/5.2/ref/databases/#sqlite-notes advises: immediate
transactions, WAL; synchronous is stated as FULL. PostgreSQL: persistent connections.
"""

from decimal import Decimal

import django
from django.conf import settings

import measure
import workload


def database(options):
    if options.conninfo:
        server = dict(part.split("=") for part in options.conninfo.split())
        return {
            "ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": None,
            "NAME": server["dbname"], "HOST": server["host"], "USER": server["user"]}
    return {
        "ENGINE": "django.db.backends.sqlite3", "NAME": str(options.folder / "shop.db"),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE", "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"}}


def set_up(options):
    settings.configure(
        DATABASES={"default": database(options)}, INSTALLED_APPS=["django_peer"], USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", DEBUG=False)
    django.setup()
    from django.core.management import call_command
    from django_peer.models import Product, User
    call_command("migrate", run_syncdb=True, verbosity=0)
    Product.objects.bulk_create(
        (Product(id=index + 1, sku=f"P{index:04}", name=f"Product {index}",
                 price=Decimal(workload.unit_price(index)) / 100, stock=workload.STOCK)
         for index in range(workload.PRODUCTS)), batch_size=500)
    User.objects.bulk_create(
        (User(id=index + 1, email=f"u{index}@example.com", payment_customer_id=f"c{index}")
         for index in range(workload.USERS)), batch_size=500)


def stored_bytes():
    from django.db import connection
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute(
                "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        return cursor.fetchone()[0]


def main():
    options = measure.options(__doc__)
    if options.mode != "callers":
        raise SystemExit("the reference has no bulk interface: only `callers` can be measured")
    set_up(options)
    from django.db import connection
    from django_peer.models import Order, User
    from django_peer.services import InProcessBank, MailQueue, order_complete_notify, order_create
    size_before = stored_bytes()
    connection.close()  # no connection may cross the fork
    gateway, queue = InProcessBank(), MailQueue()

    def place(_, item):
        user = User.objects.get(id=item.user + 1)
        items = [
            {"product_id": product + 1, "quantity": quantity} for product, quantity in item.lines]
        order = order_create(user=user, items=items, payment_gateway=gateway)
        order_complete_notify(order=order, payment_gateway=gateway, email_sender=queue)

    placed, seconds, latencies = measure.drive(
        options, connection.ensure_connection, place, measure.orders_for(options),
        processes=options.callers)
    captured = Order.objects.filter(status="paid", captured_at__isnull=False).count()
    if captured != placed:
        raise RuntimeError(f"{placed} orders were placed, {captured} are paid and captured")
    size = (stored_bytes() - size_before) / placed
    measure.report(placed, seconds, latencies, bytes_per_order=round(size, 1))


if __name__ == "__main__":
    main()
