"""Makes the page of all codes and states: what the gate says, and what of the broker's it hears."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docs.reference.text import table
from riskgate.brokers.ib.codes import LISTENED
from riskgate.errors import EXIT_CODES
from riskgate.execution.codes import CLASSES, MEANINGS, Class
from riskgate.model import codes, decision, lifecycle, trading


def page() -> str:
    """The page, whole."""
    lines = ["# Codes and states", ""]
    lines += ["For operators, strategy authors and whoever reads a log. Made from the code.", ""]
    lines += ["## Exit codes of the command", "", *table(("code", "means"), EXIT_CODES.items()), ""]
    lines += ["## Actions and verdicts", "", "ALLOW < WARN < HOLD < DENY: the harshest wins.", ""]
    lines += table(("action", "means"), ((f"`{a.word}`", t) for a, t in decision.ACTIONS.items()))
    lines += ["", *table(("verdict", "means"), _words(decision.VERDICTS)), ""]
    lines += ["## Why the gate denies what is within every limit", "", *_denials(), ""]
    lines += ["## States of trading", "", *table(("state", "means"), _words(trading.MEANINGS)), ""]
    lines += ["## States of an order", "", *table(("state", "means"), _words(lifecycle.MEANINGS))]
    lines += ["", "Which may follow which: [its life](../explanation/life-of-an-order.md)."]
    return "\n".join([*lines, "", *_of_the_broker()]) + "\n"


def _words(meanings: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [(f"`{word}`", text) for word, text in meanings.items()]


def _denials() -> list[str]:
    rows = (
        (f"`{code}`", one.text, one.who, one.then, one.fix) for code, one in codes.MEANINGS.items()
    )
    return table(("code", "means", "whose move", "what next", "FIX tag 103"), rows)


def _of_the_broker() -> list[str]:
    lines = ["## Codes of IB", "", "What a code means for the order it comes with. A code that is"]
    lines += ["not here is AMBIGUOUS; `broker_codes` in the [settings](settings.md) adds some.", ""]
    rows = ((f"`{kind.name}`", MEANINGS[kind], _ranges(kind)) for kind in Class)
    lines += [*table(("class", "means", "codes"), rows), "", "Some are listened to besides:", ""]
    heard = ((", ".join(map(str, sorted(them))), text) for them, text in LISTENED.items())
    return [*lines, *table(("codes", "what follows"), heard)]


def _ranges(kind: Class) -> str:
    found: list[list[int]] = []
    for code in sorted(code for code, of in CLASSES.items() if of is kind):
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return " ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in found) or "every other"
