"""Threats 2 and 7 at a domain: a thief with the holder's session never gets it before it could be stopped, and nobody
of ours lets their own request pass. The process runs as it is, over real rows and the embedded registry."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from backoffice.actors import Level, system
from backoffice.cases import answering, catalogue, stopping_by_notice
from backoffice.cases.answering import Session
from backoffice.cases.models import Case, Event, ItemState, Part, WorkItem
from backoffice.customers import contact_points
from backoffice.domains.cession.models import Cession
from backoffice.domains.models import Domain
from backoffice.messages.models import Message
from backoffice.refusals import Forbidden, NeedsProof
from backoffice.staff.models import Role, User
from backoffice.trust import assurance
from tests.domains.ceding import ADDRESS, PESEL, holder_of_a_domain, open_cession
from tests.domains.leaving import leaving
from tests.domains.registry import RegistryServer
from tests.domains.running import Running, play
from tests.factories import actor, make_staff, new_phone_number, now, sign_in
from tests.playing import ask, customer_actor

pytestmark = pytest.mark.django_db
TIME_TO_STOP = timedelta(days=3)
FITS = {"names": "yes", "addresses": "yes", "signatures": "yes", "power_of_attorney": "not_needed"}


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


# --- threat 2 ---------------------------------------------------------------------------------------------------------


def item_of(case: Case, kind: str) -> WorkItem:
    return WorkItem.objects.select_related("case__customer", "party").get(case=case, kind=kind, state=ItemState.OPEN)


async def all_that_a_thief_can_do(engine: Running, domain: Domain) -> Case:
    """They have the session, the mailbox, the authenticator and a telephone number of their own, and are the new holder
    themselves; and nobody here suspects anything."""
    case = open_cession(domain)
    thief = {"number_kind": "PESEL", "number": PESEL, **ADDRESS}
    for kind, data in (("request", {}), ("confirm_old", {"decision": "agreed"}), ("confirm_new", thief)):
        await engine.settle()
        item = item_of(case, kind)
        by = customer_actor(item.party or domain.customer, level=Level.CONFIRMED)
        answering.answer(item_id=item.id, by=by, data={"decision": "agreed", **data} if data else {})
    await engine.settle()
    approval = item_of(case, "approve_cession")
    decision = {"outcome": "approved", "reason": "It looks well."}
    answering.answer(item_id=approval.id, by=actor(make_staff(role=Role.APPROVER)), data=decision)
    await engine.settle()
    return case


def test_a_thief_with_session_mailbox_and_proofs_is_stopped_from_the_old_telephone(
    registry_server: RegistryServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(engine: Running) -> None:
        registry_server.seed("tulip.pl", registrant="HOLDER-1")
        domain = holder_of_a_domain("tulip.pl")
        owner = domain.customer
        old = contact_points.current(customer=owner, kind="phone")
        assert old is not None
        contact_points.supersede(
            customer=owner, kind="phone", value=new_phone_number(), how="branch", by=system(), now=now()
        )
        case = await all_that_a_thief_can_do(engine, domain)
        await engine.passes(TIME_TO_STOP - timedelta(minutes=1))
        assert not Cession.objects.get(case=case).executed_at

        told = Message.objects.filter(template="domain_cession.cession_announced", point__superseded_at__isnull=False)
        code = told.get().contact.reference
        stopping_by_notice.stop(
            code=code, last_three=old.value[-3:], network="198.51.100.7", by=stopping_by_notice.anybody(), now=now()
        )
        await engine.settle()
        await engine.passes(timedelta(days=30))

        case.refresh_from_db()
        domain.refresh_from_db()
        assert (case.state, case.outcome) == ("closed", "withdrawn")
        assert (domain.customer, domain.held_by_case) == (owner, None)
        there = registry_server.domain("tulip.pl")
        assert (there["registrant"], there["statuses"]) == ("HOLDER-1", [])

    play(story, settings=settings, monkeypatch=monkeypatch)


def test_the_session_alone_moves_nothing_and_a_proof_for_another_step_is_none(registry_server: RegistryServer) -> None:
    registry_server.seed("tulip.pl", registrant="HOLDER-1")
    domain = holder_of_a_domain("tulip.pl")
    user = domain.customer.user
    assert user is not None
    case = open_cession(domain)
    item = ask(case, "request")
    session = Session(user, "key of the session")
    assurance.grant(
        user=user, session_key=session.key, case_id=case.id, action="confirm_old", level=Level.CONFIRMED, method="totp",
        now=now(),
    )  # fmt: skip

    with pytest.raises(NeedsProof):
        answering.answer(item_id=item.id, by=customer_actor(domain.customer), data={}, session=session)

    assert item_of(case, "request").id == item.id
    assert registry_server.commands("update") == 0


# --- threat 7 ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def insider() -> User:
    """Somebody with both roles."""
    user = make_staff(role=Role.SUPPORT)
    user.groups.add(*make_staff(role=Role.APPROVER).groups.all())
    return User.objects.get(pk=user.pk)


@pytest.fixture
def case() -> Case:
    return open_cession(holder_of_a_domain(), number_kind="PESEL", number=PESEL, **ADDRESS)


SENT = {
    "check_form": FITS,
    "check_again": FITS,
    "approve_cession": {"outcome": "approved", "reason": "It is all right"},
}


@pytest.mark.parametrize("kind", SENT)
def test_who_opened_a_cession_neither_checks_nor_approves_it(case: Case, insider: User, kind: str) -> None:
    Part.objects.create(root=case, user=insider, part="requester")
    item = ask(case, kind)
    desk = sign_in(Client(), insider)

    by_desk = desk.post(f"/desk/item/{item.id}/", SENT[kind])
    claimed = desk.post(f"/desk/item/{item.id}/claim/")
    by_api = desk.post(f"/api/v1/items/{item.id}/answer", SENT[kind], content_type="application/json")
    by_admin = desk.post(f"/desk/cases/workitem/{item.pk}/change/", {"state": "answered"})
    in_bulk = desk.post(
        "/desk/cases/workitem/", {"action": "delete_selected", "_selected_action": [str(item.pk)], "post": "yes"}
    )

    assert by_desk.status_code == claimed.status_code == 403
    assert by_api.status_code in (401, 403)
    assert by_admin.status_code in (302, 403)
    assert in_bulk.status_code in (200, 302, 403)
    with pytest.raises(Forbidden, match="You opened this case"):
        answering.answer(item_id=item.id, by=actor(insider), data=SENT[kind])
    item.refresh_from_db()
    assert (item.state, item.answered_by, item.holder) == (ItemState.OPEN, None, None)
    assert not Event.objects.filter(case=case, kind="item.answered").exists()


@pytest.mark.parametrize("second", ["check_again", "approve_cession"])
def test_who_checked_a_form_neither_checks_it_again_nor_approves_it(case: Case, insider: User, second: str) -> None:
    answering.answer(item_id=ask(case, "check_form").id, by=actor(insider), data=FITS)
    item = ask(case, second)

    with pytest.raises(Forbidden, match="You checked the form"):
        answering.answer(item_id=item.id, by=actor(insider), data=SENT[second])

    item.refresh_from_db()
    assert item.state == ItemState.OPEN


def test_who_opened_a_transfer_on_the_telephone_does_not_release_the_domain(insider: User) -> None:
    case, _domain = leaving("tulip.com")
    Part.objects.create(root=case, user=insider, part="requester")
    item = ask(case, "release_domain")
    decision = {"outcome": "approved", "reason": "It is all right"}

    with pytest.raises(Forbidden, match="You opened this case"):
        answering.answer(item_id=item.id, by=actor(insider), data=decision)
    assert answering.answer(item_id=item.id, by=actor(make_staff(role=Role.APPROVER)), data=decision)


def test_whatever_an_approver_decides_asks_for_a_fresh_second_factor() -> None:
    kinds = [kind for process in catalogue.all_processes() for kind in process.spec.kinds]

    decides = [kind for kind in kinds if kind.role == Role.APPROVER]
    assert {"approve_cession", "check_again", "release_domain"} <= {kind.name for kind in decides}
    assert [kind.name for kind in decides if not kind.sensitive] == []
