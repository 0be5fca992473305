"""Payments by telephone, with real telephones: what is read out, keyed in and heard, and what came of the money.

Two agents of a shop and two of its customers play at the same time, beside the other stories, because most of a call is
waiting. Each story tells its lines when all of it is over.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import requests
from django.conf import settings

from devstack.telephones.handsets import Handset, Handsets
from devstack.telephones.hearing import Heard

from .browser import Lost, Page
from .control_call import heard_without_cut
from .phones import NUMBERS
from .somebody import Somebody
from .world import World

NEW_ORDER = "/portal/merchant/orders/new/"
EVERY = 0.2
"""Seconds between two looks at a page: others play at the same time."""
CODE = "123#"
"""A security code, and the end of the entry."""
TULIPS = "two bunches of tulips"
_OURS = re.escape(settings.COMPANY_NAME)
_READ_OUT = re.compile(rf"{_OURS}(?:, case|: the order has changed)[^*]*?star to stop\.")
"""As the customer's page keeps it."""
_KEPT = re.compile(r"of [\d.]+ EUR, less [\d.]+ EUR for the payment provider and [\d.]+ EUR for us")


@dataclass(frozen=True)
class Shop:
    """Two people on two telephones, with the pages of both. `verify` runs `manage.py verify_clean_leg`."""

    world: World
    agent: Somebody
    customer: Somebody
    phones: Handsets
    verify: Callable[[str], str]

    @property
    def number(self) -> str:
        return str(NUMBERS[self.customer.person.username][0])

    @property
    def telephone(self) -> Handset:
        return self.phones[self.customer.person.username]

    @property
    def agents_telephone(self) -> Handset:
        return self.phones[self.agent.person.username]


class Stories:
    """Plays them in the background, from `begin` on; `end` tells them, plays the control, and raises what went wrong.
    Without telephones nothing is played."""

    def __init__(self, world: World, verify: Callable[[str], str]) -> None:
        """`verify` runs `manage.py verify_clean_leg` for the reference of a case."""
        self._world, self._verify = world, verify
        self._told: list[list[str]] = []
        self._failed: list[BaseException] = []
        self._playing: list[threading.Thread] = []
        self.paid = ""
        """The case of a payment that Nadia has made."""

    def begin(self) -> None:
        phones = self._world.phones
        if phones is None:
            return
        plays: Sequence[tuple[str, str, Sequence[Callable[[Shop], str]]]] = (
            ("robin", "nadia", (play_call_out, play_changed_order)),
            ("sanne", "omar", (play_lost_answer, play_same_call, play_hang_up)),
        )
        for agent, customer, stories in plays:
            lines: list[str] = []
            self._told.append(lines)
            world = replace(self._world, say=lines.append)
            shop = Shop(world, Somebody(world, agent), Somebody(world, customer), phones, self._verify)
            thread = threading.Thread(target=self._play, args=(shop, stories), name=f"story of {customer}")
            thread.start()
            self._playing.append(thread)

    def end(self) -> None:
        for thread in self._playing:
            thread.join()
        for line in (line for lines in self._told for line in lines):
            self._world.say(line)
        if self._failed:
            raise Lost("; ".join(str(failed) for failed in self._failed)) from self._failed[0]
        if self._world.phones is not None:
            check_control(self._world, self._world.phones)

    def _play(self, shop: Shop, stories: Sequence[Callable[[Shop], str]]) -> None:
        try:
            shop.agent.sign_in()
            shop.customer.sign_in()
            played = [story(shop) for story in stories]
            paid_out(shop, [one for one, story in zip(played, stories, strict=True) if story is not play_hang_up])
            if shop.customer.person.username == "nadia":
                self.paid = played[0]
        except BaseException as failed:
            self._failed.append(failed)


def play_call_out(shop: Shop) -> str:
    """(a) The customer's own telephone rings; the agent joins, and hears nothing of the keys."""
    reference = order(shop, "24.50", TULIPS)
    hear_and_agree(shop, reference)
    shop.agents_telephone.answers()
    shop.agent.sees("now the agent's telephone rings, too")
    heard = key_in(shop, reference)
    check_silent(shop, heard)
    receipt(shop, reference)
    shop.world.tell("Anybody", f"verifies the gateway's signed proof: {shop.verify(reference).splitlines()[-1]}")
    hang_up(shop)
    return reference


def play_changed_order(shop: Shop) -> str:
    """(b) What is changed after it was read out is read out again, and only that is paid."""
    reference = order(shop, "20.00", "a wreath")
    shop.telephone.answers()
    text = hear(shop, reference)
    page = shop.agent.browser.open(f"/portal/merchant/orders/{reference}/change/")
    shop.agent.browser.send(page.form("amount", "what_for"), amount="22.00", what_for="a wreath")
    shop.agent.does("changes the order while it is read out: 22.00 EUR")
    shop.telephone.keys("1")
    changed = hear(shop, reference, besides=text)
    if "twenty-two" not in changed:
        raise Lost(f"the changed order is not read out: {changed}")
    shop.customer.sees("has pressed 1 for the old amount, pays nothing by it, and hears the new one read out")
    shop.telephone.keys("1")
    shop.agents_telephone.answers()
    key_in(shop, reference)
    hang_up(shop)
    return reference


def play_hang_up(shop: Shop) -> str:
    """(e) Whoever hangs up in the middle of keying in has paid nothing."""
    reference = order(shop, "15.00", "a bouquet")
    hear_and_agree(shop, reference)
    shop.agents_telephone.answers()
    until_keying(shop, reference)
    shop.telephone.keys("12")
    shop.telephone.hang_up()
    shop.customer.does("hangs up in the middle of keying in")
    until_page(shop, reference, "Nothing was paid")
    shop.customer.sees("the page says: Nothing was paid")
    return reference


def play_same_call(shop: Shop) -> str:
    """(d) The agent is on the line first, and is cut off while the customer keys in. So only known customers pay, who
    have paid before."""
    reference = order(shop, "31.00", "a rose tree", mode="same_call")
    shop.agents_telephone.answers()
    shop.telephone.answers()
    shop.agent.does("is put through to the customer, and they talk; then presses “Take the payment now”")
    page = shop.world.until(
        "both are on the line", lambda: with_button(shop, reference, "Take the payment now"), every=EVERY
    )
    shop.agent.browser.send(page.form(button="Take the payment now"))
    hear(shop, reference)
    shop.telephone.keys("1")
    heard = key_in(shop, reference)
    check_silent(shop, heard)
    shop.telephone.hang_up()
    shop.agents_telephone.is_hung_up()
    return reference


def play_lost_answer(shop: Shop) -> str:
    """(c) The provider acts and does not answer: it is asked again, and charged once."""
    since = time.time() - 1
    fault(shop.world, {"act_then_fail": {"on": "authorise"}})
    reference = order(shop, "12.75", "seeds")
    hear_and_agree(shop, reference)
    shop.agents_telephone.answers()
    key_in(shop, reference)
    fault(shop.world, None)
    charged = [one["status"] for one in payments_of(shop.world, since=since) if one["amount"] == 1275]
    if charged != ["succeeded"]:
        raise Lost(f"it was charged otherwise than once: {charged}")
    shop.world.tell("Provider", "held the amount and lost its answer; it was asked again by the same key: charged once")
    hang_up(shop)
    return reference


def paid_out(shop: Shop, references: Sequence[str]) -> None:
    """(f) What was paid is delivered, and goes on to the shop, less the fees: its customers wait for nothing more."""
    for reference in references:
        page = shop.agent.browser.open(f"/portal/merchant/orders/{reference}/")
        shop.agent.browser.send(page.form(button="Delivered"), press="Delivered")
    shop.agent.does(f"says that it is delivered: {', '.join(references)}")
    for reference in references:
        kept = _KEPT.search(until_order(shop, reference, "paid out to").text)
        if kept is None:
            raise Lost(f"the shop does not read what was kept of {reference}")
        shop.agent.sees(f"it is paid out, {kept[0]}")


# --- what they do -----------------------------------------------------------------------------------------------------


def order(shop: Shop, amount: str, what_for: str, *, mode: str = "call_out") -> str:
    """The agent orders a payment on the console; gives the reference of its case."""
    page = shop.agent.browser.open(NEW_ORDER)
    form = page.form("amount", "what_for", "phone", "last_four", "mode")
    page = shop.agent.browser.send(
        form, amount=amount, what_for=what_for, phone=shop.number, last_four="4242", mode=mode
    )
    if "/new/" in page.url:
        raise Lost(f"the order is refused: {page.text[:900]}")
    reference = page.url.rstrip("/").rpartition("/")[2]
    how = "by call-out" if mode == "call_out" else "in the same call"
    shop.agent.does(f"orders {amount} EUR for {what_for}, {how}, with the last four digits of a card: case {reference}")
    return reference


def hear(shop: Shop, reference: str, *, besides: str = "") -> str:
    """What is read out, as the customer's page keeps it and their telephone hears it; another text than `besides`."""

    def read_out() -> str | None:
        shown = _READ_OUT.findall(shop.customer.browser.open(f"/portal/cases/{reference}/").text)
        return next((text for text in reversed(shown) if text != besides), None)

    text = shop.world.until("it is read out", read_out, every=EVERY)
    shop.telephone.hears(text)
    shop.customer.sees(f"hears: {text[:150].rsplit(' ', 1)[0]} …")
    shop.telephone.hears_the_end()
    return text


def hear_and_agree(shop: Shop, reference: str) -> None:
    shop.telephone.answers()
    shop.customer.does("takes the call, which their own page shows")
    hear(shop, reference)
    shop.telephone.keys("1")
    shop.customer.does("presses 1: yes")


def until_keying(shop: Shop, reference: str) -> None:
    """Until the agent's page says that the customer is asked; it never says how many digits there are."""
    until_order(shop, reference, "asked for the security code")


def key_in(shop: Shop, reference: str) -> Heard:
    """The customer keys in the code; gives what the agent's telephone heard meanwhile."""
    until_keying(shop, reference)
    began = time.monotonic()
    shop.telephone.keys(CODE)
    heard = shop.agents_telephone.heard_between(began, time.monotonic())
    shop.customer.does("keys in the security code of the card")
    until_page(shop, reference, "You paid")
    shop.customer.sees(f"the page says: You paid, {time.monotonic() - began:.1f} s after the first key")
    return heard


def check_silent(shop: Shop, heard: Heard) -> None:
    if not heard.is_clean:
        raise Lost(f"the agent's telephone was not silent: {heard}")
    shop.agent.sees(f"agent's leg clean: nothing louder than {heard.loudest:.0f} of 32,767 on the telephone, no key")


def check_control(world: World, phones: Handsets) -> None:
    """The same with the cut switched off: what is measured here would be noticed there."""
    heard = heard_without_cut(world, phones, CODE)
    if heard.is_clean or not heard.keys:
        raise Lost(f"the control is silent, so silence proves nothing: {heard}")
    world.tell("Control", f"the same without the cut: {heard.loudest:.0f} of 32,767, and every key ({heard.keys})")


def receipt(shop: Shop, reference: str) -> None:
    mails = shop.world.until(
        "the receipt arrives",
        lambda: [one for one in shop.world.messages(reference) if one["subject"].startswith("Your receipt")],
    )
    shop.customer.sees(f"and has a mail: {mails[0]['subject']}")


def hang_up(shop: Shop) -> None:
    """Both telephones are free for the next story."""
    shop.telephone.hang_up()
    shop.agents_telephone.hang_up()


def until_page(shop: Shop, reference: str, words: str) -> Page:
    address = f"/portal/cases/{reference}/"
    return shop.world.until(
        f"the customer's page says “{words}”", lambda: _with(shop.customer, address, words), every=EVERY
    )


def until_order(shop: Shop, reference: str, words: str) -> Page:
    address = f"/portal/merchant/orders/{reference}/"
    return shop.world.until(f"the agent's page says “{words}”", lambda: _with(shop.agent, address, words), every=EVERY)


def with_button(shop: Shop, reference: str, words: str) -> Page | None:
    page = shop.agent.browser.open(f"/portal/merchant/orders/{reference}/")
    return page if page.has_form(button=words) else None


def _with(who: Somebody, address: str, words: str) -> Page | None:
    page = who.browser.open(address)
    return page if words in page.text else None


# --- the provider -----------------------------------------------------------------------------------------------------


def fault(world: World, told: dict[str, Any] | None) -> None:
    """Switches a fault of the payment provider's simulator on, or all off."""
    method = "POST" if told else "DELETE"
    answer = requests.request(method, f"{world.addresses['PAYMENTS_URL']}/_sim/faults", json=told, timeout=30)
    answer.raise_for_status()


def payments_of(world: World, *, since: float) -> list[dict[str, Any]]:
    """What was ordered at the provider since then (Unix time), by whomever."""
    headers = {"Authorization": f"Bearer {world.keys['PAYMENTS_KEY']}"}
    address = f"{world.addresses['PAYMENTS_URL']}/v1/payment_intents?limit=20"
    answer = requests.get(address, headers=headers, timeout=30)
    answer.raise_for_status()
    return [one for one in answer.json()["data"] if one["created"] >= since]
