"""The policies of the registries: the file, and what it means for a domain."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.checks import run_checks

from backoffice.domains import checks, terms
from backoffice.domains.models import Domain
from backoffice.domains.policies import FIGURES, FILE, Policy, PolicyError, policies, policy_of, read, registry_of
from backoffice.refusals import Conflict
from backoffice.security.checks import Unsafe

TEXT = FILE.read_text(encoding="utf-8")
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def make(name: str, **fields: object) -> Domain:
    """A domain that was registered a year ago for two years; nothing here needs the database."""
    years = {"registered_at": NOON - 365 * DAY, "expires_at": NOON + 365 * DAY}
    return Domain(name=name, **{**years, **fields})


def every_end() -> list[tuple[str, Policy]]:
    return [(end, row) for row in policies().rows.values() for end in row.ends]


@pytest.mark.parametrize(("end", "row"), every_end(), ids=[end for end, _row in every_end()])
def test_every_row_gives_terms_that_can_be_kept(end: str, row: Policy) -> None:
    domain = make(f"tulip.{end}")
    asked = NOON - row.cooling - DAY
    lock = terms.lock_after(domain, asked_at=asked, executed_at=NOON)

    assert policy_of(domain.name) == row
    assert registry_of(domain.name) == row.registry
    assert terms.why_no_transfer(domain, NOON) is None
    assert terms.cooling(domain) == row.cooling
    assert terms.cooling(make(f"tulip.{end}", is_high_value=True)) >= timedelta(days=5)
    assert lock == (NOON + row.post_lock if row.post_lock else None)
    assert row.both_sides_confirm
    assert terms.transfer_from(domain) < terms.transfer_until(domain)
    assert row.authinfo_valid <= 14 * DAY


@pytest.mark.parametrize("row", policies().rows.values(), ids=list(policies().rows))
def test_every_figure_names_its_source_and_the_day_it_was_read(row: Policy) -> None:
    assert set(row.figures) == set(FIGURES)
    for figure in row.figures.values():
        assert figure.source.title
        assert figure.source.address.startswith("https://") or "our" in figure.source.title
        assert date(2026, 11, 1) <= figure.read <= datetime.now(UTC).date()


def test_the_figures_are_those_of_the_registries() -> None:
    pl, com, nl, eu = (policy_of(f"tulip.{end}") for end in ("pl", "com", "nl", "eu"))

    assert (pl.transfer_after_registration, pl.transfer_before_expiry) == (5 * DAY, 6 * DAY)
    assert (pl.authinfo_within, pl.authinfo_unconditional, pl.post_lock) == (timedelta(), True, timedelta())
    assert (com.authinfo_valid, com.pending, com.cooling) == (14 * DAY, 5 * DAY, 5 * DAY)
    assert (com.executed_within, com.post_lock, com.post_lock_opt_out) == (DAY, 60 * DAY, True)
    assert (nl.authinfo_within, nl.pending, eu.pending) == (5 * DAY, timedelta(), timedelta())


@pytest.mark.parametrize("name", ["tulip.invalid", "tulip.xn--p1ai", "pl.tulip.dev2"])
def test_an_end_that_nobody_here_looks_after_is_refused_in_words(name: str) -> None:
    with pytest.raises(Conflict) as refused:
        policy_of(name)

    assert refused.value.field == "domain"
    assert f".{name.rpartition('.')[2]}." in refused.value.sentence
    assert registry_of(name) == ""


def test_a_name_under_a_second_end_has_the_policy_of_the_last() -> None:
    assert policy_of("tulip.com.pl").name == "pl"


# --- one domain -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"registered_at": NOON - 5 * DAY}, None),
        ({"registered_at": NOON - 5 * DAY + timedelta(seconds=1)}, "too_early"),
        ({"transferred_at": NOON - 4 * DAY}, "too_early"),
        ({"transfer_lock_until": NOON + DAY}, "too_early"),
        ({"transfer_lock_until": NOON}, None),
        ({"expires_at": NOON + 6 * DAY}, "too_late"),
        ({"expires_at": NOON + 6 * DAY + timedelta(seconds=1)}, None),
    ],
)
def test_a_polish_name_can_go_five_days_after_it_came_and_six_before_it_ends(
    fields: dict[str, datetime], code: str | None
) -> None:
    found = terms.why_no_transfer(make("tulip.pl", **fields), NOON)

    assert (found.code if found else None) == code


def test_the_sentence_says_from_which_day_on_and_why() -> None:
    fresh = terms.why_no_transfer(make("tulip.com", registered_at=NOON - DAY), NOON)
    locked = terms.why_no_transfer(make("tulip.com", transfer_lock_until=NOON + 9 * DAY), NOON)
    late = terms.why_no_transfer(make("tulip.pl", expires_at=NOON + DAY), NOON)

    assert fresh is not None
    assert "27 January 2027" in fresh.sentence
    assert locked is not None
    assert "new holder" in locked.sentence
    assert "8 December 2026" in locked.sentence
    assert late is not None
    assert "30 November 2026" in late.sentence


def test_an_opt_out_counts_only_if_it_came_before_the_request() -> None:
    def lock(opted_out: datetime | None, name: str = "tulip.com") -> datetime | None:
        return terms.lock_after(make(name, lock_opt_out_at=opted_out), asked_at=NOON, executed_at=NOON + 6 * DAY)

    assert lock(None) == NOON + 66 * DAY
    assert lock(NOON) == NOON + 66 * DAY
    assert lock(NOON - DAY) is None
    assert lock(None, "tulip.pl") is None


# --- the file ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "becomes", "problem"),
    [
        ('value = "P6D"', "value = 6", "pl.transfer_before_expiry is no duration like P5D"),
        ('value = "P6D"', 'value = "-P6D"', "pl.transfer_before_expiry is no duration like P5D"),
        ('value = "P6D", source = "nask_transfer"', 'value = "P6D", source = "hearsay"', "the source “hearsay”"),
        ('value = "P6D", source = "nask_transfer", read = 2026-11-29', 'value = "P6D"', "needs value, source and read"),
        (
            'value = "P6D", source = "nask_transfer", read = 2026-11-29',
            'value = "P6D", source = "house", read = 1',
            "day",
        ),
        ("[rows.pl]", "[rows.pl]\nlocks = true", "pl.locks is not known"),
        ('registry = "sidn"', "", "nl.registry is missing"),
        ('ends = ["nl"]', 'ends = ["nl", "pl"]', "nl and pl both have the end “pl”"),
        ('ends = ["nl"]', 'ends = [".NL"]', "no A-label in small letters"),
        ('value = "PT2H"', 'value = "PT2H"}\nboth_sides = {value = true', "pl.both_sides is not known"),
        ("value = true", 'value = "yes"', "is no true or false"),
        ("[high_value]", "[high]", "high_value.cooling needs value, source and read"),
        ("[rows.pl]", "[rows.pl", "it is no TOML"),
    ],
)
def test_a_file_with_a_mistake_is_refused_and_says_where(was: str, becomes: str, problem: str) -> None:
    assert was in TEXT

    with pytest.raises(PolicyError) as refused:
        read(TEXT.replace(was, becomes, 1))

    assert any(problem in one for one in refused.value.problems), refused.value.problems


def test_figures_that_contradict_each_other_are_refused() -> None:
    nl = TEXT.index("[rows.nl]")
    late = TEXT[:nl] + TEXT[nl:].replace(
        'stop_before_authinfo = { value = "P1D"', 'stop_before_authinfo = { value = "P6D"', 1
    )
    never = TEXT.replace('value = "P14D"', 'value = "PT0S"', 1)

    for text, problem in ((late, "later than its registry allows"), (never, "gives no time")):
        with pytest.raises(PolicyError, match=problem):
            read(text)


def test_a_new_end_is_a_row_and_no_code() -> None:
    start = TEXT.index("[rows.nl]")
    row = (
        TEXT[start : TEXT.index("[rows.eu]")]
        .replace("[rows.nl]", "[rows.be]")
        .replace('ends = ["nl"]', 'ends = ["be"]')
    )

    found = read(TEXT + "\n" + row.replace('registry = "sidn"', 'registry = "dnsbelgium"'))

    assert found.rows["be"].registry == "dnsbelgium"


def test_the_product_does_not_start_with_a_bad_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [one for one in run_checks(tags=["safety"]) if one.id == "countersign.E030"] == []
    bad = tmp_path / "policies.toml"
    bad.write_text(TEXT.replace('value = "P6D"', "value = 6", 1), encoding="utf-8")
    monkeypatch.setattr("backoffice.domains.policies.FILE", bad)
    policies.cache_clear()

    try:
        with pytest.raises(Unsafe, match=r"pl\.transfer_before_expiry is no duration"):
            checks.refuse_if_unsafe()
    finally:
        policies.cache_clear()
