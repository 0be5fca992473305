"""Why a mail is believed or not, as codes, and the hint that follows from them. Their words are in `words.py`."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from backoffice.mail_orders.models import Hint


class Reason(StrEnum):
    # who vouches for it
    VOUCHED = "vouched"
    NOT_SIGNED = "not_signed"
    SIGNATURE_BROKEN = "signature_broken"
    SIGNATURE_PARTIAL = "signature_partial"
    SIGNED_BY_OTHER = "signed_by_other"
    NOT_CHECKED = "not_checked"
    NOT_ANALYSED = "not_analysed"
    SPF_FAILS = "spf_fails"
    NO_POLICY = "no_policy"
    DMARC_FAILS = "dmarc_fails"
    DMARC_FORBIDS = "dmarc_forbids"
    FORWARDED = "forwarded"
    FORWARDED_BY_TRUSTED = "forwarded_by_trusted"
    CHAIN_BROKEN = "chain_broken"
    # who it says that it is from
    ON_FILE = "on_file"
    FORMER = "former"
    UNKNOWN_SENDER = "unknown_sender"
    NOT_ON_FILE = "not_on_file"
    LIKE_LETTERS = "like_letters"
    LIKE_ENDING = "like_ending"
    LIKE_SPELLING = "like_spelling"
    LIKE_NAME = "like_name"
    MIXED_SCRIPTS = "mixed_scripts"
    IN_OUR_NAME = "in_our_name"
    NAME_IS_ADDRESS = "name_is_address"
    NAME_IS_OURS = "name_is_ours"
    REPLY_ELSEWHERE = "reply_elsewhere"
    SENT_FOR_OTHER = "sent_for_other"
    ENVELOPE_ELSEWHERE = "envelope_elsewhere"
    # what is in it
    URGENT = "urgent"
    LINK_ELSEWHERE = "link_elsewhere"
    ATTACHMENT_DANGEROUS = "attachment_dangerous"
    ATTACHMENT_DISGUISED = "attachment_disguised"
    DATE_WRONG = "date_wrong"
    NO_DATE = "no_date"
    AUTOMATIC = "automatic"


SPEAKS_FOR = frozenset({Reason.VOUCHED, Reason.ON_FILE, Reason.FORWARDED_BY_TRUSTED})
SAYS_NOTHING = frozenset(
    {Reason.NOT_SIGNED, Reason.NO_POLICY, Reason.FORWARDED, Reason.AUTOMATIC, Reason.SIGNED_BY_OTHER}
)
"""They are shown, and make no mail suspicious by themselves."""
PROVES_FORGERY = frozenset({Reason.DMARC_FORBIDS, Reason.LIKE_LETTERS, Reason.IN_OUR_NAME})
"""The domain of From asks to reject it; or its address is made to be read as another one, or is our own."""


def hint_of(reasons: Collection[Reason]) -> Hint:
    """*Forged* needs a proof, *agrees* an address on file for which its domain vouches, and nothing against it."""
    found = set(reasons)
    if found & PROVES_FORGERY:
        return Hint.FORGED
    against = found - SPEAKS_FOR - SAYS_NOTHING
    if Reason.ON_FILE in found and Reason.VOUCHED in found and not against:
        return Hint.AGREES
    return Hint.SUSPICIOUS
