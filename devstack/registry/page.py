"""The one page: which domains there are, who looks after them, and what goes on with them."""

from __future__ import annotations

from html import escape

from devstack.plain_page import shown
from devstack.registry.answers import written
from devstack.registry.store import Json

SHOWN = 200
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Registry simulator</title><link rel="stylesheet" href="/page.css"></head>
<body><main>
<h1>Registry simulator</h1>
<p>Speaks EPP over TLS. Nothing here is a real domain. Its clock says {now}.</p>
<h2>Domains</h2>
<div class="scroll"><table>
<thead><tr><th>Domain</th><th>Registrant</th><th>Registrar</th><th>States</th><th>Ends</th><th>Transfer</th></tr></thead>
<tbody>{rows}</tbody></table></div>
<h2>Faults that are on</h2><p><code>{faults}</code></p>
<h2>Messages for us</h2><p>{queue}</p>
</main></body></html>"""


def render(domains: list[Json], state: Json) -> str:
    """The page as HTML; no name and no address is on it."""
    rows = "".join(_row(one) for one in domains[:SHOWN]) or '<tr><td colspan="6">No domains yet.</td></tr>'
    return _PAGE.format(rows=rows, faults=shown(state["faults"]), queue=state["queue"], now=written(state["now"]))


def _row(found: Json) -> str:
    transfer = found["transfer"]
    going = f"{transfer['state']}, to {transfer['asked_by']}" if transfer else ""
    cells = (
        found["name"],
        found["registrant"],
        found["sponsor"],
        ", ".join(found["statuses"]) or "ok",
        written(found["expires"])[:10],
        going,
    )
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
