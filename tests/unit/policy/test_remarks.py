"""Which comments are remarks, what line they are about, and what is only text."""

from __future__ import annotations

import pytest

from riskgate.policy.remarks import Remark, remarks
from riskgate.policy.source import parse


def found(text: str) -> tuple[Remark, ...]:
    document, problems = parse(text, "a.yaml")
    assert document is not None, problems
    return remarks(text, document)


def test_a_remark_at_the_end_of_a_line_is_about_that_line() -> None:
    assert found("a: 1\nb: 2  # riskgate: ignore[RG310] because\nc: 3\n") == (
        Remark(2, 7, 2, ("RG310",), "because"),
    )


def test_a_remark_on_its_own_line_is_about_the_next_that_is_more_than_a_comment() -> None:
    text = "a: 1\n# riskgate: ignore[RG310] one\n# and a word\n\n  \nb: 2\n"
    assert found(text) == (Remark(2, 1, 6, ("RG310",), "one"),)


def test_several_codes_stand_in_one_remark() -> None:
    (remark,) = found("a: 1 # riskgate: ignore[RG310, RG311]: both, RISK-1\n")
    assert (remark.codes, remark.reason) == (("RG310", "RG311"), "both, RISK-1")


@pytest.mark.parametrize("comment", ["ignore", "ignore[]", "ignore RG310", "ignore[ ] why"])
def test_a_remark_may_name_nothing(comment: str) -> None:
    (remark,) = found(f"a: 1  # riskgate: {comment}\n")
    assert remark.codes == ()


@pytest.mark.parametrize(
    "text",
    [
        "a: 'x # riskgate: ignore[RG310] y'\n",
        'a: "x # riskgate: ignore[RG310] y"\n',
        'a: "it \\" is # riskgate: ignore[RG310] y"\n',
        "a: 'it''s # riskgate: ignore[RG310] y'\n",
        "a: 'x\n  # riskgate: ignore[RG310] y'\n",
        "'a # riskgate: ignore[RG310] y': 1\n",
        "a: |\n  x\n  # riskgate: ignore[RG310] y\nb: 1\n",
        "a: >-\n  x\n\n    # riskgate: ignore[RG310] y\n",
        "a: x#riskgate:ignore[RG310] y\n",
        "a: 1  # ignore[RG310] y\n",
        "a: 1  # riskgate ignores nothing\n",
    ],
)
def test_text_is_no_remark(text: str) -> None:
    assert found(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "a: 'x'  # riskgate: ignore[RG310] y\n",
        'a: "x"  # riskgate: ignore[RG310] y\n',
        "a: {b: 'x', c: [1]}  # riskgate: ignore[RG310] y\n",
        "a: |  # riskgate: ignore[RG310] y\n  x\n",
        "a: |\n    x\n# riskgate: ignore[RG310] y\nb: 1\n",
        "a: |\n    x\n  # riskgate: ignore[RG310] y\nb: 1\n",
        "# riskgate: ignore[RG310] y\na: 1\n",
        "a:  # riskgate: ignore[RG310] y\n  b: 1\n",
    ],
)
def test_a_comment_beside_text_is_a_remark(text: str) -> None:
    (remark,) = found(text)
    assert (remark.codes, remark.reason) == (("RG310",), "y")
