"""Every message the simulator writes, at every version, as the real library decodes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from riskgate.simulator import answers as answers_module
from riskgate.simulator.wire.codec import MESSAGE_TABLE, MIN_VERSION, split
from riskgate.simulator.wire.kinds import Record
from tests.wire.conftest import client_library, habits
from tests.wire.heard import SHAPES, Call, Hearing

ib = client_library()
VERSIONS = range(MIN_VERSION, habits().highest + 1)
UNHEARD = frozenset(
    {
        "currentTimeInMillis",  # of versions that these never see
        "historicalDataEnd",
        "displayGroupList",  # answers to what these never ask
        "displayGroupUpdated",
        "verifyCompleted",
        "verifyAndAuthCompleted",
    }
)
HEARING = Hearing(
    letters="abcXYZ019 .,;=-_/\\\n\t\u00e9\u2713\U0001f600",
    unescapes=False,
    unheard=frozenset(
        {
            ("contractDetails", "mdSizeMultiplier"),
            ("bondContractDetails", "mdSizeMultiplier"),
            ("tickPrice", "attrMask"),
            ("historicalTicksBidAsk", "attrMask"),
            ("historicalTicksLast", "attrMask"),
            ("tickByTick", "attrMask"),
        }
    ),
    unheard_messages=UNHEARD,
)
# Both read an order's duration from 159 on only; the server has sent it since 158.
SENT_BUT_NOT_READ = 158
DEAF_TO_DURATION = replace(HEARING, unheard=HEARING.unheard | {("openOrder", "duration")})
NAMES = HEARING.names(MESSAGE_TABLE.by_name)


class Ear:
    """The library's decoder, telling a list."""

    def __init__(self, version: int) -> None:
        self.heard: list[Call] = []
        self.ib = SimpleNamespace(TimezoneTWS="")
        self.defaultTimezone = UTC  # ib_async: the zone of its answers
        self.decoder: Any = ib.decoder.Decoder(self, version)
        self.decoder.logger = SimpleNamespace(exception=self.broken)

    def broken(self, *about: object) -> None:
        raise AssertionError(about)

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *values: self.heard.append((name, values))


def check(name: str, version: int, record: Record) -> None:
    ear = Ear(version)
    ear.decoder.interpret(split(MESSAGE_TABLE.encode(name, record, version)))
    hearing = DEAF_TO_DURATION if version == SENT_BUT_NOT_READ else HEARING
    hearing.check(name, (MESSAGE_TABLE.by_name[name].rows, version), record, ear.heard)


CALM = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
SEEDS = st.integers(0, 2**32)


@pytest.mark.parametrize("name", NAMES)
@CALM
@given(SEEDS, st.sampled_from(VERSIONS))
def test_what_is_written_is_what_the_library_reads(name: str, seed: int, version: int) -> None:
    rows = MESSAGE_TABLE.by_name[name].rows
    check(name, version, HEARING.draw(Random(seed), name, rows, version))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_message_is_read_alike_at_every_version(version: int) -> None:
    for name in NAMES:
        rows = MESSAGE_TABLE.by_name[name].rows
        check(name, version, HEARING.draw(Random(version), name, rows, version))


def test_every_message_the_simulator_writes_is_held_against_the_library() -> None:
    written = set[str]()
    folder = Path(answers_module.__file__).parent
    for path in folder.glob("*.py"):
        written |= set(re.findall(r"\.send\(\s*\"(\w+)\"", path.read_text()))
    assert written > {"openOrder", "orderStatus", "execDetails", "tickPrice"}
    assert written - set(SHAPES) == set()
    assert written - UNHEARD <= set(NAMES)
