"""Accounts of staff and customers, and what staff may do."""

from __future__ import annotations

import uuid
from datetime import date

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """One sign-in, of a member of staff (`is_staff`) or of a customer (`customers.Customer.user`)."""

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    """The opaque id in timelines, histories and the API, which never hold the user name or the row's number."""

    @cached_property
    def role_names(self) -> frozenset[str]:
        """The names of the user's groups, read once for this object; empty for an account that is switched off, and for
        one that is no member of staff's."""
        return (
            frozenset(self.groups.values_list("name", flat=True)) if self.is_active and self.is_staff else frozenset()
        )

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """What the user's roles give (`rights.py`). `is_superuser` gives nothing: it is no role."""
        from backoffice.staff.roles import grants

        return grants(self, perm)

    def has_module_perms(self, app_label: str) -> bool:
        """Whether the user may see something of the app."""
        from backoffice.staff.roles import rooms_of

        return any(app_label in rooms_of(role) for role in Role if role.value in self.role_names)


class Role(models.TextChoices):
    """The names of the groups that the faces and rules know."""

    SUPPORT = "support agent", _("support agent")
    SUPERVISOR = "supervisor", _("supervisor")
    APPROVER = "approver", _("approver")
    FIELD = "field agent", _("field agent")
    COMPLIANCE = "compliance", _("compliance")
    ADMINISTRATOR = "administrator", _("administrator")


PORTRAITS = "visitors"
"""The folder of pictures, within that of private files."""


class StaffProfile(models.Model):
    """What a customer may see of a member of staff, and whether they may visit people. `certified_until` is a day."""

    user = models.OneToOneField(User, models.CASCADE, related_name="staff_profile", verbose_name=_("user"))
    badge_number = models.CharField(_("badge number"), max_length=12, unique=True)
    phone_extension = models.CharField(_("extension"), max_length=8, blank=True)
    photo = models.FileField(
        _("photo"),
        max_length=120,
        blank=True,
        upload_to=PORTRAITS,
        help_text=_(
            "Of the face, at least 120 by 120 pixels. Customers see it while this person is due at their door."
        ),
    )
    certified_visitor = models.BooleanField(_("certified visitor"), default=False)
    certified_until = models.DateField(_("certified until"), null=True, blank=True)

    class Meta:
        verbose_name = _("staff profile")
        verbose_name_plural = _("staff profiles")
        permissions = [
            ("use_desk", _("Can work at the desk")),
            ("use_field", _("Can make visits")),
            ("see_issuer_token", _("Can see the issuer's token of a card")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(certified_visitor=False) | models.Q(certified_until__isnull=False),
                name="certificate_has_an_end",
            )
        ]

    def __str__(self) -> str:
        return self.badge_number

    def may_visit(self, *, on: date) -> bool:
        """Whether the certificate is in force on this day."""
        return self.certified_visitor and self.certified_until is not None and on <= self.certified_until


class FormerAuthenticator(models.Model):
    """An authenticator app or passkey that the user no longer has. Because of it, a later one does not count as the
    first. Times are UTC."""

    user = models.ForeignKey(User, models.CASCADE, related_name="former_authenticators")
    kind = models.CharField(max_length=20)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(auto_now_add=True)
