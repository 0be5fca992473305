"""Who debits a card again and again, and what became of each when the card got a new number. Never a card number: cards
are ours, lines have opaque ids."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.sealed import SealedJSONField, SealedTextField

if TYPE_CHECKING:
    from backoffice.cards.models import Card


class Category(models.TextChoices):
    ENERGY = "energy", _("energy and water")
    TELEPHONE = "telephone", _("telephone and internet")
    INSURANCE = "insurance", _("insurance")
    HOUSING = "housing", _("rent and housing")
    MEDIA = "media", _("newspapers, music and films")
    TRANSPORT = "transport", _("transport")
    SPORT = "sport", _("sport and clubs")
    OTHER = "other", _("something else")


class Reach(models.TextChoices):
    """How we tell a biller to wait before they cut something off."""

    WEBHOOK = "webhook", _("by a signed message to their system")
    MAIL = "mail", _("by mail, with our letter attached")
    LETTER = "letter", _("by letter")
    NOTHING = "nothing", _("not at all")


class Biller(models.Model):
    """A company that debits cards. `network_id` is what the card network calls it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    only_for = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, editable=False, related_name="+")
    """The customer who typed this name, which may say much about them: nobody else sees it or can choose it. Empty for
    one that the card network or a supervisor named."""
    country = models.CharField(_("country"), max_length=2, blank=True, default="")
    """ISO 3166-1, two letters; empty where nobody has said."""
    category = models.CharField(_("category"), max_length=10, choices=Category, default=Category.OTHER)
    network_id = models.CharField(_("number at the card network"), max_length=20, unique=True, null=True, blank=True)
    reach = models.CharField(_("how we reach it"), max_length=8, choices=Reach, default=Reach.NOTHING)
    endpoint = models.ForeignKey(
        "webhooks.Endpoint", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("its system")
    )
    mail = models.EmailField(_("mail address for letters"), blank=True)
    address = models.TextField(_("postal address"), max_length=300, blank=True)
    how_to_change = models.CharField(_("how a customer changes a card there"), max_length=300, blank=True)
    secret = SealedTextField(blank=True, default="")
    """With which it signs its confirmations (Standard Webhooks: "whsec_…"); empty where it sends none."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("biller")
        verbose_name_plural = _("billers")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class FoundFrom(models.TextChoices):
    ISSUER = "issuer", _("the card's payments")
    NETWORK = "network", _("the card network")
    CUSTOMER = "customer", _("the customer")
    BILLER = "biller", _("the biller")


class Whose(models.TextChoices):
    """Who knows the biller's own number for the bill: often not the holder of the card."""

    OWN = "own", _("the customer's own bill")
    HOUSEHOLD = "household", _("a bill of the customer's household")
    OTHER = "other", _("somebody else's bill")


class MandateState(models.TextChoices):
    LIVE = "live", _("goes on")
    OVER = "over", _("is over")
    NOT_MINE = "not_mine", _("is not the customer's")


class Mandate(models.Model):
    """A recurring payment. `card` is the card whose number the biller has, as far as we know."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="mandates", verbose_name=_("customer"))
    biller = models.ForeignKey(Biller, models.PROTECT, related_name="mandates", verbose_name=_("biller"))
    card: models.ForeignKey[Card, Card] = models.ForeignKey(
        "cards.Card", models.PROTECT, related_name="mandates", verbose_name=_("card")
    )
    reference = SealedTextField(_("number at the biller"), blank=True, default="")
    amounts = SealedJSONField(_("amounts"), null=True, blank=True)
    """`[lowest, highest, currency]`: in the smallest unit, ISO 4217 in lower case; sealed."""
    whose = models.CharField(_("whose bill"), max_length=10, choices=Whose, default=Whose.OWN)
    found_from = models.CharField(_("found from"), max_length=10, choices=FoundFrom)
    state = models.CharField(_("state"), max_length=10, choices=MandateState, default=MandateState.LIVE)
    over_on = models.DateField(null=True, blank=True, editable=False)
    """When somebody said that it is over (UTC); a debit after that day shows that it is not."""
    last_debit = models.DateField(_("last debit"), null=True, blank=True)
    next_debit = models.DateField(_("next debit"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("recurring payment")
        verbose_name_plural = _("recurring payments")
        constraints = [
            models.UniqueConstraint(
                fields=["card", "biller"],
                condition=Q(found_from="issuer"),
                name="one_mandate_of_the_payments",
            )
        ]

    def __str__(self) -> str:
        return self.biller.name


class AutopayUpdate(models.Model):
    """The particulars of an autopay update: the card that has the new number, and its batch. `live` while open."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="autopay_update")
    card: models.ForeignKey[Card, Card] = models.ForeignKey("cards.Card", models.PROTECT, related_name="+")
    batch = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    """When the network's time was over: from then on what was not moved is the customer's list."""
    live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["card"], condition=Q(live=True), name="one_live_autopay_update_a_card")
        ]

    def __str__(self) -> str:
        return str(self.case_id)


class NetworkAnswer(models.TextChoices):
    """What the account updater says of a line, in the letters of the card networks (Visa Account Updater; Mastercard's
    words for the same are in `files.py`). "No answer" is ours."""

    NONE = "", _("no answer yet")
    NEW_NUMBER = "A", _("has the new number")
    NEW_EXPIRY = "E", _("has the new date")
    CLOSED = "C", _("says that the account is closed")
    CONTACT_HOLDER = "Q", _("wants to hear from the customer")
    NOT_PARTICIPATING = "N", _("takes part in no such update")
    NO_MATCH = "P", _("is not known to the network")


MOVES = frozenset({NetworkAnswer.NEW_NUMBER, NetworkAnswer.NEW_EXPIRY})


class LineState(models.TextChoices):
    ASKED = "asked", _("the network is asked")
    MOVED = "moved", _("moved")
    TO_DO = "to_do", _("waits for the customer")
    OVER = "over", _("is over")
    NOT_MINE = "not_mine", _("not the customer's")
    LEFT = "left", _("has the old number")


class MovedBy(models.TextChoices):
    NOBODY = "", _("nobody yet")
    NETWORK = "network", _("the card network")
    CUSTOMER = "customer", _("the customer")
    BILLER = "biller", _("the biller")


class LetterState(models.TextChoices):
    NONE = "", _("none")
    WAITS = "waits", _("is to be sent")
    SENT = "sent", _("sent")
    REFUSED = "refused", _("cannot be delivered")


class Line(models.Model):
    """One recurring payment in one update. `public_id` is what the network and the biller call it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    update = models.ForeignKey(AutopayUpdate, models.CASCADE, related_name="lines")
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    old_card: models.ForeignKey[Card | None, Card | None] = models.ForeignKey(
        "cards.Card", models.PROTECT, null=True, blank=True, related_name="+"
    )
    """The card whose number the biller had when the line was written; see `had`."""
    in_batch = models.BooleanField(default=True)
    """False for one that was added after the batch was sent."""
    answer = models.CharField(max_length=1, choices=NetworkAnswer, default=NetworkAnswer.NONE, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=LineState, default=LineState.ASKED)
    settled_by = models.CharField(max_length=8, choices=MovedBy, default=MovedBy.NOBODY, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    hold_until = models.DateField(null=True, blank=True)
    """Until when the biller is asked to wait; empty where nobody asked it, or that was lifted."""
    holds = models.PositiveSmallIntegerField(default=0)
    """How often a hold was asked for, or lifted: each is another message."""
    letter = models.ForeignKey("trust.Contact", models.PROTECT, null=True, blank=True, related_name="+")
    """What we write to a biller that has no webhook, as it stands in the contact register."""
    letter_state = models.CharField(max_length=8, choices=LetterState, default=LetterState.NONE, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["update", "mandate"], name="one_line_a_mandate")]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def had(self) -> Card:
        """The card whose number the biller had, also once the payment was moved. Lines of older versions know it only
        from the mandate."""
        if self.old_card is not None:
            return self.old_card
        card = self.mandate.card
        return card.replaces if card.pk == self.update.card_id and card.replaces else card


class UpdaterResponse(models.Model):
    """A response of the account updater that was taken: `key` is its batch and its number, and the same key is one."""

    key = models.CharField(max_length=48, unique=True)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class Wallet(models.TextChoices):
    APPLE = "apple_pay", _("Apple Pay")
    GOOGLE = "google_pay", _("Google Pay")
    SAMSUNG = "samsung_pay", _("Samsung Pay")
    OTHER = "", _("another wallet")


DEVICES = {"phone": _("on a telephone"), "watch": _("on a watch")}


class WalletState(models.TextChoices):
    MOVED = "moved", _("pays with the new card")
    SUSPENDED = "suspended", _("suspended: add the new card there")
    KEPT = "kept", _("is not in use there")


class WalletMove(models.Model):
    """What became of the card in a wallet: a telephone, a watch. `token` is the issuer's opaque id of it."""

    update = models.ForeignKey(AutopayUpdate, models.CASCADE, related_name="wallets")
    token = models.CharField(max_length=80)
    wallet = models.CharField(max_length=20)
    device = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=10, choices=WalletState)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["update", "token"], name="one_move_a_token")]

    def __str__(self) -> str:
        return self.wallet

    @property
    def name(self) -> str:
        """ "Apple Pay on a watch"."""
        wallet = Wallet(self.wallet) if self.wallet in Wallet.values else Wallet.OTHER
        return " ".join(str(one) for one in (wallet.label, DEVICES.get(self.device, "")) if one)
