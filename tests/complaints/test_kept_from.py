"""Whom a complaint is about: they do not see it and do not act in it, on any route (threats 7 and 8)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backoffice.calls import incoming
from backoffice.calls.back import opening
from backoffice.calls.back.models import CallBack
from backoffice.cases import (
    answering,
    freezing,
    incidents,
    keeping_from,
    need_to_know,
    reminding,
    withdrawing,
    worklist,
)
from backoffice.cases.models import Case, IncidentKind, ItemState, WorkItem
from backoffice.complaints import evidence, people, strangers
from backoffice.complaints.models import Bundle, Complaint, Edition, StrangersComplaint
from backoffice.customers import reading
from backoffice.customers.models import Customer
from backoffice.desk import customer_panels
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound, Refused
from backoffice.staff.models import Role, User
from backoffice.telephony import taking
from backoffice.trust.models import Contact
from tests.api.conftest import Api
from tests.complaints.complaining import ask_owner, begin, complain
from tests.factories import actor, make_staff, now, sign_in
from tests.playing import advance, open_incident
from workflows.base.contracts import DoEffect

pytestmark = pytest.mark.django_db
REASON = "The customer rang me about it."


@pytest.fixture
def boss(db: None) -> User:
    """A supervisor who is complained of."""
    return make_staff(role=Role.SUPERVISOR, first_name="Rita", last_name="Vermeulen")


@pytest.fixture
def case(maria: Customer, boss: User) -> Case:
    """With a work item for supervisors, as if they might answer it; and it needs attention."""
    case = complain(maria, topic="person", text="Rita Vermeulen shouted at me.")
    begin(case)
    CallBack.objects.create(case=case, topic="other", role=Role.SUPPORT)
    ask_owner(case)
    open_incident(case, IncidentKind.ALARM, key="complaint_overdue", code="complaint_overdue")
    return case


def item_of(case: Case) -> WorkItem:
    return WorkItem.objects.get(case=case, kind="answer_complaint")


def test_no_reason_opens_it_and_the_try_is_noted(case: Case, boss: User) -> None:
    for reason in ("", REASON):
        with pytest.raises(Forbidden) as refused:
            need_to_know.read_case(case, by=actor(boss), user=boss, now=timezone.now(), page="desk:case", reason=reason)
        assert refused.value.code == "kept_from"
    assert case.customer.openings.filter(user=boss, refused=True).count() == 2
    assert not need_to_know.needs_to_know(case, user=boss)


def test_its_work_is_in_no_list_of_theirs(case: Case, boss: User) -> None:
    item, by = item_of(case), actor(boss)
    other = make_staff(role=Role.SUPERVISOR)
    assert item in worklist.of_my_roles(by=actor(other))
    assert case in worklist.needing_attention(actor(other))

    assert item not in worklist.of_my_roles(by=by)
    assert item not in worklist.overdue(by=by, user=boss, now=timezone.now() + timedelta(days=90))
    assert item not in need_to_know.items_for(boss)
    assert case not in worklist.needing_attention(by)


def test_they_neither_claim_nor_answer_nor_get_it_handed_over(case: Case, boss: User) -> None:
    item, other = item_of(case), make_staff(role=Role.SUPERVISOR)
    with pytest.raises(NotFound):
        worklist.claim(item_id=item.id, by=actor(boss), user=boss)
    with pytest.raises(NotFound):
        answering.answer(item_id=item.id, by=actor(boss), data={}, session=answering.Session(boss, ""))
    with pytest.raises(NotFound):
        answering.save_draft(item_id=item.id, by=actor(boss), data={})
    with pytest.raises(Conflict):
        worklist.hand_over(item_id=item.id, to=boss, by=actor(other), user=other)
    worklist.claim(item_id=item.id, by=actor(other), user=other)
    with pytest.raises(NotFound):
        worklist.release(item_id=item.id, by=actor(boss), user=boss)
    with pytest.raises(NotFound):
        worklist.hand_over(item_id=item.id, to=make_staff(role=Role.SUPERVISOR), by=actor(boss), user=boss)


def test_they_neither_freeze_nor_stop_nor_remind_nor_retry(case: Case, boss: User) -> None:
    by = actor(boss)
    acts = (
        lambda: freezing.freeze(case_id=case.id, by=by, reason=REASON),
        lambda: withdrawing.withdraw(case_id=case.id, by=by, reason=REASON),
        lambda: reminding.remind_by_hand(item_id=item_of(case).id, by=by),
        lambda: incidents.retry(case_id=case.id, by=by),
    )
    for act in acts:
        with pytest.raises(Refused) as refused:
            act()
        assert "Somebody else looks after this case" in refused.value.sentence


def test_they_neither_look_into_its_alarm_nor_close_it(client: Client, case: Case, boss: User) -> None:
    alarm, by = incidents.open_ones(case).get(), actor(boss)
    with pytest.raises(NotFound):
        incidents.look_into(incident_id=alarm.pk, by=by, user=boss)
    with pytest.raises(NotFound):
        incidents.resolve_by_hand(incident_id=alarm.pk, by=by, reason=REASON)
    sign_in(client, boss)
    assert client.get(reverse("admin:desk_incident", args=[case.reference, alarm.pk])).status_code == 404


def test_the_database_refuses_their_answer_too(case: Case, boss: User) -> None:
    change = {"state": ItemState.ANSWERED, "answered_by": boss, "part": ""}
    with pytest.raises(IntegrityError, match="kept from"), transaction.atomic():
        WorkItem.objects.filter(case=case, kind="answer_complaint").update(**change)


def test_the_evidence_is_not_for_them(case: Case, boss: User) -> None:
    with pytest.raises(Forbidden):
        evidence.download(case=case, moment="opening", edition=Edition.FULL, by=actor(boss), user=boss)


def pages_of(case: Case) -> list[str]:
    item = item_of(case)
    return [
        reverse("admin:desk_case", args=[case.reference]),
        reverse("admin:desk_item", args=[item.id]),
        reverse("admin:desk_action", args=[case.reference, "freeze"]),
        reverse("admin:complaint:file", args=[case.reference, "opening", "json"]),
        reverse("admin:cases_event_change", args=[case.timeline.get(number=1).pk]),
    ]


def test_no_page_shows_it_to_them(client: Client, case: Case, boss: User) -> None:
    sign_in(client, boss)
    assert [client.get(page, follow=True).status_code for page in pages_of(case)][:4] == [403] * 4
    record = reverse("admin:desk_customer", args=[case.customer.public_id])
    reading.open_record(customer=case.customer, by=actor(boss), user=boss, now=timezone.now(), reason=REASON)
    lists = [
        record,
        reverse("admin:index") + "?tab=roles",
        reverse("admin:index") + "?tab=attention",
        reverse("admin:complaint:board"),
        reverse("admin:cases_case_changelist"),
        reverse("admin:cases_workitem_changelist"),
        reverse("admin:cases_event_changelist"),
        reverse("admin:complaints_complaint_changelist"),
        reverse("admin:trust_contact_changelist"),
        reverse("admin:calls_callback_changelist"),
        reverse("admin:index") + f"?q={case.customer.family_name}",
    ]
    for page in lists:
        response = client.get(page, follow=True)
        assert response.status_code == 200, page
        assert case.reference not in response.content.decode(), page
    found = client.get(reverse("admin:index") + f"?q={case.reference}")
    assert found.status_code == 200
    assert client.get(reverse("admin:desk_case", args=[case.reference])).status_code == 403


def test_nor_are_they_offered_to_call_about_it_or_get_that_call(maria: Customer, case: Case, boss: User) -> None:
    colleague = make_staff()
    forms = {user: opening.WishForm(customer=maria, by=actor(user)) for user in (boss, colleague)}
    offered = {user: str(form["what"]) for user, form in forms.items()}
    assert case.reference in offered[colleague]
    assert case.reference not in offered[boss]
    other = complain(maria)
    keeping_from.keep_as_from(case, other, now=timezone.now())
    assert keeping_from.is_kept_from(other, boss)
    assert not keeping_from.is_kept_from(other, colleague)


def test_a_colleague_sees_it_where_they_do_not(client: Client, case: Case) -> None:
    """So that the test above can fail."""
    sign_in(client, make_staff(role=Role.SUPERVISOR))
    assert client.get(reverse("admin:desk_case", args=[case.reference])).status_code == 200
    for page in ("admin:complaint:board", "admin:cases_case_changelist"):
        assert case.reference in client.get(reverse(page)).content.decode()


def test_neither_the_api_nor_the_command_line_shows_it(case: Case, boss: User) -> None:
    api = Api(boss)
    assert case.reference not in api.get("cases").content.decode()
    for path in (f"cases/{case.reference}", f"cases/{case.reference}/timeline", f"items/{item_of(case).id}"):
        assert api.read(path).status_code in (403, 404)
    out = StringIO()
    call_command("case", "list", "--by", boss.username, stdout=out)
    assert case.reference not in out.getvalue()
    with pytest.raises(CommandError):
        call_command("case", "show", case.reference, "--by", boss.username, "--reason", REASON)


def test_who_is_named_later_is_kept_from_it_from_then_on(client: Client, maria: Customer) -> None:
    owner, named = (
        make_staff(role=Role.SUPERVISOR, last_name="Aalders"),
        make_staff(role=Role.SUPERVISOR, last_name="Zwart"),
    )
    case = complain(maria, topic="person", whom="that tall one")
    ask_owner(case, holder=str(named.public_id))
    sign_in(client, named)
    page = reverse("admin:desk_case", args=[case.reference])
    assert client.get(page).status_code == 200

    with pytest.raises(Forbidden):
        people.name_person(
            case_id=case.id, person=str(named.public_id), by=actor(owner), user=owner, now=timezone.now()
        )
    carla = make_staff(role=Role.COMPLIANCE)
    ask_owner(case, "answer_independently", holder=str(carla.public_id))
    people.name_person(case_id=case.id, person=str(named.public_id), by=actor(carla), user=carla, now=timezone.now())

    assert client.get(page).status_code == 403
    item = WorkItem.objects.get(case=case, kind="answer_complaint")
    assert (item.holder, item.role) == (None, "compliance")
    WorkItem.objects.filter(pk=item.pk).update(holder=owner, role="supervisor")
    boss = make_staff(role=Role.SUPERVISOR, last_name="Meijer")
    people.name_person(case_id=case.id, person=str(boss.public_id), by=actor(carla), user=carla, now=timezone.now())
    item.refresh_from_db()
    assert (item.holder, item.role) == (None, "compliance")
    assert ask_owner(case, holder=str(named.public_id)).holder is None
    done = advance(case, effects=(DoEffect("assign_owner"),))
    assert done.facts["independent"] is True
    assert done.facts["owner"] != str(named.public_id)
    with pytest.raises(Refused):
        people.name_person(case_id=case.id, person=str(uuid.uuid4()), by=actor(carla), user=carla, now=timezone.now())


def test_a_call_to_us_does_not_lead_there(maria: Customer, case: Case, boss: User) -> None:
    colleague = make_staff()
    phone = maria.contact_points.get(kind="phone").value
    shown = {}
    for agent in (boss, colleague):
        taken = taking.take_in(
            number=phone, agent=agent, by=actor(agent), now=timezone.now(), key=str(uuid.uuid4()), customer=maria
        )
        found = incoming.may_be(taken, now=timezone.now())
        shown[agent] = [case.reference for case in (*found.cases, *(one.case for one in found.waiting))]
        if agent == boss:
            with pytest.raises(Invalid) as refused:
                incoming.is_about(call_id=taken.id, case_id=case.id, by=actor(agent))
            assert set(refused.value.errors) == {"reference"}
    assert case.reference in shown[colleague]
    assert case.reference not in shown[boss]


def test_an_earlier_complaint_about_them_is_not_told_by_a_later_one(maria: Customer, case: Case, boss: User) -> None:
    later = complain(maria, topic="fee", text="And you charged me twice.")
    begin(later)
    full, theirs = (Bundle.objects.get(complaint_id=later.id, edition=edition).content for edition in Edition)
    assert case.reference in theirs
    assert case.reference not in full
    told = Contact.objects.filter(case_id=case.id).first()
    assert told is not None
    about_it = complain(maria, topic="delay", text="Where is my answer?", contact=told.reference)
    assert keeping_from.is_kept_from(about_it, boss)
    assert case.reference not in customer_panels_of(maria, boss, case)


def test_who_is_named_later_is_kept_from_later_complaints_about_it_too(client: Client, maria: Customer) -> None:
    """Also from one about that one, from one about a message of it, and from what waits without a case."""
    rita, carla = make_staff(role=Role.SUPERVISOR), make_staff(role=Role.COMPLIANCE)
    first = complain(maria, topic="person", whom="that tall one")
    begin(first)
    message = Contact.objects.filter(case_id=first.id).latest("at")
    later = complain(maria, topic="delay", contact=message.reference)
    latest, other = complain(maria, topic="delay"), complain(maria, topic="fee")
    Complaint.objects.filter(case=latest).update(about_case=later)
    waits = StrangersComplaint.objects.create(
        key=uuid.uuid4(), received_at=now(), topic="delay", text="And now?", about_case=first
    )
    held = ask_owner(later, holder=str(rita.public_id))
    ask_owner(first, "answer_independently", holder=str(carla.public_id))

    people.name_person(case_id=first.id, person=str(rita.public_id), by=actor(carla), user=carla, now=now())

    kept = [keeping_from.is_kept_from(one, rita) for one in (first, later, latest, other)]
    held.refresh_from_db()
    assert kept == [True, True, True, False]
    assert (held.holder, held.role) == (None, Role.COMPLIANCE)
    assert later.timeline.filter(kind="complaint.kept_from").count() == 1
    with pytest.raises(NotFound):
        strangers.stranger_of(waits.reference, user=rita)
    phone = maria.contact_points.get(kind="phone").value
    sent = {"key": str(uuid.uuid4()), "topic": "delay", "text": "And now?", "case": first.reference}
    client.post("/portal/complain/", sent | {"last_three": phone[-3:]})
    assert list(StrangersComplaint.objects.latest("received_at").kept_from.all()) == [rita]


def customer_panels_of(customer: Customer, reader: User, case: Case) -> str:
    """The readings of the customer's record, with one for the case."""
    other = make_staff(role=Role.SUPERVISOR)
    reading.open_record(
        customer=customer, by=actor(other), user=other, now=timezone.now(), case_id=case.id, has_case=True
    )
    return str(customer_panels.readings(customer, reader=actor(reader)))
