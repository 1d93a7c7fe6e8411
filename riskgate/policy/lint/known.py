"""The names and the amounts that are known from use: of policy tests, and of recorded decisions.

Rule 1: a name is known under the selector key that would match it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from riskgate.model import order_line
from riskgate.model.events import Decided
from riskgate.policy.cases import Case
from riskgate.policy.evaluate import explain
from riskgate.policy.policies import PolicySet

KEYS: Final = ("account", "strategy", "symbol", "underlying", "tag")
NO_ORDER: Final = frozenset({"expect", "by", "shadow", "assert"})
Words = Mapping[str, frozenset[str]]


class Use(msgspec.Struct, frozen=True):
    """How often a limit was asked, and the largest that it measured."""

    times: int
    largest: Decimal


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What a journal tells: the names of its orders, and what each (rule, limit) measured."""

    words: Words = {}
    uses: Mapping[tuple[str, str], Use] = {}


def history(policies: PolicySet, decisions: Iterable[Decided]) -> History:
    """What recorded decisions tell about these policies: every one is asked again."""
    words: set[tuple[str, str]] = set()
    uses: dict[tuple[str, str], Use] = {}
    for decided in decisions:
        order, snapshot = decided.decision.order, decided.snapshot
        if order is None:
            continue
        words.update(_of_fields({key: getattr(order, key, None) for key in KEYS}))
        if snapshot is None:
            continue
        for answer in explain(policies, order, snapshot):
            if isinstance(answer.observed, Decimal):
                name = (answer.rule, answer.limit_name)
                before = uses.get(name, Use(0, answer.observed))
                uses[name] = Use(before.times + 1, max(before.largest, answer.observed))
    return History(words=by_key(words), uses=uses)


def words_of(case: Case) -> Iterator[tuple[str, str]]:
    """The names that stand in a case, each with its key."""
    given = case.given
    yield from (("account", account.id) for account in given.accounts)
    if given.strategy:
        yield "strategy", given.strategy
    named = (given.instruments, given.quotes, given.adv, given.positions, given.today)
    for name in {name for names in named for name in names}.union(given.unknown):
        yield from _symbol(order_line.terms_of(name).symbol)
    for instrument in given.instruments.values():
        yield "underlying", instrument.root
    for value in (given.working, case.steps):
        yield from _inside(value)


def by_key(words: Iterable[tuple[str, str]]) -> Words:
    """The names sorted out by key; every key is there."""
    found: dict[str, set[str]] = {key: set() for key in KEYS}
    for key, word in words:
        found[key].add(word)
    return {key: frozenset(names) for key, names in found.items()}


def _inside(value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401  # any part of a test file
    """The names in whatever is an order: a line, or a mapping with a symbol."""
    if isinstance(value, str):
        order, _ = order_line.read(value)
        if order is not None:
            yield from _of_fields({key: getattr(order, key, None) for key in KEYS})
    elif isinstance(value, Mapping):
        if "symbol" in value:
            yield from _of_fields(value)
        for key, item in value.items():
            yield from _inside(item) if key not in NO_ORDER else ()
    elif isinstance(value, Iterable):
        for item in value:
            yield from _inside(item)


def _of_fields(fields: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """The names that an order's fields hold."""
    for key in ("account", "strategy", "tag"):
        word = fields.get(key)
        if isinstance(word, str) and word:
            yield key, word
    symbol = fields.get("symbol")
    if isinstance(symbol, str):
        yield from _symbol(symbol)


def _symbol(name: str) -> Iterator[tuple[str, str]]:
    yield "symbol", name.upper()
    yield "underlying", name.upper()
