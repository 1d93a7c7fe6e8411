"""What a rule is made of: parameters, limits, and the questions it is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from riskgate.errors import MissingData
from riskgate.model.order import Order
from riskgate.model.readings import CountReading, DayReading
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Context, Parameter, Rule, at_least, at_most, holds, is_in
from riskgate.rulekit.bounds import Measured, Seen
from riskgate.rulekit.parameters import Flag, Words, money, quantity

ORDER = Order.parse("BUY 5 AAPL MKT")
SEEN = Snapshot(as_of=datetime(2026, 3, 2, tzinfo=UTC), readings={"p/r": CountReading(3)})


class Clip(Rule):
    """A rule of every sort of limit."""

    kind = "clip"
    loud = Parameter(Flag(), "Whether it says so.", default=False)

    @at_most(quantity())
    def max_quantity(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """The largest order.

        In units.
        """
        return order.quantity

    @at_least(money(), default=Decimal(1))
    def min_left(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """What must be left."""
        return Decimal(5)

    @is_in(Words())
    def symbols(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """What may be traded."""
        return order.symbol

    @holds(Flag(), tighter="higher")
    def calm(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """Whether it is calm."""
        return Seen("calm", passes=True)


def a_clip(**values: object) -> Clip:
    return Clip("p/r", values, Context())


def test_a_limit_is_written_once_with_its_help_type_and_direction() -> None:
    limits = Clip.limits()
    assert list(limits) == ["max_quantity", "min_left", "symbols", "calm"]
    assert [limit.tighter for limit in limits.values()] == ["lower", "higher", "fewer", "higher"]
    assert limits["max_quantity"].help == "The largest order.\n\nIn units."
    assert list(Clip.parameters) == ["loud", *limits]
    assert Clip.loud.name == "loud"


def test_a_rule_holds_what_was_given_and_the_defaults_of_the_rest() -> None:
    rule = a_clip(max_quantity=Decimal(7))
    assert (rule.max_quantity, rule.min_left, rule.symbols) == (7, 1, None)
    assert rule.loud is False
    assert rule.given == {"max_quantity": 7}
    assert Clip.max_quantity.measure(rule, ORDER, SEEN) == 5
    assert Clip.min_left.passes(Decimal(1), Decimal(1))
    assert Clip.symbols.measure(rule, ORDER, SEEN) == "AAPL"
    assert Clip.calm.measure(rule, ORDER, SEEN) == Seen("calm", passes=True)
    assert Clip.min_left.measure(rule, ORDER, SEEN) == 5


def test_by_default_a_rule_counts_nothing_needs_no_calendar_and_fits_together() -> None:
    rule = a_clip()
    assert (rule.tally(), rule.calendars(), rule.faults()) == (None, (), ())


def test_a_rule_without_its_reading_is_a_rule_that_failed() -> None:
    assert a_clip().reading(SEEN, CountReading).count == 3
    with pytest.raises(MissingData, match="no reading") as caught:
        a_clip().reading(SEEN, DayReading)
    assert caught.value.code == "RULE_ERROR"


def test_a_parameter_asked_of_a_bare_instance_is_its_default() -> None:
    bare = object.__new__(Clip)
    assert bare.loud is False
