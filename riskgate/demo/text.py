"""The demo as people read it, at most eighty columns wide."""

from __future__ import annotations

from importlib.util import find_spec
from textwrap import wrap
from typing import Any, Final

import msgspec

from riskgate.authoring import policy_files
from riskgate.authoring.policy_files import SHIPPED
from riskgate.demo.morning import Demo, Outcome
from riskgate.demo.scenes import Scene
from riskgate.model.account import Account
from riskgate.model.money import grouped, text
from riskgate.model.report import Fill
from riskgate.reporters.findings import decision_lines
from riskgate.reporters.lines import WIDTH, wrapped
from riskgate.reporters.text import rows

FILL_COLUMNS: Final = {
    "timestamp": "filled at (UTC)",
    "quantity": "quantity",
    "price": "price",
    "commission": "commission",
    "execution_id": "execution",
}


def begins(demo: Demo) -> str:
    """What is about to happen, and under which policies."""
    policies = ", ".join(str(path) for path in demo.policies)
    morning = demo.morning.strftime("%A %Y-%m-%d %H:%M New York")
    shipped = f"  (below as {SHIPPED}/)" if policy_files.shipped_policies() in demo.policies else ""
    said = [f"policies: {policies}{shipped}", f"journal: {demo.journal}"]
    line = "   ".join(said)
    told = [line] if len(line) <= WIDTH else [part for text in said for part in wrapped(text)]
    return "".join(
        f"{line}\n" for line in (f"a simulated TWS, the real IB client library, {morning}", *told)
    )


def scene(number: int, played: Scene) -> str:
    """One order: what was decided, its fills, and what became of it."""
    lines = [f"\n{number}. {played.title}"]
    if played.is_call:
        lines.append(f"    {played.asked}")
    if played.decision is not None:
        lines += decision_lines(played.decision, played.asked)
    if played.fills:
        table = rows([_fill_row(fill) for fill in played.fills], FILL_COLUMNS)
        lines += [f"    {line}" for line in table.splitlines()]
    return "".join(f"{line}\n" for line in [*lines, f"   -> {_became(played)}"])


def _fill_row(fill: Fill) -> dict[str, Any]:
    stamp = fill.timestamp.strftime("%Y-%m-%d %H:%M:%S")
    return {**msgspec.structs.asdict(fill), "timestamp": stamp}


def _became(scene: Scene) -> str:
    """The status and, of what was filled, the average price, its slippage and its cost."""
    view = scene.view
    if not scene.fills or view.avg_fill_price is None:
        return str(view.status.value)
    words = [
        f"{view.status.value} {text(view.filled_quantity)} of {text(view.quantity)}",
        f"average {text(round(view.avg_fill_price, 4))}",
    ]
    if scene.slippage_bps is not None:
        words.append(f"slippage {text(round(scene.slippage_bps, 2))} bp")
    if scene.commission is not None:
        words.append(f"commission {text(scene.commission)} {scene.fills[0].currency}")
    return ", ".join(words)


def ends(outcome: Outcome) -> str:
    """What is on record, where, and what to type next."""
    counts = [
        f"  {what:<11}{', '.join(f'{number} {word}' for word, number in found.items())}"
        for what, found in (
            ("events", outcome.events),
            ("decisions", outcome.decisions),
            ("orders", outcome.orders),
            ("executions", {"fills": outcome.executions}),
        )
    ]
    wrapped = [line for text_ in counts for line in wrap(text_, WIDTH, subsequent_indent=" " * 13)]
    return "\n".join(
        [
            f"\non record in {outcome.journal}",
            *wrapped,
            *_account_lines(outcome.account),
            "\nnext",
            f"  riskgate orders --journal {outcome.journal}",
            f"  riskgate why {outcome.eventful} --journal {outcome.journal}",
            f"  riskgate fills --journal {outcome.journal}",
            f"  riskgate report --journal {outcome.journal}{_as_this_can()}",
            *_next_for_policies(outcome),
            "  riskgate simulate --port 7497     a TWS for your own ib_insync code",
            "",
        ]
    )


def _as_this_can() -> str:
    """The format of a report that needs nothing more than what is installed."""
    return "" if find_spec("plotly") and find_spec("jinja2") else " --format markdown"


def _account_lines(account: Account | None) -> list[str]:
    """What the simulated broker says of the account."""
    if account is None:
        return []
    amounts = (
        f"{name} {grouped(value)} {account.currency}"
        for name, value in (
            ("net liquidation", account.net_liquidation),
            ("available", account.available_funds),
            ("today", account.day_pnl),
        )
        if value is not None
    )
    told = f"  {'account':<11}{account.id}: {', '.join(amounts)}"
    return wrap(told, WIDTH, subsequent_indent=" " * 13)


def _next_for_policies(outcome: Outcome) -> list[str]:
    """How to change a limit: in the folder's own policies, or in a copy of those shipped."""
    copy = [f"  cp -rL {outcome.policies} policies"] if outcome.policies != "policies" else []
    return [
        *copy,
        "  change a limit in policies/, then",
        "  riskgate validate policies/ && riskgate test policies/ && riskgate demo",
    ]
