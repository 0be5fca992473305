"""The page on which whoever checks a copy of an identity document redacts it. It works without script, by numbers; with
it, areas are drawn on the picture of the page."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from backoffice.cases import answering, words
from backoffice.cases.models import WorkItem
from backoffice.documents import adding, copies, redacting, seeing
from backoffice.documents.models import Document
from backoffice.documents.redacting import AreasForm
from backoffice.refusals import Invalid, NotFound, Refused
from backoffice.ui.customers import never_kept
from backoffice.ui.forms import with_faults
from backoffice.ui.staff import StaffMember, ask_why, may_read_case, page, signed_in

View = Callable[..., HttpResponse]


def _for_staff(view: View) -> View:
    """Gives the view who is signed in, the work item and its document. What a rule refuses is said on the item's page;
    to customers there is no such page."""

    @wraps(view)
    def for_staff(request: HttpRequest, item_id: uuid.UUID, public_id: uuid.UUID) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.is_staff:
            raise Http404
        try:
            item, document = adding.item_of(item_id), seeing.document_of(public_id)
            if document.case_id != item.case_id:
                raise seeing.unknown_document()
            return never_kept(view(request, me=signed_in(request), item=item, document=document))
        except NotFound as unknown:
            raise Http404 from unknown
        except Refused as refused:
            messages.warning(request, refused.sentence)
            return redirect("admin:desk_item", item_id)

    return for_staff


@require_http_methods(["GET", "HEAD", "POST"])
@_for_staff
def redact(request: HttpRequest, *, me: StaffMember, item: WorkItem, document: Document) -> HttpResponse:
    """The pages with their areas; a POST redacts, and leads back to the check."""
    if request.method == "POST":
        try:
            redacting.redact(public_id=document.public_id, data=request.POST.dict(), by=me.actor, user=me.user)
        except Invalid as invalid:
            form = with_faults(AreasForm(request.POST, pages=document.pages), invalid)
            return _page(request, item, document, form, status=invalid.status)
        messages.success(request, _("It is redacted: everybody else sees only what you opened."))
        return _back(item)
    if not may_read_case(item.case, me=me, page="documents:redact", now=timezone.now()):
        return ask_why(request, item.case.customer)
    copies.check_clear(document=document, by=me.actor, user=me.user)
    return _page(request, item, document, AreasForm(pages=document.pages))


@require_POST
@_for_staff
def keep(request: HttpRequest, *, me: StaffMember, item: WorkItem, document: Document) -> HttpResponse:
    """Keeps what was typed into the check as its draft, and goes on to the page on which the copy is redacted."""
    _keep_typed(request, item, me)
    return redirect("documents:redact", item.id, document.public_id)


@require_POST
@_for_staff
def say_copy(request: HttpRequest, *, me: StaffMember, item: WorkItem, document: Document) -> HttpResponse:
    """Says that a file is a copy of an identity document. What was typed into the check is kept as its draft."""
    _keep_typed(request, item, me)
    copies.say_copy(public_id=document.public_id, by=me.actor, user=me.user)
    messages.success(request, _("From now on only the people who check it see it. Redact it before you answer."))
    return _back(item)


def _keep_typed(request: HttpRequest, item: WorkItem, me: StaffMember) -> None:
    typed = {name: value for name, value in request.POST.dict().items() if name != "csrfmiddlewaretoken"}
    answering.save_draft(item_id=item.id, by=me.actor, data=typed)


def _back(item: WorkItem) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:desk_item", args=[item.id]))


def _page(
    request: HttpRequest, item: WorkItem, document: Document, form: AreasForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "item": item,
        "case": item.case,
        "document": document,
        "form": form,
        "todo": words.title_of(item),
        "says": copies.says(document),
        "most": redacting.MOST_OPEN,
    }
    return page(request, "documents/redact.html", _("Redact the copy"), context, status=status)
