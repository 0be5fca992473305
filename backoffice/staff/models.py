"""Accounts of staff and customers, and what staff may do."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """One sign-in, of a member of staff (`is_staff`) or of a customer (`customers.Customer.user`)."""

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    """The opaque id that timelines, histories and the API use; never the name or the number of the row."""


class Role(models.TextChoices):
    """The names of the groups that the faces and rules know."""

    SUPPORT = "support agent", _("support agent")
    SUPERVISOR = "supervisor", _("supervisor")
    APPROVER = "approver", _("approver")
    FIELD = "field agent", _("field agent")
    COMPLIANCE = "compliance", _("compliance")
    ADMINISTRATOR = "administrator", _("administrator")
