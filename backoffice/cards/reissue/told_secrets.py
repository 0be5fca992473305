"""What follows when a customer told somebody a secret: what they should do now, and who calls them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, system
from backoffice.cards.models import CardReissue
from backoffice.cards.reissue import answers, blocking
from backoffice.cases.evidence import Lines, lines_of_answer
from backoffice.cases.forms import Advice, Step
from backoffice.cases.freezing import freeze
from backoffice.cases.models import Case, CaseState, ItemState, WorkItem
from workflows.base.spec import Nothing
from workflows.card_reissue.facts import Told
from workflows.card_reissue.spec import CALL_ABOUT_SECRET

CHOICES = [
    ("code", _("A code from a text message, a mail, a letter or an app")),
    ("password", _("A password")),
    ("pin", _("The PIN of the card")),
    ("card", _("The number of the card, its date, or the three digits on its back")),
    ("else", _("Something else, or I am not sure")),
]
_OF_THE_CARD = frozenset({"pin", "card"})


def told(given: Mapping[str, Any]) -> frozenset[str]:
    """The codes of what was told, from answers to the survey."""
    if not answers.told_secret(given):
        return frozenset()
    what = given.get("told_what") or ()
    return frozenset([what] if isinstance(what, str) else what)


def weight(what: Collection[str]) -> Told:
    """What the process must know of it. What is not known may open anything."""
    if not what:
        return Told.NOTHING
    return Told.CARD if _OF_THE_CARD.issuperset(what) else Told.ACCOUNT


def pause(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """Somebody else may be answering, so the family of cases waits until a supervisor lets it go on."""
    if case.state == CaseState.OPEN:
        freeze(case_id=case.id, by=system(), reason="told_secret")
    return Nothing()


def evidence(case: Case, item: WorkItem) -> Lines:
    """What came of the call, in the words of the person who called."""
    return lines_of_answer(case, CALL_ABOUT_SECRET.name)


def panel(case: Case, by: Actor) -> tuple[str, Mapping[str, Any]] | None:
    """On the page of the case of the customer who said so, until the case is closed."""
    shown = advice(case, answers.latest(case)) if case.state != CaseState.CLOSED else None
    return ("card_reissue/told_secret.html", {"advice": shown}) if shown else None


def advice(case: Case, given: Mapping[str, Any]) -> Advice | None:
    """Three steps for a customer who says that they told somebody a secret; None for all others."""
    if not answers.told_secret(given):
        return None
    steps = [
        Step(
            _t(
                "End the contact. Hang up, do not answer, and open the door to nobody whom the page of an agreed visit "
                "does not name. Whoever asks you for a code on the telephone, for a PIN or for a password is not one "
                "of us."
            )
        ),
        _protect(case, told(given)),
        _talk(case),
    ]
    lead = _t("It is not your fault: these people do this every day. It helps that you tell us.")
    return Advice(_t("Do these three things now"), lead, steps)


def _protect(case: Case, what: frozenset[str]) -> Step:
    if what and _OF_THE_CARD.issuperset(what):
        reissue = CardReissue.of(case)
        blocked = _t("Your card ending %(last_four)s is blocked: nobody can pay with it.")
        said = [blocked % {"last_four": reissue.card.last_four}] if blocking.is_blocked_there(reissue) else []
        return Step(" ".join([*said, _t("If another card has the same PIN, change that one.")]))
    if what and "password" not in what:
        return Step(
            _t("Look at what was done in your name. If something is there that you did not do, tell us when we speak."),
            _t("Your cases"),
            reverse("portal:cases"),
        )
    return Step(
        _t("Change the password with which you sign in here. Where else you use the same one, change it too."),
        _t("Change my password"),
        reverse("account_change_password"),
    )


def _talk(case: Case) -> Step:
    """Who calls whom: before the answers are sent, while somebody is to call, and afterwards."""
    phone = settings.COMPANY_PHONE
    number = {"link": phone.replace(" ", "\N{NO-BREAK SPACE}"), "url": f"tel:{phone.replace(' ', '')}"}
    call = WorkItem.objects.filter(case=case, kind=CALL_ABOUT_SECRET.name).order_by("-opened_at").first()
    if call is not None and call.state != ItemState.OPEN:
        return Step(_t("If anything else happens, call us:"), **number)
    if not answers.latest(case):
        return Step(
            _t("Answer the rest and send it: then one of us calls you. If you do not want to wait, call us:"), **number
        )
    return Step(
        _t(
            "We call you on the number that we have, and say the reference of this case first. If you do not want to "
            "wait, or the number is no longer yours, call us:"
        ),
        **number,
    )
