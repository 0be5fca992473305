"""Second parties, in their table."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.cases.ways import Way
from backoffice.customers.models import Customer
from backoffice.sealed import SealedTextField


class Party(models.Model):
    """A second party to a family of cases: the role, as the process declares it, and the party's record as a customer.
    A party without an account gets a record without one, and joins with the code of the invitation.

    `way` is how they get the code. Who got it by hand or by letter gives a mail address of their own: `claimed_mail`,
    until a code that was sent there shows that it is theirs. Times are UTC."""

    root = models.ForeignKey("cases.Case", models.CASCADE, related_name="parties")
    role = models.CharField(_("role"), max_length=40)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="parties", verbose_name=_("party"))
    way = models.CharField(_("way"), max_length=8, choices=Way, default=Way.MAIL, db_default=Way.MAIL.value)
    claimed_mail = SealedTextField(null=True, editable=False)
    invited_at = models.DateTimeField(_("invited"))
    joined_at = models.DateTimeField(_("joined"), null=True, blank=True)

    class Meta:
        app_label = "cases"
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        constraints = [
            models.UniqueConstraint(fields=["root", "role"], name="one_party_a_role"),
            models.UniqueConstraint(fields=["root", "customer"], name="one_role_a_party"),
        ]

    def __str__(self) -> str:
        return self.role
