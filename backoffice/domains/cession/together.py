"""Companies for which two people act together, by the extract of their register: of a Polish limited company often two
members of the board, or one of them with a holder of a commercial power of attorney.

An account is one, whoever sits before it: it cannot show that two people agree. So such a company signs in the file,
where each signature names its person, or on paper.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.customers import representatives
from backoffice.customers.models import Act, Customer, May
from backoffice.domains.cession.new_holder import NewHolder


def needs_two(customer: Customer) -> bool:
    return representatives.needs_two(customer, Act.DOMAINS)


def why_not_in_account(customer: Customer) -> str:
    """Why this customer cannot agree in an account; empty when they can."""
    if not needs_two(customer):
        return ""
    return _(
        "By its register, two people together act for %(company)s, and one account cannot show that both agree. Sign "
        "the PDF, which both sign electronically, or sign on paper."
    ) % {"company": customer.name}


def companies_of_two(holder: Customer, new: NewHolder, party: Customer) -> list[tuple[str, list[str]]]:
    """The companies among the two that two people bind, each with the names of who may be one of them."""
    found = [(holder.name, holder), (new.name, party)]
    return [(name, who_may(customer)) for name, customer in found if needs_two(customer)]


def who_may(customer: Customer) -> list[str]:
    return [one.name for one in representatives.who_may(customer, Act.DOMAINS)]


def in_words(customer: Customer) -> str:
    """Who may act for a company in these things, and how, by the extract on file; empty when nobody is on file."""
    ways = {May.ALONE: _("%(name)s alone"), May.JOINTLY: _("%(name)s, only together with another one")}
    found = representatives.who_may(customer, Act.DOMAINS)
    return "; ".join(ways[May(one.may)] % {"name": one.name} for one in found)
