"""The sentences of the events of a card and its reissue."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from backoffice.cards.models import Reason
from backoffice.cases.sentences import Sentence, Text

WHY_RISKY: Mapping[str, Text] = {
    "phone": _("telephone number changed less than 30 days ago"),
    "mail": _("mail address changed less than 30 days ago"),
    "postal": _("postal address changed less than 30 days ago"),
    "contacted": _("somebody asked the customer for secrets"),
    "told_secret": _("the customer told somebody a secret"),
    "address_wrong": _("the address on file was wrong"),
    "": _("nothing speaks against it"),
    "signalled": _("fraud was signalled on it"),
    "another_case": _("another case has blocked it"),
    "gave_way": _("fraud was signalled on the card, and another case has blocked it"),
}
WORDS: Mapping[str, Mapping[str, Text]] = {
    "reason": {reason.value: reason.label for reason in Reason}
    | {"told_secret": _("the customer told somebody a secret")},
    "risk": {"low": _("low"), "high": _("high")},
    "why": WHY_RISKY,
    "system": {"issuer": _("The issuer")},
    "call": {
        "block_card": _("block the card"),
        "unblock_card": _("release the card"),
        "order_card": _("make the new card"),
        "reship_card": _("send the new card again"),
        "send_to_branch": _("send the new card to the branch"),
        "cancel_new_card": _("cancel the new card"),
        "activate_card": _("activate the new card"),
        "close_card": _("close the old card"),
    },
    "refusal": {
        "unknown_card": _("it does not know the card"),
        "card_closed": _("it has closed the card for good"),
        "address_refused": _("it cannot send a letter to this address"),
        "old_card_open": _("the old card must be closed first"),
        "idempotency_error": _("it has had another request under the same key"),
        "no_postal_address": _("the customer has no postal address"),
        "postal_address_unchecked": _("nobody has checked the parts of the postal address yet"),
        "no_branch_address": _("the address of the branch is not complete"),
        "no_new_card": _("no new card was ordered in this case"),
        "card_refused": _("it does not make this card"),
        "refused": _("it gives no reason"),
    },
    "alarm": {
        "signal_without_card": _("A fraud signal came that names no card of ours. Nothing was blocked."),
        "signal_of_unknown_card": _("A fraud signal came for a card that we do not know. Nothing was blocked."),
        "signal_too_old": _("A fraud signal came that was signed too long ago. Nothing was blocked by it."),
        "event_unreadable": _("The issuer reported something about a card that we could not read."),
        "signal_not_read": _(
            "Something came to the address of the fraud detector and was too large to be read, or did not say how "
            "large it is. Nothing was blocked. Ask the detector whether it was theirs."
        ),
        "event_not_read": _(
            "Something came to the address of the issuer and was too large to be read, or did not say how large it is. "
            "Ask the issuer whether it was theirs."
        ),
        "signal_of_closed_card": _("A fraud signal came for a card that is closed already."),
    },
}
"""The words of the codes that the events below hold."""
SENTENCES: Mapping[str, Sentence] = {
    "card.signalled": Sentence(
        _("Fraud was signalled on the card ending %(last_four)s."),
    ),
    "card.signalled_again": Sentence(_("Fraud was signalled again on the card ending %(last_four)s.")),
    "card.not_understood": Sentence(_("The signal also said something that we could not read; it waits for a person.")),
    "card.rest_shown": Sentence(
        _("Looked at what a signal said and we could not read."), _("One of us looked at your data, for a reason.")
    ),
    "card.gave_way": Sentence(
        _("Fraud was signalled on the card. Another case has blocked it, and this one gives way."),
        _("We blocked your card, so this case gives way to another one."),
    ),
    "card.stays_blocked": Sentence(
        _("The card ending %(last_four)s stays blocked: %(why)s."),
        _("Your card ending %(last_four)s stays blocked."),
    ),
    "card.blocked": Sentence(
        _("The issuer blocked the card ending %(last_four)s."),
        _("We blocked your card ending %(last_four)s."),
    ),
    "card.unblocked": Sentence(
        _("The issuer released the card ending %(last_four)s."),
        _("Your card ending %(last_four)s works again."),
    ),
    "card.closed": Sentence(
        _("The card ending %(last_four)s was closed."),
        _("Your old card ending %(last_four)s is closed for good."),
    ),
    "card.risk": Sentence(_("Risk: %(risk)s (%(why)s).")),
    "card.ordered": Sentence(_("The issuer makes a new card ending %(last_four)s."), _("Your new card is being made.")),
    "card.reshipped": Sentence(
        _("Posted again (posting %(posting)s): card ending %(last_four)s."),
        _("We send you another card."),
    ),
    "card.shipped": Sentence(_("The card ending %(last_four)s was shipped."), _("Your new card is in the post.")),
    "card.delivered": Sentence(_("The card ending %(last_four)s was delivered."), _("Your new card was delivered.")),
    "card.returned": Sentence(
        _("The letter with the card ending %(last_four)s came back."),
        _("The letter with your card came back to us."),
    ),
    "card.failure": Sentence(
        _("The letter with the card ending %(last_four)s was lost."),
        _("The letter with your card was lost."),
    ),
    "card.activated": Sentence(_("The card ending %(last_four)s was activated."), _("Your new card works.")),
    "card.cancelled": Sentence(_("The new card ending %(last_four)s was cancelled."), _("The new card was cancelled.")),
    "card.code_not_posted": Sentence(_("No code was sent by post: the postal address changed less than 30 days ago.")),
    "card.code_posted": Sentence(_("A code was sent by post."), _("We sent you a code by post.")),
}
