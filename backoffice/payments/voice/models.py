"""Payments by telephone: what was ordered, what was read out, and the calls in which it was paid. All times are UTC,
all amounts in minor units of their currency."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.customers.models import ContactPoint
from backoffice.money import Money
from backoffice.money_columns import is_amount
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.merchants.models import Merchant
from backoffice.sealed import SealedTextField
from backoffice.telephony.models import Call
from workflows.voice_payment.facts import Mode


class MoneyState(models.TextChoices):
    """What has become of the money. The stage of the case says how far the call is."""

    NOTHING = "nothing", _("nothing was taken")
    AUTHORISING = "authorising", _("the bank is asked")
    AUTHORISED = "authorised", _("held on the card")
    CAPTURED = "captured", _("paid")
    RELEASED = "released", _("nothing was taken; what was held was released")
    DECLINED = "declined", _("the bank declined")
    REFUNDED = "refunded", _("refunded")


class Fulfilment(models.TextChoices):
    """What the merchant says of what was paid for."""

    NONE = "", _("not told yet")
    DONE = "fulfilled", _("delivered")
    FAILED = "failed", _("cannot be delivered")


class VoicePayment(models.Model):
    """One order of a merchant that its customer pays by telephone, beside its case. Only the rules of this folder write
    it, under the lock of the case.

    `agent` ordered it. `what_for` is read out; `merchant_reference` is the merchant's own and is not. `version` counts
    the changes of what is paid to whom for what. `card` is a card on file; without one the whole card is keyed in,
    and its last digits must be `last_four`. `point` is the number that is rung. `risk` holds the codes of the risk
    rules that spoke up. `token` is the provider's name for what was keyed in, until it has been used.
    `provider_payment` is the provider's id, and `decline` why the issuer said no (`provider.ports.Decline`).
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="voice_payment")
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="payments", verbose_name=_("merchant"))
    agent = models.ForeignKey(MerchantAgent, models.PROTECT, related_name="payments", verbose_name=_("ordered by"))
    merchant_reference = models.CharField(_("merchant's own reference"), max_length=40, blank=True)
    what_for = models.CharField(_("what it is for"), max_length=60)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    version = models.PositiveSmallIntegerField(_("version of the order"), default=1)
    mode = models.CharField(_("mode"), max_length=10, choices=[(one.value, one.value) for one in Mode])
    card = models.ForeignKey(
        CardOnFile, models.PROTECT, null=True, blank=True, related_name="payments", verbose_name=_("card on file")
    )
    last_four = models.CharField(_("last four digits of the card"), max_length=4)
    brand = models.CharField(_("brand"), max_length=20, blank=True)
    point = models.ForeignKey(ContactPoint, models.PROTECT, related_name="+", verbose_name=_("number"))
    risk = models.JSONField(_("what the risk rules said"), default=list, blank=True)
    money = models.CharField(_("money"), max_length=12, choices=MoneyState, default=MoneyState.NOTHING)
    token = SealedTextField(blank=True, editable=False)
    provider_payment = models.CharField(_("payment at the provider"), max_length=64, blank=True, db_index=True)
    decline = models.CharField(_("declined because"), max_length=24, blank=True)
    ordered_at = models.DateTimeField(_("ordered"))
    asked_at = models.DateTimeField(_("the bank was asked"), null=True, blank=True)
    captured_at = models.DateTimeField(_("paid"), null=True, blank=True)
    refunded_at = models.DateTimeField(_("refunded"), null=True, blank=True)
    fulfilment = models.CharField(_("delivery"), max_length=10, choices=Fulfilment, blank=True)
    fulfilment_at = models.DateTimeField(_("delivery told"), null=True, blank=True)

    class Meta:
        verbose_name = _("voice payment")
        verbose_name_plural = _("voice payments")
        ordering = ["-ordered_at"]
        indexes = [
            models.Index(fields=["merchant", "-ordered_at"], name="voice_payments_of_merchant"),
            models.Index(fields=["point", "-ordered_at"], name="voice_payments_of_number"),
            models.Index(fields=["card", "-ordered_at"], name="voice_payments_of_card"),
        ]
        constraints = [
            is_amount(name="a_voice_payment_has_an_amount"),
            models.CheckConstraint(condition=Q(last_four__regex=r"^[0-9]{4}$"), name="voice_payment_has_last_four"),
            models.CheckConstraint(
                condition=~Q(money__in=("captured", "refunded"))
                | Q(captured_at__isnull=False) & ~Q(provider_payment=""),
                name="a_paid_voice_payment_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sum} {self.merchant}"

    @property
    def sum(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def provider_key(self) -> str:
        """Under which the provider knows the payment: one for a case, so nothing is charged twice."""
        return f"{self.case_id}:authorise"


class Reading(models.Model):
    """What was read out to the customer, once they had answered. `sha256` is over the case, the payee, the amount, the
    currency and what it is for (`linking.digest`); a change of the order voids it. `text` is the sentence as it was
    said. Only one that was agreed to and is not void lets money move."""

    payment = models.ForeignKey(VoicePayment, models.PROTECT, related_name="readings", verbose_name=_("payment"))
    call = models.ForeignKey("VoiceCall", models.PROTECT, related_name="readings", verbose_name=_("call"))
    version = models.PositiveSmallIntegerField(_("version of the order"))
    sha256 = models.CharField(max_length=64)
    text = SealedTextField(_("what was read out"))
    language = models.CharField(_("language"), max_length=8)
    read_at = models.DateTimeField(_("read out"))
    agreed_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    void_at = models.DateTimeField(_("void since"), null=True, blank=True)

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        ordering = ["read_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["payment"], condition=Q(void_at=None), name="one_valid_reading_a_payment"),
            models.CheckConstraint(
                condition=Q(agreed_at=None) | Q(agreed_at__gte=F("read_at")), name="nobody_agrees_before_it_is_read"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.read_at:%Y-%m-%d %H:%M}"


class VoiceCall(models.Model):
    """One try to reach the customer for a payment: a conversation of the voice gateway. `call` is its row among the
    telephone calls, from which the customer sees that it is us. `number` counts the tries.

    `instance` is the gateway's, `last_event` the number of the newest event that was taken. `customer` and `agent` are
    how far each telephone is (`contract.TelephoneState`), empty for one that was not rung. `item` and `keying` are what
    the customer keys in, and how far they are (`contract.Item`, `contract.Stage`); how many digits, nobody knows.
    `asked` is 1 once the agent has had the payment taken in the same call.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.ForeignKey(VoicePayment, models.PROTECT, related_name="calls", verbose_name=_("payment"))
    call = models.OneToOneField(Call, models.PROTECT, related_name="voice_call", verbose_name=_("call"))
    number = models.PositiveSmallIntegerField(_("try"))
    instance = models.CharField(max_length=64, blank=True, editable=False)
    last_event = models.PositiveIntegerField(default=0, editable=False)
    asked = models.PositiveSmallIntegerField(default=0, editable=False)
    customer = models.CharField(_("customer's telephone"), max_length=8, blank=True)
    agent = models.CharField(_("agent's telephone"), max_length=8, blank=True)
    is_joined = models.BooleanField(_("both hear each other"), default=False)
    is_cut = models.BooleanField(_("agent is cut off"), default=False)
    item = models.CharField(_("keys in"), max_length=16, blank=True)
    keying = models.CharField(_("how far"), max_length=12, blank=True)
    placed_at = models.DateTimeField(_("placed"))
    heard_at = models.DateTimeField(_("last heard of"))
    missed_at = models.DateTimeField(null=True, blank=True, editable=False)
    """Since when the gateway gives no answer."""
    ended_at = models.DateTimeField(_("over"), null=True, blank=True)
    lines_closed_at = models.DateTimeField(_("no line open since"), null=True, blank=True, editable=False)
    """Customer and agent may talk on after the payment is over."""

    class Meta:
        verbose_name = _("call for a payment")
        verbose_name_plural = _("calls for payments")
        ordering = ["placed_at"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "number"], name="one_call_a_try"),
            models.UniqueConstraint(fields=["payment"], condition=Q(ended_at=None), name="one_voice_call_at_a_time"),
        ]
        indexes = [
            models.Index(fields=["placed_at"], name="voice_calls_going_on", condition=Q(ended_at=None)),
            models.Index(fields=["placed_at"], name="voice_calls_placed"),
        ]

    def __str__(self) -> str:
        return f"{self.placed_at:%Y-%m-%d %H:%M}"

    @property
    def conversation(self) -> str:
        """Its id at the gateway."""
        return f"{CONVERSATION}{self.id}"


CONVERSATION = "pay-"
"""Begins the ids of our conversations at the gateway."""


class CleanLeg(models.Model):
    """The gateway's proof of what the agent's telephone was sent while the customer keyed in: what was signed, the
    signature and its key (`backoffice.voice.gateway.proving`). Its hash is on the timeline of the case."""

    payment = models.ForeignKey(VoicePayment, models.PROTECT, related_name="clean_legs", verbose_name=_("payment"))
    call = models.ForeignKey(VoiceCall, models.PROTECT, related_name="clean_legs", verbose_name=_("call"))
    at = models.DateTimeField(_("at"))
    window = models.TextField(_("what was signed"))
    signature = models.CharField(max_length=100)
    key_id = models.CharField(_("key"), max_length=16)
    sha256 = models.CharField(_("fingerprint"), max_length=64, unique=True)
    frames = models.PositiveIntegerField(_("frames of 20 ms"))
    non_silent = models.PositiveIntegerField(_("frames that were not silent"))
    events = models.PositiveIntegerField(_("key events"))

    class Meta:
        verbose_name = _("proof of a clean leg")
        verbose_name_plural = _("proofs of clean legs")
        ordering = ["at"]

    def __str__(self) -> str:
        return self.sha256[:12]
