"""Where a URI is reached (RFC 3263), and by which of several ways a call goes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import dns.rdata
import pytest
from dns.rdata import Rdata

from backoffice.voice.sip.calls import CallState, Ending
from backoffice.voice.sip.hops import Hop, Transport, Unreachable, Way
from backoffice.voice.sip.locating import Dns, locate
from tests.voice.sip.network import Network, Peer
from tests.voice.sip.talking import OFFER, THEM, US, Heard, Station, answer, negotiation, station
from tests.voice.virtual_time import in_virtual_time

UDP, TCP, TLS = Transport
OTHER = Hop(UDP, "10.0.0.3", 5060)
WAYS = (Way("sip:them@10.0.0.2", THEM), Way("sip:them@10.0.0.3", OTHER))


@dataclass
class Zone:
    """The records of a test, by name and kind, as a zone file has them."""

    told: Mapping[str, Sequence[str]]
    asked: list[str] = field(default_factory=list)

    async def records(self, name: str, kind: str) -> Sequence[Rdata]:
        self.asked.append(f"{name} {kind}")
        return [dns.rdata.from_text("IN", kind, text) for text in self.told.get(f"{name} {kind}", ())]


def located(uri: str, records: Mapping[str, Sequence[str]], *, otherwise: Transport = UDP) -> Sequence[Hop]:
    return asyncio.run(locate(uri, otherwise=otherwise, resolver=Zone(records)))


@pytest.mark.parametrize(
    ("uri", "hop"),
    [
        ("sip:a@192.0.2.1:5080", Hop(UDP, "192.0.2.1", 5080)),
        ("sip:a@192.0.2.1;transport=tcp", Hop(TCP, "192.0.2.1", 5060)),
        ("sips:a@192.0.2.1", Hop(TLS, "192.0.2.1", 5061)),
        ("sip:a@[2001:db8::1]", Hop(UDP, "2001:db8::1", 5060)),
    ],
)
def test_a_literal_is_its_own_address(uri: str, hop: Hop) -> None:
    assert located(uri, {}) == (hop,)


def test_with_a_port_no_server_is_asked_for() -> None:
    zone = Zone({"_sip._udp.localhost SRV": ["0 0 5090 localhost."]})

    hops = asyncio.run(locate("sip:localhost:5080", otherwise=UDP, resolver=zone))

    assert zone.asked == []
    assert {hop.port for hop in hops} == {5080}


def test_servers_are_tried_by_priority_and_within_one_by_weight() -> None:
    records = {
        "_sip._tcp.localhost SRV": ["20 0 5093 localhost.", "10 100 5091 localhost.", "10 0 5092 localhost."],
    }
    first = [located("sip:localhost;transport=tcp", records)[0] for _time in range(40)]

    hops = located("sip:localhost;transport=tcp", records)
    assert list(dict.fromkeys(hop.port for hop in hops))[-1] == 5093
    assert {hop.transport for hop in hops} == {TCP}
    assert sum(hop.port == 5091 for hop in first) >= 38


def test_naptr_says_by_which_transport_a_domain_wants_it() -> None:
    records = {
        "localhost NAPTR": [
            '20 50 "s" "SIP+D2U" "" _sip._udp.localhost.',
            '10 50 "s" "SIPS+D2T" "" _sips._tcp.localhost.',
            '5 50 "u" "E2U+sip" "!^.*$!sip:x@y!" .',
        ],
        "_sips._tcp.localhost SRV": ["0 0 5071 localhost."],
        "_sip._udp.localhost SRV": ["0 0 5070 localhost."],
    }

    hops = located("sip:localhost", records)

    assert list(dict.fromkeys((hop.transport, hop.port) for hop in hops)) == [(TLS, 5071), (UDP, 5070)]
    assert {hop.name for hop in hops} == {"localhost"}


def test_a_record_that_is_not_text_is_passed_over() -> None:
    records = {
        "localhost NAPTR": [
            '10 10 "s" "\\255\\254" "" _sip._tcp.localhost.',
            '20 10 "s" "SIP+D2T" "" _sip._tcp.localhost.',
        ],
        "_sip._tcp.localhost SRV": ["10 0 5070 localhost."],
    }

    assert {(hop.transport, hop.port) for hop in located("sip:localhost", records)} == {(TCP, 5070)}


def test_a_sips_uri_goes_by_tls_alone() -> None:
    records = {
        "localhost NAPTR": ['10 50 "s" "SIP+D2U" "" _sip._udp.localhost.'],
        "_sip._udp.localhost SRV": ["0 0 5070 localhost."],
    }

    assert {(hop.transport, hop.port) for hop in located("sips:localhost", records)} == {(TLS, 5061)}


def test_without_records_the_name_itself_is_looked_up() -> None:
    assert {hop.host for hop in located("sip:localhost", {})} <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize(
    "uri",
    [
        *("sip:a@nosuch.invalid:5060", "sip:192.0.2.1;transport=sctp", "sip:a@" + "x" * 300),
        "sip:a@nosuch.invalid",
    ],
)
def test_what_has_no_address_is_unreachable(uri: str) -> None:
    with pytest.raises(Unreachable):
        located(uri, {"_sip._udp.nosuch.invalid SRV": ["0 0 0 ."]})


def test_a_name_that_is_none_has_no_records() -> None:
    assert asyncio.run(Dns().records("_sip._udp." + "x" * 80 + ".invalid", "SRV")) == ()


# --- several ways -----------------------------------------------------------------------------------------------------


def called(us: Station, ways: Sequence[Way] = WAYS) -> Heard:
    call = us.agent.call_by(ways, negotiation=negotiation())
    heard = Heard()
    heard.watch(call)
    call.start()
    return heard


@in_virtual_time
async def test_a_hop_that_says_nothing_is_left_for_the_next_after_four_seconds_and_tried_last_from_then_on() -> None:
    network = Network()
    first, second, us = Peer(network, THEM), Peer(network, OTHER), station(network)

    heard = called(us)
    invite = await second.request("INVITE", within=4.2)
    second.send(answer(invite, 200, body=OFFER, contact=f"<sip:them@{OTHER.host}:{OTHER.port}>"), US)
    await second.request("ACK")
    assert heard.answered == 1
    assert us.agent.reach.is_down(THEM)

    called(us)
    second.send(answer(await second.request("INVITE", nth=2, within=1), 486), US)
    assert first.count("INVITE") == 4
    await asyncio.sleep(61)
    assert not us.agent.reach.is_down(THEM)


@in_virtual_time
async def test_503_and_a_network_that_is_gone_go_on_at_once_and_a_busy_line_does_not() -> None:
    network = Network()
    first, second, us = Peer(network, THEM), Peer(network, OTHER), station(network)

    heard = called(us)
    first.send(answer(await first.request("INVITE"), 503), US)
    await second.request("INVITE", within=0.5)
    second.send(answer(await second.request("INVITE"), 486), US)
    await asyncio.sleep(1)
    assert heard.over == [Ending.REFUSED]

    us.agent.reach.answered(THEM)
    heard = called(us)
    first.send(answer(await first.request("INVITE", nth=2), 486), US)
    await asyncio.sleep(1)
    assert heard.over == [Ending.REFUSED]
    assert second.count("INVITE") == 1

    us.cable.unplugged = True
    heard = called(us)
    assert heard.over == [Ending.NO_RESPONSE]


@in_virtual_time
async def test_the_last_way_is_given_its_full_time() -> None:
    network = Network()
    second, us = Peer(network, OTHER), station(network)

    heard = called(us)
    await asyncio.sleep(30)
    assert heard.over == []
    await asyncio.sleep(7)
    assert heard.over == [Ending.NO_RESPONSE]
    assert second.count("INVITE") == 7


@in_virtual_time
async def test_a_hop_that_wakes_up_late_is_cancelled_and_its_answer_is_ended() -> None:
    network = Network()
    first, second, us = Peer(network, THEM), Peer(network, OTHER), station(network)

    heard = called(us)
    late = await first.request("INVITE")
    second.send(answer(await second.request("INVITE"), 200, body=OFFER), US)
    first.send(answer(late, 180), US)
    await first.request("CANCEL")
    first.send(answer(late, 200, body=OFFER, tag="late"), US)

    await first.request("ACK")
    await first.request("BYE")
    assert heard.answered == 1
    assert [call.state for call in us.agent.calls] == [CallState.UP]


@in_virtual_time
async def test_hanging_up_ends_the_trying() -> None:
    network = Network()
    second, us = Peer(network, OTHER), station(network)

    call = us.agent.call_by(WAYS, negotiation=negotiation())
    heard = Heard()
    heard.watch(call)
    call.start()
    call.hang_up()
    await asyncio.sleep(40)

    assert heard.over == [Ending.BY_US]
    assert second.got == []


@in_virtual_time
async def test_a_hop_is_there_whatever_it_answers_but_503() -> None:
    network = Network()
    first, us = Peer(network, THEM), station(network)

    for nth, status in enumerate((503, 200, 503, 405), start=1):
        us.agent.ask_whether_there(WAYS[0])
        first.send(answer(await first.request("OPTIONS", nth=nth), status), US)
        await asyncio.sleep(0.1)
        assert us.agent.reach.is_down(THEM) == (status == 503)
    us.agent.ask_whether_there(WAYS[0])
    await asyncio.sleep(33)
    assert us.agent.reach.is_down(THEM)
