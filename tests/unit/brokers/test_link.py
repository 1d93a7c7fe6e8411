from __future__ import annotations

import pytest

from riskgate.brokers.ib.link import Link
from riskgate.execution.codes import Class, Meanings


class Watched(Link):
    """A link with what it told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        super().__init__(self.told.append)


def test_a_lost_link_is_back_when_ib_says_so() -> None:
    link = Watched()
    link.message(1100, "lost")
    assert link.trouble
    assert not link.priced
    link.message(2104, "Market data farm connection is OK:usfarm")
    assert link.trouble
    link.message(1102, "restored")
    assert not link.trouble
    assert [reason[:4] for reason in link.told] == ["1100", "1102"]


def test_a_lost_server_is_back_when_a_farm_is() -> None:
    link = Watched()
    link.message(2110, "broken")
    assert link.trouble
    link.message(2104, "Market data farm connection is OK:usfarm")
    assert not link.trouble
    assert len(link.told) == 2


def test_prices_age_while_any_farm_is_broken() -> None:
    link = Watched()
    link.message(2103, "Market data farm connection is broken:usfarm")
    link.message(2103, "Market data farm connection is broken:eufarm")
    link.message(2104, "Market data farm connection is OK:usfarm")
    assert not link.priced
    link.message(2104, "Market data farm connection is OK:eufarm")
    assert link.priced
    assert not link.trouble
    assert link.told == []


def test_silence_is_trouble_until_an_answer() -> None:
    link = Watched()
    link.unanswered(10)
    link.unanswered(10)
    assert link.trouble == "the broker does not answer"
    assert not link.priced
    link.answered()
    link.answered()
    assert not link.trouble
    assert link.told == ["the broker did not answer within 10 s", "the broker answers again"]


@pytest.mark.parametrize("code", [100, 1101, 1300, 99999])
def test_what_may_hide_something_is_told(code: int) -> None:
    link = Watched()
    link.message(code, "text")
    assert link.told == [f"{code}: text"]


@pytest.mark.parametrize("code", [2104, 2106, 2107, 2108, 2119, 2158, 2137, 2100, 399])
def test_what_hides_nothing_is_not_told(code: int) -> None:
    link = Watched()
    link.message(code, "text")
    assert link.told == []


def test_a_read_only_api_is_told_once_with_what_to_do() -> None:
    link = Watched()
    link.forbidden("321: x")
    link.forbidden("321: x")
    assert "untick `Read-Only API`" in link.trouble
    assert len(link.told) == 1


def test_a_code_that_settings_call_information_hides_nothing() -> None:
    told: list[str] = []
    link = Link(told.append, Meanings({99999: Class.INFORMATION}))
    link.message(99999, "text")
    link.message(99998, "text")
    assert told == ["99998: text"]
