"""The duplicate on the page of its case, and the file itself: for the customer who asked, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backoffice.cases.models import Case
from backoffice.documents import storing
from backoffice.domains.invoices.models import InvoiceDuplicate
from backoffice.refusals import Conflict
from backoffice.ui.customers import CustomerRequest, for_customers, own_case
from workflows.duplicate_invoice.spec import DUPLICATE_INVOICE


def panel(case: Case, by: Any) -> tuple[str, Mapping[str, Any]] | None:
    duplicate = InvoiceDuplicate.of(case)
    if duplicate.document is None:
        return None
    address = reverse("portal:duplicate_invoice:file", args=[case.reference])
    return "duplicate_invoice/panel.html", {
        "document": duplicate.document,
        "made_on": duplicate.made_on,
        "url": address,
    }


@require_safe
@for_customers
def file(request: CustomerRequest, reference: str) -> HttpResponse:
    """The file as it was made. A browser saves it, and never shows it as a page of ours."""
    case = own_case(request.customer, reference, process=DUPLICATE_INVOICE.name)
    duplicate = InvoiceDuplicate.of(case)
    if duplicate.document is None:
        raise Conflict("not_made", _("The duplicate is not there yet. Load the page of the case again in a moment."))
    response = HttpResponse(storing.read(duplicate.document), content_type=duplicate.document.media_type)
    name = re.sub(r"[^A-Za-z0-9-]+", "-", duplicate.invoice.number).strip("-")
    response.headers["Content-Disposition"] = f'attachment; filename="duplicate-{name}.pdf"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


urlpatterns = [path("cases/<str:reference>/duplicate/", file, name="file")]
