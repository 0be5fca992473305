"""The rows of the policy table for payments by telephone. The agents and machines of merchants act as outside systems;
the rules ask in addition whose order it is."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.rights import Right

ORDER = Right(
    act="order_voice_payment",
    what=_("Order a payment by telephone"),
    refusal=_("Only the agents of an admitted merchant order payments."),
    machines=True,
    besides=_("for one's own merchant; within its limits and the risk rules"),
)
CHANGE_ORDER = Right(
    act="change_voice_payment",
    what=_("Change, call off or have taken a payment that was ordered"),
    refusal=_("Only the merchant that ordered a payment changes it."),
    machines=True,
    besides=_("one's own merchant's; before the bank is asked"),
)
TELL_DELIVERY = Right(
    act="tell_delivery",
    what=_("Say whether what was paid for was delivered"),
    refusal=_("Only the merchant that was paid says whether it delivered."),
    machines=True,
    process=True,
    besides=_("once"),
)
TELL_CALL = Right(
    act="tell_voice_payment",
    what=_("Tell how far the call of a payment is, and what was keyed in"),
    refusal=_("Only our voice gateway tells how far a call is."),
    machines=True,
    process=True,
    besides=_("signed by the gateway; a late or repeated event changes nothing"),
)
ROWS = (ORDER, CHANGE_ORDER, TELL_DELIVERY, TELL_CALL)
