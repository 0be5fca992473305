"""The page on which a file is added to a work item. It works without script; with it, a large file shows how far it is.

One page for two faces: customers see it in the portal's frame, staff in the desk's.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import IO, cast

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from backoffice.actors import Actor
from backoffice.cases import answering, catalogue, words
from backoffice.cases.models import WorkItem
from backoffice.customers.models import Customer
from backoffice.documents import adding
from backoffice.documents.fields import UploadedDocuments
from backoffice.documents.models import Document
from backoffice.documents.upload_form import UploadForm
from backoffice.refusals import Forbidden, NotFound, Refused
from backoffice.ui import headlines
from backoffice.ui.customers import CustomerRequest, for_customers, never_kept
from backoffice.ui.staff import page, signed_in

View = Callable[..., HttpResponse]
_SEEN = "seen"
"""The desk's pages send with a form which events its reader had seen; it is kept with what they typed."""


def _for_both(view: View) -> View:
    """Gives the view the actor, in the frame of their face."""

    @wraps(view)
    def for_staff(request: HttpRequest, **kwargs: object) -> HttpResponse:
        try:
            return never_kept(view(request, by=signed_in(request).actor, **kwargs))
        except NotFound as unknown:
            raise Http404 from unknown
        except Forbidden as refused:
            raise PermissionDenied from refused
        except Refused as refused:
            messages.warning(request, refused.sentence)
            return redirect("admin:desk_item", kwargs["item_id"])

    @for_customers
    def for_customer(request: CustomerRequest, **kwargs: object) -> HttpResponse:
        return view(request, by=request.actor, **kwargs)

    @wraps(view)
    def for_either(request: HttpRequest, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        is_customer = Customer.objects.filter(user_id=request.user.pk).exists()
        return for_customer(request, **kwargs) if is_customer else for_staff(request, **kwargs)

    return for_either


@require_http_methods(["GET", "HEAD", "POST"])
@_for_both
def add(request: HttpRequest, *, by: Actor, item_id: uuid.UUID, field: str) -> HttpResponse:
    """The form; a POST takes the file. A script that sends it asks for JSON: where to go, or what is wrong."""
    item, asked = _asked(item_id, field, by=by)
    if request.method != "POST":
        return _show(request, item, field, asked, UploadForm(kinds=asked.kinds))
    form = UploadForm(request.POST, request.FILES, kinds=asked.kinds)
    document = _taken(form, item, field, by=by) if form.is_valid() else None
    if document is None:
        return _refused(request, item, field, asked, form)
    messages.success(request, _found(document))
    here = reverse("documents:add", args=[item.id, field])
    return JsonResponse({"next": here}) if _is_script(request) else redirect(here)


@require_POST
@_for_both
def keep(request: HttpRequest, *, by: Actor, item_id: uuid.UUID, field: str) -> HttpResponse:
    """Keeps what was typed into the item's form as its draft, and goes on to the page on which a file is added."""
    item, _field = _asked(item_id, field, by=by)
    answering.save_draft(item_id=item.id, by=by, data=_with_typed(item, field, request.POST, by=by))
    return redirect("documents:add", item.id, field)


@require_POST
@_for_both
def remove(request: HttpRequest, *, by: Actor, item_id: uuid.UUID, field: str, public_id: uuid.UUID) -> HttpResponse:
    adding.remove(item_id=item_id, field=field, public_id=public_id, by=by)
    messages.success(request, _("The file is removed."))
    return redirect("documents:add", item_id, field)


def _asked(item_id: uuid.UUID, field: str, *, by: Actor) -> tuple[WorkItem, UploadedDocuments]:
    """The item and its field, for who may answer it. Raises as answering does."""
    item = adding.item_of(item_id)
    answering.check_performer(item.case, item, by=by, user=adding.user_of(by))
    answering.check_open(item.case, item)
    return item, adding.field_of(item, field, by=by)


def _with_typed(item: WorkItem, field: str, posted: QueryDict, *, by: Actor) -> dict[str, object]:
    """The new draft. Of a form in pages only the page with the field was sent; the others keep what was saved."""
    form = catalogue.answering(item).form_for(item, by=by)
    fields = {*form.fields, _SEEN}
    typed: dict[str, object] = {
        name: values[0] if len(values) == 1 else values for name, values in posted.lists() if name in fields
    }
    if not form.pages:
        return typed
    page = next((names for _title, names in form.pages_now() if field in names), ())
    saved = {name: value for name, value in (item.draft or {}).items() if name not in page}
    return {**saved, **{name: value for name, value in typed.items() if name in page}}


def _taken(form: UploadForm, item: WorkItem, field: str, *, by: Actor) -> Document | None:
    """None where the file was refused; the form then says why."""
    sent, kind = form.cleaned_data["file"], form.cleaned_data.get("kind", "")
    try:
        return adding.add(item_id=item.id, field=field, file=cast("IO[bytes]", sent), name=sent.name, kind=kind, by=by)
    except Refused as refused:
        if refused.field not in form.fields:
            raise
        form.add_error(refused.field, refused.sentence)
        return None


def _found(document: Document) -> str:
    """ "Added: Cession.pdf (PDF, 2 pages)." With what kind of paper it is, where that was asked for."""
    pages = ngettext("%(pages)s page", "%(pages)s pages", document.pages) % {"pages": document.pages}
    told = {"name": document.label, "type": document.get_media_type_display(), "pages": pages}
    if document.kind:
        told["type"] = f"{document.get_kind_display()}, {told['type']}"
    return _("Added: %(name)s (%(type)s, %(pages)s).") % told


def _refused(
    request: HttpRequest, item: WorkItem, field: str, asked: UploadedDocuments, form: UploadForm
) -> HttpResponse:
    if _is_script(request):
        return JsonResponse({"sentence": " ".join(str(one) for errors in form.errors.values() for one in errors)})
    return _show(request, item, field, asked, form, status=400)


def _show(
    request: HttpRequest,
    item: WorkItem,
    field: str,
    asked: UploadedDocuments,
    form: UploadForm,
    *,
    status: int = 200,
) -> HttpResponse:
    is_portal = hasattr(request, "customer")
    way = "portal:item" if is_portal else "admin:desk_item"
    context = {
        "item": item,
        "case": item.case,
        "field": field,
        "asked": asked,
        "form": form,
        "is_full": len(asked.documents) >= asked.most,
        "back": reverse(way, args=[item.id]),
        "headline": headlines.for_performer(item) if is_portal else None,
        "todo": words.title_of(item),
    }
    title = str(asked.label)
    if is_portal:
        return render(request, "documents/add_portal.html", {**context, "title": title}, status=status)
    return page(request, "documents/add_desk.html", title, context, status=status)


def _is_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"
