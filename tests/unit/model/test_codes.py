"""The built-in codes: one closed list, each with its meaning."""

from __future__ import annotations

from riskgate.model.codes import MEANINGS, Code


def test_every_code_has_a_meaning_someone_who_must_act_and_a_fix_reason() -> None:
    assert set(MEANINGS) == set(Code)
    for meaning in MEANINGS.values():
        assert meaning.text
        assert meaning.who in {"strategy", "operations", "risk officer", "riskgate"}
        assert meaning.fix.split(" ", 1)[0].isdigit()


def test_a_code_is_written_as_it_is_named() -> None:
    assert [str(code) for code in Code] == list(Code.__members__)
