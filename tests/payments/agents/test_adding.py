"""A company says who orders payments for it; nobody else does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.cache import cache
from django.urls import reverse

from backoffice.cases.models import Event
from backoffice.messages import composing
from backoffice.messages.models import Message
from backoffice.payments.agents import adding, joining, removing, tokens
from backoffice.payments.agents.finding import agent_of
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.merchants.models import Merchant, MerchantState
from backoffice.refusals import Conflict, Invalid, NeedsProof, NotFound, Refused
from backoffice.trust.models import Contact
from tests.factories import make_customer, now, totp_code
from tests.payments.agents.companies import ROBIN, add, code_to, confirmed, in_front_of
from tests.payments.making import make_agent, make_shop
from tests.playing import customer_actor

pytestmark = pytest.mark.django_db
PASSWORD = "wet-tulips-in-may"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def merchant() -> Merchant:
    return make_shop()


def typed(merchant: Merchant, agent: MerchantAgent, **other: str) -> joining.Joining:
    told = {"reference": merchant.case.reference, "mail": agent.mail, "username": "robin", "password": PASSWORD}
    return joining.Joining(**{**told, "code": code_to(agent), **other})


def test_who_is_added_joins_with_the_code_of_the_mail_once(merchant: Merchant) -> None:
    agent = add(merchant)
    asked = typed(merchant, agent)

    user = joining.join(asked, address="192.0.2.1", now=now())

    assert agent_of(user) == agent
    with pytest.raises(Refused, match="does not work"):
        joining.join(replace(asked, username="robin2"), address="192.0.2.1", now=now())
    assert [one.kind for one in Event.objects.filter(case=merchant.case)] == [
        "merchant.agent_added",
        "merchant.agent_joined",
    ]


def test_the_mail_says_for_whom_and_where_without_a_link_and_without_the_phrase(merchant: Merchant) -> None:
    agent = add(merchant)
    message = Message.objects.get(contact__address_index=agent.mail_index)

    text = composing.mail(
        message.template,
        customer=merchant.company,
        case_reference=merchant.case.reference,
        check_code="CODE",
        context=message.context,
    ).text

    assert merchant.trading_name in text
    assert reverse("portal:merchant_admission:join") in text
    assert "://" not in text
    assert merchant.company.phrase not in text


def test_the_company_is_told_at_its_own_address_when_somebody_is_added(merchant: Merchant) -> None:
    add(merchant)

    told = Contact.objects.get(customer=merchant.company, purpose="merchant_admission.agent_added")
    assert told.address_masked != "R•••@fleur.example"


@pytest.mark.parametrize(
    "wrong", [{"code": "AAAA AAAA AAAA AA"}, {"mail": "other@fleur.example"}, {"reference": "K7Q-4MX-2"}]
)
def test_a_code_is_good_for_its_own_agent_only_and_the_words_do_not_say_what_was_wrong(
    merchant: Merchant, wrong: dict[str, str]
) -> None:
    agent = add(merchant)

    with pytest.raises(Refused, match=r"This code does not work here\."):
        joining.join(typed(merchant, agent, **wrong), address="192.0.2.1", now=now())

    agent.refresh_from_db()
    assert agent.user is None


def test_a_new_code_voids_the_one_before_and_there_is_an_end_to_them(merchant: Merchant) -> None:
    agent = add(merchant)
    first = typed(merchant, agent)
    company = customer_actor(merchant.company)

    adding.invite_again(merchant=merchant, agent_id=agent.public_id, by=company, now=now())

    with pytest.raises(Refused, match="does not work"):
        joining.join(first, address="192.0.2.1", now=now())
    for _time in range(adding.MOST_CODES - 2):
        adding.invite_again(merchant=merchant, agent_id=agent.public_id, by=company, now=now())
    with pytest.raises(Conflict, match="as many codes"):
        adding.invite_again(merchant=merchant, agent_id=agent.public_id, by=company, now=now())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "\u200b"),
        ("name", "Robin 4111 1111 1111 1111"),
        ("mail", "robin"),
        ("telephone", "sixty"),
        ("telephone", "+31 6 💐"),
        ("telephone", "+31 900 1234"),
        ("telephone", "0900 1234"),
        ("telephone", "112"),
    ],
)
def test_what_nobody_can_be_reached_by_is_refused_on_its_field(merchant: Merchant, field: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        add(merchant, replace(ROBIN, **{field: value}))

    assert list(refused.value.errors) == [field]


def test_a_machine_is_not_named_by_a_card_number(merchant: Merchant) -> None:
    with pytest.raises(Invalid) as refused:
        tokens.make_token(merchant=merchant, name="till 4111-1111-1111-1111", by=confirmed(merchant), now=now())

    assert list(refused.value.errors) == ["name"]


def test_nobody_is_added_twice_at_one_merchant_however_the_address_is_written(merchant: Merchant) -> None:
    add(merchant)

    with pytest.raises(Invalid, match="added already"):
        add(merchant, replace(ROBIN, mail="robin@FLEUR.example"))
    add(make_shop())


@pytest.mark.parametrize("state", [MerchantState.SUSPENDED, MerchantState.ENDED])
def test_a_merchant_that_takes_no_payments_adds_nobody_and_removes_anybody(
    merchant: Merchant, state: MerchantState
) -> None:
    agent = make_agent(merchant)
    ended = now() if state is MerchantState.ENDED else None
    Merchant.objects.update(state=state, ended_at=ended)

    with pytest.raises(Conflict):
        add(merchant)
    with pytest.raises(Conflict):
        tokens.make_token(merchant=merchant, name="web shop", by=confirmed(merchant), now=now())
    removing.remove(merchant=merchant, agent_id=agent.public_id, by=customer_actor(merchant.company), now=now())


def test_without_a_proof_for_this_step_nobody_is_added(merchant: Merchant) -> None:
    with pytest.raises(NeedsProof):
        adding.add(merchant=merchant, new=ROBIN, by=customer_actor(merchant.company), now=now())
    with pytest.raises(NeedsProof):
        tokens.make_token(merchant=merchant, name="web shop", by=customer_actor(merchant.company), now=now())

    assert not MerchantAgent.objects.exists()


def test_another_company_neither_sees_nor_changes_the_agents(merchant: Merchant) -> None:
    other, agent = make_shop(), make_agent(merchant)
    theirs = confirmed(other)
    client, _secret = in_front_of(other)

    for which in (merchant, other):
        with pytest.raises(NotFound):
            removing.remove(merchant=which, agent_id=agent.public_id, by=theirs, now=now())
        with pytest.raises(NotFound):
            adding.invite_again(merchant=which, agent_id=agent.public_id, by=theirs, now=now())
    with pytest.raises(NotFound):
        adding.add(merchant=merchant, new=ROBIN, by=theirs, now=now())
    with pytest.raises(NotFound):
        tokens.make_token(merchant=merchant, name="web shop", by=theirs, now=now())
    for page, more in (("agents", ()), ("add", ()), ("add_token", ()), ("remove", (agent.public_id,))):
        address = reverse(f"portal:merchant_admission:{page}", args=[merchant.case.reference, *more])
        assert client.get(address).status_code == 404


def test_the_company_confirms_first_and_then_adds_in_the_portal(merchant: Merchant) -> None:
    client, secret = in_front_of(merchant)
    add_page = reverse("portal:merchant_admission:add", args=[merchant.case.reference])
    confirm = reverse("portal:confirm_step", args=[merchant.case.reference, adding.ADD])

    sent_on = client.get(add_page)
    after = client.post(confirm, {"code": totp_code(secret)})
    added = client.post(add_page, {"name": "Robin", "mail": ROBIN.mail, "telephone": "60 01"}, follow=True)

    assert sent_on.headers["Location"] == confirm
    assert after.headers["Location"] == add_page
    assert "invited, not joined yet" in added.content.decode()
    assert MerchantAgent.objects.get(merchant=merchant).telephone == "6001"
    assert client.get(add_page).headers["Location"] == confirm


def test_a_customer_who_is_no_merchant_has_no_such_page(merchant: Merchant) -> None:
    somebody = make_customer()
    assert somebody.user is not None

    with pytest.raises(NotFound):
        removing.remove(
            merchant=merchant, agent_id=make_agent(merchant).public_id, by=customer_actor(somebody), now=now()
        )
