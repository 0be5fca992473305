"""A company that becomes a merchant, and stops being one at once: otherwise its case would never end."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from benchmarks.processes.script import Script, customer_actor

if TYPE_CHECKING:
    from backoffice.cases.models import Case
    from backoffice.customers.models import Customer

_LETTERS = "abdefghkmpqrstuvwxyz"
_YES = dict.fromkeys(("name", "number", "active", "fresh", "entitled", "trade_fits"), "yes")


class MerchantAdmission(Script):
    """To its end by the company, which is how it ends as it should here."""

    name = "merchant_admission"
    answers = {
        "check_register": {**_YES, "outcome": "fits"},
        "decide_admission": {
            "outcome": "approved", "reason": "A shop", "per_payment": "100", "per_day": "1000", "per_month": "9000",
        },
    }  # fmt: skip

    def make(self, count: int) -> list[Customer]:
        return [self._company() for _ in range(count)]

    def open_case(self, subject: Customer) -> uuid.UUID:
        return self._open(
            subject, customer_actor(subject), trade="5992", trading_name=_named(self._product.next_number()),
            currency="EUR", highest_amount="100", monthly_volume="9000", iban="NL91 ABNA 0417 1643 00",
        )  # fmt: skip

    def send_papers(self, item: Any) -> dict[str, str]:
        """With an extract beside it, as adding it on its page leaves it."""
        from backoffice.documents import storing
        from backoffice.documents.models import Origin
        from backoffice.payments.merchants.papers import EXTRACT

        what = storing.What(
            purpose=EXTRACT, origin=Origin.UPLOADED, case=item.case, item=item, customer=item.case.customer
        )
        storing.keep(
            what, b"%PDF-1.7", media_type="application/pdf", pages=1, by=customer_actor(item.case.customer),
            now=datetime.now(UTC),
        )  # fmt: skip
        return {"agrees": "on"}

    def letters(self, cases: Sequence[uuid.UUID]) -> list[Any]:
        """The companies that were admitted."""
        from backoffice.cases.models import Case, CaseState

        admitted = Case.objects.filter(id__in=cases, state=CaseState.OPEN, stage="admitted")
        return list(admitted.select_related("customer"))

    def report(self, letter: Case) -> None:
        """The company stops it."""
        from backoffice.cases import withdrawing

        withdrawing.withdraw(case_id=letter.id, by=customer_actor(letter.customer))

    def not_done(self, cases: Sequence[uuid.UUID]) -> int:
        from backoffice.payments.merchants.models import Merchant, MerchantState

        return len(cases) - Merchant.objects.filter(case__in=cases, state=MerchantState.ENDED).count()

    def _company(self) -> Customer:
        from backoffice.customers import national_ids
        from backoffice.customers.models import CustomerKind

        company = self._make_customer()
        company.kind, company.organisation_name = CustomerKind.ORGANISATION, f"Bench {company.pk} B.V."
        company.save(update_fields=["kind", "organisation_name"])
        national_ids.add(customer=company, kind="KVK", number=f"{10_000_000 + company.pk}")
        return company


def _named(number: int) -> str:
    """A name in letters, which sounds like that of no other number."""
    letters = ""
    while number:
        number, place = divmod(number, len(_LETTERS))
        letters += _LETTERS[place]
    return f"Bloemen {letters}"
