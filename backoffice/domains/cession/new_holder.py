"""Who a domain goes to, as the form says it and the registry keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.customers import national_ids, postal, postal_form
from backoffice.customers.models import Customer, CustomerKind, NationalIdKind
from backoffice.documents.signatures.parties import words_of
from backoffice.domains.ports import ContactCard
from backoffice.refusals import Invalid
from backoffice.text_fields import KeptTexts

KINDS = [(CustomerKind.PERSON.value, _("a person")), (CustomerKind.ORGANISATION.value, _("a company"))]
NO_NUMBER = ""


class NewHolder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`number` is a national or company number in its normal form, of the kind `number_kind`; `address` are the parts
    of the postal address. Personal data: it has no repr."""

    kind: str = CustomerKind.PERSON.value
    given_name: str = ""
    family_name: str = ""
    organisation_name: str = ""
    mail: str = ""
    number_kind: str = ""
    number: str = ""
    address: dict[str, str] = {}

    def __repr__(self) -> str:
        return "<NewHolder>"

    @property
    def name(self) -> str:
        if self.kind == CustomerKind.ORGANISATION.value:
            return self.organisation_name
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def is_complete(self) -> bool:
        return bool(self.address)

    def card(self) -> ContactCard:
        """What the registry keeps of them."""
        address = postal.of_parts(self.address)
        person = f"{self.given_name} {self.family_name}".strip()
        return ContactCard(
            name=person or self.organisation_name,
            organisation=self.organisation_name if self.kind == CustomerKind.ORGANISATION.value else "",
            street=address.lines,
            city=address.place,
            postal_code=address.postal_code,
            state=address.region,
            country=address.country,
            mail=self.mail,
        )

    def address_lines(self) -> list[str]:
        return postal.formatted(postal.of_parts(self.address), names=[]) if self.address else []

    @property
    def masked_number(self) -> str:
        return f"{self.number_kind} •••{self.number[-2:]}" if self.number else ""


def restored(stored: Mapping[str, Any] | None) -> NewHolder:
    return msgspec.convert(dict(stored or {}), NewHolder)


def is_named(holder: NewHolder, customer: Customer) -> bool:
    """Whether every word of the name that was written is in the name of the customer whose address was written with it,
    whatever its order, case and accents. An address can be somebody else's, by mistake or on purpose."""
    return set(words_of(holder.name)) <= set(words_of(customer.name))


def stored(holder: NewHolder) -> Any:
    """As the sealed column takes it."""
    return msgspec.to_builtins(holder)


def number_fields() -> dict[str, forms.Field]:
    kinds = [(NO_NUMBER, _("no number"))]
    kinds += [(kind.value, kind.label) for kind in NationalIdKind]
    return {
        "number_kind": forms.ChoiceField(label=_("Kind of number"), choices=kinds, required=False),
        "number": forms.CharField(
            label=_("Number"),
            required=False,
            max_length=40,
            help_text=_("PESEL or BSN of a person; NIP or REGON of a company. The signature is compared with it."),
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        ),
    }


class NumberAndAddress(KeptTexts, forms.Form):
    """The fields of a number and an address, for the forms that ask for them."""

    def read_number(self, kind: str) -> None:
        """Checks the number, in the form's `clean`. `kind` is that of the holder; faults stand on `number`."""
        typed, chosen = str(self.cleaned_data.get("number") or ""), str(self.cleaned_data.get("number_kind") or "")
        if not typed and not chosen:
            return
        if not typed or not chosen:
            missing = "number" if chosen else "number_kind"
            self.add_error(missing, _t("Say both: the kind of number, and the number."))
            return
        try:
            self.cleaned_data["number"] = national_ids.clean(kind=chosen, number=typed)
            national_ids.check_owner(kind=chosen, customer_kind=kind, field="number")
        except Invalid as wrong:
            for field, sentences in wrong.errors.items():
                self.add_error(field, list(sentences))


NumberAndAddress.declared_fields.update(number_fields() | postal_form.fields())
