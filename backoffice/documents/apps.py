from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "backoffice.documents"
    verbose_name = _("Documents")

    def ready(self) -> None:
        """Registers what the events of documents say, and refuses to start where anybody could sign a trusted list."""
        from backoffice.cases import sentences
        from backoffice.documents import checks
        from backoffice.documents.sentences import SENTENCES

        for kind, sentence in SENTENCES.items():
            sentences.register(kind, sentence)
        checks.refuse_if_unsafe()
