"""What the simulators' own pages look like."""

from __future__ import annotations

import json
from html import escape
from typing import Any

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid color-mix(in srgb, currentcolor 25%, transparent); padding: .5rem; text-align: left; }
code { font-size: .9em; }
form { display: flex; flex-wrap: wrap; gap: .25rem; }
button { font: inherit; min-height: 2rem; padding: 0 .75rem; }
.scroll { overflow-x: auto; }
"""


def shown(values: Any) -> str:
    """Faults or counts as one line of HTML."""
    return escape(json.dumps(values)) if values else "none"
