from __future__ import annotations

from typing import Any

import pytest

from backoffice.cases import catalogue
from benchmarks.by_process import FACTS, lines, net, summary
from benchmarks.processes import CARD_REISSUE, PLAYED, SCRIPTS
from benchmarks.rounds import Batch, Measured

LOAD = frozenset({"driver", "inbox", "registry"})


def batch(*, span: float = 10.0, **cpu: float) -> Batch:
    """Five cases; `cpu` by part, in milliseconds a case."""
    used = {"driver": 900.0, "registry": 40.0, **cpu}
    return Batch(cases=5, seconds=2.0, cpu=used, load=LOAD, cores={}, driver={"rules": 30.0, "looks": 500.0}, span=span)


def found(*rounds: tuple[float, float]) -> dict[str, Any]:
    """The summary of rounds, in each of which a card reissue and a cession took so many milliseconds of the worker."""
    measured = {
        CARD_REISSUE: Measured([batch(worker=card) for card, _cession in rounds]),
        "domain_cession": Measured([batch(worker=cession) for _card, cession in rounds]),
    }
    facts = {CARD_REISSUE: dict(zip(FACTS, (40, 8000, 60), strict=True))}
    facts["domain_cession"] = dict(zip(FACTS, (30, 4000, 90), strict=True))
    return {"cases a round": 5, "rounds": len(rounds), **summary(measured, facts, {"worker": 0.01, "inbox": 0.5})}


def test_what_a_part_uses_with_nothing_to_do_is_no_cost_of_a_case() -> None:
    used = net(batch(worker=100.0, postgres=50.0), {"worker": 0.02, "inbox": 0.5})

    assert used == {"worker": pytest.approx(60.0), "postgres": 50.0}


def test_each_process_is_compared_with_the_card_reissue_of_the_same_round() -> None:
    cession = found((120.0, 220.0), (220.0, 1020.0), (120.0, 320.0))["processes"]["domain_cession"]

    assert cession["product CPU ms a case"] == {"median": 300.0, "least": 200.0, "greatest": 1000.0}
    assert cession["to card reissue"] == {
        "product CPU": {"median": 3.0, "least": 2.0, "greatest": 5.0}, "events": 0.75, "bytes": 0.5, "rows": 1.5,
    }  # fmt: skip


def test_the_table_has_the_parts_of_each_process_without_its_load() -> None:
    text = list(lines(found((120.0, 220.0))))

    assert [line.split()[:2] for line in text if line.startswith("domain_cession")] == [
        ["domain_cession", "200"],
        ["domain_cession", "2.00"],
    ]
    assert next(line.split()[-3:] for line in text if line.startswith(CARD_REISSUE)) == ["30", "40", "60"]
    assert "uses 0.010 cores" in text[-1]


def test_every_process_that_is_registered_is_played() -> None:
    assert set(PLAYED) == {process.name for process in catalogue.all_processes()}


@pytest.mark.parametrize("process", SCRIPTS)
def test_a_script_answers_only_kinds_that_its_process_has(process: str) -> None:
    script = SCRIPTS[process](None, {})

    assert set(script.answers) <= {kind.name for kind in catalogue.process(process).spec.kinds}
