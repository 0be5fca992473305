"""The desk's page of a complaint of somebody who did not sign in: take it, open a case for it, or answer it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from backoffice.complaints import rights, strangers
from backoffice.complaints.models import StrangersComplaint, StrangerState
from backoffice.customers import searching
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.refusals import Conflict, Forbidden, Invalid, Refused
from backoffice.text_fields import KeptTexts
from backoffice.ui.forms import Late, plainly_worded, too_late, with_faults
from backoffice.ui.staff import StaffMember, page, signed_in

MOST_FOUND = 10
PAGE = "admin:complaint:stranger"


class SearchForm(KeptTexts, forms.Form):
    words = forms.CharField(
        label=_("Which customer may it be?"),
        max_length=80,
        help_text=_("A name, an address, a number: as in the search of the desk."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Type what you know of who wrote this.")},
    )


class CustomerForm(KeptTexts, forms.Form):
    customer = forms.ChoiceField(
        label=_("Open the complaint of this customer"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the customer."), "invalid_choice": _("Choose the customer.")},
    )

    def __init__(self, *args: Any, customers: list[Customer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["customer"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(str(one.public_id), _described(one)) for one in customers]


class AnswerForm(KeptTexts, forms.Form):
    answer = forms.CharField(
        label=_("What did you answer, and how?"),
        help_text=_("For somebody who is no customer of ours. Call or write to them first; this is the record of it."),
        max_length=strangers.LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write what you answered.")},
    )


@require_safe
def stranger(request: HttpRequest, reference: str) -> HttpResponse:
    """One complaint, for who holds it."""
    me = signed_in(request)
    rights.HANDLE.check(me.actor)
    return _page(request, strangers.stranger_of(reference, user=me.user), me)


def act(request: HttpRequest, reference: str, do: str) -> HttpResponse:
    """Each form of the page has an address of its own, so that what was typed in one never stands in another. Whoever
    loads the answer again is led to the page. Where the act comes too late, the page says so, as it is now, with the
    answer that was typed."""
    me = signed_in(request)
    rights.HANDLE.check(me.actor)
    row = strangers.stranger_of(reference, user=me.user)
    if request.method != "POST":
        return redirect(PAGE, row.reference)
    try:
        return ACTS[do](request, row, me)
    except (Conflict, Forbidden) as refused:
        row = strangers.stranger_of(reference, user=me.user)
        typed = AnswerForm(request.POST) if do == "answer" else None
        return _page(request, row, me, late=too_late(refused.sentence, typed), status=refused.status)


def _take(request: HttpRequest, row: StrangersComplaint, me: StaffMember) -> HttpResponse:
    strangers.take(row=row, by=me.actor, user=me.user, now=timezone.now())
    return redirect(PAGE, row.reference)


def _search(request: HttpRequest, row: StrangersComplaint, me: StaffMember) -> HttpResponse:
    form = SearchForm(request.POST)
    return _page(request, row, me, search=form, status=200 if form.is_valid() else Invalid.status)


def _open(request: HttpRequest, row: StrangersComplaint, me: StaffMember) -> HttpResponse:
    search = SearchForm(request.POST if request.POST.get("words") else None)
    customers = _customers(row, search)
    form = CustomerForm(request.POST, customers=customers)
    if form.is_valid():
        chosen = next(one for one in customers if str(one.public_id) == form.cleaned_data["customer"])
        try:
            done = strangers.open_case_for(row=row, customer=chosen, by=me.actor, user=me.user, now=timezone.now())
        except Invalid as refused:
            form = with_faults(form, refused)
        else:
            assert done.case is not None
            messages.success(request, _t("The complaint is open, and its clock runs since it was written."))
            return redirect("admin:complaint:board")
    return _page(request, row, me, search=search, whose=form, status=Invalid.status)


def _answer(request: HttpRequest, row: StrangersComplaint, me: StaffMember) -> HttpResponse:
    form = AnswerForm(request.POST)
    if form.is_valid():
        words = form.cleaned_data["answer"]
        try:
            strangers.answer(row=row, words=words, by=me.actor, user=me.user, now=timezone.now())
        except Invalid as refused:
            form = with_faults(form, refused)
        else:
            messages.success(request, _t("The complaint is answered."))
            return redirect("admin:complaint:board")
    return _page(request, row, me, answer=form, status=Refused.status if form.is_valid() else Invalid.status)


ACTS = {"take": _take, "search": _search, "open": _open, "answer": _answer}


def _customers(row: StrangersComplaint, search: SearchForm) -> list[Customer]:
    """Whose it may be: the customer whose case it names, and who was searched for."""
    theirs = [row.about_case.customer] if row.about_case else []
    if search.is_bound and search.is_valid():
        sought = searching.find(text=search.cleaned_data["words"])[:MOST_FOUND]
        theirs += [one for one in sought if one not in theirs]
    return theirs


def _described(customer: Customer) -> str:
    point = ContactPoint.objects.filter(customer=customer, kind=ContactKind.MAIL, superseded_at=None)
    masked = point.values_list("masked", flat=True).first()
    return f"{customer.name}, {masked or _t('no e-mail address')}"


def _page(
    request: HttpRequest,
    row: StrangersComplaint,
    me: StaffMember,
    *,
    search: SearchForm | None = None,
    whose: CustomerForm | None = None,
    answer: AnswerForm | None = None,
    late: Late | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    held = strangers.is_held(row, user=me.user, now=now)
    why_not_take = strangers.why_not_take(row, user=me.user, now=now)
    if answer is not None and not held:
        late = too_late(why_not_take or _t("Take the complaint once more, to go on."), answer)
    customers = _customers(row, search or SearchForm()) if held else []
    context = {
        "row": row,
        "held": held,
        "waits": row.state == StrangerState.WAITING,
        "written": row.text.splitlines() if held else [],
        "answered": row.answer.splitlines() if held else [],
        "why_not_take": why_not_take,
        "search": plainly_worded(search or SearchForm()),
        "words": search.data.get("words", "") if search else "",
        "whose": plainly_worded(whose or CustomerForm(customers=customers)) if customers else None,
        "answer": plainly_worded(answer or AnswerForm()),
        "late": late,
    }
    return page(request, "complaint/stranger.html", _t("A complaint without sign-in"), context, status=status)
