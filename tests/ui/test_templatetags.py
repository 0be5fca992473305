"""What templates of every face share."""

from __future__ import annotations

from datetime import UTC, datetime

from django.template import Context, Template

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def render(source: str, **context: object) -> str:
    """Without the line breaks within its tags."""
    html = Template("{% load countersign %}" + source).render(Context({"now": NOW, **context}))
    return " ".join(html.split()).replace(" >", ">")


def test_a_time_in_the_reader_s_zone_names_it_and_keeps_its_clock() -> None:
    html = render('{% when at "Europe/Amsterdam" "your time" now=now %}', at=datetime(2026, 11, 26, 16, 0, tzinfo=UTC))

    assert '<time datetime="2026-11-26T16:00:00Z">Thu 26 Nov, 17:00</time> your time' in html
    assert 'data-ago="2026-11-26T16:00:00Z"' in html
    assert "in 4 days" in html


def test_without_a_known_zone_the_time_names_its_zone_and_the_browser_may_replace_it() -> None:
    html = render("{% when at now=now %}", at=datetime(2026, 11, 26, 16, 0, tzinfo=UTC))

    assert "data-reader" in html
    assert "Thu 26 Nov, 16:00 UTC" in html


def test_a_time_for_paper_has_the_year_and_its_zone_and_the_browser_may_replace_both() -> None:
    html = render("{% when at full=True %}", at=datetime(2026, 11, 26, 16, 0, tzinfo=UTC))

    assert 'data-reader="full"' in html
    assert "26 November 2026, 16:00 UTC" in html
    assert "ago" not in html


def test_the_clock_change_is_followed() -> None:
    html = render('{% when at "Europe/Amsterdam" now=now bare=True %}', at=datetime(2026, 7, 1, 16, 0, tzinfo=UTC))

    assert "Wed 1 Jul, 18:00" in html
    assert "ago" not in html


def test_another_year_is_shown() -> None:
    assert "Fri 1 Jan 2027, 00:30" in render(
        '{% when at "Europe/Amsterdam" now=now %}', at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    )


def test_no_time_is_nothing() -> None:
    assert render("{% when at %}", at=None).strip() == ""


def test_a_state_has_colour_word_and_shape() -> None:
    html = render('{% include "components/state.html" with state="attention" %}')

    assert 'class="state is-attention"' in html
    assert "Needs attention" in html
    assert "<svg" in html


def test_what_may_not_be_done_is_shown_with_its_reason() -> None:
    html = render('{% include "components/action.html" with label="Approve" why_not="You opened this case." %}')

    assert "disabled" in html
    assert 'aria-describedby="why-not-approve"' in html
    assert "You opened this case." in html


def test_no_template_has_inline_style_or_script() -> None:
    from django.conf import settings

    wrong = [
        str(path)
        for folder in ("", "components", "portal", "desk", "field", "public", "admin", "account", "mfa", "allauth")
        for path in (settings.BASE_DIR / "templates" / folder).glob("*.html")
        if any(bad in path.read_text() for bad in (" style=", "<style", "<script>", " onclick=", "javascript:"))
    ]

    assert wrong == []
