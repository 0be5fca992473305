"""The pages in the portal: the console of agents, and the payments of a customer."""

from __future__ import annotations

from django.urls import path

from backoffice.payments.payouts import pages as payouts
from backoffice.payments.voice.pages import console, line_drops, mine, receipt

urlpatterns = [
    path("merchant/orders/", console.orders, name="orders"),
    path("merchant/orders/new/", console.new, name="new"),
    path("merchant/orders/line-drops/", line_drops.for_agent, name="line_drops_for_agents"),
    path("merchant/orders/<str:reference>/", console.order, name="order"),
    path("merchant/orders/<str:reference>/status/", console.status, name="order_status"),
    path("merchant/orders/<str:reference>/change/", console.change, name="change"),
    path("merchant/orders/<str:reference>/cancel/", console.cancel, name="cancel"),
    path("merchant/orders/<str:reference>/take/", console.take_now, name="take_now"),
    path("merchant/orders/<str:reference>/delivery/", console.delivery, name="delivery"),
    path("merchant/payouts/", payouts.mine, name="payouts"),
    path("telephone-payments/", mine.payments, name="payments"),
    path("telephone-payments/line-drops/", line_drops.for_customer, name="line_drops"),
    path("telephone-payments/<str:reference>/receipt/", receipt.receipt, name="receipt"),
]
