"""Changes for which a code is not enough: a number whose SIM was swapped, the first address of a kind, and a customer
without any channel, or without a sign-in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.actors import system
from backoffice.cases import answering
from backoffice.cases.models import Case
from backoffice.contact_changes import risk, words
from backoffice.contact_changes.models import ContactChange
from backoffice.customers import contact_points
from backoffice.customers.models import Customer
from backoffice.messages import composing
from backoffice.messages.models import Message
from backoffice.refusals import Invalid
from tests.contact_changes.changing import NEW_HOME, NEW_MAIL, apply, assess, finish, in_force, open_change
from tests.factories import actor, make_customer, make_staff, new_phone_number, now, sign_in
from tests.playing import advance, ask, close
from workflows.base.contracts import SendNotice

pytestmark = pytest.mark.django_db
SEEN = {"outcome": "matched", "document": "passport", "document_last": "12AB", "reason": "compared"}


def told(case: Case, *notices: str, stage: str = "announced") -> dict[str, str]:
    """Sends these notices; what each says by its address, masked."""
    before = set(Message.objects.values_list("pk", flat=True))
    advance(case, stage=stage, notices=tuple(SendNotice(one, {}) for one in notices))
    said: dict[str, str] = {}
    for one in Message.objects.exclude(pk__in=before).select_related("contact"):
        said[one.contact.address_masked] = said.get(one.contact.address_masked, "") + text_of(one, case)
    return said


def text_of(message: Message, case: Case) -> str:
    compose = composing.sms if message.contact.channel == "sms" else composing.letter
    return compose(
        message.template,
        customer=case.customer,
        case_reference=case.reference,
        check_code="4F7-K2M-9QX-3TR-6Y",
        context=message.context,
    ).text.replace("\n", " ")


@pytest.fixture
def swapped(maria: Customer) -> Case:
    """The same number again, ninety days after its SIM was swapped."""
    phone = in_force(maria, "phone")
    contact_points.mark_sim_swapped(point=phone, by=system(), now=now() - timedelta(days=90))
    return open_change(maria, {"kind": "phone", "value": phone.value})


def test_whoever_has_the_sim_gets_the_code_so_somebody_sees_the_customer_and_another_approves(swapped: Case) -> None:
    assert assess(swapped).facts == {"risk": "high", "by_letter": True}
    assert ContactChange.of(swapped).risk_why == "sim_swapped"
    assert "the SIM of this number was swapped" in words.why_risky(swapped)


def test_a_number_that_is_proven_anew_counts_again_after_its_seven_days(swapped: Case, maria: Customer) -> None:
    old = in_force(maria, "phone")

    assert apply(swapped).facts == {"applied": True}

    new = in_force(maria, "phone")
    old.refresh_from_db()
    assert (new.value, new.sim_swapped_at, new.verified_how, old.superseded_by) == (old.value, None, "code", new)
    assert not contact_points.phone_is_old_enough(customer=maria, now=now())
    assert contact_points.phone_is_old_enough(customer=maria, now=now() + timedelta(days=8))
    assert not ContactChange.of(swapped).was_swapped


def test_an_old_number_with_a_swapped_sim_is_not_trusted_by_a_detour(maria: Customer) -> None:
    old = in_force(maria, "phone")
    contact_points.mark_sim_swapped(point=old, by=system(), now=now() - timedelta(days=90))
    first = open_change(maria, {"kind": "phone", "value": new_phone_number()})
    apply(first)
    close(first, "done")

    case = open_change(maria, {"kind": "phone", "value": old.value})

    assert not risk.has_witness(ContactChange.of(case), now=now())
    assert "sim_swapped" in risk.reasons(ContactChange.of(case), case, now=now())


def test_what_is_said_of_the_same_number_is_true_at_each_moment(swapped: Case, maria: Customer) -> None:
    asked = told(swapped, "change_asked", "identity_needed", stage="confirmed")
    announced = told(swapped, "change_announced", "change_announced_letter")

    by_mail = asked[in_force(maria, "mail").masked]
    assert "rely on an address or number that we have of you" in by_mail
    assert "does not show who you are" in by_mail
    assert "replaced" not in " ".join([*asked.values(), *announced.values()])
    assert words.headline(swapped).title == "Showing that your telephone number is yours"
    assert "We do not rely on" in words.headline(swapped).lead
    assert "the same as now" in str(words.change_evidence(swapped, None))  # type: ignore[arg-type]
    apply(swapped)
    finish(swapped)
    assert words.headline(swapped).title == "Your telephone number is shown to be yours"
    assert "in force" in words.headline(swapped).lead


@pytest.mark.parametrize("data", [NEW_MAIL, {"kind": "phone", "value": new_phone_number()}, NEW_HOME])
def test_of_the_first_address_of_a_kind_every_other_one_is_told(data: dict[str, str]) -> None:
    contacts = {point.kind: point.address or point.value for point in make_customer().contact_points.all()}
    anna = make_customer(contacts={kind: value for kind, value in contacts.items() if kind != data["kind"]})
    case = open_change(anna, data)
    others = {point.masked for point in contact_points.currents(customer=anna).values()}

    assert assess(case).facts["witnessed"]
    announced = told(case, "change_announced", "change_announced_letter")
    assert set(announced) == others
    assert "where we had none" in str(announced)
    assert "replaced" not in str(announced)
    assert apply(case).facts == {"applied": True}
    assert in_force(anna, data["kind"]).verified_how == "code"


def test_who_has_no_channel_at_all_is_seen_where_no_visitor_could_come() -> None:
    anna = make_customer(contacts={})
    case = open_change(anna)

    assert assess(case).facts == {"risk": "low", "no_home": True}
    assert told(case, "change_asked", "change_announced") == {}
    assert apply(case).facts == {"applied": True}


@pytest.fixture
def at_branch() -> Case:
    """Somebody without a sign-in came with a new number."""
    return open_change(
        make_customer(sign_in=False), {"kind": "phone", "value": new_phone_number()}, by=actor(make_staff())
    )


def test_who_sees_the_customer_hears_from_them_what_is_put_in_force(at_branch: Case) -> None:
    item, by = ask(at_branch, "identify_at_branch"), actor(make_staff())

    for said in ("", "12", "+1 206 555 0178"):
        with pytest.raises(Invalid) as refused:
            answering.answer(item_id=item.id, by=by, data={**SEEN, "said": said})
        assert set(refused.value.errors) == {"said"}
    answering.answer(item_id=item.id, by=by, data={**SEEN, "said": "+1 206 555 0199"})

    item.refresh_from_db()
    assert item.outcome == "matched"
    assert "555" not in str(item.answer)


def test_without_a_code_it_is_always_approved_and_says_how_it_was_proven(at_branch: Case) -> None:
    assert assess(at_branch).facts["risk"] == "high"
    assert "at_branch" in ContactChange.of(at_branch).risk_why
    apply(at_branch)
    assert in_force(at_branch.customer, "phone").verified_how == "branch"


def test_nobody_without_a_sign_in_is_asked_to_sign_in_for_it(at_branch: Case) -> None:
    old = in_force(at_branch.customer, "mail").masked

    asked = told(at_branch, "change_asked", stage="identity")
    announced = told(at_branch, "change_announced")

    assert "Come to a branch with your identity document" in asked[old]
    assert "confirm it in the case" not in asked[old]
    assert "Stop it as it says below" in announced[old]


def test_the_desk_says_of_such_a_customer_that_a_branch_is_the_way(client: Client) -> None:
    anna = make_customer(sign_in=False)
    sign_in(client, make_staff())
    where = reverse("admin:desk_open", args=[anna.public_id, "contact_change"])
    client.post(reverse("admin:desk_why", args=[anna.public_id]), {"why": "other", "words": "They came to a branch"})

    of_customer = client.get(reverse("admin:desk_customer", args=[anna.public_id])).content.decode()
    assert f'<a href="{where}">New address</a>' in of_customer
    assert "so they show who they are at a branch" in client.get(where).content.decode()
