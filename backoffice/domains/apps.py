from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DomainsConfig(AppConfig):
    name = "backoffice.domains"
    verbose_name = _("Domains")
    read_with_cases = (
        *("domain", "domainholding", "domainorder", "registrycommand", "registrymessage", "cession", "examination"),
        *("invoice", "invoiceline", "invoicepayment", "invoiceevent", "invoiceduplicate"),
    )

    def ready(self) -> None:
        from backoffice.cases import sentences
        from backoffice.customers import bills, records
        from backoffice.domains import checks
        from backoffice.domains.invoices.bills import KIND as BILLS
        from backoffice.domains.invoices.records import KIND as INVOICES
        from backoffice.domains.records import KIND
        from backoffice.domains.sentences import SENTENCES

        records.register(KIND)
        records.register(INVOICES)
        bills.register(BILLS)
        for kind, sentence in SENTENCES.items():
            sentences.register(kind, sentence)
        checks.refuse_if_unsafe()
