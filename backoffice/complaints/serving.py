"""The response that a browser saves a bundle of evidence from: the sealed file itself, or the PDF that holds it."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _t

from backoffice.complaints import printing
from backoffice.complaints.models import Bundle
from backoffice.refusals import NotFound


def response(bundle: Bundle, kind: str, *, language: str) -> HttpResponse:
    """`kind` is "json" or "pdf"; raises `NotFound` for another one. A browser never shows it as a page of ours."""
    if kind == "json":
        found = HttpResponse(bundle.content, content_type="application/json")
    elif kind == "pdf":
        found = HttpResponse(printing.as_pdf(bundle, language=language), content_type="application/pdf")
    else:
        raise NotFound("unknown_evidence", _t("There is no such evidence."))
    reference = bundle.complaint.case.reference
    name = f"evidence-{reference}-{bundle.moment}.{kind}"
    found.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    found.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return found
