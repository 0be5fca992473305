"""The account to which a merchant's payments go: an IBAN (ISO 13616)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum import iban
from stdnum.exceptions import InvalidChecksum, InvalidLength
from stdnum.exceptions import ValidationError as NotValid

from backoffice import no_card_numbers
from backoffice.text import folded

_LONGEST = 60
"""Characters as typed, with blanks; an IBAN has at most 34."""


class IbanField(forms.Field):
    """An IBAN as people write it, with blanks or without. What is no IBAN is refused, as a card number if it looks like
    one. It is no text field, because some IBANs have digits that could be those of a card."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "maxlength": _LONGEST})
    default_error_messages = {
        "checksum": _("This is not an IBAN: its check digits do not fit. Look for a mistyped character."),
        "length": _("An IBAN of this country has another length. Look for a missing character."),
        "invalid": _("This is not an IBAN. It begins with the two letters of a country, and two digits."),
    }

    def to_python(self, value: Any) -> str:
        typed = folded(str(value or ""))[: _LONGEST + 1].upper()
        if not typed:
            return ""
        try:
            return str(iban.validate(typed))
        except NotValid as error:
            code = {InvalidChecksum: "checksum", InvalidLength: "length"}.get(type(error), "invalid")
            if no_card_numbers.has_card_number(typed):
                raise ValidationError(no_card_numbers.SENTENCE, code="card_number") from None
            raise ValidationError(self.error_messages[code], code=code) from None


def masked(account: str) -> str:
    """The country and the last four characters."""
    return f"{account[:2]} ···· {account[-4:]}"


def spaced(account: str) -> str:
    """In groups of four, as people read it."""
    return " ".join(account[place : place + 4] for place in range(0, len(account), 4))
