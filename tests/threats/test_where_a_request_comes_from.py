"""Limits count the real sender of a request: its own word about its address counts only as far as our proxy saw it, and
all addresses of one network count as one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.core.internal.ratelimit import get_ip
from axes.helpers import get_client_ip_address
from axes.models import AccessAttempt
from django.conf import settings as configured
from django.core.cache import cache
from django.http import HttpRequest
from django.test import Client, RequestFactory
from pytest_django import Settings

from backoffice.networks import ScopedThrottle, UserThrottle, network_of
from backoffice.trust.checking import PER_ADDRESS
from backoffice.trust.limits import Limit, allowed
from tests.factories import make_staff

NETWORK, ANOTHER = "2001:db8:7:9::", "2001:db8:7:a::"
WAYS: dict[str, Callable[[HttpRequest], str]] = {
    "our limits": network_of,
    "wrong passwords": get_client_ip_address,
    "allauth's limits": get_ip,
    "unsigned reports of machines": ScopedThrottle().get_ident,
    "requests of nobody": UserThrottle().get_ident,
}


def came(address: str, claimed: str | None = None) -> HttpRequest:
    headers: dict[str, Any] = {} if claimed is None else {"HTTP_X_FORWARDED_FOR": claimed}
    return RequestFactory().get("/", REMOTE_ADDR=address, **headers)


@pytest.fixture(params=WAYS)
def counted(request: pytest.FixtureRequest) -> Callable[[HttpRequest], str]:
    return WAYS[request.param]


@pytest.mark.parametrize("claimed", ["", "9.9.9.9", "9.9.9.9, 8.8.8.8", "nonsense", "::1"])
def test_without_a_proxy_nobody_chooses_their_own_address(counted: Callable[[HttpRequest], str], claimed: str) -> None:
    assert counted(came("192.0.2.7", claimed)) == "192.0.2.7"


def test_behind_our_proxy_its_own_entry_counts(counted: Callable[[HttpRequest], str], settings: Settings) -> None:
    settings.BEHIND_PROXY = True

    assert counted(came("10.0.0.1", "9.9.9.9, 192.0.2.7")) == "192.0.2.7"
    assert counted(came("10.0.0.1", f"9.9.9.9,{NETWORK}7")) == NETWORK


def test_whoever_has_a_network_has_one_address(counted: Callable[[HttpRequest], str]) -> None:
    chosen = [f"{NETWORK}1", "2001:db8:7:9:ffff:ffff:ffff:ffff", "2001:0DB8:0007:0009:1:2:3:4", f"{NETWORK}1%eth0"]

    assert {counted(came(address)) for address in chosen} == {NETWORK}
    assert counted(came(f"{ANOTHER}1")) == ANOTHER


@pytest.mark.parametrize(
    "address",
    ["::ffff:192.0.2.7", "::ffff:c000:207", "0:0:0:0:0:FFFF:192.0.2.7", "::ffff:192.0.2.7%1", "64:ff9b::192.0.2.7",
     "2002:c000:207::1", "2002:c000:207:9::"],
)  # fmt: skip
def test_ipv4_within_ipv6_counts_as_ipv4(counted: Callable[[HttpRequest], str], address: str) -> None:
    assert counted(came(address)) == "192.0.2.7"
    assert counted(came("::ffff:192.0.2.8")) == "192.0.2.8"


@pytest.mark.parametrize(
    ("seen", "network"),
    [
        ("192.0.2.7:4711", "192.0.2.7"),
        (" 192.0.2.7 ", "192.0.2.7"),
        (f"[{NETWORK}7]:4711", NETWORK),
        (f"[{NETWORK}7]", NETWORK),
        ("[::ffff:192.0.2.7%eth0]:1", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::"),
        ("::1", "::"),
    ],
)
def test_an_address_is_read_as_proxies_write_it(
    counted: Callable[[HttpRequest], str], settings: Settings, seen: str, network: str
) -> None:
    settings.BEHIND_PROXY = True

    assert counted(came("10.0.0.1", f"9.9.9.9, {seen}")) == network


@pytest.mark.parametrize(
    "seen",
    ["", ",", "unknown", "_hidden", "192.0.2", "192.0.2.07", "192.0.2.256", "1.2.3.4.5", "1.2.3.4:", "2001:db8::7::1",
     "2001:db8::1:4711:x", "[192.0.2.7", "[]:80", "%eth0", "for=192.0.2.7", "１９２.0.2.7", "1" * 4_000, "0x7f000001"],
)  # fmt: skip
def test_what_is_no_address_counts_as_the_proxy_and_never_by_itself(
    counted: Callable[[HttpRequest], str], settings: Settings, seen: str
) -> None:
    settings.BEHIND_PROXY = True

    assert counted(came("10.0.0.1", f"9.9.9.9,{seen}")) == "10.0.0.1"


@pytest.mark.parametrize("address", ["", "unix:", "@"])
def test_whose_address_nobody_knows_count_together(counted: Callable[[HttpRequest], str], address: str) -> None:
    assert not counted(came(address))


def test_a_network_has_the_tries_of_one_address() -> None:
    limit, now = Limit("a-network", times=2, per=timedelta(hours=1)), datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
    tried = [allowed(limit, network_of(came(f"{NETWORK}{last}")), now=now) for last in (1, 2, 3)]

    assert tried == [True, True, False]
    assert allowed(limit, network_of(came(f"{ANOTHER}1")), now=now)


@pytest.mark.django_db
def test_the_check_page_and_the_sign_in_count_networks(client: Client) -> None:
    cache.clear()
    answers = [
        client.post("/check/", {"code": "K7Q-4MX-2"}, REMOTE_ADDR=f"{NETWORK}{last:x}")
        for last in range(1, PER_ADDRESS.times + 2)
    ]
    username = make_staff().username
    for last in range(1, configured.AXES_FAILURE_LIMIT + 1):
        client.post("/account/login/", {"login": username, "password": "no"}, REMOTE_ADDR=f"{NETWORK}{last:x}")

    shown = ["Too many" in answer.content.decode() for answer in answers]
    assert shown == [False] * PER_ADDRESS.times + [True]
    attempt = AccessAttempt.objects.get(username=username)
    assert (attempt.ip_address, attempt.failures_since_start) == (NETWORK, 5)
    cache.clear()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["/", "/check/", "/portal/", "/desk/", "/field/", "/account/login/", "/account/2fa/", "/api/v1/cases"],
)
def test_no_answer_is_kept_on_its_way(client: Client, path: str) -> None:
    assert "no-store" in client.get(path).headers["Cache-Control"]
