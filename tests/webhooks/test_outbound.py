"""Whatever address somebody enters, it leads to nothing of our own."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest
from pytest_django import Settings

from backoffice.refusals import Invalid
from backoffice.webhooks import outbound
from tests.webhooks.receiving import Partner


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *("0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1"),
        *("::", "::1", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"),
        "2001:0:5ef5:79fd:0:0:80ff:fffe",
    ],
)
def test_an_address_that_is_not_public_is_not_reached(settings: Settings, address: str) -> None:
    settings.WEBHOOK_NETWORKS = []
    assert not outbound.may_reach(ipaddress.ip_address(address))
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Invalid, match="network that we do not write to"):
        outbound.check(f"https://{host}/hooks")


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::5db8:d822", "::ffff:93.184.216.34"])
def test_a_public_address_is(settings: Settings, address: str) -> None:
    settings.WEBHOOK_NETWORKS = []
    assert outbound.may_reach(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://partner.example/", "file:///etc/passwd", "partner.example", "https://", "https://[::1/", ""),
        *("http://partner.example/", "http://10.0.0.1/", "https://partner.example:99999/", "https://pärtner.example/"),
        *("https://me:secret@partner.example/", "https://partner.example/#x", "https://partner.example/a b"),
        *("https://partner.example/\r\nHost: evil", f"https://partner.example/{'x' * 600}"),
    ],
)
def test_an_address_of_a_wrong_form_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        outbound.check(url)
    assert list(refused.value.errors) == ["url"]


def test_https_is_needed_except_on_this_machine_in_the_embedded_stack(settings: Settings) -> None:
    assert outbound.check("https://partner.example/hooks").hostname == "partner.example"
    assert outbound.check("http://127.0.0.1:2529/hooks").port == 2529
    settings.WEBHOOK_NETWORKS = ["10.0.0.0/8"]
    assert outbound.check("https://10.0.0.1/hooks").hostname == "10.0.0.1"
    for url in ("http://127.0.0.1:2529/hooks", "http://10.0.0.1/"):
        with pytest.raises(Invalid):
            outbound.check(url)


@pytest.mark.parametrize("led_to", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::ffff:127.0.0.1"]])
def test_a_name_that_leads_inside_is_not_connected_to(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, led_to: list[str]
) -> None:
    settings.WEBHOOK_NETWORKS = []
    asked: list[Any] = []
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in led_to]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: found)
    monkeypatch.setattr(socket, "create_connection", lambda *args, **_more: asked.append(args))

    for url in ("https://rebound.example/", "https://0x7f.1/", "https://2130706433/"):
        with pytest.raises(outbound.NotReachedError, match="address_not_allowed"):
            outbound.post(url, body=b"{}", headers={})
    assert asked == []


def test_exactly_the_checked_address_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name whose answer changes between check and use gains nothing: it is asked once."""
    asked: list[Any] = []
    answers = [[(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: answers.pop())

    def connect(address: Any, **_more: Any) -> None:
        asked.append(address)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(outbound.NotReachedError, match="TimeoutError"):
        outbound.post("https://partner.example/hooks", body=b"{}", headers={})
    assert asked == [("93.184.216.34", 443)]


def test_a_redirect_is_an_answer_and_leads_nowhere(biller: Partner) -> None:
    biller.answers, biller.answer_headers = [307], {"Location": biller.url}
    with pytest.raises(outbound.NotReachedError):
        outbound.post(biller.url.replace("http:", "https:"), body=b"{}", headers={})

    assert biller.got == []
