"""What the events of a transfer-out say, and the words of the codes in them."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from backoffice.cases.sentences import Sentence, Text

WORDS: Mapping[str, Mapping[str, Text]] = {
    "why": {
        "gone": _("it is with another registrar already"),
        "disputed": _("there is a dispute about it"),
        "expired": _("it has expired"),
        "in_debt": _("an invoice for it is overdue"),
        "locked": _("the registry has locked it"),
        "held": _("another case about it is under way"),
        "too_early": _("too little time has passed since it was registered, moved here or given to its holder"),
        "too_late": _("its period ends too soon"),
        "unknown_end": _("we do not look after names with this end"),
    },
    "reason": {
        "not_confirmed": _("the holder did not confirm"),
        "not_eligible": _("the domain may not be transferred now"),
        "not_approved": _("the transfer was not approved"),
        "not_used": _("no other registrar asked for the domain in time"),
        "refused_by_holder": _("the holder refused the transfer"),
        "not_transferred": _("the registry did not carry out the transfer"),
    },
    "system": {"registry": _("The registry")},
    "call": {
        "unlock_domain": _("unlock the domain"),
        "relock_domain": _("lock the domain again"),
        "set_transfer_code": _("set the transfer code"),
        "unset_transfer_code": _("take the transfer code away"),
        "ask_transfer": _("say what becomes of the transfer"),
        "approve_transfer": _("let the domain go"),
        "reject_transfer": _("refuse the transfer"),
    },
    "refusal": {
        "has_serverTransferProhibited": _("it has locked the domain itself"),
        "has_serverUpdateProhibited": _("it has locked the domain itself"),
        "has_pendingTransfer": _("another transfer of the domain is under way"),
        "has_pendingDelete": _("the domain is being deleted"),
        "epp_2201": _("it says that we do not look after the domain"),
        "epp_2303": _("it says that there is no such domain"),
        "epp_2304": _("the state of the domain forbids it"),
        "epp_2306": _("its policy forbids it"),
    },
    "alarm": {
        "transfer_pending": _(
            "Another registrar has asked the registry for a domain of ours, and no case of its holder is under way. "
            "Ask the holder, and refuse the transfer at the registry if they do not want it."
        ),
        "transfer_gone": _(
            "A domain of ours moved to another registrar, and no case of its holder was under way. Ask the holder at "
            "once."
        ),
    },
}
SENTENCES: Mapping[str, Sentence] = {
    "transfer_out.not_eligible": Sentence(
        _("The domain may not leave now: %(why)s."), _("Your domain cannot move now: %(why)s.")
    ),
    "transfer_out.unlocked": Sentence(
        _("The registry unlocked the domain for a transfer."), _("We unlocked your domain for another registrar.")
    ),
    "transfer_out.relocked": Sentence(_("The registry locked the domain again."), _("Your domain is locked again.")),
    "transfer_out.code_set": Sentence(
        _("A new transfer code was set at the registry; nobody here has seen it."),
        _("Your domain has a new transfer code."),
    ),
    "transfer_out.code_shown": Sentence(
        _("The holder saw the transfer code."), _("The transfer code was shown to you on our page.")
    ),
    "transfer_out.code_unset": Sentence(
        _("The transfer code was taken away at the registry."), _("The transfer code is good for nothing any more.")
    ),
    "transfer_out.registry_pending": Sentence(
        _("The registry reports: the registrar %(registrar)s has asked for the domain."),
        _("Another registrar has asked for your domain."),
    ),
    "transfer_out.registry_gone": Sentence(
        _("The registry reports: the domain moved to the registrar %(registrar)s."),
        _("The registry says that your domain has moved."),
    ),
    "transfer_out.registry_stayed": Sentence(
        _("The registry reports: the transfer to the registrar %(registrar)s does not take place."),
        _("The registry says that your domain stays with us."),
    ),
    "transfer_out.gone": Sentence(
        _("The domain is with another registrar."), _("Your domain is with another registrar now.")
    ),
}
