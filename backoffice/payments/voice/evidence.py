"""What the people who check an order see of it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.cases.evidence import Lines
from backoffice.cases.models import Case, WorkItem
from backoffice.payments.risk import assessing
from backoffice.payments.voice import words
from backoffice.payments.voice.records import payment_of


def order(case: Case, item: WorkItem) -> Lines:
    return list(words.lines(payment_of(case)))


def risk(case: Case, item: WorkItem) -> Lines:
    """Each rule that spoke up, in words."""
    return [(_("Rule"), str(assessing.words(code)[0])) for code in payment_of(case).risk]
