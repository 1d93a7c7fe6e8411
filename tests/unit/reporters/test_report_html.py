"""The page of a report as text: legible, harmless, whole in itself; a browser looks at the rest."""

from __future__ import annotations

import base64
import json
import re
import sys
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from riskgate.errors import ConfigError
from riskgate.reporters import drawings, html
from riskgate.reporting.content import Shape
from tests.browser.sample import CHARTS, EMPTY, EVIL, REPORT, ROWS, STEPS

STYLE = (html.TEMPLATES / "style.css").read_text(encoding="utf-8")
COLORS = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--(\w+): light-dark\((#\w{6}), (#\w{6})\);", STYLE)
}
PAPERS = ("page", "card", "code")
INKS = ("ink", "quiet", "link", "bad", "good")
SCRIPTS = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@pytest.fixture(scope="module")
def page() -> str:
    return html.daily(REPORT)


def luminance(color: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_the_standard_does() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("ink", INKS)
def test_text_stands_out_from_its_ground(ink: str, paper: str, theme: int) -> None:
    assert contrast(COLORS[ink][theme], COLORS[paper][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("color", drawings.COLORS)
def test_lines_and_bars_stand_out_in_both_themes(color: str, theme: int) -> None:
    assert contrast(color, COLORS["card"][theme]) >= 3


def test_no_colour_is_said_but_as_one_of_the_page() -> None:
    used = set(re.findall(r"#[0-9a-f]{6}\b", STYLE.partition("/* The drawings take")[0]))
    assert used == {color for pair in COLORS.values() for color in pair}


def test_series_are_told_apart_by_more_than_colour() -> None:
    lines = drawings.figures([STEPS])[STEPS.id]["data"]
    assert len({line["line"]["dash"] for line in lines}) == len(lines)
    stacked = next(chart for chart in CHARTS if chart.shape is Shape.STACKED)
    bars = drawings.figures([stacked])[stacked.id]["data"]
    assert len({bar["marker"]["pattern"]["shape"] for bar in bars}) == len(bars)


def test_a_point_that_is_not_known_is_not_drawn() -> None:
    assert [len(line["x"]) for line in drawings.figures([STEPS])[STEPS.id]["data"]] == [3, 2, 3]


@pytest.mark.slow
def test_the_library_of_charts_is_there_once_and_only_where_there_are_charts(page: str) -> None:
    assert page.count("plotly.js v") == 1
    assert "plotly.js v" not in html.daily(EMPTY)
    assert len(html.daily(EMPTY)) < 20_000


def test_nothing_of_the_page_itself_points_to_a_network(page: str) -> None:
    ours = SCRIPTS.sub("", page)
    assert re.findall(r"""(?:src|href|url\()=?["'(]?\s*(?:https?:)?//""", ours) == []


def test_exactly_the_scripts_that_were_put_in_may_run(page: str) -> None:
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    scripts = SCRIPTS.findall(page)
    digests = {base64.b64encode(sha256(one.encode()).digest()).decode() for one in scripts}
    assert len(scripts) == 2
    assert set(re.findall(r"'sha256-([^']+)'", policy)) == digests
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "'unsafe-inline'" not in policy.partition("style-src")[0]


def test_text_of_the_record_is_no_markup_anywhere(page: str) -> None:
    assert EVIL not in page
    assert page.count("</script>") == 3
    (drawn,) = re.findall(r'id="charts">(.*?)</script>', page, re.DOTALL)
    assert not set("<>&") & set(drawn)
    names = json.loads(drawn)[ROWS.id]["data"][0]["y"]
    assert all("<" not in name for name in names), "plotly reads a little HTML in every text"


class Outline(HTMLParser):
    """Headings, and what each table has."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.tables: list[list[str]] = []
        self.unscoped = 0
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [found["id"] or ""] if "id" in found else []
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        elif tag == "table":
            self.tables.append([])
        elif tag in ("caption", "th") and self.tables:
            self.tables[-1].append(tag)
            self.unscoped += tag == "th" and "scope" not in found


def test_headings_are_in_order_and_tables_say_what_they_are(page: str) -> None:
    outline = Outline()
    outline.feed(SCRIPTS.sub("", page))
    assert outline.headings[0] == 1
    assert outline.headings.count(1) == 1
    steps = zip(outline.headings, outline.headings[1:], strict=False)
    assert all(after - before <= 1 for before, after in steps)
    assert len(outline.tables) == len(CHARTS) + 1
    assert all(parts[0] == "caption" for parts in outline.tables)
    assert outline.unscoped == 0
    assert len(outline.ids) == len(set(outline.ids))
    assert '<html lang="en">' in page
    assert "<title>Trading of 2026-03-02" in page


def test_what_is_not_known_is_said_and_never_a_number(page: str) -> None:
    text = SCRIPTS.sub("", page)
    assert "<b>not known</b>" in text
    assert "NaN" not in text
    assert "None" not in text


@pytest.mark.parametrize("missing", ["jinja2", "plotly"])
def test_without_its_libraries_it_says_what_to_install(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in sys.modules if one.partition(".")[0] == missing]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ConfigError, match=rf"needs `{missing}`.*riskgate-ib\[report\]"):
        html.daily(REPORT)
