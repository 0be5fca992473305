"""Confirming one step of one case: what counts, what is refused, and how often one may try."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from backoffice.actors import Level
from backoffice.cases.answering import Session
from backoffice.cases.models import Case, ItemState, WorkItem
from backoffice.portal import stepping_up
from backoffice.portal.stepping_up import NotConfirmed
from backoffice.trust import assurance
from backoffice.trust.models import Grant
from tests.factories import now, totp_code
from tests.outages import cache_away
from tests.playing import ask
from tests.portal.conftest import Person, make_person

pytestmark = pytest.mark.django_db


def confirm(person: Person, item: WorkItem, code: str) -> str:
    """The page that answers a code, or the address that it leads to."""
    response = person.client.post(reverse("portal:confirm", args=[item.id]), {"code": code})
    return response.headers.get("Location") or response.content.decode()


def session_of(person: Person) -> Session:
    assert person.customer.user is not None
    return Session(person.customer.user, person.client.session.session_key or "")


def wrong(person: Person) -> str:
    right = {totp_code(person.secret, step=step) for step in (-1, 0, 1)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in right)


def test_the_page_says_which_step_of_which_case_is_confirmed(maria: Person, case: Case) -> None:
    item = ask(case, "activate_card")

    page = maria.client.get(reverse("portal:confirm", args=[item.id])).content.decode()

    assert "Confirm: Activate your new card" in page
    assert case.reference in page
    assert maria.card.last_four in page


def test_a_code_is_good_once(maria: Person, case: Case) -> None:
    first, second = ask(case, "activate_card"), ask(case, "enter_posted_code")
    code = totp_code(maria.secret)
    confirm(maria, first, code)

    page = confirm(maria, second, code)

    assert "This code does not work" in page
    assert Grant.objects.get().action == first.step


def test_another_customers_code_is_refused(maria: Person, case: Case) -> None:
    anna = make_person()

    page = confirm(maria, ask(case, "prove_identity"), totp_code(anna.secret))

    assert "This code does not work" in page
    assert not Grant.objects.exists()


def test_wrong_codes_are_counted_with_a_warning_before_the_last(maria: Person, case: Case) -> None:
    item = ask(case, "prove_identity")

    pages = [confirm(maria, item, wrong(maria)) for _ in range(6)]

    warned = ["one more wrong try" in page for page in pages]
    assert warned == [False, False, False, True, True, False]
    assert "Too many codes were tried" in pages[5]


def test_after_too_many_tries_the_right_code_is_refused_too(maria: Person, case: Case) -> None:
    item = ask(case, "prove_identity")
    for _ in range(5):
        confirm(maria, item, wrong(maria))

    page = confirm(maria, item, totp_code(maria.secret))

    item.refresh_from_db()
    assert "Too many codes were tried" in page
    assert item.state == ItemState.OPEN


def test_ten_minutes_later_one_may_try_again(maria: Person, case: Case) -> None:
    item = ask(case, "prove_identity")
    for _ in range(5):
        confirm(maria, item, wrong(maria))

    grant = stepping_up.with_code(
        work=item, session=session_of(maria), typed=totp_code(maria.secret), now=now() + timedelta(minutes=10)
    )

    assert (grant.level, grant.method) == (Level.CONFIRMED, "totp")


def test_while_tries_cannot_be_counted_no_code_is_taken_and_the_page_says_so(maria: Person, case: Case) -> None:
    item = ask(case, "prove_identity")

    with cache_away():
        page = confirm(maria, item, totp_code(maria.secret))

    assert "We cannot check this just now" in page
    assert not Grant.objects.exists()


def test_an_account_has_twenty_tries_in_an_hour_over_all_steps(maria: Person, case: Case) -> None:
    items = [ask(case, "activate_card") for _ in range(5)]
    for item in items[:4]:
        for _ in range(5):
            confirm(maria, item, wrong(maria))

    assert "Too many codes were tried" in confirm(maria, items[4], totp_code(maria.secret))


def test_the_proof_is_bound_to_the_session_that_gave_it(maria: Person, case: Case) -> None:
    item = ask(case, "activate_card")
    confirm(maria, item, totp_code(maria.secret))

    shown = assurance.shown(user=session_of(maria).user, session_key="another", case_id=case.id, action=item.step)

    assert shown == (Level.REFERENCE, "")


def test_a_made_up_passkey_is_refused(maria: Person, case: Case) -> None:
    item = ask(case, "prove_identity")

    for credential in ("{}", "[]", "nonsense", '{"id": "x", "rawId": "x", "response": {}, "type": "public-key"}'):
        response = maria.client.post(reverse("portal:confirm", args=[item.id]), {"credential": credential})
        assert response.status_code == 400
        assert "This passkey does not work here" in response.content.decode()


def test_a_customer_without_authenticator_is_led_to_set_one_up(case: Case, db: None) -> None:
    anna = make_person(authenticator=False)
    from tests.portal.conftest import open_blocked

    item = ask(open_blocked(anna.card), "prove_identity")

    page = anna.client.get(reverse("portal:confirm", args=[item.id])).content.decode()

    assert reverse("mfa_activate_totp") in page
    with pytest.raises(NotConfirmed):
        stepping_up.with_code(work=item, session=session_of(anna), typed="123456")
