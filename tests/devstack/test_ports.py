from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack import ports
from devstack.telephones.line import free_port


@pytest.fixture
def busy_port() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield str(server.getsockname()[1])


def test_the_same_folder_gets_the_same_ports_before_anything_is_remembered(tmp_path: Path) -> None:
    first = ports.choose(["WEB_PORT", "SMTP_PORT"], data_dir=tmp_path, asked={}, remembered={})

    assert ports.choose(["WEB_PORT", "SMTP_PORT"], data_dir=tmp_path, asked={}, remembered={}) == first
    assert 8000 <= int(first["WEB_PORT"]) < 9000


def test_two_folders_that_start_at_once_do_not_meet(tmp_path: Path) -> None:
    names = ["WEB_PORT", "SMTP_PORT", "TEMPORAL_PORT"]
    one = ports.choose(names, data_dir=tmp_path / "one", asked={}, remembered={})
    other = ports.choose(names, data_dir=tmp_path / "other", asked={}, remembered={})

    assert not set(one.values()) & set(other.values())


def test_a_port_that_was_used_before_is_kept(tmp_path: Path) -> None:
    kept = ports.choose(["WEB_PORT"], data_dir=tmp_path, asked={}, remembered={"WEB_PORT": "28791"})

    assert kept == {"WEB_PORT": "28791"}


def test_a_remembered_port_that_somebody_took_is_replaced(tmp_path: Path, busy_port: str) -> None:
    chosen = ports.choose(["WEB_PORT"], data_dir=tmp_path, asked={}, remembered={"WEB_PORT": busy_port})

    assert chosen["WEB_PORT"] != busy_port
    assert ports.is_free(int(chosen["WEB_PORT"]))


def test_a_port_asked_for_by_its_variable_goes_first(tmp_path: Path) -> None:
    chosen = ports.choose(
        ["WEB_PORT"], data_dir=tmp_path, asked={"WEB_PORT": "28793"}, remembered={"WEB_PORT": "28792"}
    )

    assert chosen == {"WEB_PORT": "28793"}


def test_a_port_asked_for_that_is_in_use_is_refused_by_name(tmp_path: Path, busy_port: str) -> None:
    with pytest.raises(ports.PortTaken, match=f"WEB_PORT={busy_port}"):
        ports.choose(["WEB_PORT"], data_dir=tmp_path, asked={"WEB_PORT": busy_port}, remembered={})


@pytest.mark.parametrize("nonsense", ["eight", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, nonsense: str) -> None:
    with pytest.raises(ports.PortTaken, match="not a port"):
        ports.choose(["WEB_PORT"], data_dir=tmp_path, asked={"WEB_PORT": nonsense}, remembered={})


def test_a_telephone_gets_two_ports_for_itself(tmp_path: Path) -> None:
    names = [ports.of_phone(name) for name in ("customer", "agent")]

    chosen = ports.choose(names, data_dir=tmp_path, asked={}, remembered={})

    assert names == ["CUSTOMER_PHONE_PORT", "AGENT_PHONE_PORT"]
    assert len(set(chosen.values())) == 2
    assert all(int(port) % 2 == 0 and 14_000 <= int(port) < 16_000 for port in chosen.values())


def test_nobody_takes_a_port_that_a_stack_has_chosen_for_a_telephone_of_its_own(tmp_path: Path) -> None:
    """Until that telephone rings a minute passes, in which tests beside it look for free ports."""
    chosen = ports.choose([ports.of_phone("customer")], data_dir=tmp_path, asked={}, remembered={})

    assert all(free_port() > int(port) + 1 for port in chosen.values() for _try in range(20))


def test_a_port_on_which_somebody_takes_datagrams_is_not_free() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))

        assert not ports.is_free(taken.getsockname()[1])
