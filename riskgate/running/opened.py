"""A gate that has opened things of its own: closed once, by hand or at the end of a `with`."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from riskgate.gate import Gate
from riskgate.line.outside import Outside
from riskgate.policy.policies import PolicySet


class OpenedGate(Gate):
    """A gate, and what is to be closed after it."""

    def __init__(self, policies: PolicySet, outside: Outside, opened: ExitStack) -> None:
        super().__init__(policies, outside)
        self._opened = opened

    def close(self) -> None:
        """Disconnect, record what was heard, and close the journal. Working orders stay working."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
