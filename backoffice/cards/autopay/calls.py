"""The calls and effects of an autopay update, as its spec declares them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ParamSpec, TypeVar

from backoffice.actors import system
from backoffice.cards.autopay import files, holds, lines, mandates, settling
from backoffice.cards.autopay.inventory import LOOK_BACK, recurring
from backoffice.cards.autopay.models import (
    AutopayUpdate,
    LetterState,
    Line,
    LineState,
    WalletMove,
    WalletState,
)
from backoffice.cards.autopay.updater import UpdaterRefusal, UpdaterUnavailable, updater
from backoffice.cards.models import Card, CardReissue
from backoffice.cards.ports import IssuerRefusal, IssuerUnavailable, WalletStatus, WalletToken, issuer
from backoffice.cases import timeline
from backoffice.cases.catalogue import Record
from backoffice.cases.models import Case
from backoffice.cases.outside import OutsideRefused, OutsideUnavailable
from workflows.autopay_update.facts import AutopayMoved, Inventory, Waiting
from workflows.base.spec import Nothing

_OF_NEW_CARD = {WalletStatus.ACTIVE: WalletState.MOVED, WalletStatus.SUSPENDED: WalletState.SUSPENDED}
P = ParamSpec("P")
T = TypeVar("T")


def _asked(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Puts the two kinds of failure of issuer, updater and post into the engine's words."""
    try:
        return call(*args, **kwargs)
    except IssuerRefusal as refusal:
        raise OutsideRefused(refusal.code) from refusal
    except UpdaterRefusal as refusal:
        raise OutsideRefused(refusal.code) from refusal
    except (IssuerUnavailable, UpdaterUnavailable) as unavailable:
        raise OutsideUnavailable(unavailable.reason) from unavailable
    except OSError as error:
        raise OutsideUnavailable(type(error).__name__) from error


def take_inventory(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Inventory]:
    """A line for every payment that recurs on an earlier number of the card. A card that another update moves already
    is left to that one."""
    update = lines.update_of(case)
    if not update.live:
        return lambda case, now: Inventory()
    olds, since = lines.earlier(update.card), now - LOOK_BACK
    for older in AutopayUpdate.objects.filter(card__in=olds, live=True):
        settling.give_way(older, now=now)
    paid = [(old, one) for old in olds for one in _asked(issuer().payments, old.issuer_token, since)]
    found = recurring([one for _old, one in paid], now=now, stopped=_stopped(update.card))

    def record(case: Case, now: datetime) -> Inventory:
        cards = [update.card, *olds]
        for one in found:
            old = next(old for old, payment in paid if payment is one.latest)
            mandates.found_in_payments(card=old, cards=cards, found=one, by=system())
        return Inventory(lines=settling.write_lines(case, now=now))

    return record


def _stopped(card: Card) -> datetime:
    """When the number before this one could no longer be debited, or a little later: when its reissue was opened, or
    else when this card was made."""
    reissue = CardReissue.objects.filter(new_card=card).select_related("case").order_by("pk").first()
    return min(reissue.case.opened_at, card.created_at) if reissue else card.created_at


def move_wallets(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """The networks point most wallets to the new card by themselves. Those that still have an old one are suspended,
    one by one, each under its own key, so that nobody pays with a number that is no longer good."""
    update, seen = lines.update_of(case), dict[str, tuple[WalletToken, WalletState]]()
    for token in _asked(issuer().wallet_tokens, update.card.issuer_token):
        seen[token.id] = token, _OF_NEW_CARD.get(token.status, WalletState.KEPT)
    for old in lines.earlier(update.card):
        for token in _asked(issuer().wallet_tokens, old.issuer_token):
            gone = token.status == WalletStatus.DELETED
            if not gone:
                _asked(issuer().suspend_wallet_token, token.id, f"{key}:{token.id}")
            seen[token.id] = token, WalletState.KEPT if gone else WalletState.SUSPENDED

    def record(case: Case, now: datetime) -> Nothing:
        for token, state in seen.values():
            WalletMove.objects.update_or_create(
                update=update,
                token=token.id,
                defaults={"wallet": token.wallet, "device": token.device, "state": state, "at": now},
            )
        moved = sum(1 for _token, state in seen.values() if state == WalletState.MOVED)
        suspended = sum(1 for _token, state in seen.values() if state == WalletState.SUSPENDED)
        if moved or suspended:
            data = {"moved": str(moved), "suspended": str(suspended)}
            timeline.note(case, "autopay.wallets", by=system(), data=data, at=now)
        return Nothing()

    return record


def send_batch(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """The same file each time it is tried: what is ticked off meanwhile is asked about all the same. Its time is that
    of the case's opening, because a worker that takes over from a killed one knows no other for sure, and another file
    for the same batch is refused."""
    update = lines.update_of(case)
    request = request_of(update, made_at=case.opened_at)
    if request.lines:
        _asked(updater().send, update.batch, files.write_request(request))

    def record(case: Case, now: datetime) -> Nothing:
        update = lines.update_of(case)
        update.sent_at = now
        update.save(update_fields=["sent_at"])
        timeline.note(case, "autopay.sent", by=system(), data={"lines": str(len(request.lines))}, at=now)
        lines.tell_process(update)
        return Nothing()

    return record


def request_of(update: AutopayUpdate, *, made_at: datetime) -> files.Request:
    """The batch of an update as the updater gets it."""
    found = Line.objects.filter(update=update, in_batch=True).select_related(
        "mandate__biller", "mandate__card", "old_card", "update"
    )
    new, asked = update.card, []
    for line in found.order_by("position"):
        old = line.had
        number = line.mandate.biller.network_id or ""
        asked.append(
            files.AskedLine(line.public_id, old.issuer_token, new.issuer_token, old.last_four, new.last_four, number)
        )
    return files.Request(update.batch, made_at, asked)


def write_to_billers(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    update = lines.update_of(case)
    found = Line.objects.filter(update=update, state=LineState.TO_DO).select_related(
        "mandate__biller__endpoint", "mandate__card__replaces", "old_card", "update__card", "letter"
    )
    states = {line.pk: _asked(holds.write, line) for line in holds.letters(found)}

    def record(case: Case, now: datetime) -> Nothing:
        for line in Line.objects.filter(pk__in=states):
            line.letter_state = states[line.pk]
            if line.letter_state == LetterState.REFUSED:
                line.hold_until = None
            line.save(update_fields=["letter_state", "hold_until"])
        sent = sum(1 for state in states.values() if state == LetterState.SENT)
        data = {"sent": str(sent), "refused": str(len(states) - sent)}
        if states:
            timeline.note(case, "autopay.written", by=system(), data=data, at=now)
        return Nothing()

    return record


def settle_answers(*, case: Case, args: Nothing, now: datetime) -> Waiting:
    return settling.settle_answers(case, by=system(), now=now)


def renew_holds(*, case: Case, args: Nothing, now: datetime) -> Waiting:
    return settling.renew_holds(case, by=system(), now=now)


def lift_holds(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    settling.lift_holds(case, by=system(), now=now)
    return Nothing()


def sum_up(*, case: Case, args: Nothing, now: datetime) -> AutopayMoved:
    return settling.sum_up(case, by=system(), now=now)
