"""What a result code means for us (RFC 5730, section 3), and the sentence of a refusal."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.domains.ports import RegistryRefusal

PENDING = 1001
EMPTY, MESSAGE = 1300, 1301
USE_ERROR = 2002
NOT_PENDING, EXISTS, UNKNOWN, NOT_OURS = 2301, 2302, 2303, 2201
ENDS_SESSION = frozenset({1500, 2500, 2501, 2502})

_SENTENCES = {
    2104: _("The registry does it only for money that our account does not hold."),
    2105: _("The registry does not renew this domain now."),
    2106: _("The registry does not transfer this domain now."),
    2201: _("Another registrar looks after this at the registry, not we."),
    2202: _("The registry does not accept this transfer code."),
    2300: _("A transfer of this domain is under way."),
    2301: _("No transfer of this domain is under way any more."),
    2302: _("The registry has this already."),
    2303: _("The registry does not know this."),
    2304: _("The registry does not do this in the domain's present state."),
    2305: _("The registry does not do this while other things depend on it."),
    2306: _("The registry's rules do not allow this value."),
    2308: _("The registry's rules do not allow this."),
}
_ANY_OTHER = _("The registry refuses this.")
_TEXT = _("The registry does not take these characters.")


def is_final(code: int) -> bool:
    """Whether the registry did it, or refused for good; after any other code nothing is known for certain."""
    return 1000 <= code < 2400 and code != USE_ERROR


def refusal(code: int) -> RegistryRefusal:
    """The exception of a code that refuses for good."""
    return RegistryRefusal(f"epp_{code}", str(_SENTENCES.get(code, _ANY_OTHER)))


def refusal_of_text() -> RegistryRefusal:
    """For what cannot be sent at all: 2005 is EPP's code of a wrong value."""
    return RegistryRefusal("epp_2005", str(_TEXT))
