"""A simulation that finds nothing proves nothing: what it has to find is planted here.

Each bug is put into the real code; one of the first seeds has to break a promise with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.simulation.planted import BUGS
from tests.simulation.runs import Outcome, run

MOST = 300  # seeds that a bug may hide from
Bug = Callable[[pytest.MonkeyPatch], None]

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("silent")]


@pytest.fixture(scope="module")
def table() -> Iterator[list[str]]:
    """A row for each bug that was found, shown when all were looked for."""
    rows = [f"{'bug':36} {'seed':>4} {'step':>4}  promise"]
    yield rows
    print("\n" + "\n".join(rows))  # noqa: T201  # the table is what `-s` is for


def first_broken(also: str) -> Outcome | None:
    """The first world in which a promise is not kept."""
    outcomes = (run(seed, also=also) for seed in range(MOST))
    return next((outcome for outcome in outcomes if outcome.broken is not None), None)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: str(bug.__name__))
def test_a_planted_bug_breaks_a_promise_in_one_of_the_first_worlds(
    bug: Bug, monkeypatch: pytest.MonkeyPatch, table: list[str]
) -> None:
    bug(monkeypatch)
    outcome = first_broken(BUGS[bug])
    assert outcome is not None, f"{MOST} seeds did not find it"
    assert outcome.broken is not None
    name = bug.__name__
    promise = outcome.broken.invariant
    table.append(f"{name:36} {outcome.seed:4} {outcome.step:4}  {promise}")
    monkeypatch.undo()
    sound = run(outcome.seed, also=BUGS[bug])
    assert sound.broken is None, f"without the bug: {sound.said}"
