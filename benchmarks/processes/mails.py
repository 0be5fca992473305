"""An order by mail: it comes by SMTP, is analysed, the desk asks the customer, and it was the customer's."""

from __future__ import annotations

import smtplib
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING, Any

from benchmarks.processes.script import Script, staff_actor

if TYPE_CHECKING:
    from backoffice.customers.models import Customer

PATIENCE, PAUSE = 60.0, 0.05


@dataclass(frozen=True)
class Writing:
    customer: Customer
    address: str


class MailOrder(Script):
    name = "mail_order"
    answers = {"say_whose": {"decision": "mine"}}

    def make(self, count: int) -> list[Writing]:
        from backoffice.customers import contact_points
        from backoffice.customers.models import ContactKind

        customers = [self._make_customer() for _ in range(count)]
        points = [contact_points.current(customer=one, kind=ContactKind.MAIL) for one in customers]
        return [Writing(one, point.value) for one, point in zip(customers, points, strict=True) if point]

    def open_case(self, subject: Writing) -> uuid.UUID:
        """Somebody of the desk takes the mail once it is analysed."""
        from backoffice.mail_orders import handling
        from backoffice.staff.models import Role

        mail, user = self._received(self._send(subject)), self._of_role(Role.SUPPORT.value)
        handling.take(mail=mail, by=staff_actor(user), user=user, now=datetime.now(UTC))
        asks = "domain_transfer_out"
        return self._open(subject.customer, staff_actor(user), mail=mail.reference, asks=asks)

    def _send(self, subject: Writing) -> datetime:
        from django.conf import settings

        message = EmailMessage()
        message["From"] = f"{subject.customer.name} <{subject.address}>"
        message["To"] = settings.MAIL_INTAKE_ADDRESSES[0]
        message["Subject"] = "My domain"
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain="example.org")
        message.set_content("Dear team,\n\nI want to move my domain to another registrar.\n")
        began = datetime.now(UTC)
        with smtplib.SMTP("127.0.0.1", int(self._addresses["MAIL_INTAKE_PORT"]), timeout=30) as server:
            server.send_message(message, from_addr=subject.address)
        return began

    def _received(self, since: datetime) -> Any:
        from backoffice.mail_orders.models import Mail, MailState

        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = Mail.objects.filter(received_at__gte=since, state=MailState.WAITING).first()
            if found is not None:
                return found
            time.sleep(PAUSE)
        raise TimeoutError(f"a mail was not analysed within {PATIENCE:.0f} s")
