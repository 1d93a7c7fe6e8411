"""Settings: strict, found in a fixed order, and never guessed."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from riskgate import config
from riskgate.config import Config
from riskgate.errors import ConfigError
from riskgate.execution.aggregate import Aggregation
from riskgate.execution.codes import Class
from riskgate.execution.restarts import RestartWindow

GOOD = """
mode: paper
policies: [policies]
journal: records/riskgate.sqlite
watch: [AAPL, MSFT]
broker: {port: 4002, client_id: 7, connect_timeout: 1.5}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "riskgate.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_settings_are_read_with_paths_from_the_folder_of_the_file(tmp_path: Path) -> None:
    read = config.load(written(tmp_path, GOOD))
    assert read.journal == str(tmp_path / "records/riskgate.sqlite")
    assert read.policies == (str(tmp_path / "policies"),)
    assert read.watch == ("AAPL", "MSFT")
    assert read.broker == {"port": 4002, "client_id": 7, "connect_timeout": 1.5}


def test_codes_and_the_restart_window_are_read(tmp_path: Path) -> None:
    window = '{from: "23:45", until: "00:45", time_zone: America/New_York}'
    text = (
        f'broker_codes: {{10350: warning, "10351": rejected}}\nbroker: {{restart_window: {window}}}'
    )
    read = config.load(written(tmp_path, text))
    assert read.broker_codes == {10350: Class.WARNING, 10351: Class.REJECTED}
    assert read.broker == {
        "restart_window": RestartWindow(time(23, 45), time(0, 45), "America/New_York")
    }


def test_a_journal_that_is_a_url_stays_as_it_is(tmp_path: Path) -> None:
    read = config.load(written(tmp_path, "journal: sqlite:///here.sqlite"))
    assert read.journal == "sqlite:///here.sqlite"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("mod: paper", "unknown key `mod` (did you mean `mode`?)"),
        ("zzz: 1", "unknown key `zzz`; known are mode"),
        ("mode: demo", "`mode`: invalid enum value 'demo'; use one of paper, live"),
        ("mod: paper\nzzz: 1", "riskgate.yaml:2:1: unknown key `zzz`"),
        ("allow_live: yes", "expected `bool`, got `str`"),
        ("watch: AAPL", "expected `array`, got `str`"),
        ("journal: [1]", "expected `str`, got `array`"),
        ("a: 1\na: 2", "RG002"),
        ("mode: paper\nhold_for: 15", "riskgate.yaml:2:11: `hold_for` must be a duration such as"),
        ("max_account_age: soon", "`max_account_age` must be a duration"),
        ("hold_for: 0s", "`hold_for` must be above zero and below 10000d; found `0s`"),
        ("hold_fro: 15m", "unknown key `hold_fro` (did you mean `hold_for`?)"),
        ("hold_for: x\nmax_account_age: y", "found `x`; "),
        (
            "broker_codes: {10350: warnin}",
            "riskgate.yaml:1:23: `10350`: unknown class `warnin` (did you mean `warning`?)",
        ),
        ("broker_codes: {x1: data}", "riskgate.yaml:1:16: `x1` is not a code; codes are whole"),
        ("broker_codes:\n  0: data", "riskgate.yaml:2:3: code `0` is out of range"),
        ("broker_codes: warning", "riskgate.yaml:1:15: `broker_codes` must be a mapping of codes"),
        ("groups: {7: x}", "RG015 key `7` reads as a number"),
        (
            'broker:\n  restart_window: {from: "25:00", until: "00:45", time_zone: UTC}',
            "riskgate.yaml:2:26: `from` must be a time of day such as",
        ),
        (
            'broker:\n  restart_window: {from: "23:45", untl: "00:45", time_zone: UTC}',
            "riskgate.yaml:2:35: unknown key `untl` (did you mean `until`?)",
        ),
        ("broker: {restart_window: nightly}", "riskgate.yaml:1:26: `restart_window` must be a"),
        ("", "RG012"),
    ],
)
def test_what_is_wrong_with_settings_is_said_in_one_line(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(written(tmp_path, text))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_defaults_are_paper_and_flush_each_decision() -> None:
    assert Config() == Config(mode="paper", allow_live=False, durability="full")


def test_how_long_a_held_order_waits_and_how_old_account_values_may_be_are_durations(
    tmp_path: Path,
) -> None:
    read = config.load(written(tmp_path, "hold_for: 1h\nmax_account_age: 90s"))
    assert (read.hold_for, read.max_account_age) == (timedelta(hours=1), timedelta(seconds=90))
    unsaid = config.load(written(tmp_path, "mode: paper"))
    assert (unsaid.hold_for, unsaid.max_account_age) == (
        timedelta(minutes=15),
        timedelta(minutes=5),
    )


def test_policies_are_as_given_else_of_the_settings_else_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(config.VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="no policies: name files or folders with --policies"):
        config.policy_paths()
    (tmp_path / "policies").mkdir()
    assert config.policy_paths() == ("policies",)
    written(tmp_path, "mode: paper")
    assert config.policy_paths() == ("policies",)
    written(tmp_path, "policies: [desk]")
    assert config.policy_paths() == ("desk",)
    assert config.policy_paths(["mine.yaml"]) == ("mine.yaml",)


def test_settings_are_found_as_given_then_by_the_variable_then_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(config.VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    assert config.find() is None
    here = written(tmp_path, GOOD)
    assert config.find() == Path("riskgate.yaml")
    other = tmp_path / "other.yaml"
    other.write_text(GOOD, encoding="utf-8")
    monkeypatch.setenv(config.VARIABLE, str(other))
    assert config.find() == other
    assert config.find(here) == here


def test_settings_that_are_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        config.find(tmp_path / "none.yaml")


def test_settings_that_cannot_be_read_say_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="settings file"):
        config.load(tmp_path)


def test_aggregation_is_off_unless_it_is_said(tmp_path: Path) -> None:
    assert config.load(written(tmp_path, GOOD)).aggregation == Aggregation()
    read = config.load(written(tmp_path, "aggregation: {allow: true, net: true, strategy: desk}"))
    assert read.aggregation == Aggregation(allow=True, net=True, strategy="desk")
    says = r"riskgate.yaml:1:15: unknown key `alow` \(did you mean `allow`\?\)"
    with pytest.raises(ConfigError, match=says):
        config.load(written(tmp_path, "aggregation: {alow: true}"))


def test_of_a_file_that_is_none_of_settings_the_first_faults_are_told(tmp_path: Path) -> None:
    path = written(tmp_path, "".join(f"qqqq{number}: 1\n" for number in range(8)))
    with pytest.raises(ConfigError) as refused:
        config.load(path)
    said = str(refused.value)
    assert said.count("unknown key") == 5
    assert said.count("; known are mode,") == 1
    assert said.endswith("; and 3 more: is this a file of settings?")
