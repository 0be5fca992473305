"""The page of a rule's refusal: what happened, that nothing was changed, and where to go now."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from backoffice.cases.models import Case
from backoffice.refusals import Refused
from backoffice.ui.staff import page

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def shown(view: View) -> View:
    """Wraps a view of the desk: a `Refused` becomes its page with its status."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            return refusal(request, refused)

    return cast("View", wrapped)


def refusal(request: HttpRequest, refused: Refused, *, case: Case | None = None) -> HttpResponse:
    """The page of one refusal. With `case` it links back to the case."""
    titles = {400: _("This cannot be read"), 403: _("You may not do this"), 404: _("There is nothing here")}
    title = titles.get(refused.status, _("This was not done"))
    context = {"refused": refused, "case": case, "wrote": request.method == "POST"}
    return page(request, "desk/refused.html", title, context, status=refused.status)
