"""Everything that is read of a visit at one moment: every page of every face, every mail and text message."""

from __future__ import annotations

from collections.abc import Iterator

from django.test import Client
from django.urls import reverse

from backoffice.cases import timeline_view
from backoffice.cases.models import Event
from backoffice.cases.timeline_view import Reader
from backoffice.messages import composing
from backoffice.messages.models import Message
from backoffice.staff.models import Role
from backoffice.ui import headlines
from tests.factories import make_staff, sign_in
from tests.reading import words_of
from tests.visits.moments import Moment

WHY = {"why": "other", "words": "The customer calls from their door"}


def read(moment: Moment) -> dict[str, str]:
    """The words of each page and message, by the name of its face."""
    return dict([*_portal(moment), *_desk(moment), *_field(moment), *_told(moment), *_timeline(moment)])


def _portal(moment: Moment) -> Iterator[tuple[str, str]]:
    client, reference = moment.person.client, moment.case.reference
    headline = headlines.for_customer(moment.case)
    yield "headline", f"{headline.title}\n{headline.lead}"
    yield "portal door", _get(client, "portal:home_visit:door", reference)
    yield "portal visit", _get(client, "portal:case", reference)
    yield "portal case", _get(client, "portal:case", moment.parent.reference)
    for name in ("move", "cancel", "nobody"):
        yield f"portal {name}", _get(client, f"portal:home_visit:{name}", reference)


def _desk(moment: Moment) -> Iterator[tuple[str, str]]:
    client = sign_in(Client(), make_staff(role=Role.SUPERVISOR))
    client.post(reverse("admin:desk_why", args=[moment.case.customer.public_id]), WHY)
    for name, case in (("visit", moment.case), ("case", moment.parent)):
        yield f"desk {name}", _get(client, "admin:desk_case", case.reference)


def _field(moment: Moment) -> Iterator[tuple[str, str]]:
    if moment.visit.visitor is None:
        return
    client = sign_in(Client(), moment.visit.visitor)
    yield "field today", words_of(client.get(reverse("field:today")).content.decode())
    yield "field visit", _get(client, "field:home_visit:visit", moment.case.reference)


def _told(moment: Moment) -> Iterator[tuple[str, str]]:
    messages = Message.objects.filter(contact__case_id__in=[moment.case.id, moment.parent.id])
    for message in messages.select_related("contact").order_by("pk"):
        contact = message.contact
        write = composing.sms if contact.channel == "sms" else composing.mail
        words = write(
            message.template,
            customer=moment.case.customer,
            case_reference=contact.case_reference,
            check_code=contact.reference,
            context=message.context,
        )
        yield f"{contact.channel} {message.template}", f"{words.subject}\n{words.text}"


def _timeline(moment: Moment) -> Iterator[tuple[str, str]]:
    cases = [moment.case, moment.parent]
    events = list(Event.objects.filter(case__in=cases).order_by("at", "id"))
    for reader in Reader:
        lines = timeline_view.lines(events, cases, reader=reader)
        yield f"timeline for {reader.value}", "\n".join(line.sentence for line in lines)


def _get(client: Client, name: str, reference: str) -> str:
    return words_of(client.get(reverse(name, args=[reference])).content.decode())
