"""Domain names that customers hold, and who held them before. Rules change them (`registering`, `holding`)."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from backoffice import idn
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.domains.cession.models import Cession as Cession
from backoffice.domains.cession.models import Examination as Examination
from backoffice.domains.invoices.models import Invoice as Invoice
from backoffice.domains.invoices.models import InvoiceDuplicate as InvoiceDuplicate
from backoffice.domains.invoices.models import InvoiceEvent as InvoiceEvent
from backoffice.domains.invoices.models import InvoiceLine as InvoiceLine
from backoffice.domains.invoices.models import InvoicePayment as InvoicePayment
from backoffice.domains.registry_commands import RegistryCommand as RegistryCommand
from backoffice.domains.registry_messages import RegistryMessage as RegistryMessage
from backoffice.domains.safeguards.models import SafeguardChange as SafeguardChange
from backoffice.domains.transfer_out.models import TransferOut as TransferOut


class DomainState(models.TextChoices):
    REGISTERED = "registered", _("registered")
    EXPIRED = "expired", _("expired")
    DISPUTED = "disputed", _("disputed")
    GONE = "gone", _("transferred away")


class MarkedBy(models.TextChoices):
    """Who gave a domain the value mark."""

    NOBODY = "", _("not noted")
    US = "us", _("us")
    HOLDER = "holder", _("its holder")


class Lock(models.TextChoices):
    """What a registry forbids for now (the status codes of EPP, RFC 5731)."""

    TRANSFER = "transfer", _("no transfer")
    UPDATE = "update", _("no change")
    DELETE = "delete", _("no deletion")


class Domain(models.Model):
    """A registered name, stored as the registry has it: small ASCII letters (A-labels). Times are UTC.

    `registrant_handle`, `contacts` (as [type, handle]) and `statuses` (as EPP writes them, RFC 5731, section 2.3) are
    what the registry last told us. `locks` says in our words what these statuses forbid.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=253, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="domains", verbose_name=_("holder"))
    registered_at = models.DateTimeField(_("registered"))
    expires_at = models.DateTimeField(_("expires"))
    state = models.CharField(_("state"), max_length=12, choices=DomainState, default=DomainState.REGISTERED)
    locks = ArrayField(models.CharField(max_length=10, choices=Lock), default=list, blank=True, verbose_name=_("locks"))
    registry = models.CharField(_("registry"), max_length=20, blank=True, default="", db_default="")
    """The code of the registry in `policies`; empty for a name whose end has no policy."""
    registrant_handle = models.CharField(_("registrant"), max_length=40, blank=True, default="", db_default="")
    contacts = models.JSONField(_("contacts"), default=list, blank=True, db_default=Value([], models.JSONField()))
    statuses = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, db_default=[], verbose_name=_("EPP states")
    )
    transferred_at = models.DateTimeField(_("last transfer"), null=True, blank=True)
    """When it last came from another registrar."""
    is_high_value = models.BooleanField(_("high value"), default=False, db_default=False)
    """The value mark: changes of it wait as long as those of the most careful registry."""
    marked_by = models.CharField(
        _("marked by"), max_length=6, choices=MarkedBy, blank=True, default=MarkedBy.NOBODY, db_default=""
    )
    """Only what its holder asked for can its holder take away again. A mark from before this was noted is ours."""
    held_by_case = models.UUIDField(_("held by the case"), null=True, blank=True, editable=False)
    """The id of the case that locks its edits, so that two cases never change one domain at once."""
    authinfo_set_at = models.DateTimeField(_("transfer code set"), null=True, blank=True)
    transfer_lock_until = models.DateTimeField(_("no transfer before"), null=True, blank=True)
    """The end of the lock that follows a change of its holder."""
    lock_opt_out_at = models.DateTimeField(_("opted out of the lock"), null=True, blank=True)
    """When the holder declared that they want no such lock."""

    class Meta:
        verbose_name = _("domain")
        verbose_name_plural = _("domains")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("registered_at")), name="domain_ends_after_it_begins")
        ]

    def __str__(self) -> str:
        return self.unicode_name

    @property
    def unicode_name(self) -> str:
        """The name as people write it."""
        return idn.to_unicode(self.name)


class DomainPart(models.Model):
    """One text under which a domain is found (`names.parts_of`)."""

    domain = models.ForeignKey(Domain, models.CASCADE, related_name="parts", db_index=False)
    text = models.CharField(max_length=80, db_collation="C")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["domain", "text"], name="one_domain_part_a_text")]
        indexes = [models.Index(fields=["text", "domain"], name="domains_by_part")]


class How(models.TextChoices):
    """How somebody became the holder of a domain."""

    REGISTERED = "registered", _("registered it, or brought it here")
    CEDED = "ceded", _("taken over from the holder before")


class DomainHolding(models.Model):
    """One time in which a customer held a domain, from `since` to `until` (UTC; no end for who holds it now). Written
    by the rules that enter a domain and that change its holder, together with `Domain.customer`."""

    domain = models.ForeignKey(Domain, models.CASCADE, related_name="holdings", verbose_name=_("domain"))
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="holdings", verbose_name=_("holder"))
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True, blank=True)
    how = models.CharField(_("how"), max_length=12, choices=How, default=How.REGISTERED)
    case_id = models.UUIDField(null=True, blank=True, editable=False)
    """The case by which they became the holder."""
    case_reference = models.CharField(_("by which case"), max_length=12, blank=True)

    class Meta:
        verbose_name = _("time of a holder")
        verbose_name_plural = _("holders")
        ordering = ["-since", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["domain"], condition=Q(until=None), name="one_holder_a_domain_now"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="holder_ends_after_they_begin"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.since:%Y-%m-%d}"


class DomainOrder(models.Model):
    """A case that was to change this domain, whatever came of it. Written when the case takes hold of the domain, or
    by `holding.note_order` where it never did."""

    domain = models.ForeignKey(Domain, models.CASCADE, related_name="orders", verbose_name=_("domain"))
    case = models.ForeignKey(Case, models.CASCADE, related_name="+", verbose_name=_("case"))
    at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("order about a domain")
        verbose_name_plural = _("orders about domains")
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["domain", "case"], name="one_order_a_case")]

    def __str__(self) -> str:
        return str(self.case_id)
