"""`riskgate replay` makes every decision again: thousands of all sorts, from the journal alone."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Final

import pytest

from riskgate.journal.archive import open_for_reading
from riskgate.journal.auditing import audit
from riskgate.journal.journal import open_journal
from riskgate.model.events import Decided, PolicyActivated
from riskgate.replay.replaying import Ground, replay
from tests.contract.busy_desk import Desk
from tests.spec.random_worlds import compiled
from tests.spec.wide_policies import a_wide_policy
from tests.spec.wide_worlds import a_stage, tale

MANY: Final = 10_000
FEW: Final = 800
SEED: Final = 5
A_SECOND: Final = 1_000  # decisions that must be made again in it
ENOUGH: Final = 3
WANTED: Final = (
    *("allow", "warn", "hold", "deny", "modify", "approval", "bracket", "basket", "unread"),
    *("reduction", "shadow", "activated", "HALTED", "KEY_REUSED", "GROUP_DENIED", "NO_PRICE"),
    *("STALE_PRICE", "NOT_MODIFIABLE", "BAD_ORDER", "waiver", "held by its group"),
)
MEASURED: Final = """\
import resource, sys
from riskgate.cli.app import run
code = run(["replay", sys.argv[1]])
print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def traded(folder: Path, decisions: int) -> Path:
    """A journal of a busy desk."""
    path = folder / f"{decisions}.db"
    with closing(open_journal(path, durability="os")) as journal:
        assert sum(1 for _ in Desk(journal, folder, SEED).trade(decisions)) >= decisions
    return path


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return traded(tmp_path_factory.mktemp("desk"), MANY)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_ten_thousand_decisions_are_reproduced_each_and_quickly(many: Path) -> None:
    started = time.process_time()
    with open_for_reading(many) as archive:
        found = replay(archive.read)
    took = time.process_time() - started
    assert (found.different, found.first) == (0, [])
    assert found.decisions >= MANY
    assert sum(found.grounds.values()) == found.decisions
    assert found.grounds[Ground.SNAPSHOT] > MANY * 0.8
    assert found.grounds[Ground.WORDS] > 20
    assert took < found.decisions / A_SECOND, f"{took:.1f} s for {found.decisions} decisions"


@pytest.mark.slow
def test_the_desk_did_all_that_can_be_decided(many: Path) -> None:
    """A replay of a dull journal would prove little."""
    seen: Counter[str] = Counter()
    with open_for_reading(many) as archive:
        for event in archive.read():
            decided = event.payload
            if isinstance(decided, PolicyActivated):
                seen["activated"] += 1
            if not isinstance(decided, Decided):
                continue
            decision = decided.decision
            seen[decision.action.word] += 1
            seen["modify"] += bool(decided.replaces)
            seen["approval"] += bool(decided.approves)
            seen["bracket"] += bool(decided.bracket)
            seen["basket"] += bool(decided.group and not decided.bracket)
            seen["unread"] += decision.order is None
            seen["reduction"] += decision.reduction
            seen["shadow"] += bool(decision.shadow)
            seen.update(code for code in decision.codes)
            seen["waiver"] += any(finding.waiver for finding in decision.breaches)
            seen["held by its group"] += "another order of its group is hold" in decision.notes
    assert [name for name in WANTED if seen[name] < ENOUGH] == [], seen


@pytest.mark.slow
def test_the_journal_of_the_desk_is_whole_and_its_tables_agree(many: Path) -> None:
    found = audit(many)
    assert (found.faults, found.remarks) == ((), ())
    assert found.events > MANY


@pytest.mark.slow
def test_memory_does_not_grow_with_the_journal(many: Path, tmp_path: Path) -> None:
    peaks = [peak(path) for path in (traded(tmp_path, FEW), many)]
    assert peaks[1] - peaks[0] < 20_000, peaks  # KiB


def peak(journal: Path) -> int:
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(journal)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    code, kib = done.stdout.splitlines()[-1].split()
    assert code == "0", done.stdout
    return int(kib)


@pytest.mark.parametrize("seed", range(6))
def test_tales_under_policies_of_every_kind_are_reproduced(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    policies = compiled([a_wide_policy(random, number) for number in range(3)])
    path = tmp_path / "journal.db"
    with closing(open_journal(path, durability="os")) as journal:
        made = sum(1 for _ in tale(a_stage(policies, random, tmp_path, journal), random, 150))
    with open_for_reading(path) as archive:
        found = replay(archive.read)
    assert (found.decisions, found.different, found.first) == (made, 0, [])
    assert audit(path).faults == ()
