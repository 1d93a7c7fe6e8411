"""SIGTERM unwinds what is at work, and is given back afterwards."""

from __future__ import annotations

import os
import signal

import click
import pytest

from riskgate.cli.ending import terminable
from riskgate.errors import TERMINATED


def killed(unwound: list[bool]) -> None:
    with terminable():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            unwound.append(True)


def test_sigterm_unwinds_and_says_how_it_ended() -> None:
    before, unwound = signal.getsignal(signal.SIGTERM), list[bool]()
    with pytest.raises(click.exceptions.Exit) as ended:
        killed(unwound)
    assert (ended.value.exit_code, unwound) == (TERMINATED, [True])
    assert signal.getsignal(signal.SIGTERM) is before
