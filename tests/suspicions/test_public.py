"""The public page tells nobody who is a customer, and the receipt only what came of a report (threat 15)."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.actors import system
from backoffice.cases.models import Case, CaseState
from backoffice.customers.models import ContactKind, Customer
from backoffice.references import new_reference
from backoffice.suspicions import deciding, keeping, public
from backoffice.suspicions.models import Match, Report, Suspicion
from backoffice.suspicions.public import Came, TooMany
from backoffice.trust import padding
from backoffice.trust.limits import CannotCount
from tests.factories import make_customer, now
from tests.outages import cache_away
from tests.suspicions.conftest import SMISH, TWIN, analyst, held_by, reports, sensitive_case, strange
from tests.suspicions.test_deciding import GOOD
from tests.trust.pasting import send

PUBLIC, RECEIPT = reverse("portal:suspicious_contact:public"), reverse("portal:suspicious_contact:receipt")
_VARIES = re.compile(r'[A-Z0-9]{3}(?:-[A-Z0-9]{3}){3}-[A-Z0-9]{2}|value="[^"]*"|csrf\w*|nonce="[^"]*"')


def sent(named: str = "", **changes: Any) -> Any:
    data = {"how": "sms", "text": SMISH, "sender": "", "named": named, "key": str(uuid.uuid4())} | changes
    return Client().post(PUBLIC, data, follow=True)


def mail_of(customer: Customer) -> str:
    return str(customer.contact_points.get(kind=ContactKind.MAIL, superseded_at=None).value)


def told(named: str = "", network: str = "192.0.2.1", text: str = SMISH) -> str:
    reported = strange(text)
    made = public.report(reported=reported, named=named, key=uuid.uuid4(), network=network, now=now(), padded=False)
    return made.reference


def test_the_answer_is_the_same_for_a_customer_and_for_nobody(maria: Customer) -> None:
    card = sensitive_case(maria)

    known, unknown, nobody = sent(mail_of(maria)), sent("who@example.net"), sent()

    pages = {_VARIES.sub("", one.content.decode()) for one in (known, unknown, nobody)}
    assert len(pages) == 1
    assert {one.status_code for one in (known, unknown, nobody)} == {200}
    assert maria.family_name not in known.content.decode()
    card.refresh_from_db()
    assert card.state == CaseState.FROZEN


@pytest.mark.parametrize(("worked", "waits"), [(0.0, 0.4), (0.1, 0.3), (0.4, 0.4), (0.95, 0.25)])
def test_the_answer_takes_a_multiple_of_the_same_time(
    worked: float, waits: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a clock of its own: on a busy machine any wait takes longer than it should."""
    slept: list[float] = []
    monkeypatch.setattr(padding, "time", SimpleNamespace(monotonic=lambda: 64.0 + worked, sleep=slept.append))

    padding.pad(64.0, to=public.PADDED_TO)

    assert slept == [pytest.approx(waits)]


def test_a_whole_message_of_ours_is_told_to_be_ours(maria: Customer) -> None:
    ours = send(maria, "mail", now=now())
    code_alone = f"Hello, this is your bank. {ours.code} Pay at https://evil.example now"

    told_so, copied = sent(text=ours.text, how="mail"), sent(text=code_alone, how="mail")

    assert "Yes, this is from us" in told_so.content.decode()
    assert maria.family_name not in told_so.content.decode()
    assert "Yes, this is from us" not in copied.content.decode()
    assert [one.match for one in Report.objects.order_by("at")] == [Match.OURS, Match.NOT_OURS]


def test_a_number_names_a_customer_as_an_address_does(maria: Customer) -> None:
    sensitive_case(maria)
    phone = str(maria.contact_points.get(kind=ContactKind.PHONE, superseded_at=None).value)

    told(f"my number is {phone}")

    assert Report.objects.get().customer == maria
    assert Case.objects.filter(customer=maria, process="suspicious_contact").count() == 1


def test_so_many_reports_come_from_one_network_and_no_more(db: None) -> None:
    for _ in range(public.PER_NETWORK.times):
        told()
    with pytest.raises(TooMany, match="call us"):
        told()
    told(network="198.51.100.9")


def test_while_nobody_can_count_nothing_is_taken(db: None) -> None:
    with cache_away(), pytest.raises(CannotCount):
        told()
    assert not Report.objects.exists()


def test_the_receipt_says_what_came_of_it_and_nothing_of_anybody(maria: Customer) -> None:
    reference = told(mail_of(maria))
    look: dict[str, Any] = {"network": "192.0.2.2", "now": now(), "padded": False}
    assert public.came_of(typed=reference.lower(), **look) is Came.LOOKED_INTO
    group = Suspicion.objects.get()
    deciding.confirm(**held_by(analyst(), group), reason="Known fraud", words=GOOD)

    assert public.came_of(typed=reference, **look) is Came.FRAUD
    assert public.came_of(typed=new_reference(13), **look) is Came.UNKNOWN
    assert public.came_of(typed="hello", **look) is Came.UNKNOWN
    page = Client().post(RECEIPT, {"reference": reference}).content.decode()
    assert "It is fraud. It did not come from us." in page
    assert maria.family_name not in page
    assert mail_of(maria) not in page


def test_the_receipt_knows_what_was_harmless_and_what_was_ours(maria: Customer) -> None:
    first = reports(maria)
    look: dict[str, Any] = {"network": "192.0.2.2", "now": now(), "padded": False}
    assert first.group is not None
    deciding.clear(**held_by(analyst(), first.group), reason="A test of ours")
    assert public.came_of(typed=first.contact.reference, **look) is Came.HARMLESS
    Report.objects.update(match=Match.OURS)
    assert public.came_of(typed=first.contact.reference, **look) is Came.OURS


def test_guesses_of_references_are_limited(db: None) -> None:
    look: dict[str, Any] = {"network": "192.0.2.2", "now": now(), "padded": False}
    for _ in range(public.LOOKS_PER_NETWORK.times):
        public.came_of(typed="x", **look)
    with pytest.raises(TooMany):
        public.came_of(typed="x", **look)


def test_what_is_going_round_stands_on_the_check_page_and_is_found_there(maria: Customer) -> None:
    first = reports(maria)
    assert first.group is not None
    deciding.confirm(**held_by(analyst(), first.group), reason="Known fraud", words=GOOD)

    shown = Client().get(reverse("check")).content.decode()
    found = Client().post(reverse("check"), {"pasted": TWIN}, follow=True).content.decode()
    other = Client().post(reverse("check"), {"pasted": "Is this yours?"}, follow=True).content.decode()
    too_long = Client().post(reverse("check"), {"pasted": "a" * 30_000}, follow=True)

    assert GOOD.words in shown
    assert 'href="https://parcel-desk' not in shown
    assert "This is going round. It is not from us." in found
    assert "We cannot tell: nobody has warned of this yet." in other
    assert "This is too long" in too_long.content.decode()


def test_texts_are_deleted_when_their_time_is_over(maria: Customer) -> None:
    first = reports(maria)
    assert first.group is not None
    deciding.clear(**held_by(analyst(), first.group), reason="A test of ours")
    assert keeping.delete_texts(by=system(), now=now() + timedelta(days=89)) == 0
    assert keeping.delete_texts(by=system(), now=now() + timedelta(days=91)) == 1

    first.refresh_from_db()
    group = Suspicion.objects.get()
    assert (first.text, group.seen) == ("", None)
    assert group.wiped_at is not None


def test_a_customer_is_led_to_their_own_page_and_everybody_else_to_this_one(maria: Customer, client: Client) -> None:
    report = reverse("portal:suspicious_contact:report")
    assert client.get(report).headers["Location"] == PUBLIC
    assert maria.user is not None
    client.force_login(maria.user, backend="django.contrib.auth.backends.ModelBackend")
    assert "Somebody is on the phone with me now" in client.get(report).content.decode()
    assert make_customer()
