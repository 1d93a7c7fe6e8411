"""The page of a report in a real browser: it draws, sorts, fits, is quiet, and asks no network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from riskgate.reporters import html
from tests.browser.chromium import Chromium, Page
from tests.browser.sample import CHARTS, EMPTY, REPORT

pytestmark = pytest.mark.slow  # a browser is started
WIDE, NARROW = 1280, 390
widths = pytest.mark.parametrize("width", [WIDE, NARROW])
Opened = Callable[..., Page]
Still = Callable[[int], Page]
# Of one column of a table, top down; and what the headings say of how it is sorted.
COLUMN = "[...document.querySelectorAll('#worst tbody tr')].map(r => r.cells[{}].dataset.value)"
SORTS = "[...document.querySelectorAll('#worst thead th')].map(h => h.getAttribute('aria-sort'))"
FOCUS = "document.querySelectorAll('#worst thead button')[{}].focus()"
CLICK = "document.querySelectorAll('#worst thead button')[{}].click()"
# The least width and height of anything that is drawn in a chart as a line or a bar.
MARKS = """
[...document.querySelectorAll('#{} .js-line, #{} .bars .point path')].map(mark => {{
  const box = mark.getBoundingClientRect();
  return [box.width, box.height];
}})
"""


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(html.daily(REPORT), encoding="utf-8")
    return path


@pytest.fixture
def opened(chromium: Chromium, file: Path) -> Iterator[Opened]:
    pages: list[Page] = []

    def open_(width: int = WIDE, theme: str = "light", path: Path = file) -> Page:
        pages.append(Page(chromium, width, theme))
        pages[-1].open(path)
        return pages[-1]

    yield open_
    for page in pages:
        page.close()


@pytest.fixture(scope="session")
def still(chromium: Chromium, file: Path) -> Still:
    """The page of a width, opened once for all tests that only look at it."""

    @cache
    def open_(width: int) -> Page:
        page = Page(chromium, width)
        page.open(file)
        return page

    return open_


def column(page: Page, number: int) -> list[str]:
    found: list[str] = page.run(COLUMN.format(number))
    return found


@widths
def test_every_chart_draws(still: Still, width: int) -> None:
    page = still(width)
    for chart in CHARTS:
        sizes = page.run(MARKS.format(chart.id, chart.id))
        drawn = [size for size in sizes if min(size) > 1]
        known = sum(y != 0 for series in chart.series for y in series.y)
        lines = len(chart.series) if chart.shape == "step" else known
        assert len(drawn) == lines, (chart.id, sizes)
        left, right = page.run(
            f"(box => [box.left, box.right])(document.querySelector('#{chart.id} .main-svg')"
            ".getBoundingClientRect())"
        )
        assert 0 <= left < right <= width


@widths
def test_nothing_is_fetched_and_nobody_complains(still: Still, file: Path, width: int) -> None:
    page = still(width)
    assert page.complaints == []
    assert page.requests == [file.as_uri()]


@widths
def test_the_page_is_no_wider_than_the_screen(still: Still, width: int) -> None:
    page = still(width)
    assert page.run("document.documentElement.scrollWidth") == width
    page.run("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.run("document.documentElement.scrollWidth") == width


def test_a_click_on_a_heading_sorts_up_and_another_down(opened: Opened) -> None:
    page = opened(NARROW)
    assert page.run(SORTS) == ["none"] * 4
    page.run(CLICK.format(3))
    assert column(page, 3) == ["-3", "12.5", "1234.567", ""]
    assert page.run(SORTS) == ["none", "none", "none", "ascending"]
    page.run(CLICK.format(3))
    assert column(page, 3) == ["1234.567", "12.5", "-3", ""]
    assert page.run(SORTS) == ["none", "none", "none", "descending"]
    page.run(CLICK.format(0))
    assert column(page, 0) == ["3", "9", "10", "21"]
    assert page.run(SORTS) == ["ascending", "none", "none", "none"]


def test_a_heading_sorts_by_the_keyboard_too(opened: Opened) -> None:
    page = opened()
    page.run(FOCUS.format(2))
    page.press("Enter", "\r")
    assert column(page, 0) == ["10", "9", "21", "3"]
    page.press(" ", " ")
    assert column(page, 0) == ["3", "21", "9", "10"]
    page.run(CLICK.format(1))
    assert column(page, 1)[1:] == ["alpha", "Alpha", "beta"]


def test_names_of_the_record_stay_text(still: Still) -> None:
    page = still(WIDE)
    assert page.run("document.querySelectorAll('img').length") == 0
    assert "<script>alert(1)" in page.run("document.body.innerText")
    legend = page.run("document.querySelector('.legend').textContent")
    assert "<script>alert(1)</script>" in legend
    rows = page.run("document.querySelector('#rows .yaxislayer-above').textContent")
    assert "onerror=alert(2)>" in rows
    assert page.run("document.querySelectorAll('script').length") == 3


def test_a_script_that_got_in_after_all_would_not_run(
    opened: Opened, file: Path, tmp_path: Path
) -> None:
    spoiled = tmp_path / "spoiled.html"
    page_text = file.read_text(encoding="utf-8")
    spoiled.write_text(page_text.replace("<main>", "<main><script>window.ran = 1</script>", 1))
    page = opened(path=spoiled)
    assert page.run("window.ran") is None
    assert page.complaints, "the browser tells that it refused to run it"


def test_a_request_would_be_seen(opened: Opened, tmp_path: Path) -> None:
    curious = tmp_path / "curious.html"
    curious.write_text("<img src='http://127.0.0.1:9/none.png'><script>throw Error('x')</script>")
    page = opened(path=curious)
    assert "http://127.0.0.1:9/none.png" in page.requests
    assert page.complaints


def test_the_theme_follows_the_system_until_somebody_chooses(opened: Opened) -> None:
    page = opened(theme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    button = "document.getElementById('theme')"
    dark = page.run(paper)
    assert page.run(f"{button}.textContent") == "Light theme"
    page.emulate("light")
    light = page.run(paper)
    assert light != dark
    page.emulate("dark")
    page.run(f"{button}.click()")
    assert page.run(paper) == light
    assert page.run(f"{button}.textContent") == "Dark theme"


def test_on_paper_it_is_light_has_charts_and_no_controls(opened: Opened) -> None:
    page = opened(theme="dark")
    light = page.run("getComputedStyle(document.querySelector('main')).color")
    page.emulate("dark", media="print")
    assert page.run("getComputedStyle(document.querySelector('main')).color") != light
    seen = "document.querySelector('{}').checkVisibility()"
    assert not page.run(seen.format("#theme"))
    assert not page.run(seen.format("nav"))
    for chart in CHARTS:
        assert page.run(seen.format(f"#{chart.id} .main-svg"))


def test_on_paper_no_drawing_is_cut_and_later_it_fits_the_window(opened: Opened) -> None:
    page = opened()
    page.emulate("light", media="print")
    cut = """[...document.querySelectorAll('.svg-container')].filter(drawing => {
      const box = drawing.getBoundingClientRect();
      const frame = drawing.closest('.plot').getBoundingClientRect();
      return box.width < 600 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1;
    }).length"""
    page.run("window.dispatchEvent(new Event('beforeprint'))")
    assert page.run(cut) == 0
    wide = "document.querySelector('#steps .main-svg').getBoundingClientRect().width"
    assert page.run(wide) == 680
    page.emulate("light")
    page.run("window.dispatchEvent(new Event('afterprint'))")
    assert page.run(wide) != 680
    assert page.complaints == []


def test_a_drawing_follows_the_width_of_the_window(opened: Opened) -> None:
    page = opened()
    page.resize(700)
    wide = "document.querySelector('#steps .main-svg').getBoundingClientRect().width"
    room = "document.querySelector('#steps').getBoundingClientRect().width"
    assert page.run(wide) == page.run(room)
    assert page.run("document.documentElement.scrollWidth") == 700


def test_it_can_be_printed(opened: Opened) -> None:
    page = opened(NARROW)
    pages = page.ask("Page.printToPDF")["data"]
    assert len(pages) > 10_000
    assert page.complaints == []


def test_a_day_on_which_nothing_happened_says_so(opened: Opened, tmp_path: Path) -> None:
    empty = tmp_path / "empty.html"
    empty.write_text(html.daily(EMPTY), encoding="utf-8")
    page = opened(path=empty)
    text = page.run("document.body.innerText")
    assert "Nothing was decided" in text
    assert "NaN" not in text
    assert page.complaints == []
