"""What customers are told of their cards on file: whoever took an account over would keep a card, or forget one."""

from __future__ import annotations

from workflows.base.spec import N_, Notice

KEPT = Notice(
    name="card_kept",
    about=N_("It says that a payment card is kept for paying by telephone."),
    asks=N_("It asks to call us at once if the reader did not let us keep it."),
    urgent=True,
    shows=("card",),
)
FORGOTTEN = Notice(
    name="card_forgotten",
    about=N_("It says that a payment card that was kept has been forgotten."),
    asks=N_("It asks to call us at once if the reader did not do that."),
    urgent=True,
    shows=("card",),
)
