"""The five events of an order as stores of bytes keep them: the same bytes as native/workload.c."""

import uuid

from workload import unit_price

FIRST_BATCH = ("OrderPlaced", "StockReserved", "PaymentRequested")
SECOND_BATCH = ("PaymentCaptured", "MailRequested")


def sku(product):
    return f"P{product:04}"


def number(value):
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def text(value):
    return number(len(value)) + value.encode()


def lines(order, with_price):
    encoded = [number(len(order.lines))]
    for product, quantity in order.lines:
        price = number(unit_price(product)) if with_price else b""
        encoded.append(text(sku(product)) + number(quantity) + price)
    return b"".join(encoded)


def payloads(order):
    """The payload of each event, in the order in which they are appended."""
    order_number, user = number(order.number), number(order.user)
    payment = number(1) + number(order.amount) + text("EUR")
    return (
        order_number + user + lines(order, True) + text("EUR"),
        order_number + text("main") + lines(order, False),
        order_number + payment,
        order_number + payment + text(f"bank-{order.number}"),
        order_number + user + text("order-confirmation"),
    )


def tags(order):
    """The tags of each event: the subjects under which Daybook finds the same event."""
    this, user = f"order:{order.number}", f"user:{order.user}"
    payment = f"payment:{order.number}-1"
    products = [f"sku:{sku(product)}" for product, _ in order.lines]
    return (
        [this, user], [this, *products], [this, payment], [this, payment],
        [f"mail:{order.number}", user, this])


def identity(order, revision):
    """A fixed event id, so that a repeated append is recognised."""
    return uuid.UUID(int=order.number << 8 | revision, version=4)
