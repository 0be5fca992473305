"""The page on which a customer and one of us prove themselves to each other while they talk: we go first."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from backoffice.cases.models import Case
from backoffice.needed_fields import needed
from backoffice.refusals import Invalid
from backoffice.telephony import menu, proving
from backoffice.telephony.believed import BELIEVED_FOR
from backoffice.telephony.models import TALKING, Call, CallState
from backoffice.telephony.proving import Shown
from backoffice.trust.models import Direction
from backoffice.ui import headlines
from backoffice.ui.customers import CustomerRequest, for_customers
from backoffice.ui.page_forms import NOT_KEPT

LOOKS_EVERY = 3
"""How often the page looks for news while nothing is typed on it, in seconds."""
FRESH_FOR = int(BELIEVED_FOR.total_seconds())
"""After so many seconds without an answer the page says that it cannot check: do not talk (trust, threat 4)."""


class Moment(StrEnum):
    """What the page says; the first that holds."""

    NOBODY = "nobody"
    CANNOT_CHECK = "cannot_check"
    """It is on as far as we know, and nobody has said so lately."""
    RINGING = "ringing"
    VOICE = "voice"
    """A voice speaks, which neither says digits nor takes a code: the call proves itself by its case."""
    NOT_US = "not_us"
    COMPARE = "compare"
    ASK = "ask"
    """Somebody answered, and our agent has not asked for the digits yet."""
    YOU_CALLED = "you_called"
    """The customer called our number, so nobody needs to prove to them who we are."""
    OURS = "ours"
    CODE = "code"
    BOTH = "both"


class HalfForm(forms.Form):
    half = needed(
        forms.CharField(
            label=_("The six digits that our agent says"),
            max_length=40,
            required=False,
            widget=forms.TextInput(
                attrs={"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false", NOT_KEPT: True}
            ),
        )
    )


@dataclass(frozen=True)
class Proof:
    """A call as its customer sees it now. `what` says what it is about, and `code` stands there only to be read out."""

    moment: Moment
    call: Call | None
    agent: str = ""
    what: str = ""
    code: Shown | None = None

    @property
    def spoken(self) -> str:
        """The code in two groups, as it is read out."""
        return self.code.code.replace("-", " ") if self.code else ""

    @property
    def is_ringing(self) -> bool:
        """Whether nobody has answered yet."""
        return self.call is not None and self.call.state not in TALKING

    @property
    def is_live(self) -> bool:
        """Whether the page looks for news: not while somebody types."""
        return self.moment is not Moment.COMPARE


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def proof(request: CustomerRequest) -> HttpResponse:
    """Where the two stand; a POST compares the digits that the agent said."""
    now = timezone.now()
    found = proof_of(request, now=now)
    if request.method != "POST":
        return _page(request, found, HalfForm())
    form = HalfForm(request.POST)
    if found.call is None or not form.is_valid():
        return redirect("portal:calls_proof")
    try:
        typed = form.cleaned_data["half"]
        verdict = proving.compare(call_id=found.call.pk, typed=typed, by=request.actor, now=now)
    except Invalid as refused:
        form.add_error("half", refused.errors["half"][0])
        return _page(request, found, form, status=400)
    if verdict.right:
        return redirect("portal:calls_proof")
    form.add_error("half", verdict.sentence)
    return _page(request, proof_of(request, now=now), form, status=400)


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def code(request: CustomerRequest) -> HttpResponse:
    """Has the code shown that the customer reads out."""
    call = proving.call_with(request.customer)
    if request.method == "POST" and call is not None:
        proving.show_code(call_id=call.pk, by=request.actor, now=timezone.now())
    return redirect("portal:calls_proof")


def proof_of(request: CustomerRequest, *, now: datetime) -> Proof:
    call = proving.call_with(request.customer)
    if call is None:
        return Proof(Moment.NOBODY, None)
    shown = proving.code_of(call, by=request.actor, now=now)
    moment = _moment(call, request, now=now)
    if shown is not None and moment in (Moment.OURS, Moment.YOU_CALLED):
        moment = Moment.CODE
    return Proof(moment, call, _agent(call), _about(call), shown if moment is Moment.CODE else None)


def _moment(call: Call, request: CustomerRequest, *, now: datetime) -> Moment:
    if not call.is_heard(now):
        return Moment.CANNOT_CHECK
    if call.is_by_voice:
        return Moment.VOICE
    if call.state not in TALKING:
        return Moment.RINGING
    if call.state == CallState.CUSTOMER_PROVEN:
        return Moment.BOTH
    if call.state == CallState.COMPANY_PROVEN:
        return Moment.OURS
    if call.direction == Direction.IN:
        return Moment.YOU_CALLED
    if proving.is_spent(call):
        return Moment.NOT_US
    return Moment.COMPARE if proving.can_compare(call, by=request.actor, now=now) else Moment.ASK


def _agent(call: Call) -> str:
    return (call.agent.first_name if call.agent else "") or _t("One of us")


def _about(call: Call) -> str:
    case = Case.objects.filter(pk=call.case_id).first() if call.case_id else None
    return headlines.for_customer(case).title if case else _t("What you talk about in this call")


def _in_groups(digits: str) -> str:
    """As they are keyed in: `577 4692`."""
    return f"{digits[:3]} {digits[3:]}"


def _page(request: HttpRequest, found: Proof, form: HalfForm, *, status: int = 200) -> HttpResponse:
    context = {
        "proof": found,
        "form": form,
        "customer": request.customer,  # type: ignore[attr-defined]
        "looks_every": LOOKS_EVERY if found.is_live else 0,
        "fresh_for": FRESH_FOR,
        "key": uuid.uuid4(),
        "keyed": _in_groups(menu.keyed(found.call.case_reference)) if found.call else "",
    }
    return render(request, "portal/calls_proof.html", context, status=status)
