"""What stands on the documents that we make, as typed data for their templates.

Every word is the caller's, in the language of its reader: for the person who signs, the words on the sheet are the
contract. The texts of the frame and of the places for signatures are here, through gettext, because they are the same
on every form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

Row = tuple[str, str]
"""A label, and what stands beside it."""


@dataclass(frozen=True)
class Frame:
    """The letterhead, and what stands on each page. `case` is the reference, `mark` the one-time mark of the form in
    groups (empty for a document without one), `version` that of the form."""

    title: str
    case: str
    company_lines: Sequence[str] = ()
    mark: str = ""
    version: str = ""
    company: str = ""

    def as_data(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "company": self.company or settings.COMPANY_NAME,
            "company_lines": list(self.company_lines or (settings.COMPANY_PHONE,)),
            "version": _("version %(version)s") % {"version": self.version} if self.version else "",
            "case_label": _("Case"),
            "mark_label": _("Mark of this form") if self.mark else "",
            "page_of": _("Page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"},
        }


@dataclass(frozen=True)
class PaperParty:
    """A party as it stands on the form: what it is in it, its name, its address by lines, its numbers (PESEL, NIP,
    REGON …) each with its label."""

    role: str
    name: str
    lines: Sequence[str] = ()
    numbers: Sequence[Row] = ()


@dataclass(frozen=True)
class Form:
    """A form that its parties sign: electronically in the file itself, or in ink on the printed sheet.

    `words` are the exact sentences that are signed, `ways` say how the signed form comes back to us. Each of `signers`
    is a party or whoever signs for it, and has a place of its own.
    """

    frame: Frame
    lead: str
    parties: Sequence[PaperParty]
    facts_title: str
    facts: Sequence[Row]
    words_title: str
    words: Sequence[str]
    signers: Sequence[PaperParty]
    ways: Sequence[str] = ()
    ways_title: str = ""

    def as_data(self) -> dict[str, Any]:
        texts = {
            "electronic": _("Electronic signature: sign the file as you got it, without printing it."),
            "signatory": _("Name of the person who signs"),
            "place_and_date": _("Place and date"),
            "signature": _("Signature"),
            "stamp": _("Stamp of the company, where there is one"),
        }
        form = {
            **{name: getattr(self, name) for name in ("lead", "facts_title", "words_title", "ways_title")},
            **{name: list(getattr(self, name)) for name in ("facts", "words", "ways")},
            "title": self.frame.title,
            "parties": [asdict(party) for party in self.parties],
            "signatures_title": _("Signatures"),
            "signatures": [{"role": one.role, "name": one.name, **texts} for one in self.signers],
        }
        return {"frame": self.frame.as_data(), "form": form}


@dataclass(frozen=True)
class InvoiceLine:
    """One line, as it is printed: `rate` is that of the tax ("23 %"), the amounts carry their currency or none."""

    what: str
    quantity: str
    net: str
    rate: str
    tax: str
    gross: str


@dataclass(frozen=True)
class RateTotal:
    rate: str
    net: str
    tax: str
    gross: str


@dataclass(frozen=True)
class Invoice:
    """An invoice. With `duplicate_of_day` it is a duplicate made on that day, and says so (for Poland: art. 106l of the
    act on the tax on goods and services asks for the word and the day)."""

    frame: Frame
    number: str
    facts: Sequence[Row]
    parties: Sequence[PaperParty]
    lines: Sequence[InvoiceLine]
    totals: Sequence[RateTotal]
    whole: RateTotal
    due: str
    notes: Sequence[str] = ()
    duplicate_of_day: date | None = None

    def as_data(self) -> dict[str, Any]:
        day = self.duplicate_of_day
        invoice: Mapping[str, Any] = {
            "title": self.frame.title,
            "number": self.number,
            "duplicate": _("DUPLICATE made on %(date)s") % {"date": date_format(day, "j F Y")} if day else "",
            "facts": list(self.facts),
            "parties": [asdict(party) for party in self.parties],
            "line_heads": [_("What"), _("Quantity"), _("Net"), _("VAT rate"), _("VAT"), _("Gross")],
            "lines": [list(asdict(line).values()) for line in self.lines],
            "total_heads": [_("By VAT rate"), _("Net"), _("VAT"), _("Gross")],
            "totals": [list(asdict(total).values()) for total in self.totals],
            "whole": list(asdict(self.whole).values()),
            "due_label": _("To pay"),
            "due": self.due,
            "notes": list(self.notes),
        }
        return {"frame": self.frame.as_data(), "invoice": invoice}
