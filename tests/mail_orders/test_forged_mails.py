"""Threat 11: at least thirty crafted mails, each with what must be seen in it. What is seen is only a hint."""

from __future__ import annotations

import pytest

from backoffice.mail_orders.analysing import Company, analyse, of_sender
from backoffice.mail_orders.reasons import Reason, hint_of
from backoffice.mail_orders.storing import Envelope
from backoffice.trust.mails.accepting import check
from tests.mail_orders.corpus import CORPUS, Crafted
from tests.mail_orders.crafting import NOW, OUR_BOX, WORLD, Names


def seen_in(crafted: Crafted) -> list[Reason]:
    accepted = check(crafted.raw)
    found = analyse(
        crafted.raw,
        accepted=accepted,
        envelope=Envelope(crafted.ip, "mail.example.org", crafted.mail_from, (OUR_BOX,)),
        company=Company(
            "Meridian Bank", frozenset({"meridian.example"}), crafted.authserv_id, frozenset(crafted.sealers)
        ),
        resolver=Names(WORLD, crafted.away),
        now=NOW,
    )
    fits = of_sender(accepted.sender, on_file=crafted.on_file, former=crafted.former, known=crafted.known)
    return [*found.reasons, *fits]


def test_there_are_at_least_thirty_of_them_and_each_has_its_own_name() -> None:
    names = [crafted.name for crafted in CORPUS]

    assert len(names) >= 30
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("crafted", CORPUS, ids=lambda crafted: crafted.name)
def test_what_is_wrong_with_a_crafted_mail_is_seen(crafted: Crafted) -> None:
    reasons = seen_in(crafted)

    assert set(reasons) == crafted.reasons
    assert hint_of(reasons) == crafted.hint
