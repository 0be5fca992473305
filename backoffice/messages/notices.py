"""The messages that belong to no process: an address, a number or a way to sign in was changed."""

from __future__ import annotations

from workflows.base.spec import N_, Notice

ADDRESS_CHANGED = Notice(
    name="address_changed_notice",
    about=N_("It says that an address or a telephone number was changed."),
    asks=N_("It asks to call us at once if the customer did not change it."),
    urgent=True,
)
NUMBER_MOVED = Notice(
    name="number_moved_notice",
    about=N_("It says that a telephone number was moved to another SIM card or company."),
    asks=N_("It asks to call the telephone company and us if the customer did not do it."),
    urgent=True,
)
AUTHENTICATOR_ADDED = Notice(
    name="authenticator_added",
    about=N_("It says that a new authenticator app or passkey was set up."),
    asks=N_("It asks to call us at once if the customer did not set it up."),
    urgent=True,
)
