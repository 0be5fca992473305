"""What SIPp plays, step by step: an implementation of SIP that knows nothing of ours."""

from __future__ import annotations

from collections.abc import Sequence

EVENTS = 101
"""The payload type in the recorded keys that come with SIPp."""
KEYS = "/usr/share/sip-tester/dtmf_2833_{}.pcap"
_SDP = """
v=0
o=sipp 53655765 {version} IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0 {events}
a=rtpmap:0 PCMU/8000
a=rtpmap:{events} telephone-event/8000
a={direction}
"""
_CALLER = """
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:sipp@[local_ip]:[local_port]>;tag=[pid]-[call_number]
To: <sip:menu@[remote_ip]:[remote_port]>{tag}
Call-ID: [call_id]
CSeq: {number} {method}
{contact}Max-Forwards: 70
{more}Content-Length: {length}
"""
_ANSWER = """
SIP/2.0 {status} SIPp
[last_Via:]
[last_From:]
[last_To:]{tag}
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:uas@[local_ip]:[local_port];transport=[transport]>
{more}Content-Length: {length}
"""
_CALLED = """
{method} [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:uas@[local_ip]:[local_port]>;tag=uas-[call_number]
To[$to]
Call-ID: [call_id]
CSeq: {number} {method}
Contact: <sip:uas@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
{more}Content-Length: {length}
"""


def scenario(*steps: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="of our tests">\n{"".join(steps)}</scenario>\n'


def requests(
    method: str, *, number: int = 1, sdp: bool = False, in_dialog: bool = False, contact: bool = True, more: str = ""
) -> str:
    """A request of the calling side."""
    head = _CALLER.lstrip("\n").format(
        tag="[peer_tag_param]" if in_dialog else "",
        number=number,
        method=method,
        contact="Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>\n" if contact else "",
        more=("Content-Type: application/sdp\n" if sdp else "") + more,
        length="[len]" if sdp else "0",
    )
    uri = "[next_url]" if in_dialog else "sip:menu@[remote_ip]:[remote_port]"
    return _sent(f"{method} {uri} SIP/2.0\n{head}" + (_body() if sdp else ""), again=method != "ACK")


def answers(status: int, *, sdp: bool = False, more: str = "", tag: bool = True, again: bool = True) -> str:
    """An answer of the called side to the request that came last; a final one to an INVITE is sent `again` until its
    ACK is there."""
    head = _ANSWER.lstrip("\n").format(
        status=status,
        tag=";tag=uas-[call_number]" if tag else "",
        more=("Content-Type: application/sdp\n" if sdp else "") + more,
        length="[len]" if sdp else "0",
    )
    return _sent(head + (_body() if sdp else ""), again=again and status >= 200)


def asks(method: str, *, number: int, direction: str = "") -> str:
    """A request of the called side in the call; with a `direction` it offers anew."""
    head = _CALLED.lstrip("\n").format(
        method=method,
        number=number,
        more="Content-Type: application/sdp\n" if direction else "",
        length="[len]" if direction else "0",
    )
    body = _body(version=number + 1, direction=direction) if direction else ""
    return _sent(head + body, again=method != "ACK")


def takes(
    what: str | int, *, optional: bool = False, routes: bool = False, says: str = "", keep_to: bool = False
) -> str:
    """Waits for a request or an answer. `says` is what must stand in its description; `keep_to` notes who called, for
    requests of the called side."""
    kind = "response" if isinstance(what, int) else "request"
    inside = ""
    if says:
        inside += f'<ereg regexp="{says}" search_in="body" check_it="true" assign_to="said"/><log message="[$said]"/>'
    if keep_to:
        inside += '<ereg regexp=":.*" search_in="hdr" header="From" check_it="true" assign_to="to"/>'
    action = f"<action>{inside}</action>" if inside else ""
    flags = (' optional="true"' if optional else "") + (' rrs="true"' if routes else "")
    return f'<recv {kind}="{what}"{flags}>{action}</recv>\n'


def waits(milliseconds: int) -> str:
    return f'<pause milliseconds="{milliseconds}"/>\n'


def presses(keys: Sequence[str]) -> str:
    """Each key by RFC 4733, less than half a second apart."""
    plays = '<nop><action><exec play_pcap_audio="{}"/></action></nop>\n'
    return "".join(plays.format(KEYS.format(key)) + waits(400) for key in keys)


def _body(*, version: int = 1, direction: str = "sendrecv") -> str:
    return _SDP.format(version=version, events=EVENTS, direction=direction)


def _sent(text: str, *, again: bool) -> str:
    return f"<send{' retrans=' + chr(34) + '500' + chr(34) if again else ''}><![CDATA[\n{text}\n]]></send>\n"


ANSWERED = takes(100, optional=True) + takes(180, optional=True) + takes(200, routes=True)
RINGS = takes("INVITE") + answers(100, tag=False) + answers(180)
RINGS_AND_KNOWS_WHO = RINGS.replace(takes("INVITE"), takes("INVITE", keep_to=True, routes=True))
"""SIPp refuses to note what it does not use."""
