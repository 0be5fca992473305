"""Call-backs, and how many of us can call in each quarter of an hour. All times are UTC."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.cases.windows import Window
from backoffice.customers.models import ContactPoint
from backoffice.telephony.models import Call as TelephoneCall


class Topic(models.TextChoices):
    """What a call is about, where it is about no case; also the matter by which the contact budget counts."""

    CARDS = "cards", _("My cards")
    PAYMENTS = "payments", _("Payments and invoices")
    DOMAINS = "domains", _("My domains")
    ACCOUNT = "account", _("My addresses, numbers and sign-in")
    OTHER = "other", _("Something else")


class CallBackState(models.TextChoices):
    OPEN = "open", _("no time yet")
    AGREED = "agreed", _("time agreed")
    CALLING = "calling", _("being called")
    RING_BACK = "ring_back", _("the customer rings back")
    OVER = "over", _("over")


class CallBack(models.Model):
    """The particulars of a call-back. Only the rules of this room change one, under the lock of its case.

    `about` is the case that the call is about: the one above, one that the customer named, or the call-back with which
    they were not content. `calls` counts those that were prepared, `call` is the last of them. `asked_by_customer` is
    for the contact budget. `survey_of` is the call-back whose two questions this case asks.
    """

    case = models.OneToOneField(
        Case, models.PROTECT, primary_key=True, related_name="call_back", verbose_name=_("case")
    )
    about = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="call_backs", verbose_name=_("about")
    )
    topic = models.CharField(_("topic"), max_length=12, choices=Topic, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=CallBackState, default=CallBackState.OPEN)
    role = models.CharField(_("who calls"), max_length=20, default="support agent")
    asked_by_customer = models.BooleanField(_("the customer asked for it"), default=False)
    point = models.ForeignKey(
        ContactPoint, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("number")
    )
    starts = models.DateTimeField(_("window from"), null=True, blank=True)
    ends = models.DateTimeField(_("window to"), null=True, blank=True)
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    waits_until = models.DateTimeField(_("we wait until"), null=True, blank=True)
    why_waits = models.CharField(_("why we wait"), max_length=20, blank=True)
    place_kept_until = models.DateTimeField(_("place kept until"), null=True, blank=True)
    first_in_line = models.BooleanField(_("first in line"), default=False)
    """We did not call in the agreed window, so the places that are kept for such customers are offered too."""
    calls = models.PositiveSmallIntegerField(_("calls"), default=0)
    missed = models.PositiveSmallIntegerField(_("missed by us"), default=0)
    call = models.ForeignKey(
        TelephoneCall, models.PROTECT, null=True, blank=True, related_name="call_backs", verbose_name=_("last call")
    )
    followed = models.JSONField(default=list, editable=False)
    """The states of that call which stand in the timeline already."""
    spoken_at = models.DateTimeField(_("spoken at"), null=True, blank=True)
    survey_of = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="survey", verbose_name=_("survey of")
    )
    solved = models.CharField(_("was it solved"), max_length=8, blank=True)
    rated = models.PositiveSmallIntegerField(_("how the call was, 1 to 5"), null=True, blank=True)
    surveyed_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("call-back")
        verbose_name_plural = _("call-backs")
        indexes = [
            models.Index(fields=["starts"], condition=Q(state="agreed"), name="call_backs_agreed"),
            models.Index(fields=["spoken_at"], name="call_backs_spoken"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="agreed") | Q(starts__isnull=False, ends__isnull=False),
                name="agreed_call_back_has_window",
            ),
        ]

    def __str__(self) -> str:
        return self.case.reference

    @property
    def window(self) -> Window | None:
        return Window(self.starts, self.ends) if self.starts and self.ends else None

    @property
    def window_in_words(self) -> str:
        """ "Thursday 26 November, 14:00 to 14:15" on the customer's clock; empty where nothing is agreed."""
        return self.window.in_words(self.case.customer.time_zone) if self.window else ""


class StaffedQuarter(models.Model):
    """A quarter of an hour in which `agents` of this role can make a call. `taken` of them are promised to customers,
    `kept` are for customers whom we did not call as promised. A place is taken and given back by one statement."""

    role = models.CharField(_("who calls"), max_length=20)
    starts = models.DateTimeField(_("from"))
    agents = models.PositiveSmallIntegerField(_("agents"))
    kept = models.PositiveSmallIntegerField(_("kept for customers whom we missed"), default=0)
    taken = models.PositiveSmallIntegerField(_("promised"), default=0)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("entered by")
    )
    entered_at = models.DateTimeField(_("entered at"))

    class Meta:
        verbose_name = _("staffed quarter of an hour")
        verbose_name_plural = _("staffed hours")
        constraints = [
            models.UniqueConstraint(fields=["role", "starts"], name="one_staffed_quarter"),
            models.CheckConstraint(condition=Q(taken__lte=F("agents")), name="promised_calls_are_staffed"),
            models.CheckConstraint(condition=Q(kept__lte=F("agents")), name="kept_places_are_staffed"),
        ]

    def __str__(self) -> str:
        return f"{self.starts:%Y-%m-%d %H:%M} ({self.role})"
