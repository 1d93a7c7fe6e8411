"""The report of the demo's journal, as somebody opens it who has just tried the demo."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.chromium import Chromium, Page

pytestmark = pytest.mark.slow  # a browser is started
ROOT = Path(__file__).parents[2]
SIZES = """
[...document.querySelectorAll('.plot')].map(plot => {
  const marks = [...plot.querySelectorAll('.trace path')].map(one => one.getBoundingClientRect());
  const svg = plot.querySelector('.main-svg').getBoundingClientRect();
  return [plot.id, svg.width, svg.height, Math.max(...marks.map(one => one.width + one.height))];
})
"""


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    for words in (["demo"], ["report", "-o", "report.html"]):
        subprocess.run(
            [sys.executable, "-m", "riskgate", *words],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            timeout=100,
            check=True,
        )
    return folder / "report.html"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_draws_fits_is_quiet_and_asks_no_network(
    chromium: Chromium, report: Path, width: int, theme: str
) -> None:
    page = Page(chromium, width, theme)
    page.open(report)
    charts = page.run(SIZES)
    assert len(charts) >= 6
    for name, wide, high, marks in charts:
        assert 200 < wide <= width, name
        assert high > 200, name
        assert marks > 0, name
    assert page.run("document.documentElement.scrollWidth") == width
    assert page.complaints == []
    assert page.requests == [report.as_uri()]
    page.close()


def test_a_link_to_an_order_opens_its_story(chromium: Chromium, report: Path) -> None:
    page = Page(chromium, 1280)
    page.open(report)
    link = page.run("document.querySelector('#worst a[href^=\"#order-\"]').getAttribute('href')")
    story = f"document.querySelector('{link}')"
    assert page.run(f"{story}.open") is False
    page.run(
        "new Promise(done => { window.addEventListener('hashchange', done);"
        f" document.querySelector('#worst a[href=\"{link}\"]').click() }})"
        ".then(() => 0)"
    )
    assert page.run(f"{story}.open") is True
    assert "What passed" in page.run(f"{story}.innerText")
    page.close()


def test_every_link_in_the_page_leads_somewhere(report: Path) -> None:
    page = report.read_text(encoding="utf-8").partition('<script type="application/json"')[0]
    targets = set(re.findall(r' id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= targets
