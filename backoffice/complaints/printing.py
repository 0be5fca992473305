"""The evidence on paper: the same bundle as a PDF that holds the file itself, so that the PDF can be verified too."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _t

from backoffice.complaints.models import Bundle, Edition
from backoffice.documents import making
from backoffice.documents.making import Unprintable

TEMPLATE = Path("complaint/evidence.typ")
PLACEHOLDER = "?"
MOST_TRIES = 3
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")


def as_pdf(bundle: Bundle, *, language: str = "en") -> bytes:
    """A character that our fonts do not have is printed as a question mark; the file within has it."""
    data: Any = _data(bundle)
    for _try in range(MOST_TRIES):
        try:
            return making.make(TEMPLATE, data, language)
        except Unprintable as missing:
            data = _without(data, str.maketrans(dict.fromkeys(missing.characters, PLACEHOLDER)))
    return making.make(TEMPLATE, data, language)


def _without(data: Any, table: dict[int, str]) -> Any:
    if isinstance(data, str):
        return data.translate(table)
    if isinstance(data, Mapping):
        return {key: _without(value, table) for key, value in data.items()}
    return [_without(one, table) for one in data] if isinstance(data, list) else data


def _data(bundle: Bundle) -> dict[str, Any]:
    read = json.loads(bundle.content)
    return {
        "bundle": bundle.content,
        "frame": {
            "title": _t("Evidence of a complaint"),
            "case": read["case"],
            "case_label": _t("Complaint"),
            "mark": "",
            "mark_label": "",
            "version": "",
            "company": settings.COMPANY_NAME,
            "company_lines": [],
            "page_of": _t("page {page} of {pages}"),
        },
        "lead": _lead(bundle),
        "verify": _t(
            "This PDF holds the evidence as a file (evidence.json). Whoever has our public key verifies it with"
            " “manage.py verify_timeline” and this PDF: every line, every piece and the whole are signed."
        ),
        "digest_label": _t("SHA-256 of the whole"),
        "digest": read["seal"]["digest"],
        "key_label": _t("Our public key (Ed25519)"),
        "key": read["seal"]["key"],
        "timelines": [_timeline(one) for one in read["timelines"]],
        "pieces_title": _t("Pieces"),
        "pieces": [_piece(one) for one in read["pieces"]],
    }


def _lead(bundle: Bundle) -> str:
    if bundle.edition == Edition.CUSTOMER:
        return _t("Your edition. Lines that are internal to us are withheld; their hashes stand in their place.")
    return _t("The full edition, for our own use and for an ombudsman.")


def _timeline(one: Mapping[str, Any]) -> dict[str, Any]:
    words = _t("Timeline of case %(reference)s (times in UTC)") % {"reference": one["reference"]}
    lines = [
        {
            "number": str(line["number"]),
            "at": str(line.get("at", ""))[:19].replace("T", " "),
            "says": _DIGEST.sub(_in_two, str(line.get("says") or _t("withheld: internal to us"))),
            "hash": str(line["hash"])[:16],
        }
        for line in one["lines"]
    ]
    return {"title": words, "lines": lines}


def _in_two(digest: re.Match[str]) -> str:
    """A digest is one long word, wider than its column."""
    half = len(digest[0]) // 2
    return f"{digest[0][:half]} {digest[0][half:]}"


def _piece(one: Mapping[str, Any]) -> dict[str, Any]:
    names = {
        "complaint": _t("Complaint"),
        "answer": _t("Answer"),
        "contact": _t("Contact"),
        "call": _t("Telephone call"),
        "document": _t("Document"),
    }
    content = one["content"]
    rows = [[str(key).replace("_", " "), _plain(value)] for key, value in sorted(content.items()) if value]
    return {
        "title": f"{names.get(one['kind'], one['kind'])} {one['name']}",
        "hash": str(one["hash"])[:16],
        "rows": rows,
    }


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{str(key).replace('_', ' ')} {_plain(one)}" for key, one in value.items() if one)
    if isinstance(value, list):
        return "; ".join(_plain(one) for one in value)
    text = str(value)
    return f"{text[:16].replace('T', ' ')} UTC" if _MOMENT.fullmatch(text) else text
