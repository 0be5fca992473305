"""What the scripts share: customers with accounts, staff, and the answering of work items."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backoffice.actors import Actor
    from backoffice.customers.models import Customer
    from backoffice.staff.models import User


class Script:
    """One process.

    `answers` has what each kind of item is answered with; a kind that is not in it is left open. Where an answer must
    be made first, a script has a method named after the kind, which is given the item.
    """

    name = ""
    answers: Mapping[str, Mapping[str, Any]] = {}

    def __init__(self, product: Any, addresses: Mapping[str, str]) -> None:
        self._product, self._addresses = product, addresses

    def make_cards(self, count: int) -> list[Any]:
        """What so many cases are about. The story asks for it by this name, whatever it is."""
        return self.make(count)

    def make(self, count: int) -> list[Any]:
        """What so many cases are about."""
        raise NotImplementedError

    def open_case(self, subject: Any) -> uuid.UUID:
        raise NotImplementedError

    def unfinished(self, cases: Sequence[uuid.UUID]) -> bool:
        return bool(self._product.unfinished(cases))

    def not_done(self, cases: Sequence[uuid.UUID]) -> int:
        return int(self._product.not_done(cases))

    def open_items(self, cases: Sequence[uuid.UUID]) -> list[Any]:
        from backoffice.cases.models import ItemState, WorkItem

        kinds = [kind for kind in self._kinds if kind in self.answers or hasattr(self, kind)]
        found = WorkItem.objects.filter(case_id__in=cases, state=ItemState.OPEN, kind__in=kinds)
        return list(found.select_related("case__customer__user", "party", "holder"))

    def answer(self, item: Any) -> None:
        """As whoever the item is for, or as somebody of its role who has no other part in the case."""
        from backoffice.cases import answering

        make = getattr(self, item.kind, None)
        data = make(item) if make else self.answers[item.kind]
        if data is not None:
            answering.answer(item_id=item.id, by=self._performer(item), data=data)

    def letters(self, cases: Sequence[uuid.UUID]) -> list[Any]:
        """What the world outside has to do for these cases now."""
        return []

    def report(self, letter: Any) -> None:
        """The world outside does it."""

    # --- for the scripts ----------------------------------------------------------------------------------------------

    @property
    def _kinds(self) -> list[str]:
        from backoffice.cases import catalogue

        return [kind.name for kind in catalogue.process(self.name).spec.kinds]

    def _open(self, customer: Customer, by: Actor, **data: str) -> uuid.UUID:
        """Through the form that every face uses."""
        from backoffice.cases import opening

        case, _new = opening.open_by_form(
            process=self.name, customer=customer, by=by, key=f"bench:{uuid.uuid4()}", data=data
        )
        return case.id

    def _performer(self, item: Any) -> Actor:
        from backoffice.cases.models import PerformerKind

        if item.performer == PerformerKind.CUSTOMER:
            return customer_actor(item.case.customer)
        if item.performer == PerformerKind.PARTY:
            return customer_actor(item.party)
        return staff_actor(item.holder or self._of_role(item.role))

    def _of_role(self, role: str) -> User:
        if role not in self._staff:
            self._staff[role] = self._make_staff(role)
        return self._staff[role]

    @cached_property
    def _staff(self) -> dict[str, User]:
        return {}

    def _make_customer(self) -> Customer:
        """A customer with an account. Nobody signs in with it, so it has no password."""
        from backoffice.staff.models import User

        number = self._product.next_number()
        account = User.objects.create(username=f"bench{number}", password="!")
        customer: Customer = self._product.make_customer(number, account=account)
        return customer

    def _make_staff(self, role: str) -> User:
        """Somebody of this role; of visitors, a certified one."""
        from django.contrib.auth.models import Group

        from backoffice.staff.models import Role, StaffProfile, User

        number, certified = self._product.next_number(), role == Role.FIELD.value
        user = User.objects.create(username=f"staff{number}", password="!", is_staff=True, last_name=f"Bench{number}")
        user.groups.add(Group.objects.get(name=role))
        until = (datetime.now(UTC) + timedelta(days=365)).date() if certified else None
        StaffProfile.objects.create(
            user=user, badge_number=f"B{number}", certified_visitor=certified, certified_until=until
        )
        return user


def customer_actor(customer: Customer, *, is_proven: bool = True) -> Actor:
    """With the proof of an authenticator for what is done now, or signed in only."""
    from backoffice.actors import Actor, ActorKind, Channel, Level

    level, proof = (Level.CONFIRMED, "totp") if is_proven else (Level.SIGNED_IN, "password")
    return Actor(kind=ActorKind.CUSTOMER, id=str(customer.public_id), channel=Channel.PORTAL, level=level, proof=proof)


def staff_actor(user: User) -> Actor:
    """At the desk, or at the door."""
    from backoffice.actors import Channel
    from backoffice.staff.models import Role
    from backoffice.staff.roles import actor_of

    place = Channel.FIELD if Role.FIELD.value in user.role_names else Channel.DESK
    return actor_of(user=user, channel=place, proof="totp")
