"""The only table of the field app. `ui.submitting` defines it, because the pages of processes send their steps with it
too."""

from __future__ import annotations

from backoffice.ui.submitting import Submission

__all__ = ["Submission"]
