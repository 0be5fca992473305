"""What the issuer knows of a card's use: recurring payments are found in it, and wallets follow the new card."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from pytest_django import Settings

from backoffice.cards.adapters.stripe_issuing import StripeIssuer
from backoffice.cards.autopay import calls
from backoffice.cards.autopay.inventory import LOOK_BACK, recurring
from backoffice.cards.autopay.models import Mandate, Reach, WalletMove
from backoffice.cards.ports import IssuerRefusal, OrderRequest, Replacement, WalletStatus
from backoffice.cases.models import Case, Event
from backoffice.cases.unit_of_work import changing
from tests.cards.autopay.updating import (
    lines_of,
    make_biller,
    make_mandate,
    make_renewed,
    open_update,
    settle,
    update_of,
)
from tests.devstack.issuer.simulator import ADDRESS, KEY, Simulator
from workflows.base.spec import Nothing


def new_key() -> str:
    return f"key-{datetime.now(UTC).timestamp()}"


def test_payments_are_listed_and_those_that_recur_are_found(simulator: Simulator, issuer: StripeIssuer) -> None:
    token = simulator.seed()
    monthly = [
        {"card": token, "merchant": "Example Energy", "network_id": "NET1", "amount": 4000 + day, "days_ago": day}
        for day in (3, 33, 64, 94)
    ]
    once = [{"card": token, "merchant": "Example Bakery", "network_id": "NET2", "amount": 300, "days_ago": 5}]
    many = [
        {"card": token, "merchant": "Example Bus", "network_id": "NET3", "amount": 250, "days_ago": day / 3}
        for day in range(120)
    ]
    ended = [
        {"card": token, "merchant": "Example Paper", "network_id": "NET4", "amount": 999, "days_ago": day}
        for day in (200, 230, 260)
    ]
    simulator.call("POST", "/_sim/payments", {"payments": [*monthly, *once, *many, *ended]})

    now = datetime.now(UTC)
    payments = issuer.payments(token, now - LOOK_BACK)
    found = recurring(payments, now=now)

    assert len(payments) == 128
    assert [(one.name, one.low, one.high, one.currency) for one in found] == [("Example Energy", 4003, 4094, "eur")]
    assert found[0].next - found[0].last == timedelta(days=30)


def test_wallets_follow_the_new_card_and_a_stranded_one_is_suspended(
    simulator: Simulator, issuer: StripeIssuer
) -> None:
    token = simulator.seed()
    simulator.call(
        "POST",
        "/_sim/wallets",
        {"wallets": [{"card": token, "wallet": "google_pay"}, {"card": token, "device": "watch"}]},
    )
    simulator.faults(strand_wallet={})
    issuer.block(token, new_key())
    new = issuer.order(OrderRequest(Replacement.STOLEN, ADDRESS, case_id="c1", replaces=token), new_key())
    issuer.activate(new.token, new_key())

    [moved], [stranded] = issuer.wallet_tokens(new.token), issuer.wallet_tokens(token)
    assert (moved.status, stranded.status) == (WalletStatus.ACTIVE, WalletStatus.ACTIVE)
    assert {moved.wallet, stranded.wallet} == {"google_pay", "apple_pay"}
    key = new_key()
    for _again in range(2):
        assert issuer.suspend_wallet_token(stranded.id, key).status is WalletStatus.SUSPENDED
    assert issuer.wallet_tokens(token)[0].status is WalletStatus.SUSPENDED


def test_a_wallet_that_is_not_there_is_refused(issuer: StripeIssuer) -> None:
    with pytest.raises(IssuerRefusal) as refused:
        issuer.suspend_wallet_token("intok_none", new_key())
    assert refused.value.code == "unknown_card"


def made(call: Any, case: Case) -> Any:
    """Makes a call of the process and records its answer, as the engine has it done."""
    now = datetime.now(UTC)
    record = call(case=case, args=Nothing(), key=new_key(), asked_at=now, now=now)
    with changing(case.id) as locked:
        return record(locked, now)


@pytest.mark.django_db
def test_the_calls_of_a_case_take_the_inventory_move_wallets_and_write_to_billers(
    simulator: Simulator, settings: Settings
) -> None:
    settings.ISSUER_URL, settings.ISSUER_KEY = simulator.url, KEY
    card = make_renewed()
    assert card.replaces is not None
    for one in (card, card.replaces):
        one.issuer_token = simulator.seed()
        one.save()
    old = card.replaces.issuer_token
    paid = [
        {"card": old, "merchant": "Example Energy", "network_id": "NET77", "amount": 4000, "days_ago": day}
        for day in (2, 32, 62)
    ]
    simulator.call("POST", "/_sim/payments", {"payments": paid})
    simulator.call("POST", "/_sim/wallets", {"wallets": [{"card": old}, {"card": old, "status": "deleted"}]})
    settings.LETTER_URL = f"{simulator.url}/no-printer"
    make_mandate(card, make_biller("Example Gym", reach=Reach.MAIL, mail="members@gym.example"))
    make_mandate(card, make_biller("Example Paper", reach=Reach.LETTER, address="Street 1"))
    case = open_update(card)

    for _again in range(2):
        inventory = made(calls.take_inventory, case)
        made(calls.move_wallets, case)
    made(calls.send_batch, case)
    settle(case)
    for _again in range(2):
        made(calls.write_to_billers, case)

    assert (inventory.lines, Mandate.objects.count(), len(lines_of(case))) == (3, 3, 3)
    assert sorted(one.state for one in WalletMove.objects.all()) == ["kept", "suspended"]
    left = {one.status for one in simulator.adapter().wallet_tokens(old)}
    assert left == {WalletStatus.SUSPENDED, WalletStatus.DELETED}
    assert update_of(case).sent_at is not None
    assert [(one.to, "please wait" in one.subject) for one in mail.outbox] == [(["members@gym.example"], True)]
    told = sorted((line.letter_state, line.hold_until is None) for line in lines_of(case))
    assert told == [("", True), ("refused", True), ("sent", False)]
    assert Event.objects.filter(case=case, kind="autopay.written").count() == 1
