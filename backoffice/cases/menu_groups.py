"""The groups of what customers can start, in the order in which somebody who is worried looks for them. Each opening
names its own (`catalogue.Opening.group`)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MenuGroup(models.TextChoices):
    """In the order of the menu. The words are read by the customer."""

    WRONG = "wrong", _("Something is wrong")
    PAYING = "paying", _("My cards, payments and invoices")
    DOMAINS = "domains", _("My domains")
    DETAILS = "details", _("My details")
    OTHER = "other", _("Something else")
    TALK = "talk", _("Talk to us")
