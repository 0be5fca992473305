"""The particulars of contact changes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.sealed import SealedTextField
from workflows.contact_change.facts import What


class Moved(models.TextChoices):
    """How a telephone number came into other hands, or may have."""

    SWAPPED = "swapped", _("the SIM was swapped")
    PORTED = "ported", _("the number was ported")


class ContactChange(models.Model):
    """The address or number that a contact change is to put in force, in its normal form, as `contact_points.written`
    makes it; a postal address has `parts`. `replaces` is the address in force when the case was opened; without one it
    is the first of its kind. `live` while the case is open: a customer has one live change of a kind.
    """

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="contact_change")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contact_changes", verbose_name=_("customer"))
    kind = models.CharField(_("kind"), max_length=8, choices=ContactKind)
    value = SealedTextField(_("new address"))
    value_index = models.CharField(max_length=64, editable=False)
    parts = SealedTextField(_("parts"), null=True, editable=False)
    masked = models.CharField(_("masked"), max_length=80, editable=False)
    replaces = models.ForeignKey(
        ContactPoint, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("replaces")
    )
    abroad = models.BooleanField(default=False)
    """Of a postal address: a letter to it goes to another country than our own."""
    opened_by = models.CharField(max_length=10)
    """The kind of actor who opened it."""
    at_branch = models.BooleanField(default=False, db_default=False)
    """The customer had no sign-in when the case was opened, and so shows who they are at a branch."""
    known_elsewhere = models.BooleanField(default=False)
    """Whether it was an address of another customer when the case was opened."""
    risk = models.CharField(_("risk"), max_length=8, blank=True)
    risk_why = models.CharField(_("why"), max_length=200, blank=True)
    live = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("contact change")
        verbose_name_plural = _("contact changes")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind"], condition=Q(live=True), name="one_live_contact_change_a_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.masked}"

    @classmethod
    def of(cls, case: Case) -> ContactChange:
        """The particulars of the case, read once for each unit of work. Raises `DoesNotExist`."""
        return case.once("contact_change", lambda: cls.objects.select_related("replaces").get(case_id=case.id))

    @property
    def what(self) -> What:
        return What(self.kind)

    @property
    def is_same(self) -> bool:
        """It is the address in force, which is to be relied on: it was never proven, or its SIM was swapped."""
        return self.replaces is not None and self.replaces.value_index == self.value_index

    @property
    def was_swapped(self) -> bool:
        """Whether the SIM of this very number was swapped since it was last proven to be the customer's."""
        if self.kind != ContactKind.PHONE:
            return False
        theirs = ContactPoint.objects.filter(customer=self.customer_id, kind=self.kind, value_index=self.value_index)
        last = theirs.order_by("-pk").only("sim_swapped_at").first()
        return last is not None and last.sim_swapped_at is not None

    @property
    def replaced(self) -> str:
        """The old address as people may see it; empty when there was none."""
        return self.replaces.masked if self.replaces else ""

    def as_point(self) -> ContactPoint:
        """The new address as one that is not on file: for the message with its code."""
        return ContactPoint(
            customer_id=self.customer_id,
            kind=self.kind,
            value=self.value,
            value_index=self.value_index,
            parts=self.parts,
            masked=self.masked,
        )


class NumberSignal(models.Model):
    """A signal that a telephone number is in other hands, by the sender's own id of it, so that each counts once. It
    does not say which number: that stands at the number itself."""

    signal_id = models.CharField(max_length=90, unique=True, editable=False)
    what = models.CharField(_("what"), max_length=8, choices=Moved)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("signal about a number")
        verbose_name_plural = _("signals about numbers")

    def __str__(self) -> str:
        return f"{self.get_what_display()}, {self.at:%Y-%m-%d %H:%M}"
