"""The phrase that every real message to a customer carries: two plain words and a digit, "blue kettle 7"."""

from __future__ import annotations

import secrets
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind
from backoffice.customers.models import Customer
from backoffice.refusals import Forbidden
from backoffice.staff import rights

WORDS = Path(__file__).parent / "words"
QUALITIES = (WORDS / "qualities.txt").read_text().split()
THINGS = (WORDS / "things.txt").read_text().split()
"""Plain and short, easy to spell over the telephone; no word is in both lists."""
DIGITS = "23456789"
"""No 0 and no 1: they are heard and read as letters."""


def new_phrase() -> str:
    """A random phrase. It only says that we know the customer: it lets nobody in, and staff may read it out."""
    return f"{secrets.choice(QUALITIES)} {secrets.choice(THINGS)} {secrets.choice(DIGITS)}"


@rights.needs(rights.RENEW_PHRASE)
def renew(*, customer: Customer, by: Actor) -> Customer:
    """Gives the customer another phrase, after strangers have seen the old one. Raises Forbidden for outside
    systems."""
    if by.kind == ActorKind.CUSTOMER and by.id != str(customer.public_id):
        raise Forbidden("not_your_phrase", _("Only the customer or our staff can renew the phrase."))
    with transaction.atomic():
        locked = Customer.objects.select_for_update().get(pk=customer.pk)
        while (phrase := new_phrase()) == locked.phrase:
            continue
        Customer.objects.filter(pk=customer.pk).update(phrase=phrase)
    customer.refresh_from_db(fields=["phrase"])
    return customer
