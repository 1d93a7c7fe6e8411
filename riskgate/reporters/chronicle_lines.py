"""One order's history as lines of at most eighty columns: decisions, limits, what happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from riskgate.model.lifecycle import BEFORE_SENDING
from riskgate.model.money import grouped
from riskgate.model.spans import SECOND
from riskgate.model.words import abridged
from riskgate.reporters.findings import WORDS
from riskgate.reporters.lines import WIDTH, wrapped
from riskgate.reporters.use_tables import brief, use_lines

if TYPE_CHECKING:
    from riskgate.model.account import Account
    from riskgate.policy.explaining import Priced, Use
    from riskgate.record.chronicle import Chapter, Chronicle, Happening

LABEL: Final = 13
QUOTED: Final = ("bid", "ask", "last", "close")
VALUES: Final = {
    "net_liquidation": "net liquidation",
    "available_funds": "available funds",
    "day_pnl": "day's P&L",
}
Facts = list[tuple[str, str]]


def chronicle_lines(of: Chronicle, *, verbose: bool) -> list[str]:
    """The order, then each decision with what happened until the next."""
    lines = [line for label, text in summary(of) for line in _fact(label, text)]
    for number, chapter in enumerate(of.chapters, 1):
        lines += ["", *wrapped(f"{number}. {headline(chapter)}")]
        lines += (line for label, text in facts(chapter) for line in _fact(label, text))
        lines += _uses(chapter, verbose=verbose)
        if chapter.then:
            lines.append("  what happened next (UTC)")
            lines += (line for told in chapter.then for line in wrapped(happened(told), 4))
    return lines


def summary(of: Chronicle) -> Facts:
    """What the order is, where it stands, and what its fills cost."""
    view = of.view
    done = view.status.value
    if view.filled_quantity or view.status not in BEFORE_SENDING:
        done += f", filled {grouped(view.filled_quantity)} of {grouped(view.quantity)}"
    said = [("order", f"{view.order_id}  {view.text}"), ("reference", view.ref), ("now", done)]
    if view.avg_fill_price is not None:
        charged = ", ".join(f"{grouped(cost)} {money}" for money, cost in of.commissions.items())
        cost = f"average {brief(view.avg_fill_price)}, commission {charged or 'not told yet'}"
        if of.slippage_bps is not None and of.arrival is not None:
            cost += f", slippage {bps(of.slippage_bps)} against {grouped(of.arrival)}"
        said.append(("cost", cost))
    return said


def headline(chapter: Chapter) -> str:
    """`new order denied 2026-03-02 15:00:11.000 UTC by demo`."""
    decided = chapter.decided
    who = f" by {decided.actor}" if decided.actor else ""
    return f"{chapter.what} {WORDS[decided.decision.action]} {moment(chapter.at)} UTC{who}"


def facts(chapter: Chapter) -> Facts:
    """What the decision was made on, with the policies and the engine; times are UTC."""
    decided, explanation = chapter.decided, chapter.explanation
    decision, snapshot = decided.decision, decided.snapshot
    engine = f", riskgate {decided.engine}" if decided.engine else ""
    said: Facts = [
        ("terms", decided.text),
        ("reason", decided.reason),
        ("policies", f"{abridged(decision.digest)}{engine}"),
        ("explained", _basis(chapter)),
        ("again", _AGAIN.get(explanation.repeats, "")),
        ("group", f"submitted with order {decided.group}" if decided.group else ""),
        ("parent", f"a slice of order {decided.parent}" if decided.parent else ""),
    ]
    if snapshot is not None:
        held = snapshot.holding
        working = f"working buys {grouped(held.buys)}, working sells {grouped(held.sells)}"
        said += [
            ("route", snapshot.routed),
            ("price", _price(chapter.price)),
            ("used", _used(chapter.price)),
            ("position", f"{grouped(held.position)}, {working}"),
            ("account", _account(snapshot.account, chapter.decided.decision.as_of)),
            ("state", snapshot.state_text),
        ]
    said += [("effect", "only reduces exposure" if decision.reduction else "")]
    said += [("note", note) for note in decision.notes]
    return [(label, text) for label, text in said if text]


_AGAIN: Final[Mapping[bool | None, str]] = {
    True: "deciding again from the record gives the same answer",
    False: "deciding again from the record gives ANOTHER answer; keep the journal and report it",
}


def _basis(chapter: Chapter) -> str:
    found = chapter.explanation
    return f"{found.basis.value}{f' ({abridged(found.digest)})' if found.digest else ''}"


def _uses(chapter: Chapter, *, verbose: bool) -> Iterator[str]:
    found = chapter.explanation
    breached = [use for use in found.uses if not use.passed]
    passed = [use for use in found.uses if use.passed]
    yield from _titled("what stopped or marked it", breached, because=True)
    yield from _titled("what passed", passed, because=verbose)
    if found.not_asked:
        why = "it only reduces, or their limits are about other orders"
        yield from wrapped(f"not asked ({why}): {', '.join(found.not_asked)}", 2)
    if found.others:
        yield from wrapped(OTHERS.format(abridged(found.digest)), 2)
        yield from use_lines(found.others, because=verbose)


OTHERS: Final = (
    "UNDER OTHER POLICIES ({}), which were not in force: what the same order in the same world"
    " meets there; a rule that counts what was not counted then could not be judged"
)


def _titled(title: str, found: Sequence[Use], *, because: bool) -> list[str]:
    return [f"  {title}", *use_lines(found, because=because)] if found else []


def happened(told: Happening) -> str:
    """`2026-03-02 15:00:11.000  filled 34 at 190.01, slippage 0.53 bp`."""
    cost = "" if told.slippage_bps is None else f", slippage {bps(told.slippage_bps)}"
    return f"{moment(told.at)}  {told.text}{cost}"


def _price(price: Priced | None) -> str:
    """`bid 189.99, ask 190.01, last 190; live, 1 s old, from ib`."""
    quote = price.quote if price else None
    if price is None or quote is None:
        return "none"
    shown = [f"{name} {grouped(p)}" for name in QUOTED if (p := getattr(quote, name)) is not None]
    kind = [quote.type, *_aged(price.age)] + ([f"from {quote.source}"] if quote.source else [])
    return f"{', '.join(shown) or 'no price'}; {', '.join(kind)}"


def _used(price: Priced | None) -> str:
    """What of the price was used, and what one unit was worth."""
    if price is None:
        return ""
    words = [] if price.reference is None else [f"{price.used} {grouped(price.reference)}"]
    if price.unit_value is not None:
        words.append(f"a unit is worth {grouped(price.unit_value)} {price.currency} at worst")
    return "; ".join((*words, *filter(None, (price.why,))))


def _account(account: Account | None, now: datetime) -> str:
    if account is None:
        return "none"
    named = ((words, getattr(account, name)) for name, words in VALUES.items())
    known = [f"{name} {grouped(value)}" for name, value in named if value is not None]
    if not known:
        return f"{account.id}, no values reported"
    aged = _aged(None if account.at is None else now - account.at)
    return f"{account.id}: {', '.join(known)} {account.currency}{''.join(f'; {a}' for a in aged)}"


def _aged(age: timedelta | None) -> Iterable[str]:
    return () if age is None else (f"{grouped(Decimal(str(round(age / SECOND, 3))))} s old",)


def bps(cost: Decimal) -> str:
    """Basis points to a hundredth."""
    return f"{grouped(round(cost, 2))} bp"


def moment(at: datetime) -> str:
    """UTC to the millisecond."""
    return at.isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")


def _fact(label: str, text: str) -> list[str]:
    lines = wrapped(text, hang=0, width=WIDTH - LABEL)
    labels = [label, *[""] * (len(lines) - 1)]
    return [f"  {name:{LABEL - 2}}{line}" for name, line in zip(labels, lines, strict=True)]
