from __future__ import annotations

import urllib3

from backoffice.cards.adapters.stripe_issuing import StripeIssuer
from backoffice.cards.models import Shipping
from tests.devstack.issuer.simulator import Simulator, request_for

FORM = {"content-type": "application/x-www-form-urlencoded"}


def _press(simulator: Simulator, body: str, **headers: str) -> urllib3.BaseHTTPResponse:
    return urllib3.request("POST", simulator.url + "/", body=body, headers={**FORM, **headers}, redirect=False)


def test_the_page_shows_cards_without_names_and_moves_their_letters(
    simulator: Simulator, issuer: StripeIssuer, case_id: str
) -> None:
    token = issuer.order(request_for(simulator.seed(), case_id=case_id), case_id).token

    page = simulator.call("GET", "/").data.decode()
    pressed = _press(simulator, f"card={token}&step=ship", origin=simulator.url)

    assert token in page
    assert "Wilhelmina" not in page
    assert "Achterlaan" not in page
    assert pressed.status == 303
    assert issuer.look(token).shipping is Shipping.SHIPPED


def test_the_page_shows_the_date_as_it_stands_on_the_card(
    simulator: Simulator, issuer: StripeIssuer, case_id: str
) -> None:
    new = issuer.order(request_for(simulator.seed(), case_id=case_id), case_id)

    page = simulator.call("GET", "/").data.decode()

    assert f"····{new.last_four}, {new.expiry_month:02d}/{new.expiry_year % 100:02d}<" in page


def test_a_page_of_another_site_cannot_press_the_buttons(
    simulator: Simulator, issuer: StripeIssuer, case_id: str
) -> None:
    token = issuer.order(request_for(simulator.seed(), case_id=case_id), case_id).token

    for origin in ("https://elsewhere.example", "null"):
        assert _press(simulator, f"card={token}&step=ship", origin=origin).status == 403
    assert issuer.look(token).shipping is Shipping.PENDING


def test_a_button_that_does_not_fit_says_why(simulator: Simulator) -> None:
    assert _press(simulator, "card=ic_nobody&step=ship").status == 404
    assert _press(simulator, "card=ic_nobody&step=burn").status == 400


def test_another_host_name_is_not_answered(simulator: Simulator) -> None:
    assert simulator.call("GET", "/healthz", host="elsewhere.example").status == 400


def test_the_commands_are_json_only(simulator: Simulator) -> None:
    for path in ("/_sim/faults", "/_sim/clock", "/_sim/cards"):
        assert simulator.call("POST", path, {}, **{"content-type": "text/plain"}).status == 415


def test_a_seeded_card_stays_as_it_is_when_it_is_seeded_again(simulator: Simulator, issuer: StripeIssuer) -> None:
    token = simulator.seed(last4="0005")
    issuer.block(token, f"{token}-1")

    again = simulator.call("POST", "/_sim/cards", {"cards": [{"token": token, "last4": "0006"}]})

    assert again.json() == {"cards": [token]}
    assert (issuer.look(token).last_four, issuer.look(token).status.value) == ("0005", "inactive")


def test_a_card_with_a_number_cannot_be_seeded(simulator: Simulator) -> None:
    assert simulator.call("POST", "/_sim/cards", {"token": "ic_x", "last4": "4242424242424242"}).status == 400
    assert simulator.call("POST", "/_sim/cards", {"token": "ic_x", "last4": "4242", "number": "4"}).status == 400


def test_the_api_asks_for_its_key(simulator: Simulator) -> None:
    assert simulator.call("GET", "/v1/issuing/cards").status == 401
    assert simulator.call("GET", "/v1/issuing/cards", authorization="Bearer ünknown").status == 401
