"""The effects of a cession on our records, and its calls of the registry, as its spec declares them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils import timezone

from backoffice.actors import system
from backoffice.cases import parties, timeline
from backoffice.cases.catalogue import Record
from backoffice.cases.models import Case
from backoffice.cases.outside import OutsideRefused
from backoffice.cases.ways import Way
from backoffice.customers import contact_points, representatives
from backoffice.customers.models import Act, Customer, CustomerKind
from backoffice.domains import holding, statuses, terms
from backoffice.domains.asking import asked
from backoffice.domains.cession import papers
from backoffice.domains.cession.models import Cession, Route
from backoffice.domains.cession.new_holder import is_named, restored
from backoffice.domains.models import Domain, DomainState
from backoffice.domains.ports import Contacts, Status, registry
from workflows.base.spec import Nothing
from workflows.domain_cession.facts import Cautions, Handle
from workflows.domain_cession.spec import NEW_HOLDER

LOCKS = frozenset({Status.CLIENT_TRANSFER, Status.CLIENT_UPDATE, Status.CLIENT_DELETE})


def lock_edits(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    holding.lock_edits(domain=Cession.of(case).domain, by=system(), case=case, now=now)
    return Nothing()


def unlock_edits(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    holding.unlock_edits(domain=Cession.of(case).domain, by=system(), case=case, now=now)
    return Nothing()


def weigh(*, case: Case, args: Nothing, now: datetime) -> Cautions:
    """Whether another person must look at it: `cautions_of` says why."""
    found = cautions_of(case, now=now)
    data = {"cautions": ",".join(found) or "none"}
    timeline.note(case, "cession.weighed", by=system(), data=data, at=now)
    return Cautions(needs_approval=bool(found))


def cautions_of(case: Case, *, now: datetime) -> list[str]:
    """The codes of what asks for care: an address of the holder that changed within thirty days, the value mark, an
    account of another name than the new holder's; for a signed PDF a company of which no fresh extract says who signs;
    and on the electronic way a new holder who was not a customer before, or whom we never wrote to: the holder gave
    them the code, and might be both. On paper, the checkers look at the extract."""
    cession = Cession.of(case)
    party = parties.of_case(case)[NEW_HOLDER.name]
    found = ["address_changed"] if contact_points.changed_within(customer=case.customer, now=now) else []
    found += ["high_value"] if cession.domain.is_high_value else []
    found += [] if is_named(restored(cession.new_holder), party.customer) else ["other_name"]
    if cession.route == Route.SIGNED_PDF:
        signs = (case.customer, party.customer)
        return found if all(_is_known_who_signs(one, now) for one in signs) else [*found, "old_extract"]
    if cession.route != Route.ELECTRONIC:
        return found
    found += ["new_customer"] if party.customer.created_at >= case.opened_at else []
    return [*found, "handed_over"] if party.way == Way.HAND else found


def _is_known_who_signs(customer: Customer, now: datetime) -> bool:
    """For a company only by an extract of the last three months, for each of the people in it."""
    if customer.kind != CustomerKind.ORGANISATION:
        return True
    known = representatives.who_may(customer, Act.DOMAINS)
    return bool(known) and all(representatives.is_fresh(one.extract_of, now.date()) for one in known)


def lock_domain(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """Also keeps whom the registry names as holder and contacts, so that it can be given back to them."""
    domain = Cession.of(case).domain
    port = registry(domain.registry)
    seen = asked(port.look, domain.name)
    added = asked(port.prohibit, domain.name, LOCKS, key)

    def write(case: Case, now: datetime) -> Nothing:
        cession = Cession.of(case)
        cession.statuses_set, cession.old_handle = sorted(status.value for status in added), seen.registrant
        cession.old_contacts = [list(pair) for pair in seen.contacts]
        cession.save(update_fields=["statuses_set", "old_handle", "old_contacts"])
        _seen(cession.domain, added=added)
        timeline.note(case, "domain.locked_at_registry", by=system(), at=now)
        return Nothing()

    return write


def unlock_domain(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """Takes away only what this case has set, so that a lock of the holder's own stays. A change of the holder that was
    given up may have been made all the same, its answer lost: then the domain goes back to its holder. One that has
    left us is no longer ours to change."""
    cession = Cession.of(case)
    mine, domain = _mine(cession), cession.domain
    is_ours = domain.state != DomainState.GONE
    back = is_ours and _is_changed(cession)
    if back:
        port = registry(domain.registry)
        contacts = _contacts_before(cession)
        asked(port.change_registrant, domain.name, cession.old_handle, f"{key}:back", contacts=contacts)
    if mine and is_ours:
        asked(registry(domain.registry).permit, domain.name, mine, key)

    def write(case: Case, now: datetime) -> Nothing:
        cession = Cession.of(case)
        cession.statuses_set = []
        cession.save(update_fields=["statuses_set"])
        _seen(cession.domain, removed=mine)
        if back:
            timeline.note(case, "cession.given_back", by=system(), at=now)
        timeline.note(case, "domain.unlocked_at_registry", by=system(), at=now)
        return Nothing()

    return write


def _is_changed(cession: Cession) -> bool:
    """Whether the registry has written the new holder, and our record has not."""
    if not cession.handle or cession.executed_at is not None:
        return False
    seen = asked(registry(cession.domain.registry).look, cession.domain.name)
    return seen.registrant == cession.handle


def make_contact(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Handle]:
    """The registry's record of the new holder. A holder whose address nobody gave is no holder."""
    cession = Cession.of(case)
    new = restored(cession.new_holder)
    if not new.is_complete:
        raise OutsideRefused("no_address")
    handle = asked(registry(cession.domain.registry).make_contact, new.card(), key)

    def write(case: Case, now: datetime) -> Handle:
        cession = Cession.of(case)
        cession.handle = handle
        cession.save(update_fields=["handle"])
        timeline.note(case, "cession.contact_made", by=system(), at=now)
        return Handle(handle=handle)

    return write


def change_holder(*, case: Case, args: Handle, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """Changes the holder at the registry, then here. What has come up about the domain meanwhile is looked at once
    more, unless the registry has made the change and only its answer was lost; a person then decides."""
    cession = Cession.of(case)
    if cession.executed_at is None:
        refusal = holding.why_not_changeable(cession.domain, now, case=case)
        if refusal and not _is_changed(cession):
            raise OutsideRefused(refusal.code)
    lock = {Status.CLIENT_TRANSFER} if cession.needs_lock else set()
    after = asked(
        registry(cession.domain.registry).change_registrant,
        cession.domain.name,
        args.handle,
        key,
        contacts=contacts_after(cession, args.handle),
        permit=_mine(cession) - lock,
        prohibit=lock,
    )

    def write(case: Case, now: datetime) -> Nothing:
        cession = Cession.of(case)
        party = parties.of_case(case)[NEW_HOLDER.name].customer
        holding.change_holder(
            domain=cession.domain, customer=party, handle=args.handle, by=system(), case=case, now=now
        )
        cession.executed_at, cession.statuses_set = now, []
        cession.save(update_fields=["executed_at", "statuses_set"])
        Domain.objects.filter(pk=cession.domain_id).update(
            transfer_lock_until=terms.lock_after(cession.domain, asked_at=case.opened_at, executed_at=now),
            lock_opt_out_at=None,
            contacts=[list(pair) for pair in after.contacts],
            statuses=sorted(after.statuses),
            locks=statuses.locks_of(after.statuses),
        )
        holding.unlock_edits(domain=cession.domain, by=system(), case=case, now=now)
        return Nothing()

    return write


def release_transfers(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """After the lock that the registry demands, the domain can go to another registrar again."""
    domain = Cession.of(case).domain
    asked(registry(domain.registry).permit, domain.name, {Status.CLIENT_TRANSFER}, key)

    def write(case: Case, now: datetime) -> Nothing:
        _seen(Cession.of(case).domain, removed={Status.CLIENT_TRANSFER})
        timeline.note(case, "domain.unlocked_at_registry", by=system(), at=now)
        return Nothing()

    return write


def contacts_after(cession: Cession, handle: str) -> Contacts | None:
    """The contacts that go with a new holder of this handle: the new holder is the admin contact where the registry has
    one, and stands wherever the old holder stood; the others, which are ours, stay. None where nobody has looked."""
    before = _contacts_before(cession)
    if before is None:
        return None
    theirs = [kind == "admin" or old == cession.old_handle for kind, old in before]
    return sorted({(kind, handle if goes else old) for (kind, old), goes in zip(before, theirs, strict=True)})


def _contacts_before(cession: Cession) -> Contacts | None:
    return None if cession.old_contacts is None else [(kind, handle) for kind, handle in cession.old_contacts]


def _mine(cession: Cession) -> set[Status]:
    return {Status(status) for status in cession.statuses_set}


def _seen(domain: Domain, *, added: Collection[str] = (), removed: Collection[str] = ()) -> None:
    """Keeps what the registry has now; a domain that it was never asked about stays so."""
    known = Domain.objects.select_for_update().get(pk=domain.pk)
    known.statuses = sorted((set(known.statuses) | set(added)) - set(removed))
    known.locks = statuses.locks_of(known.statuses)
    known.save(update_fields=["statuses", "locks"])


def settle(case: Case) -> None:
    """A closed case holds no domain, however it ended, and keeps its papers only for as long as they may be needed."""
    at = case.closed_at or timezone.now()
    holding.unlock_edits(domain=Cession.of(case).domain, by=system(), case=case, now=at)
    papers.keep_until(case, closed_at=at)
