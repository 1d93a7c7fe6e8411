"""`riskgate check`: one decision, with every breach, and nothing sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from riskgate.cli.check import command
from riskgate.errors import OrderError, PolicyError, RiskgateError

ROOT = Path(__file__).parents[3]
ORDER = "BUY 100000 AAPL LMT 190 DAY"


def check(
    order: str, *words: str, policies: str = "policies", state: str = "examples/state.yaml"
) -> tuple[int, str]:
    line = [order, "--policies", str(ROOT / policies), "--state", str(ROOT / state), *words]
    result = CliRunner().invoke(command, line, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    assert isinstance(result.return_value, int)
    return result.return_value, result.stdout


def test_an_order_that_may_leave_is_exit_0() -> None:
    code, out = check("BUY 100 AAPL LMT 190 DAY")
    assert (code, out) == (
        0,
        "allowed  BUY 100 AAPL LMT 190 DAY strategy=meanrev account=DU1234567\n",
    )


def test_a_denied_order_is_exit_3_and_every_breached_rule_is_named() -> None:
    code, out = check(ORDER)
    assert code == 3
    named = {line.split()[0] for line in out.splitlines() if line.startswith("  us-equities/")}
    assert named == {
        f"us-equities/{rule}"
        for rule in (
            *("daily-turnover", "daily-turnover-warning", "mega-cap-position"),
            *("order-size", "single-name-position"),
        )
    }
    assert "    max_long 100,500 units > limit 10,000 units (1005 %)" in out.splitlines()
    assert out.endswith("  largest quantity that would pass now: 5,000\n")


def test_the_answer_fits_on_eighty_columns() -> None:
    """But for paths, which are as long as they are."""
    _, out = check(ORDER)
    assert [line for line in out.splitlines() if len(line) > 80 and ".yaml:" not in line] == []


def test_the_largest_quantity_is_the_largest_that_passes() -> None:
    assert check("BUY 5000 AAPL LMT 190 DAY")[0] == 0
    assert check("BUY 5001 AAPL LMT 190 DAY")[0] == 3


def test_json_is_one_object_with_exact_amounts() -> None:
    code, out = check(ORDER, "--format", "json")
    content = json.loads(out)
    assert (code, content["action"], content["largest_quantity"]) == (3, "deny", "5000")
    found = {(b["rule"], b["limit_name"]): b for b in content["breaches"]}
    breach = found["us-equities/order-size", "max_notional"]
    assert (breach["observed"], breach["limit"], breach["unit"]) == ("19000000", "1000000", "USD")
    assert "us-equities/order-size" in content["by"]


def test_an_order_may_be_a_json_object() -> None:
    order = {"side": "buy", "quantity": 100, "symbol": "AAPL", "order_type": "LMT"}
    code, out = check(json.dumps({**order, "limit_price": 190.1}))
    assert (code, out.split("strategy")[0]) == (0, "allowed  BUY 100 AAPL LMT 190.1 DAY ")


@pytest.mark.parametrize("order", ['{"side": ', '{"side": "BUY", "side": "SELL"}', "{1: 2}"])
def test_broken_json_is_exit_2(order: str) -> None:
    with pytest.raises(OrderError, match="the order is no JSON object") as error:
        check(order)
    assert error.value.exit_code == 2


def test_what_is_no_order_is_denied_with_its_codes() -> None:
    code, out = check("BUY 0 AAPL LMT 190")
    assert code == 3
    assert out.startswith("denied  BUY 0 AAPL LMT 190 ")
    assert out.endswith("\n  BAD_QUANTITY  quantity must be above zero; found `0`\n")


def test_strategy_and_account_fill_what_the_order_leaves_open() -> None:
    _, out = check("BUY 1 AAPL LMT 190", "--strategy", "alpha")
    assert "strategy=alpha" in out
    _, out = check("BUY 1 AAPL LMT 190 strategy=beta", "--strategy", "alpha")
    assert "strategy=beta" in out
    code, out = check("BUY 1 AAPL LMT 190", "--account", "DU9")
    assert code == 3
    assert "  UNKNOWN_ACCOUNT  account `DU9` is not one of DU1234567" in out


HELD = """\
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: large, kind: fat_finger, max_quantity: 100, on_breach: hold, because: a person decides}
  - {id: notable, kind: fat_finger, max_quantity: 50, on_breach: warn, because: worth a look}
  - {id: watched, kind: fat_finger, max_quantity: 40, mode: shadow, because: not yet}
"""


def test_a_held_order_is_exit_4_and_a_warned_one_exit_0(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(HELD)
    code, out = check("BUY 101 AAPL LMT 190", policies=str(tmp_path))
    assert code == 4
    assert out.startswith("held  BUY 101 AAPL")
    assert "(holds for approval)" in out
    assert "(warns only)" in out
    assert "(shadow: not enforced)" in out
    assert out.endswith("largest quantity that would pass now: 100\n")
    code, out = check("BUY 100 AAPL LMT 190", policies=str(tmp_path))
    assert code == 0
    assert out.startswith("allowed with a warning  BUY 100 AAPL")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("nwo: 2026-03-02T10:00:00-05:00\n", "unknown key `nwo` (did you mean `now`?)"),
        ("now: soon\n", "RG107"),
        ("prices: [AAPL]\n", "RG105"),
        ("a: 1\na: 2\n", "RG002"),
        ("", "RG012"),
    ],
)
def test_a_state_that_cannot_be_read_is_exit_2(tmp_path: Path, state: str, expected: str) -> None:
    (tmp_path / "state.yaml").write_text(state)
    with pytest.raises(PolicyError) as error:
        check(ORDER, state=str(tmp_path / "state.yaml"))
    assert any(expected in str(problem) for problem in error.value.problems)


def test_a_state_with_an_impossible_value_is_exit_2(tmp_path: Path) -> None:
    (tmp_path / "state.yaml").write_text("now: 2026-13-02T10:00:00-05:00\n")
    with pytest.raises(PolicyError, match="is no time with an offset"):
        check(ORDER, state=str(tmp_path / "state.yaml"))


@pytest.mark.parametrize("missing", ["policies", "state"])
def test_what_is_not_there_is_exit_2(missing: str) -> None:
    with pytest.raises(RiskgateError) as error:
        check(ORDER, **{missing: "nowhere.yaml"})
    assert error.value.exit_code == 2


def test_where_no_quantity_would_pass_it_says_so() -> None:
    code, out = check("BUY 100 AAPL LMT 250 DAY")
    assert code == 3
    assert out.endswith("largest quantity that would pass now: none\n")
