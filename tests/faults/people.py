"""The people of the tests of payments: they order, take their telephones, press keys, and nothing was paid twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.faults.inside import Inside
from tests.faults.paying import AMOUNT, READ_OUT
from tests.faults.telephones import Telephones

AGREED, CODE = "1", "123#"
CARD = "4000056655665556"
"""A number of a debit card for tests, which no other test of faults types."""
WHOLE_CARD = {"card_number": f"{CARD}#", "expiry": "1240#", "security_code": CODE}
ON_THE_TELEPHONE = {"payment.answered", "payment.read_out", "payment.agreed", "payment.keyed"}
MONEY = {
    "case.opened", "payment.ordered", "payment.authorised", "case.no_return", "payment.captured", "payout.fee",
}  # fmt: skip
RECEIPT, REFUND, UNKNOWN = (f"voice_payment.payment_{what} by mail" for what in ("receipt", "refunded", "unknown"))


@dataclass(frozen=True)
class Order:
    """A case, and the telephones that it rings; `agent` is empty where none comes along."""

    case_id: str
    number: str
    agent: str


@dataclass(frozen=True)
class People:
    """What customers do. `rung` says to which call of theirs it belongs."""

    paying: Inside
    telephones: Telephones

    def order(self, **particulars: Any) -> Order:
        told = self.paying.opened(**particulars)
        return Order(told["case"], told["number"], told["agent"])

    def answer(self, *orders: Order, rung: int = 1) -> None:
        for one in orders:
            self.telephones.answers(one.number, times=rung)

    def hear(self, *orders: Order, rung: int = 1) -> None:
        """All that is read out."""
        for one in orders:
            self.paying.has(case_id=one.case_id, event="read_out", times=rung)
            self.telephones.hears(one.number, READ_OUT)

    def agree(self, *orders: Order, rung: int = 1) -> None:
        """A key that comes in the moment in which the sentence ends does not count, so they press again."""
        for one in orders:
            self.hear(one, rung=rung)
            self.insist(one, patience=6)

    def insist(self, order: Order, *, patience: float = 1) -> None:
        """They press 1 until it is taken; what is pressed while it is read out again does not count."""
        for _press in range(30):
            self.telephones.press(order.number, AGREED)
            if self.paying.comes(case_id=order.case_id, event="agreed", seconds=patience):
                return
        raise TimeoutError(f"they cannot agree: {self.paying.story(case_id=order.case_id)}")

    def are_asked(self, *orders: Order, item: str = "security_code") -> None:
        for one in orders:
            self.paying.is_keying(case_id=one.case_id, item=item, stage="asked")

    def key(self, *orders: Order, keys: str = CODE) -> None:
        """They do not wait until all is pressed."""
        for one in orders:
            self.telephones.press(one.number, keys)

    def come_to_pay(self, *orders: Order, rung: int = 1) -> None:
        """From the ring to the moment in which they are asked for the security code."""
        self.answer(*orders, rung=rung)
        self.agree(*orders, rung=rung)
        self.are_asked(*orders)

    def key_whole_card(self, order: Order) -> None:
        for item, keys in WHOLE_CARD.items():
            self.are_asked(order, item=item)
            self.key(order, keys=keys)

    def are_served(self, *orders: Order) -> None:
        """Once it is paid, the shop says that it has delivered."""
        for one in orders:
            self.paying.is_paid(case_id=one.case_id)
            self.paying.report(case_id=one.case_id, fulfilled=True)


def assert_paid_once(inside: Inside, people: People, *orders: Order, rung: int = 1) -> None:
    """It is paid and delivered, nothing of it is lost or doubled, and only the payout to the shop is left. The money
    has moved once: by our record, in the provider's books and by the ledger. They were rung so often, and not for
    nothing."""
    for order in orders:
        people.paying.is_at(case_id=order.case_id, stage="payout", seconds=90)
        assert people.paying.money(case_id=order.case_id) == {
            "here": "captured",
            "there": [("succeeded", AMOUNT)],
            "refunds": [],
            "ledger": {"captured": 1, "fee": 1},
            "token": "",
        }
        _assert_told(inside, people, order, once=MONEY | {"payment.delivered"}, told=[RECEIPT], rung=rung)


def assert_given_back(inside: Inside, people: People, *orders: Order) -> None:
    """The same for what was paid and refunded; then the case is over."""
    for order in orders:
        people.paying.ends(case_id=order.case_id)
        assert people.paying.money(case_id=order.case_id) == {
            "here": "refunded",
            "there": [("succeeded", AMOUNT)],
            "refunds": [("succeeded", AMOUNT)],
            "ledger": {"captured": 1, "fee": 1, "refunded": 1},
            "token": "",
        }
        once = MONEY | {"payment.not_delivered", "payment.refunded", "case.closed"}
        _assert_told(inside, people, order, once=once, told=[RECEIPT, REFUND], rung=1)


def _assert_told(
    inside: Inside, people: People, order: Order, *, once: set[str], told: Sequence[str], rung: int
) -> None:
    case_id, noted = order.case_id, inside.events(case_id=order.case_id)
    found = inside.look(case_id=case_id)
    assert found["incidents"] == [], found
    once = once | (ON_THE_TELEPHONE if rung == 1 else set())
    assert {kind: noted.get(kind) for kind in once} == dict.fromkeys(once, 1), noted
    assert people.telephones.rung[order.number] == rung
    assert noted["payment.rung"] in (rung, 2), "where the worker died first, a try came to nothing and rang nobody"
    assert people.paying.calls(case_id=case_id)[-1] == "ended"
    templates = inside.templates(case_id=case_id)
    templates.pop(UNKNOWN, None)
    assert templates == dict.fromkeys(told, 1)
    arrived = inside.all_messages_arrive(case_id=case_id)
    assert arrived == dict.fromkeys(arrived, 1)
    assert inside.broken(case_id=case_id) == ""


def assert_books_balance(inside: Inside, people: People) -> None:
    wrong, sums = people.paying.ledger()
    assert (wrong, set(sums)) == ([], {0})
    assert inside.reconciled() == []
