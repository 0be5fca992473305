from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "backoffice.payments"
    verbose_name = _("Payments")
    read_with_cases = (
        *("merchant", "suspension", "voicepayment", "merchantagent", "billpage", "billdispute", "billrefund"),
        *("paymentclaim", "claimanswer", "cardrefund", "payout"),
    )
    rights = "backoffice.payments.rights.ROWS"
    first_page = "backoffice.payments.agents.acting.first_page"
    machines = "backoffice.payments.api"
    public = "backoffice.payments.bills.pages"

    def ready(self) -> None:
        from backoffice.cases import timeline_view
        from backoffice.customers import records
        from backoffice.messages import catalogue
        from backoffice.payments.agents.finding import names_of
        from backoffice.payments.cards_on_file.notices import FORGOTTEN, KEPT
        from backoffice.payments.cards_on_file.records import KIND as CARDS_ON_FILE
        from backoffice.payments.top_up.records import KIND as TOP_UPS
        from backoffice.payments.voice import hearing
        from backoffice.payments.voice.kind import KIND
        from backoffice.payments.voice.models import CONVERSATION
        from backoffice.telephony import conversations

        timeline_view.NAMED_OUTSIDE.append(names_of)
        conversations.register(CONVERSATION, hearing.take_event)
        catalogue.register(KEPT)
        catalogue.register(FORGOTTEN)
        records.register(KIND)
        records.register(TOP_UPS)
        records.register(CARDS_ON_FILE)
