"""The public pages on which anybody pays a bill that they have before them. Nobody signs in, nobody is named, and no
digit of a card is typed here. Which page is whose stands in a signed cookie, so no address of ours is a secret."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.customers import bills
from backoffice.money_fields import MoneyField, ReadsMoney, currency_field
from backoffice.networks import network_of
from backoffice.payments.bills import looking, opening
from backoffice.payments.bills.models import PageState
from backoffice.payments.provider.ports import ProviderFailed
from backoffice.refusals import NotFound, Refused
from backoffice.ui.customers import never_kept
from backoffice.ui.forms import plainly_worded, with_faults

COOKIE, SALT = "bill_page", "backoffice.payments.bills"
LASTS = timedelta(days=1)
BACK = (PageState.RETURNING, PageState.RETURNED, PageState.CAME_BACK)
TONES: Mapping[str, str] = {
    PageState.OPEN: "customer",
    PageState.ENDED: "stopped",
    PageState.PAID: "done",
    PageState.BOOKED: "done",
    PageState.RETURNING: "us",
    PageState.RETURNED: "us",
    PageState.CAME_BACK: "customer",
}


class PayForm(ReadsMoney, forms.Form):
    reference = forms.CharField(
        label=_("The number of the bill"),
        help_text=_("As it stands on it, such as FV/2026/11/0042."),
        max_length=opening.LONGEST_REFERENCE,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Type the number that stands on the bill.")},
    )
    amount = MoneyField(
        label=_("The amount that is still to be paid"),
        help_text=_("We find a bill only by its number and its amount together."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"] = currency_field(bills.currencies())


@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest) -> HttpResponse:
    """Finds the bill, and opens a page of the provider for it."""
    form = plainly_worded(PayForm(request.POST if request.method == "POST" else None))
    status = 200
    if form.is_valid():
        try:
            page = opening.open_page(
                reference=form.cleaned_data["reference"],
                amount=form.cleaned_data["amount"],
                network=network_of(request),
                by=anybody(),
                now=timezone.now(),
            )
        except NotFound as answer:
            form = with_faults(form, answer)
        except Refused as refused:
            form, status = with_faults(form, refused), refused.status
        else:
            return _theirs(redirect("pay_yours"), page.pk)
    elif form.is_bound:
        status = 400
    return never_kept(render(request, "bill_payment/pay.html", {"form": form}, status=status))


@require_http_methods(["GET", "HEAD"])
def yours(request: HttpRequest) -> HttpResponse:
    """Where the payment stands. The provider leads back to here."""
    page_id = _page_of(request)
    seen = looking.look(page_id=page_id, by=anybody(), now=timezone.now()) if page_id else None
    context: dict[str, Any] = {}
    if seen is not None:
        page = seen.page
        context = {"page": page, "address": seen.address, "tone": TONES[page.state], "amount": page.sum.shown()}
    return never_kept(render(request, "bill_payment/yours.html", context))


@require_safe
def receipt(request: HttpRequest) -> HttpResponse:
    """For the browser that paid, and for as long as its cookie lasts. No e-mail is sent: whoever types an address here
    is nobody whom we know, so anybody could have us write to anybody (`trust.md`: e-mail proves nothing, and each
    message of ours begins with the phrase of its reader), and an address would say who paid. Who wants a mail
    gives the provider an address on its own page, and gets the provider's receipt; we read no address."""
    page_id = _page_of(request)
    seen = looking.look(page_id=page_id, by=anybody(), now=timezone.now()) if page_id else None
    if seen is None or seen.page.paid_at is None:
        return never_kept(redirect("pay_yours"))
    context = {"page": seen.page, "goes_back": seen.page.state in BACK}
    return never_kept(render(request, "bill_payment/receipt.html", context))


@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Whoever pays ends the page without paying."""
    page_id = _page_of(request)
    if page_id is not None:
        try:
            looking.stop(page_id=page_id, by=anybody(), now=timezone.now())
        except ProviderFailed:
            messages.warning(request, _t("It could not be stopped just now. It ends by itself if nobody pays."))
    return never_kept(redirect("pay_yours"))


def anybody() -> Actor:
    """Who pays: nobody has signed in."""
    return Actor(kind=ActorKind.OUTSIDE, id="pay page", channel=Channel.PORTAL, request_id=str(uuid.uuid4()))


def _theirs(response: HttpResponse, page: uuid.UUID) -> HttpResponse:
    """The cookie goes to these pages only. The provider's page leads back by a link, which `Lax` allows."""
    response.set_signed_cookie(
        COOKIE,
        str(page),
        salt=SALT,
        max_age=LASTS,
        path=reverse("pay"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _page_of(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.get_signed_cookie(COOKIE, salt=SALT, max_age=LASTS))
    except (KeyError, BadSignature, ValueError):
        return None


urlpatterns = [
    path("pay/", pay, name="pay"),
    path("pay/yours/", yours, name="pay_yours"),
    path("pay/receipt/", receipt, name="pay_receipt"),
    path("pay/stop/", stop, name="pay_stop"),
]
