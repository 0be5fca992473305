"""Who the customers are and how they are reached."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice import languages
from backoffice.customers.postal import PostalAddress, restored
from backoffice.sealed import SealedTextField


class CustomerKind(models.TextChoices):
    PERSON = "person", _("person")
    ORGANISATION = "organisation", _("organisation")


class Customer(models.Model):
    """A person or an organisation. Names are stored in clear, because staff search by them; ids are sealed."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="customer",
        verbose_name=_("sign-in"),
    )
    kind = models.CharField(_("kind"), max_length=12, choices=CustomerKind, default=CustomerKind.PERSON)
    given_name = models.CharField(_("given name"), max_length=200, blank=True)
    family_name = models.CharField(_("family name"), max_length=200, blank=True)
    organisation_name = models.CharField(_("organisation"), max_length=200, blank=True)
    contact_person = models.CharField(_("contact person"), max_length=200, blank=True, default="", db_default="")
    birth_date = SealedTextField(_("birth date"), blank=True, help_text=_("YYYY-MM-DD, encrypted"))
    country = models.CharField(_("country"), max_length=2, default="NL", help_text=_("ISO 3166-1, two letters"))
    language = models.CharField(_("language"), max_length=8, choices=languages.choices, default="en")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Amsterdam")
    phrase = models.CharField(_("phrase"), max_length=40, help_text=_("Every real message from us shows it."))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["family_name", "given_name", "organisation_name"]
        permissions = [
            ("check_parts", _("Can check the parts of a postal address")),
            ("mark_sim_swapped", _("Can note that a SIM was swapped")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        if self.kind == CustomerKind.ORGANISATION:
            return self.organisation_name
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def written_language(self) -> str:
        """The name of the language in which we write to them, which may not be the one that they chose."""
        return dict(languages.choices())[languages.offered(self.language)]


class NameEntry(models.Model):
    """One text under which a customer is found by name. The rules that write names write these too (`names`)."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="name_entries", db_index=False)
    text = models.CharField(max_length=100, db_collation="C")
    """Folded, and in the order of code points, so that an index finds its beginning."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "text"], name="one_name_entry_a_text")]
        indexes = [models.Index(fields=["text", "customer"], name="customers_by_name")]


class NationalIdKind(models.TextChoices):
    BSN = "BSN", _("BSN (Netherlands, person)")
    PESEL = "PESEL", _("PESEL (Poland, person)")
    NIP = "NIP", _("NIP (Poland, tax number)")
    REGON = "REGON", _("REGON (Poland, organisation)")
    VAT = "VAT", _("VAT number (European Union, with the country in front)")
    KVK = "KVK", _("KvK (Netherlands, register of companies)")


class NationalId(models.Model):
    """A national or company number, valid for its country, sealed, with a blind index to find it by."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="national_ids")
    kind = models.CharField(_("kind"), max_length=8, choices=NationalIdKind)
    number = SealedTextField(_("number"))
    number_index = models.CharField(max_length=64, editable=False, db_index=True)

    class Meta:
        verbose_name = _("national id")
        verbose_name_plural = _("national ids")
        constraints = [models.UniqueConstraint(fields=["kind", "number_index"], name="one_customer_a_national_id")]

    def __str__(self) -> str:
        return self.masked

    @property
    def masked(self) -> str:
        """The kind and the last two characters."""
        return f"{self.kind} •••{self.number[-2:]}"


class May(models.TextChoices):
    """How a representative can bind their organisation, as its register says."""

    ALONE = "alone", _("alone")
    JOINTLY = "jointly", _("only together with another one")


class Act(models.TextChoices):
    """What a representative can do in the organisation's name."""

    DOMAINS = "domains", _("give away, take over or move domains")
    CONTACTS = "contacts", _("change how we reach the organisation")
    INVOICES = "invoices", _("ask for invoices")


class Representative(models.Model):
    """A person who acts for an organisation, as an extract of its register of `extract_of` says. It is never changed: a
    newer entry of the same person ends it. `person` is their own record, if they are a customer; the number is sealed,
    and found by a blind index. Times are UTC. Only the rules of `representatives` write it.
    """

    organisation = models.ForeignKey(
        Customer, models.PROTECT, related_name="representatives", verbose_name=_("organisation")
    )
    name = models.CharField(_("name"), max_length=200)
    person = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="represents", verbose_name=_("their own record")
    )
    number_kind = models.CharField(_("kind of number"), max_length=8, choices=NationalIdKind, blank=True)
    number = SealedTextField(_("number"), blank=True)
    number_index = models.CharField(max_length=64, editable=False, blank=True, db_index=True)
    may = models.CharField(_("may act"), max_length=8, choices=May)
    acts = ArrayField(models.CharField(max_length=12, choices=Act), verbose_name=_("may"))
    extract_of = models.DateField(_("register extract of"))
    since = models.DateTimeField(_("entered"))
    until = models.DateTimeField(_("no longer since"), null=True, blank=True)
    recorded_by = models.CharField(max_length=40, blank=True, editable=False)
    recorded_through = models.CharField(max_length=20, blank=True, editable=False)

    class Meta:
        verbose_name = _("representative")
        verbose_name_plural = _("representatives")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "number_kind", "number_index"],
                condition=Q(until=None) & ~Q(number_index=""),
                name="one_entry_a_representative",
            ),
            models.CheckConstraint(condition=~Q(acts=[]), name="representative_may_do_something"),
        ]

    def __str__(self) -> str:
        return self.name


class ContactKind(models.TextChoices):
    MAIL = "mail", _("e-mail")
    PHONE = "phone", _("telephone")
    POSTAL = "postal", _("postal address")


class ContactPoint(models.Model):
    """One address of a customer. It is never overwritten: a new one supersedes it, and this one gets `superseded_at`.

    A postal address has `parts`; its `value` is the same address as people read it. `parts_checked_at` is when its
    parts were checked; empty when they were split from a text by a guess, which somebody must look at before a letter
    with a card goes there.

    `verified_at` and `verified_how` say when and how it was proven to be theirs; `since` is when it became theirs, from
    which the age of a number or an address is counted. All times are UTC.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contact_points")
    kind = models.CharField(_("kind"), max_length=8, choices=ContactKind)
    value = SealedTextField(_("address"))
    value_index = models.CharField(max_length=64, editable=False, db_index=True)
    last_four_index = models.CharField(max_length=64, blank=True, editable=False, default="", db_default="")
    last_six_index = models.CharField(max_length=64, blank=True, editable=False, default="", db_default="")
    """Only of a telephone number: `addresses.ending_index_of`."""
    parts = SealedTextField(_("parts"), null=True, editable=False)
    """Only of a postal address: `postal.stored`."""
    parts_checked_at = models.DateTimeField(_("parts checked"), null=True, blank=True, editable=False)
    masked = models.CharField(_("masked"), max_length=80, editable=False)
    since = models.DateTimeField(_("since"))
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    verified_how = models.CharField(_("verified how"), max_length=40, blank=True)
    sim_swapped_at = models.DateTimeField(_("SIM swapped or ported"), null=True, blank=True)
    sim_swap_noted_by = models.CharField(max_length=40, blank=True, editable=False)
    superseded_at = models.DateTimeField(_("superseded"), null=True, blank=True)
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="supersedes")
    recorded_by = models.CharField(max_length=40, blank=True, editable=False)
    """The public id of the person who entered it; empty for the system."""
    recorded_through = models.CharField(max_length=20, blank=True, editable=False)
    """The channel, as in `backoffice.actors`."""

    class Meta:
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind"], condition=Q(superseded_at=None), name="one_current_contact_point_a_kind"
            )
        ]
        indexes = [
            models.Index(fields=["last_four_index"], name="phones_by_last_four", condition=~Q(last_four_index="")),
            models.Index(fields=["last_six_index"], name="phones_by_last_six", condition=~Q(last_six_index="")),
        ]

    def __str__(self) -> str:
        return self.masked

    @property
    def address(self) -> PostalAddress | None:
        """The parts of a postal address, as somebody checked or a guess split them; None without any."""
        return restored(self.parts) if self.parts else None


class Access(models.Model):
    """One opening of a customer's record by a member of staff, granted or refused. A trigger refuses every change of
    it. If it was granted, the same person may read on until `until` (UTC). The customer may see these lines.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="openings", verbose_name=_("customer"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("at"))
    until = models.DateTimeField(_("until"), null=True, blank=True)
    case_id = models.UUIDField(_("case"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    page = models.CharField(_("page"), max_length=80, blank=True)
    refused = models.BooleanField(_("refused"), default=False)

    class Meta:
        verbose_name = _("opening of a record")
        verbose_name_plural = _("openings of records")
        indexes = [
            models.Index(fields=["customer", "-at"], name="openings_of_customer"),
            models.Index(fields=["user", "customer", "-until"], name="openings_by_user"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(refused=True) | Q(case_id__isnull=False) | ~Q(reason=""), name="opening_has_case_or_reason"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.at:%Y-%m-%d %H:%M}"
