"""Pages for a signed-in agent of a merchant: who they are, and that they showed a second factor.

The console and the pages of its orders are made with it. What is another merchant's is a 404.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import cast
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation

from backoffice.actors import Actor, ActorKind, Channel, Level
from backoffice.languages import offered
from backoffice.payments.agents.finding import agent_of
from backoffice.payments.agents.models import MerchantAgent
from backoffice.refusals import NotFound, Refused
from backoffice.staff.mfa import passed_mfa, proof_of_session, way_to_factor
from backoffice.staff.models import User
from backoffice.ui.customers import never_kept, to_sign_in

CONSOLE = "portal:voice_payment:orders"
"""The first page of an agent: the orders of their merchant."""


class AgentRequest(HttpRequest):
    """A request of a signed-in agent; `for_agents` makes it one."""

    user: User
    agent: MerchantAgent
    actor: Actor


View = Callable[..., HttpResponse]


def for_agents(view: View) -> View:
    """Lets only agents in who showed a second factor in this session, and shows the page in the language and the time
    zone of their merchant's company; no cache keeps it. A refusal by a rule becomes a page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated:
            return never_kept(to_sign_in(request))
        agent = agent_of(request.user)
        if agent is None:
            raise Http404
        if not passed_mfa(request):
            return never_kept(redirect(way_to_factor(request)))
        theirs = cast("AgentRequest", request)
        theirs.agent, theirs.actor = agent, actor_of_agent(agent, Channel.PORTAL, proof=proof_of_session(request))
        company = agent.merchant.company
        with translation.override(offered(company.language)), timezone.override(ZoneInfo(company.time_zone)):
            response = _answered(view, theirs, *args, **kwargs)
            response.headers["Content-Language"] = offered(company.language)
        return never_kept(response)

    return guarded


def actor_of_agent(agent: MerchantAgent, channel: Channel, *, proof: str) -> Actor:
    """Who acts in timelines: a person or a machine of the merchant, by an opaque id."""
    return Actor(kind=ActorKind.OUTSIDE, id=str(agent.public_id), channel=channel, level=Level.SIGNED_IN, proof=proof)


def first_page(user: User) -> str:
    """The address of the console for an agent; empty for everybody else."""
    return reverse(CONSOLE) if agent_of(user) is not None else ""


def _answered(view: View, request: AgentRequest, *args: object, **kwargs: object) -> HttpResponse:
    try:
        return view(request, *args, **kwargs)
    except NotFound as refused:
        raise Http404 from refused
    except Refused as refused:
        return render(request, "voice_payment/console/refused.html", {"refused": refused}, status=refused.status)
