"""Complaints of people who did not sign in, and the board of the desk."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backoffice.cases.models import Case
from backoffice.complaints import strangers, waiting
from backoffice.complaints.models import Complaint, StrangersComplaint, Topic
from backoffice.customers.models import ContactKind, ContactPoint
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound
from backoffice.staff.models import Role, User
from tests.complaints.complaining import complain
from tests.factories import actor, make_card, make_customer, make_staff, now, sign_in
from tests.playing import open_card_case

pytestmark = pytest.mark.django_db
PAGE = "/portal/complain/"
CARD = "4111 1111 1111 1111"


def write(client: Client, **data: str) -> Any:
    sent = {"key": str(uuid.uuid4()), "topic": "call", "text": "You rang me at night, and I am no customer."}
    return client.post(PAGE, sent | data)


def held(user: User) -> StrangersComplaint:
    row = StrangersComplaint.objects.get()
    return strangers.take(row=row, by=actor(user), user=user, now=timezone.now())


def test_anybody_has_a_number_at_once(client: Client) -> None:
    assert "Tell us what we did wrong" in client.get(PAGE).content.decode()
    assert StrangersComplaint.objects.count() == 0

    shown = write(client).content.decode()

    row = StrangersComplaint.objects.get()
    assert row.reference in shown
    assert "We have your complaint." in shown


def test_each_fault_stands_on_its_field_and_the_same_page_is_one_complaint(client: Client) -> None:
    response = write(client, topic="", text="")
    assert response.status_code == 400
    assert "Choose what it is about" in response.content.decode()
    assert "Tell us what happened" in response.content.decode()
    assert write(client, text=f"You charged my card {CARD} twice.").status_code == 400
    key = "41111111-1111-4115-8111-aaaaaaaaaaaa"
    assert write(client, key=key).content.count(b"We have your complaint") == 1
    write(client, key=key)
    assert StrangersComplaint.objects.count() == 1
    other = write(client, key=key, text="Something else.")
    assert other.status_code == 409
    assert StrangersComplaint.objects.get().reference in other.content.decode()


def test_the_page_says_the_same_whatever_it_recognises(client: Client) -> None:
    customer = make_customer()
    case = complain(customer)
    digits = ContactPoint.objects.get(customer=customer, kind=ContactKind.PHONE).value[-3:]
    wrong = f"{(int(digits) + 1) % 1000:03}"
    answers = []
    strange = ({"last_three": digits}, {"last_three": wrong}, {"last_three": "١٢é"}, {"case": ""})
    for sent in ({"case": case.reference} | one for one in strange):
        shown = write(client, **sent).content.decode()
        row = StrangersComplaint.objects.order_by("-received_at", "-id")[0]
        answers.append(shown.partition("<main")[2].replace(row.reference, "…"))
    assert len(set(answers)) == 1
    assert StrangersComplaint.objects.exclude(about_case=None).count() == 1


def test_no_answer_comes_sooner_for_what_we_do_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work differs: a case is compared, a name that is found is noted."""
    monkeypatch.setattr(strangers, "PADDED_TO", timedelta(milliseconds=60))
    hanna, took, by = make_staff(), [], strangers.anybody()
    for whom in (hanna.get_full_name(), "Nobody"):
        told, began = {"topic": "call", "text": "You rang.", "whom": whom}, time.perf_counter()
        strangers.write_in(key=uuid.uuid4(), content=told, network="192.0.2.1", by=by, now=timezone.now())
        took.append(time.perf_counter() - began)

    assert min(took) >= 0.055
    assert StrangersComplaint.objects.exclude(kept_from=None).count() == 1


def test_there_is_a_limit_in_words(client: Client) -> None:
    answers = [write(client) for _time in range(11)]
    assert [one.status_code for one in answers] == [200] * 10 + [409]
    assert "Try again later" in answers[-1].content.decode()


def test_nothing_is_read_before_it_is_taken_and_a_case_runs_since_it_was_written(client: Client) -> None:
    write(client, topic="payment", whom="")
    row = StrangersComplaint.objects.get()
    StrangersComplaint.objects.update(received_at=now() - timedelta(days=4))
    user, customer = make_staff(first_name="Otto", last_name="Prins"), make_customer()
    page = reverse("admin:complaint:stranger", args=[row.reference])
    sign_in(client, user)
    assert "You rang me at night" not in client.get(page).content.decode()
    with pytest.raises(Forbidden):
        strangers.answer(row=row, words="We rang to say sorry.", by=actor(user), user=user, now=timezone.now())
    client.post(reverse("admin:complaint:stranger_take", args=[row.reference]))
    assert "You rang me at night" in client.get(page).content.decode()
    client.post(reverse("admin:complaint:stranger_search", args=[row.reference]), {"words": customer.name})
    whose = {"words": customer.name, "customer": str(customer.public_id)}
    client.post(reverse("admin:complaint:stranger_open", args=[row.reference]), whose)

    case = Case.objects.get(process="complaint")
    complaint = Complaint.of(case)
    assert (complaint.customer, complaint.came) == (customer, "public")
    assert now() - complaint.received_at > timedelta(days=3)
    assert complaint.final_by < Complaint.of(complain(make_customer(), topic="payment")).final_by
    assert case.timeline.get(kind="complaint.received").data["came"] == "public"
    assert complaint.by_letter
    with pytest.raises(Conflict):
        strangers.take(row=row, by=actor(user), user=user, now=timezone.now())


def test_who_is_no_customer_is_answered_on_the_record(client: Client) -> None:
    write(client)
    user = make_staff(first_name="Otto", last_name="Prins")
    row = held(user)
    for wrong in ("ok", f"I told them that their card is {CARD}."):
        with pytest.raises(Invalid) as refused:
            strangers.answer(row=row, words=wrong, by=actor(user), user=user, now=timezone.now())
        assert set(refused.value.errors) == {"answer"}
    late = timezone.now() + strangers.HELD_FOR
    other = make_staff(first_name="Rita", last_name="Smit")
    with pytest.raises(Conflict):
        strangers.take(row=row, by=actor(other), user=other, now=timezone.now())
    strangers.answer(row=row, words="I rang them and said sorry.", by=actor(user), user=user, now=late)
    assert StrangersComplaint.objects.get().state == "answered"
    later = now() + timedelta(hours=1)
    for act in (strangers.answer, strangers.open_case_for):
        given = {"words": "Once more, sorry."} if act is strangers.answer else {"customer": make_customer()}
        with pytest.raises(Conflict):
            act(row=row, by=actor(user), user=user, now=timezone.now(), **given)
    again = strangers.take(row=row, by=actor(other), user=other, now=later)
    assert [line[1] for line in again.history] == ["received", "taken", "answered", "taken"]
    StrangersComplaint.objects.update(held_at=timezone.now())
    sign_in(client, other)
    number = client.get(reverse("admin:complaint:board"), {"number": row.reference.lower()}, follow=True)
    assert "I rang them and said sorry." in number.content.decode()
    assert client.get(reverse("admin:complaint:board"), {"number": "K7Q-4MX"}).status_code == 404


def test_an_answer_stays_on_the_page_when_a_colleague_took_it_meanwhile(client: Client) -> None:
    write(client)
    user, other = make_staff(), make_staff()
    row = held(user)
    sign_in(client, user)
    strangers.take(row=row, by=actor(other), user=other, now=timezone.now() + strangers.HELD_FOR)
    address = reverse("admin:complaint:stranger_answer", args=[row.reference])
    said = "I rang them at nine, and said sorry."

    late = client.post(address, {"answer": said}, follow=True)

    page = late.content.decode()
    assert (late.status_code, StrangersComplaint.objects.get().state) == (403, "waiting")
    assert "Somebody else has taken this complaint. Nothing was changed." in page
    assert said in page
    assert "You rang me at night" not in page
    assert "Take it</button>" not in page, "while somebody else holds it"
    StrangersComplaint.objects.update(held_by=user, held_at=timezone.now() - strangers.HELD_FOR)
    assert "short</textarea>" in client.post(address, {"answer": "short"}, follow=True).content.decode()
    assert client.get(address, follow=True).redirect_chain[-1][0] == reverse(
        "admin:complaint:stranger", args=[row.reference]
    )


def test_whom_it_names_sees_nothing_of_it(client: Client) -> None:
    named = make_staff(first_name="Otto", last_name="Prins")
    write(client, whom="Otto Prins")
    row = StrangersComplaint.objects.get()

    assert waiting.work(actor(named), named, timezone.now()) == []
    with pytest.raises(NotFound):
        strangers.stranger_of(row.reference, user=named)
    with pytest.raises(NotFound):
        strangers.take(row=row, by=actor(named), user=named, now=timezone.now())
    other = make_staff(first_name="Rita", last_name="Smit")
    assert [work.reference for work in waiting.work(actor(other), other, timezone.now())] == [row.reference]
    for user, seen in ((named, False), (other, True)):
        sign_in(client, user)
        assert (row.reference in client.get(reverse("admin:complaint:board")).content.decode()) is seen


def test_whom_it_names_is_kept_from_the_case_that_is_opened_for_it(client: Client) -> None:
    customer = make_customer()
    named, user = (make_staff(role=Role.SUPERVISOR, last_name=name) for name in ("Zondervan", "Smit"))
    about = open_card_case(make_card(customer=customer))
    digits = ContactPoint.objects.get(customer=customer, kind=ContactKind.PHONE).value[-3:]
    write(client, topic="other", whom="Zonderwan", case=about.reference, last_three=digits)
    held(user)
    row = StrangersComplaint.objects.get()
    User.objects.filter(pk=named.pk).update(last_name="Jong")

    opened = strangers.open_case_for(row=row, customer=customer, by=actor(user), user=user, now=timezone.now()).case

    assert opened is not None
    assert list(opened.kept_from.values_list("user", flat=True)) == [named.pk]
    complaint = Complaint.of(opened)
    assert (complaint.whom, complaint.about_case, complaint.rule) == ("Zonderwan", about, "payments")
    assert opened.outbox.get().payload["facts"]["independent"] is True


def test_the_board_shows_complaints_by_age_and_by_what_they_are_about(client: Client) -> None:
    cases = {topic: complain(make_customer(), topic=topic) for topic in ("fee", "call", "visit")}
    Complaint.objects.filter(case=cases["visit"]).update(received_at=now() - timedelta(days=30))
    Complaint.objects.filter(case=cases["call"]).update(answer_by=now() - timedelta(days=1))
    sign_in(client, make_staff(role=Role.SUPERVISOR))
    address = reverse("admin:complaint:board")

    shown = client.get(address).content.decode()

    places = [shown.index(case.reference) for case in cases.values()]
    assert places[2] < min(places[:2])
    assert "late since" in shown
    fees = client.get(address, {"about": "fee"}).content.decode()
    assert cases["fee"].reference in fees
    assert cases["visit"].reference not in fees
    assert client.get(address, {"about": "nonsense", "after": "broken"}).status_code in (200, 400)


def test_the_board_reads_pages_by_key_and_counts_no_further_than_a_bound(client: Client) -> None:
    customer = make_customer()
    first = complain(customer, topic="fee")
    one = Complaint.of(first)
    base = {"process": "complaint", "customer": customer}
    many = [Case(opened_at=now(), opening_key=f"k{number}", **base) for number in range(30)]
    Case.objects.bulk_create(many)
    told = {"customer": customer, "topic": Topic.FEE, "came": "portal", "text": "x", "rule": "others", "country": "NL"}
    times = {name: getattr(one, name) for name in ("summary_by", "final_by", "hard_stop", "answer_by")}
    Complaint.objects.bulk_create(
        [
            Complaint(case=case, received_at=one.received_at + timedelta(seconds=number), **told, **times)
            for number, case in enumerate(many, start=1)
        ]
    )
    sign_in(client, make_staff(role=Role.SUPERVISOR))
    shown, seen = client.get(reverse("admin:complaint:board")).content.decode(), set()
    for _page in range(3):
        seen |= {case.reference for case in [first, *many] if case.reference in shown}
        older = shown.partition('<p><a href="')[2].partition('"')[0].replace("&amp;", "&")
        if "after=" not in older:
            break
        shown = client.get(older).content.decode()
    assert len(seen) == 31
