"""The customer's pages of their payments, and what the desk sees, in their own browser."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from backoffice.cards.autopay import desk, files
from backoffice.cards.autopay.models import AutopayUpdate, Mandate, Reach, WalletMove
from backoffice.cases.models import Case
from backoffice.webhooks.models import Delivery, DeliveryState
from tests.cards.autopay.updating import (
    answer,
    lines_of,
    make_biller,
    make_endpoint,
    make_mandate,
    make_renewed,
    now,
    open_update,
    settle,
    states,
    update_of,
)
from tests.factories import make_customer
from tests.playing import ask

pytestmark = pytest.mark.django_db


def browser_of(case: Case) -> Client:
    client = Client()
    assert case.customer.user is not None
    client.force_login(case.customer.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def case() -> Case:
    card = make_renewed()
    for name in ("Example Energy", "Example Gym", "Example Music"):
        make_mandate(card, make_biller(name))
    case = open_update(card)
    answer(case, "AN")
    settle(case)
    WalletMove.objects.create(
        update=update_of(case), token="intok_1", wallet="apple_pay", device="watch", state="suspended", at=now()
    )
    return case


def test_the_page_of_the_case_says_how_many_moved_and_how_many_wait(case: Case) -> None:
    page = browser_of(case).get(reverse("portal:case", args=[case.reference])).content.decode()

    assert "1 moved, 1 waits for you, 1 biller has not answered." in page


def test_the_list_says_what_to_do_and_a_press_ticks_a_line_off(case: Case) -> None:
    browser = browser_of(case)
    item = ask(case, "move_the_rest")
    address = reverse("portal:autopay_update:list", args=[case.reference])
    page = browser.get(address).content.decode()
    for told in ("Example Gym", "does not take new numbers", "Example Music", "Apple Pay on a watch", str(item.id)):
        assert told in page

    line = lines_of(case)[1]
    pressed = browser.post(
        reverse("portal:autopay_update:tick", args=[case.reference, line.public_id]), {"how": "moved"}, follow=True
    )

    assert "you told us so" in pressed.content.decode()
    assert states(case) == ["moved", "moved", "to_do"]


def test_the_form_of_the_item_takes_several_at_once(case: Case) -> None:
    item = ask(case, "move_the_rest")

    page = browser_of(case).get(reverse("portal:item", args=[item.id])).content.decode()

    assert page.count('type="radio"') == 8
    assert "Tick off what you have done" in page


@pytest.mark.parametrize("how", ["", "gone", "moved' or 1=1"])
def test_a_press_that_says_nothing_changes_nothing(case: Case, how: str) -> None:
    line = lines_of(case)[1]

    response = browser_of(case).post(
        reverse("portal:autopay_update:tick", args=[case.reference, line.public_id]), {"how": how}
    )

    assert (response.status_code, states(case)) == (400, ["moved", "to_do", "to_do"])


def test_another_customer_finds_nothing(case: Case) -> None:
    stranger = Client()
    other = make_customer()
    assert other.user is not None
    stranger.force_login(other.user, backend="django.contrib.auth.backends.ModelBackend")
    line = lines_of(case)[1]
    mandate = Mandate.objects.first()
    assert mandate is not None
    told = {"how": "over"}

    assert stranger.get(reverse("portal:autopay_update:list", args=[case.reference])).status_code == 404
    tick = reverse("portal:autopay_update:tick", args=[case.reference, line.public_id])
    assert stranger.post(tick, told).status_code == 404
    assert stranger.post(reverse("portal:autopay_update:say", args=[mandate.public_id]), told).status_code == 404
    assert Client().get(reverse("portal:autopay_update:payments")).status_code == 302
    assert states(case) == ["moved", "to_do", "to_do"]


def test_a_payment_is_added_and_called_over_in_the_portal(case: Case) -> None:
    browser = browser_of(case)
    old = update_of(case).card.replaces
    assert old is not None
    add = reverse("portal:autopay_update:add")

    told = {"biller": "My mother's rent", "card": str(old.public_id), "whose": "other", "reference": ""}
    added = browser.post(add, told, follow=True).content.decode()
    assert "My mother&#x27;s rent" in added
    again = browser.post(add, told)
    assert (again.status_code, "on the list already" in again.content.decode()) == (400, True)

    mandate = Mandate.objects.get(biller__name="My mother's rent")
    page = browser.post(
        reverse("portal:autopay_update:say", args=[mandate.public_id]), {"how": "over"}, follow=True
    ).content.decode()
    assert "It is noted that this payment is over." in page
    assert states(case)[-1] == "over"


def test_the_desk_sees_which_biller_did_not_get_our_message(case: Case) -> None:
    card = make_renewed()
    make_mandate(card, make_biller("Example Phone", reach=Reach.WEBHOOK, endpoint=make_endpoint()))
    other = open_update(card)
    settle(other)
    Delivery.objects.update(state=DeliveryState.FAILED)

    shown = desk.panel(other)

    assert shown is not None
    assert [one.told for one in shown[1]["lines"]] == ["message not delivered"]  # type: ignore[attr-defined]
    assert [one.name for one in shown[1]["not_told"]] == ["Example Phone"]  # type: ignore[attr-defined]


def test_an_operator_carries_the_files(case: Case, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("files")
    AutopayUpdate.objects.update(sent_at=now())
    batch = update_of(case).batch
    call_command("updater_file", "write", batch.hex, str(folder / "request"))
    request = files.read_request((folder / "request").read_text())
    assert [one.id for one in request.lines] == [line.public_id for line in lines_of(case)]

    answered = files.Response(batch, 9, now(), [files.AnsweredLine(lines_of(case)[2].public_id, "A")])
    (folder / "response").write_text(files.write_response(answered))
    call_command("updater_file", "read", str(folder / "response"))

    assert states(case) == ["moved", "to_do", "moved"]
    (folder / "response").write_text("T")
    with pytest.raises(CommandError, match="not taken"):
        call_command("updater_file", "read", str(folder / "response"))
