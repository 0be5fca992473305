"""Reading, setting aside, the one neutral answer, and how long a mail is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse

from backoffice.actors import system
from backoffice.customers.models import Customer
from backoffice.mail_orders import findings, handling, keeping, neutral
from backoffice.mail_orders.models import Answered, Aside, Hint, Mail, MailState
from backoffice.mail_orders.receiving import take
from backoffice.mail_orders.storing import Envelope
from backoffice.refusals import Conflict, Forbidden, Invalid
from backoffice.staff.models import Role, User
from backoffice.trust.models import Contact
from tests.factories import actor, make_staff, now, sign_in
from tests.mail_orders.conftest import Came, asked, taken
from tests.mail_orders.crafting import ON_FILE, OUR_BOX, STRANGER, WORLD, Names, attached, in_parts, mail, signed

EWA = "ewa@thief.example"


@pytest.fixture
def hanna(db: None) -> User:
    return make_staff(role=Role.SUPPORT)


def unknown(came: Came, hanna: User, number: int = 1, **headers: str) -> Mail:
    """A mail of somebody whom we do not know, for whom their domain vouches."""
    named = {"From": f"Ewa <{EWA}>", "Message_ID": f"<{number}@thief.example>", **headers}
    return taken(came(signed(mail(**named), "thief.example"), ip=STRANGER, mail_from=EWA), hanna)


def answer(found: Mail, user: User) -> Mail:
    return handling.answer_neutrally(mail=found, by=actor(user), user=user, now=now())


def test_a_stranger_for_whom_their_domain_vouches_is_answered_once_and_neutrally(came: Came, hanna: User) -> None:
    found = answer(unknown(came, hanna), hanna)
    assert (found.state, found.aside, found.answered) == (MailState.SET_ASIDE, Aside.UNKNOWN, Answered.WANTED)

    assert (neutral.send_all(), neutral.send_all()) == (1, 0)

    [sent] = outbox.outbox
    contact = Contact.objects.get(purpose="mail_order.neutral_answer")
    assert (sent.to, sent.subject) == ([EWA], "We do nothing because of a mail")
    assert sent.extra_headers["Auto-Submitted"] == "auto-replied"
    assert sent.extra_headers["In-Reply-To"] == "<1@thief.example>"
    assert contact.reference in sent.body
    assert "my card is lost" not in sent.body
    assert contact.customer is None

    with pytest.raises(Conflict) as refused:
        answer(unknown(came, hanna, 2), hanna)
    assert refused.value.code == "too_many_answers"


@pytest.mark.parametrize(
    ("headers", "sender", "words"),
    [
        ({"From": "Ewa <ewa@plain.example>"}, "ewa@plain.example", "Anybody could have written this address"),
        ({"Reply_To": "other@thief.example"}, EWA, "Anybody could have written this address"),
    ],
)
def test_nobody_is_answered_whose_address_anybody_could_have_written(
    came: Came, hanna: User, headers: dict[str, str], sender: str, words: str
) -> None:
    raw = signed(mail(**{"From": f"Ewa <{EWA}>", **headers}), "thief.example")
    found = taken(came(raw, ip=STRANGER, mail_from=sender), hanna)

    with pytest.raises(Conflict) as refused:
        answer(found, hanna)

    assert words in refused.value.sentence
    assert outbox.outbox == []


def test_a_customers_mail_is_not_answered(came: Came, maria: Customer, hanna: User) -> None:
    with pytest.raises(Conflict) as refused:
        answer(taken(came(signed(mail())), hanna), hanna)
    assert refused.value.code == "not_safe"


@pytest.mark.parametrize(
    ("headers", "mail_from"),
    [
        ({"Auto_Submitted": "auto-replied"}, EWA),
        ({"Precedence": "bulk"}, EWA),
        ({"List_Id": "<all.thief.example>"}, EWA),
        ({"From": "post@meridian.example", "Auto_Submitted": "auto-generated"}, "post@meridian.example"),
        ({}, ""),
    ],
)
def test_mails_that_no_person_wrote_are_set_aside_and_never_answered(
    came: Came, headers: dict[str, str], mail_from: str
) -> None:
    found = came(signed(mail(**{"From": f"Ewa <{EWA}>", **headers}), "thief.example"), mail_from=mail_from)

    assert (found.state, found.aside, found.held_by) == (MailState.SET_ASIDE, Aside.AUTOMATIC, None)
    assert "No person wrote this mail" in handling.why_not_answer(found)


def test_a_mail_is_set_aside_for_a_reason_and_only_by_who_holds_it(came: Came, hanna: User) -> None:
    found = unknown(came, hanna)
    other = make_staff(role=Role.SUPPORT)
    with pytest.raises(Forbidden):
        handling.set_aside(mail=found, why="junk", by=actor(other), user=other, now=now())
    with pytest.raises(Invalid):
        handling.set_aside(mail=found, why="automatic", by=actor(hanna), user=hanna, now=now())

    done = handling.set_aside(mail=found, why="junk", by=actor(hanna), user=hanna, now=now())

    assert (done.state, done.aside, done.held_by) == (MailState.SET_ASIDE, Aside.JUNK, None)
    assert [what for _at, what, _by in done.history] == ["analysed", "taken", "set_aside"]


def test_a_mail_that_was_left_is_taken_by_the_next_one(came: Came, hanna: User) -> None:
    found = unknown(came, hanna)
    other = make_staff(role=Role.SUPPORT)
    later = now() + handling.HELD_FOR + timedelta(seconds=1)

    held = handling.take(mail=found, by=actor(other), user=other, now=later)

    assert held.held_by == other
    back = handling.give_back(mail=held, by=actor(other), user=other, now=later)
    assert back.held_by is None


@pytest.mark.parametrize("role", [Role.APPROVER, Role.FIELD, Role.ADMINISTRATOR])
def test_who_does_not_talk_to_customers_reads_no_mail(came: Came, role: Role) -> None:
    found = came(mail())
    person = make_staff(role=role)
    with pytest.raises(Forbidden):
        taken(found, person)


def test_content_is_kept_as_long_as_it_is_needed_and_codes_stay(came: Came, maria: Customer, hanna: User) -> None:
    aside = unknown(came, hanna)
    handling.set_aside(mail=aside, why="junk", by=actor(hanna), user=hanna, now=now())
    unread = came(mail(Message_ID="<3@example.org>"))
    open_one = taken(came(signed(mail())), hanna)
    asked(open_one, maria, hanna)

    def wiped(days: int) -> int:
        return keeping.delete_content(by=system(), now=now() + timedelta(days=days))

    assert (wiped(13), wiped(15), wiped(15), wiped(89), wiped(91), wiped(400)) == (0, 1, 0, 0, 1, 0)
    aside.refresh_from_db()
    assert (aside.raw, aside.envelope, aside.findings, aside.sender_index) == (None, None, None, "")
    assert "unknown_sender" in aside.reasons
    unread.refresh_from_db()
    assert unread.state == MailState.SET_ASIDE
    open_one.refresh_from_db()
    assert open_one.raw


# --- the pages --------------------------------------------------------------------------------------------------------


def page_of(found: Mail) -> str:
    return reverse("admin:mail_order:mail", args=[found.reference])


def test_the_desk_reads_a_mail_only_after_taking_it_beside_its_evidence(came: Came, maria: Customer) -> None:
    html = "Content-Type: text/html\r\n\r\n<p>Hi <img src='http://thief.example/p.gif'> <b>there</b></p>"
    raw = signed(
        mail(**in_parts(html, attached("passport.pdf.exe")), From="Maria <maria.jansen@exmaple.org>"), "exmaple.org"
    )
    found = came(raw, ip=STRANGER)
    client = sign_in(Client(), make_staff(role=Role.SUPPORT))

    listed = client.get(reverse("admin:mail_order:mails")).content.decode()
    closed = client.get(page_of(found)).content.decode()
    assert found.reference in listed
    assert "exmaple" not in listed + closed
    assert "a slip or two away from the one on file" in closed

    client.post(page_of(found), {"do": "take"})
    shown = client.get(page_of(found)).content.decode()

    assert "maria.jansen@exmaple.org" in shown
    assert "<img" not in shown.partition('class="received"')[2].partition("</pre>")[0]
    assert "passport.pdf.exe" in shown
    assert "Maria Jansen" in shown
    assert "TXT _dmarc.exmaple.org" in shown


class Broken(Names):
    """Name servers on whose answer about one domain the analysis breaks in a way that nobody foresaw."""

    def records(self, name: str, kind: str) -> list[str]:
        if name.endswith("thief.example"):
            raise ArithmeticError(name)
        return super().records(name, kind)


def test_a_mail_on_which_the_analysis_fails_is_seen_by_the_desk_and_keeps_no_other_waiting(
    maria: Customer, hanna: User
) -> None:
    for sender, number in ((EWA, 1), (ON_FILE, 2)):
        raw = mail(From=f"Somebody <{sender}>", Message_ID=f"<{number}@any.example>")
        take(raw, Envelope(STRANGER, "mail.any.example", sender, (OUR_BOX,)))

    assert findings.analyse_received(by=system(), resolver=Broken(WORLD), now=now()) == 2
    assert findings.analyse_received(by=system(), resolver=Broken(WORLD), now=now()) == 0

    failed, other = Mail.objects.order_by("received_at")
    assert (failed.state, failed.hint, failed.reasons) == (MailState.WAITING, Hint.SUSPICIOUS, ["not_analysed"])
    assert (other.state, other.customer) == (MailState.WAITING, maria)
    client = sign_in(Client(), hanna)
    client.post(page_of(failed), {"do": "take"})
    shown = client.get(page_of(failed)).content.decode()
    assert "Our analysis failed on it" in shown
    assert "my card is lost" in shown.lower()
    case = asked(failed, maria, hanna)
    failed.refresh_from_db()
    assert (failed.case, failed.hint) == (case, Hint.SUSPICIOUS)
    assert "not_analysed" in failed.reasons


def test_the_desk_finds_the_customer_and_asks_them(came: Came, maria: Customer) -> None:
    found = came(mail(From="Ewa <ewa@thief.example>"), ip=STRANGER)
    client = sign_in(Client(), make_staff(role=Role.SUPPORT))
    client.post(page_of(found), {"do": "take"})
    assert "No customer's address fits" in client.get(page_of(found)).content.decode()

    searched = client.post(page_of(found), {"do": "search", "words": "Maria Jansen"}).content.decode()
    assert str(maria.public_id) in searched
    missing = client.post(page_of(found), {"do": "ask", "words": "Maria Jansen", "customer": str(maria.public_id)})
    assert missing.status_code == 400
    assert "Choose what the mail asks for." in missing.content.decode()

    done = client.post(
        page_of(found),
        {"do": "ask", "words": "Maria Jansen", "customer": str(maria.public_id), "asks": "card_reissue"},
    )

    case = Mail.objects.get().case
    assert case is not None
    assert done.headers["Location"] == reverse("admin:desk_case", args=[case.reference])
    assert "Look at mail" in client.get(done.headers["Location"]).content.decode()


def test_a_second_person_is_told_that_somebody_reads_it_and_nothing_else(came: Came, hanna: User) -> None:
    found = unknown(came, hanna)
    client = sign_in(Client(), make_staff(role=Role.SUPPORT))

    page = client.get(page_of(found)).content.decode()
    refused = client.post(page_of(found), {"do": "aside", "why": "junk"})

    assert "Somebody else reads this mail now." in page
    assert EWA not in page
    assert refused.status_code == 403
    assert Mail.objects.get().state == MailState.WAITING
