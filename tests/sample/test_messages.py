"""The messages of the sample process: what they say, and what the desk and the check page say of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backoffice.cases.models import Case
from backoffice.messages import catalogue, composing
from backoffice.messages.models import Message
from backoffice.trust import checking
from tests.sample.playing import announce
from tests.sample.spec import LOCKER_HANDOVER
from workflows.base.spec import Notice

pytestmark = pytest.mark.django_db
UNTIL = datetime(2027, 1, 5, 16, 0, tzinfo=UTC)


def mail_of(message: Message, case: Case) -> composing.Words:
    return composing.mail(
        message.template,
        customer=case.customer,
        case_reference=case.reference,
        check_code=message.contact.reference,
        context=message.context,
    )


def test_the_announcement_says_until_when_and_how_to_stop_it(case: Case) -> None:
    contact = announce(case, until=UNTIL)

    mail = mail_of(Message.objects.get(contact=contact), case)

    assert mail.subject == f"Your locker will be handed over [{case.reference}]"
    assert "You can stop it until Tuesday 5 January, 17:00 your time." in mail.text
    assert "/portal/lockers/stop/" in mail.text


def test_the_check_page_knows_it_by_its_code(case: Case) -> None:
    contact = announce(case, until=UNTIL)

    found = checking.check(typed=contact.reference, padded=False)

    assert found.answer is checking.Answer.OURS
    assert "It says that a locker will be handed over soon" in found.says


@pytest.mark.parametrize("notice", LOCKER_HANDOVER.notices, ids=lambda notice: notice.name)
def test_every_message_has_words(case: Case, notice: Notice) -> None:
    code = catalogue.code_of(notice.name, process="locker_handover")

    words = composing.mail(
        code, customer=case.customer, case_reference=case.reference, check_code="4F7-K2M-9QX-3TR-6Y", context={}
    )

    assert words.subject
    assert "locker" in words.text
