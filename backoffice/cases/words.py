"""The words of the codes that timelines and work items keep, in the reader's language.

Events hold codes and values: `{"stage": "survey"}`, `{"kind": "email_survey", "outcome": "answered"}`. When they are
read, the words come from what the case's process declares. Old events hold English titles and sentences, which are
still understood. A code that no process declares any more is shown as it is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from backoffice.cases import catalogue
from backoffice.cases.catalogue import Process
from backoffice.cases.models import CaseOutcome, IncidentKind, Reached, WorkItem
from backoffice.cases.ways import Way
from backoffice.messages import catalogue as messages
from backoffice.trust.models import ContactChannel
from workflows.base.spec import ItemKind

BY: Mapping[str, str | Promise] = {
    "by_staff": gettext_lazy("asked for by one of us"),
    "by_customer": gettext_lazy("asked for by the customer"),
    "by_system": gettext_lazy("asked for by the process"),
    "by_outside": gettext_lazy("asked for by an outside system"),
    "by_notice": gettext_lazy("asked for by somebody who got our message about it"),
    "suspicion": gettext_lazy("a suspicion"),
    "number_moved": gettext_lazy("the customer's telephone number was moved to another SIM or company"),
    "in_their_name": gettext_lazy("the customer says that somebody wrote to us in their name"),
    "contact_reported": gettext_lazy("a strange contact was reported"),
    "reported_by_others": gettext_lazy("somebody who proved nothing reported a strange contact"),
    "left_paused": gettext_lazy("a strange contact was reported, and it was left paused"),
}
"""Why a case of any process was stopped or paused."""
CODES: Mapping[str, str | Promise] = {
    "stopped_by_notice": gettext_lazy("somebody stopped it with the code of a message that announced it"),
}
"""Alarms that any process can raise."""
_CODE = re.compile(r"[a-z][a-z0-9.]*([_:] ?[a-z0-9.]+)+")


def of_event(process: str, kind: str, data: Mapping[str, str]) -> dict[str, str]:
    """The values for the placeholders of an event's sentence: codes in words, other values as they are."""
    known = _process(process)
    shown = {name: of_codes(known, name, value) for name, value in data.items()}
    if "stage" in data:
        shown["stage"] = _stage(known, data["stage"])
    if "party" in data:
        shown["party"] = party_of(process, data["party"])
    if kind in ("party.joined", "party.joined_with_account"):
        way = data.get("way", Way.MAIL.value)
        shown["way"] = str(dict(Way.choices).get(way) or spoken(way))
    if "outcome" in data:
        shown["outcome"] = _outcome(known, kind, data)
    if kind == "case.opened":
        shown["why"] = shown.get("why") or shown.get("reason") or _title(known, process)
    elif kind in ("case.told", "party.told"):
        shown["about"] = messages.kind_of(data.get("template", "")).about.rstrip(".")
        shown["channels"] = ", ".join(_labels(ContactChannel, data.get("channels", "")))
    elif kind in ("case.attention", "case.attention_cleared"):
        shown["why"] = of_incident(process, data) if "incident" in data else shown.get("why", "")
    elif kind.startswith("item."):
        shown["title"] = _title_of_kind(known, data)
    return shown


def of_reason(process: str, reason: str) -> str:
    """Why a case ended or was paused: the words of a code, or the text that a person typed."""
    known = _process(process)
    if known is None or not reason:
        return reason
    ending = known.spec.why(reason)
    if ending != reason:
        return gettext(ending)
    if reason in BY:
        return str(BY[reason])
    if refused := of_refused(known, reason):
        return refused
    said = of_codes(known, "reason", reason)
    return spoken(said) if said == reason else said


_REFUSED = re.compile(r"(?:\w+\.)?(\w+): ?(\w+)")


def of_refused(process: Process | None, told: str) -> str:
    """What an outside system refused, and why, from the codes of the call and of the refusal ("order_card:
    card_closed"): "The issuer refused to make the new card: it has closed the card for good". Empty for anything else.
    A refusal for which nobody declared words is quoted, because the codes are the outside system's own."""
    found = _REFUSED.fullmatch(told)
    call = next((one for one in process.spec.calls if found and one.name == found[1]), None) if process else None
    if process is None or found is None or call is None:
        return ""
    refusals = process.words.get("refusal", {})
    return gettext("%(system)s refused to %(act)s: %(why)s") % {
        "system": process.words.get("system", {}).get(call.system) or gettext("An outside system"),
        "act": process.words.get("call", {}).get(call.name) or gettext("do “%(call)s”") % {"call": spoken(call.name)},
        "why": refusals.get(found[2]) or gettext("it says “%(code)s”") % {"code": spoken(found[2])},
    }


def spoken(code: str) -> str:
    """A code for which nobody declared words, at least without the spelling of a code: "order card: card closed". Any
    other text stays as it is."""
    if not _CODE.fullmatch(code):
        return code
    return ": ".join(part.rpartition(".")[2].replace("_", " ") for part in code.split(":"))


def of_incident(process: str, data: Mapping[str, str]) -> str:
    """What happened, from `{"incident": kind, "key": …, …}`: "an alarm was raised in the case (the customer expects
    nobody)". A code without words is left out: the row keeps it. The words may name the incident's other values,
    of which a time (ISO 8601) is shown on the reader's clock."""
    known = _process(process)
    kind = data["incident"]
    label = str(IncidentKind(kind).label) if kind in IncidentKind.values else gettext("something went wrong")
    if kind == IncidentKind.OUTSIDE_AWAY:
        return away(process, data.get("key", ""))
    told = [_explained(known, name, data.get(name, "")) for name in ("code", "reason")]
    said = ", ".join(words for words in told if words)
    if "%(" in said:
        said %= defaultdict(lambda: "…", {name: _on_the_clock(value) for name, value in data.items()})
    return f"{label} ({said})" if said else label


def _on_the_clock(value: str) -> str:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    return date_format(timezone.localtime(at), "j F Y, H:i")


def of_called(process: str, called: Mapping[str, str] | None) -> str:
    """Who was called because of an incident: "the visitor: called and reached"."""
    known, labels = _process(process), dict(Reached.choices)
    people = {"customer": gettext("the customer"), **(known.words.get("called", {}) if known else {})}
    said = [(people.get(who, ""), labels.get(reached, "")) for who, reached in (called or {}).items()]
    return ", ".join(f"{who}: {how}" for who, how in said if who and how)


def _explained(process: Process | None, name: str, value: str) -> str:
    """The words for the code that a value is, or ends with ("issuer.order_card:card_closed"); empty without any."""
    if refused := of_refused(process, value):
        return refused
    for code in (value, value.rpartition(":")[2].strip()):
        if name == "code" and code in CODES:
            return str(CODES[code])
        if process and code in process.words.get(name, {}):
            return str(process.words[name][code])
        if process and process.spec.why(code) != code:
            return gettext(process.spec.why(code)).rstrip(".")
    return ""


def of_why(item: WorkItem) -> str:
    """Why a work item was opened, from its codes. A colon separates the code of a call from how the call failed."""
    known = _process(item.case.process)
    if item.why in IncidentKind.values:
        return str(IncidentKind(item.why).label)
    if refused := of_refused(known, item.why):
        return refused
    return ": ".join(of_codes(known, "why", code.strip()) for code in item.why.split(":")) if item.why else ""


def outcome_of(item: WorkItem) -> str:
    """The outcome of an item in words; empty while it is open."""
    return _outcome(_process(item.case.process), "item.answered", {"kind": item.kind, "outcome": item.outcome})


def away(process: str, system: str) -> str:
    """A sentence that says that an outside system does not answer, without the full stop."""
    name = of_codes(_process(process), "system", system) or gettext("An outside system")
    return gettext("%(system)s does not answer just now; we try again every few seconds") % {"system": name}


def title_of(item: WorkItem) -> str:
    return _title_of_kind(_process(item.case.process), {"kind": item.kind})


def customer_title_of(process: str, data: Mapping[str, str]) -> str:
    """What the customer was asked to do, from the data of an event; empty when the data does not say."""
    kind = _kind(_process(process), data)
    return gettext(kind.customer_title) if kind and kind.customer_title else ""


def party_of(process: str, role: str) -> str:
    """The words of a party's role: "the new holder"."""
    known = _process(process)
    parties = known.spec.parties if known else ()
    return next((gettext(party.title) for party in parties if party.name == role), spoken(role))


def stage_of(process: str, data: Mapping[str, str]) -> str:
    """The code of the stage that an event names; empty when the process no longer has that stage."""
    known, told = _process(process), data.get("stage", "")
    stages = known.spec.stages if known else ()
    return next((stage.value for stage in stages if told in (stage.value, stage.staff)), "")


def of_codes(process: Process | None, name: str, value: str) -> str:
    """The process's words for a value of this name. The value may hold several codes, separated by commas. A code
    without words stays as it is."""
    words = process.words.get(name) if process else None
    if not isinstance(value, str):
        return value
    if not words:
        return spoken(value)
    codes = value.split(",")
    if all(code in words for code in codes):
        return "; ".join(str(words[code]) for code in codes)
    return "; ".join(spoken(gettext(part)) for part in value.split("; ") if part)


def _process(name: str) -> Process | None:
    return next((process for process in catalogue.all_processes() if process.name == name), None)


def _title(process: Process | None, name: str) -> str:
    return gettext(process.spec.title) if process else spoken(name)


def _stage(process: Process | None, told: str) -> str:
    stage = process.spec.stage(told) if process else None
    return gettext(stage.staff) if stage else spoken(gettext(told) if told else "")


def _kind(process: Process | None, data: Mapping[str, str]) -> ItemKind[Any, Any] | None:
    if process is None:
        return None
    bound = [*process.items, *catalogue.COMMON_ITEMS]
    told = (data.get("kind"), data.get("title"))
    return next((one.spec for one in bound if one.spec.name == told[0] or one.spec.title == told[1]), None)


def _title_of_kind(process: Process | None, data: Mapping[str, str]) -> str:
    kind = _kind(process, data)
    return gettext(kind.title) if kind else spoken(gettext(data.get("title") or data.get("kind") or "…"))


def _outcome(process: Process | None, event: str, data: Mapping[str, str]) -> str:
    told = data["outcome"]
    if not event.startswith("item."):
        return next(iter(_labels(CaseOutcome, told)), told)
    kind = _kind(process, data)
    outcomes = kind.outcomes if kind else ()
    return next((gettext(outcome.words) for outcome in outcomes if outcome.value == told), spoken(told))


def _labels(choices: type[CaseOutcome] | type[ContactChannel], told: str) -> Iterable[str]:
    codes = [code.strip() for code in told.split(",") if code.strip()]
    return [str(choices(code).label) if code in choices.values else spoken(code) for code in codes]
