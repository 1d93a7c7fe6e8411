"""`riskgate check`: one decision, with every breach, and nothing sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from riskgate.cli.check import command
from riskgate.errors import ConfigError, OrderError, PolicyError, RiskgateError

ROOT = Path(__file__).parents[3]
ORDER = "BUY 100000 AAPL LMT 190 DAY"
LIMITS = "tests/unit/cli/desk.yaml"


def check(
    order: str, *words: str, policies: str = LIMITS, state: str = "examples/state.yaml"
) -> tuple[int, str]:
    line = [order, "--policies", str(ROOT / policies), "--state", str(ROOT / state), *words]
    result = CliRunner().invoke(command, line, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    assert isinstance(result.return_value, int)
    return result.return_value, result.stdout


def test_an_order_that_may_leave_is_exit_0() -> None:
    code, out = check("BUY 100 AAPL LMT 190 DAY")
    first, *_ = out.splitlines()
    assert code == 0
    assert first == "allowed  BUY 100 AAPL LMT 190 DAY strategy=meanrev account=DU1234567"


def test_an_order_that_may_leave_shows_the_limits_that_are_closest_and_how_far_it_could_go() -> (
    None
):
    _, *lines = check("BUY 100 AAPL LMT 190 DAY")[1].splitlines()
    assert lines[0] == "  desk/double-click  max 1 of 1 (100 %)"
    assert "  desk/single-name-position  max_long 600 of 10,000 units (6 %)" in lines
    assert lines[-1] == "  largest quantity that would pass now: 5,000"
    assert len([line for line in lines if line.startswith("  desk/")]) == 3


@pytest.mark.parametrize("option", ["--all", "--verbose"])
def test_every_rule_that_applies_is_shown_when_asked_for(option: str) -> None:
    code, out = check("BUY 5001 AAPL LMT 190 DAY", option)
    rules = [line.split()[0] for line in out.splitlines() if line.startswith("  desk/")]
    assert code == 3
    assert rules[0] == "desk/order-size"
    assert {"desk/regular-hours", "desk/price-collar"} < set(rules)
    row = next(line.split() for line in out.splitlines() if "max_quantity units" in line)
    assert row == ["max_quantity", "units", "5,001", "5,001", "5,000", "-1", ">100", "%"]
    assert [line for line in out.splitlines() if len(line) > 80 and ".yaml:" not in line] == []


def test_where_several_rules_limit_the_largest_quantity_of_each_is_named() -> None:
    _, out = check(ORDER)
    said = " ".join(out[out.index("  largest quantity by rule") :].split())
    assert "desk/order-size 5,000; desk/single-name-position 9,500;" in said


def test_json_has_every_rule_with_its_headroom_and_this_orders_share() -> None:
    content = json.loads(check("BUY 100 AAPL LMT 190 DAY", "--format", "json")[1])
    found = {(rule["rule"], rule["limit_name"]): rule for rule in content["rules"]}
    rule = found["desk/single-name-position", "max_long"]
    assert (rule["observed"], rule["this_order"], rule["limit"]) == ("600", "100", "10000")
    assert (rule["headroom"], rule["percent_used"], rule["verdict"]) == ("9400", "6", "PASS")
    assert rule["where"].endswith("tests/unit/cli/desk.yaml:21")
    assert (content["breaches"], content["largest_quantity"]) == ([], "5000")


def test_a_denied_order_is_exit_3_and_every_breached_rule_is_named() -> None:
    code, out = check(ORDER)
    assert code == 3
    named = {line.split()[0] for line in out.splitlines() if line.startswith("  desk/")}
    assert named == {
        f"desk/{rule}"
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
    breach = found["desk/order-size", "max_notional"]
    assert (breach["observed"], breach["limit"], breach["unit"]) == ("19000000", "1000000", "USD")
    assert "desk/order-size" in content["by"]


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
    (said,) = wrong(tmp_path)
    assert said.startswith("1:6: error RG401 `2026-13-02T10:00:00-05:00` is no time with an offset")


def wrong(folder: Path) -> list[str]:
    """What is wrong with a state file, each with its place in it."""
    path = str(folder / "state.yaml")
    with pytest.raises(PolicyError) as caught:
        check(ORDER, state=path)
    assert caught.value.exit_code == 2
    return [str(problem).removeprefix(f"{path}:") for problem in caught.value.problems]


NAMES = """\
now: 2026-03-02T10:00:00-05:00
prices:
  AAPL: 189.99 x 190.01
  "A B": 1 x 2
positions:
  "AAPL.OPT strike=9": 3
  AAPL: 100
working:
  - SELL 100 AAPL LMT
  - SELL 10 AAPL LMT 195
  - {side: SELL, quantity: 1, symbol: AAPL, order_type: XXX}
today:
  "B B": {orders: 1}
"""


def test_all_that_cannot_be_in_a_state_is_named_with_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "state.yaml").write_text(NAMES)
    said = wrong(tmp_path)
    places = [line.partition(" ")[0] for line in said]
    assert places == ["4:3:", "6:3:", "9:5:", "11:5:", "13:3:"]
    assert "`AAPL.OPT strike=9` is no instrument here; list it under `instruments`" in said[1]
    assert "LMT needs limit_price" in said[2]


def test_instruments_that_cannot_be_are_named_before_what_is_said_of_them(tmp_path: Path) -> None:
    (tmp_path / "state.yaml").write_text(
        "instruments:\n  ES: {sec_type: FUT, expiry: 2026-13-19}\npositions: {ES: 1, B B: 2}\n"
    )
    (said,) = wrong(tmp_path)
    assert said.startswith("2:3: error RG401 `2026-13-19` is no date")


def test_without_a_state_the_one_line_says_what_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(command, [ORDER, "--policies", str(ROOT / "policies")])
    assert isinstance(done.exception, ConfigError)
    assert "prices: {AAPL: 189.99 x 190.01}" in str(done.exception)
    assert "--state state.yaml" in str(done.exception)


def test_without_a_state_the_one_that_is_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "state.yaml").write_text("prices: {AAPL: 190 x 190}\n")
    done = CliRunner().invoke(command, [ORDER, "--policies", str(ROOT / "policies")])
    assert str(done.exception) == (
        "what are the prices and positions? those of `state.yaml` are used with"
        " `--state state.yaml`"
    )


def bare(folder: Path) -> str:
    """Ask without naming policies; the decision, or why there is none."""
    state = folder / "state.yaml"
    state.write_text("prices: {AAPL: 190 x 190}\n")
    done = CliRunner().invoke(command, ["BUY 2 AAPL LMT 190", "--state", str(state)])
    return str(done.exception) if done.exception else done.stdout


def test_the_policies_are_those_of_the_settings_else_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RISKGATE_CONFIG", raising=False)
    assert "no policies: name files or folders with --policies" in bare(tmp_path)
    for folder, limit in (("policies", 1), ("others", 2)):
        (tmp_path / folder).mkdir()
        text = HELD.replace("quantity: 100", f"quantity: {limit}").replace("hold", "deny")
        (tmp_path / folder / "desk.yaml").write_text(text)
    assert bare(tmp_path).startswith("denied")
    (tmp_path / "riskgate.yaml").write_text("policies: [others]\n")
    assert bare(tmp_path).startswith("allowed")


@pytest.mark.parametrize("missing", ["policies", "state"])
def test_what_is_not_there_is_exit_2(missing: str) -> None:
    with pytest.raises(RiskgateError) as error:
        check(ORDER, **{missing: "nowhere.yaml"})
    assert error.value.exit_code == 2


def test_where_no_quantity_would_pass_it_says_so() -> None:
    code, out = check("BUY 100 AAPL LMT 250 DAY")
    assert code == 3
    assert out.endswith("largest quantity that would pass now: none\n")


def unread(order: str, *words: str) -> tuple[str, list[str]]:
    """What is said of something that is no order: on standard output, and on the other."""
    world = ["--policies", str(ROOT / LIMITS), "--state", str(ROOT / "examples/state.yaml")]
    done = CliRunner().invoke(command, [*world, *words, "--", order], standalone_mode=False)
    assert (done.exception, done.return_value) == (None, 2)
    return done.stdout, done.stderr.splitlines()


SHAPE = "write SIDE QUANTITY SYMBOL TYPE [PRICE...] [TIF] [key=value ...]"
FIELDS = '"side": "BUY", "quantity": 1, "symbol": "AAPL", "order_type": "MKT"'


@pytest.mark.parametrize(
    ("order", "faults"),
    [
        *((order, [SHAPE]) for order in ("", "BUY AAPL 100", "[1]", "-")),
        ("BUY NaN AAPL LMT x", ["quantity must be plain digits; found `NaN`", "time in force"]),
        (f'{{{FIELDS}, "foo": 2}}', ["unknown field `foo`"]),
        ('{"quantity": NaN}', ["quantity must be a finite number; found `NaN`", "`side` is"]),
        (f'{{{FIELDS}, "tag": {{"a": [25.0]}}}}', ['tag must be text; found `{"a": [25.0]}`']),
        (f'{{{FIELDS}, "strike": true}}', ["strike must be a number; found `true`"]),
    ],
)
def test_what_is_no_order_is_exit_2_with_a_line_for_each_fault(
    order: str, faults: list[str]
) -> None:
    out, lines = unread(order)
    assert out == ""
    for fault in faults:
        assert any(line.startswith(f"error: this is no order: {fault}") for line in lines)
    assert "Decimal" not in "".join(lines)


def test_what_is_no_order_is_json_on_standard_output_where_json_is_asked_for() -> None:
    order = f'{{{FIELDS}, "tag": 25.0}}'
    out, lines = unread(order, "--format", "json")
    content = json.loads(out)
    assert (content["action"], content["order"]) == ("deny", order)
    assert content["breaches"][0]["text"] == "tag must be text; found `25.0`"
    assert lines == ["error: this is no order: tag must be text; found `25.0` (BAD_ORDER)"]
