"""The forms with which both parties sign in their own accounts, each with the rule that takes its answer."""

from __future__ import annotations

from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases import parties, timeline
from backoffice.cases.forms import Accepted, Answer, ItemForm
from backoffice.customers import contact_points, national_ids, postal, postal_form
from backoffice.customers.models import ContactKind, Customer
from backoffice.customers.postal import PARTS
from backoffice.domains.cession import together
from backoffice.domains.cession.models import Cession
from backoffice.domains.cession.new_holder import NewHolder, NumberAndAddress, is_named, restored, stored
from backoffice.needed_fields import needed
from backoffice.refusals import Conflict
from workflows.domain_cession.facts import Agreed, Requested
from workflows.domain_cession.spec import NEW_HOLDER

DECISIONS = [(Agreed.AGREED.value, _("Yes, I sign this")), (Agreed.DECLINED.value, _("No, I do not sign this"))]


class RequestForm(ItemForm):
    """A form without fields: the proof itself is the answer."""

    submit = _("Yes, I want this")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.intro = words_of_request(Cession.of(self.item.case))


def requested(answer: Answer) -> Accepted:
    return Accepted(Requested.CONFIRMED.value, keep={})


class ConfirmOldForm(ItemForm):
    """The exact words that the holder signs, and their decision."""

    submit = _("Send my decision")
    decision = forms.ChoiceField(label=_("Do you sign it?"), choices=DECISIONS, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.intro = _to_sign(words_of_holder(Cession.of(self.item.case)))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("decision") == Agreed.AGREED.value:
            _check_one_may(self, self.item.case.customer)
        return cleaned


def confirmed_by_holder(answer: Answer) -> Accepted:
    return Accepted(answer.cleaned["decision"])


class ConfirmNewForm(NumberAndAddress, ItemForm):
    """Who the new holder is, the exact words that they sign, and their decision. Who does not take the domain gives no
    particulars."""

    submit = _("Send my decision")
    decision = forms.ChoiceField(label=_("Do you take the domain over?"), choices=DECISIONS, widget=forms.RadioSelect)
    field_order = ("decision", "number_kind", "number")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cession = Cession.of(self.item.case)
        new = restored(cession.new_holder)
        self.intro = _to_sign(words_of_new_holder(cession))
        party = parties.of_case(self.item.case)[NEW_HOLDER.name].customer
        self.party_kind = party.kind
        for name in ("number_kind", "number"):
            needed(self.fields[name]).initial = getattr(new, name)
        self.fields["number"].help_text = _(
            "PESEL or BSN of a person; NIP or REGON of a company. The domain is entered on it."
        )
        shown = postal.of_parts(new.address) if new.address else None
        postal_form.draw(self, country=party.country, shown=shown)
        self.fields["country"].required = False
        self.fields["country"].help_text = _("The registry enters your address. Who says no gives none.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("decision") == Agreed.DECLINED.value:
            return {"decision": Agreed.DECLINED.value}
        _check_one_may(self, parties.of_case(self.item.case)[NEW_HOLDER.name].customer)
        self.read_number(self.party_kind)
        if not cleaned.get("number") and "number" not in self.errors and "number_kind" not in self.errors:
            self.add_error("number", _t("Give the number by which you are registered: the domain is entered on it."))
        postal_form.read(self)
        return cleaned


def confirmed_by_new_holder(answer: Answer) -> Accepted:
    """Keeps the new holder's particulars, with their number on their own record. Raises `Conflict` on `decision` when
    the holder signs for somebody of another name, and on `number` when it is another customer's."""
    given = answer.cleaned
    if given["decision"] != Agreed.AGREED.value:
        return Accepted(given["decision"], keep={})
    party = parties.of_case(answer.case)[NEW_HOLDER.name].customer
    named = restored(Cession.of(answer.case).new_holder)
    if not is_named(named, party):
        sentence = _t(
            "The holder gives the domain to %(named)s, and your account has another name. Say no here, and ask the "
            "holder to start again with your name."
        )
        raise Conflict("other_name", sentence % {"named": named.name}, field="decision")
    national_ids.add(customer=party, kind=given["number_kind"], number=given["number"])
    name_new_holder(answer, party, {part: str(given.get(part) or "") for part in PARTS if given.get(part)})
    return Accepted(given["decision"], keep={})


def name_new_holder(answer: Answer, party: Customer, address: dict[str, str]) -> None:
    """What the registry will keep: the party's own name, and what they gave."""
    cession = Cession.of(answer.case)
    named = restored(cession.new_holder)
    new: NewHolder = msgspec.structs.replace(
        named,
        kind=party.kind,
        given_name=party.given_name,
        family_name=party.family_name,
        organisation_name=party.organisation_name,
        mail=_proven_mail(party) or named.mail,
        number_kind=answer.cleaned["number_kind"],
        number=answer.cleaned["number"],
        address=address,
    )
    cession.new_holder = stored(new)
    cession.save(update_fields=["new_holder"])
    timeline.note(answer.case, "cession.new_holder_named", by=answer.by, at=answer.now)


def _check_one_may(form: ItemForm, customer: Customer) -> None:
    """What the register says may have become known only after the opening."""
    if refusal := together.why_not_in_account(customer):
        said = _t("Say no here; then it can be opened anew in that way.")
        form.add_error("decision", f"{refusal} {said}")


def _proven_mail(party: Customer) -> str:
    point = contact_points.current(customer=party, kind=ContactKind.MAIL)
    return str(point.value) if point is not None and point.verified_at is not None else ""


def _to_sign(words: str) -> str:
    return _t("You sign these words: “%(words)s”") % {"words": words}


def words_of_request(cession: Cession) -> str:
    told = {"domain": cession.domain, "new": restored(cession.new_holder).name}
    return (
        _t(
            "You want to give the domain %(domain)s to %(new)s. Until it is done the domain stays yours, and every "
            "address that we have or had of you can stop it."
        )
        % told
    )


def words_of_holder(cession: Cession) -> str:
    """What the holder signs, on every route."""
    told = {"domain": cession.domain, "new": restored(cession.new_holder).name}
    return _t(
        "I, %(old)s, give all rights and duties in the domain %(domain)s to %(new)s. I know that I cannot take it back "
        "once the registry has written the new holder."
    ) % {**told, "old": cession.old_holder_name}


def words_of_new_holder(cession: Cession) -> str:
    """What the new holder signs, on every route."""
    told = {"domain": cession.domain, "new": restored(cession.new_holder).name, "old": cession.old_holder_name}
    return (
        _t(
            "I, %(new)s, take over all rights and duties in the domain %(domain)s from %(old)s, and I know the terms "
            "under which it is registered."
        )
        % told
    )
