"""Money that customers add to their balance by calling us: what was agreed, and the calls. All times are UTC, all
amounts in minor units of their currency."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.money import Money
from backoffice.money_columns import is_amount
from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.sealed import SealedTextField


class MoneyState(models.TextChoices):
    """What has become of the money."""

    NOTHING = "nothing", _("nothing was taken")
    AUTHORISED = "authorised", _("held on the card")
    CAPTURED = "captured", _("on the balance")
    RELEASED = "released", _("nothing was taken; what was held was released")
    DECLINED = "declined", _("the bank declined")


class Step(models.TextChoices):
    """Where a caller is. The steps that ask for something wait for the event of what was asked."""

    CODE = "code", _("keys in the code")
    AMOUNT = "amount", _("keys in the amount")
    CARD = "card", _("chooses a card")
    NEW_CARD = "new_card", _("keys in another card")
    CONSENT = "consent", _("decides whether the card is kept")
    KEEPING = "keeping", _("the card is kept")
    AGREEING = "agreeing", _("hears what is charged")
    SECURITY_CODE = "security_code", _("keys in the security code")
    BANK = "bank", _("waits for the bank")
    TOLD = "told", _("hears how it ended")
    LEAVING = "leaving", _("is hung up")
    OVER = "over", _("over")


class Farewell(models.TextChoices):
    """How a call ends, as the caller hears it."""

    ADDED = "added", _("the money is on the balance")
    DECLINED = "declined", _("the bank declined")
    UNKNOWN = "unknown", _("the bank has not answered yet")
    STOPPED = "stopped", _("the caller stopped it, or keyed in nothing of use")
    WRONG_CODE = "wrong_code", _("wrong codes")
    NOT_NOW = "not_now", _("it was not possible then")
    CARD_NOT_TAKEN = "card_not_taken", _("the card was not taken")
    REFUSED = "refused", _("the risk rules did not let it through")
    ASKS_FIRST = "asks_first", _("the customer is asked in the portal first")


class TopUp(models.Model):
    """One top-up, beside its case. Only the rules of this folder write it, under the lock of the case.

    `line` are the first digits of the number that the customer keys in to say that it is about this case; what proves
    who they are is the code behind them. Empty once the code was used. `amount` and `card` are what was agreed to in
    the call `agreed_in`. `token` is the provider's name for the security code, until it has been used. `decline` says
    why it could not be charged (`provider.ports.Decline`). `risk` are the codes of the risk rules that held the last
    call up. `to_confirm` is the amount that the customer is asked about first, and `confirmed_at` when they said that
    it is they: up to that amount nothing is asked once more. `dispute` is the provider's id of what the customer's bank
    disputes, `dispute_state` where that is (`events.DisputeStatus`), and `taken_back` what is off the balance again.
    `provider_fee` is what the provider keeps of it, None while we have not asked.
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="top_up")
    currency = models.CharField(_("currency"), max_length=3)
    line = models.CharField(max_length=4, blank=True, editable=False)
    code_until = models.DateTimeField(null=True, blank=True, editable=False)
    amount = models.BigIntegerField(_("amount"), null=True, blank=True)
    card = models.ForeignKey(
        CardOnFile, models.PROTECT, null=True, blank=True, related_name="top_ups", verbose_name=_("card")
    )
    agreed_in = models.OneToOneField(
        "TopUpCall", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("agreed in")
    )
    agreed_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    money = models.CharField(_("money"), max_length=12, choices=MoneyState, default=MoneyState.NOTHING)
    token = SealedTextField(blank=True, editable=False)
    provider_payment = models.CharField(_("payment at the provider"), max_length=64, blank=True, db_index=True)
    decline = models.CharField(_("declined because"), max_length=24, blank=True)
    captured_at = models.DateTimeField(_("added"), null=True, blank=True)
    provider_fee = models.BigIntegerField(_("fee of the provider"), null=True, blank=True)
    risk = models.JSONField(_("risk rules that spoke up"), default=list, db_default=[], blank=True)
    to_confirm = models.BigIntegerField(_("to be confirmed"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    dispute = models.CharField(_("dispute at the bank"), max_length=64, blank=True, default="", db_default="")
    dispute_state = models.CharField(_("state of the dispute"), max_length=16, blank=True, default="", db_default="")
    taken_back = models.BigIntegerField(_("taken back from the balance"), default=0, db_default=0)

    class Meta:
        verbose_name = _("top-up")
        verbose_name_plural = _("top-ups")
        ordering = ["-case__opened_at"]
        indexes = [
            models.Index(fields=["agreed_at"], name="top_ups_by_time"),
            models.Index(
                fields=["captured_at"], condition=Q(money="captured", provider_fee=None), name="top_ups_without_a_fee"
            ),
        ]
        constraints = [
            is_amount(name="a_top_up_has_an_amount"),
            models.UniqueConstraint(fields=["line"], condition=~Q(line=""), name="a_line_is_of_one_top_up"),
            models.CheckConstraint(
                condition=Q(money="nothing") | Q(amount__isnull=False, agreed_in__isnull=False, card__isnull=False),
                name="money_moves_only_as_agreed",
            ),
            models.CheckConstraint(
                condition=~Q(money="captured") | Q(captured_at__isnull=False) & ~Q(provider_payment=""),
                name="an_added_top_up_says_when",
            ),
            models.CheckConstraint(
                condition=Q(taken_back=0) | Q(taken_back__gt=0, taken_back__lte=F("amount"), money="captured"),
                name="no_more_is_taken_back_than_was_added",
            ),
        ]

    def __str__(self) -> str:
        return str(self.sum or self.currency)

    @property
    def sum(self) -> Money | None:
        """What was agreed to; None before that."""
        return None if self.amount is None else Money(self.amount, self.currency)

    @property
    def off(self) -> Money:
        """What is off the balance again."""
        return Money(self.taken_back, self.currency)

    @property
    def waits_for_confirmation(self) -> bool:
        return self.to_confirm is not None and self.confirmed_at is None

    @property
    def provider_key(self) -> str:
        """Under which the provider knows the payment: one for a case, so nothing is charged twice."""
        return f"{self.case_id}:authorise"


class TopUpCall(models.Model):
    """One call about a top-up: a conversation of the voice gateway that came in. `top_up` is None until the code was
    right, so nothing can be read out before.

    `says` is what the voice says in this step. `asked` counts what was asked, for the keys of commands, `wrong` the
    wrong answers to the present question. `amount` and `card` are what was keyed in here, `offered` the cards as they
    were read out. `sha256` is over the case, the amount, the currency and the card that were read out
    (`linking.digest`), and `text` is that sentence.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.CharField(max_length=64, unique=True, editable=False)
    top_up = models.ForeignKey(
        TopUp, models.PROTECT, null=True, blank=True, related_name="calls", verbose_name=_("top-up")
    )
    step = models.CharField(_("step"), max_length=14, choices=Step, default=Step.CODE)
    farewell = models.CharField(_("ended with"), max_length=14, choices=Farewell, blank=True)
    asked = models.PositiveSmallIntegerField(default=1, editable=False)
    wrong = models.PositiveSmallIntegerField(default=0, editable=False)
    says = SealedTextField(blank=True, editable=False)
    amount = models.BigIntegerField(_("amount"), null=True, blank=True)
    offered = models.JSONField(default=list, blank=True, editable=False)
    card = models.ForeignKey(
        CardOnFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("card")
    )
    new_card = SealedTextField(blank=True, editable=False)
    """The provider's name for a card that was just keyed in, until it is kept."""
    new_last_four = models.CharField(max_length=4, blank=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    text = SealedTextField(_("what was read out"), blank=True)
    read_at = models.DateTimeField(_("read out"), null=True, blank=True)
    agreed_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    began_at = models.DateTimeField(_("began"))
    step_at = models.DateTimeField(editable=False)
    heard_at = models.DateTimeField(_("last heard of"))
    last_event = models.PositiveIntegerField(default=0, editable=False)
    ended_at = models.DateTimeField(_("over"), null=True, blank=True)

    class Meta:
        verbose_name = _("call for a top-up")
        verbose_name_plural = _("calls for top-ups")
        ordering = ["began_at"]
        indexes = [models.Index(fields=["heard_at"], name="top_up_calls_going_on", condition=Q(ended_at=None))]
        constraints = [
            models.UniqueConstraint(fields=["top_up"], condition=Q(ended_at=None), name="one_top_up_call_at_a_time"),
            models.CheckConstraint(
                condition=Q(top_up__isnull=False) | Q(amount=None, card=None, read_at=None),
                name="nothing_is_read_out_before_the_code",
            ),
            models.CheckConstraint(
                condition=Q(agreed_at=None) | Q(agreed_at__gte=F("read_at")), name="agreed_after_it_was_read_out"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M}"

    @property
    def key(self) -> str:
        """Of the command that waits for an answer."""
        return f"{BRANCH}:{self.conversation}:{self.asked}"

    @property
    def is_keyed_in_whole(self) -> bool:
        """Whether the card of this call was keyed in here, with its security code."""
        return bool(self.new_last_four)


BRANCH = "top_up"
"""The name of this branch of the voice menu; it begins the keys of its commands."""
