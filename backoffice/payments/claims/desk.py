"""The list of open claims at the desk: the one whose day comes first is at its top."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_safe

from backoffice.cases import turns
from backoffice.payments.claims import rights
from backoffice.payments.claims.models import PaymentClaim
from backoffice.ui import paging
from backoffice.ui.staff import page, signed_in


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Open claims by the day of their decision, with what stands on a receipt too; whose they are, says the case."""
    rights.LIST.check(signed_in(request).actor)
    found = PaymentClaim.objects.filter(live=True)
    shown = paging.page_of(
        found.select_related("case", "payment__merchant").defer("text", "because", "held_because", "answer"),
        order=("decide_by", "pk"),
        after=request.GET.get("after", ""),
    )
    turns.look_up([one.case for one in shown.rows])
    now = timezone.now()
    context = {
        "rows": [(one, one.is_late(now)) for one in shown.rows],
        "older": reverse("admin:payment_claim:board", query={"after": shown.after}) if shown.after else "",
        "all": paging.bounded_count(found),
    }
    return page(request, "payment_claim/board.html", _t("Claims"), context)


urlpatterns = [path("payment_claim/", board, name="board")]
