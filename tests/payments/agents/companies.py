"""A company that is a merchant, in front of its browser, and the people whom it adds."""

from __future__ import annotations

from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from backoffice.actors import Actor, Level
from backoffice.messages.models import Message
from backoffice.payments.agents import adding
from backoffice.payments.agents.adding import NewAgent
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.merchants.models import Merchant
from backoffice.sealed import unseal
from backoffice.trust.models import Contact
from tests.factories import make_user, now, sign_in
from tests.payments.making import make_agent
from tests.playing import customer_actor

ROBIN = NewAgent(name="Robin", mail="Robin@fleur.example", telephone="6001")


def confirmed(merchant: Merchant) -> Actor:
    """The company, which has confirmed that it is them."""
    return customer_actor(merchant.company, level=Level.CONFIRMED, proof="totp")


def add(merchant: Merchant, new: NewAgent = ROBIN) -> MerchantAgent:
    return adding.add(merchant=merchant, new=new, by=confirmed(merchant), now=now())


def code_to(agent: MerchantAgent) -> str:
    """The code in the newest mail to this agent."""
    contact = Contact.objects.filter(address_index=agent.mail_index).latest("at")
    return unseal(Message.objects.get(contact=contact).context["code"])


def in_front_of(merchant: Merchant) -> tuple[Client, str]:
    """The company's browser, signed in, and the secret of its authenticator."""
    user, secret = merchant.company.user, generate_totp_secret()
    assert user is not None
    TOTP.activate(user, secret)
    Authenticator.objects.filter(user=user).update(created_at=now() - timedelta(days=30))
    client = Client()
    client.force_login(user)
    return client, secret


def agent_in_front(merchant: Merchant, *, factor: bool = True) -> tuple[MerchantAgent, Client]:
    """An agent who has joined, and their browser."""
    agent = make_agent(merchant, user=make_user(), joined_at=now())
    assert agent.user is not None
    return agent, sign_in(Client(), agent.user, factor=factor)
