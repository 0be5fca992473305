"""The sentences of the events that the rules of this room write, whichever process called them."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from backoffice.cases.sentences import Sentence

SENTENCES: Mapping[str, Sentence] = {
    "domain.edits_locked": Sentence(
        _("Took hold of the domain: no other case changes it now."),
        _("We made sure that nothing else changes the domain meanwhile."),
    ),
    "domain.edits_unlocked": Sentence(_("Let go of the domain."), _("The domain can be changed again.")),
    "domain.holder_changed": Sentence(_("Entered the new holder of the domain."), _("The domain has a new holder.")),
}
