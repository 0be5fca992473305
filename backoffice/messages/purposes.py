"""What each message is about and what it asks: for the desk, the public check page and "who contacted me".

The sentences fit whoever reads them, and hold no name, number or amount. A template that is not here cannot be sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise
SIGN_IN = _("It asks to sign in as always and to look at the case.")
NOTHING = _("It asks for nothing.")


@dataclass(frozen=True)
class Purpose:
    """`about` says what the message tells, `asks` what its reader should do."""

    template: str
    about: Words
    asks: Words = SIGN_IN


_ALL = (
    Purpose(
        "card_blocked",
        _("It says that we blocked a card."),
        _("It asks to sign in as always and to tell us which payments were genuine."),
    ),
    Purpose("card_reissue_opened", _("It says that we are replacing a card.")),
    Purpose(
        "prove_reminder",
        _("It reminds that a case waits for its customer."),
        _("It asks to sign in as always and to confirm, in the case, who is there."),
    ),
    Purpose(
        "survey_reminder",
        _("It reminds of the questions about the blocked card."),
        _("It asks to sign in as always and to answer the questions there, never by reply."),
    ),
    Purpose("item_reminder", _("It reminds of a step that a case waits for.")),
    Purpose(
        "visit_propose",
        _("It says that we would like to visit, to check who asks for the new card."),
        _("It asks to sign in as always and to choose a time, or another way."),
    ),
    Purpose(
        "visit_confirmed",
        _("It confirms the time of a visit."),
        _("It asks to sign in during the visit, where the visitor's name and photo are shown."),
    ),
    Purpose(
        "visit_day_before",
        _("It reminds of a visit on the next day."),
        _("It asks to sign in during the visit, where the visitor's name and photo are shown."),
    ),
    Purpose(
        "visit_missed_by_us",
        _("It says that we missed a visit, and that we are sorry."),
        _("It asks to sign in as always and to choose a new time."),
    ),
    Purpose("visit_called_off", _("It says that a visit is called off and that nobody comes."), NOTHING),
    Purpose(
        "visit_nobody_home",
        _("It says that our visitor found nobody at home."),
        _("It asks to sign in as always and to choose a new time, or another way."),
    ),
    Purpose(
        "alternative_offered",
        _("It says that there is another way than a visit."),
        _("It asks to sign in as always and to choose one."),
    ),
    Purpose(
        "post_code",
        _("It is a letter with a code for one case."),
        _("It asks to sign in as always and to type the code there, and to tell it to nobody."),
    ),
    Purpose("card_ordered", _("It says that a new card was ordered."), NOTHING),
    Purpose("card_shipped", _("It says that a new card is in the post."), NOTHING),
    Purpose(
        "card_delivered_activate",
        _("It says that a new card was delivered."),
        _("It asks to sign in as always and to activate the card there."),
    ),
    Purpose(
        "card_returned",
        _("It says that the letter with a new card came back to us."),
        _("It asks to sign in as always and to look whether the postal address is right."),
    ),
    Purpose(
        "card_at_branch",
        _("It says that a new card waits at a branch of ours."),
        _("It asks to come with an identity document."),
    ),
    Purpose("card_lost", _("It says that a new card was lost in the post.")),
    Purpose(
        "activation_reminder",
        _("It reminds that a new card waits to be activated."),
        _("It asks to sign in as always and to activate the card there."),
    ),
    Purpose("activation_expired", _("It says that a new card was cancelled, for it was not activated in time.")),
    Purpose("card_active", _("It says that a new card is active."), NOTHING),
    Purpose("case_withdrawn", _("It says that a case was stopped."), NOTHING),
    Purpose("case_expired", _("It says that a case ended, for its time ran out.")),
    Purpose("case_rejected", _("It says that we cannot do what was asked in a case.")),
    Purpose(
        "case_frozen",
        _("It says that a case is on hold while we check something."),
        _("It asks to ring the number on the card if somebody else contacts about this case."),
    ),
    Purpose("case_unfrozen", _("It says that a case goes on.")),
    Purpose("case_done", _("It says that a case is finished, and sums it up."), NOTHING),
    Purpose(
        "address_changed_notice",
        _("It says that an address or a telephone number was changed."),
        _("It asks to ring the number on the card if the customer did not change it."),
    ),
    Purpose(
        "authenticator_added",
        _("It says that a new authenticator app or passkey was set up."),
        _("It asks to ring the number on the card if the customer did not set it up."),
    ),
)
PURPOSES: Mapping[str, Purpose] = MappingProxyType({purpose.template: purpose for purpose in _ALL})
OTHER = Purpose("", _("It is about a case with us."), SIGN_IN)


def purpose_of(template: str) -> Purpose:
    """The purpose of a contact; a call or a visit without a template of its own has the general one."""
    return PURPOSES.get(template, OTHER)
