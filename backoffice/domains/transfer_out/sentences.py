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
        "refused_while_frozen": _("the case was frozen, so we refused the transfer before the registry decided"),
    },
    "code": {
        "registry_clock": _(
            "another registrar has asked for the domain, and the registry decides on %(until)s, frozen or not; if the "
            "case is still frozen on %(refused)s, we refuse the transfer and the case ends"
        ),
        "registry_clock_alone": _(
            "another registrar has asked for the domain, and at this registry we cannot refuse that; the freeze does "
            "not stop it, so call the holder now: only they can keep the domain"
        ),
        "registry_keeps_transfer": _(
            "the registry did not let us refuse the transfer, and decides on %(until)s; call the registry now"
        ),
        "registry_keeps_open": _(
            "the registry did not let us lock the domain while the case is frozen; its transfer code is good, so call "
            "the registry now"
        ),
    },
    "system": {"registry": _("The registry")},
    "call": {
        "unlock_domain": _("unlock the domain"),
        "relock_domain": _("lock the domain again"),
        "set_transfer_code": _("set the transfer code"),
        "unset_transfer_code": _("take the transfer code away"),
        "open_domain_again": _("unlock the domain again after a freeze"),
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
    "transfer_out.guarded": Sentence(
        _("The case is frozen, so the domain was locked again at the registry."),
        _("We locked your domain for as long as this case is paused."),
    ),
    "transfer_out.opened_again": Sentence(
        _("The registry unlocked the domain again, because the case goes on."),
        _("We unlocked your domain again for another registrar, with another transfer code."),
    ),
    "transfer_out.refused_while_frozen": Sentence(
        _(
            "The case was still frozen shortly before the registry decided, so the transfer to the registrar "
            "%(registrar)s does not take place: who asked for it is in doubt."
        ),
        _(
            "We refused the transfer to the other registrar, because it is in doubt who asked for it, and the registry "
            "was about to decide."
        ),
    ),
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
