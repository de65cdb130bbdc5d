"""The service layer of shared/reference/django-services-layer-examples.md: case studies 1 and 4.

Written after that text, step for step: one query that locks the products, order, lines in one bulk
insert, a relative decrement for each line, total, payment; then capture and mail in a second
transaction. The gateway says yes at once; the mail goes into a table, not to a broker.
"""

from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from django_peer.models import Order, OrderItem, Product, QueuedMail


class InsufficientStockError(Exception):
    pass


class InProcessBank:
    def charge(self, *, amount, customer_id):
        return f"bank-{customer_id}-{amount}"

    def capture(self, *, payment_id):
        return None


class MailQueue:
    def send(self, *, order, to, subject, body):
        QueuedMail.objects.create(order=order, recipient=to, subject=subject, body=body)


@transaction.atomic
def order_create(*, user, items, payment_gateway):
    products = _validate_inventory(items=items)
    order = Order.objects.create(user=user, status="pending")
    total = _create_order_items(order=order, items=items, products=products)
    _deduct_inventory(items=items)
    order.total = total
    order.save(update_fields=["total", "updated_at"])
    order.payment_id = payment_gateway.charge(
        amount=order.total, customer_id=order.user.payment_customer_id)
    order.status = "paid"
    order.save(update_fields=["payment_id", "status", "updated_at"])
    return order


@transaction.atomic
def order_complete_notify(*, order, payment_gateway, email_sender):
    payment_gateway.capture(payment_id=order.payment_id)
    order.captured_at = timezone.now()
    order.save(update_fields=["captured_at", "updated_at"])
    email_sender.send(
        order=order, to=order.user.email, subject=f"Order {order.id} Confirmed",
        body="Your order has been confirmed.")


def _validate_inventory(*, items):
    product_ids = [item["product_id"] for item in items]
    # Ordered, unlike the reference: two orders that lock the same products must not deadlock.
    locked = Product.objects.filter(id__in=product_ids).order_by("id").select_for_update()
    products = {product.id: product for product in locked}
    for item in items:
        product = products.get(item["product_id"])
        if product is None or product.stock < item["quantity"]:
            raise InsufficientStockError(item["product_id"])
    return products


def _create_order_items(*, order, items, products):
    total = Decimal("0")
    order_items = []
    for item in items:
        product = products[item["product_id"]]
        order_items.append(OrderItem(
            order=order, product=product, quantity=item["quantity"], unit_price=product.price))
        total += product.price * item["quantity"]
    OrderItem.objects.bulk_create(order_items)
    return total


def _deduct_inventory(*, items):
    for item in items:
        Product.objects.filter(id=item["product_id"]).update(stock=F("stock") - item["quantity"])
