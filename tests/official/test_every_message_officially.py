"""Every message the simulator writes, at every version, as the official client decodes it."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from riskgate.simulator.wire.codec import MAX_VERSION, MESSAGE_TABLE, MIN_VERSION
from riskgate.simulator.wire.kinds import Record
from tests.official.conftest import Ears, official
from tests.wire.heard import Hearing

HIGHEST = official("client").MAX_CLIENT_VER
VERSIONS = range(MIN_VERSION, min(HIGHEST, MAX_VERSION) + 1)
IS_NEW = HIGHEST > MAX_VERSION
HEARING = Hearing(
    letters="abcXYZ019 .,;=-_/",
    unescapes=True,
    unheard=frozenset(
        {
            ("contractDetails", "mdSizeMultiplier"),
            ("bondContractDetails", "mdSizeMultiplier"),
            ("contractDetails", "suggestedSizeIncrement"),  # read from version 164 on only
            ("contractDetails", "fundDistributionPolicyIndicator"),  # become choices
            ("contractDetails", "fundAssetType"),
            ("error", "advancedOrderRejectJson"),
            *((name, "faProfile") for name in ("openOrder", "completedOrder") if IS_NEW),
            ("openOrder", "eTradeOnly"),
            ("openOrder", "firmQuoteOnly"),
            ("openOrder", "nbboPriceCap"),
            ("tickPrice", "attrMask"),
            ("tickPrice", "size"),  # a call of its own
            ("tickByTick", "attrMask"),
            ("historicalTicksBidAsk", "attrMask"),
            ("historicalTicksLast", "attrMask"),
            ("symbolSamples", "description"),
            ("symbolSamples", "issuerId"),
        }
    ),
    unheard_messages=frozenset({"historicalDataEnd", "currentTimeInMillis"}),  # see below
    shapes={"error": f"reqId {'errorTime ' * IS_NEW}code text"},
)
KNOWN = official("decoder").Decoder(Ears(), MIN_VERSION).msgId2handleInfo
TABLE = {name: layout for name, layout in MESSAGE_TABLE.by_name.items() if layout.number in KNOWN}
NAMES = HEARING.names(TABLE)


def hear(name: str, version: int, record: Record) -> Ears:
    ears = Ears()
    decoder: Any = official("decoder").Decoder(ears, version)
    if not IS_NEW:
        decoder.discoverParams()
    parts = MESSAGE_TABLE.encode(name, record, version).split(b"\0")[:-1]
    if IS_NEW:
        decoder.interpret(tuple(parts[1:]), int(parts[0]))
    else:
        decoder.interpret(tuple(parts))
    return ears


def check(name: str, version: int, seed: int) -> None:
    rows = MESSAGE_TABLE.by_name[name].rows
    record = HEARING.draw(Random(seed), name, rows, version)
    HEARING.check(name, (rows, version), record, hear(name, version, record).calls)


@pytest.mark.parametrize("name", NAMES)
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.integers(0, 2**32), st.sampled_from(VERSIONS))
def test_what_is_written_is_what_the_official_client_reads(
    name: str, seed: int, version: int
) -> None:
    check(name, version, seed)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_message_is_read_alike_at_every_version(version: int) -> None:
    for name in NAMES:
        check(name, version, version)


@pytest.mark.skipif(HIGHEST < 197, reason="a message this client is too old for")
def test_what_is_new_since_196_is_read() -> None:
    ears = hear("historicalDataEnd", MAX_VERSION, {"reqId": 3, "start": "a", "end": "b"})
    assert ears.calls == [("historicalDataEnd", (3, "a", "b"))]
    ears = hear("currentTimeInMillis", MAX_VERSION, {"time": 1_736_175_600_123})
    assert ears.calls == [("currentTimeInMillis", (1_736_175_600_123,))]
