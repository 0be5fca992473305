"""The rows of the policy table for what outside systems report about cards."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.rights import Right

SIGNAL_FRAUD = Right(
    act="signal_fraud",
    what=_("Signal that a card is misused"),
    refusal=_("Only a detector of fraud sends such a signal."),
    machines=True,
    besides=_("signed by the detector"),
)
REPORT_LETTER = Right(
    act="report_letter",
    what=_("Report what became of a letter with a card"),
    refusal=_("Only the issuer reports this."),
    machines=True,
    besides=_("signed by the issuer"),
)
ROWS = (SIGNAL_FRAUD, REPORT_LETTER)
