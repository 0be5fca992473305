"""The one page: which cards there are, where their letters are, and buttons that move them on."""

from __future__ import annotations

from html import escape
from typing import Any

from devstack.issuer.cards import STEPS
from devstack.plain_page import shown
from devstack.stripe_api.store import Json

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Issuer simulator</title><link rel="stylesheet" href="/page.css"></head>
<body><main>
<h1>Issuer simulator</h1>
<p>Speaks the card endpoints of the Stripe Issuing API. Nothing here is a real card.</p>
<h2>Cards</h2>
<div class="scroll"><table>
<thead><tr><th>Card</th><th>Token</th><th>Status</th><th>Replaces</th><th>Letter</th><th>Move it on</th></tr></thead>
<tbody>{rows}</tbody></table></div>
<h2>Faults that are on</h2><p><code>{faults}</code></p>
<h2>Webhooks</h2><p><code>{webhooks}</code></p>
</main></body></html>"""


def render(cards: list[Json], state: dict[str, Any]) -> str:
    """The page as HTML, the newest cards first; no name and no address is on it."""
    rows = "".join(_row(card) for card in cards) or '<tr><td colspan="6">No cards yet.</td></tr>'
    return _PAGE.format(
        rows=rows,
        faults=shown(state["faults"]),
        webhooks=shown(state["webhooks"]),
    )


def _row(card: Json) -> str:
    letter = card["shipping"]["status"] if card["shipping"] else ""
    reason = f" ({card['cancellation_reason']})" if card["cancellation_reason"] else ""
    cells = (
        f"{escape(card['brand'])} ····{escape(card['last4'])}, {card['exp_month']:02d}/{card['exp_year'] % 100:02d}",
        f"<code>{escape(card['id'])}</code>",
        escape(card["status"] + reason),
        f"<code>{escape(card['replacement_for'] or '')}</code> {escape(card['replacement_reason'] or '')}",
        escape(letter),
        _buttons(card["id"], letter),
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _buttons(token: str, letter: str) -> str:
    steps = [step for step, (allowed, _) in STEPS.items() if letter in allowed]
    if not steps:
        return ""
    buttons = "".join(f'<button name="step" value="{step}">{step}</button>' for step in steps)
    return f'<form method="post" action="/"><input type="hidden" name="card" value="{escape(token)}">{buttons}</form>'
