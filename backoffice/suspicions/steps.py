"""What a customer should do next, in steps, by what they have told or given. Some steps have a link to the process that
helps, where the customer can start it now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.cases.forms import Step
from backoffice.customers.models import Customer
from backoffice.suspicions.telling_more import Given
from backoffice.ui import openings

Text = str | Promise
CARD, CONTACT = "card_reissue", "contact_change"
"""The processes that help; a step links to one only where this installation has it."""
BY_WHAT: Mapping[Given, Sequence[tuple[Text, str]]] = {
    Given.PAID: (
        (_("Call us now on %(phone)s: the sooner we know, the likelier a payment is stopped."), ""),
        (_("If it went from an account at another bank, call that bank now, too."), ""),
    ),
    Given.INSTALLED: (
        (_("Switch that computer or telephone off. Do not sign in on it until somebody you trust has cleaned it."), ""),
        (_("From another device, change your password here and at your mailbox."), ""),
        (_("Call us on %(phone)s."), ""),
    ),
    Given.CARD: (
        (_("Have the card blocked and replaced. That takes a minute, and works at once."), CARD),
        (_("Look at the last payments. Tell us of any that is not yours."), ""),
    ),
    Given.CODE: (
        (_("Call us now on %(phone)s, and say for what the code was: the message with it says so."), ""),
        (_("Never tell a code to anybody who calls you, not even to us when we call."), ""),
    ),
    Given.PASSWORD: (
        (_("Change your password now, and wherever else you use the same one."), "password"),
        (_("Look whether your telephone number and address here are still right."), CONTACT),
    ),
    Given.DOCUMENT: (
        (_("Tell the authority that made the document; it says whether you need a new one."), ""),
        (_("Tell us if you get letters about contracts that you did not make."), ""),
    ),
    Given.CLICKED: (
        (_("Close the page. Do not type anything there, and do not open what was downloaded."), ""),
        (_("If you did type something, tick that here, too."), ""),
    ),
    Given.NOTHING: ((_("You did everything right. You do not need to do anything more."), ""),),
}
ALWAYS: Sequence[Text] = (
    _("Hang up, or do not answer. You need not be polite."),
    _("Do not open the links, and do not call the number that they give you."),
    _("Do not move any money. We never ask you to move money to be safe."),
    _("Tell nobody a code, a password, a PIN or the number of a card."),
)


def for_customer(gave: Collection[str] | None, *, customer: Customer, by: Actor) -> list[Step]:
    """In the order of what is gravest; what to leave alone while the customer has not said yet."""
    if gave is None:
        return [Step(str(says)) for says in ALWAYS]
    offers = {one.process: one for one in openings.offers(customer, by=by) if not one.why_not}
    found = []
    for given in Given:
        for says, process in BY_WHAT[given] if given.value in gave else ():
            calls = "%(phone)s" in str(says)
            told = str(says) % _phone() if calls else str(says)
            found.append(Step(told, *(_call() if calls else _link(process, offers))))
    return found


def for_anybody() -> list[tuple[str, list[str]]]:
    """For who has no account with us: what to do, by what was given; without links."""
    return [
        (str(given.label), [str(says) % _phone() if "%(phone)s" in str(says) else str(says) for says, _link in steps])
        for given, steps in BY_WHAT.items()
        if given is not Given.NOTHING
    ]


def _link(process: str, offers: Mapping[str, openings.Offer]) -> tuple[str, str]:
    if process == "password":
        return _t("Change my password"), reverse("account_change_password")
    if process in offers:
        return str(offers[process].label), reverse("portal:open", args=[process])
    return "", ""


def _call() -> tuple[str, str]:
    """Whoever was just called reads this on a telephone: one press calls us."""
    return _t("Call us"), "tel:" + settings.COMPANY_PHONE.replace(" ", "")


def _phone() -> dict[str, str]:
    return {"phone": settings.COMPANY_PHONE}
