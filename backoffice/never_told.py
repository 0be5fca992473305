"""What nobody ever tells anybody: the same words on every page, in every mail, and in every answer about a call.

A payment by telephone takes digits of a card by its keys. So it would be wrong to write that we never ask for a
security code: nobody *says* one, to us or to anybody else, and it is keyed in while nobody hears it.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

NEVER_TOLD = _("Never tell anybody, not even us, your password, your PIN, or the number or CVC of a card.")
ONLY_KEYED = _(
    "In a payment call that you started or that we announced, you only key in the digits of your card, and nobody hears"
    " them."
)


def in_words() -> str:
    """Both sentences, in the language that is on."""
    return f"{NEVER_TOLD} {ONLY_KEYED}"
