from __future__ import annotations

import pytest

from riskgate.execution import codes
from riskgate.execution.codes import CLASSES, SHIPPED, Class, Meanings


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (100, Class.PACING),
        (104, Class.REFUSED),
        (110, Class.REJECTED),
        (135, Class.AMBIGUOUS),
        (201, Class.REJECTED),
        (202, Class.CANCELLED),
        (354, Class.DATA),
        (399, Class.WARNING),
        (481, Class.WARNING),
        (1100, Class.SESSION),
        (2104, Class.INFORMATION),
        (10147, Class.AMBIGUOUS),
        (10148, Class.REFUSED),
        (10349, Class.WARNING),
    ],
)
def test_a_code_has_the_class_of_the_design(code: int, kind: Class) -> None:
    assert SHIPPED.of(code) is kind


@pytest.mark.parametrize("code", [99999, 0, -1, 10350, 2999])
def test_an_unknown_code_is_ambiguous(code: int) -> None:
    assert SHIPPED.of(code) is Class.AMBIGUOUS


@pytest.mark.parametrize("code", [110, 201, 321, 382])
def test_what_rejects_a_new_order_only_refuses_a_modify(code: int) -> None:
    assert SHIPPED.of(code) is Class.REJECTED
    assert SHIPPED.of(code, modifying=True) is Class.REFUSED


def test_a_duplicate_id_on_a_modify_proves_nothing() -> None:
    assert SHIPPED.of(103, modifying=True) is Class.AMBIGUOUS


@pytest.mark.parametrize("code", [104, 202, 399, 1100, 10147])
def test_a_modify_in_flight_changes_no_other_class(code: int) -> None:
    assert SHIPPED.of(code, modifying=True) is SHIPPED.of(code)


def test_no_code_is_in_two_classes() -> None:
    spelt = [code for text in codes._TABLE.values() for code in codes._spelt_out(text)]
    assert len(spelt) == len(set(spelt)) == len(CLASSES)


def test_what_settings_say_stands_beside_the_table() -> None:
    meanings = Meanings({10350: Class.WARNING, 201: Class.AMBIGUOUS})
    assert meanings.of(10350) is Class.WARNING
    assert meanings.of(201) is meanings.of(201, modifying=True) is Class.AMBIGUOUS
    assert meanings.of(202) is Class.CANCELLED
    assert meanings.knows(10350)
    assert not SHIPPED.knows(10350)


def test_a_class_is_said_in_words() -> None:
    assert set(codes.WORDS) == {
        *("rejected", "refused", "warning", "cancelled", "session", "pacing"),
        *("data", "information", "ambiguous"),
    }
