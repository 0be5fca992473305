"""The particulars of a cession: what outlives its answers."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.sealed import SealedJSONField


class Route(models.TextChoices):
    ELECTRONIC = "electronic", _("electronically")
    SIGNED_PDF = "signed_pdf", _("by a signed PDF")
    PAPER = "paper", _("on paper")


class Cession(models.Model):
    """One domain that goes to a new holder. `new_holder` is sealed: see `new_holder.NewHolder`. `statuses_set` are the
    registry's states that this case has set; `old_handle` and `old_contacts` (as [type, handle]) are the registry's
    holder and contacts when it set them; None for a case that did so before they were kept. Times are UTC."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="cession")
    domain = models.ForeignKey("domains.Domain", models.PROTECT, related_name="cessions", verbose_name=_("domain"))
    route = models.CharField(_("route"), max_length=12, choices=Route)
    new_holder = SealedJSONField(null=True)
    old_holder_name = models.CharField(_("holder before"), max_length=200, blank=True, default="")
    statuses_set = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    old_handle = models.CharField(_("handle before"), max_length=40, blank=True, default="", db_default="")
    old_contacts = models.JSONField(_("contacts before"), null=True, blank=True)
    handle = models.CharField(_("handle of the new holder"), max_length=40, blank=True, default="")
    executed_at = models.DateTimeField(_("executed"), null=True, blank=True)
    needs_lock = models.BooleanField(_("locked afterwards"), default=False)

    class Meta:
        verbose_name = _("cession")
        verbose_name_plural = _("cessions")

    def __str__(self) -> str:
        return f"{self.domain}"

    @classmethod
    def of(cls, case: Case) -> Cession:
        """The particulars of the case, read once per object of the case."""
        found: Cession = case.once("cession", lambda: cls.objects.select_related("domain").get(case=case))
        return found


class Examination(models.Model):
    """What was found in a signed PDF and shown to people: `shown` are the sentences, sealed, and `shown_hash` is the
    SHA-256 of the file's hash and these sentences, by lines. `at` is UTC."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="examinations")
    document = models.ForeignKey("documents.Document", models.PROTECT, related_name="examinations")
    accepted = models.BooleanField(_("accepted"))
    codes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    shown = SealedJSONField(null=True)
    shown_hash = models.CharField(max_length=64)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("examination of a signed document")
        verbose_name_plural = _("examinations of signed documents")
        indexes = [models.Index(fields=["case", "-at"], name="examinations_of_case")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
