"""Makes the page of exceptions: whose move each is, and whether anything may have been sent."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

from docs.reference.text import table
from riskgate import errors
from riskgate.brokers.ib.guarded_wire import PastTheGate
from riskgate.brokers.ib.questions import Refused
from riskgate.history.working import BadRowError
from riskgate.journal.chain import Unreadable

ELSEWHERE = (Unreadable, BadRowError, Refused, PastTheGate)
MOVE = re.compile(r"^ *(\w+) {2,}(.*?) *-> (.*)$", re.MULTILINE)


def page() -> str:
    """The page, whole."""
    heads = ("exception", "is a", "says", "whose move", "retry?", "sent?", "exit code")
    lines = ["# Exceptions", ""]
    lines += ["For whoever calls riskgate from Python. A refused order is a value, and none of"]
    lines += ["these. The last columns: may the same be tried again, may something have been sent,"]
    lines += ["and what the command ends with."]
    return "\n".join([*lines, "", *table(heads, (_row(one) for one in known()))]) + "\n"


def known() -> Iterator[type[errors.RiskgateError]]:
    """Each class of ours, as `errors.py` has them, then those of single modules."""
    for one in vars(errors).values():
        if inspect.isclass(one) and issubclass(one, errors.RiskgateError):
            yield one
    yield from ELSEWHERE


def _row(one: type[errors.RiskgateError]) -> tuple[object, ...]:
    moves = {name: move for name, _, move in MOVE.findall(inspect.cleandoc(errors.__doc__ or ""))}
    said = inspect.cleandoc(one.__doc__ or "").split("\n\n")[0]
    move = next((moves[base.__name__] for base in one.__mro__ if base.__name__ in moves), "")
    sent = "perhaps" if one.may_have_been_sent else "no"
    retry = "yes" if one.retryable else "no"
    base = one.__bases__[0].__name__
    return f"`{one.__name__}`", f"`{base}`", said, move, retry, sent, one.exit_code
