"""Visits and the visitors' calendars. All times are UTC."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.cases.windows import day_in_words, hours_in_words, in_words
from backoffice.customers.models import ContactPoint

LONGEST_WINDOW = timedelta(hours=2, minutes=30)


class VisitState(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    AGREED = "agreed", _("agreed")
    AT_DOOR = "at_door", _("at the door")
    ENDED = "ended", _("ended")


class Found(models.TextChoices):
    """How the last agreed visit ended."""

    NOTHING = "", _("nothing yet")
    MATCH = "match", _("the identity matches")
    MISMATCH = "mismatch", _("the identity does not match")
    REFUSED = "refused", _("the customer refused")
    NOT_HOME = "not_home", _("nobody was at home")
    NOT_PROVEN = "not_proven", _("the halves of the code did not fit")
    MISSED = "missed", _("our visitor did not come")
    CANCELLED = "cancelled", _("the customer cancelled it")
    NOBODY_EXPECTED = "nobody_expected", _("the customer expected nobody")
    HALF_DIFFERENT = "half_different", _("the visitor's half was another one")
    UNSAFE = "unsafe", _("the visitor did not feel safe")
    NO_RESULT = "no_result", _("nothing was heard of the visitor")
    WITHDRAWN = "withdrawn", _("the case was stopped")


class Visit(models.Model):
    """The particulars of a home visit. When it is agreed again, because nobody was at home, that is the next `attempt`.
    The place is a row of the customer's addresses, so no history and no timeline holds the address. Only the rules of
    this app change a visit, under the lock of its case.
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="visit", verbose_name=_("case"))
    state = models.CharField(_("state"), max_length=10, choices=VisitState, default=VisitState.PROPOSED)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    place = models.ForeignKey(
        ContactPoint, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("place")
    )
    starts = models.DateTimeField(_("window from"), null=True, blank=True)
    ends = models.DateTimeField(_("window to"), null=True, blank=True)
    visitor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="visits",
        verbose_name=_("visitor"),
    )
    first_in_line = models.BooleanField(_("first in line"), default=False)
    """Our visitor missed a visit, so the windows that are kept for such customers are offered too."""
    checked_in_at = models.DateTimeField(_("checked in"), null=True, blank=True)
    coarse_place = models.CharField(_("where, to about a kilometre"), max_length=16, blank=True)
    location_refused = models.BooleanField(_("location refused"), default=False)
    handshakes = models.PositiveSmallIntegerField(default=0, editable=False)
    """The number of pairs of halves that this attempt has used."""
    found = models.CharField(_("found"), max_length=16, choices=Found, default=Found.NOTHING, blank=True)
    found_at = models.DateTimeField(_("found at"), null=True, blank=True)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        indexes = [models.Index(fields=["visitor", "starts"], name="visits_of_visitor")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="proposed") | Q(state="ended") | Q(starts__isnull=False, ends__isnull=False),
                name="agreed_visit_has_window",
            ),
            models.CheckConstraint(
                condition=~Q(state="at_door") | Q(visitor__isnull=False), name="somebody_is_at_the_door"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case.reference} ({self.attempt})"

    @property
    def is_ahead(self) -> bool:
        """Agreed, or going on."""
        return self.state in (VisitState.AGREED, VisitState.AT_DOOR)

    @property
    def window_in_words(self) -> str:
        """ "Thursday 26 November, 14:00 to 16:30" on the clock of the door; empty where nothing is agreed."""
        if self.starts is None or self.ends is None:
            return ""
        return in_words(self.starts, self.ends, self.case.customer.time_zone)

    @property
    def day_in_words(self) -> str:
        """ "Thursday 26 November" on the clock of the door; empty where nothing is agreed."""
        return day_in_words(self.starts, self.case.customer.time_zone) if self.starts else ""

    @property
    def hours_in_words(self) -> str:
        """ "14:00 to 16:30" on the clock of the door; empty where nothing is agreed."""
        if self.starts is None or self.ends is None:
            return ""
        return hours_in_words(self.starts, self.ends, self.case.customer.time_zone)

    @property
    def target(self) -> str:
        """What the halves of the code are bound to, in addition to the case."""
        return f"visit {self.attempt}"


class Slot(models.Model):
    """A window in a visitor's calendar, for one visit. A window is at most two and a half hours long."""

    visitor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="slots", verbose_name=_("visitor")
    )
    starts = models.DateTimeField(_("from"))
    ends = models.DateTimeField(_("to"))
    kept_for_missed = models.BooleanField(_("kept for customers whose visit we missed"), default=False)
    taken_by = models.ForeignKey(
        Visit, models.SET_NULL, null=True, blank=True, related_name="slots", verbose_name=_("taken by")
    )
    attempt = models.PositiveSmallIntegerField(default=0, editable=False)
    """The attempt of the visit that took it."""

    class Meta:
        verbose_name = _("calendar entry")
        verbose_name_plural = _("calendar")
        constraints = [
            models.UniqueConstraint(fields=["visitor", "starts"], name="one_slot_at_a_time"),
            models.UniqueConstraint(
                fields=["taken_by", "attempt"], condition=Q(taken_by__isnull=False), name="one_slot_an_attempt"
            ),
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")) & Q(ends__lte=F("starts") + LONGEST_WINDOW), name="slot_is_short"
            ),
        ]
        indexes = [models.Index(fields=["starts"], condition=Q(taken_by=None), name="free_slots")]

    def __str__(self) -> str:
        return f"{self.starts:%Y-%m-%d %H:%M}–{self.ends:%H:%M}"
