"""The settings about the broker that are more than a type."""

from datetime import time

import pytest

from riskgate.config.broker_settings import said, window_of
from riskgate.execution.codes import CLASSES, WORDS, Class
from riskgate.execution.restarts import RestartWindow

NIGHT = {"from": "23:45", "until": "00:45", "time_zone": "America/New_York"}


def wrong_codes(value: object) -> list[str]:
    _, faults = said(value)
    return [fault.text for fault in faults]


def wrong_window(value: object) -> list[str]:
    window, faults = window_of(value)
    assert window is None
    return [fault.text for fault in faults]


def test_codes_are_numbers_or_texts_and_classes_are_words() -> None:
    read = {10350: "warning", "10351": "rejected", 10352: Class.DATA}
    assert said(read) == (
        {10350: Class.WARNING, 10351: Class.REJECTED, 10352: Class.DATA},
        [],
    )
    assert said({}) == ({}, [])


@pytest.mark.parametrize("word", list(WORDS))
def test_a_code_that_the_table_has_not_can_be_of_any_class(word: str) -> None:
    assert said({77777: word}) == ({77777: WORDS[word]}, [])


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "`broker_codes` must be a mapping of codes to classes, such as {10350: warning}"),
        ({"abc": "data"}, "`abc` is not a code; codes are whole numbers such as 10349"),
        ({"1.5": "data"}, "`1.5` is not a code; codes are whole numbers such as 10349"),
        ({"-3": "data"}, "`-3` is not a code; codes are whole numbers such as 10349"),
        ({True: "data"}, "`True` is not a code; codes are whole numbers such as 10349"),
        ({0: "data"}, "code `0` is out of range; codes are from 1 to 2147483647"),
        ({2**31: "data"}, "code `2147483648` is out of range; codes are from 1 to 2147483647"),
        ({"9" * 50: "data"}, f"code `{'9' * 50}` is out of range; codes are from 1 to 2147483647"),
        ({7: "wanring"}, "`7`: unknown class `wanring` (did you mean `warning`?)"),
        ({7: 3}, "`7`: unknown class `3`; known are rejected, refused, warning, cancelled"),
        ({77: "data", "077": "data"}, "code 77 is said twice"),
        ({404: "rejected"}, "`404`: code 404 is `warning` and can only be made `ambiguous`"),
        ({10349: "rejected"}, "`10349`: code 10349 is `warning` and can only be made `ambiguous`"),
        ({10147: "data"}, "`10147`: code 10147 is `ambiguous` and can only be made `ambiguous`"),
        ({1100: "ambiguous"}, "`1100`: code 1100 is `session` and stays so; found `ambiguous`"),
        ({100: "data"}, "`100`: code 100 is `pacing` and stays so; found `data`"),
    ],
)
def test_what_is_wrong_with_codes_is_said(value: object, says: str) -> None:
    [text] = wrong_codes(value)
    assert text.startswith(says)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert len(wrong_codes({"x": "dta", 0: "data", 404: "data"})) == 4


def test_no_code_of_the_table_can_be_made_less_careful() -> None:
    for code, shipped in CLASSES.items():
        for kind in Class:
            fine = kind is shipped or (
                kind is Class.AMBIGUOUS and shipped not in {Class.SESSION, Class.PACING}
            )
            assert (wrong_codes({code: kind.word}) == []) is fine


def test_a_window_is_read_with_its_zone() -> None:
    read = RestartWindow(time(23, 45), time(0, 45), "America/New_York")
    assert window_of(NIGHT) == (read, [])
    assert window_of(read) == (read, [])
    assert window_of(None) == (None, [])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"from": "24:00"}, "`from` must be a time of day such as"),
        ({"until": 45}, "`until` must be a time of day such as"),
        ({"until": "23:45"}, "`until` must differ from `from`"),
        ({"until": "03:46"}, "`restart_window` must be at most 4 hours long; found 23:45 to 03:46"),
        ({"time_zone": "New York"}, "`time_zone` must be a time zone such as America/New_York"),
        ({"time_zone": 5}, "`time_zone` must be a time zone such as America/New_York; found `5`"),
        ({"time_zone": ""}, "`time_zone` must be a time zone such as America/New_York; found ``"),
        ({"days": "all"}, "unknown key `days`; known are from, until, time_zone"),
    ],
)
def test_what_is_wrong_with_a_window_is_said(change: dict[str, object], says: str) -> None:
    [text] = wrong_window({**NIGHT, **change})
    assert text.startswith(says)


@pytest.mark.parametrize("key", ["from", "until", "time_zone"])
def test_a_window_has_all_of_its_parts(key: str) -> None:
    [text] = wrong_window({other: value for other, value in NIGHT.items() if other != key})
    assert text.startswith(f"`restart_window` lacks `{key}`; write it as {{from:")


def test_four_hours_are_not_too_long() -> None:
    window, faults = window_of({**NIGHT, "until": "03:45"})
    assert window is not None
    assert faults == []
