"""HTML: a page that is one file, needs no network, and reads on a phone, on paper and aloud.

Rule 1: the page is a template and everything in it is escaped, unless this module made it.
Rule 2: its Content-Security-Policy lets run exactly the scripts that were put in, by their hashes.
Rule 3: jinja2 and plotly are imported here and nowhere else.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from hashlib import sha256
from importlib import import_module
from importlib.resources import files
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from riskgate.errors import ConfigError
from riskgate.reporters import chronicle_lines, drawings
from riskgate.reporters.report_cells import answered, numbers_of, origins, raw, shown

if TYPE_CHECKING:
    from riskgate.reporting.content import DayReport

TEMPLATES: Final = files("riskgate") / "templates" / "report"
POLICY: Final = (
    "default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:;"
    " base-uri 'none'; form-action 'none'"
)
FILTERS: Final[Mapping[str, Any]] = {
    "answered": answered,
    "facts": chronicle_lines.facts,
    "happened": chronicle_lines.happened,
    "headline": chronicle_lines.headline,
    "legend": drawings.legend,
    "numbers_of": numbers_of,
    "origins": origins,
    "raw": raw,
    "shown": shown,
    "summed": chronicle_lines.summary,
}


def daily(of: DayReport) -> str:
    """The report as a page. Raise ConfigError where jinja2 or plotly is not installed."""
    charts = [chart for section in of.sections for chart in section.charts]
    script = _text("page.js")
    plotly = _needed("plotly.offline").get_plotlyjs() if charts else ""
    made = _needed("markupsafe").Markup
    page: str = _template("page.html").render(
        report=of,
        told={story.view.order_id for story in of.stories},
        numbers={note.key: place for place, note in enumerate(of.notes, 1)},
        policy=made(POLICY.format(hashes=_hashes(plotly, script))),
        style=made(_text("style.css")),
        drawn=made(drawings.harmless(drawings.figures(charts))) if charts else "",
        plotly=made(plotly),
        script=made(script),
    )
    return page


def _hashes(*scripts: str) -> str:
    digests = (sha256(script.encode()).digest() for script in scripts if script)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def _template(name: str) -> Any:  # noqa: ANN401  # jinja2's, which may be absent
    jinja = _needed("jinja2")
    surroundings = jinja.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja.StrictUndefined
    )
    surroundings.filters.update(FILTERS)
    return surroundings.from_string(_text(name))


def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _needed(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "riskgate":
            raise
        raise ConfigError(
            f"an HTML report needs `{error.name.partition('.')[0]}`, which is not installed:"
            ' pip install "riskgate-ib[report]"; `--format markdown` needs nothing more'
        ) from error
