"""What the events of documents say, in cases of every process."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from backoffice.cases.sentences import Sentence

SENTENCES: Mapping[str, Sentence] = {
    "document.kept": Sentence(_("A document was added (pages: %(pages)s)."), _("A document was added.")),
    "document.refused": Sentence(_("A file was refused, and nothing of it was kept."), _("We refused a file.")),
    "document.removed": Sentence(_("A document was taken away by who had added it."), _("A document was taken away.")),
    "document.deleted": Sentence(
        _("A document was deleted when its time was over."), _("A document was deleted when its time was over.")
    ),
    "document.redacted": Sentence(
        _("A copy of an identity document was redacted."), _("We covered a copy of an identity document.")
    ),
    "document.found_copy": Sentence(
        _("A file turned out to be a copy of an identity document."),
        _("We found that a file is a copy of an identity document."),
    ),
    "document.copy_deleted": Sentence(
        _("The original of a copy of an identity document was deleted."),
        _("We deleted a copy of an identity document."),
    ),
    "document.mark_issued": Sentence(_("A form was made (version %(version)s)."), _("We made a form for you to sign.")),
    "document.mark_used": Sentence(
        _("The signed form came back (version %(version)s)."), _("We have the form that you signed.")
    ),
}
