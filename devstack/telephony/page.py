"""The one page: which telephones ring, and buttons to answer them. Numbers are masked."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from devstack import plain_page
from devstack.telephony.lines import STEPS, Json

STYLE = plain_page.STYLE + "td:first-child { white-space: nowrap; }\n"

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="3">
<title>Telephone simulator</title><link rel="stylesheet" href="/page.css"></head>
<body><main>
<h1>Telephone simulator</h1>
<p>Speaks the call endpoints of Twilio's REST API. Nobody hears anything here.</p>
<h2>Calls</h2>
<div class="scroll"><table>
<thead><tr><th>To</th><th>Status</th><th>Do</th><th>Answered by</th><th>Call</th></tr></thead>
<tbody>{rows}</tbody></table></div>
<h2>Faults that are on</h2><p><code>{faults}</code></p>
<h2>Webhooks</h2><p><code>{webhooks}</code></p>
</main></body></html>"""


def render(calls: list[Json], faults: dict[str, Any], webhooks: dict[str, int]) -> str:
    """The page as HTML, the newest calls first."""
    rows = "".join(_row(call) for call in calls) or '<tr><td colspan="5">No calls yet.</td></tr>'
    return _PAGE.format(
        rows=rows, faults=escape(json.dumps(faults) if faults else "none"), webhooks=escape(json.dumps(webhooks))
    )


def steps_of(call: Json) -> list[str]:
    """What can be done with the telephone now."""
    steps = [step for step, (allowed, _after) in STEPS.items() if call["status"] in allowed]
    return [*steps, "voicemail"] if call["status"] in ("queued", "ringing") else steps


def _row(call: Json) -> str:
    cells = (
        escape(f"{call['to'][:3]} ••• ••{call['to'][-2:]}"),
        escape(call["status"]),
        _buttons(call),
        escape(call["answered_by"] or ""),
        f"<code>{escape(call['sid'])}</code>",
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _buttons(call: Json) -> str:
    if not (steps := steps_of(call)):
        return ""
    buttons = "".join(f'<button name="step" value="{step}">{step.replace("_", " ")}</button>' for step in steps)
    sid = escape(call["sid"])
    return f'<form method="post" action="/"><input type="hidden" name="call" value="{sid}">{buttons}</form>'
