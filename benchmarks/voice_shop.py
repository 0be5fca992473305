"""A shop that takes payments by telephone, for `voice_payers.py`: its customers, its agent and the agent's console.

Everything of a customer is as old and as sure as the risk rules want it, so that nobody is asked for more.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING

import requests

from benchmarks.processes.claims import make_agent
from benchmarks.processes.script import Script, customer_actor
from benchmarks.processes.top_ups import card_token

if TYPE_CHECKING:
    from backoffice.customers.models import Customer
    from backoffice.payments.agents.models import MerchantAgent
    from backoffice.payments.cards_on_file.models import CardOnFile

NUMBERS = tuple(f"+1202555{number:04d}" for number in range(100, 200))
"""Those of all customers that `product.py` can make."""
AGENTS_NUMBER = "+13125550177"
SHOP, WHAT_FOR = "Green Corner Flowers", "two bunches of tulips"
"""As long as what is usually read out."""
AMOUNT, CURRENCY = 24_50, "EUR"
APPROVED = ("The bank approved it", "Paid")
"""What the console says once the payment is authorised."""
_NEW = "/portal/merchant/orders/new/"
_FIELD = re.compile(r'name="(csrfmiddlewaretoken|key)" value="([^"]+)"')
_LOOKS = re.compile(r'hx-get="([^"]+)"\s+hx-trigger="every (\d+)s"')
_STANDS = re.compile(r'<h2 id="stands">(.*?)</h2>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Payer:
    """A customer with a card on file, and their number."""

    number: str
    card: CardOnFile


class Shop(Script):
    name = "voice_payment"

    def make(self, count: int) -> list[Payer]:
        return [self._payer() for _each in range(count)]

    def console(self) -> Console:
        """That of an agent who is rung, too, and has just signed in with a second factor."""
        from backoffice.staff.models import User

        agent = make_agent(self._make_customer())
        agent.merchant.trading_name = SHOP
        agent.merchant.save(update_fields=["trading_name"])
        agent.user = User.objects.create(username=f"agent{self._product.next_number()}", password="!")
        agent.telephone, agent.joined_at = AGENTS_NUMBER, datetime.now(UTC)
        agent.save()
        return Console(self._addresses["PUBLIC_URL"], _session(agent))

    def _payer(self) -> Payer:
        from backoffice.payments.cards_on_file import keeping

        customer: Customer = self._make_customer()
        by, now = customer_actor(customer), datetime.now(UTC)
        card = keeping.keep(customer=customer, token=card_token(), by=by, now=now)
        number = customer.contact_points.get(kind="phone", superseded_at=None).value
        return Payer(str(number), card)


def _session(agent: MerchantAgent) -> Mapping[str, str]:
    """The cookie of a session in which the agent showed a second factor."""
    from django.conf import settings
    from django.test import Client

    assert agent.user is not None
    client = Client()
    client.force_login(agent.user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    shown = [{"method": "password"}, {"method": "mfa", "type": "totp"}]
    session["account_authentication_methods"] = [{**one, "at": time.time()} for one in shown]
    session["account_authentication_methods_user"] = str(agent.user.pk)
    session.save()
    return {settings.SESSION_COOKIE_NAME: str(session.session_key)}


class NoOrder(Exception):
    """The console did not take an order; the text is what it said."""


class Console:
    """The pages of an agent, as a browser gets them."""

    def __init__(self, base: str, cookies: Mapping[str, str]) -> None:
        self._base = base.rstrip("/")
        self._session = requests.Session()
        self._session.cookies.update(cookies)

    def form(self) -> Mapping[str, str]:
        """What the form of an order holds before anything is filled in."""
        page = self._session.get(self._base + _NEW, timeout=30)
        fields = dict(_FIELD.findall(page.text))
        if set(fields) != {"csrfmiddlewaretoken", "key"}:
            raise NoOrder(f"{page.status_code}: {_text(page.text)[:600]}")
        return fields

    def order(self, payer: Payer, form: Mapping[str, str]) -> Order:
        """Sends the form; the page that follows is open."""
        told = {
            **form, "amount": f"{AMOUNT / 100:.2f}", "what_for": WHAT_FOR, "phone": payer.number,
            "last_four": payer.card.last_four, "mode": "call_out",
        }  # fmt: skip
        headers = {"Referer": self._base + _NEW}
        page = self._session.post(self._base + _NEW, data=told, headers=headers, timeout=30)
        if page.status_code != requests.codes.ok or "/new/" in page.url:
            raise NoOrder(f"{page.status_code}: {_text(page.text)[:600]}")
        return Order(self, page.url.rstrip("/").rpartition("/")[2], page.text)

    def look(self, address: str) -> str | None:
        """None where nothing has changed."""
        answer = self._session.get(self._base + address, headers={"HX-Request": "true"}, timeout=30)
        answer.raise_for_status()
        return answer.text if answer.status_code == requests.codes.ok else None


class Order:
    """The page of an order, which looks again by itself every few seconds."""

    def __init__(self, console: Console, reference: str, page: str) -> None:
        self.reference = reference
        self._console = console
        self._page = page

    def shows(self, *words: str) -> float:
        """When the page shows one of these (monotonic), at one of its own looks. Raises `TimeoutError` where it looks
        no more, and does not show it."""
        while not any(word in self._stands for word in words):
            looks = _LOOKS.search(self._page)
            if looks is None:
                raise TimeoutError(f"the page of the order ended with “{self._stands}”")
            time.sleep(int(looks[2]))
            self._page = self._console.look(unescape(looks[1])) or self._page
        return time.monotonic()

    @property
    def _stands(self) -> str:
        found = _STANDS.search(self._page)
        return _text(found[1]) if found else ""


def _text(page: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", page)).split())


class Provider:
    """The payment provider, asked straight for what it is asked for in an order: to verify the code that was keyed in,
    and to hold the amount. By the same code as in an order, and with nothing else of ours."""

    def __init__(self) -> None:
        from django.conf import settings

        from backoffice.payments.provider.ports import provider
        from backoffice.voice.gateway.tokenising import StripeTokens

        self._tokens = StripeTokens(settings.PAYMENTS_URL, settings.PAYMENTS_KEY)
        found = provider()
        assert found is not None
        self._provider = found

    async def seconds(self, card: CardOnFile, code: str) -> float:
        """What is held goes back afterwards."""
        from backoffice.payments.provider.ports import Order as Held
        from backoffice.voice.contract import Item
        from backoffice.voice.gateway.secrets_in_memory import SecretBytes

        key = uuid.uuid4().hex
        with SecretBytes(len(code)) as digits:
            digits.add(code.encode())
            began = time.monotonic()
            token = await self._tokens.tokenise({Item.SECURITY_CODE: digits}, key=f"{key}:token")
            held = self._provider.authorise(
                Held(
                    amount=AMOUNT, currency=CURRENCY, card=card.reference, customer=card.provider_customer,
                    security_code=token.id,
                ),
                key=key,
            )  # fmt: skip
            seconds = time.monotonic() - began
        self._provider.cancel(held.id, key=f"{key}:cancel")
        return seconds
