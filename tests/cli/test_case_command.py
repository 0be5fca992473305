"""`manage.py case`: cases on the command line."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backoffice.cases.models import Case, CaseState, Event
from backoffice.customers.models import Access
from backoffice.staff.models import Role, User
from tests.factories import make_card, make_staff
from tests.playing import advance, ask, open_card_case

pytestmark = pytest.mark.django_db
CALLED = "They called about it"


@pytest.fixture(autouse=True)
def hanna() -> User:
    """The support agent who types these commands, unless a test says otherwise."""
    return make_staff(username="hanna")


def case_command(*said: str) -> str:
    out = StringIO()
    call_command("case", *said, *(() if "--by" in said else ("--by", "hanna")), stdout=out)
    return out.getvalue()


def as_json(*said: str) -> Any:
    return json.loads(case_command(*said, "--json"))


@pytest.fixture
def case() -> Case:
    case = open_card_case(make_card())
    ask(case, "call_customer", stage="survey")
    return case


def test_the_list_shows_the_newest_first(case: Case) -> None:
    newer = open_card_case(make_card())

    assert [one["reference"] for one in as_json("list")] == [newer.reference, case.reference]
    assert case_command("list", "--limit", "1").startswith(newer.reference)


def test_the_list_is_narrowed_by_state_and_process(case: Case) -> None:
    assert as_json("list", "--state", "closed") == []
    assert "There is no such case." in case_command("list", "--state", "closed")
    assert len(as_json("list", "--process", "card_reissue")) == 1


def test_show_tells_stages_open_items_and_the_timeline(case: Case) -> None:
    told = as_json("show", case.reference.lower().replace("-", ""), "--reason", CALLED)
    words = case_command("show", case.reference, "--reason", CALLED)

    assert [one["name"] for one in told["stages"] if one["current"]] == ["Survey"]
    assert told["items"][0]["kind"] == "call_customer"
    assert [event["number"] for event in told["timeline"]] == list(range(1, len(told["timeline"]) + 1))
    assert "[Survey]" in words
    assert "Open: Call the customer, who has not answered (support agent)" in words


def test_show_tells_no_name(case: Case) -> None:
    assert case.customer.family_name not in case_command("show", case.reference, "--json", "--reason", CALLED)


@pytest.mark.parametrize(
    ("said", "sentence", "code"),
    [
        (("show", "K7Q-4MX-3"), "is not a reference", 1),
        (("show", "222-222-X"), "There is no case", 2),
        (("list", "--limit", "0"), "--limit must be between", 1),
        (("list", "--process", "loan"), "There is no process", 2),
        (("withdraw", "K7Q", "--reason", "x"), "is not a reference", 1),
    ],
)
def test_what_is_not_understood_is_told_with_an_exit_code(said: tuple[str, ...], sentence: str, code: int) -> None:
    with pytest.raises(CommandError, match=sentence) as refused:
        case_command(*said)

    assert refused.value.returncode == code


def test_the_list_says_no_more_than_may_be_seen_without_a_need(case: Case) -> None:
    assert set(as_json("list")[0]) == {"reference", "process", "state", "opened_at", "closed_at"}
    assert case.subject not in case_command("list")


def test_a_case_is_shown_for_a_need_or_with_a_reason_and_it_is_noted(case: Case, hanna: User) -> None:
    other = open_card_case(make_card())

    case_command("show", case.reference)
    with pytest.raises(CommandError, match="say why you need it") as refused:
        case_command("show", other.reference)
    case_command("show", other.reference, "--reason", CALLED)

    assert refused.value.returncode == 3
    noted = Access.objects.filter(user=hanna).order_by("pk").values_list("case_id", "refused", "reason", "page")
    page = "command_line:show"
    assert list(noted) == [
        (case.id, False, "", page),
        (other.id, True, "", page),
        (None, False, CALLED, page),
    ]


@pytest.mark.parametrize("what", ["list", "show", "open", "withdraw"])
@pytest.mark.parametrize("role", [Role.FIELD, Role.ADMINISTRATOR, None])
def test_a_role_without_cases_is_refused_and_does_not_learn_which_there_are(
    case: Case, what: str, role: Role | None
) -> None:
    make_staff(username="viktor", role=role)
    commands = {
        "list": ("list",),
        "show": ("show", case.reference, "--reason", CALLED),
        "open": opening(str(make_card().public_id), by="viktor"),
        "withdraw": ("withdraw", case.reference, "--reason", "x"),
    }
    unknown = {"show": ("show", "222-222-X"), "withdraw": ("withdraw", "222-222-X", "--reason", "x")}

    for said in (commands[what], unknown.get(what, commands[what])):
        with pytest.raises(CommandError, match="Your role does not") as refused:
            case_command(*said, *(() if "--by" in said else ("--by", "viktor")))
        assert refused.value.returncode == 3
    assert Case.objects.count() == 1
    case.refresh_from_db()
    assert case.state == CaseState.OPEN


@pytest.mark.parametrize("what", ["list", "show", "withdraw"])
def test_somebody_who_was_switched_off_and_a_customer_are_nobody_here(case: Case, what: str) -> None:
    gone, customer = make_staff(is_active=False), case.customer.user
    assert customer is not None
    more = {"list": (), "show": (case.reference,), "withdraw": (case.reference, "--reason", "x")}[what]

    for name in (gone.username, customer.username):
        with pytest.raises(CommandError, match="There is no member of staff"):
            case_command(what, *more, "--by", name)


def opening(card: str, *more: str, reason: str = "fraud", key: str = "k1", by: str = "hanna") -> tuple[str, ...]:
    return ("open", "card_reissue", "--card", card, "--reason", reason, "--key", key, "--by", by, *more)


def test_a_case_is_opened_once_for_a_key() -> None:
    card = make_card()

    first = as_json(*opening(str(card.public_id)))
    again = as_json(*opening(str(card.public_id)))

    assert (first["new"], again["new"]) == (True, False)
    assert first["reference"] == again["reference"]
    assert Event.objects.get(kind="case.opened").channel == "command_line"


def test_a_card_is_named_by_its_last_four_and_its_customer() -> None:
    card = make_card()
    mail = card.customer.contact_points.get(kind="mail").value

    told = as_json(*opening(card.last_four, "--customer", mail))

    assert Case.objects.get(reference=told["reference"]).subject == str(card)


@pytest.mark.parametrize(
    ("changed", "sentence", "code"),
    [
        ({"by": "nobody"}, "There is no member of staff", 2),
        ({"reason": "boredom"}, "Choose one of the reasons", 3),
        ({"card": "4242"}, "say whose card it is", 1),
        ({"card": "nonsense"}, "is not an id", 1),
        ({"card": "00000000-0000-4000-8000-000000000000"}, "There is no such card", 2),
    ],
)
def test_an_opening_that_cannot_be_is_refused(changed: dict[str, str], sentence: str, code: int) -> None:
    said: dict[str, str] = {"card": str(make_card().public_id)} | changed

    with pytest.raises(CommandError, match=sentence) as refused:
        case_command(*opening(said.pop("card"), **said))

    assert refused.value.returncode == code
    assert not Case.objects.exists()


def test_a_field_is_given_as_an_option_or_as_a_pair_and_before_or_after_the_process() -> None:
    card = make_card()
    said = ("--key", "k1", "--by", "hanna")

    first = as_json("open", *said, "card_reissue", "--card", str(card.public_id), "--reason", "lost")
    again = as_json("open", "card_reissue", *said, "--set", f"card={card.public_id}", "--set", "reason=lost")

    assert (again["reference"], again["new"]) == (first["reference"], False)


def test_the_help_names_the_fields_of_the_process_s_form(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        case_command("open", "card_reissue", "--help")

    told = capsys.readouterr().out
    assert "--card CARD" in told
    assert "lost, stolen, fraud, damaged, expiring" in told
    assert "--payments" not in told


def test_all_that_is_wrong_is_told_with_its_field() -> None:
    mine, other = make_card(), make_card()
    whose = ("--customer", str(mine.customer.public_id))

    with pytest.raises(CommandError) as refused:
        case_command(*opening(str(other.public_id), *whose, reason="boredom"))

    assert set(str(refused.value).splitlines()) == {
        "card: This is not a card of this customer. Choose one of the list.",
        "reason: Choose one of the reasons.",
    }


@pytest.mark.parametrize(
    ("process", "sentence", "code"),
    [
        ("loan", "There is no process “loan”", 2),
        ("home_visit", "Only another case can open", 2),
        ("card_reissue", "Say which customer it is for: --customer", 1),
    ],
)
def test_a_case_that_nobody_opens_so_is_refused(process: str, sentence: str, code: int) -> None:

    with pytest.raises(CommandError, match=sentence) as refused:
        case_command("open", process, "--key", "k", "--by", "hanna")

    assert refused.value.returncode == code


def test_a_role_that_opens_no_such_case_is_refused() -> None:
    make_staff(username="anna", role=Role.COMPLIANCE)

    with pytest.raises(CommandError, match="Your role does not open such a case") as refused:
        case_command(*opening(str(make_card().public_id), by="anna"))

    assert refused.value.returncode == 3
    assert not Case.objects.exists()


@pytest.mark.parametrize("said", ["reason", "=lost"])
def test_a_pair_without_a_field_or_a_value_is_refused(said: str) -> None:

    with pytest.raises(CommandError, match="--set takes FIELD=VALUE") as refused:
        case_command("open", "card_reissue", "--key", "k", "--by", "hanna", "--set", said)

    assert refused.value.returncode == 1


def test_an_option_that_is_none_of_the_process_s_is_refused() -> None:
    with pytest.raises(CommandError, match="unrecognized arguments: --colour red"):
        case_command(*opening(str(make_card().public_id), "--colour", "red"))


def test_a_case_is_withdrawn_by_somebody_with_the_role(case: Case) -> None:

    told = as_json("withdraw", case.reference, "--reason", "Asked by telephone", "--by", "hanna")

    assert told["state"] == CaseState.STOPPING


def test_a_withdrawal_that_a_rule_refuses_says_why(case: Case) -> None:
    make_staff(username="anna", role=Role.APPROVER)
    with pytest.raises(CommandError, match="Your role does not stop cases") as wrong_role:
        case_command("withdraw", case.reference, "--reason", "x", "--by", "anna")
    advance(case, no_return=True)
    with pytest.raises(CommandError, match="too late") as too_late:
        case_command("withdraw", case.reference, "--reason", "x", "--by", "hanna")

    case.refresh_from_db()
    assert wrong_role.value.returncode == too_late.value.returncode == 3
    assert case.state == CaseState.OPEN
