"""Domain names that customers hold. Records only: no process changes them yet."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice import idn
from backoffice.customers.models import Customer


class DomainState(models.TextChoices):
    REGISTERED = "registered", _("registered")
    EXPIRED = "expired", _("expired")
    DISPUTED = "disputed", _("disputed")
    GONE = "gone", _("transferred away")


class Lock(models.TextChoices):
    """What a registry forbids for now (the status codes of EPP, RFC 5731)."""

    TRANSFER = "transfer", _("no transfer")
    UPDATE = "update", _("no change")
    DELETE = "delete", _("no deletion")


class Domain(models.Model):
    """A registered name, stored as the registry has it: small ASCII letters (A-labels). Times are UTC."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=253, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="domains", verbose_name=_("holder"))
    registered_at = models.DateTimeField(_("registered"))
    expires_at = models.DateTimeField(_("expires"))
    state = models.CharField(_("state"), max_length=12, choices=DomainState, default=DomainState.REGISTERED)
    locks = ArrayField(models.CharField(max_length=10, choices=Lock), default=list, blank=True, verbose_name=_("locks"))

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
