"""Every path to the broker, enumerated: in riskgate's own code, and in the client library's.

A new one fails here. Whoever adds it shows that it passes the gate, and writes it down.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from riskgate.brokers.ib.guarded_wire import INSTEAD, ORDER_MESSAGES, PastTheGate
from riskgate.config import Config
from riskgate.guarding import guard
from tests.wire.conftest import client_library

ROOT = Path(__file__).parents[3]
IB = "riskgate/brokers/ib"
# What the library calls the messages of orders, and its ways to write bytes.
LIBRARY = frozenset({*INSTEAD, "placeOrderAsync", "sendMsg"})
# What hands something to a broker, and by whom it is asked.
HANDING = frozenset({"place", "cancel", "cancel_all", "cancel_account", "ask", "write"})
HANDED_TO = ("broker", "outbox", "sink", "transport", "wire")

OURS = {
    # an order that was approved: gate, broker, outbox, socket
    ("riskgate/gate.py", "Gate._place", "broker.place"),
    (f"{IB}/broker.py", "IbBroker.place", "outbox.place"),
    (f"{IB}/outbox.py", "Outbox._write", "sink.write"),
    (f"{IB}/writing.py", "Writer._written", "placeOrder"),
    # a cancel, which is never denied
    ("riskgate/line/oversight.py", "Oversight.cancel", "broker.cancel"),
    ("riskgate/line/clearing.py", "clear", "broker.cancel"),
    ("riskgate/line/clearing.py", "clear", "broker.cancel_account"),
    ("riskgate/line/killing.py", "Kill._cancelled", "broker.cancel"),
    ("riskgate/line/killing.py", "Kill._run", "broker.cancel_account"),
    (f"{IB}/broker.py", "IbBroker.cancel", "outbox.cancel"),
    (f"{IB}/broker.py", "IbBroker.cancel_account", "outbox.cancel_all"),
    (f"{IB}/desk.py", "Desk._write", "cancelOrder"),
    (f"{IB}/desk.py", "Desk._write", "reqGlobalCancel"),
    # a request for data
    (f"{IB}/requests.py", "Requests.later", "outbox.ask"),
}


# Of a script, through the library that is guarded.
GUARDED = {
    # its calls, which become ours
    (f"{IB}/guarded.py", "Guard.install", "placeOrder"),
    (f"{IB}/guarded.py", "Guard.install", "cancelOrder"),
    (f"{IB}/guarded.py", "Guard.install", "reqGlobalCancel"),
    (f"{IB}/guarded.py", "Guard.install", "exerciseOptions"),
    # what takes the place of the client's own ways to write, and refuses
    (f"{IB}/guarded_wire.py", "Wire.__init__", "sendMsg"),
    # its library's own methods, with the message taken from them: they make the trades
    (f"{IB}/guarded_trades.py", "Trades.show", "placeOrder"),
    (f"{IB}/guarded_orders.py", "ScriptOrders._modify", "placeOrder"),
    (f"{IB}/guarded_orders.py", "ScriptOrders._not_ours", "placeOrder"),
    # cancels of ours, of orders that are not ours, and of everything
    (f"{IB}/guarded_orders.py", "ScriptOrders.cancel", "cancelOrder"),
    (f"{IB}/guarded_orders.py", "ScriptOrders.cancel", "outbox.ask"),
    (f"{IB}/guarded_orders.py", "ScriptOrders.cancel_everything", "broker.cancel_account"),
    # a question that is no order, and requests for data
    (f"{IB}/guarded_orders.py", "ScriptOrders.ask", "outbox.ask"),
    (f"{IB}/guarded_client.py", "OwnClient.ask_what_if", "placeOrder"),
    (f"{IB}/guarded_broker.py", "GuardedBroker._queue_of.later", "outbox.ask"),
    # what the desk writes when the outbox says so
    (f"{IB}/guarded_client.py", "OwnClient.placeOrder", "placeOrder"),
    (f"{IB}/guarded_client.py", "OwnClient.cancelOrder", "cancelOrder"),
    (f"{IB}/guarded_client.py", "OwnClient.reqGlobalCancel", "reqGlobalCancel"),
}


def paths(tree: ast.AST, where: str = "") -> Iterator[tuple[str, str]]:
    """Every use of something that leads to the broker, with the function that it is in."""
    for node in ast.iter_child_nodes(tree):
        inside = where
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            inside = f"{where}.{node.name}".lstrip(".")
        match node:
            case ast.Attribute(attr=name) if name in LIBRARY:
                yield where, name
            case ast.Attribute(attr=name, value=of) if name in HANDING and handed_to(of):
                yield where, f"{handed_to(of)}.{name}"
            case ast.Call(args=[ast.Constant(value=str(name)), *_]) if name in LIBRARY:
                yield where, name
        yield from paths(node, inside)


def handed_to(node: ast.expr) -> str:
    """What kind of thing is asked, by its name; nothing for one of no interest."""
    name = getattr(node, "attr", getattr(node, "id", "")).strip("_")
    return next((kind for kind in HANDED_TO if name.endswith(kind)), "")


def found() -> set[tuple[str, str, str]]:
    files = [
        path
        for path in (ROOT / "riskgate").rglob("*.py")
        if "simulator" not in path.relative_to(ROOT).parts
    ]
    return {
        (path.relative_to(ROOT).as_posix(), where, what)
        for path in files
        for where, what in paths(ast.parse(path.read_text(encoding="utf-8")))
    }


@pytest.mark.slow
def test_every_path_to_the_broker_is_written_down() -> None:
    seen = found()
    assert sorted(seen - (OURS | GUARDED)) == []
    assert sorted((OURS | GUARDED) - seen) == []


def test_every_way_to_reach_the_broker_is_seen() -> None:
    source = """
class Sneaky:
    def go(self):
        self._broker.place(1)
        ib.client.placeOrder(1, 2, 3)
        later = partial(client.cancelOrder, 1)
        getattr(client, "x")("reqGlobalCancel")
        call("exerciseOptions", 1)
        desk.outbox.ask(send, 0)
        self.client.conn.transport.write(b"")
def loose():
    IB.placeOrderAsync(ib)
    client.sendMsg("")
"""
    assert {what for _, what in paths(ast.parse(source))} == {
        *("broker.place", "placeOrder", "cancelOrder", "reqGlobalCancel", "exerciseOptions"),
        *("outbox.ask", "transport.write", "placeOrderAsync", "sendMsg"),
    }
    assert {where for where, _ in paths(ast.parse(source))} == {"Sneaky.go", "loose"}


# -- the library ----------------------------------------------------------------------------------

# Every message that the clients of the library write, by its number. What is not here is new:
# see whether it can send, change or end an order before it is added.
HARMLESS = frozenset(
    (
        *(1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 23, 24, 25),
        *(49, 50, 51, 52, 53, 54, 55, 56, 57, 59, 61, 62, 63, 64, 65, 66, 67, 68, 69),
        *(70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89),
        *(90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104),
    )
)
SENDING = frozenset({"send", "sendMsg"})  # refused by the number of what they are given
ASKING = "whatIfOrderAsync"


def methods(kind: type) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """The methods of a class of the library, as they are written."""
    for name, member in vars(kind).items():
        function = getattr(member, "__func__", member)
        if inspect.isfunction(function) and function.__qualname__.startswith(kind.__name__):
            node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
            assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            yield name, node


def numbers_of(node: ast.AST) -> set[object]:
    """The message numbers that a method of the client writes; None for one that is computed."""
    sent: set[object] = set()
    for one in ast.walk(node):
        match one:
            case ast.Call(func=ast.Attribute(attr="send"), args=[first, *_]):
                sent |= first_of(first, node)
    return sent


def first_of(node: ast.expr, method: ast.AST) -> set[object]:
    match node:
        case ast.Constant(value=number):
            return {number}
        case ast.Starred(value=ast.Name(id=name)):
            return {number for one in ast.walk(method) for number in listed(one, name)} or {None}
    return {None}


def listed(node: ast.AST, name: str) -> Iterator[object]:
    """The first item of a list that gets this name."""
    match node:
        case (
            ast.Assign(targets=[ast.Name(id=target)], value=ast.List(elts=[first, *_]))
            | ast.AnnAssign(target=ast.Name(id=target), value=ast.List(elts=[first, *_]))
        ) if target == name:
            yield first.value if isinstance(first, ast.Constant) else None


def test_the_client_has_no_other_order_message_than_those_that_are_guarded() -> None:
    client = importlib.import_module(f"{client_library().__name__}.client").Client
    written = {name: numbers_of(node) for name, node in methods(client)}
    of_orders = {
        name
        for name, numbers in written.items()
        if {str(number) for number in numbers} & set(ORDER_MESSAGES)
    }
    assert of_orders == set(INSTEAD)
    every = set().union(*written.values())
    assert sorted(map(str, every - HARMLESS - {int(number) for number in ORDER_MESSAGES})) == []


def test_the_client_writes_bytes_in_no_other_way_than_those_that_are_guarded() -> None:
    client = importlib.import_module(f"{client_library().__name__}.client").Client
    writing = {
        name
        for name, node in methods(client)
        for one in ast.walk(node)
        if isinstance(one, ast.Attribute) and one.attr in {"sendMsg", "write", "transport"}
    }
    assert writing == {"send", "sendMsg", "connectAsync"}  # the last says hello


def test_whatever_calls_an_order_message_in_the_library_is_guarded(tmp_path: Path) -> None:
    library = client_library()
    calling = {
        name
        for name, node in methods(library.IB)
        for one in ast.walk(node)
        if isinstance(one, ast.Attribute) and one.attr in INSTEAD
    }
    assert calling == {*INSTEAD, ASKING}
    ib = guard(library.IB(), Config(journal=str(tmp_path / "journal.sqlite")))
    replaced = {name for name in calling if getattr(ib, name) is not _bound(ib, name)}
    assert {name for name in calling if name in vars(ib)} == replaced == calling
    assert {name for name in (*INSTEAD, "sendMsg") if name in vars(ib.client)} == {
        *INSTEAD,
        "sendMsg",
    }
    assert "sendMsg" in vars(ib.client.conn)


def _bound(ib: object, name: str) -> object:
    return getattr(type(ib), name).__get__(ib)


@pytest.mark.parametrize("name", sorted(INSTEAD))
def test_a_guarded_client_refuses_each_of_them(tmp_path: Path, name: str) -> None:
    ib = guard(client_library().IB(), Config(journal=str(tmp_path / "journal.sqlite")))
    method: Callable[..., object] = getattr(ib.client, name)
    with pytest.raises(PastTheGate, match=name):
        method(1, None, None)


@pytest.mark.parametrize("number", sorted(ORDER_MESSAGES))
def test_a_guarded_client_refuses_their_numbers(tmp_path: Path, number: str) -> None:
    ib = guard(client_library().IB(), Config(journal=str(tmp_path / "journal.sqlite")))
    with pytest.raises(PastTheGate, match=ORDER_MESSAGES[number]):
        ib.client.sendMsg(f"{number}\x001\x00")


def test_no_other_module_of_the_library_places_orders() -> None:
    library = client_library()
    folder = Path(str(library.__file__)).parent
    calling = {
        path.name
        for path in folder.glob("*.py")
        for one in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(one, ast.Attribute) and one.attr in INSTEAD
    }
    assert calling == {"ib.py"}
