"""A frame of `riskgate watch`, as lines that fit a terminal.

Rule 1: nothing wraps: what is too long ends in `...`, and what is left out is counted.
Rule 2: no colour says what no word says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from riskgate.ledger.budgets import in_short
from riskgate.model.lifecycle import Status
from riskgate.model.moments import to_the_second
from riskgate.model.money import HUNDRED, grouped
from riskgate.model.spans import SECOND, ZERO, span
from riskgate.model.trading import TradingState
from riskgate.model.words import counted
from riskgate.reporters.columns import CUT, cut, printable
from riskgate.reporters.lines import WIDTH
from riskgate.reporters.use_tables import brief, share

if TYPE_CHECKING:
    from rich.text import Text

    from riskgate.line.parents_terms import ParentProgress
    from riskgate.record.limits_now import LimitNow
    from riskgate.record.live_view import AtWork, Frame, Judged
    from riskgate.record.status import State

LABEL: Final = 11
LEAST: Final = 26  # columns for the words beside numbers
NEAR: Final = 90  # percent
ROOMY: Final = 10_000  # lines: everything is shown
PLAIN: Final = ""
GOOD: Final = "green"
WARY: Final = "yellow"
BAD: Final = "bold red"
HEAD: Final = "bold"
DIM: Final = "dim"
OF_STATE: Final = {TradingState.ACTIVE: GOOD, TradingState.REDUCE_ONLY: WARY}
OF_ACTION: Final = {"allow": GOOD, "warn": WARY, "hold": WARY, "deny": BAD}


class Line(NamedTuple):
    """One line of the screen, and how it looks where there are colours."""

    text: str
    style: str = PLAIN


class _Part(NamedTuple):
    """One list of the screen: its title, what it is called when empty, and its lines."""

    title: str
    rows: Sequence[Any]
    line: Callable[[Any, int], Line]


def screen(frame: Frame, width: int = WIDTH, height: int = ROOMY, most: int = ROOMY) -> list[Line]:
    """At most `height` lines of at most `width` columns; `most` rows of each list."""
    top = [_cut(line, width) for line in _top(frame, width)]
    parts = _parts(frame)
    room = max(0, height - len(top) - len(parts))
    shown = _shared([min(most, len(part.rows)) for part in parts], room)
    lines = list(top)
    for part, rows in zip(parts, shown, strict=True):
        lines.append(_cut(Line(_title(part, rows), HEAD), width))
        lines += [_cut(part.line(row, width), width) for row in part.rows[:rows]]
    return _fitted(lines, height)


def _top(frame: Frame, width: int) -> Iterator[Line]:
    """The state and what it rests on: always shown."""
    state, now = frame.state, frame.state.around.now
    at = to_the_second(now)
    name = cut(printable(state.around.journal), max(0, width - len(at) - LABEL - 2))
    yield Line(f"{'riskgate':{LABEL}}{name}{at:>{max(0, width - LABEL - len(name))}}", HEAD)
    if frame.trouble:
        yield Line(f"{'TROUBLE':{LABEL}}{printable(frame.trouble)}", BAD)
    if state.around.kill_file_present:
        yield Line(f"{'KILL FILE':{LABEL}}`{printable(state.around.kill_file)}` is there", BAD)
    yield from _states(state)
    clients = ", ".join(map(str, state.around.running))
    gate = f"runs, client id {clients}" if clients else "none runs on this journal"
    yield Line(f"{'gate':{LABEL}}{gate}; last event {_ago(state.last_event, now)}")
    verdict = "clean" if state.clean else "NOT CLEAN"
    said = f"{verdict}, {_ago(state.reconciled_at, now)}" if state.reconciled else "NEVER"
    prices = f"; newest price {_ago(frame.priced_at, now)}"
    yield Line(f"{'reconcile':{LABEL}}{said}{prices}", PLAIN if state.clean else BAD)


def _states(state: State) -> Iterator[Line]:
    """The strictest state, and how many more there are."""
    if not state.standings:
        yield Line(f"{'state':{LABEL}}ACTIVE for all", GOOD)
        return
    first, *more = state.standings
    also = f" (and {len(more)} more)" if more else ""
    style = OF_STATE.get(first.state, BAD)
    since = first.at.astimezone(UTC).strftime("%m-%d %H:%M:%S")
    who = f"{first.by}{' (a rule)' if first.latch else ''}"
    text = f"{first.state.value} for {first.scope}{also} since {since} by {who}: {first.reason}"
    yield Line(f"{'state':{LABEL}}{printable(text)}", style)


def _parts(frame: Frame) -> list[_Part]:
    """The lists; parents only where there are any."""
    parents = frame.state.parents
    unknown = len(frame.state.unknown)
    orders = f"ORDERS {frame.state.working} working, {len(frame.state.held)} held"
    orders += f", {unknown} UNKNOWN" if unknown else ""
    limits = "LIMITS used + reserved / limit"
    if frame.lacking:
        limits = f"LIMITS cannot be told: {printable(frame.lacking)}"
    told = [one for one in frame.limits if one.percent is not None]
    return [
        _Part(limits, told, _limit),
        _Part(orders, frame.orders, _order),
        *([_Part("AT WORK", parents, _parent)] if parents else ()),
        _Part("DECISIONS newest first", frame.decisions, _decision),
    ]


def _title(part: _Part, rows: int) -> str:
    """The title, with how many of how many are shown where that is not all."""
    if not part.rows:
        return f"{part.title}: none"
    return part.title if rows == len(part.rows) else f"{part.title} ({rows} of {len(part.rows)})"


def _limit(row: LimitNow, width: int) -> Line:
    """How full a limit is, whose, and the numbers."""
    percent = row.percent if row.percent is not None else HUNDRED
    word = "FULL" if percent >= HUNDRED else "NEAR" if percent >= NEAR else ""
    used = "-" if row.used is None else brief(row.used)
    reserved = "-" if row.reserved is None else brief(row.reserved)
    sign, of = ("-", ">=") if row.floor else ("+", "/")
    right = f"{used} {sign} {reserved} {of} {grouped(row.limit)} {row.unit}".rstrip()
    whose = printable(in_short(row.budget))
    left = f"{share(row.percent):>6} {word:4} {row.rule} {row.limit_name} {whose}"
    style = BAD if word == "FULL" else WARY if word else PLAIN
    return Line(_sides(left, right, width), style)


def _order(row: AtWork, width: int) -> Line:
    """An order that works, with what is filled of it."""
    word = "UNKNOWN" if row.status is Status.UNKNOWN else row.status.value
    right = f"{grouped(row.filled)} of {grouped(row.quantity)} filled"
    style = BAD if row.status is Status.UNKNOWN else WARY if row.status is Status.HELD else PLAIN
    return Line(_sides(f"{row.order_id:>6} {word:15} {printable(row.order)}", right, width), style)


def _parent(row: ParentProgress, width: int) -> Line:
    """An order that is worked off in slices."""
    right = f"{grouped(row.filled)} + {grouped(row.working)} of {grouped(row.quantity)}"
    why = f" ({row.reason})" if row.reason else ""
    told = printable(f"{row.plan.split()[0]}{why} {row.order}")
    return Line(_sides(f"{row.order_id:>6} {row.state.value:8} {told}", right, width))


def _decision(row: Judged, width: int) -> Line:
    """One decision, and what it was by."""
    at = row.at.astimezone(UTC).strftime("%H:%M:%S")
    left = f"{at} {row.action.upper():5} {row.order_id:>6} {printable(row.order)}"
    right = f"by {row.by[0]}{f' +{len(row.by) - 1}' if len(row.by) > 1 else ''}" if row.by else ""
    return Line(_sides(left, printable(right), width), OF_ACTION.get(row.action, PLAIN))


def _sides(left: str, right: str, width: int) -> str:
    """Words to the left, cut where they must be, and numbers to the right, whole or not at all."""
    if len(right) > width - LEAST:
        right = CUT
    room = max(0, width - len(right) - 2)
    return f"{cut(left, room):{room}}  {right}" if right else cut(left, width)


def _shared(wanted: Sequence[int], room: int) -> list[int]:
    """How many rows each list gets: one after the other, until there is no room."""
    given = [0] * len(wanted)
    while room and given != list(wanted):
        for place, most in enumerate(wanted):
            if room and given[place] < most:
                given[place] += 1
                room -= 1
    return given


def _fitted(lines: list[Line], height: int) -> list[Line]:
    """No more lines than there are, and a mark where some had to go."""
    if len(lines) <= height:
        return lines
    gone = len(lines) - height + 1
    return [*lines[: max(0, height - 1)], Line(f"... {counted(gone, 'line')} more", DIM)][:height]


def _cut(line: Line, width: int) -> Line:
    return line._replace(text=cut(line.text, width))


def _ago(then: datetime | None, now: datetime) -> str:
    return "never" if then is None else f"{span(max(now - then, ZERO) // SECOND * SECOND)} ago"


def drawn(lines: Sequence[Line]) -> Text:
    """The lines as a terminal shows them in colours."""
    from rich.text import Text  # noqa: PLC0415  # only on a terminal

    glue = Text("\n", no_wrap=True, overflow="ellipsis")  # some letters are two columns wide
    return glue.join(Text(line.text, line.style) for line in lines)
