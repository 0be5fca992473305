"""Keeps a customer's card at the payment provider, and forgets it. We learn its brand, its last four digits and when it
expires; the number itself never comes here."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.customers.models import Customer
from backoffice.payments.cards_on_file import history
from backoffice.payments.cards_on_file.models import CardEventKind, CardOnFile, ProviderCustomer
from backoffice.payments.cards_on_file.rights import KEEP_CARDS
from backoffice.payments.provider.ports import (
    Card,
    Decline,
    PaymentProvider,
    ProviderFailed,
    ProviderRefused,
    provider,
)
from backoffice.refusals import Conflict, NotFound, Refused
from backoffice.sealed import keyed_hash
from backoffice.staff.rights import needs


class CardNotTaken(Refused):
    """The issuer declines the card, or the provider does not know it; `code` says which."""

    status = 400


class ProviderAway(Refused):
    """The payment provider does not answer. Nothing has changed here; the same can be asked again."""

    status = 503


@needs(KEEP_CARDS)
def keep(*, customer: Customer, token: str, by: Actor, now: datetime) -> CardOnFile:
    """Keeps the card that `token`, the provider's name for what was just keyed in, stands for. A card with the same
    number takes the place of the one before, unless that is being charged: then it stays. Asks the provider, so it must
    not be called inside a transaction.

    Raises `NotFound` for another customer's actor, `CardNotTaken`, and `ProviderAway`; then nothing is kept.
    """
    _check_own(customer, by)
    asked = _provider()
    theirs = _customer_there(asked, customer, now)
    try:
        saved = asked.save_card(token, customer=theirs, key=f"{token}:keep")
    except ProviderRefused as refused:
        raise CardNotTaken(refused.because.value, _("This card was not taken.")) from None
    except ProviderFailed:
        raise _away() from None
    if isinstance(saved, Decline):
        raise CardNotTaken(saved.value, _("This card was not taken."))
    before = _same_number(customer, saved)
    if before is not None and (before.reference == saved.reference or _is_being_charged(before)):
        return before
    if before is not None:
        _forget_there(asked, before)
    return _write(customer, theirs, saved, by, now)


@needs(KEEP_CARDS)
def forget(*, card: CardOnFile, by: Actor, now: datetime) -> CardOnFile:
    """From now on nobody can pay with it. Forgotten twice is forgotten once. Asks the provider, so it must not be
    called inside a transaction.

    Raises `NotFound` for another customer's card, `Conflict` while a payment with it is under way, and `ProviderAway`;
    then the card stays.
    """
    _check_own(card.customer, by)
    if card.forgotten_at is not None:
        return card
    if _is_being_charged(card):
        raise Conflict("under_way", _("A payment with this card is under way. Try again in a minute."))
    _forget_there(_provider(), card)
    with transaction.atomic():
        locked = CardOnFile.objects.select_for_update().get(pk=card.pk)
        if _forget(locked, now):
            history.note(locked, CardEventKind.FORGOTTEN, by=by, now=now)
    return locked


def fingerprint_of(card: Card) -> str:
    """A keyed hash of the provider's fingerprint: whoever has our database cannot ask the provider about it."""
    return keyed_hash("payment card", card.fingerprint)


def _same_number(customer: Customer, saved: Card) -> CardOnFile | None:
    return CardOnFile.objects.filter(customer=customer, fingerprint=fingerprint_of(saved), forgotten_at=None).first()


def _forget_there(asked: PaymentProvider, card: CardOnFile) -> None:
    try:
        asked.forget_card(card.reference, key=f"{card.public_id}:forget")
    except ProviderFailed:
        raise _away() from None


def _write(customer: Customer, theirs: str, saved: Card, by: Actor, now: datetime) -> CardOnFile:
    with transaction.atomic():
        Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        if (before := _same_number(customer, saved)) is not None and _forget(before, now):
            history.note(before, CardEventKind.REPLACED, by=by, now=now)
        card = CardOnFile.objects.create(
            customer=customer,
            reference=saved.reference,
            provider_customer=theirs,
            fingerprint=fingerprint_of(saved),
            brand=saved.brand[:20],
            last_four=saved.last_four,
            expiry_month=saved.expiry_month,
            expiry_year=saved.expiry_year,
            kept_at=now,
        )
        history.note(card, CardEventKind.KEPT, by=by, now=now)
        return card


def _forget(card: CardOnFile, now: datetime) -> bool:
    """Whether it was not forgotten before."""
    if card.forgotten_at is not None:
        return False
    card.forgotten_at, card.reference, card.provider_customer = now, "", ""
    card.save(update_fields=["forgotten_at", "reference", "provider_customer"])
    return True


def _customer_there(asked: PaymentProvider, customer: Customer, now: datetime) -> str:
    """Made once: of two at the same time, the first to be written counts."""
    known = ProviderCustomer.objects.filter(customer=customer).first()
    if known is None:
        try:
            made = asked.new_customer(key=f"customer:{customer.public_id}")
        except ProviderFailed:
            raise _away() from None
        known, _new = ProviderCustomer.objects.get_or_create(
            customer=customer, defaults={"reference": made, "made_at": now}
        )
    return str(known.reference)


def _is_being_charged(card: CardOnFile) -> bool:
    """By a case that is still open."""
    of_top_ups = card.top_ups.filter(case__closed_at=None, captured_at=None)
    return of_top_ups.exists() or card.payments.filter(case__closed_at=None, captured_at=None).exists()


def _check_own(customer: Customer, by: Actor) -> None:
    if by.id != str(customer.public_id):
        raise NotFound("unknown_card", _("There is no such card of yours."))


def _provider() -> PaymentProvider:
    asked = provider()
    if asked is None:
        raise Conflict("no_payments", _("We take no payments by card."))
    return asked


def _away() -> ProviderAway:
    sentence = _("The bank that takes our payments does not answer. Nothing has changed. Try again in a minute.")
    return ProviderAway("provider_away", sentence)
