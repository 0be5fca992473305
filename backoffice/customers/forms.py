"""Forms of the customers' pages. They only declare fields; the rules decide what is right and wrong."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.customers.addresses import LONGEST_POSTAL
from backoffice.customers.models import ContactKind, Customer, NationalIdKind
from backoffice.customers.registering import Particulars, faults
from backoffice.text_fields import KeptTexts

LONGEST_MAIL = 254
"""In characters: RFC 5321, with the brackets of a path taken off (RFC 3696, erratum 1690)."""
OWN_FIELDS = ["kind", "given_name", "family_name", "organisation_name", "country", "language", "time_zone"]


class SupersedeForm(KeptTexts, forms.Form):
    """A new address, and how it was proven to be the customer's."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ContactKind.choices)
    value = forms.CharField(label=_("Address"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    how = forms.CharField(
        label=_("Verified how"), max_length=40, required=False, help_text=_("Leave it empty if it is not verified.")
    )


class NewCustomerForm(KeptTexts, forms.ModelForm):  # type: ignore[type-arg]
    """The particulars of a new customer, with addresses and numbers."""

    birth_date = forms.CharField(
        label=_("Birth date"), required=False, max_length=10, help_text=_("Year-month-day: 1984-05-17")
    )
    mail = forms.CharField(label=ContactKind.MAIL.label, required=False, max_length=LONGEST_MAIL)
    phone = forms.CharField(label=ContactKind.PHONE.label, required=False, max_length=40)
    postal = forms.CharField(
        label=ContactKind.POSTAL.label,
        required=False,
        max_length=LONGEST_POSTAL,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    national_id_kind = forms.ChoiceField(
        label=_("National id"), choices=[("", "—"), *NationalIdKind.choices], required=False
    )
    national_id = forms.CharField(label=_("Number"), required=False, max_length=40)

    class Meta:
        model = Customer
        fields = OWN_FIELDS

    def particulars(self) -> Particulars:
        """What was entered, as the rule takes it."""
        entered = self.cleaned_data
        kinds = [kind for kind in ContactKind.values if entered.get(kind)]
        number_kind = entered.get("national_id_kind", "")
        return Particulars(
            **{name: entered.get(name, "") for name in [*OWN_FIELDS, "birth_date"]},
            contacts={kind: entered[kind] for kind in kinds},
            national_ids={number_kind: entered.get("national_id", "")} if number_kind else {},
        )

    def clean(self) -> dict[str, Any]:
        super().clean()
        for field, sentences in faults(self.particulars(), today=timezone.now().date()).items():
            name = "national_id" if field in NationalIdKind.values else field
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, sentence)
        return self.cleaned_data
