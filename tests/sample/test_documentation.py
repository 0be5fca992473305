"""The sample process in the page that is made from the declarations."""

from __future__ import annotations

from backoffice.cli import documenting


def test_the_page_has_all_that_it_declares() -> None:
    page = documenting.processes()

    assert "## Handover of a locker" in page
    assert "| `visit` | Identity visit | We visit you | some cases |" in page
    assert "| The new holder agrees (`take_over`) | the new holder | L2 |" in page
    assert "| `release_locker` | the outside system “lockers” | `hold_locker` |" in page
    assert "| `home_visit` | a case under this one | – |" in page
    assert "| `handover_announced` | the customer | mail | at once | It says that a locker will be handed over" in page
    assert "| `not_agreed` | rejected | One of the two did not agree. |" in page
    assert "| time to stop it | 5 days |" in page


def test_the_policy_table_has_its_rows() -> None:
    page = documenting.policy()

    assert "## Handover of a locker" in page
    assert "| Open a case | yes | yes | – | – | – | – | yes | – | – | – |" in page
    assert "| Answer “Approve the handover” | – | – | yes | – | – | – | – | – | – | takes the part “approver” |" in page
    assert "| Answer “The new holder agrees” | – | – | – | – | – | – | yes | – | – | – |" in page
