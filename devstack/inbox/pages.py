"""The pages of the inbox, as text. Everything from outside goes through `escape`."""

from __future__ import annotations

from datetime import datetime
from html import escape
from urllib.parse import urlencode

from .store import Message

_KINDS = {"": "All", "mail": "Mail", "sms": "Texts", "letter": "Letters"}
_BADGE = {"mail": "Mail", "sms": "Text", "letter": "Letter"}


def listing(messages: list[Message], *, words: str, kind: str) -> str:
    """The newest messages, with a search. Without a search the page looks for news by itself."""
    tabs = "".join(
        f'<a href="/?{escape(urlencode({"q": words, "kind": key}))}"{_current(key == kind)}>{name}</a>'
        for key, name in _KINDS.items()
    )
    rows = "".join(_row(message) for message in messages)
    nothing = "Nothing matches." if words or kind else "Nothing has arrived yet."
    body = f"""
<form class="search" role="search" action="/">
  <label for="q">Search</label>
  <input id="q" name="q" type="search" value="{escape(words)}"
    autocomplete="off" placeholder="Address, reference, any word">
  <input type="hidden" name="kind" value="{escape(kind)}">
  <button>Search</button>
</form>
<nav class="tabs" aria-label="Kind of message">{tabs}</nav>
{f'<ol class="messages">{rows}</ol>' if messages else f'<p class="nothing">{nothing}</p>'}
"""
    return _frame("Inbox", body, refresh=not words)


def message(shown: Message) -> str:
    """One message: its envelope, and its text as the reader's mail program or telephone would show it."""
    lines = [("From", shown.sender), ("To", shown.recipient), ("Sent", _moment(shown.received)), ("Id", shown.key)]
    envelope = "".join(f"<dt>{name}</dt><dd>{_lines(value)}</dd>" for name, value in lines if value)
    html = (
        f'<h2>As HTML</h2><iframe title="The mail as HTML" sandbox src="/messages/{shown.id}/html"></iframe>'
        if shown.html
        else ""
    )
    raw = f'<p><a href="/messages/{shown.id}/raw">Source</a></p>' if shown.kind == "mail" else ""
    heading = shown.subject or f"{_BADGE[shown.kind]} to {shown.recipient.splitlines()[0]}"
    body = f"""
<p><a href="/">Back to all messages</a></p>
<article>
  <h1><span class="badge {shown.kind}">{_BADGE[shown.kind]}</span> {escape(heading)}</h1>
  <dl>{envelope}</dl>
  <pre class="{shown.kind}">{escape(shown.text)}</pre>
  {html}
  {raw}
</article>
"""
    return _frame(heading, body)


def missing() -> str:
    return _frame("Not found", '<p class="nothing">There is no such message.</p><p><a href="/">All messages</a></p>')


def _row(shown: Message) -> str:
    title = shown.subject or shown.text
    preview = f"<span class='preview'>{escape(shown.text[:160])}</span>" if shown.subject else ""
    return f"""<li><a href="/messages/{shown.id}">
<span class="badge {shown.kind}">{_BADGE[shown.kind]}</span>
<span class="to">{escape(shown.recipient.splitlines()[0])}</span>
<time datetime="{escape(shown.received)}">{_moment(shown.received)}</time>
<span class="title">{escape(title[:160])}</span>{preview}
</a></li>"""


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.splitlines())


def _frame(title: str, body: str, *, refresh: bool = False) -> str:
    again = '<meta http-equiv="refresh" content="5">' if refresh else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{again}
<title>{escape(title)} · Countersign inbox</title>
<link rel="stylesheet" href="/inbox.css">
</head>
<body>
<header>
<a class="name" href="/">Inbox</a>
<p>Every mail, text and letter that Countersign sent on this machine. Nothing left it.</p>
</header>
<main>{body}</main>
</body>
</html>
"""


def _current(yes: bool) -> str:
    return ' aria-current="page"' if yes else ""


def _moment(received: str) -> str:
    return f"{datetime.fromisoformat(received):%-d %B %Y, %H:%M:%S} UTC"
