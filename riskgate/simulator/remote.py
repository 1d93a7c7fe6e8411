"""A client of the control channel, for tests that run in another process than the simulator.

with Remote(port) as tws:
    tws.price("AAPL", bid="189.99", ask="190.01")
    tws.fault("placeOrder", "reject", nth=2, code=201)
"""

from __future__ import annotations

import json
import socket
from types import TracebackType
from typing import Any, Self

from riskgate.simulator.options import HOST

PATIENCE = 10.0  # seconds for an answer


class Remote:
    """A connection to the control channel."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=PATIENCE)
        self._lines = self._socket.makefile("rwb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self._socket.close()

    def request(self, **request: object) -> Any:  # noqa: ANN401  # whatever was asked for
        """Send a request as it is. Raises ValueError with the reason when it is refused."""
        self._lines.write(json.dumps(request, default=str).encode() + b"\n")
        self._lines.flush()
        line = self._lines.readline()
        if not line:
            raise ConnectionError("control channel: the simulator has hung up")
        answer = json.loads(line)
        if not answer["ok"]:
            raise ValueError(answer["why"])
        return answer["answer"]

    def do(self, event: str, **terms: object) -> None:
        """Let an event happen now: `outage`, `mute`, `say`, `by_hand`, `release` ..."""
        self.request(do=event, **terms)

    def fault(self, at: str, do: str, **terms: object) -> None:
        """Plan a fault, as a scenario file would."""
        self.request(fault={"at": at, "do": do, **terms})

    def price(self, symbol: str, **market: object) -> None:
        """A new market; what is not given stays as it was."""
        self.do("price", symbol=symbol, **market)

    def halt(self, symbol: str) -> None:
        """Stop the trading of a symbol."""
        self.do("halt", symbol=symbol)

    def resume(self, symbol: str) -> None:
        """Let a halted symbol trade again."""
        self.do("resume", symbol=symbol)

    def advance(self, seconds: float) -> None:
        """Move the simulator's clock."""
        self.do("advance", seconds=seconds)

    def disconnect(self) -> None:
        """Drop every client."""
        self.do("disconnect")

    def restart(self, roll_back: int = 0) -> None:
        """Drop every client and forget the last order ids."""
        self.do("restart", roll_back=roll_back)

    def orders(self) -> list[dict[str, Any]]:
        """Every order, oldest first; numbers are text."""
        found: list[dict[str, Any]] = self.request(ask="orders")
        return found

    def executions(self) -> list[dict[str, Any]]:
        """Every execution and correction, oldest first."""
        found: list[dict[str, Any]] = self.request(ask="executions")
        return found

    def positions(self) -> dict[str, dict[str, str]]:
        """The positions that are not flat, by account and local symbol."""
        found: dict[str, dict[str, str]] = self.request(ask="positions")
        return found

    def status(self) -> dict[str, Any]:
        """The simulator's time and the clients that are connected."""
        found: dict[str, Any] = self.request(ask="status")
        return found
