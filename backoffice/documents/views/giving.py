"""Documents out: the pages as pictures, and the file as a download that no browser opens in our origin (threat 14)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from backoffice.customers.models import Customer
from backoffice.documents import copies, pages, seeing, storing
from backoffice.documents.models import Document, MediaType
from backoffice.refusals import Forbidden, NotFound, Refused
from backoffice.staff import rights
from backoffice.ui.customers import never_kept
from backoffice.ui.staff import ask_why, may_read_case, may_read_customer, signed_in

_SUFFIXES = {MediaType.PDF: "pdf", MediaType.JPEG: "jpg", MediaType.PNG: "png"}
_PAGE = "documents:file"
View = Callable[..., HttpResponse]


def _guarded(view: Callable[..., HttpResponse]) -> View:
    """Only for who may see the document; what is not theirs is not there. A member of staff without a need to know is
    asked why. The answer is kept by nobody and acts nowhere."""

    @wraps(view)
    def guarded(request: HttpRequest, public_id: uuid.UUID, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        try:
            document = seeing.document_of(public_id)
            if asked := _why_not(request, document):
                return never_kept(asked)
            response = view(document, **kwargs)
        except NotFound as unknown:
            raise Http404 from unknown
        except Forbidden as refused:
            raise PermissionDenied from refused
        except Refused as refused:
            response = HttpResponse(refused.sentence, content_type="text/plain; charset=utf-8", status=refused.status)
        response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return never_kept(response)

    return guarded


@require_safe
@_guarded
def file(document: Document) -> HttpResponse:
    """The content, byte for byte, as a download under a name that is ours or its sender's. A copy of an identity
    document in clear is looked at, page by page, and goes nowhere."""
    copies.check_downloaded(document)
    response = HttpResponse(storing.read(document), content_type=document.media_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, _name_of(document)) or "attachment"
    return response


@require_safe
@_guarded
def page(document: Document, number: int) -> HttpResponse:
    return HttpResponse(pages.picture(document, number), content_type="image/png")


def _why_not(request: HttpRequest, document: Document) -> HttpResponse | None:
    """Raises `NotFound` for a customer whose document it is not, `Forbidden` for a role that never reads, and `Covered`
    for a copy of an identity document, which only who checks it sees."""
    assert request.user.pk is not None
    customer = Customer.objects.filter(user_id=request.user.pk).first()
    if customer is not None:
        if not seeing.may_see(document, customer=customer):
            raise seeing.unknown_document()
        return None
    me, now = signed_in(request), timezone.now()
    if document.case is not None:
        if not may_read_case(document.case, me=me, page=_PAGE, now=now):
            return ask_why(request, document.case.customer)
        copies.check_seen(document, by=me.actor, user=me.user)
        return None
    if document.customer is not None:
        is_open = may_read_customer(document.customer, me=me, page=_PAGE, now=now)
        return None if is_open else ask_why(request, document.customer)
    rights.READ.check(me.actor)
    return None


def _name_of(document: Document) -> str:
    suffix = _SUFFIXES[MediaType(document.media_type)]
    name = document.label or f"document-{str(document.public_id)[:8]}"
    return name if name.lower().endswith((f".{suffix}", ".jpeg")) else f"{name}.{suffix}"
