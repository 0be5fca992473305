"""Merchants: what a company applied with, the merchant that it became, and its suspensions. All times are UTC, all
amounts are in minor units of their currency."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.money import Money
from backoffice.money_columns import is_amount, is_currency
from backoffice.payments.merchants import trades
from backoffice.payments.merchants.limits import Limits
from backoffice.payments.merchants.terms import DELAY, MOST_POINTS, Terms
from backoffice.sealed import SealedTextField


class RefusedBecause(models.TextChoices):
    """Why a company is not admitted, or no longer, in the words that it is told."""

    EXTRACT = "extract", _("the register extract does not fit what you told us")
    NOT_ENTITLED = "not_entitled", _("whoever applied may not act for the company by the register")
    TRADE = "trade", _("we do not admit this trade")
    NAME = "name", _("the name to be read out would mislead people who pay")
    ACCOUNT = "account", _("the account for the payments is not the company's")
    DISPUTES = "disputes", _("too many payments were disputed")
    RISK = "risk", _("the risk of loss is too high for us")


class MerchantApplication(models.Model):
    """The particulars of an admission, beside its case. `name_key` is what two names that look or sound the same have
    in common (`trading_names.key_of`). `monthly_volume` and `highest_amount` are what the company expects.

    `live` says that the case is not closed: so a company has one application or admission at a time, and no two of them
    have the same name, admitted or not. `agreed_sha256` is the hash of the words that the company agreed to.
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="merchant_application")
    company = models.ForeignKey(
        Customer, models.PROTECT, related_name="merchant_applications", verbose_name=_("company")
    )
    trade = models.CharField(_("trade"), max_length=4)
    trading_name = models.CharField(_("name that is read out"), max_length=40)
    name_key = models.CharField(max_length=80, editable=False)
    currency = models.CharField(_("currency"), max_length=3)
    monthly_volume = models.BigIntegerField(_("expected in a month"))
    highest_amount = models.BigIntegerField(_("highest single amount"))
    iban = SealedTextField(_("account"))
    agreed_at = models.DateTimeField(_("agreed to the terms"), null=True, blank=True)
    agreed_sha256 = models.CharField(max_length=64, blank=True)
    per_payment = models.BigIntegerField(_("limit of a payment"), null=True, blank=True)
    per_day = models.BigIntegerField(_("limit of a day"), null=True, blank=True)
    per_month = models.BigIntegerField(_("limit of a month"), null=True, blank=True)
    payout_account = models.CharField(
        _("account at the payment provider"), max_length=60, blank=True, default="", db_default=""
    )
    fee_fixed = models.BigIntegerField(_("our fee for each payment"), default=0, db_default=0)
    fee_points = models.PositiveSmallIntegerField(_("our fee in hundredths of a percent"), default=0, db_default=0)
    payout_delay = models.PositiveSmallIntegerField(
        _("days between delivery and payout"), default=DELAY, db_default=DELAY
    )
    refused_because = models.CharField(_("refused because"), max_length=12, choices=RefusedBecause, blank=True)
    told = SealedTextField(_("what the company is told in addition"), blank=True, default="")
    live = models.BooleanField(_("under way or admitted"), default=True)

    class Meta:
        verbose_name = _("application of a merchant")
        verbose_name_plural = _("applications of merchants")
        constraints = [
            models.UniqueConstraint(fields=["company"], condition=Q(live=True), name="one_live_admission_a_company"),
            models.UniqueConstraint(fields=["name_key"], condition=Q(live=True), name="one_live_admission_a_name"),
            is_amount(minor="highest_amount", name="an_application_expects_something"),
            models.CheckConstraint(
                condition=Q(monthly_volume__gte=F("highest_amount")), name="a_month_is_no_less_than_a_payment"
            ),
        ]

    def __str__(self) -> str:
        return self.trading_name

    @property
    def expects(self) -> tuple[Money, Money]:
        """The highest single amount, and all payments of a month together."""
        return Money(self.highest_amount, self.currency), Money(self.monthly_volume, self.currency)

    @classmethod
    def of(cls, case: Case) -> MerchantApplication:
        """The particulars of the case, read once per object of the case."""
        return case.once(
            "merchant_application", lambda: cls.objects.select_related("company").get(case_id=case.root_id_or_own)
        )

    @property
    def trade_in_words(self) -> str:
        return trades.in_words(self.trade)


class MerchantState(models.TextChoices):
    ADMITTED = "admitted", _("admitted")
    SUSPENDED = "suspended", _("suspended")
    ENDED = "ended", _("ended")


class Merchant(models.Model):
    """A company that may have payments ordered for it, as it was admitted. `case` is that of its admission, which stays
    open as long as it is a merchant. Only the rules of this folder write it.

    `payout_account` is the provider's id of where its money goes, `payout_delay` the days between the report of a
    delivery and the payout. Our fee is `fee_fixed` for each payment and `fee_points` hundredths of a percent of it.
    After a change of the account nothing is paid out before `payout_cools_until`.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.OneToOneField(Case, models.PROTECT, related_name="merchant", verbose_name=_("admission"))
    company = models.ForeignKey(Customer, models.PROTECT, related_name="merchants", verbose_name=_("company"))
    state = models.CharField(_("state"), max_length=10, choices=MerchantState, default=MerchantState.ADMITTED)
    trade = models.CharField(_("trade"), max_length=4)
    trading_name = models.CharField(_("name that is read out"), max_length=40)
    name_key = models.CharField(max_length=80, editable=False)
    iban = SealedTextField(_("account"))
    currency = models.CharField(_("currency"), max_length=3)
    per_payment = models.BigIntegerField(_("limit of a payment"))
    per_day = models.BigIntegerField(_("limit of a day"))
    per_month = models.BigIntegerField(_("limit of a month"))
    payout_account = models.CharField(
        _("account at the payment provider"), max_length=60, blank=True, default="", db_default=""
    )
    payout_cools_until = models.DateTimeField(_("nothing is paid out before"), null=True, blank=True)
    fee_fixed = models.BigIntegerField(_("our fee for each payment"), default=0, db_default=0)
    fee_points = models.PositiveSmallIntegerField(_("our fee in hundredths of a percent"), default=0, db_default=0)
    payout_delay = models.PositiveSmallIntegerField(
        _("days between delivery and payout"), default=DELAY, db_default=DELAY
    )
    admitted_at = models.DateTimeField(_("admitted"))
    reviewed_at = models.DateTimeField(_("last reviewed"), null=True, blank=True)
    review_due = models.DateTimeField(_("next review"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("merchant")
        verbose_name_plural = _("merchants")
        ordering = ["trading_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["company"], condition=~Q(state="ended"), name="one_merchant_a_company_at_a_time"
            ),
            models.UniqueConstraint(fields=["name_key"], condition=~Q(state="ended"), name="one_merchant_a_name"),
            models.CheckConstraint(
                condition=is_currency()
                & Q(per_payment__gt=0)
                & Q(per_day__gte=F("per_payment"))
                & Q(per_month__gte=F("per_day")),
                name="limits_of_a_merchant_grow",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False) | ~Q(state="ended") & Q(ended_at=None),
                name="an_ended_merchant_says_since_when",
            ),
            models.CheckConstraint(
                condition=Q(fee_fixed__gte=0, fee_points__lte=MOST_POINTS), name="our_fee_is_a_part_of_a_payment"
            ),
        ]

    def __str__(self) -> str:
        return self.trading_name

    @property
    def trade_in_words(self) -> str:
        return trades.in_words(self.trade)

    @property
    def limits(self) -> Limits:
        return Limits(*(Money(minor, self.currency) for minor in (self.per_payment, self.per_day, self.per_month)))

    @property
    def terms(self) -> Terms:
        """How it is paid now."""
        fixed = Money(self.fee_fixed, self.currency)
        return Terms(self.payout_account, fixed, self.fee_points, self.payout_delay)


class PayoutProposal(models.Model):
    """Other terms for the payouts of a merchant, which one person proposed and another decides on. `proposed_by` and
    `decided_by` are public ids of members of staff; `accepted` is None until it is decided."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="payout_proposals", verbose_name=_("merchant"))
    account = models.CharField(_("account at the payment provider"), max_length=60, blank=True)
    fee_fixed = models.BigIntegerField(_("our fee for each payment"))
    fee_points = models.PositiveSmallIntegerField(_("our fee in hundredths of a percent"))
    delay = models.PositiveSmallIntegerField(_("days between delivery and payout"))
    proposed_at = models.DateTimeField(_("proposed"))
    proposed_by = models.CharField(max_length=40, editable=False)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.CharField(max_length=40, blank=True, editable=False)
    accepted = models.BooleanField(_("accepted"), null=True, blank=True)

    class Meta:
        verbose_name = _("proposal for payouts")
        verbose_name_plural = _("proposals for payouts")
        ordering = ["-proposed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant"], condition=Q(decided_at=None), name="one_payout_proposal_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by="", accepted=None)
                | Q(decided_at__isnull=False, accepted__isnull=False)
                & ~Q(decided_by="")
                & ~Q(decided_by=F("proposed_by")),
                name="another_person_decides_on_payouts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposed_at:%Y-%m-%d %H:%M}"

    @property
    def terms(self) -> Terms:
        return Terms(self.account, Money(self.fee_fixed, self.merchant.currency), self.fee_points, self.delay)


class SuspendedFor(models.TextChoices):
    RISK = "risk", _("the risk rules")
    DISPUTES = "disputes", _("disputed payments")
    REPORTED = "reported", _("a report about the company")
    PAUSED = "paused", _("a pause of its case")
    OTHER = "other", _("something else")


class Suspension(models.Model):
    """One time for which a merchant may take no payment. `by` and `lifted_by` are public ids of members of staff; `by`
    is empty where the process did it. Whoever suspended a merchant does not lift it: the constraint says so."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="suspensions", verbose_name=_("merchant"))
    at = models.DateTimeField(_("since"))
    reason = models.CharField(_("because of"), max_length=10, choices=SuspendedFor)
    remark = SealedTextField(_("remark"), blank=True, default="")
    by = models.CharField(max_length=40, blank=True, editable=False)
    lifted_at = models.DateTimeField(_("until"), null=True, blank=True)
    lifted_by = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["merchant"], condition=Q(lifted_at=None), name="one_suspension_at_a_time"),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by="")
                | Q(lifted_at__isnull=False) & ~Q(lifted_by="") & ~Q(lifted_by=F("by")),
                name="another_person_lifts_a_suspension",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
