"""What the people who check and decide see of a merchant."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.cases.evidence import Lines, lines_of_answer
from backoffice.cases.models import Case, WorkItem
from backoffice.customers import contact_points
from backoffice.payments.merchants import accounts, trades
from backoffice.payments.merchants.models import Merchant, MerchantApplication, MerchantState
from backoffice.payments.merchants.terms import Terms
from backoffice.staff.models import User
from backoffice.ui.times import in_full
from workflows.merchant_admission.spec import CHECK_REGISTER, REVIEW


def application(case: Case, item: WorkItem) -> Lines:
    """What was applied with, beside what is on file of the company."""
    applied = MerchantApplication.of(case)
    company = applied.company
    numbers = ", ".join(f"{one.kind} {one.number}" for one in company.national_ids.order_by("kind"))
    trade, (highest, monthly) = applied.trade_in_words, applied.expects
    if refused := trades.why_not(applied.trade):
        trade = _("%(trade)s. Not admitted: %(why)s") % {"trade": trade, "why": refused}
    return [
        (_("Company"), company.name),
        (_("Its numbers"), numbers or "—"),
        (_("Its address"), ", ".join(contact_points.postal_lines(company)) or "—"),
        (_("Customer of ours since"), day(company.created_at)),
        (_("Trade"), trade),
        (_("Name that is read out"), applied.trading_name),
        (_("Expected in a month"), monthly.shown()),
        (_("Highest single amount"), highest.shown()),
        (_("Account"), accounts.spaced(applied.iban)),
        (_("Agreed to the terms"), day(applied.agreed_at) if applied.agreed_at else _("not yet")),
    ]


def register_check(case: Case, item: WorkItem) -> Lines:
    """The list of the first person."""
    return lines_of_answer(case, CHECK_REGISTER.name)


def review_found(case: Case, item: WorkItem) -> Lines:
    """The list of the last review."""
    return lines_of_answer(case, REVIEW.name)


def merchant(case: Case, item: WorkItem) -> Lines:
    """The merchant now; nothing before there is one."""
    found = Merchant.objects.filter(case=case).first()
    return lines_of(found) if found else []


def suspension(case: Case, item: WorkItem) -> Lines:
    """Since when, why, and who did it."""
    found = Merchant.objects.filter(case=case, state=MerchantState.SUSPENDED).first()
    one = found.suspensions.filter(lifted_at=None).first() if found else None
    if one is None:
        return []
    lines = [
        (_("Since"), moment(one.at)),
        (_("Because of"), str(one.get_reason_display())),
        (_("Suspended by"), name_of(one.by)),
    ]
    return [*lines, (_("Remark"), one.remark)] if one.remark else lines


def lines_of(found: Merchant) -> Lines:
    """For staff: state, name, trade, limits, and the reviews."""
    limits = found.limits
    told = {
        "payment": limits.per_payment.shown(),
        "day": limits.per_day.shown(),
        "month": limits.per_month.shown(),
    }
    return [
        (_("State"), str(found.get_state_display())),
        (_("Name that is read out"), found.trading_name),
        (_("Trade"), found.trade_in_words),
        (_("Limits"), _("%(payment)s a payment, %(day)s a day, %(month)s a month") % told),
        (_("Account"), accounts.masked(found.iban)),
        *lines_of_terms(found.terms),
        (_("Merchant since"), day(found.admitted_at)),
        (_("Last reviewed"), day(found.reviewed_at) if found.reviewed_at else _("not yet")),
        (_("Ended"), day(found.ended_at)) if found.ended_at else (_("Next review"), day(found.review_due)),
    ]


def lines_of_terms(terms: Terms) -> Lines:
    """To where, when and for what they are paid."""
    return [
        (_("Account at the payment provider"), terms.account or _("none: nothing can be paid out")),
        (_("Our fee"), terms.fee_in_words()),
        (_("Paid out"), terms.delay_in_words()),
    ]


def name_of(public_id: str) -> str:
    """The member of staff with this public id; the process where it is empty."""
    if not public_id:
        return _("our system")
    user = User.objects.filter(public_id=public_id).first()
    return (user.get_full_name() or user.get_username()) if user else _("somebody who is no longer here")


def day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j F Y")


def moment(at: datetime) -> str:
    return in_full(at)
