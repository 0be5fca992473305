"""The fields of a postal address in a form, as its country has them. It works without script: choosing another country
and pressing the button beside it shows that country's fields.

A form takes `fields()` in, calls `draw` in its `__init__`, and `read` in its `clean`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.customers import postal
from backoffice.customers.postal import LINES, PARTS, PostalAddress
from backoffice.customers.postal_rules import CODE, DISTRICT, REGION, TOWN, Rules, countries, home, rules_of
from backoffice.needed_fields import needed
from backoffice.refusals import Invalid

_LETTER_OF = {"code": CODE, "town": TOWN, "district": DISTRICT, "region": REGION}
_AUTOCOMPLETE = {
    "country": "country",
    "line1": "address-line1",
    "line2": "address-line2",
    "line3": "address-line3",
    "code": "postal-code",
    "town": "address-level2",
    "district": "address-level3",
    "region": "address-level1",
}
REDRAW = "redraw"
LONGEST_TYPED = 200
"""More than a line may have, so that the rule says what is too long, and the browser cuts nothing off."""


class _Country(forms.Select):
    """The list of countries, with the button that shows the fields of the chosen one."""

    template_name = "customers/country.html"

    def __init__(self, redraw: str) -> None:
        super().__init__(attrs={"autocomplete": "country"})
        self.redraw = redraw

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return {**super().get_context(name, value, attrs), "redraw": self.redraw}


class _NotAsked(forms.HiddenInput):
    """A part that the country does not have. What was typed for another country is not kept."""

    def format_value(self, value: Any) -> str:
        return ""


class _Pressed(forms.HiddenInput):
    """The button is in the widget of the country; nothing is drawn here."""

    template_name = "customers/nothing.html"


def fields(prefix: str = "") -> dict[str, forms.Field]:
    """All fields, by their names behind `prefix`."""
    found: dict[str, forms.Field] = {
        "country": forms.ChoiceField(label=_("Country of the address"), widget=_Country(f"{prefix}{REDRAW}")),
        "recipient": forms.CharField(
            label=_("Line under the name"),
            required=False,
            max_length=LONGEST_TYPED,
            help_text=_("For example: c/o Smit. Leave it empty if the name is enough."),
        ),
        **{line: forms.CharField(max_length=LONGEST_TYPED, required=False) for line in LINES},
        **{part: forms.CharField(max_length=LONGEST_TYPED, required=False) for part in _LETTER_OF},
        REDRAW: forms.CharField(required=False, max_length=1, widget=_Pressed()),
    }
    return {f"{prefix}{name}": field for name, field in found.items()}


def names(prefix: str = "") -> tuple[str, ...]:
    return tuple(f"{prefix}{name}" for name in (*PARTS, REDRAW))


def draw(
    form: forms.BaseForm,
    *,
    prefix: str = "",
    country: str = "",
    shown: PostalAddress | None = None,
    optional: bool = False,
) -> None:
    """Gives the fields of the country that was sent, else of `shown`, else of `country`, their labels, choices and
    order. `shown` are the values to begin with. `optional`: the whole address may be left out."""
    chosen = _chosen(form, prefix) or (shown.country if shown else "") or country or home()
    rules = rules_of(chosen) or rules_of(home())
    assert rules is not None
    field = form.fields[f"{prefix}country"]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(countries().items())
    field.initial, field.required = rules.country, not optional
    for number, line in enumerate(LINES, start=1):
        form.fields[f"{prefix}{line}"].label = _line_label(number)
        needed(form.fields[f"{prefix}{line}"], number == 1 and not optional)
    for part, letter in _LETTER_OF.items():
        form.fields[f"{prefix}{part}"] = _part(rules, part, letter, optional=optional)
    for part, text in (shown.parts if shown else {}).items():
        form.fields[f"{prefix}{part}"].initial = text
    for part in PARTS:
        if part in _AUTOCOMPLETE:
            form.fields[f"{prefix}{part}"].widget.attrs["autocomplete"] = _AUTOCOMPLETE[part]
    _order(form, rules, prefix)


def read(form: forms.BaseForm, *, prefix: str = "", optional: bool = False) -> PostalAddress | None:
    """The checked address, in the form's `clean`. None when it is left out, or when something is wrong: then its faults
    stand on the form. When the button beside the country was pressed, only that is said."""
    sent: Mapping[str, Any] = form.cleaned_data
    if sent.get(f"{prefix}{REDRAW}"):
        form.errors.clear()
        form.add_error(f"{prefix}country", gettext("Here are the fields for this country. Fill them in."))
        return None
    parts = {part: str(sent.get(f"{prefix}{part}") or "") for part in PARTS}
    if optional and not any(text for part, text in parts.items() if part != "country"):
        return None
    if any(f"{prefix}{part}" in form.errors for part in PARTS):
        return None
    try:
        return postal.check(postal.of_parts(parts), prefix=prefix)
    except Invalid as refused:
        for name, sentences in refused.errors.items():
            form.add_error(name, list(sentences))
        return None


def lines_of(form: forms.BaseForm, *, prefix: str) -> list[str]:
    """The names of the fields that are shown."""
    return [name for name in names(prefix) if not form.fields[name].widget.is_hidden]


def _chosen(form: forms.BaseForm, prefix: str) -> str:
    sent = form.data.get(form.add_prefix(f"{prefix}country"), "") if form.is_bound else ""
    return sent.upper() if isinstance(sent, str) and rules_of(sent.upper()) else ""


def _line_label(number: int) -> str:
    if number == 1:
        return gettext("Street and number, or post-office box")
    return gettext("Address line %(number)d") % {"number": number}


def _part(rules: Rules, part: str, letter: str, *, optional: bool) -> forms.Field:
    if letter not in rules.asks:
        return forms.CharField(
            required=False, max_length=LONGEST_TYPED, widget=_NotAsked(), label=str(rules.labels[letter])
        )
    if part == "region" and rules.regions:
        choices = [("", "—"), *((region.value, region.label) for region in rules.regions)]
        field: forms.Field = _Region(label=str(rules.labels[letter]), choices=choices, required=False, rules=rules)
    else:
        hint = gettext("It reads like %(example)s.") % {"example": rules.code_examples[0]} if part == "code" else ""
        field = forms.CharField(
            label=str(rules.labels[letter]), max_length=LONGEST_TYPED, required=False, help_text=hint
        )
    return needed(field, letter in rules.needs and not optional)


class _Region(forms.ChoiceField):
    """Takes a region by its code, or by its name in Latin letters or in the country's own."""

    def __init__(self, *, rules: Rules, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rules = rules

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value)
        found = self.rules.region(typed)
        return found.value if found else typed


def _order(form: forms.BaseForm, rules: Rules, prefix: str) -> None:
    """The parts behind the lines stand as on a letter of the country."""
    at = {letter: rules.layout.find(f"%{letter}") for letter in _LETTER_OF.values()}
    behind = sorted(_LETTER_OF, key=lambda part: (at[_LETTER_OF[part]] < 0, at[_LETTER_OF[part]]))
    mine = [f"{prefix}{name}" for name in ("country", "recipient", *LINES, *behind, REDRAW)]
    first = min(list(form.fields).index(name) for name in mine)
    others = [name for name in form.fields if name not in mine]
    form.order_fields([*others[:first], *mine, *others[first:]])
