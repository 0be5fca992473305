"""The rows of the policy table for what the payment provider reports. They hold for every process."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.rights import Right

REPORT_PAYMENT = Right(
    act="report_card_payment",
    what=_("Report what happened to a payment by card"),
    refusal=_("Only the payment provider reports what happened to a payment."),
    machines=True,
    besides=_("each report counts once"),
)
FORGET_REPORTS = Right(
    act="forget_reports_of_payments",
    what=_("Forget which reports of the payment provider came"),
    refusal=_("This happens by itself, every night."),
    process=True,
)
ROWS = (REPORT_PAYMENT, FORGET_REPORTS)
