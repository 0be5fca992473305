"""The pages on which a company says who orders payments for it: its people, and its machines."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backoffice.cases.confirming import Step, is_proven
from backoffice.cases.models import Case
from backoffice.payments.agents import adding, finding, removing, tokens
from backoffice.payments.merchants.models import Merchant
from backoffice.refusals import Conflict, NeedsProof, NotFound, Refused
from backoffice.text_fields import KeptTexts
from backoffice.ui.customers import CustomerRequest, for_customers, own_case, session_of
from backoffice.ui.forms import plainly_worded, with_faults
from workflows.merchant_admission.spec import MERCHANT_ADMISSION

AGENTS = "portal:merchant_admission:agents"


class AgentForm(KeptTexts, forms.Form):
    """A person who orders payments."""

    name = forms.CharField(
        label=_("Their name"),
        help_text=_("The people who pay do not hear it."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write the name of the person.")},
    )
    mail = forms.EmailField(
        label=_("Their e-mail address"),
        help_text=_("We send the code there with which they open their sign-in."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    telephone = forms.CharField(
        label=_("Their extension"),
        help_text=_("We ring it when they stay with the customer: 6001, or a number with its country."),
        max_length=24,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )


class TokenForm(KeptTexts, forms.Form):
    """A machine that orders payments."""

    name = forms.CharField(
        label=_("Which machine is it for?"),
        help_text=_("A name by which you find it again, such as “web shop”."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write which machine it is for.")},
    )


@require_safe
@for_customers
def agents(request: CustomerRequest, reference: str) -> HttpResponse:
    """Everybody and everything that may order now."""
    case, merchant = _mine(request, reference)
    here = finding.of_merchant(merchant)
    machines = [one for one in here if one.is_machine]
    ends = tokens.ends_of(machines)
    context = {
        "case": case,
        "merchant": merchant,
        "people": [one for one in here if not one.is_machine],
        "machines": [(one, ends.get(one.pk)) for one in machines],
        "why_not": finding.why_not_add(merchant),
    }
    return _page(request, "agents", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def add(request: CustomerRequest, reference: str) -> HttpResponse:
    """A person. The page first leads to the confirmation that it is the company."""
    case, merchant = _mine(request, reference)
    form = plainly_worded(AgentForm(request.POST if request.method == "POST" else None))
    if form.is_valid():
        new, session = adding.NewAgent(**form.cleaned_data), session_of(request)
        try:
            adding.add(merchant=merchant, new=new, by=request.actor, session=session, now=timezone.now())
        except NeedsProof:
            return _to_confirm(case, adding.ADD)
        except Refused as refused:
            with_faults(form, refused)
        else:
            messages.success(request, _t("They are invited. Our mail to them holds a code that works for one day."))
            return redirect(AGENTS, case.reference)
    elif not form.is_bound and not _may_go_on(request, case, merchant, adding.ADD):
        return _to_confirm(case, adding.ADD)
    return _page(request, "agent_add", {"case": case, "merchant": merchant, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def add_token(request: CustomerRequest, reference: str) -> HttpResponse:
    """A token, shown once in the answer to the form."""
    case, merchant = _mine(request, reference)
    form = plainly_worded(TokenForm(request.POST if request.method == "POST" else None))
    if form.is_valid():
        named, session = form.cleaned_data["name"], session_of(request)
        try:
            made = tokens.make_token(
                merchant=merchant, name=named, by=request.actor, session=session, now=timezone.now()
            )
        except NeedsProof:
            return _to_confirm(case, tokens.MAKE)
        except Refused as refused:
            with_faults(form, refused)
        else:
            return _page(request, "token_made", {"case": case, "merchant": merchant, "made": made})
    elif not form.is_bound and not _may_go_on(request, case, merchant, tokens.MAKE):
        return _to_confirm(case, tokens.MAKE)
    return _page(request, "token_add", {"case": case, "merchant": merchant, "form": form})


@require_POST
@for_customers
def invite(request: CustomerRequest, reference: str, agent_id: UUID) -> HttpResponse:
    """Another code to the same address."""
    case, merchant = _mine(request, reference)
    adding.invite_again(merchant=merchant, agent_id=agent_id, by=request.actor, now=timezone.now())
    messages.success(request, _t("Another code is on its way. The one before works no more."))
    return redirect(AGENTS, case.reference)


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def remove(request: CustomerRequest, reference: str, agent_id: UUID) -> HttpResponse:
    """Asks once more, then removes the person or the token."""
    case, merchant = _mine(request, reference)
    if request.method == "POST":
        removing.remove(merchant=merchant, agent_id=agent_id, by=request.actor, now=timezone.now())
        messages.success(request, _t("Done: nothing more is ordered with it."))
        return redirect(AGENTS, case.reference)
    agent = next((one for one in finding.of_merchant(merchant) if one.public_id == agent_id), None)
    if agent is None:
        raise NotFound("unknown_agent", _t("There is no such agent."))
    return _page(request, "agent_remove", {"case": case, "merchant": merchant, "agent": agent})


def _mine(request: CustomerRequest, reference: str) -> tuple[Case, Merchant]:
    case = own_case(request.customer, reference, process=MERCHANT_ADMISSION.name)
    return case, finding.merchant_of(case)


def _may_go_on(request: CustomerRequest, case: Case, merchant: Merchant, step: str) -> bool:
    """Whether the company has confirmed this step. Raises `Conflict` where nobody is added now."""
    if why_not := finding.why_not_add(merchant):
        raise Conflict("nobody_added", why_not)
    return is_proven(Step(case.id, step), session=session_of(request), now=timezone.now())


def _to_confirm(case: Case, step: str) -> HttpResponse:
    return redirect("portal:confirm_step", case.reference, step)


def _page(request: CustomerRequest, name: str, context: Mapping[str, object]) -> HttpResponse:
    form = context.get("form")
    status = 400 if isinstance(form, forms.Form) and form.errors else 200
    return render(request, f"merchant_admission/{name}.html", context, status=status)
