"""The models that the reference text implies; the mail queue is a table, so that it is durable."""

from django.db import models


class Product(models.Model):
    sku = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    stock = models.IntegerField()


class User(models.Model):
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    payment_customer_id = models.CharField(max_length=64)


class Order(models.Model):
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    status = models.CharField(max_length=20)
    total = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    payment_id = models.CharField(max_length=64, blank=True)
    captured_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)


class OrderItem(models.Model):
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    quantity = models.IntegerField()
    unit_price = models.DecimalField(max_digits=10, decimal_places=2)


class QueuedMail(models.Model):
    order = models.ForeignKey(Order, on_delete=models.PROTECT)
    recipient = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
