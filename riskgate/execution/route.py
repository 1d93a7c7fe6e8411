"""Where an order goes: by what it states, else by the first routing rule that fits it.

Rule 1: an order that names its exchange keeps it, unless that is excluded; nothing is rerouted.
Rule 2: a rule that fits and leaves no venue refuses the order by name. It never falls through to
another rule, for that one was not meant.
Rule 3: the choice is made before the order is judged, so that rules see the venue it goes to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Literal

import msgspec

from riskgate.model.codes import Code
from riskgate.model.hours import Phase
from riskgate.model.instrument import Instrument
from riskgate.model.money import countable
from riskgate.model.order import Fault, Order, OrderType, Tif
from riskgate.model.sound import NIGHT

Session = Literal["regular", "pre", "post", "closed", "break"]


class When(msgspec.Struct, frozen=True, kw_only=True):
    """Which orders a rule is for; what is left empty does not ask. Quantities are inclusive."""

    symbols: Annotated[tuple[str, ...], msgspec.Meta(description="Only these.")] = ()
    sec_types: Annotated[tuple[str, ...], msgspec.Meta(description="Only these, such as STK.")] = ()
    order_types: Annotated[
        tuple[OrderType, ...], msgspec.Meta(description="Only these, such as LMT.")
    ] = ()
    strategies: Annotated[tuple[str, ...], msgspec.Meta(description="Only of these.")] = ()
    sessions: Annotated[
        tuple[Session, ...],
        msgspec.Meta(description="Only in these sessions of the instrument's own hours."),
    ] = ()
    min_quantity: Annotated[Decimal | None, msgspec.Meta(description="From this quantity on.")] = (
        None
    )
    max_quantity: Annotated[Decimal | None, msgspec.Meta(description="Up to this quantity.")] = None


class RouteRule(msgspec.Struct, frozen=True, kw_only=True):
    """Where orders of one sort go: the first of `venues` that can be had, never to `exclude`."""

    when: Annotated[
        When,
        msgspec.Meta(
            description=(
                "Which orders it is for: what is not named is not asked, several must all fit."
            )
        ),
    ] = When()
    venues: Annotated[
        tuple[str, ...],
        msgspec.Meta(
            description="In order: the first that is not excluded and trades the instrument."
        ),
    ] = ()
    exclude: Annotated[
        tuple[str, ...], msgspec.Meta(description="Venues for none of its orders.")
    ] = ()
    name: Annotated[
        str, msgspec.Meta(description="What `route=` can say to have it, whatever its `when`.")
    ] = ""


class Routing(msgspec.Struct, frozen=True, kw_only=True):
    """The settings: rules in order, venues by name for orders that say `route=`, exclusions."""

    rules: Annotated[
        tuple[RouteRule, ...],
        msgspec.Meta(description="In order: the first whose `when` fits decides."),
    ] = ()
    preferences: Annotated[
        Mapping[str, tuple[str, ...]],
        msgspec.Meta(description="Venues by a name, for orders that say `route=`."),
    ] = {}
    exclude: Annotated[tuple[str, ...], msgspec.Meta(description="Venues for no order.")] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What an order may say in `route=`."""
        return (*self.preferences, *(rule.name for rule in self.rules if rule.name))

    def named(self, name: str) -> RouteRule | None:
        """The preference or rule of a name."""
        if name in self.preferences:
            return RouteRule(venues=self.preferences[name], name=name)
        return next((rule for rule in self.rules if rule.name == name), None)


class Place(msgspec.Struct, frozen=True):
    """What is known of where an order can go. `venues` are empty where nobody knows them."""

    instrument: Instrument | None = None
    venues: tuple[str, ...] = ()
    session: Phase | None = None


class Routed(msgspec.Struct, frozen=True):
    """The order with its venue, what to say of the choice, and why it cannot go."""

    order: Order
    said: str = ""
    faults: tuple[Fault, ...] = ()


def routed(routing: Routing, order: Order, place: Place) -> Routed:
    """Choose the venue. What is wrong is a BAD_ORDER that names the venue, route or rule."""
    if order.legs:
        wrong = "a combo is routed by its legs; leave route= out" if order.route else ""
        return _refused(order, wrong) if wrong else Routed(order)
    rule, title = _rule(routing, order, place)
    if order.route is not None and rule is None:
        return _refused(order, _unknown(order.route, routing.names))
    excluded = {*routing.exclude, *(rule.exclude if rule else ())}
    stated = NIGHT if order.tif is Tif.OVERNIGHT else order.exchange
    if stated is not None:
        return _checked(order, stated, rule, excluded)
    if rule is not None and rule.venues:
        return _chosen(order, (rule.venues, title), excluded, place)
    own = place.instrument.exchange if place.instrument else None
    if own not in excluded:
        return Routed(order)
    why = f"its exchange `{own}` is excluded; name another with exchange="
    return _refused(order, f"{order.symbol}: {why}")


def _chosen(
    order: Order, among: tuple[Sequence[str], str], excluded: set[str], place: Place
) -> Routed:
    """The order at the first venue that can be had."""
    venues, title = among
    open_ = [name for name in venues if not _closed(name, excluded, place)]
    if not open_:
        whys = "; ".join(_closed(name, excluded, place) for name in venues)
        return _refused(order, f"{title} leaves no venue for {order.symbol}: {whys}")
    return Routed(msgspec.structs.replace(order, exchange=open_[0]), f"{open_[0]} by {title}")


def _rule(routing: Routing, order: Order, place: Place) -> tuple[RouteRule | None, str]:
    """The rule that an order names, else the first that fits it; and what to call it."""
    if order.route is not None:
        return routing.named(order.route), f"route `{order.route}`"
    for number, rule in enumerate(routing.rules, 1):
        if fits(rule.when, order, place):
            return rule, f"rule `{rule.name}`" if rule.name else f"routing rule {number}"
    return None, ""


def fits(when: When, order: Order, place: Place) -> bool:
    """Whether a rule is for an order. A session that is not known is none that a rule names."""
    known = place.instrument
    sec_type = known.sec_type if known else order.sec_type or "STK"
    asked: tuple[tuple[Sequence[object], object], ...] = (
        (when.symbols, known.symbol if known else order.symbol),
        (when.sec_types, sec_type),
        (when.order_types, order.order_type),
        (when.strategies, order.strategy),
        (when.sessions, place.session),
    )
    return all(not words or word in words for words, word in asked) and _is_of_size(when, order)


def _is_of_size(when: When, order: Order) -> bool:
    """Whether the quantity is between the bounds; what is no quantity is between none."""
    least, most = when.min_quantity, when.max_quantity
    if least is None and most is None:
        return True
    if not countable(order.quantity):
        return False
    return (least is None or order.quantity >= least) and (most is None or order.quantity <= most)


def _checked(order: Order, stated: str, rule: RouteRule | None, excluded: set[str]) -> Routed:
    """An order that says itself where it goes."""
    if stated in excluded:
        return _refused(order, f"exchange `{stated}` is excluded by the routing settings")
    if order.route is not None and rule is not None and stated not in rule.venues:
        known = ", ".join(rule.venues) or "none"
        return _refused(order, f"exchange `{stated}` is not of route `{order.route}`: {known}")
    return Routed(order)


def _closed(venue: str, excluded: set[str], place: Place) -> str:
    """Why an order cannot go to a venue; empty where it can."""
    if venue in excluded:
        return f"`{venue}` is excluded"
    if place.venues and venue not in place.venues:
        return f"`{venue}` does not trade it; what does: {', '.join(place.venues)}"
    return ""


def _unknown(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    if near:
        return f"unknown route `{name}` (did you mean `{near[0]}`?)"
    return f"unknown route `{name}`; known are {', '.join(known) or 'none'}"


def _refused(order: Order, why: str) -> Routed:
    return Routed(order, "", (Fault(Code.BAD_ORDER, why),))
