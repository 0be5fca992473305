"""Forms of the customers' pages. They only declare fields; the rules decide what is right and wrong."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.customers import postal_form
from backoffice.customers.models import ContactKind, Customer, NationalIdKind
from backoffice.customers.postal import PostalAddress
from backoffice.customers.registering import Particulars, faults
from backoffice.text_fields import KeptTexts

LONGEST_MAIL = 254
"""In characters: RFC 5321, with the brackets of a path taken off (RFC 3696, erratum 1690)."""
OWN_FIELDS = [
    "kind",
    "given_name",
    "family_name",
    "organisation_name",
    "contact_person",
    "country",
    "language",
    "time_zone",
]
TYPED = (ContactKind.MAIL, ContactKind.PHONE)
"""The kinds that are typed as one text; a postal address has parts."""
POSTAL = "postal_"
"""Before the names of the parts of the postal address, among other fields."""


class CheckPartsForm(KeptTexts, forms.Form):
    """A postal address on file in its parts. `shown` is what is filled in."""

    def __init__(self, *args: Any, country: str, shown: PostalAddress | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = postal_form.fields()
        postal_form.draw(self, country=country, shown=shown)

    def clean(self) -> dict[str, Any]:
        super().clean()
        return {"value": postal_form.read(self)}


class NewCustomerForm(KeptTexts, forms.ModelForm):  # type: ignore[type-arg]
    """The particulars of a new customer, with addresses and numbers."""

    birth_date = forms.CharField(
        label=_("Birth date"), required=False, max_length=10, help_text=_("Year-month-day: 1984-05-17")
    )
    mail = forms.CharField(label=ContactKind.MAIL.label, required=False, max_length=LONGEST_MAIL)
    phone = forms.CharField(label=ContactKind.PHONE.label, required=False, max_length=40)
    national_id_kind = forms.ChoiceField(
        label=_("National id"), choices=[("", "—"), *NationalIdKind.choices], required=False
    )
    national_id = forms.CharField(label=_("Number"), required=False, max_length=40)

    class Meta:
        model = Customer
        fields = OWN_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= postal_form.fields(POSTAL)
        postal_form.draw(self, prefix=POSTAL, optional=True)
        self.address: PostalAddress | None = None

    def particulars(self) -> Particulars:
        """What was entered, as the rule takes it."""
        entered = self.cleaned_data
        contacts: dict[str, str | PostalAddress] = {kind: entered[kind] for kind in TYPED if entered.get(kind)}
        if self.address:
            contacts[ContactKind.POSTAL] = self.address
        number_kind = entered.get("national_id_kind", "")
        return Particulars(
            **{name: entered.get(name, "") for name in [*OWN_FIELDS, "birth_date"]},
            contacts=contacts,
            national_ids={number_kind: entered.get("national_id", "")} if number_kind else {},
        )

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.address = postal_form.read(self, prefix=POSTAL, optional=True)
        if self.cleaned_data.get(f"{POSTAL}{postal_form.REDRAW}"):
            return self.cleaned_data
        for field, sentences in faults(self.particulars(), today=timezone.now().date()).items():
            name = "national_id" if field in NationalIdKind.values else field
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, sentence)
        return self.cleaned_data
