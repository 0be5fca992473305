"""Cards that customers keep at the payment provider, so that only a security code is asked for. All times are UTC."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.actors import ActorKind, Channel
from backoffice.customers.models import Customer
from backoffice.payments.card_names import card_name
from backoffice.sealed import SealedTextField


class CardOnFile(models.Model):
    """A card as its customer and their merchants name it: `public_id` is the token that a merchant may hold.

    `reference` and `provider_customer` are the provider's. `fingerprint` is a keyed hash of the provider's own, which
    is the same for each card with this number. The number itself is nowhere here. A card that was forgotten keeps its
    row, without the references.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="cards_on_file", verbose_name=_("customer"))
    reference = SealedTextField(_("reference at the provider"), blank=True, editable=False)
    provider_customer = SealedTextField(_("customer at the provider"), blank=True, editable=False)
    fingerprint = models.CharField(max_length=64, editable=False, db_index=True)
    brand = models.CharField(_("brand"), max_length=20)
    last_four = models.CharField(_("last four digits"), max_length=4)
    expiry_month = models.PositiveSmallIntegerField(_("month of expiry"))
    expiry_year = models.PositiveSmallIntegerField(_("year of expiry"))
    kept_at = models.DateTimeField(_("kept since"))
    forgotten_at = models.DateTimeField(_("forgotten"), null=True, blank=True)

    class Meta:
        verbose_name = _("card on file")
        verbose_name_plural = _("cards on file")
        ordering = ["-kept_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "fingerprint"], condition=Q(forgotten_at=None), name="a_card_is_on_file_once"
            ),
            models.CheckConstraint(condition=Q(last_four__regex=r"^[0-9]{4}$"), name="last_four_are_four_digits"),
        ]

    def __str__(self) -> str:
        return card_name(self.brand, self.last_four)


class CardEventKind(models.TextChoices):
    KEPT = "kept", _("kept")
    FORGOTTEN = "forgotten", _("forgotten")
    REPLACED = "replaced", _("forgotten, since the same card was kept anew")


class CardEvent(models.Model):
    """What happened to a card on file, when, and who did it: only added, which a trigger holds. A card outlives the
    case in which it was kept, and is forgotten without one, so this stands beside it and on no timeline."""

    card = models.ForeignKey(CardOnFile, models.PROTECT, related_name="events", verbose_name=_("card"))
    kind = models.CharField(_("what"), max_length=10, choices=CardEventKind)
    at = models.DateTimeField(_("when"))
    actor_kind = models.CharField(_("who"), max_length=10, choices=[(one.value, one.value) for one in ActorKind])
    actor_id = models.CharField(max_length=40, blank=True)
    channel = models.CharField(_("channel"), max_length=20, choices=[(one.value, one.value) for one in Channel])
    proof = models.CharField(_("proof"), max_length=40, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("event of a card on file")
        verbose_name_plural = _("events of cards on file")
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["card", "kind"], name="a_card_is_kept_and_forgotten_once")]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class ProviderCustomer(models.Model):
    """By which name the payment provider knows a customer, from the first card that is kept. It learns nothing else of
    them."""

    customer = models.OneToOneField(
        Customer, models.PROTECT, primary_key=True, related_name="+", verbose_name=_("customer")
    )
    reference = SealedTextField(_("customer at the provider"), editable=False)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("customer at the payment provider")
        verbose_name_plural = _("customers at the payment provider")

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d}"
