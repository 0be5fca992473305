"""The outcomes of the work items of a merchant's admission. Its story learns nothing else."""

from __future__ import annotations

from workflows.base.spec import N_, Outcome


class PapersSent(Outcome):
    SENT = "sent", N_("Sent")
    EXPIRED = "expired", N_("Did not come")


class RegisterChecked(Outcome):
    FITS = "fits", N_("The extract and the application fit")
    ASK_AGAIN = "ask_again", N_("The company must send another extract")
    DOES_NOT_FIT = "does_not_fit", N_("The extract and the application do not fit")


class Admission(Outcome):
    APPROVED = "approved", N_("Admitted")
    REFUSED = "refused", N_("Refused")


class Reviewed(Outcome):
    AS_BEFORE = "as_before", N_("Everything is as it was")
    CHANGED = "changed", N_("Something is not as it was")


class Continued(Outcome):
    CONTINUES = "continues", N_("The admission goes on, with these limits")
    ENDS = "ends", N_("The admission ends")


class SuspensionDecided(Outcome):
    REINSTATED = "reinstated", N_("The merchant may take payments again")
    ENDS = "ends", N_("The admission ends")
