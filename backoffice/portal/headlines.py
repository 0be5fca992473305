"""What a case is, in a headline and a sentence, as its process says it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.cases import catalogue
from backoffice.cases.catalogue import Headline
from backoffice.cases.models import Case


def headline(case: Case) -> Headline:
    """What is this? For the top of a page and for a line in a list."""
    process = catalogue.process(case.process)
    return process.headline(case) if process.headline else Headline(_(process.spec.customer_title))


def about(case: Case) -> str:
    """What a case is about, as a sentence for a confirmation; empty where the case's title says it all."""
    top = case.parent or case
    return catalogue.process(top.process).about(top)
