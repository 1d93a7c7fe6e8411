"""Values as small HTML tables, for notebooks.

Rule 1: every word is escaped here, and nowhere else: callers hand in plain text.
Rule 2: no script, no colour, no file: the notebook's own style shows it, light or dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from html import escape
from typing import Final

from riskgate.model.money import grouped, text
from riskgate.model.spans import span

DECIMALS: Final = 6
LEFT: Final = ' style="text-align:left"'
RIGHT: Final = ' style="text-align:right"'


def card(title: str, facts: Iterable[tuple[str, object]], *below: str) -> str:
    """A titled list of facts, those without a value left out, and finished HTML below it."""
    rows = "".join(
        f'<tr><th scope="row"{LEFT}>{escape(name)}</th><td{LEFT}>{cell(value)}</td></tr>'
        for name, value in facts
        if value is not None and value not in ("", (), {})
    )
    head = f"<caption{LEFT}><b>{escape(title)}</b></caption>"
    return f"<div><table>{head}<tbody>{rows}</tbody></table>{''.join(below)}</div>"


def figures(title: str, found: Mapping[str, object]) -> str:
    """Named figures as a card, to six decimals; those that are not known are left out."""
    return card(title, ((name.replace("_", " "), _brief(value)) for name, value in found.items()))


def _brief(value: object) -> object:
    """A quotient without the digits that nobody reads; zero only where it is."""
    if not isinstance(value, Decimal) or not value.is_finite():
        return value
    rounded = round(value, DECIMALS)
    return rounded if rounded and rounded != value else value


def table(titles: Sequence[str], rows: Iterable[Sequence[object]], note: str = "") -> str:
    """A table with a row for each; numbers to the right. `note` is a line below."""
    head = "".join(f'<th scope="col"{LEFT}>{escape(title)}</th>' for title in titles)
    body = "".join(f"<tr>{''.join(map(_td, row))}</tr>" for row in rows)
    below = f"<p>{escape(note)}</p>" if note else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}"


def _td(value: object) -> str:
    side = RIGHT if isinstance(value, int | Decimal) else LEFT
    return f"<td{side}>{cell(value)}</td>"


def cell(value: object) -> str:
    """One value, escaped: a number with its digits, a time in UTC, words with commas between."""
    if isinstance(value, Mapping):
        return ", ".join(f"{cell(name)} {cell(one)}" for name, one in value.items())
    return ", ".join(map(cell, value)) if isinstance(value, tuple) else escape(_word(value))


def _word(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return text(value) if value.is_finite() else str(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return span(value) if isinstance(value, timedelta) else str(value)


def amount(value: Decimal | tuple[str, ...] | None) -> str:
    """An observation or a limit as people read it, not yet escaped."""
    return grouped(value) if isinstance(value, Decimal) else ", ".join(value or ())
