"""The console of a merchant's agents: the orders of their merchant, a form for a new one, and each order as it goes."""

from __future__ import annotations

import uuid

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backoffice.payments.agents.acting import CONSOLE, AgentRequest, for_agents
from backoffice.payments.claim_answers import words as claims
from backoffice.payments.payouts import shown as payouts
from backoffice.payments.voice import fulfilling, ordering
from backoffice.payments.voice.models import VoicePayment
from backoffice.payments.voice.pages.change_form import ChangeForm
from backoffice.payments.voice.pages.order_states import FRESH_FOR, short_state, state_of, why_not_order
from backoffice.refusals import Refused
from backoffice.ui.forms import plainly_worded, with_faults
from backoffice.ui.paging import page_of

ORDER = "portal:voice_payment:order"
_KEY = "key"
"""The field of the form that holds the key of an order, so that it is ordered once however often it is sent."""


@require_safe
@for_agents
def orders(request: AgentRequest) -> HttpResponse:
    """The newest first, of all agents and machines of the merchant."""
    found = VoicePayment.objects.filter(merchant=request.agent.merchant).select_related("case", "agent")
    page = page_of(found, order=("-ordered_at", "pk"), after=request.GET.get("after", ""))
    here = reverse(CONSOLE)
    context = {
        "rows": [(one, *short_state(one)) for one in page.rows],
        "is_first": page.first,
        "newer": "" if page.first else here,
        "older": f"{here}?after={page.after}" if page.after else "",
        "why_not": why_not_order(request.agent.merchant),
    }
    return _page(request, "orders", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def new(request: AgentRequest) -> HttpResponse:
    """The form of an order. What is wrong is said on its field, and nothing has rung then."""
    agent, key = request.agent, request.POST.get(_KEY, "")[:64] or str(uuid.uuid4())
    form = plainly_worded(ordering.OrderForm(request.POST or None, customer=agent.merchant.company, by=request.actor))
    if form.is_valid():
        try:
            payment = ordering.order(agent=agent, data=request.POST, key=key, by=request.actor, now=timezone.now())
        except Refused as refused:
            with_faults(form, refused)
        else:
            return redirect(ORDER, payment.case.reference)
    hidden = {"name": _KEY, "value": key}
    context = {"form": form, "hidden": hidden, "why_not": why_not_order(agent.merchant)}
    return _page(request, "new", context, form=form)


@require_safe
@for_agents
def order(request: AgentRequest, reference: str) -> HttpResponse:
    """One order, which looks for news by itself while something moves."""
    payment = ordering.own_payment(reference, agent=request.agent)
    more = {"payout": payouts.of_payment(payment), "claims": claims.in_console(payment)}
    return _page(request, "order", {**_shown(payment), **more})


@require_safe
@for_agents
def status(request: AgentRequest, reference: str) -> HttpResponse:
    """What has changed since the page was made, or 204 where nothing has."""
    context = _shown(ordering.own_payment(reference, agent=request.agent))
    if request.GET.get("seen") == context["version"]:
        return HttpResponse(status=204)
    return _page(request, "_order", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def change(request: AgentRequest, reference: str) -> HttpResponse:
    """Another amount, or other words: it is read out again, and the customer agrees again."""
    payment = ordering.own_payment(reference, agent=request.agent)
    form = plainly_worded(ChangeForm(request.POST or None, payment=payment))
    if form.is_valid():
        given = form.cleaned_data
        try:
            ordering.change(
                payment=payment,
                amount=given["amount"],
                what_for=given["what_for"],
                by=request.actor,
                now=timezone.now(),
            )
        except Refused as refused:
            with_faults(form, refused)
        else:
            messages.success(request, _t("The order is changed. What was read out before does not count any more."))
            return redirect(ORDER, reference)
    return _page(request, "change", {"form": form, "payment": payment, "shown": state_of(payment)}, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def cancel(request: AgentRequest, reference: str) -> HttpResponse:
    """Asks once more, then calls the order off."""
    payment = ordering.own_payment(reference, agent=request.agent)
    if request.method != "POST":
        return _page(request, "cancel", {"payment": payment, "shown": state_of(payment)})
    ordering.cancel(payment=payment, by=request.actor, now=timezone.now())
    messages.success(request, _t("The order is called off."))
    return redirect(ORDER, reference)


@require_POST
@for_agents
def take_now(request: AgentRequest, reference: str) -> HttpResponse:
    """In the same call: the order is read out and paid now."""
    payment = ordering.own_payment(reference, agent=request.agent)
    ordering.take_now(payment=payment, by=request.actor, now=timezone.now())
    return redirect(ORDER, reference)


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def delivery(request: AgentRequest, reference: str) -> HttpResponse:
    """Delivered, or not: the page asks once more, because what cannot be delivered is paid back."""
    payment = ordering.own_payment(reference, agent=request.agent)
    answer = request.POST.get("delivered")
    if answer not in ("yes", "no"):
        return _page(request, "delivery", {"payment": payment, "shown": state_of(payment)})
    fulfilled = answer == "yes"
    fulfilling.report(payment=payment, fulfilled=fulfilled, by=request.actor, now=timezone.now())
    said = _t("Noted: delivered.") if fulfilled else _t("Noted: the customer gets the money back.")
    messages.success(request, said)
    return redirect(ORDER, reference)


def _shown(payment: VoicePayment) -> dict[str, object]:
    shown = state_of(payment)
    return {"payment": payment, "shown": shown, "version": shown.version, "fresh_for": FRESH_FOR}


def _page(
    request: AgentRequest, name: str, context: dict[str, object], *, form: forms.Form | None = None
) -> HttpResponse:
    status = 400 if form is not None and form.errors else 200
    everywhere = {"agent": request.agent, "merchant": request.agent.merchant}
    return render(request, f"voice_payment/console/{name}.html", {**everywhere, **context}, status=status)
