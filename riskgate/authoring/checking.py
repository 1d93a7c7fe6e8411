"""One order against policies in a given world: what the gate would say, and what it would take.

Rule 1: the answer comes from `Gate.submit` itself, in a rehearsal; nothing is sent.
Rule 2: "largest quantity" is what `evaluate` says of the very snapshot that the decision was made
on, so it is true of this moment and promises nothing for the next.
Rule 3: whatever is wrong with a state file is said with its line and column.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from riskgate.authoring.rehearsal import Rehearsal
from riskgate.errors import OrderError, PolicyError
from riskgate.line.payload import Source, printable
from riskgate.model.decision import Action, Decision, Verdict
from riskgate.model.events import Decided
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.policy.cases import Given, given_of
from riskgate.policy.evaluate import evaluate
from riskgate.policy.explaining import Use, uses
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import Document, Location, Problem

MOST: Final = 2**31 - 1  # units; no order may be larger (semantics.md, section 2)
UNREADABLE: Final = "RG401"
WRONG: Final = (ValueError, PolicyError, OrderError)
NO_STATE: Final = (
    "what are the prices and positions? write a line such as `prices: {AAPL: 189.99 x 190.01}` into"
    " state.yaml and add `--state state.yaml`; it holds the keys of `given` in policy tests"
)
STATE: Final = "state.yaml"
STATE_HERE: Final = (
    f"what are the prices and positions? those of `{STATE}` are used with `--state {STATE}`"
)
# What a state says of an instrument by name, once it is known which instruments there are.
NAMING: Final = frozenset({"prices", "adv", "positions", "working", "today"})
Build = Callable[[Given], Rehearsal]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate would say of an order.

    `asked` is the order as it was understood. `uses` are the answers of all rules that apply.
    `largest` is the largest quantity that would pass now, zero if none would; None if no limit is
    in the way of any quantity, or if it is not its quantity that matters. `by_rule` is the same for
    each rule that stops the order, as if it were alone.
    """

    asked: str
    decision: Decision
    uses: tuple[Use, ...] = ()
    largest: Decimal | None = None
    by_rule: Mapping[str, Decimal] = {}


def read_order(text: str) -> Source:
    """An order line as it is, a JSON object as a mapping. Raise OrderError for broken JSON."""
    if not text.lstrip().startswith("{"):
        return text
    try:
        order: dict[str, Any] = json.loads(text, parse_float=Decimal, object_pairs_hook=_once)
    except ValueError as error:
        raise OrderError(f"the order is no JSON object: {error}") from None
    return order


def as_written(said: Answer, text: str) -> tuple[Answer, tuple[str, ...]]:
    """Where the text is no order: the answer in the words of its writer, and a line for each fault.

    What JSON says is shown as JSON, not as the Python that it became.
    """
    if said.decision.order is not None:
        return said, ()
    words = _spellings(text)
    breaches = tuple(
        msgspec.structs.replace(finding, text=_respelt(finding.text, words))
        for finding in said.decision.breaches
    )
    decision = msgspec.structs.replace(said.decision, breaches=breaches)
    faults = tuple(f"this is no order: {finding.text} ({finding.code})" for finding in breaches)
    return msgspec.structs.replace(said, asked=printable(text), decision=decision), faults


def _spellings(text: str) -> Mapping[str, str]:
    """How the fields of a JSON order are shown, and how they were written."""
    order = read_order(text)
    if not isinstance(order, Mapping):
        return {}
    written = json.loads(text)  # floats are only shown again here
    return {printable(value): printable(json.dumps(written[key])) for key, value in order.items()}


def _respelt(text: str, words: Mapping[str, str]) -> str:
    for shown, written in words.items():
        if not written.startswith('"'):
            text = text.replace(f"found `{shown}`", f"found `{written}`")
    return text


def rehearse(document: Document, build: Build) -> Rehearsal:
    """The world of a state file. Raise PolicyError with the place of all that cannot be one."""
    value: Any = document.value
    try:
        return build(given_of(value))
    except WRONG as error:
        problems = tuple(_wrong(document, value, build)) or (_problem(document, (), str(error)),)
        what = f"the state file `{document.path}` cannot be used"
        raise PolicyError(what, tuple(sorted(problems))) from None


def check(source: Source, rehearsal: Rehearsal, *, account: str | None = None) -> Answer:
    """Ask what the gate would say of an order in the world of a rehearsal."""
    ticket = rehearsal.submit(source, account=account)
    events = (event.payload for event in rehearsal.journal.read())
    decided = [event for event in events if isinstance(event, Decided)][-1]
    decision, snapshot = ticket.decision, decided.snapshot
    if decision.order is None or snapshot is None:
        return Answer(asked=decided.text, decision=decision)
    policies = rehearsal.gate.policies
    asker = _Asker(policies, decision.order, snapshot)
    limiting = _limiting(decision)
    return Answer(
        asked=decided.text,
        decision=decision,
        uses=uses(policies, decision.order, snapshot, decision.breaches),
        largest=asker.largest() if decision.allowed or limiting else None,
        by_rule={rule: asker.largest_by(rule) for rule in limiting},
    )


class _Asker:
    """Asks about an order in other quantities, in whole lots."""

    def __init__(self, policies: PolicySet, order: Order, snapshot: Snapshot) -> None:
        self._policies = policies
        self._order = order
        self._snapshot = snapshot
        self._lot = snapshot.contract.lot if snapshot.instrument else Decimal(1)

    def largest(self) -> Decimal | None:
        """The largest quantity that would pass; zero if none would, None if any would."""
        return self._largest(lambda decision: decision.allowed)

    def largest_by(self, rule: str) -> Decimal:
        """The largest quantity that one rule, which stops the order, would not stop."""
        found = self._largest(lambda decision: rule not in _limiting(decision))
        return Decimal(0) if found is None else found

    def _largest(self, passes: Callable[[Decision], bool]) -> Decimal | None:
        passing, failing = 0, int(self._order.quantity // self._lot)
        while passes(self._decided(failing)):
            if failing * self._lot > MOST:
                return None
            passing, failing = failing, 2 * failing
        while failing - passing > 1:
            middle = (passing + failing) // 2
            fits = passes(self._decided(middle))
            passing, failing = (middle, failing) if fits else (passing, middle)
        largest = passing * self._lot
        return largest if largest + self._lot <= MOST else None

    def _decided(self, lots: int) -> Decision:
        other = msgspec.structs.replace(self._order, quantity=lots * self._lot)
        return evaluate(self._policies, other, self._snapshot)


def _limiting(decision: Decision) -> tuple[str, ...]:
    """The rules by whose limits an order is stopped, and not by what it is or when it came."""
    stopping = (f for f in decision.breaches if f.enforced and f.action > Action.WARN)
    return tuple(dict.fromkeys(f.rule for f in stopping if f.rule and f.verdict is Verdict.BREACH))


def _wrong(document: Document, value: Mapping[str, Any], build: Build) -> Iterator[Problem]:
    """Every part of a state that cannot be used by itself: unreadable ones, else misnamed ones."""
    unread = [
        _problem(document, place, why)
        for key in value
        for place, part in _parts(key, value[key])
        if (why := _why(given_of, part))
    ]
    if unread:
        yield from unread
        return
    settled = {key: item for key, item in value.items() if key not in NAMING}

    def built(state: Mapping[str, Any]) -> Rehearsal:
        return build(given_of(state))

    for key in value.keys() & NAMING:
        for place, part in _parts(key, value[key]):
            if why := _why(built, {**settled, **part}):
                yield _problem(document, place, why)


def _parts(key: str, item: object) -> Iterator[tuple[Location, Mapping[str, Any]]]:
    """A key of a state in the smallest pieces that can be read alone, each with its place."""
    if isinstance(item, dict) and key != "account":
        yield from (((key, name), {key: {name: one}}) for name, one in item.items())
    elif isinstance(item, list):
        yield from (((key, place), {key: [one]}) for place, one in enumerate(item))
    else:
        yield (key,), {key: item}


def _why(read: Callable[[Mapping[str, Any]], object], state: Mapping[str, Any]) -> str:
    """Why a state cannot be read; empty if it can."""
    try:
        read(state)
    except WRONG as error:
        return str(error)
    return ""


def _problem(document: Document, place: Location, why: str) -> Problem:
    """A problem at its place: a name's own, where the names are what is given."""
    mark = document.key_mark(place) if len(place) > 1 else document.mark(place)
    return Problem(document.path, mark.line, mark.column, UNREADABLE, why)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A mapping whose keys are given once: a second `quantity` must not win in silence."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a field is given twice")
    return made
