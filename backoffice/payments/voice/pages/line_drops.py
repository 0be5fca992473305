"""What happens when the line drops, moment by moment: one page for who pays, and one for who ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from backoffice.payments.agents.acting import AgentRequest, for_agents
from backoffice.staff.rights import Text
from backoffice.ui.customers import CustomerRequest, for_customers


@dataclass(frozen=True)
class Moment:
    """`customer` and `agent` say the same to each of them; no moment is in it in which money could move twice."""

    title: Text
    customer: Text
    agent: Text


MOMENTS: Sequence[Moment] = (
    Moment(
        _("While the telephone rings"),
        _("Nothing is paid. If nobody answers, we ring once more. After that the order ends."),
        _("Nothing is paid. If nobody answers, we ring once more. After that the order ends."),
    ),
    Moment(
        _("While the order is read out"),
        _("Nothing is paid. We ring you once more within a minute, and read all of it out again. What you heard or"
          " agreed to before does not count."),
        _("Nothing is paid. We ring the customer once more within a minute, and all of it is read out again. What they"
          " agreed to before does not count."),
    ),
    Moment(
        _("While the card is keyed in"),
        _("Nothing is paid. What you keyed in is gone: nobody keeps it. We ring you once more, and you begin anew."),
        _("Nothing is paid. What was keyed in is gone: nobody keeps it. We ring the customer once more, and they begin"
          " anew. Do not offer to take the digits yourself."),
    ),
    Moment(
        _("While the bank is asked"),
        _("The line does not matter any more. It is paid once, or not at all. The page of the case says which, and we"
          " write to you."),
        _("The line does not matter any more. It is paid once, or not at all. The page of the order says which. Do not"
          " order it a second time meanwhile."),
    ),
    Moment(
        _("After it is paid"),
        _("It stays paid. The receipt is on your page, and comes by mail."),
        _("It stays paid. Deliver it, and say so on the page of the order."),
    ),
    Moment(
        _("If somebody hangs up"),
        _("Hanging up before you have paid ends the order, and nothing is paid. You can do so at any time."),
        _("If the customer hangs up before they have paid, the order ends and nothing is paid. If you have hung up, the"
          " page of the order says how it goes on."),
    ),
    Moment(
        _("If the line drops a second time"),
        _("The order ends, and nothing is paid. Ask the shop to order it again if you still want it."),
        _("The order ends, and nothing is paid. Order it again, once you have agreed on that with the customer."),
    ),
)  # fmt: skip


@require_safe
@for_customers
def for_customer(request: CustomerRequest) -> HttpResponse:
    moments = [(one.title, one.customer) for one in MOMENTS]
    return render(request, "voice_payment/portal/line_drops.html", {"moments": moments})


@require_safe
@for_agents
def for_agent(request: AgentRequest) -> HttpResponse:
    moments = [(one.title, one.agent) for one in MOMENTS]
    context = {"moments": moments, "agent": request.agent, "merchant": request.agent.merchant}
    return render(request, "voice_payment/console/line_drops.html", context)
