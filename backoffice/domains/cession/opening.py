"""Opening a cession: which domain, to whom, and how both sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases import parties
from backoffice.cases.forms import OpeningForm
from backoffice.cases.models import Case
from backoffice.cases.parties import Invited
from backoffice.cases.ways import Way
from backoffice.customers import postal, postal_form
from backoffice.customers.models import Customer, CustomerKind
from backoffice.customers.postal import PARTS
from backoffice.customers.postal_rules import home
from backoffice.domains import holding, terms
from backoffice.domains.cession import together
from backoffice.domains.cession.models import Cession, Route
from backoffice.domains.cession.new_holder import KINDS, NewHolder, NumberAndAddress, stored
from backoffice.domains.debts import with_debts
from backoffice.domains.models import Domain
from backoffice.domains.names import clean as clean_name
from backoffice.needed_fields import needed
from backoffice.refusals import Conflict, Invalid, NotFound
from workflows.domain_cession import facts
from workflows.domain_cession.facts import CessionOpening
from workflows.domain_cession.spec import NEW_HOLDER

ROUTES = [
    (Route.ELECTRONIC.value, _("Each of us confirms it in our own account")),
    (Route.SIGNED_PDF.value, _("We both sign a PDF electronically")),
    (Route.PAPER.value, _("We sign a printed form and post it")),
]
INVITE_BY = [
    (Way.MAIL.value, _("You write to their e-mail address")),
    (Way.HAND.value, _("I give them a code myself")),
    (Way.LETTER.value, _("You send a letter with a code to their postal address")),
]
_FOR_A_FORM = _("Needed if you sign a PDF or on paper. Otherwise leave it out: the new holder gives it.")
_FOR_A_LETTER = _("Needed for a letter, and if you sign a PDF or on paper. Otherwise leave it out: they give it.")


def why_not_cede(domain: Domain, now: datetime) -> str:
    """The sentence that says why this domain cannot get a new holder now, for its holder; empty when it can."""
    if _under_way(domain):
        return _t("A change of this domain's holder is under way already.")
    if refusal := holding.why_not_changeable(domain, now):
        return str(refusal.sentence)
    try:
        terms.cooling(domain)
    except Conflict as unknown:
        return str(unknown.sentence)
    return ""


class OneOfTheirDomains(forms.ChoiceField):
    """A domain of the customer, by its public id or its name in either form."""

    domains: Sequence[Domain] = ()

    def to_python(self, value: object) -> str:
        typed = super().to_python(value)
        try:
            name = clean_name(typed)
        except Invalid:
            return str(typed)
        found = [str(one.public_id) for one in self.domains if one.name == name]
        return found[0] if found else str(typed)


class CessionForm(NumberAndAddress, OpeningForm):
    """What the form of a cession holds. The address and the number of the new holder are needed where a document is
    signed; on the electronic way the new holder gives them."""

    intro = _(
        "We first ask you to confirm it. Then you both agree, and all your old addresses hear of it and can still stop "
        "it for some days. Until then nothing changes."
    )

    domain = OneOfTheirDomains(
        label=_("Which domain?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose the domain."),
            "invalid_choice": _("We know no such domain of this customer. Choose one of the list."),
        },
    )
    route = forms.ChoiceField(
        label=_("How do you both sign?"),
        choices=ROUTES,
        widget=forms.RadioSelect,
        help_text=_("The first is the fastest. For the second you both need a qualified electronic signature."),
    )
    new_is = forms.ChoiceField(label=_("Who is the new holder?"), choices=KINDS, widget=forms.RadioSelect)
    given_name = forms.CharField(label=_("Given name"), max_length=100, required=False)
    family_name = needed(
        forms.CharField(
            label=_("Family name"),
            max_length=100,
            required=False,
            help_text=_("Of the person; for a company, of who speaks for it, if you know them."),
        )
    )
    organisation_name = needed(
        forms.CharField(
            label=_("Name of the company"), max_length=200, required=False, help_text=_("Only if it is a company.")
        )
    )
    invite_by = needed(
        forms.ChoiceField(
            label=_("How does the new holder get to know of it?"),
            choices=INVITE_BY,
            widget=forms.RadioSelect,
            initial=Way.MAIL.value,
            required=False,
            help_text=_("For a code that you give yourself: it waits for you on the page of the case."),
        )
    )
    mail = needed(
        forms.EmailField(
            label=_("E-mail address of the new holder"),
            max_length=254,
            required=False,
            help_text=_("If we write to it, we do that at once. If not, leave it out: the new holder gives their own."),
        )
    )
    field_order = (
        "domain",
        "route",
        "new_is",
        "given_name",
        "family_name",
        "organisation_name",
        "invite_by",
        "mail",
        "number_kind",
        "number",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["domain"]
        assert isinstance(field, OneOfTheirDomains)
        field.domains = list(with_debts(Domain.objects.filter(customer=self.customer)).order_by("name"))
        now = timezone.now()
        self._refusals = [(str(one), why) for one in field.domains if (why := why_not_cede(one, now))]
        field.choices = [(str(one.public_id), str(one)) for one in field.domains]
        shown = {str(one.public_id) for one in field.domains if not why_not_cede(one, now)}
        field.widget.choices = [choice for choice in field.choices if choice[0] in shown]
        if len(shown) == 1:
            field.initial = shown.copy().pop()
        if self.by.kind is ActorKind.CUSTOMER:
            field.error_messages["invalid_choice"] = _t("We know no such domain of yours. Choose one of the list.")
        postal_form.draw(self, optional=True, country=self.customer.country)
        self.fields["number"].help_text = _("PESEL or BSN of a person; NIP or REGON of a company. %s") % _FOR_A_FORM
        self.fields["country"].help_text = _FOR_A_LETTER

    @property
    def refused(self) -> Sequence[tuple[str, str]]:
        """The domains that cannot be chosen, each with the reason."""
        return self._refusals

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_company = cleaned.get("new_is") == CustomerKind.ORGANISATION.value
        needed = ("organisation_name",) if is_company else ("family_name",)
        for name in needed:
            if not cleaned.get(name):
                self.add_error(name, _t("Write the name of the new holder."))
        self.read_number(str(cleaned.get("new_is") or ""))
        address = postal_form.read(self, optional=True)
        self._check_invitation(cleaned, has_address=address is not None)
        if cleaned.get("route") == Route.ELECTRONIC.value and (refusal := together.why_not_in_account(self.customer)):
            self.add_error("route", refusal)
        if cleaned.get("route") in (Route.SIGNED_PDF.value, Route.PAPER.value):
            if address is None and not any(name in self.errors for name in PARTS):
                self.add_error("line1", _t("The form that you sign needs the new holder's address."))
            if not cleaned.get("number") and "number" not in self.errors and "number_kind" not in self.errors:
                self.add_error("number", _t("The form that you sign needs the new holder's number."))
        return cleaned

    def _check_invitation(self, cleaned: dict[str, Any], *, has_address: bool) -> None:
        """What the way to the new holder needs. The registry enters their mail address; on the electronic route it is
        the one that they prove."""
        way = cleaned["invite_by"] = cleaned.get("invite_by") or Way.MAIL.value
        if not cleaned.get("mail") and "mail" not in self.errors:
            if way == Way.MAIL.value:
                self.add_error("mail", _t("Write the e-mail address to which we write."))
            elif cleaned.get("route") not in (None, Route.ELECTRONIC.value):
                self.add_error("mail", _t("The registry enters the new holder's e-mail address. Write it here."))
        if way == Way.LETTER.value and not has_address and not any(name in self.errors for name in PARTS):
            self.add_error("line1", _t("Write the address to which the letter goes."))


def new_holder_of(content: Mapping[str, Any]) -> NewHolder:
    """The new holder, as the cleaned form names them."""
    is_company = content["new_is"] == CustomerKind.ORGANISATION.value
    parts = {part: str(content.get(part) or "") for part in PARTS}
    has_address = any(text for part, text in parts.items() if part != "country")
    return NewHolder(
        kind=str(content["new_is"]),
        given_name=str(content.get("given_name") or ""),
        family_name=str(content.get("family_name") or ""),
        organisation_name=str(content.get("organisation_name") or "") if is_company else "",
        mail=str(content.get("mail") or ""),
        number_kind=str(content.get("number_kind") or ""),
        number=str(content.get("number") or ""),
        address={part: text for part, text in parts.items() if text} if has_address else {},
    )


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> CessionOpening:
    """Runs in the opening's transaction: takes hold of the domain, so that of two cases about it one is refused, and
    invites the new holder. Raises `Conflict` or `NotFound` on `domain`, `Invalid` on `mail` for the holder's own."""
    domain = Domain.objects.select_for_update().filter(public_id=content["domain"], customer=case.customer).first()
    if domain is None:
        raise NotFound("unknown_domain", _t("We know no such domain of yours."), field="domain")
    if refusal := why_not_cede(domain, now):
        raise Conflict("not_cedable", refusal, field="domain")
    route, new = Route(content["route"]), new_holder_of(content)
    lock = terms.lock_after(domain, asked_at=now, executed_at=now)
    Cession.objects.create(
        case=case,
        domain=domain,
        route=route,
        new_holder=stored(new),
        old_holder_name=case.customer.name[:200],
        needs_lock=lock is not None,
    )
    holding.lock_edits(domain=domain, by=by, case=case, now=now)
    case.subject = str(domain)
    whom = _invited(new, Way(content["invite_by"]))
    parties.invite(case, role=NEW_HOLDER.name, whom=whom, by=by, now=now, field="mail")
    return CessionOpening(
        route=facts.Route(route.value),
        cooling=_seconds(terms.cooling(domain)),
        post_lock=_seconds(lock - now) if lock else 0,
        by_letter=whom.way is Way.LETTER,
        abroad=whom.way is Way.LETTER and whom.address is not None and whom.address.country != home(),
    )


def _invited(new: NewHolder, way: Way) -> Invited:
    address = postal.of_parts(new.address) if way is Way.LETTER else None
    return Invited(new.given_name, new.family_name, new.mail, new.organisation_name, way=way, address=address)


def _under_way(domain: Domain) -> bool:
    return Cession.objects.filter(domain=domain, executed_at=None).exclude(case__state="closed").exists()


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())


def why(content: Mapping[str, Any]) -> str:
    return str(content["route"])


def why_not(customer: Customer) -> str:
    """Why no domain of this customer can get a new holder now; empty when one can."""
    now = timezone.now()
    refusals = [why_not_cede(domain, now) for domain in with_debts(Domain.objects.filter(customer=customer))]
    if not refusals:
        return _t("There is no domain.")
    return "" if "" in refusals else refusals[0]


def whose(data: Mapping[str, Any]) -> Customer | None:
    """The customer whose domain the form names, by its public id or its name. Raises `NotFound` for an unknown one."""
    typed = str(data.get("domain") or "")
    if not typed:
        return None
    try:
        found = Domain.objects.select_related("customer").filter(name=clean_name(typed)).first()
    except Invalid:
        found = None
    if found is None:
        try:
            found = Domain.objects.select_related("customer").filter(public_id=typed).first()
        except (ValueError, forms.ValidationError):
            found = None
    if found is None:
        raise NotFound("unknown_domain", _t("There is no such domain."), field="domain")
    return found.customer
