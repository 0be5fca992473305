"""The people of the demonstration: who they are, and how each of them signs in."""

from __future__ import annotations

import time
from dataclasses import dataclass

from allauth.mfa.app_settings import TOTP_PERIOD
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.staff.models import Role

PASSWORD = "demonstration-only"  # noqa: S105  (it opens accounts that exist in demonstration mode only)


@dataclass(frozen=True)
class Person:
    """One of the people of the story. `role` is None for a customer, and for an agent of a merchant; `seed` is eight
    characters of Base32."""

    username: str
    given_name: str
    family_name: str
    role: Role | None
    line: str | Promise
    seed: str
    is_agent: bool = False

    @property
    def kind(self) -> str:
        """Who they are to us, in a word."""
        return str(self.role or ("merchant's agent" if self.is_agent else "customer"))

    @property
    def totp_secret(self) -> str:
        """The secret of the person's authenticator, in Base32."""
        return self.seed * 4

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def totp_code(self) -> str:
        """The six digits that the person's authenticator shows now."""
        return str(format_hotp_value(hotp_value(self.totp_secret, int(time.time()) // TOTP_PERIOD)))


PEOPLE: tuple[Person, ...] = (
    Person("maria", "Maria", "Jansen", None, _("The customer whose card is misused."), "JVAVEUSJ"),
    Person("piotr", "Piotr", "Nowak", None, _("Another customer; sees nothing of Maria's."), "KBEU6VCS"),
    Person("tulip", "Eva", "de Wit", None, _("Signs in for Tulip Trading, an organisation."), "KRKUYSKQ"),
    Person("hanna", "Hanna", "Bakker", Role.SUPPORT, _("Answers the telephone: is this ours?"), "JBAU4TSB"),
    Person("sam", "Sam", "Visser", Role.SUPERVISOR, _("Reviews visits; unfreezes; has what is late."), "KNAU2U2B"),
    Person("ada", "Ada", "Smit", Role.APPROVER, _("Approves what another person asked for."), "IFCECQKE"),
    Person("viktor", "Viktor", "Mulder", Role.FIELD, _("Visits, and shows proof at the door."), "KZEUWVCP"),
    Person("vera", "Vera", "Dekker", Role.FIELD, _("The second visitor."), "KZCVEQKW"),
    Person("carla", "Carla", "Meijer", Role.COMPLIANCE, _("Reads who opened which record."), "INAVETCB"),
    Person("otto", "Otto", "Kok", Role.ADMINISTRATOR, _("Gives accounts and roles; sees no customer."), "J5KFIT2P"),
    Person("nadia", "Nadia", "Haddad", None, _("Pays shops by the keys of her telephone."), "JZAUISKB"),
    Person("omar", "Omar", "Yilmaz", None, _("Pays by telephone, too."), "J5GUCUSZ"),
    Person(
        "fleur", "Fleur", "van Dam", None, _("Signs in for a flower shop that takes orders by telephone."), "IZGEKVKS"
    ),
    Person("robin", "Robin", "de Boer", None, _("Takes the shop's orders; hears no key."), "KJHUESKO", True),
    Person("sanne", "Sanne", "Post", None, _("Takes the shop's orders, too."), "KNAU4TSF", True),
)
BY_USERNAME = {person.username: person for person in PEOPLE}
