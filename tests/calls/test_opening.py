"""The call console opens one call at a time, and says nothing of the customer."""

from __future__ import annotations

import dataclasses
import uuid

import pytest

from backoffice.actors import Actor, system
from backoffice.calls import opening
from backoffice.calls.models import Call
from backoffice.cases import catalogue, withdrawing
from backoffice.cases import opening as cases
from backoffice.cases.models import Case, Event
from backoffice.refusals import Conflict, Invalid
from backoffice.staff.models import Role
from tests.api.conftest import Api, said
from tests.calls.calling import PESEL, SERVICE, TOLD, OnTheLine, make_agent, make_caller, take_call
from tests.factories import actor, make_customer, make_staff

pytestmark = pytest.mark.django_db


def opens(agent: Actor, **told: str) -> Case:
    case, _new = opening.open_call(by=agent, data={**TOLD, **told}, key=str(uuid.uuid4()))
    return case


def refused(agent: Actor, **told: str) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as found:
        opens(agent, **told)
    return dict(found.value.errors)


def test_a_call_is_opened_for_the_holder_and_keeps_only_how_they_were_found() -> None:
    make_caller(national_ids={"PESEL": PESEL})

    case = opens(actor(make_agent()), known=PESEL, through="chat")

    call = Call.objects.get(case=case)
    assert (call.known_by, call.wants, call.through, call.state) == ("pesel", "card_reissue", "chat", "asked")
    opened = Event.objects.get(case=case, kind="case.opened")
    assert opened.data == {"process": "phone_authorisation", "reason": "chat"}


def test_all_that_is_wrong_is_told_at_once_each_on_its_field() -> None:
    make_caller()

    errors = refused(actor(make_agent()), known="84051712344", wants="home_visit", told="")

    assert set(errors) == {"known", "wants", "told"}
    assert errors["told"] == ["Read out the notice first, then tick that you did."]


def test_no_record_is_told_on_the_field_and_nothing_is_opened() -> None:
    assert refused(actor(make_agent())) == {
        "known": ["There is no record. Ask the caller to spell it, or for another one."]
    }
    assert not Case.objects.exists()


def test_an_agent_has_one_call_until_it_is_wrapped_up(line: OnTheLine) -> None:
    with pytest.raises(Conflict, match=f"Call {line.case.reference} is not wrapped up yet"):
        opens(line.by_agent)
    with pytest.raises(Conflict, match="is not wrapped up yet"):
        cases.open_by_form(process="phone_authorisation", by=line.by_agent, key="k", data=TOLD, customer=line.customer)

    assert Call.objects.count() == 1


def test_nobody_tries_the_registers_number_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LOOK_UPS", dataclasses.replace(opening.LOOK_UPS, times=2))
    agent = actor(make_agent())
    refused(agent, known=SERVICE)
    refused(agent, known=PESEL)

    with pytest.raises(opening.TooManyLookUps):
        opens(agent)


def test_the_name_must_be_the_customers_where_a_customer_is_given() -> None:
    make_caller()
    with pytest.raises(Invalid, match="not a record of this customer"):
        cases.open_by_form(
            process="phone_authorisation", by=actor(make_agent()), key="k", data=TOLD, customer=make_customer()
        )


def test_a_call_is_opened_by_machines_of_the_desk_too() -> None:
    make_caller()

    opened = Api(make_agent()).post("cases", {**TOLD, "process": "phone_authorisation", "key": "k", "told": True})

    assert (opened.status_code, Call.objects.get().case.reference) == (201, said(opened)["reference"])


def test_nobody_escapes_the_wrap_up_by_stopping_the_call(line: OnTheLine) -> None:
    for by in (line.by_agent, actor(make_staff(role=Role.SUPERVISOR)), line.by_customer):
        with pytest.raises(Conflict) as found:
            withdrawing.withdraw(case_id=line.case.id, by=by)
        assert found.value.code == "cannot_withdraw"

    withdrawing.withdraw(case_id=line.case.id, by=system())


def test_the_console_offers_only_what_says_what_its_code_is_for() -> None:
    offered = [process for process in opening.on_the_phone(actor(make_agent())) if process.opening]

    assert "card_reissue" in [process.name for process in offered]
    assert all(process.opening and process.opening.on_the_phone for process in offered)
    assert opening.on_the_phone(system()) == []


def test_a_second_call_of_the_same_process_is_another_case_of_another_agent(line: OnTheLine) -> None:
    other = take_call(customer=line.customer)

    assert other.case.pk != line.case.pk
    assert catalogue.process(line.case.process).name == "phone_authorisation"
