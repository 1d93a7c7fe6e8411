"""Playing the cases of policy tests: each step in turn, against a rehearsal, and what went wrong.

Rule 1: every mismatch of a case is reported with each rule's observed and limit.
Rule 2: submits are numbered from 1, denied ones too; `"#1"` names the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from riskgate.authoring.rehearsal import Rehearsal
from riskgate.errors import PolicyError, RiskgateError
from riskgate.ledger.echoes import as_sent
from riskgate.ledger.legs import fills_of
from riskgate.ledger.life import ACKNOWLEDGING
from riskgate.line.grouping import Exits
from riskgate.model.codes import Code
from riskgate.model.decision import Action, Decision, Finding
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO, text
from riskgate.model.report import ErrorReport, ExecutionReport, OrderEcho, StatusReport
from riskgate.model.trading import Scope, TradingState, normal
from riskgate.model.view import OrderView
from riskgate.policy import cases
from riskgate.policy.cases import Case, Json
from riskgate.policy.policies import PolicySet
from riskgate.ports import Calendars, Journal
from riskgate.rulekit.parameters import duration
from riskgate.ticket import Ticket

Yaml = Any  # what a step of a test holds: whatever its shape allows
COMPANIONS: Final = frozenset({"expect", "by", "shadow", "repeat", "parent", "intent"})


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which a case did not come out as expected."""

    case: Case
    step: int
    what: str
    findings: tuple[Finding, ...] = ()
    legs: tuple[str, ...] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """The findings as lines; those of a group begin with the order they are about, `#1.2`."""
        if not self.legs:
            return tuple(map(str, self.findings))
        named = zip(self.legs, self.findings, strict=True)
        return tuple(f"{leg} {finding}".lstrip() for leg, finding in named)

    def __str__(self) -> str:
        where = f"{self.case.path}:{self.case.line}"
        step = f" (step {self.step})" if len(self.case.steps) > 1 else ""
        return f"{where}: {self.case.name}{step}: {self.what}"


def play(
    case: Case, policies: PolicySet, calendars: Calendars, journal: Journal
) -> tuple[Failure, ...]:
    """Play one case from its beginning; the first step that cannot be played ends it."""
    failures: list[Failure] = []
    step = 0
    try:
        player = Player(case, Rehearsal(policies, case.given, calendars, journal))
        for step, asked in enumerate(case.steps, 1):  # the error below says which
            failures.extend(player.step(step, asked))
    except RiskgateError as error:
        failures.append(Failure(case=case, step=step, what=str(error)))
    except ValueError as error:
        failures.append(Failure(case=case, step=step, what=str(error)))
    return tuple(failures)


class Player:
    """Plays the steps of one case."""

    def __init__(self, case: Case, rehearsal: Rehearsal) -> None:
        self._case = case
        self._stage = rehearsal
        self._submissions: list[tuple[Ticket, ...]] = []
        self._fills = 0
        self._legs: Mapping[Finding, str] = {}
        self._verbs: Mapping[str, Callable[[Any, Json], Iterator[str | Decision]]] = {
            "submit": self._submit,
            "modify": self._modify,
            "cancel": self._cancel,
            "fill": self._fill,
            "broker": self._broker,
            "price": self._price,
            "advance": self._advance,
            "now": self._now,
            "state": self._state,
            "account": self._account,
            "halt": self._halt,
            "resume": self._resume,
            "approve": self._approve,
            "bracket": self._bracket,
            "basket": self._basket,
            "assert": self._assert,
        }

    def step(self, number: int, asked: Json) -> Iterator[Failure]:
        """Play one step; yield what went wrong."""
        verb = next(name for name in asked if name not in COMPANIONS)
        rules = [bound.name for bound in self._stage.gate.policies.bounds]
        for name in cases.unknown_names(asked, rules):
            raise PolicyError(cases.unknown_name(name, rules))
        self._legs = {}
        findings: tuple[Finding, ...] = ()
        for said in self._verbs[verb](asked[verb], asked):
            if isinstance(said, Decision):
                findings = said.breaches
            else:
                legs = tuple(self._legs.get(f, "") for f in findings) if self._legs else ()
                yield Failure(case=self._case, step=number, what=said, findings=findings, legs=legs)

    def _ticket(self, name: object) -> Ticket:
        """The order that `#1` names, or of a group `#1.2` its second; `#1` is a group's first."""
        number, _, leg = str(name).removeprefix("#").partition(".")
        if not number.isdigit() or not 0 < int(number) <= len(self._submissions):
            raise PolicyError(f'`{name}` names no submit before this step; the first one is "#1"')
        legs = self._submissions[int(number) - 1]
        if leg and not (leg.isdigit() and 0 < int(leg) <= len(legs)):
            raise PolicyError(f"`{name}` names no order of that group; it has {len(legs)}")
        return legs[int(leg or 1) - 1]

    def _submit(self, source: Yaml, asked: Json) -> Iterator[str | Decision]:
        parent = self._ticket(asked["parent"]).order_id if "parent" in asked else 0
        decisions = []
        for _ in range(int(asked.get("repeat", 1))):
            ticket = self._stage.submit(source, parent=parent)
            self._submissions.append((ticket,))
            decisions.append(ticket.decision)
        yield decisions[-1]
        if isinstance(asked.get("expect"), Mapping):
            yield from _tallied(asked["expect"], decisions)
            names = {key: asked[key] for key in ("by", "shadow") if key in asked}
            breaches = tuple(finding for made in decisions for finding in made.breaches)
            union = msgspec.structs.replace(decisions[-1], breaches=breaches)
            yield from cases.mismatches(names, union)
        else:
            for decision in decisions:
                yield from cases.mismatches(asked, decision)

    def _basket(self, orders: Yaml, asked: Json) -> Iterator[str | Decision]:
        strategy, intent = self._stage.given.strategy, asked.get("intent")
        tickets = self._stage.gate.submit_basket(orders, intent=intent, strategy=strategy)
        yield from self._grouped(tickets, asked)

    def _bracket(self, legs: Yaml, asked: Json) -> Iterator[str | Decision]:
        strategy, intent = self._stage.given.strategy, asked.get("intent")
        exits = Exits(take_profit=legs["take_profit"], stop_loss=legs["stop_loss"], intent=intent)
        tickets = self._stage.gate.submit_bracket(legs["entry"], exits=exits, strategy=strategy)
        yield from self._grouped(tickets, asked)

    def _grouped(self, tickets: tuple[Ticket, ...], asked: Json) -> Iterator[str | Decision]:
        self._submissions.append(tickets)
        self._legs = _legs(tickets, f"#{len(self._submissions)}")
        yield from _answered(tickets, asked)

    def _approve(self, held: Yaml, asked: Json) -> Iterator[str | Decision]:
        said = held if isinstance(held, Mapping) else {"order": held}
        number = self._ticket(said["order"]).order_id
        words = {"by": "approver", "reason": "test", **said}
        tickets = self._stage.gate.approve(number, by=words["by"], reason=words["reason"])
        if len(tickets) > 1:
            self._legs = _legs(tickets, str(said["order"]).partition(".")[0])
        yield from _answered(tickets, asked)

    def _modify(self, change: Yaml, asked: Json) -> Iterator[str | Decision]:
        changes = {key: value for key, value in change.items() if key != "order"}
        ticket = self._stage.gate.modify(self._ticket(change["order"]).order_id, **changes)
        yield ticket.decision
        yield from cases.mismatches(asked, ticket.decision)

    def _cancel(self, name: Yaml, asked: Json) -> Iterator[str | Decision]:
        self._stage.gate.cancel(self._ticket(name).order_id)
        if asked.keys() & {"expect", "by", "shadow"}:
            yield "a cancel is never judged; write no `expect`, `by` or `shadow` beside it"

    def _fill(self, fill: Yaml, asked: Json) -> Iterator[str | Decision]:  # noqa: ARG002  # every step is asked alike
        ticket = self._ticket(fill["order"])
        order = ticket.decision.order
        if order is None:
            raise PolicyError(f"`{fill['order']}` could not be read as an order; it cannot fill")
        self._fills += 1
        instrument = self._stage.gate.world.market.resolve(order.terms)
        if instrument is None:
            raise PolicyError(f"`{order.symbol}` is no instrument here; it cannot fill")
        report = ExecutionReport(
            execution_id=str(fill.get("id", f"fill.{self._fills}.01")),
            order_id=ticket.order_id,
            account=order.account or self._stage.account,
            instrument=instrument,
            side=order.side,
            quantity=fill["quantity"],
            price=fill["price"],
            at=self._stage.clock.now(),
        )
        self._stage.gate.take(fills_of(report, self._stage.market))
        yield from ()

    def _broker(self, said: Yaml, asked: Json) -> Iterator[str | Decision]:  # noqa: ARG002  # every step is asked alike
        gate, number = self._stage.gate, self._ticket(said["order"]).order_id
        if "status" in said:
            before = gate.life(number)
            known = before if before is not None and before.acknowledged else None
            report = StatusReport(order_id=number, status=Status(said["status"]))
            gate.take([report])
            if known is not None and report.status in ACKNOWLEDGING:
                gate.take([_echo(known.view())])
        if "code" in said:
            error = ErrorReport(
                order_id=number, code=int(said["code"]), text=str(said.get("text", ""))
            )
            gate.take([error])
        yield from ()

    def _price(self, prices: Yaml, asked: Json) -> Iterator[str | Decision]:  # noqa: ARG002  # every step is asked alike
        for name, value in prices.items():
            self._stage.quote(name, *cases.quote_of(value))
        yield from ()

    def _advance(self, by: Yaml, asked: Json) -> Iterator[str | Decision]:  # noqa: ARG002  # every step is asked alike
        self._stage.clock.advance(duration(by))
        yield from ()

    def _now(self, to: Yaml, asked: Json) -> Iterator[str | Decision]:  # noqa: ARG002  # every step is asked alike
        self._stage.clock.set(cases.moment_of(to))
        yield from ()

    def _state(self, state: Yaml, asked: Json) -> Iterator[str | Decision]:  # noqa: ARG002  # every step is asked alike
        self._stage.set_state(TradingState(state))
        yield from ()

    def _account(self, values: Yaml, asked: Json) -> Iterator[str | Decision]:  # noqa: ARG002  # every step is asked alike
        account = cases.account_of({"id": self._stage.account, **values})
        reported = msgspec.structs.replace(account, at=self._stage.clock.now())
        self._stage.market.set_account(reported)
        self._stage.gate.judge_accounts()
        yield from ()

    def _halt(self, said: Yaml, asked: Json) -> Iterator[str | Decision]:
        by, reason, scope = _order_of(said, asked)
        self._stage.gate.halt(reason=reason, by=by, scope=scope)
        yield from ()

    def _resume(self, said: Yaml, asked: Json) -> Iterator[str | Decision]:
        by, reason, scope = _order_of(said, asked)
        latch = isinstance(said, Mapping) and said.get("latch") is True
        standings = self._stage.gate.ledger.facts.standings
        if not latch and (normal(scope), "") not in standings:
            latched = ", ".join(sorted({f"`{key[0]}`" for key in standings if key[1]}))
            if latched:
                raise PolicyError(
                    f"nothing that a person has set stands here; a rule has latched {latched}:"
                    " write `latch: true` to lift that"
                )
        self._stage.gate.resume(reason=reason, by=by, scope=scope, override=True, latch=latch)
        yield from ()

    def _assert(self, facts: Yaml, asked: Json) -> Iterator[str | Decision]:  # noqa: ARG002  # every step is asked alike
        book = self._stage.gate.ledger
        if "working" in facts:
            yield from _differs("working orders", facts["working"], Decimal(len(book.working())))
        for name, wanted in (facts.get("position") or {}).items():
            holding = book.holdings.of(self._stage.account, self._stage.instrument(name).key)
            yield from _differs(f"position of {name}", wanted, holding.position)
        for name, wanted in (facts.get("reserved_buy") or {}).items():
            holding = book.holdings.of(self._stage.account, self._stage.instrument(name).key)
            yield from _differs(f"reserved buys of {name}", wanted, holding.buys)
        for name, wanted in (facts.get("reserved_sell") or {}).items():
            holding = book.holdings.of(self._stage.account, self._stage.instrument(name).key)
            yield from _differs(f"reserved sells of {name}", wanted, holding.sells)


def _answered(tickets: Sequence[Ticket], asked: Json) -> Iterator[str | Decision]:
    """The answer to a group: its harshest, with all that its orders breach.

    What only befell the innocent, GROUP_DENIED, is left out.
    """
    decisions = [ticket.decision for ticket in tickets]
    found = [f for one in decisions for f in one.breaches if f.code != Code.GROUP_DENIED]
    harshest = max(decisions, key=lambda one: one.action)
    whole = msgspec.structs.replace(harshest, breaches=tuple(dict.fromkeys(found)))
    yield whole
    yield from cases.mismatches(asked, whole)


def _legs(tickets: Sequence[Ticket], group: str) -> Mapping[Finding, str]:
    """For each finding the orders of a group that it is about, such as `#1.2`."""
    found: dict[Finding, str] = {}
    for place, ticket in enumerate(tickets, 1):
        for finding in dict.fromkeys(ticket.decision.breaches):
            before = f"{found[finding]}, " if finding in found else ""
            found[finding] = f"{before}{group}.{place}"
    return found


def _order_of(said: Yaml, asked: Json) -> tuple[str, str, Scope]:
    """Who halts or resumes, why, and for whom; text is the reason."""
    given = {"reason": said} if isinstance(said, str) else {**(said or {})}
    words = {"by": "test", "reason": "test", **asked, **given}
    scope = Scope(**{name: given.get(name) for name in Scope.__struct_fields__})
    return str(words["by"]), str(words["reason"]), scope


def _echo(view: OrderView) -> OrderEcho:
    """The newest terms, repeated by the broker: each later acknowledgement is of a modify."""
    if view.order is not None:
        return as_sent(view.order_id, view.order)
    return OrderEcho(order_id=view.order_id, quantity=view.quantity)


def _differs(what: str, wanted: Decimal, got: Decimal) -> Iterator[str]:
    if wanted != got:
        yield f"expected {what} {text(wanted)}, got {text(got or ZERO)}"


def _tallied(wanted: Mapping[str, Any], decisions: list[Decision]) -> Iterator[str]:
    """Compare the decisions of a repeated submit with `{allow: n, deny: m, first: deny at k}`."""
    words = [decision.action.word for decision in decisions]
    got = Counter(words)
    for action in Action:
        if action.word in wanted and int(wanted[action.word]) != got[action.word]:
            times = got[action.word]
            yield f"expected {action.word} {wanted[action.word]} times, got {times}"
    if "first" in wanted:
        word, _, place = str(wanted["first"]).partition(" at ")
        found = words.index(word) + 1 if word in words else None
        if str(found) != place.strip():
            yield f"expected the first {word} at {place}, got {found or 'none'}"
