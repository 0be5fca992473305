"""The one page of the simulator itself: which payments and transfers there are. No number of a card is on it."""

from __future__ import annotations

from html import escape
from typing import Any

from devstack import plain_page
from devstack.payments.currencies import shown
from devstack.stripe_api.store import Json

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Payment simulator</title><link rel="stylesheet" href="/page.css"></head>
<body><main>
<h1>Payment simulator</h1>
<p>Speaks the payment endpoints of the Stripe API. No money moves here.</p>
<h2>Payments</h2>
<div class="scroll"><table>
<thead><tr><th>Payment</th><th>Amount</th><th>Status</th><th>Taken</th><th>Why not</th></tr></thead>
<tbody>{rows}</tbody></table></div>
<h2>Transfers to merchants</h2>
<div class="scroll"><table>
<thead><tr><th>Transfer</th><th>Account</th><th>Amount</th><th>Reversed</th></tr></thead>
<tbody>{transfers}</tbody></table></div>
<h2>Faults that are on</h2><p><code>{faults}</code></p>
<h2>Webhooks</h2><p><code>{webhooks}</code></p>
</main></body></html>"""


def render(intents: list[Json], transfers: list[Json], state: dict[str, Any]) -> str:
    """The page as HTML, the newest payments first."""
    rows = "".join(_row(intent) for intent in intents) or '<tr><td colspan="5">No payments yet.</td></tr>'
    moved = "".join(_transfer(one) for one in transfers) or '<tr><td colspan="4">No transfers yet.</td></tr>'
    return _PAGE.format(
        rows=rows,
        transfers=moved,
        faults=plain_page.shown(state["faults"]),
        webhooks=plain_page.shown(state["webhooks"]),
    )


def _row(intent: Json) -> str:
    error = intent["last_payment_error"] or {}
    cells = (
        f"<code>{escape(intent['id'])}</code>",
        escape(shown(intent["amount"], intent["currency"])),
        escape(intent["status"]),
        escape(shown(intent["amount_received"], intent["currency"])),
        escape(str(error.get("decline_code", ""))),
    )
    return _cells(*cells)


def _transfer(one: Json) -> str:
    return _cells(
        f"<code>{escape(one['id'])}</code>",
        f"<code>{escape(one['destination'])}</code>",
        escape(shown(one["amount"], one["currency"])),
        escape(shown(one["amount_reversed"], one["currency"])),
    )


def _cells(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
