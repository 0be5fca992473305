"""Who may order payments for a merchant: its people and its machines. All times are UTC."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice import dialling
from backoffice.payments.merchants.models import Merchant
from backoffice.sealed import SealedTextField


class MerchantAgent(models.Model):
    """A person or a machine of a merchant, who orders payments for it and sees only its orders. `public_id` is the id
    of the actor in timelines.

    `telephone` is where we ring them, so that they can stay with the customer: a number in the dial plan of the voice
    gateway, empty for one whom we never ring. `mail` is where a person was invited; they have no sign-in before they
    have joined. Who is removed keeps their row, without a sign-in.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="agents", verbose_name=_("merchant"))
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merchant_agent",
        verbose_name=_("sign-in"),
    )
    name = models.CharField(_("name"), max_length=60)
    telephone = models.CharField(_("telephone"), max_length=20, blank=True)
    mail = SealedTextField(_("e-mail address"), blank=True, default="")
    mail_index = models.CharField(max_length=64, blank=True, editable=False)
    is_machine = models.BooleanField(_("a machine"), default=False)
    added_at = models.DateTimeField(_("added"))
    added_by = models.CharField(max_length=40, editable=False)
    joined_at = models.DateTimeField(_("joined"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)
    removed_by = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        verbose_name = _("agent of a merchant")
        verbose_name_plural = _("agents of merchants")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(removed_at=None, removed_by="") | Q(removed_at__isnull=False, user=None),
                name="a_removed_agent_has_no_sign_in",
            ),
            models.UniqueConstraint(
                fields=["merchant", "mail_index"],
                condition=Q(removed_at=None) & ~Q(mail_index=""),
                name="one_agent_of_a_merchant_an_address",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def may_be_rung(self) -> bool:
        """Whether we ring them: one whose number earns somebody money is added no more, but may be here since before.
        An extension is no number of the world."""
        is_number = self.telephone.startswith("+")
        return bool(self.telephone) and not (is_number and dialling.costs_extra(self.telephone))
