"""What an option is worth and how it moves, by Black and Scholes without interest. Pure."""

from __future__ import annotations

from math import erf, exp, log, pi, sqrt

import msgspec

USUAL_VOLATILITY = 0.25
_HIGHEST = 5.0  # a volatility that no option has
_HALVINGS = 60


class Option(msgspec.Struct, frozen=True):
    """A European option; `years` are left to its expiry."""

    right: str
    strike: float
    years: float


class Greeks(msgspec.Struct, frozen=True):
    """A price and what it depends on; theta is for a day, vega for one point of volatility."""

    price: float
    delta: float
    gamma: float
    vega: float
    theta: float


def normal(x: float) -> float:
    """The distribution function of the standard normal."""
    return (1 + erf(x / sqrt(2))) / 2


def _density(x: float) -> float:
    return exp(-x * x / 2) / sqrt(2 * pi)


def greeks(option: Option, under: float, volatility: float) -> Greeks:
    """The option at this price of the underlying and this volatility."""
    sign = 1 if option.right == "C" else -1
    spread = volatility * sqrt(option.years)
    if spread <= 0 or under <= 0:
        inner = max(sign * (under - option.strike), 0.0)
        return Greeks(inner, float(sign) if inner else 0.0, 0.0, 0.0, 0.0)
    above = log(under / option.strike) / spread + spread / 2
    below = above - spread
    price = sign * (under * normal(sign * above) - option.strike * normal(sign * below))
    dense = _density(above)
    return Greeks(
        price=price,
        delta=sign * normal(sign * above),
        gamma=dense / (under * spread),
        vega=under * dense * sqrt(option.years) / 100,
        theta=-under * dense * volatility / (2 * sqrt(option.years)) / 365,
    )


def implied(option: Option, under: float, price: float) -> float | None:
    """The volatility that gives this price, None when none does."""
    low, high = 0.0, _HIGHEST
    if not greeks(option, under, low).price < price < greeks(option, under, high).price:
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if greeks(option, under, middle).price < price:
            low = middle
        else:
            high = middle
    return (low + high) / 2
