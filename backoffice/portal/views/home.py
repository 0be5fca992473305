"""The URL without a path: it leads each person to their own first page."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from backoffice.staff.models import User
from backoffice.staff.sign_in import face_of
from backoffice.ui.customers import never_kept


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Leads staff to the desk, field agents to their day, customers to their cases, agents of merchants to their
    orders, and anybody else to the sign-in."""
    return never_kept(redirect(first_page(request.user)))


def first_page(user: User | AnonymousUser) -> str:
    """The name or the path of the first page of this person."""
    if not isinstance(user, User):
        return "account_login"
    if not user.is_staff:
        return face_of(user)
    only_field = user.has_perm("staff.use_field") and not user.has_perm("staff.use_desk")
    return "field:today" if only_field else "admin:index"
