"""The inventory of armed limits, and what each maps to in 15c3-5, RTS 6 and FIA's guide.

Rule 1: "maps to", never "complies with": 15c3-5 binds brokers, RTS 6 binds EU and UK firms, FIA's
guide binds nobody, and whether a limit is enough is for a person to say.
Rule 2: `CONTROLS` is the one table; a limit that it does not name maps to nothing and is listed
all the same.
Rule 3: paragraphs of 15c3-5 and FIA's names come from our own notes: check the text before quoting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from riskgate.model.decision import Action
from riskgate.model.money import text
from riskgate.policy.bound import Bound, Check
from riskgate.policy.cases import Case
from riskgate.policy.diffing.phrases import shown
from riskgate.policy.policies import PolicySet
from riskgate.rulekit.matching import Names


class Control(NamedTuple):
    """What a gate is expected to have; `met_by` are limits as `kind.limit`, `*` for any text.

    `always` says what of riskgate meets it without any limit.
    """

    name: str
    sec: str
    rts6: str
    fia: str
    met_by: tuple[str, ...] = ()
    always: str = ""

    @property
    def references(self) -> tuple[str, ...]:
        """`15c3-5(c)(1)(ii)`, `RTS 6 Art. 15(1)`, `FIA: maximum order size`."""
        named = (("15c3-5", self.sec), ("RTS 6 Art. ", self.rts6), ("FIA: ", self.fia))
        return tuple(f"{prefix}{said}" for prefix, said in named if said)


WARN: Final = Action.WARN.word
SIZE: Final = "maximum order size"
POSITION: Final = "maximum intraday position"
CONTROLS: Final = (
    Control("order validation", "(c)(1)(ii)", "15(1)", "", always="every order is validated"),
    Control("maximum order size", "(c)(1)(ii)", "15(1)(c)", SIZE, ("fat_finger.max_quantity",)),
    Control("maximum order value", "(c)(1)(ii)", "15(1)(b)", SIZE, ("fat_finger.max_notional",)),
    Control("value of one submission", "(c)(1)", "15(1)(b), 8(b)", "", ("group_notional.*",)),
    Control(
        "price collar",
        "(c)(1)(ii)",
        "15(1)(a)",
        "price tolerance",
        ("fat_finger.max_deviation_*", "fat_finger.max_stop_deviation_percent"),
    ),
    Control(
        "market-data reasonability",
        "(c)(1)(ii)",
        "15(1)(a)",
        "market data reasonability",
        ("reference_price.*",),
    ),
    Control("share of daily volume", "(c)(1)(ii)", "15(1)(c)", "", ("fat_finger.max_adv_percent",)),
    Control("duplicative orders", "(c)(1)(ii)", "", "", ("duplicate.*",)),
    Control("order-type, TIF and venue permission", "(c)(2)(i)", "15(5)", "", ("permitted.*",)),
    Control("restricted list", "(c)(2)(ii)", "15(5)", "", ("restricted.*",)),
    Control("short-sale control", "(c)(2)(i)", "", "", ("short_sale.*",)),
    Control("self-match prevention", "(c)(2)(i)", "13", "self-match prevention", ("self_match.*",)),
    Control("trading hours", "(c)(2)(i)", "15(1)", "market pauses", ("market_hours.*",)),
    Control("expiry", "(c)(2)(i)", "15(1)", "", ("expiry_window.*",)),
    Control("declared intent", "", "5(4)", "", ("declared_intent.*",)),
    Control(
        "message throttle", "(c)(1)(ii)", "15(1)(d)", "message throttle limit", ("message_rate.*",)
    ),
    Control(
        "repeated automated execution",
        "(c)(1)(ii)",
        "15(3)",
        "repeated automated execution limit",
        ("repeat_execution.*",),
    ),
    Control("working-order limit", "", "15(1)(d)", "", ("working_orders.*",)),
    Control("order-to-trade ratio", "", "15(1)(d)", "", ("order_efficiency.*",)),
    Control("reject breaker", "(c)(1)(ii)", "16", "", ("reject_breaker.*",)),
    Control(
        "amend integrity", "(c)(1)(ii)", "16", "", always="a modify is decided like a new order"
    ),
    Control(
        "parent-child overfill", "(c)(1)(ii)", "5(4)", "", always="children stay within a parent"
    ),
    Control("maximum position", "(c)(1)(i)", "8(c), 15(4), 17(4)", POSITION, ("position.*",)),
    Control("gross and net credit", "(c)(1)(i)", "15(4)", "", ("exposure.*",)),
    Control("daily turnover", "(c)(1)(i)", "15(4)", POSITION, ("daily_volume.*",)),
    Control("margin, buying power", "(c)(1)(i)", "15(4)", "", ("buying_power.*",)),
    Control("concentration", "(c)(1)(i)", "15(4)", "", ("concentration.*",)),
    Control("leverage", "(c)(1)(i)", "15(4)", "", ("leverage.*",)),
    Control("daily loss, drawdown", "(c)(1)(i)", "17(2)", "", ("loss.*",)),
    Control("stress loss", "(c)(1)(i)", "17(2)", "", ("stress.*",)),
    Control("fraction of holdings", "(c)(1)(i)", "", "", ("holdings_fraction.*",)),
    Control("kill switch", "", "12", "kill switch", always="trading states: halt, kill, resume"),
    Control("cancel on disconnect", "", "12, 14", "cancel on disconnect"),
    Control(
        "reconciliation, drop copy",
        "(c)(2)(iv)",
        "17(3)",
        "drop copy",
        always="nothing is sent before the book is reconciled with the broker",
    ),
    Control(
        "control of limit changes",
        "(d)",
        "1, 15(6)",
        "",
        always="policies are files; every decision names their digest; waivers end by themselves",
    ),
    Control("evidence", "(e)", "9", "", always="every decision is on record with its inputs"),
)
"""The field's names for what is expected, in the order of an order's life."""


class Armed(NamedTuple):
    """One limit of one rule. `mode` is enforce, shadow or off; only the first is armed."""

    rule: str
    kind: str
    limit: str
    value: str
    unit: str
    conditions: str
    scope: str
    per: str
    on_breach: str
    mode: str
    waivers: tuple[str, ...]
    because: str
    references: tuple[str, ...]
    maps_to: tuple[str, ...]
    where: str
    owner: str = ""
    tested_by: tuple[str, ...] = ()


class Inventory(NamedTuple):
    """All limits, what stands without any, and what no armed limit covers.

    A limit that only warns is armed, and covers nothing: the order passes.
    """

    armed: tuple[Armed, ...]
    not_armed: tuple[Armed, ...]
    always_on: tuple[Control, ...]
    not_covered: tuple[Control, ...]


def inventory(policies: PolicySet, cases: Iterable[Case], now: datetime) -> Inventory:
    """The limits of a policy set; `now` decides which waivers are in force."""
    tested = naming(cases)
    owner_of = {policy.name: policy.owner for policy in policies.policies}
    off = {bound.name for bound in policies.off}
    rows = [
        row._replace(
            mode="off" if bound.name in off else row.mode,
            owner=owner_of[bound.name.partition("/")[0]],
            tested_by=tested.get(bound.name, ()),
        )
        for bound in sorted((*policies.bounds, *policies.off), key=lambda bound: bound.name)
        for row in _rows(bound, now)
    ]
    armed = tuple(row for row in rows if row.mode == "enforce")
    stopping = (row for row in armed if row.on_breach != WARN)
    met = {control for row in stopping for control in covering(row.kind, row.limit)}
    return Inventory(
        armed=armed,
        not_armed=tuple(row for row in rows if row.mode != "enforce"),
        always_on=tuple(control for control in CONTROLS if control.always),
        not_covered=tuple(c for c in CONTROLS if not c.always and c not in met),
    )


def covering(kind: str, limit: str) -> tuple[Control, ...]:
    """The controls that a limit maps to."""
    name = f"{kind}.{limit}"
    return tuple(c for c in CONTROLS if any(fnmatchcase(name, glob) for glob in c.met_by))


def naming(cases: Iterable[Case]) -> Mapping[str, tuple[str, ...]]:
    """For each name in a `by`, the cases that expect it, as `path:line name`."""
    found: dict[str, dict[str, None]] = {}
    for case in cases:
        for name in _expected(case):
            found.setdefault(name, {})[f"{case.path}:{case.line} {case.name}"] = None
    return {name: tuple(lines) for name, lines in found.items()}


def _expected(case: Case) -> Iterator[str]:
    for step in case.steps:
        yield from step.get("by") or ()
        yield from step.get("shadow") or ()


def _rows(bound: Bound, now: datetime) -> Iterator[Armed]:
    """The limits of a rule, as far as the rule itself knows them."""
    for check in bound.checks:
        controls = covering(bound.kind, check.name)
        yield Armed(
            rule=bound.name,
            kind=bound.kind,
            limit=check.name,
            value=written(check.value),
            unit=check.unit,
            conditions=_conditions(bound),
            scope=str(bound.selector),
            per=", ".join(bound.per),
            on_breach=bound.action.word,
            mode="enforce" if bound.enforced else "shadow",
            waivers=tuple(_waived(bound, check, now)),
            because=bound.because,
            references=bound.controls,
            maps_to=tuple(dict.fromkeys(said for c in controls for said in c.references)),
            where=bound.where,
        )


def _conditions(bound: Bound) -> str:
    """The rule's parameters that are no limits, such as the window in which something counts."""
    limits = bound.rule.limits()
    given = bound.rule.given.items()
    return "; ".join(f"{name} {written(value)}" for name, value in given if name not in limits)


def _waived(bound: Bound, check: Check, now: datetime) -> Iterator[str]:
    """The waivers of a limit that are in force, each with what holds instead and for whom."""
    for waiver in bound.waivers:
        if now < waiver.until and check.name in waiver.checks:
            instead = written(waiver.checks[check.name].value)
            yield f"{instead} for {waiver.selector} until {waiver.until.isoformat()}"


def written(value: object) -> str:
    """A limit's value in full, numbers without separators, so that programs can read it."""
    if isinstance(value, Decimal):
        return text(value)
    return str(value) if isinstance(value, Names) else shown(value)
