"""How the voice gateway does: how many calls go on, what comes late, what was refused. Numbers only."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_safe

from backoffice.telephony import gateway_health
from backoffice.ui.staff import page, signed_in


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """As it is now; the page says when it asked."""
    health = gateway_health.look(by=signed_in(request).actor)
    context = {"health": health, "as_of": timezone.now(), "late": f"{health.late:.2%}"}
    return page(request, "desk/gateway.html", _t("Voice gateway"), context)
