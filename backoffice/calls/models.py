"""Calls and chats in which a caller proves by a code from the portal what they may order. Times are UTC."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.calls.back.models import CallBack as CallBack
from backoffice.calls.back.models import StaffedQuarter as StaffedQuarter
from backoffice.cases.models import Case


class Through(models.TextChoices):
    """How the caller talks to us."""

    TELEPHONE = "telephone", _("telephone")
    CHAT = "chat", _("chat")


class KnownBy(models.TextChoices):
    """What the caller named, to find the record."""

    SERVICE = "service", _("name of a service")
    PESEL = "pesel", "PESEL"
    REGON = "regon", "REGON"
    NIP = "nip", "NIP"


class CallState(models.TextChoices):
    """The values are those of the process's `CallResult`."""

    ASKED = "asked", _("code asked for")
    PROVEN = "proven", _("code fitted")
    NO_CODE = "no_code", _("caller had no code")
    NOT_PROVEN = "not_proven", _("codes did not fit")
    DENIED = "denied", _("customer was not talking to us")
    SILENT = "silent", _("no code was typed in time")


class Call(models.Model):
    """The particulars of a phone authorisation. Only the rules of this app change one, under the lock of its case.

    `wants` is the name of the process that the caller wants to have opened. No code is in the row: it is made anew from
    the `nonce` for the screen of its customer. `code` is the id of the last one (`trust.Code`), `shown` counts them,
    and `login` says how the session was opened that had it shown.
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="call", verbose_name=_("case"))
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="calls", verbose_name=_("agent"))
    through = models.CharField(_("through"), max_length=10, choices=Through)
    known_by = models.CharField(_("found by"), max_length=10, choices=KnownBy)
    wants = models.CharField(_("wanted"), max_length=60)
    state = models.CharField(_("state"), max_length=12, choices=CallState, default=CallState.ASKED)
    nonce = models.CharField(max_length=64, blank=True, editable=False)
    code = models.UUIDField(null=True, editable=False)
    shown = models.PositiveSmallIntegerField(_("codes shown"), default=0)
    shown_at = models.DateTimeField(_("code shown at"), null=True, blank=True)
    login = models.CharField(_("signed in with"), max_length=40, blank=True)
    wrong = models.PositiveSmallIntegerField(_("wrong codes"), default=0)
    proven_at = models.DateTimeField(_("code typed at"), null=True, blank=True)
    opened = models.OneToOneField(
        Case, models.PROTECT, null=True, blank=True, related_name="ordered_in", verbose_name=_("opened for the caller")
    )
    wrapped_at = models.DateTimeField(_("wrapped up at"), null=True, blank=True)

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(wrapped_at=None), name="one_call_of_an_agent_to_wrap_up"
            ),
            models.CheckConstraint(
                condition=Q(opened=None) | Q(proven_at__isnull=False), name="no_order_of_a_caller_without_a_code"
            ),
        ]

    def __str__(self) -> str:
        return self.case.reference
