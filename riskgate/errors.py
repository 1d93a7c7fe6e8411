"""Every exception of riskgate, and whose move it is.

    RiskgateError
      PolicyError          the policy files are wrong          -> the risk officer
      OrderError           the order itself is malformed       -> the strategy
      MissingData          a fact the rules need is absent     -> inside evaluate: UNKNOWN, denies
      PeriodError          a time or a day cannot be read      -> whoever asked; a ValueError too
      ConfigError          a setting is missing or wrong       -> whoever runs the gate
      BrokerError
        NotConnected       nothing was sent                    -> operations
        OutcomeUnknown     something may have been sent        -> reconcile, never retry
      JournalError         could not record: nothing is sent   -> operations
        JournalLocked      another process held it too long    -> operations
      WorkersLost          who did a part of it has gone       -> whoever asked, once more
      InvariantError       riskgate contradicts itself         -> halts the gate

Rule 1: a refusal is a value (a `Decision`), never one of these.
Rule 2: each class says `retryable`, `may_have_been_sent` and the process exit code it maps to.
Rule 3: a message is lower case, has no full stop, and names the cause and the next step.
"""

from __future__ import annotations

from typing import ClassVar, Final

# What a process ends with where nothing is broken; the classes say it where something is.
FOUND: Final = 1
INVALID: Final = 2
DENIED: Final = 3
HELD: Final = 4
HALTED: Final = 5
NOT_RECONCILED: Final = 6
UNREACHABLE: Final = 7
PARTLY: Final = 8
BROKEN: Final = 70
INTERRUPTED: Final = 130  # 128 + SIGINT, as shells have it
TERMINATED: Final = 143  # 128 + SIGTERM
EXIT_CODES: Final[dict[int, str]] = {
    0: "ok, or allowed",
    FOUND: "findings",
    INVALID: "usage, or input that is not valid",
    DENIED: "denied",
    HELD: "held",
    HALTED: "halted",
    NOT_RECONCILED: "not reconciled",
    UNREACHABLE: "broker, journal or workers unreachable",
    PARTLY: "partly done",
    BROKEN: "internal error, nothing was sent",
    INTERRUPTED: "interrupted by Ctrl-C",
    TERMINATED: "ended by SIGTERM",
}


class RiskgateError(Exception):
    """Something is broken; the class says whose move it is."""

    retryable: ClassVar[bool] = False
    may_have_been_sent: ClassVar[bool] = False
    exit_code: ClassVar[int] = BROKEN


class PolicyError(RiskgateError):
    """The policy files are wrong. `problems` holds every problem that was found, sorted."""

    exit_code = INVALID

    def __init__(self, message: str, problems: tuple[object, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems
        for problem in problems:
            self.add_note(str(problem))  # a traceback shows them


class OrderError(RiskgateError):
    """The order itself is malformed. `reasons` holds a built-in code and a text for each fault."""

    exit_code = INVALID

    def __init__(self, message: str, reasons: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.reasons = reasons or (("BAD_ORDER", message),)

    @property
    def codes(self) -> tuple[str, ...]:
        """The built-in codes, one for each fault."""
        return tuple(code for code, _ in self.reasons)


class MissingData(RiskgateError):  # noqa: N818  # the vocabulary of the design: a fact is missing
    """A fact that a rule needs is absent. Inside `evaluate` this becomes UNKNOWN, which denies."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class PeriodError(RiskgateError, ValueError):
    """A time or a day that somebody asked about cannot be read."""

    exit_code = INVALID


class ConfigError(RiskgateError):
    """A setting is missing or wrong."""

    exit_code = INVALID


class BrokerError(RiskgateError):
    """The way to the broker is broken."""

    exit_code = UNREACHABLE


class NotConnected(BrokerError):  # noqa: N818  # reads as the fact it states
    """There is no session with the broker; nothing was sent."""

    retryable = True


class OutcomeUnknown(BrokerError):  # noqa: N818  # reads as the fact it states
    """Something may have been sent and nobody knows: reconcile, never retry."""

    may_have_been_sent = True


class JournalError(RiskgateError):
    """The record could not be written, so nothing was sent."""

    retryable = True
    exit_code = UNREACHABLE


class JournalLocked(JournalError):  # noqa: N818  # reads as the fact it states
    """Another process held the journal for longer than the wait allows; nothing was sent."""


class WorkersLost(RiskgateError):  # noqa: N818  # reads as the fact it states
    """The processes or the cluster that did a part of the work have gone, and it with them."""

    retryable = True
    exit_code = UNREACHABLE


class InvariantError(RiskgateError):
    """riskgate contradicts itself; the gate halts."""
