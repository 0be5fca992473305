"""Reading at the desk needs a case in hand or a reason; both are noted, and so is the refusal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.cases.need_to_know import needs_to_know
from backoffice.customers import reading
from backoffice.customers.models import Customer
from backoffice.desk.clerk import Clerk
from backoffice.desk.pages import page
from backoffice.refusals import Forbidden

OTHER = "other"
REASONS = {
    "contact": _("The customer is on the phone or at the counter"),
    "review": _("I check or take over a colleague's work"),
    "complaint": _("A complaint or an inquiry"),
    OTHER: _("Another reason"),
}


class ReasonForm(forms.Form):
    """Why a record is opened: one press for the usual reasons, words for another."""

    why = forms.ChoiceField(label=_("Why do you open it?"), choices=list(REASONS.items()), widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("In your words"), max_length=120, required=False, help_text=_("The customer may read it.")
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("why") == OTHER and len(cleaned.get("words", "").strip()) < reading.SHORTEST_REASON:
            self.add_error("words", _t("Say in a few words why you open this record."))
        return cleaned

    def reason(self) -> str:
        """What is noted: the usual reason in English and the words. Only for a valid form."""
        words = self.cleaned_data["words"].strip()
        if self.cleaned_data["why"] == OTHER:
            return str(words)
        usual = str(REASONS[self.cleaned_data["why"]])
        return f"{usual}: {words}" if words else usual


def may_read_case(case: Case, *, me: Clerk, page: str, now: datetime) -> bool:
    """Whether the clerk may read this case now: not without a need. Raises `Forbidden` for a role that never reads."""
    return _opened(case.customer, me, case=case, has_case=needs_to_know(case, user=me.user), page=page, now=now)


def may_read_customer(customer: Customer, *, me: Clerk, page: str, now: datetime) -> bool:
    """The same for a customer's record, for which any open case of his in the clerk's hands is enough."""
    case_id = reading.case_for(user=me.user, customer=customer)
    case = Case.objects.filter(id=case_id).first() if case_id else None
    return _opened(customer, me, case=case, has_case=case is not None, page=page, now=now)


def _opened(customer: Customer, me: Clerk, *, case: Case | None, has_case: bool, page: str, now: datetime) -> bool:
    try:
        reading.open_record(
            customer=customer,
            by=me.actor,
            user=me.user,
            now=now,
            case_id=case.id if case else None,
            has_case=has_case,
            page=page,
        )
    except Forbidden as refused:
        if refused.code == "no_reason":
            return False
        raise
    return True


def ask_why(
    request: HttpRequest, customer: Customer, *, form: ReasonForm | None = None, next_page: str = ""
) -> HttpResponse:
    """The page between a clerk without a case and the record: 403, with the form that opens it."""
    context = {
        "customer": customer,
        "form": form or ReasonForm(),
        "next": next_page or request.get_full_path(),
        "minutes": int(reading.OPEN_FOR.total_seconds() // 60),
    }
    return page(request, "desk/why.html", _t("Why do you open this record?"), context, status=403)
