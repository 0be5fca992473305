"""The rows of the policy table for bills that are paid without saying who pays."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.rights import Right

PAY_BILL = Right(
    act="pay_bill",
    what=_("Open a page on which an open bill is paid, look whether it is paid, or end it"),
    refusal=_("This is for whoever pays a bill, on the public page."),
    machines=True,
    besides=_("anybody who has the reference and the amount of the bill; not as often as they like"),
)
SEE_TO_BILL_PAGES = Right(
    act="see_to_bill_pages",
    what=_("Find out which pages were paid, end those that are not needed, and forget them"),
    refusal=_("This happens by itself."),
    process=True,
)
SETTLE_BILL_PAGE = Right(
    act="settle_bill_page",
    what=_("Take note that a bill was paid on its page"),
    refusal=_("Only the payment provider says that a bill was paid."),
    machines=True,
    process=True,
    besides=_("once for each page"),
)
ROWS = (PAY_BILL, SEE_TO_BILL_PAGES, SETTLE_BILL_PAGE)
