"""One decision serves the group; what is published cannot identify a victim; four eyes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backoffice.cases.models import Case, Command, Part
from backoffice.customers.models import ContactKind, Customer
from backoffice.refusals import Conflict, Forbidden, Invalid
from backoffice.staff.models import Role
from backoffice.suspicions import deciding, waiting
from backoffice.suspicions.models import GroupState, Match, Suspicion
from backoffice.suspicions.warning import Words
from backoffice.trust import recognising, warnings
from tests.factories import actor, change_phone, make_customer, make_staff, now
from tests.suspicions.conftest import (
    SMISH,
    TWIN,
    UNLIKE,
    analyst,
    held_by,
    reported_by_stranger,
    reports,
    strange,
)

GOOD = Words(
    words="A text message says that a parcel waits, and asks for a small fee by card.",
    host="parcel-desk.example",
    until=now() + timedelta(days=30),
)


def decided(case: Case) -> list[str]:
    told = Command.objects.filter(case=case, signal="happened").values_list("payload", flat=True)
    return [one["facts"]["verdict"] for one in told]


def test_one_decision_serves_every_case_of_the_group(maria: Customer) -> None:
    first, second = reports(maria), reports(make_customer(), strange(TWIN))
    other, stranger = reports(make_customer(), strange(UNLIKE)), reported_by_stranger(None)
    assert first.group is not None
    ours = held_by(analyst(), first.group)

    deciding.confirm(**ours, reason="The same text goes round elsewhere", words=GOOD)

    assert [decided(one.case) for one in (first, second, other) if one.case] == [["confirmed"], ["confirmed"], []]
    stranger.refresh_from_db()
    assert stranger.group is not None
    group = Suspicion.objects.get(pk=first.group.pk)
    assert (stranger.group_id, group.state, group.decided_by) == (group.pk, GroupState.CONFIRMED, ours["user"])


def test_whoever_gets_it_later_is_told_at_once_that_it_is_known(maria: Customer) -> None:
    first = reports(maria)
    assert first.group is not None
    deciding.confirm(**held_by(analyst(), first.group), reason="Known fraud", words=GOOD)

    later = reports(make_customer(), strange(TWIN))

    assert later.group == first.group
    assert Command.objects.get(case=later.case).payload["facts"]["known"] == "confirmed"


def test_a_cleared_group_takes_no_more_reports(maria: Customer) -> None:
    first = reports(maria)
    assert first.group is not None
    deciding.clear(**held_by(analyst(), first.group), reason="It was a test of ours")

    assert reports(make_customer()).group != first.group


def test_the_warning_is_found_by_host_number_and_words_until_its_end(maria: Customer) -> None:
    first = reports(maria, strange(SMISH, "+12065550188"))
    assert first.group is not None
    deciding.confirm(
        **held_by(analyst(), first.group), reason="Known fraud", words=replace(GOOD, number="+12065550188")
    )

    for text in (TWIN, "http://parcel-desk.example", "parcel-desk.example", "+1 206 555 0188"):
        assert warnings.matching(text=text, now=now()) is not None, text
    assert warnings.matching(text=UNLIKE.replace("206 555 0188", "206 555 0111"), now=now()) is None
    assert warnings.matching(text=TWIN, now=now() + timedelta(days=31)) is None
    assert [one.words for one in warnings.current(now=now())] == [GOOD.words]
    found = recognising.recognise(pasted="+1 206 555 0188", by=actor(make_staff()))
    assert (found.verdict, GOOD.words in " ".join(found.why)) == ("not_ours", True)


def test_a_withdrawn_warning_is_shown_no_more(maria: Customer) -> None:
    first = reports(maria)
    assert first.group is not None
    told = held_by(analyst(), first.group)
    deciding.confirm(**told, reason="Known fraud", words=GOOD)

    with pytest.raises(Invalid):
        deciding.withdraw_warning(**told, reason=" ")
    deciding.withdraw_warning(**told, reason="The parcel service is real")

    assert warnings.current(now=now()) == []
    with pytest.raises(Conflict):
        deciding.withdraw_warning(**told, reason="Once more")


WRONG: list[tuple[str, str, dict[str, Any]]] = [
    ("words", "too short", {"words": "Beware"}),
    ("words", "a link", {"words": "Do not open https://parcel-desk.example when it comes"}),
    ("words", "an address", {"words": "It comes from maria@example.org and wants your card"}),
    ("words", "a number", {"words": "They ring from +31 6 12345678 and want your card"}),
    ("words", "a long number", {"words": "It says that invoice 123456789 was not paid by you"}),
    ("words", "a name", {"words": "Jansenowska got it first, and it wants the card"}),
    ("number", "no number", {"number": "12"}),
    ("number", "ours", {"number": "+31205550100"}),
    ("address", "two", {"address": "a@evil.example,b@evil.example"}),
    ("host", "ours", {"host": "meridian.example"}),
    ("host", "everybody's", {"host": "bit.ly"}),
    ("host", "a link", {"host": "https://evil.example/x"}),
    ("until", "past", {"until": now() - timedelta(days=1)}),
    ("until", "far", {"until": now() + timedelta(days=91)}),
]


@pytest.mark.parametrize(("field", "why", "changes"), WRONG, ids=[f"{one[0]} {one[1]}" for one in WRONG])
def test_a_warning_that_could_harm_is_refused_on_its_field(
    db: None, field: str, why: str, changes: dict[str, Any]
) -> None:
    first = reports(make_customer(family_name="Jansenowska"))
    assert first.group is not None

    with pytest.raises(Invalid) as refused:
        deciding.confirm(**held_by(analyst(), first.group), reason="Known fraud", words=replace(GOOD, **changes))

    assert list(refused.value.errors) == [field]
    assert (warnings.current(now=now()), decided(first.case) if first.case else []) == ([], [])


def test_no_warning_names_an_organisation_that_reported_it(db: None) -> None:
    first = reports(make_customer(kind="organisation", organisation_name="Red Tulip"))
    assert first.group is not None
    told: dict[str, Any] = {**held_by(analyst(), first.group), "reason": "Known fraud"}

    for named in ("Red Tulip got a mail that asks for a small fee", "Red Tulip's mailbox got it, for a small fee"):
        with pytest.raises(Invalid, match="names a customer"):
            deciding.confirm(**told, words=replace(GOOD, words=named))
    deciding.confirm(**told, words=replace(GOOD, words="A mail with a red flower asks for a small fee"))


def test_the_number_of_a_customer_is_never_published(maria: Customer) -> None:
    """A caller can show any number: a forged one would warn of its victim."""
    victim = make_customer(contacts={ContactKind.MAIL: "ewa@example.org", ContactKind.PHONE: "+12025550142"})
    first = reports(maria, strange(UNLIKE, "+12025550142", channel="call"))
    assert first.group is not None
    told = held_by(analyst(), first.group)

    for words in (replace(GOOD, number="+12025550142"), replace(GOOD, address="ewa@example.org")):
        with pytest.raises(Invalid, match="A customer of ours"):
            deciding.confirm(**told, reason="Known fraud", words=words)
    change_phone(customer=victim)
    with pytest.raises(Invalid, match="A customer of ours has this, or had it"):
        deciding.confirm(**told, reason="Known fraud", words=replace(GOOD, number="+12025550142"))


def test_who_reported_it_or_does_not_hold_it_or_is_no_analyst_decides_nothing(maria: Customer) -> None:
    reporter, other = analyst(Role.SUPERVISOR), analyst()
    group = reports(maria, by=actor(reporter), user=reporter).group
    assert group is not None
    with pytest.raises(Forbidden, match="Take the reports"):
        deciding.clear(group=group, reason="Because", by=actor(other), user=other, now=now())
    with pytest.raises(Conflict, match="You reported"):
        deciding.clear(**held_by(reporter, group), reason="Because")
    third = analyst()
    Part.objects.create(root=Case.objects.get(process="suspicious_contact"), user=third, part="releaser")
    assert "had a part in its case" in deciding.why_not_decide(group, by=actor(third), user=third)
    for role in (Role.SUPPORT, Role.APPROVER, Role.FIELD):
        with pytest.raises(Forbidden):
            held_by(make_staff(role=role), group)
    with pytest.raises(Conflict, match="Somebody else"):
        held_by(other, group)
    deciding.give_back(group=group, by=actor(reporter), user=reporter, now=now())
    deciding.clear(**held_by(other, group), reason="Because")
    with pytest.raises(Conflict, match="decided on already"):
        deciding.clear(**held_by(other, group), reason="Because")


def test_it_is_compliances_work_for_an_hour_and_then_the_supervisors_too(maria: Customer) -> None:
    group = reports(maria).group
    assert group is not None
    people = {role: analyst(role) for role in (Role.COMPLIANCE, Role.SUPERVISOR, Role.SUPPORT)}
    at_once, later = now(), now() + timedelta(minutes=61)

    seen = {(role, at): waiting.work(actor(user), user, at) for role, user in people.items() for at in (at_once, later)}

    assert {key: len(rows) for key, rows in seen.items()} == {
        (Role.COMPLIANCE, at_once): 1,
        (Role.COMPLIANCE, later): 1,
        (Role.SUPERVISOR, at_once): 0,
        (Role.SUPERVISOR, later): 1,
        (Role.SUPPORT, at_once): 0,
        (Role.SUPPORT, later): 0,
    }
    row = seen[Role.COMPLIANCE, at_once][0]
    assert row.due_at == group.opened_at + timedelta(hours=1)
    assert "parcel" not in str(row)
    assert [one.pk for one in waiting.news()] == [group.pk]


def test_what_turned_out_to_be_ours_waits_for_nobody(maria: Customer) -> None:
    report = reports(maria, strange("It was odd", channel="other"))
    report.match = Match.OURS
    report.save()

    assert list(waiting.waiting()) == []
