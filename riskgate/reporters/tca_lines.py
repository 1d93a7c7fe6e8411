"""What one order cost, in words: every formula with its numbers filled in.

Rule 1: the numbers are the measures' own; nothing is computed here but what a line shows as a sum.
Rule 2: what is not known says why, where that is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final

from riskgate.analytics.facts import OrderFacts
from riskgate.analytics.measures import OrderMeasures
from riskgate.analytics.slippage import Slip
from riskgate.model.lifecycle import Status
from riskgate.model.money import grouped
from riskgate.model.order import Side
from riskgate.reporters.columns import printable
from riskgate.reporters.lines import wrapped
from riskgate.reporters.quality_lines import BENCHMARKS, took, uncharged
from riskgate.reporters.sheets import bps, price, worth

LABEL: Final = 16
WHY_NOT: Final = {
    "decision": "no price was known at the decision",
    "arrival": "no price is on record when it was sent",
    "limit": "it has none",
    "vwap": "needs the market's trades of that time, see --trades",
}


def tca_lines(one: OrderMeasures, words: str) -> Iterator[str]:
    """One order's figures, in at most eighty columns. `words` are its terms."""
    facts = one.facts
    yield from wrapped(f"order {facts.order_id}: {printable(words)}", hang=4)
    yield from _labelled(_story(one))
    if not one.sent:
        yield f"it never left for the broker ({facts.status.value}), so it cost nothing"
        return
    if facts.is_block or facts.is_parent:
        what = "others went out as one in it" if facts.is_block else "its slices are orders"
        yield f"{what}: the figures of what filled are theirs"
        return
    if one.filling.quantity and one.average_price is not None:
        yield ""
        yield from _labelled(_slippage(one))
    yield ""
    yield from _labelled(_shortfall(one))
    yield ""
    yield from _labelled(_rest(one))


def _labelled(facts: Iterator[tuple[str, str]]) -> Iterator[str]:
    for label, words in facts:
        first, *rest = wrapped(words, LABEL, hang=0)
        yield f"{label:{LABEL}}{first.strip()}"
        yield from rest


def _story(one: OrderMeasures) -> Iterator[tuple[str, str]]:
    """What it was decided on, and when it got where."""
    facts, waits = one.facts, one.waits
    market = "" if facts.bid is None or facts.ask is None else f", market {_touch(facts)}"
    yield "decided", f"{_moment(facts.decided_at)}{market}{_at(facts.decision_price, 'mid')}"
    queued = f", {took(waits.queued)} of it in the queue" if waits.queued else ""
    if waits.sent is not None:
        yield "sent", f"after {took(waits.sent)}{queued}{_at(facts.arrival_price, 'mid')}"
    for name in ("acknowledged", "first_fill", "done"):
        time = getattr(waits, name)
        if time is not None:
            label = {"first_fill": "first fill", "done": "over"}.get(name, name)
            yield label, f"after {took(time)}{_end(one) if name == 'done' else ''}"
    fills = one.filling.executions
    filled = f"{grouped(facts.filled)} of {grouped(facts.quantity)} filled"
    pieces = f" in {fills:,} fill{'s' * (fills != 1)}" if fills else ""
    yield "status", f"{facts.status.value}: {filled}{pieces}"


def _touch(facts: OrderFacts) -> str:
    return f"{grouped(facts.bid or Decimal(0))} x {grouped(facts.ask or Decimal(0))}"


def _at(known: Decimal | None, what: str) -> str:
    return "" if known is None else f", {what} {grouped(known)}"


def _end(one: OrderMeasures) -> str:
    """The price at which the rest would have been bought or sold."""
    return _at(one.facts.end_price, "mid")


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03} UTC"


def _slippage(one: OrderMeasures) -> Iterator[tuple[str, str]]:
    """The average price, and what it cost against each benchmark."""
    facts, average = one.facts, one.average_price or Decimal(0)
    units = grouped(facts.filled)
    verb = "paid" if facts.side is Side.BUY else "received"
    yield "average", f"{grouped(one.filling.paid)} {verb} / {units} units = {price(average)}"
    sides = "average - benchmark" if facts.side is Side.BUY else "benchmark - average"
    yield "slippage", f"units x ({sides}); positive is a cost"
    for name, benchmark in BENCHMARKS.items():
        slip: Slip | None = getattr(one, name)
        if slip is None:
            yield benchmark, WHY_NOT[name]
            continue
        pair = price(average), price(slip.benchmark)
        high, low = pair if facts.side is Side.BUY else pair[::-1]
        rate = "" if slip.bps is None else f", {bps(slip.bps)} bps of {worth(slip.value)}"
        cost = f"{worth(slip.cost)} {facts.currency}".rstrip()
        yield benchmark, f"{units} x ({high} - {low}){_times(facts)} = {cost}{rate}"


def _times(facts: OrderFacts) -> str:
    return "" if facts.multiplier == 1 else f" x {grouped(facts.multiplier)}"


def _shortfall(one: OrderMeasures) -> Iterator[tuple[str, str]]:
    """Each part of the implementation shortfall, and their sum."""
    lost, facts = one.shortfall, one.facts
    if lost is None:
        yield "shortfall", "not known: its fills do not add up to what it has filled"
        return
    if lost.paper is not None:
        paper = f"{grouped(_on_paper(facts))} at {price(facts.decision_price or Decimal(0))}"
        yield "shortfall", f"against {paper}{_times(facts)} = {worth(lost.paper)} on paper"
    else:
        yield "shortfall", "no price was known at the decision"
    for name, formula in _formulas(facts, one.filling.paid).items():
        part = getattr(lost, name)
        yield name, f"{formula} = {worth(part)}" if formula else _known(part, name, facts)
    parts = [getattr(lost, name) for name in ("delay", "execution", "opportunity", "fees")]
    if lost.total is None:
        yield "total", "not known, because a part is not"
        return
    rate = "" if lost.bps is None else f", {bps(lost.bps)} bps"
    yield "total", f"{' + '.join(map(worth, parts))} = {worth(lost.total)} {facts.currency}{rate}"


def _on_paper(facts: OrderFacts) -> Decimal:
    """How many units the paper portfolio has: an order that is filled whole wanted what it got."""
    whole = facts.status is Status.FILLED
    return facts.filled if whole else max(facts.filled, facts.quantity)


def _formulas(facts: OrderFacts, paid: Decimal) -> dict[str, str]:
    """How each part comes about, where all of it is known; empty where it is not."""
    buys, units = facts.side is Side.BUY, grouped(facts.filled)
    left = _on_paper(facts) - facts.filled
    decision, arrival, end = facts.decision_price, facts.arrival_price, facts.end_price
    delay = execution = opportunity = ""
    if facts.filled and arrival is not None:
        worth_then = f"{units} x {price(arrival)}"
        execution = f"{grouped(paid)} - {worth_then}" if buys else f"{worth_then} - {grouped(paid)}"
        execution = f"({execution}){_times(facts)}" if _times(facts) else execution
        if decision is not None:
            delay = _moved(units, (arrival, decision), facts)
    if left and decision is not None and end is not None:
        opportunity = _moved(grouped(left), (end, decision), facts)
    return {"delay": delay, "execution": execution, "opportunity": opportunity, "fees": ""}


def _moved(units: str, prices: tuple[Decimal, Decimal], facts: OrderFacts) -> str:
    now, then = map(price, prices)
    high, low = (now, then) if facts.side is Side.BUY else (then, now)
    return f"{units} x ({high} - {low}){_times(facts)}"


def _known(part: Decimal | None, name: str, facts: OrderFacts) -> str:
    """A part without a formula: it is of no units, or something is missing."""
    if part is not None:
        return worth(part)
    if name == "fees":
        return "not known: a fill has no commission yet, or it is in another currency"
    if name == "opportunity" and not facts.status.finished:
        return "not known while it works"
    return "not known: a price is not on record"


def _rest(one: OrderMeasures) -> Iterator[tuple[str, str]]:
    """Price improvement and fees."""
    facts, gain = one.facts, one.improvement
    if gain is not None:
        side = "ask" if facts.side is Side.BUY else "bid"
        units = f"{grouped(gain.better)} better, {grouped(gain.same)} at it"
        rate = "" if gain.bps is None else f", {bps(gain.bps)} bps"
        amount = f"{worth(gain.amount)} {facts.currency}{rate}"
        touch = f"on the {side} of {grouped(gain.touch)}"
        yield "improvement", f"{amount} {touch}; units: {units}, {grouped(gain.worse)} worse"
    for charge in one.charges.by_currency:
        each = charge.amount / charge.quantity if charge.quantity else None
        unit = "" if each is None else f", {round(each, 4).normalize():f} a unit"
        yield "fees", f"{worth(charge.amount)} {charge.currency}{unit}"
    if one.charges.uncharged:
        yield "", uncharged(one.charges.uncharged)
