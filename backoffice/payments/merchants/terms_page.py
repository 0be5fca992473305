"""The page of the desk on which one person proposes how a merchant is paid, and another decides."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_http_methods, require_POST

from backoffice import no_card_numbers
from backoffice.payments.merchants import evidence, proposing, terms
from backoffice.payments.merchants.models import Merchant, MerchantState, PayoutProposal
from backoffice.payments.merchants.rights import DECIDE_TERMS, PROPOSE_TERMS
from backoffice.refusals import Invalid, NotFound, Refused
from backoffice.staff import step_up
from backoffice.text_fields import KeptTexts
from backoffice.ui import lookup
from backoffice.ui.forms import plainly_worded, with_faults
from backoffice.ui.staff import StaffMember, ask_why, may_read_case, page, signed_in

PAGE = "admin:merchant_admission:payouts"
MOST_SHOWN = 10


class ProposeForm(KeptTexts, terms.TermsFields, forms.Form):
    """Filled in with how the merchant is paid now."""

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.merchant = merchant
        self.add_terms(merchant.currency, now=merchant.terms)
        no_card_numbers.guard(self)

    def given(self) -> terms.Terms:
        """As the rule takes it."""
        return terms.given(self.cleaned_data, self.merchant.currency)


@require_http_methods(["GET", "HEAD", "POST"])
def payouts(request: HttpRequest, reference: str) -> HttpResponse:
    """How the merchant of a case is paid, what is proposed, and the form of a proposal."""
    me, now = signed_in(request), timezone.now()
    case = lookup.case_of(reference)
    if not may_read_case(case, me=me, page="desk:merchant_payouts", now=now):
        return ask_why(request, case.customer)
    if request.method == "POST" and not step_up.recently_confirmed(request):
        return redirect(step_up.way_to_confirm(request))
    merchant = Merchant.objects.filter(case=case).first()
    if merchant is None:
        raise NotFound("unknown_merchant", _t("There is no such merchant."))
    form = plainly_worded(ProposeForm(request.POST or None, merchant=merchant))
    if form.is_valid():
        try:
            proposing.propose(merchant=merchant, terms=form.given(), by=me.actor, now=now)
        except Refused as refused:
            form = with_faults(form, refused)
        else:
            messages.success(request, _t("Proposed. Another person decides; until then everything stays as it is."))
            return redirect(PAGE, reference)
    status = Invalid.status if form.is_bound else HTTPStatus.OK
    title = _t("How %(name)s is paid") % {"name": merchant.trading_name}
    return page(request, "merchant_admission/payouts.html", title, _context(merchant, form, me), status=status)


@require_POST
@step_up.step_up_required
def decide(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Yes or no to a proposal."""
    me, now = signed_in(request), timezone.now()
    case = lookup.case_of(reference)
    if not may_read_case(case, me=me, page="desk:merchant_payouts", now=now):
        return ask_why(request, case.customer)
    if not PayoutProposal.objects.filter(pk=number, merchant__case=case).exists():
        raise NotFound("unknown_proposal", _t("There is no such proposal."))
    accepted = request.POST.get("decision") == "accept"
    proposing.decide(proposal_id=number, accepted=accepted, by=me.actor, now=now)
    said = _t("Accepted. The company is told.") if accepted else _t("Refused. Everything stays as it was.")
    messages.success(request, said)
    return redirect(PAGE, reference)


def _context(merchant: Merchant, form: forms.Form, me: StaffMember) -> dict[str, Any]:
    waiting = merchant.payout_proposals.filter(decided_at=None).first()
    decided = merchant.payout_proposals.exclude(decided_at=None)[:MOST_SHOWN]
    cools_until, why_not = merchant.payout_cools_until, ""
    if waiting is not None:
        why_not = DECIDE_TERMS.why_not(me.actor)
        if waiting.proposed_by == me.actor.id:
            why_not = _t("You proposed this; another person must decide.")
    return {
        "case": merchant.case,
        "merchant": merchant,
        "lines": evidence.lines_of_terms(merchant.terms),
        "cools_until": cools_until if cools_until and cools_until > timezone.now() else None,
        "waiting": waiting,
        "waiting_lines": evidence.lines_of_terms(waiting.terms) if waiting else (),
        "waiting_by": evidence.name_of(waiting.proposed_by) if waiting else "",
        "why_not_decide": why_not,
        "decided": [(one, evidence.name_of(one.proposed_by), evidence.name_of(one.decided_by)) for one in decided],
        "form": form,
        "why_not_propose": PROPOSE_TERMS.why_not(me.actor)
        or ("" if merchant.state != MerchantState.ENDED else _t("This merchant has ended.")),
    }
