"""When the limits of the risk rules were tightened, and by how much. All times are UTC."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.money_columns import is_currency

STRICTEST = 16
"""The most by which the amounts of the rules are divided."""


class RiskTightening(models.Model):
    """A time in which the amounts of the risk rules were divided by `factor`, because so much was `lost` of what was
    `captured`, both in minor units. One currency has one at a time; one with factor 1 says that they were opened again.
    Only `tightening` writes it."""

    currency = models.CharField(_("currency"), max_length=3)
    factor = models.PositiveSmallIntegerField(_("amounts divided by"))
    lost = models.BigIntegerField(_("lost"))
    captured = models.BigIntegerField(_("captured"))
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("tightening of the risk limits")
        verbose_name_plural = _("tightenings of the risk limits")
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(fields=["currency"], condition=Q(until=None), name="one_tightening_a_currency"),
            models.CheckConstraint(
                condition=is_currency() & Q(factor__in=(1, 2, 4, 8, STRICTEST), lost__gte=0, captured__gte=0),
                name="a_tightening_halves",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="a_tightening_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} /{self.factor}"
