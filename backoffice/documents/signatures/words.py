"""Each code of a verdict in plain words, so that a page can show the file signature by signature."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .verdict import Addition, Code, Reason, Revocation, SignatureSeen

_SENTENCES: dict[Code, str | Promise] = {
    Code.TOO_LARGE: gettext_lazy("The file is too large for a signed form."),
    Code.TOO_COMPLEX: gettext_lazy("The file holds far more than a signed form, so it was not examined to the end."),
    Code.UNREADABLE: gettext_lazy("The file cannot be read as a PDF. It may be damaged."),
    Code.ENCRYPTED: gettext_lazy("The file is protected with a password. Save it without one before you sign."),
    Code.NOT_OUR_FORM: gettext_lazy(
        "This is not the form of this case, or your program saved it anew. Sign the file that you downloaded here."
    ),
    Code.NO_SIGNATURE: gettext_lazy("The file holds no signature."),
    Code.EMPTY_SIGNATURE: gettext_lazy("The signature in the field “%(name)s” is empty."),
    Code.DAMAGED_SIGNATURE: gettext_lazy("The signature in the field “%(name)s” is damaged or incomplete."),
    Code.HIDDEN_SIGNATURE: gettext_lazy("The file holds a signature that no field shows."),
    Code.RANGE_BROKEN: gettext_lazy("The signature in the field “%(name)s” does not cover the document as a whole."),
    Code.ALTERED: gettext_lazy("The document was altered after %(name)s signed."),
    Code.FORGED: gettext_lazy("The signature of %(name)s was not made with the key of that certificate."),
    Code.WEAK_DIGEST: gettext_lazy("The signature “%(name)s”, or its certificate, uses a method that can be forged."),
    Code.WEAK_KEY: gettext_lazy("The key of %(name)s is too short to be safe."),
    Code.CERTIFIED_LATE: gettext_lazy("%(name)s certified the document after somebody had signed it."),
    Code.CERTIFIED_OPEN: gettext_lazy("%(name)s signed so that others may still add notes. Sign without that."),
    Code.CERTIFIED_CLOSED: gettext_lazy("%(after)s allowed no further signature, and one was added."),
    Code.SELF_SIGNED: gettext_lazy("%(name)s made the certificate without an authority, so it proves nothing."),
    Code.UNTRUSTED: gettext_lazy("The certificate of %(name)s is from an authority that we do not trust."),
    Code.EXPIRED: gettext_lazy("The certificate of %(name)s had expired."),
    Code.NOT_YET_VALID: gettext_lazy("The certificate of %(name)s was not valid yet."),
    Code.REVOKED: gettext_lazy("The certificate of %(name)s had been revoked."),
    Code.REVOCATION_UNKNOWN: gettext_lazy(
        "Nothing proves that the certificate of %(name)s had not been revoked. Sign with long-term validation data."
    ),
    Code.WRONG_KEY_USAGE: gettext_lazy("The certificate of %(name)s is not for signing documents."),
    Code.TIME_STAMP: gettext_lazy("The time stamp in the field “%(name)s” is not one that we trust."),
    Code.CLAIMED_TIME: gettext_lazy("%(name)s signed with a clock that was ahead of the time."),
    Code.NOT_A_PARTY: gettext_lazy("%(name)s signed, and is not a party to this case."),
    Code.NAME_DIFFERS: gettext_lazy("The number in the certificate of %(after)s is that of %(name)s, the name is not."),
    Code.NUMBER_DIFFERS: gettext_lazy("The name in the certificate of %(after)s fits %(name)s, the number does not."),
    Code.NUMBER_MISSING: gettext_lazy(
        "The name in the certificate of %(after)s fits %(name)s, but no number in it proves who they are."
    ),
    Code.OTHER_COMPANY: gettext_lazy("%(after)s signed for another company than %(name)s."),
    Code.SIGNED_TWICE: gettext_lazy("%(name)s signed more than once."),
    Code.MISSING_PARTY: gettext_lazy("%(name)s has not signed."),
    Code.MISSING_SECOND: gettext_lazy(
        "Two people sign for %(name)s together: %(after)s signed, the signature of %(others)s is still missing."
    ),
}
_AFTER_SIGNING: dict[Code, str | Promise] = {
    Code.LENGTHENED: gettext_lazy("The file was lengthened after %(after)s signed."),
    Code.PAGE_CHANGED: gettext_lazy("Page %(page)s was changed after %(after)s signed."),
    Code.PAGE_ADDED: gettext_lazy("Page %(page)s was added after %(after)s signed."),
    Code.PAGE_REMOVED: gettext_lazy("Page %(page)s was removed after %(after)s signed."),
    Code.ANNOTATION_ADDED: gettext_lazy("Something was put on page %(page)s after %(after)s signed."),
    Code.ANNOTATION_CHANGED: gettext_lazy("A note on page %(page)s was changed after %(after)s signed."),
    Code.FIELD_ADDED: gettext_lazy("The form field “%(name)s” was added after %(after)s signed."),
    Code.FIELD_CHANGED: gettext_lazy("The form field “%(name)s” was changed after %(after)s signed."),
    Code.VISIBLE_SIGNATURE: gettext_lazy(
        "A picture of a signature, “%(name)s”, was put on the document after %(after)s signed. It could cover words."
    ),
    Code.ACTION_ADDED: gettext_lazy(
        "Something that runs by itself, or an attachment, was added after %(after)s signed."
    ),
    Code.LAYERS_CHANGED: gettext_lazy("What the document shows and hides was changed after %(after)s signed."),
    Code.DOCUMENT_CHANGED: gettext_lazy("The document was changed after %(after)s signed."),
}
_AFTER_THE_FORM: dict[Code, str | Promise] = {
    Code.LENGTHENED: gettext_lazy("The file has more in it than our form and the signatures."),
    Code.PAGE_CHANGED: gettext_lazy("Page %(page)s is not as it is in our form."),
    Code.PAGE_ADDED: gettext_lazy("Page %(page)s is not in our form."),
    Code.PAGE_REMOVED: gettext_lazy("Page %(page)s of our form is missing."),
    Code.ANNOTATION_ADDED: gettext_lazy("Something was put on page %(page)s of our form."),
    Code.ANNOTATION_CHANGED: gettext_lazy("A note on page %(page)s is not as it is in our form."),
    Code.FIELD_ADDED: gettext_lazy("The form field “%(name)s” is not in our form."),
    Code.FIELD_CHANGED: gettext_lazy("The form field “%(name)s” is not as it is in our form."),
    Code.VISIBLE_SIGNATURE: gettext_lazy(
        "The picture of the signature “%(name)s” stands outside the fields of our form. Sign in your field, or without"
        " a picture."
    ),
    Code.ACTION_ADDED: gettext_lazy("Something that runs by itself, or an attachment, was added to our form."),
    Code.LAYERS_CHANGED: gettext_lazy("What the document shows and hides is not as it is in our form."),
    Code.DOCUMENT_CHANGED: gettext_lazy("The document is not as it is in our form."),
}
_ADDITIONS: dict[Addition, str | Promise] = {
    Addition.SIGNATURE: gettext_lazy("another signature"),
    Addition.TIME_STAMP: gettext_lazy("a time stamp of the document"),
    Addition.VALIDATION_DATA: gettext_lazy("data that prove the signature later"),
}
_REVOCATIONS: dict[Revocation, str | Promise] = {
    Revocation.GOOD: gettext_lazy("The certificate had not been revoked."),
    Revocation.REVOKED: gettext_lazy("The certificate had been revoked."),
    Revocation.UNKNOWN: gettext_lazy("Whether the certificate had been revoked is not known."),
}


def sentence(reason: Reason) -> str:
    """The reason for a reader, naming what was changed and after whose signature."""
    changed = _AFTER_SIGNING if reason.after else _AFTER_THE_FORM
    text = changed.get(reason.code) or _SENTENCES[reason.code]
    told = {"name": reason.name, "after": reason.after, "page": reason.page, "others": _any_of(reason.others)}
    return str(text) % told


def _any_of(names: Sequence[str]) -> str:
    """ "Ada Nowak or Jan Kowalski"."""
    if not names:
        return _("somebody else who may sign for it, of whom we do not know yet,")
    *first, last = names
    return _("%(first)s or %(last)s") % {"first": ", ".join(first), "last": last} if first else last


def sentences(reasons: Sequence[Reason]) -> list[str]:
    """The reasons of a verdict or of one signature, each sentence once."""
    return list(dict.fromkeys(sentence(reason) for reason in reasons))


def coverage(seen: SignatureSeen) -> str:
    """What the signature covers."""
    if seen.whole_file:
        return _("It covers the whole file.")
    if not seen.followed_by:
        return _("It covers the document as it was then.")
    added = ", ".join(str(_ADDITIONS[one]) for one in dict.fromkeys(seen.followed_by))
    return _("It covers the document as it was then. After it came: %(added)s.") % {"added": added}


def revocation(seen: SignatureSeen) -> str:
    """What is known of the certificate's revocation."""
    return str(_REVOCATIONS[seen.revocation])
