"""Sums by several processes are the sums of one, whatever is asked for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC
from decimal import Decimal
from pathlib import Path

import pytest

from riskgate.analytics.breakdown import breakdown
from riskgate.analytics.measures import measure
from riskgate.journal import summing
from riskgate.journal.archive import Filter, open_for_reading
from riskgate.journal.journal import SqliteJournal
from riskgate.journal.summing import Asked, parts, summed
from riskgate.model.lifecycle import Status
from riskgate.model.report import Fill
from riskgate.model.view import OrderView

ORDERS = 101


@pytest.fixture
def journal(tmp_path: Path, view: Callable[..., OrderView], fill: Callable[..., Fill]) -> Path:
    path = tmp_path / "journal.db"
    with closing(SqliteJournal(path, durability="os")) as made, made.turn() as turn:
        views = [
            view(
                number, Status.FILLED, strategy=f"s{number % 3}", venue="ARCA" if number % 2 else ""
            )
            for number in range(1, ORDERS + 1)
        ]
        fills = [
            fill(f"{number}.{part}.01", number, quantity=Decimal(part), commission=Decimal("0.35"))
            for number in range(1, ORDERS + 1)
            for part in (1, 2)
        ]
        turn.project(views, fills)
    return path


def asked(journal: Path, **wanted: object) -> Asked:
    return Asked(journal, Filter(**wanted), ("strategy",), UTC)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("wanted", [{}, {"strategy": "s1"}, {"venue": "ARCA"}])
def test_several_processes_sum_what_one_does(
    journal: Path, wanted: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summing, "MANY", 2)
    question = asked(journal, **wanted)
    shares = parts(question, 3)
    assert len(shares) == 3
    with open_for_reading(journal) as archive:
        alone = breakdown(measure(archive.facts(question.wanted)), ("strategy",))
    assert summed(question, shares).groups() == alone
    assert summed(question, [question.wanted]).groups() == alone


def test_parts_are_of_one_size_and_have_every_order_once(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summing, "MANY", 2)
    with open_for_reading(journal) as archive:
        found = [
            [one.order_id for one in archive.facts(share)] for share in parts(asked(journal), 4)
        ]
    assert [len(part) for part in found] == [25, 25, 25, 26]
    assert [number for part in found for number in part] == list(range(1, ORDERS + 1))


def test_few_orders_and_the_newest_are_summed_by_one_process(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert parts(asked(journal), 4) == (Filter(),)
    monkeypatch.setattr(summing, "MANY", 2)
    assert parts(asked(journal), 1) == (Filter(),)
    assert parts(asked(journal, limit=50), 4) == (Filter(limit=50),)
    assert 1 <= summing.processes() <= summing.MOST
