"""What every account that somebody opens for themselves must have."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from backoffice.refusals import Invalid
from backoffice.staff.models import User
from backoffice.text import kept


def check_new(*, username: str, password: str) -> None:
    """Raises `Invalid` on `username` where it is empty or taken, and on `password` where it is weak."""
    errors: dict[str, list[str]] = {}
    name = kept(username)
    if not name:
        errors["username"] = [_("Choose a name to sign in with.")]
    elif User.objects.filter(username__iexact=name).exists():
        errors["username"] = [_("Somebody else has this name. Choose another one.")]
    try:
        validate_password(password, User(username=name))
    except ValidationError as weak:
        errors["password"] = list(weak.messages)
    if errors:
        raise Invalid(errors)
