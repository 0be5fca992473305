"""What the mails about recurring payments say is true in each state, and says what to do."""

from __future__ import annotations

import pytest

from backoffice.customers.models import Customer
from backoffice.messages import composing

CUSTOMER = Customer(given_name="Wilhelmina", language="en", time_zone="Europe/Amsterdam", phrase="blue kettle")
CALL, GIVE, NOBODY = "we offer you a call", "Give your new card", "Give its number to nobody"
BLOCKED = {"blocked": "yes"}


@pytest.mark.parametrize(
    ("name", "context", "says", "does_not_say"),
    [
        ("update_started", {"last_four": "0005"}, ["which ends in 0005", "not as a message asks"], []),
        ("list_ready", {"moved": "9", "yours": "2", "silent": "1"}, ["9 payments have", "2 payments wait"], [CALL]),
        ("list_ready", {"yours": "1", "call": "yes"}, ["1 payment waits for you", CALL], ["payments wait"]),
        ("list_ready", {"yours": "1"} | BLOCKED, [NOBODY, "your card is being replaced"], ["what to do at each"]),
        ("list_reminder", {"silent": "1"}, ["1 company has not answered", "tick off"], [NOBODY]),
        ("list_reminder", {"yours": "1"} | BLOCKED, [NOBODY, "your card is being replaced"], ["tick off"]),
        ("summary", {"moved": "12"}, ["12 payments have", "need to do anything"], [GIVE]),
        ("summary", {"left": "1"}, ["1 payment still has the old number", GIVE], ["need to do anything"]),
        ("summary", {"moved": "3"} | BLOCKED, [NOBODY], ["need to do anything", GIVE]),
        ("update_ended", {"moved": "4"}, ["stays moved", "If you did not stop it", "no company"], ["look which"]),
        ("update_ended", {"left": "2"}, ["look which companies", "yourself"], ["stays moved"]),
        ("update_ended", {}, ["We have moved no payment"], ["stays moved", "look which"]),
    ],
)
def test_a_mail_says_what_is_so_and_what_to_do(
    name: str, context: dict[str, str], says: list[str], does_not_say: list[str]
) -> None:
    told = context | {"until": "2026-11-26T16:00:00+00:00"}
    code = "4F7-K2M-9QX-3TR-6Y"
    words = composing.mail(
        f"autopay_update.{name}", customer=CUSTOMER, case_reference="K7Q-4MX-2", check_code=code, context=told
    )

    assert [one for one in says if one not in words.text] == []
    assert [one for one in does_not_say if one in words.text] == []
