"""Answering what is asked: proof first, pages saved one by one, a receipt that lasts."""

from __future__ import annotations

import pytest
from django.urls import reverse

from backoffice.cases.models import Case, Command, ItemState, WorkItem
from backoffice.portal import drafts
from backoffice.refusals import Invalid
from backoffice.trust import codes
from backoffice.trust.models import Grant
from backoffice.ui.forms import form_of, with_faults
from tests.factories import totp_code
from tests.playing import ask, close, customer_actor, open_card_case
from tests.portal.conftest import Person

pytestmark = pytest.mark.django_db
SURVEY = [
    {"payment_1": "no", "payment_2": "yes"},
    {"card_where": "with_me"},
    {"contacted": "nobody", "asked_for_secrets": "no", "told_us": ""},
    {"address_right": "yes"},
]


def to(name: str, item: WorkItem, *more: object) -> str:
    return reverse(f"portal:{name}", args=[item.id, *more])


def answer_pages(person: Person, item: WorkItem) -> None:
    for number, answers in enumerate(SURVEY, start=1):
        person.client.post(to("page", item, number), answers)


def test_a_step_that_needs_proof_leads_to_the_confirmation_first(maria: Person, case: Case) -> None:
    item = ask(case, "prove_identity")

    response = maria.client.get(to("item", item))

    assert response.headers["Location"] == to("confirm", item)


def test_the_right_code_answers_a_step_without_a_form_at_once(maria: Person, case: Case) -> None:
    item = ask(case, "prove_identity")

    response = maria.client.post(to("confirm", item), {"code": totp_code(maria.secret)})

    item.refresh_from_db()
    assert response.headers["Location"] == to("done", item)
    assert (item.state, item.outcome) == (ItemState.ANSWERED, "proven")


def test_the_right_code_opens_the_form_of_this_step_and_of_no_other(maria: Person, case: Case) -> None:
    item = ask(case, "activate_card")
    other = ask(case, "enter_posted_code")

    response = maria.client.post(to("confirm", item), {"code": totp_code(maria.secret)})

    assert response.headers["Location"] == to("item", item)
    assert maria.client.get(to("item", item)).status_code == 200
    assert maria.client.get(to("item", other)).headers["Location"] == to("confirm", other)


def test_looking_at_pages_changes_nothing(maria: Person, case: Case) -> None:
    item = ask(case, "email_survey")
    prove = ask(case, "prove_identity")
    before = list(Case.objects.values()), list(WorkItem.objects.order_by("step").values())

    for address in (to("item", item), to("page", item, 1), to("check", item), to("done", item), to("confirm", prove)):
        maria.client.get(address)

    assert (list(Case.objects.values()), list(WorkItem.objects.order_by("step").values())) == before
    assert not Grant.objects.exists()


def test_a_long_form_begins_where_something_is_missing(maria: Person, case: Case) -> None:
    item = ask(case, "email_survey")
    assert maria.client.get(to("item", item)).headers["Location"] == to("page", item, 1)

    maria.client.post(to("page", item, 1), SURVEY[0])

    assert maria.client.get(to("item", item)).headers["Location"] == to("page", item, 2)


def test_a_page_checks_its_own_fields_only_and_keeps_what_was_typed(maria: Person, case: Case) -> None:
    item = ask(case, "email_survey")

    response = maria.client.post(to("page", item, 1), {"payment_1": "no"})

    form = response.context["form"]
    assert response.status_code == 400
    assert set(form.errors) == {"payment_2"}
    assert form["payment_1"].value() == "no"


def test_contradicting_answers_are_refused_on_their_page(maria: Person, case: Case) -> None:
    item = ask(case, "email_survey")

    response = maria.client.post(to("page", item, 3), {"contacted": "nobody", "asked_for_secrets": "refused"})

    assert response.status_code == 400
    assert set(response.context["form"].errors) == {"contacted"}


def test_stopping_half_way_keeps_the_answers_and_the_case_says_how_many(maria: Person, case: Case) -> None:
    item = ask(case, "email_survey")

    response = maria.client.post(to("page", item, 1), {"payment_1": "no", "stop": "1"}, follow=True)

    assert response.redirect_chain[-1][0] == reverse("portal:case", args=[case.reference])
    assert "1 of 6 answered" in response.content.decode()
    assert maria.client.get(to("page", item, 1)).context["form"]["payment_1"].value() == "no"


def test_answers_are_shown_before_they_are_sent_and_can_be_changed(maria: Person, case: Case) -> None:
    item = ask(case, "email_survey")
    answer_pages(maria, item)

    shown = maria.client.get(to("check", item)).content.decode()
    changed = maria.client.post(to("page", item, 2) + "?change", {"card_where": "lost"})

    assert "No, it was not me" in shown
    assert changed.headers["Location"] == to("check", item)
    assert "I have lost it" in maria.client.get(to("check", item)).content.decode()


def test_a_page_that_is_opened_again_says_what_is_wrong_and_not_what_is_missing(maria: Person, case: Case) -> None:
    item = ask(case, "email_survey")
    maria.client.post(to("page", item, 1), SURVEY[0])
    maria.client.post(to("page", item, 2), SURVEY[1])
    maria.client.post(to("page", item, 3), {"contacted": "nobody", "asked_for_secrets": "refused", "stop": "1"})

    wrong, missing = maria.client.get(to("page", item, 3)), maria.client.get(to("page", item, 4))

    assert (wrong.status_code, missing.status_code) == (200, 200)
    assert set(wrong.context["form"].errors) == {"contacted"}
    assert "Check what you filled in" in wrong.content.decode()
    assert not missing.context["form"].errors


def test_what_a_rule_refuses_at_the_end_stands_beside_its_answer(maria: Person, case: Case) -> None:
    item = ask(case, "email_survey")
    answer_pages(maria, item)
    item.refresh_from_db()
    form = form_of(item, by=customer_actor(maria.customer), data=drafts.kept(item))

    rows = drafts.rows(with_faults(form, Invalid({"card_where": ["The card was found."]})))

    assert [(row.change, *row.field.errors) for row in rows if row.field.errors] == [(2, "The card was found.")]
    assert "I have it" in next(row.value for row in rows if row.field.name == "card_where")


def test_nothing_is_sent_while_something_is_missing(maria: Person, case: Case) -> None:
    item = ask(case, "email_survey")
    maria.client.post(to("page", item, 1), SURVEY[0])

    response = maria.client.post(to("check", item))

    item.refresh_from_db()
    assert response.headers["Location"] == to("page", item, 2)
    assert item.state == ItemState.OPEN


def test_sending_twice_gives_the_same_receipt_and_one_answer(maria: Person, case: Case) -> None:
    item = ask(case, "email_survey")
    answer_pages(maria, item)

    first, second = maria.client.post(to("check", item)), maria.client.post(to("check", item))

    assert first.headers["Location"] == second.headers["Location"] == to("done", item)
    assert Command.objects.filter(case=case, signal="answered").count() == 1


def test_the_receipt_lasts_and_says_the_reference(maria: Person, case: Case) -> None:
    item = ask(case, "email_survey")
    answer_pages(maria, item)
    maria.client.post(to("check", item))

    pages = [maria.client.get(to("done", item)).content.decode() for _ in range(2)]

    assert all("We have your answer" in page and case.reference in page for page in pages)
    assert Command.objects.filter(case=case, signal="answered").count() == 1


def test_an_answer_that_comes_too_late_says_what_happened(maria: Person, case: Case) -> None:
    item = ask(case, "email_survey")
    close(case, "expired")

    looked = maria.client.get(to("item", item))
    sent = maria.client.post(to("page", item, 1), SURVEY[0])

    item.refresh_from_db()
    assert (looked.status_code, sent.status_code) == (409, 409)
    assert "no longer needed" in looked.content.decode()
    assert item.draft is None


def test_the_wrong_last_four_are_told_on_their_field(maria: Person, case: Case) -> None:
    item = ask(case, "activate_card")
    maria.client.post(to("confirm", item), {"code": totp_code(maria.secret)})

    response = maria.client.post(to("item", item), {"last_four": "0000"})

    assert response.status_code == 400
    assert set(response.context["form"].errors) == {"last_four"}


def test_a_wrong_posted_code_is_told_on_its_field_and_counted(maria: Person, case: Case) -> None:
    item = ask(case, "enter_posted_code")
    code, _ = codes.issue(case_id=case.id, action="enter_posted_code")
    maria.client.post(to("confirm", item), {"code": totp_code(maria.secret)})

    response = maria.client.post(to("item", item), {"code": "WRONG"})

    code.refresh_from_db()
    assert response.status_code == 400
    assert set(response.context["form"].errors) == {"code"}
    assert code.failures == 1


def test_the_receipt_holds_a_copy_of_what_was_answered(maria: Person, case: Case) -> None:
    item = ask(case, "email_survey")
    answer_pages(maria, item)
    maria.client.post(to("check", item))

    receipt = maria.client.get(to("done", item)).content.decode()

    assert "What you answered" in receipt
    assert "I have it here" in receipt
    assert to("done", item) in maria.client.get(reverse("portal:case", args=[case.reference])).content.decode()


def test_an_answer_that_needed_proof_is_shown_again_only_after_that_proof(maria: Person, case: Case) -> None:
    item = ask(case, "activate_card")
    maria.client.post(to("confirm", item), {"code": totp_code(maria.secret)})
    WorkItem.objects.filter(id=item.id).update(state=ItemState.ANSWERED, answer={"last_four": "4242"})
    assert "4242" in maria.client.get(to("done", item)).content.decode()

    Grant.objects.all().delete()

    receipt = maria.client.get(to("done", item)).content.decode()
    assert "4242" not in receipt
    assert "only for a while after you confirmed" in receipt


def test_a_long_form_begins_on_its_first_page_also_where_nothing_on_it_must_be_filled_in(maria: Person) -> None:
    item = ask(open_card_case(maria.card, reason="stolen"), "email_survey")

    assert maria.client.get(to("item", item)).headers["Location"] == to("page", item, 1)


def test_a_page_that_was_not_filled_in_yet_begins_with_what_the_form_proposes(maria: Person, case: Case) -> None:
    item = ask(case, "email_survey")
    for number, answers in enumerate([*SURVEY[:3], {"address_right": "no"}], start=1):
        maria.client.post(to("page", item, number), answers)

    page = maria.client.get(to("page", item, 5)).content.decode()

    assert f'<option value="{maria.customer.country}" selected>' in page
    assert page.count(" selected>") == 1


def test_a_step_without_questions_promises_no_answers_to_show(maria: Person, case: Case) -> None:
    item = ask(case, "prove_identity")
    maria.client.post(to("confirm", item), {"code": totp_code(maria.secret)})
    Grant.objects.all().delete()

    page = maria.client.get(to("done", item)).content.decode()

    assert "We have your answer" in page
    assert "What you answered is shown" not in page
