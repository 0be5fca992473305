"""The desk's pages of reported contacts: the list of groups, and one group with what is known, its texts, and the
decision. Only who takes a group reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from backoffice.refusals import Conflict, Forbidden, Invalid
from backoffice.suspicions import deciding, rights, showing, waiting
from backoffice.suspicions.models import GroupState, Suspicion
from backoffice.suspicions.warning import Words
from backoffice.text_fields import KeptTexts
from backoffice.ui.forms import Late, plainly_worded, too_late, with_faults
from backoffice.ui.staff import StaffMember, page, signed_in
from workflows.suspicious_contact.spec import PERIODS

MOST_SHOWN = 100
GROUP = "admin:suspicious_contact:group"


class DecisionForm(KeptTexts, forms.Form):
    """Fraud, with or without a warning, or harmless."""

    verdict = forms.ChoiceField(
        label=_("What is it?"),
        choices=[
            ("warn", _("Fraud. Warn others with the words below")),
            ("confirmed", _("Fraud, without a warning: there is nothing by which others would know it")),
            ("cleared", _("Harmless, or from us after all. What was paused goes on")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is.")},
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It stands on the timeline of every case of these reports, so name no customer."),
        error_messages={"required": _("Say why, for those who look at it later.")},
    )
    words = forms.CharField(
        label=_("The warning, in your own words"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Anybody reads it. Say how it comes and what it wants. Nothing of who reported it; copy no text."),
    )
    number = forms.CharField(label=_("Number of the fraud"), required=False, max_length=20)
    address = forms.CharField(label=_("Mail address of the fraud"), required=False, max_length=254)
    host = forms.CharField(label=_("Internet address of the fraud"), required=False, max_length=253)
    until = forms.DateField(label=_("Shown until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))


class WithdrawForm(KeptTexts, forms.Form):
    reason = forms.CharField(
        label=_("Why is it withdrawn?"),
        max_length=300,
        error_messages={"required": _("Say why, for those who look at it later.")},
    )


def groups(request: HttpRequest) -> HttpResponse:
    """What waits, and what was decided last. Nothing of the texts."""
    me = signed_in(request)
    rights.LIST.check(me.actor)
    decided = Suspicion.objects.exclude(state=GroupState.WAITING).select_related("warning").order_by("-decided_at")
    context = {
        "waiting": showing.rows(waiting.waiting()[:MOST_SHOWN]),
        "decided": showing.rows(decided[:MOST_SHOWN]),
        "can_read": rights.READ.allows(me.actor),
    }
    return page(request, "suspicious_contact/groups.html", _t("Strange contacts"), context)


@require_safe
def group(request: HttpRequest, reference: str) -> HttpResponse:
    found, me = deciding.group_of(reference), signed_in(request)
    rights.LIST.check(me.actor)
    return _page(request, found, me)


def act(request: HttpRequest, reference: str, do: str) -> HttpResponse:
    """Each form of the page has an address of its own, so that what was typed in one never stands in another. Whoever
    loads the answer again is led to the page. Where the act comes too late, the page says so, as it is now, with all
    that was typed."""
    found, me = deciding.group_of(reference), signed_in(request)
    rights.LIST.check(me.actor)
    if request.method != "POST":
        return redirect(GROUP, found.reference)
    form = FORMS[do](request.POST) if do in FORMS else None
    try:
        return ACTS[do](request, found, me, form)
    except (Conflict, Forbidden) as refused:
        if form is None:
            raise
        found = deciding.group_of(reference)
        return _page(request, found, me, status=refused.status, late=too_late(refused.sentence, form))


def _take(request: HttpRequest, found: Suspicion, me: StaffMember, form: forms.Form | None) -> HttpResponse:
    deciding.take(group=found, by=me.actor, user=me.user, now=timezone.now())
    return redirect(GROUP, found.reference)


def _give_back(request: HttpRequest, found: Suspicion, me: StaffMember, form: forms.Form | None) -> HttpResponse:
    deciding.give_back(group=found, by=me.actor, user=me.user, now=timezone.now())
    return redirect("admin:suspicious_contact:groups")


def _decide(request: HttpRequest, found: Suspicion, me: StaffMember, form: forms.Form | None) -> HttpResponse:
    assert isinstance(form, DecisionForm)
    if not form.is_valid():
        return _page(request, found, me, decision=form, status=Invalid.status)
    told = form.cleaned_data
    who: dict[str, Any] = {
        "group": found,
        "reason": told["reason"],
        "by": me.actor,
        "user": me.user,
        "now": timezone.now(),
    }
    try:
        if told["verdict"] == "cleared":
            deciding.clear(**who)
        else:
            deciding.confirm(**who, words=_words(told) if told["verdict"] == "warn" else None)
    except Invalid as refused:
        return _page(request, found, me, decision=with_faults(form, refused), status=refused.status)
    messages.success(request, _t("Decided. Every case of these reports goes on with it."))
    return redirect(GROUP, found.reference)


def _words(told: dict[str, Any]) -> Words:
    """The warning ends with the day that was chosen, or after its usual time."""
    usual = timezone.now() + PERIODS.warning_lasts
    until = datetime.combine(told["until"], time(23, 59), UTC) if told["until"] else usual
    return Words(
        words=" ".join(told["words"].split()),
        number=told["number"].replace(" ", ""),
        address=told["address"].lower(),
        host=told["host"].lower(),
        until=until,
    )


def _withdraw(request: HttpRequest, found: Suspicion, me: StaffMember, form: forms.Form | None) -> HttpResponse:
    assert isinstance(form, WithdrawForm)
    try:
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        deciding.withdraw_warning(group=found, reason=reason, by=me.actor, user=me.user, now=timezone.now())
    except Invalid as refused:
        return _page(request, found, me, withdraw=with_faults(form, refused), status=refused.status)
    messages.success(request, _t("The warning is shown no more."))
    return redirect(GROUP, found.reference)


FORMS: Mapping[str, type[forms.Form]] = {"decide": DecisionForm, "withdraw": WithdrawForm}
ACTS = {"take": _take, "give-back": _give_back, "decide": _decide, "withdraw": _withdraw}


def _page(
    request: HttpRequest,
    found: Suspicion,
    me: StaffMember,
    *,
    decision: DecisionForm | None = None,
    withdraw: WithdrawForm | None = None,
    late: Late | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    held = deciding.is_held(found, user=me.user, now=now)
    why_not_take = "" if held else deciding.why_not_take(found, by=me.actor, user=me.user, now=now)
    why_not_decide = deciding.why_not_decide(found, by=me.actor, user=me.user)
    if decision is not None and (why_not_decide or not held):
        late = too_late(why_not_decide or why_not_take or _t("Take the reports once more, to go on."), decision)
    shown = found.warning is not None and found.warning.withdrawn_at is None and found.warning.until > now
    context = {
        "group": found,
        "held": held,
        "due": waiting.due_at(found),
        "shown": showing.group(found, held=held),
        "why_not_take": why_not_take,
        "why_not_decide": why_not_decide,
        "why_decided": found.reason if rights.READ.allows(me.actor) else "",
        "decision": plainly_worded(decision or DecisionForm(initial=_suggested(found, now))),
        "withdraw": plainly_worded(withdraw or WithdrawForm()),
        "can_withdraw": shown and rights.WITHDRAW_WARNING.allows(me.actor),
        "is_shown": shown,
        "late": late,
        "back": reverse("admin:suspicious_contact:groups"),
    }
    return page(request, "suspicious_contact/group.html", _t("A strange contact"), context, status=status)


def _suggested(found: Suspicion, now: datetime) -> dict[str, Any]:
    """The fraud's own number and addresses, and the usual end; the words are the analyst's."""
    seen = found.seen or {}
    first = {name: (seen.get(name) or [""])[0] for name in ("phones", "mails", "hosts")}
    until = (now + PERIODS.warning_lasts).date()
    return {"number": first["phones"], "address": first["mails"], "host": first["hosts"], "until": until}


urlpatterns = [
    path("strange/", groups, name="groups"),
    path("strange/<str:reference>/", group, name="group"),
    *(path(f"strange/<str:reference>/{do}/", act, {"do": do}, name=do.replace("-", "_")) for do in ACTS),
]
