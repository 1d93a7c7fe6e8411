"""Options of `replay` that do not go together are refused, never ignored."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from riskgate.cli.app import run
from riskgate.errors import INVALID, TERMINATED
from riskgate.history import running

HISTORY = ("--history", "x.csv", "--policies", "x.yaml")
POLICY = """\
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 900, because: a test}
"""


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((*HISTORY, "--last", "30d"), "--last is of a journal; a history is replayed whole"),
        ((*HISTORY, "--since", "2026-01-01"), "--since is of a journal"),
        ((*HISTORY, "--until", "2026-01-01"), "--until is of a journal"),
        ((*HISTORY, "--journal", "j.db"), "--journal is of a journal"),
        ((*HISTORY, "17"), "`17` is of a journal"),
        ((*HISTORY, "--dask", ""), "--dask needs an address"),
        ((*HISTORY, "--dask", "tcp://h:1", "--jobs", "2"), "give one"),
        (("j.db", "--jobs", "2"), "--jobs is of a history; give --history too"),
        (("j.db", "--skip-bad"), "--skip-bad is of a history"),
        (("j.db", "--dask", "tcp://h:1"), "--dask is of a history"),
        (("j.db", "--zone", "UTC"), "--zone is of a history"),
        (("j.db", "--positions", "p.csv"), "--positions is of a history"),
    ],
)
def test_what_would_have_no_effect_is_refused(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], why: str
) -> None:
    assert run(["replay", *words]) == INVALID
    error = capsys.readouterr().err
    assert why in error
    assert error.count("\n") == 1


def a_history(folder: Path) -> list[str]:
    (folder / "desk.yaml").write_text(POLICY)
    (folder / "x.csv").write_text("at,account,symbol,side,quantity,order_type\n")
    named = (str(folder / name) for name in ("x.csv", "desk.yaml"))
    return [word for pair in zip(("--history", "--policies"), named, strict=True) for word in pair]


def test_a_history_without_a_name_is_no_journal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = a_history(tmp_path)
    assert run(["replay", words[0], "", *words[2:]]) == INVALID
    assert "cannot read ``" in capsys.readouterr().err


def test_sigterm_ends_a_history_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(running, "replay_history", ended)
    assert run(["replay", *a_history(tmp_path)]) == TERMINATED
    assert capsys.readouterr().err == "ended by SIGTERM\n"
