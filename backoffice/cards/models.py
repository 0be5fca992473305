"""Cards, and the particulars of a card reissue. Never a number of a card: the issuer's token and the last four."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.cards.autopay.models import AutopayUpdate as AutopayUpdate
from backoffice.cards.autopay.models import Biller as Biller
from backoffice.cards.autopay.models import Line as Line
from backoffice.cards.autopay.models import Mandate as Mandate
from backoffice.cards.autopay.models import UpdaterResponse as UpdaterResponse
from backoffice.cards.autopay.models import WalletMove as WalletMove
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.sealed import SealedJSONField
from backoffice.statements import Select


class CardState(models.TextChoices):
    INACTIVE = "inactive", _("not yet activated")
    ACTIVE = "active", _("active")
    BLOCKED = "blocked", _("blocked")
    CLOSED = "closed", _("closed")


class Shipping(models.TextChoices):
    NONE = "", _("not sent")
    PENDING = "pending", _("being made")
    SHIPPED = "shipped", _("on its way")
    DELIVERED = "delivered", _("delivered")
    RETURNED = "returned", _("came back")
    LOST = "failure", _("lost in the post")


class Card(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="cards", verbose_name=_("customer"))
    issuer_token = models.CharField(_("issuer's token"), max_length=80, unique=True)
    brand = models.CharField(_("brand"), max_length=20)
    last_four = models.CharField(_("last four"), max_length=4, db_index=True)
    expiry_month = models.PositiveSmallIntegerField(_("expiry month"))
    expiry_year = models.PositiveSmallIntegerField(_("expiry year"))
    state = models.CharField(_("state"), max_length=10, choices=CardState, default=CardState.ACTIVE)
    shipping = models.CharField(_("shipping"), max_length=10, choices=Shipping, default=Shipping.NONE, blank=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name=_("replaces")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("card")
        verbose_name_plural = _("cards")

    def __str__(self) -> str:
        """Who activates a card tells what stands on it, so it is not told to them before."""
        return self.brand if self.state == CardState.INACTIVE else f"{self.brand} ····{self.last_four}"


class Reason(models.TextChoices):
    """Why a card is reissued; `blocking.py`, `ordering.py` and the process say what follows from each."""

    LOST = "lost", _("lost")
    STOLEN = "stolen", _("stolen")
    FRAUD = "fraud", _("fraud")
    DAMAGED = "damaged", _("damaged")
    EXPIRING = "expiring", _("expiring")


class CardReissue(models.Model):
    """The particulars of a card reissue case. `live` while the case is open: a card has one live reissue."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="card_reissue")
    card = models.ForeignKey(Card, models.PROTECT, related_name="reissues", verbose_name=_("card"))
    new_card = models.ForeignKey(
        Card, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("new card")
    )
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    opened_by = models.CharField(max_length=10, default="", db_default="", blank=True)
    """The kind of actor who opened it: who reported something reads their own report back, and not that we saw it.
    Empty for a case of which this was not kept."""
    payments = SealedJSONField(null=True, blank=True)
    """The payments of a fraud signal: `[{"id", "amount", "currency", "merchant", "at"}]`, sealed."""
    risk = models.CharField(_("risk"), max_length=8, blank=True)
    risk_why = models.CharField(_("why"), max_length=200, blank=True)
    postings = models.PositiveSmallIntegerField(_("postings"), default=0)
    live = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("card reissue")
        verbose_name_plural = _("card reissues")
        constraints = [models.UniqueConstraint(fields=["card"], condition=Q(live=True), name="one_live_reissue_a_card")]

    @classmethod
    def of(cls, case: Case) -> CardReissue:
        """The particulars of the case with both cards, read once for each unit of work. Raises `DoesNotExist`."""
        return case.once("card_reissue", lambda: _of(case))


_OF_CASE = Select(
    lambda case_id: CardReissue.objects.filter(case_id=case_id).select_related("card", "new_card"), uuid.UUID(int=1)
)


def _of(case: Case) -> CardReissue:
    found = _OF_CASE.first(case.id)
    if found is None:
        raise CardReissue.DoesNotExist
    found.case = case
    return found


class IssuerNotice(models.Model):
    """A webhook of the issuer that was taken: the same event twice is one."""

    event_id = models.CharField(max_length=100, unique=True)
    card = models.ForeignKey(Card, models.CASCADE, related_name="notices")
    at = models.DateTimeField()
    sequence_at = models.BigIntegerField()
    sequence_step = models.IntegerField()
    shipping = models.CharField(max_length=10, blank=True)


class Signal(models.Model):
    """A signal of a detector of fraud that was taken: the same id twice is one."""

    signal_id = models.CharField(max_length=100, unique=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    is_read = models.BooleanField(default=False, db_default=False)
    """Whether all that it says was added to the case; the card is blocked before."""
    unread = SealedJSONField(null=True, blank=True)
    """What could not be read, for a person: `{"fields": {name: [why]}, "text": the whole signal}`, sealed, and without
    card numbers."""
