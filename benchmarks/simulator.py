"""How fast the simulated TWS is, over its socket: orders, clients, virtual time, memory.

Rule 1: the server is a process of its own, so that the client does not slow it down.
Rule 2: the client is raw: its bytes are made before the clock runs, its answers only counted.
Rule 3: each figure is a ratio to what was asked for: a second, ten seconds, the memory before.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any, Final, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))

from measuring import Line, options, report

from riskgate.simulator import Fills, Options, VirtualClock, running
from riskgate.simulator.server import serve
from riskgate.simulator.tape import Walk
from riskgate.simulator.wire.codec import REQUEST_TABLE
from riskgate.simulator.wire.framing import client_hello, frame

VERSION: Final = 178
ORDERS: Final = 20_000
MANY: Final = 1_000_000
CLIENTS: Final = 20
WANTED_EACH_SECOND: Final = 5_000
WANTED_SECONDS: Final = 10.0
GROWTH: Final = 1.10
REMEMBERED: Final = 20_000
STEPS: Final = 20
BEFORE_IT_IS_FULL: Final = 6  # times what is remembered: a third is filled, with executions
BATCH: Final = 500  # orders between two looks at what came back
SYMBOLS: Final = ("AAPL", "MSFT", "NVDA", "TSLA", "GOOG", "AMZN", "META", "SPY", "QQQ", "IBM")
PATIENCE: Final = 60.0

TERMS: Final[dict[str, Any]] = {
    "symbol": "AAPL",
    "secType": "STK",
    "exchange": "SMART",
    "currency": "USD",
    "action": "BUY",
    "totalQuantity": Decimal(100),
    "orderType": "LMT",
    "lmtPrice": Decimal(150),
    "tif": "DAY",
    "orderRef": "rg-01",
    "transmit": True,
}
RESTING: Final = TERMS
FILLED: Final = {**TERMS, "orderType": "MKT", "lmtPrice": None}
REFUSED_BY_THE_MARKET: Final = {**TERMS, "tif": "IOC"}


class Kind(NamedTuple):
    """A sort of order: what is sent, and what shows that the broker is done with it."""

    name: str
    terms: dict[str, Any]
    last: bytes


KINDS: Final = (
    Kind("resting", RESTING, b"\0Submitted\0"),
    Kind("filled", FILLED, b"\x0059\0"),
    Kind("cancelled at once", REFUSED_BY_THE_MARKET, b"\x00202\0"),
)


def frames_of(terms: dict[str, Any], first: int, count: int) -> list[bytes]:
    """So many orders, ready for the socket."""
    body = REQUEST_TABLE.encode("placeOrder", {**terms, "orderId": 0}, VERSION)
    head, tail = body.split(b"\0", 2)[0], body.split(b"\0", 2)[2]
    return [frame(b"%s\0%d\0%s" % (head, number, tail)) for number in range(first, first + count)]


class Client:
    """A socket that sends bytes and counts bodies of one kind in what comes back."""

    def __init__(self, port: int, client_id: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._rest = b""
        self._socket.sendall(client_hello(157, VERSION))
        self._read_until(b"")
        start = REQUEST_TABLE.encode("startApi", {"clientId": client_id}, VERSION)
        self._socket.sendall(frame(start))
        self._read_until(b"2158")

    def _bodies(self) -> list[bytes]:
        data = self._rest + self._socket.recv(1 << 18)
        found, at = [], 0
        while len(data) - at >= 4:
            size = int.from_bytes(data[at : at + 4])
            if len(data) - at - 4 < size:
                break
            found.append(data[at + 4 : at + 4 + size])
            at += 4 + size
        self._rest = data[at:]
        return found

    def _read_until(self, mark: bytes) -> None:
        while not any(mark in body for body in self._bodies()):
            pass

    def trade(self, kind: Kind, first: int, count: int) -> float:
        """Seconds until the broker was done with so many orders."""
        sent = frames_of(kind.terms, first, count)
        writer = threading.Thread(target=self._socket.sendall, args=(b"".join(sent),))
        start = perf_counter()
        writer.start()
        done = 0
        while done < count:
            done += sum(is_last(kind, body) for body in self._bodies())
        writer.join()
        return perf_counter() - start

    def close(self) -> None:
        """Leave."""
        self._socket.close()


def is_last(kind: Kind, body: bytes) -> bool:
    """True for the message after which nothing more is said about an order."""
    if kind.name == "resting":
        return body.startswith(b"3\0") and b"\0Submitted\0" in body
    if kind.name == "filled":
        return body.startswith(b"59\0")
    return body.startswith(b"4\0") and b"\x00202\0" in body


def _serve(pipe: Any, remembered: int) -> None:  # noqa: ANN401  # a connection of multiprocessing
    import asyncio  # noqa: PLC0415  # in the child only

    chosen = Options(fills=Fills(chunks=1), max_version=VERSION, remembered=remembered)
    asyncio.run(serve(0, pipe.send, chosen))


@contextmanager
def server(remembered: int = REMEMBERED) -> Iterator[tuple[int, int]]:
    """A simulator in a process of its own: its port and its process id."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, remembered), daemon=True)
    process.start()
    try:
        yield ours.recv(), process.pid or 0
    finally:
        process.terminate()
        process.join()


def memory(pid: int) -> int:
    """Bytes that a process holds, 0 where the system does not say."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def processor_time(pid: int) -> float:
    """Seconds of processor a process has had, 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def orders_each_second(kind: Kind, count: int) -> Line:
    """One client sends as fast as it can."""
    with server() as (port, pid):
        client = Client(port, 1)
        client.trade(kind, 1, BATCH)
        before = processor_time(pid)
        rate = count / client.trade(kind, BATCH + 1, count)
        cost = (processor_time(pid) - before) / count
        client.close()
    return Line(
        f"orders of one client, {kind.name}",
        f"{WANTED_EACH_SECOND:,} a second",
        WANTED_EACH_SECOND / rate,
        1.0,
        f"{rate:,.0f} a second; {cost * 1e6:.0f} us of the server's processor each",
    )


def many_clients(count: int) -> Line:
    """Twenty clients at once; each is told of its own orders only."""
    each = count // CLIENTS
    with server() as (port, _):
        clients = [Client(port, number) for number in range(1, CLIENTS + 1)]
        threads = [
            threading.Thread(target=client.trade, args=(KINDS[0], 1, each)) for client in clients
        ]
        start = perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rate = each * CLIENTS / (perf_counter() - start)
        for client in clients:
            client.close()
    return Line(
        f"orders of {CLIENTS} clients at once",
        f"{WANTED_EACH_SECOND:,} a second",
        WANTED_EACH_SECOND / rate,
        None,
        f"{rate:,.0f} a second",
    )


def an_hour(seconds: float) -> Line:
    """Virtual time in which ten symbols move every second, with orders resting in each."""
    walk = Walk(seed=1, symbols=SYMBOLS)
    clock = VirtualClock(datetime(2025, 1, 6, 15, tzinfo=UTC))
    with running({}, clock, Options(walk=walk)) as sim:
        for symbol in SYMBOLS:
            for away in range(1, 6):
                sim.place_by_hand(symbol, "BUY", Decimal(10), Decimal(100 - away))
        start = perf_counter()
        sim.advance(seconds)
        taken = (perf_counter() - start) * 3600 / seconds
    return Line(
        f"an hour of {len(SYMBOLS)} walking prices",
        f"{WANTED_SECONDS:g} seconds",
        taken / WANTED_SECONDS,
        1.0,
        f"{taken:.1f} s",
    )


def memory_over(count: int, remembered: int = REMEMBERED) -> tuple[Line, list[str]]:
    """Memory of the server while orders come and end, a third of them filled."""
    table: list[str] = []
    with server(remembered) as (port, pid):
        client = Client(port, 1)
        seen: list[int] = []
        for number in range(STEPS):
            first, part = 1 + number * (count // STEPS), count // STEPS // 5
            for nth in range(5):
                kind = KINDS[1] if nth % 3 == 0 else KINDS[2]
                client.trade(kind, first + nth * part, part)
            seen.append(memory(pid))
            orders = (number + 1) * (count // STEPS)
            table.append(f"  {orders:>9,} orders  {seen[-1] / 1e6:6.0f} MB")
        client.close()
    start = seen[min(STEPS - 1, BEFORE_IT_IS_FULL * remembered * STEPS // count)]
    line = Line(
        f"memory after {count:,} orders",
        "once what is remembered is full",
        seen[-1] / start,
        GROWTH,
        f"{seen[-1] / 1e6:.0f} MB",
    )
    return line, table


def main() -> None:
    """Measure and print."""
    given = options(__doc__.partition("\n")[0])
    count = 1_000 if given.brief else ORDERS
    lines = [orders_each_second(kind, count) for kind in KINDS]
    lines.append(many_clients(count))
    lines.append(an_hour(60.0 if given.brief else 3600.0))
    line, table = memory_over(5_000, 200) if given.brief else memory_over(MANY)
    report("simulator", [*lines, line], "one run each", given.json)
    print("\n".join(table))


if __name__ == "__main__":
    main()
