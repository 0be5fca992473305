"""The field's one table; `ui.submitting` keeps it, for the pages of the processes send their steps by it too."""

from __future__ import annotations

from backoffice.ui.submitting import Submission

__all__ = ["Submission"]
