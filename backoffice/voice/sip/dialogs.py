"""Dialogs: what both sides of a call keep of each other (RFC 3261, section 12)."""

from __future__ import annotations

from dataclasses import dataclass

from aiosipua.headers import parse_uri

from backoffice.voice.sip import messages
from backoffice.voice.sip.messages import Malformed, Method, Request, Response, cseq_of, tag_of

Id = tuple[str, str, str]
"""Call-ID, our tag, their tag."""


@dataclass(slots=True)
class Dialog:
    """`ours` and `theirs` are the addresses of both, with their tags, as From and To show them. `target` is where the
    other side wants requests, a URI. `routes` are the proxies on the way, nearest first. `number` counts our requests,
    `their_number` is that of their newest one, None before the first."""

    call_id: str
    ours: str
    theirs: str
    our_tag: str
    their_tag: str
    target: str
    routes: tuple[str, ...]
    number: int
    their_number: int | None = None

    @property
    def id(self) -> Id:
        return self.call_id, self.our_tag, self.their_tag

    @classmethod
    def called(cls, invite: Request, *, tag: str) -> Dialog:
        """Of an INVITE that we answer with this tag (12.1.1). Raises `Malformed` without a Contact that can be used."""
        target = messages.contact_of(invite)
        if target is None:
            raise Malformed("contact")
        return cls(
            call_id=invite.call_id or "",
            ours=f"{invite.headers.get_first('to')};tag={tag}",
            theirs=invite.headers.get_first("from") or "",
            our_tag=tag,
            their_tag=tag_of(invite, "from") or "",
            target=target,
            routes=tuple(messages.routes(invite, "record-route")),
            number=0,
            their_number=cseq_of(invite)[0],
        )

    @classmethod
    def calling(cls, invite: Request, answer: Response) -> Dialog:
        """Of our INVITE and its answer (12.1.2). Without a Contact the other side stays where we called it. Raises
        `Malformed` if its way back cannot be used."""
        return cls(
            call_id=invite.call_id or "",
            ours=invite.headers.get_first("from") or "",
            theirs=answer.headers.get_first("to") or "",
            our_tag=tag_of(invite, "from") or "",
            their_tag=tag_of(answer, "to") or "",
            target=messages.contact_of(answer) or invite.uri,
            routes=tuple(reversed(messages.routes(answer, "record-route"))),
            number=cseq_of(invite)[0],
        )

    def request(self, method: Method, *, number: int | None = None) -> Request:
        """A request in it (12.2.1.1), without Via. An ACK takes the number of its INVITE; others the next one."""
        if number is None:
            self.number += 1
            number = self.number
        uri, routes = self._way()
        request = Request(method=method, uri=uri)
        for route in routes:
            request.headers.append("Route", route)
        request.headers.append("From", self.ours)
        request.headers.append("To", self.theirs)
        request.headers.append("Call-ID", self.call_id)
        request.headers.append("CSeq", f"{number} {method}")
        request.headers.append("Max-Forwards", "70")
        request.headers.append("User-Agent", messages.SERVER)
        return request

    @property
    def next_hop(self) -> str:
        """The URI of whom a request goes to first."""
        return (messages.uri_text(self.routes[0]) or self.target) if self.routes else self.target

    def takes_number(self, request: Request) -> bool:
        """Whether this request comes after those that came before (12.2.2); if so, it is the newest one now."""
        number = cseq_of(request)[0]
        if self.their_number is not None and number <= self.their_number:
            return False
        self.their_number = number
        return True

    def refresh(self, message: Request | Response) -> None:
        """The other side may have moved (12.2.1.2 and 12.2.2)."""
        self.target = messages.contact_of(message) or self.target

    def _way(self) -> tuple[str, tuple[str, ...]]:
        """The Request-URI and the Route headers. A first proxy without `lr` routes as RFC 2543 did."""
        if not self.routes:
            return self.target, ()
        first = messages.uri_text(self.routes[0]) or self.target
        if "lr" in parse_uri(first).params:
            return self.target, self.routes
        return first.split("?", 1)[0], (*self.routes[1:], f"<{self.target}>")
