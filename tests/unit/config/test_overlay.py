"""Variables over the file: strict, told apart from others, and each value says who said it."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskgate import config
from riskgate.brokers.ib.settings import Settings
from riskgate.config.shown import settings_of
from riskgate.errors import ConfigError

FILE = "mode: paper\nwatch: [AAPL]\njournal: own.sqlite\nbroker: {port: 4002}\n"


def written(folder: Path, text: str = FILE) -> Path:
    path = folder / "riskgate.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def sources(path: Path | None, **environ: str) -> dict[str, tuple[str, str]]:
    read, given = config.loaded(path, environ)
    found = settings_of(read, given, {"broker": Settings})
    return {one.name: (one.value, one.source) for one in found}


def test_a_variable_is_over_the_file_and_two_underscores_go_down(tmp_path: Path) -> None:
    read = config.load(
        written(tmp_path),
        {
            "RISKGATE_WATCH": "[MSFT, NVDA]",
            "RISKGATE_BROKER__CLIENT_ID": "9",
            "RISKGATE_HOLD_FOR": "1h",
            "RISKGATE_AGGREGATION__ALLOW": "true",
        },
    )
    assert read.watch == ("MSFT", "NVDA")
    assert read.broker == {"port": 4002, "client_id": 9}
    assert read.hold_for.total_seconds() == 3600
    assert read.aggregation.allow


def test_a_path_that_a_variable_names_is_from_where_the_process_runs(tmp_path: Path) -> None:
    assert config.load(written(tmp_path), {}).journal == str(tmp_path / "own.sqlite")
    assert (
        config.load(written(tmp_path), {"RISKGATE_JOURNAL": "a/b.sqlite"}).journal == "a/b.sqlite"
    )


def test_variables_alone_are_enough() -> None:
    read, _ = config.loaded(None, {"RISKGATE_BROKER__PORT": "4002"})
    assert (read.mode, read.broker) == ("paper", {"port": 4002})


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        (
            "RISKGATE_MDOE",
            "live",
            "$RISKGATE_MDOE: no such setting (did you mean `RISKGATE_MODE`?)",
        ),
        ("RISKGATE_BROKER_PORT", "1", "(did you mean `RISKGATE_BROKER__PORT`?)"),
        ("RISKGATE_ROUTING__X", "1", "`routing` is said whole, as `RISKGATE_ROUTING`"),
        ("RISKGATE_MODE", "demo", "$RISKGATE_MODE: `mode`: invalid enum value 'demo'"),
        ("RISKGATE_HOLD_FOR", "15", "$RISKGATE_HOLD_FOR: `hold_for` must be a duration"),
        ("RISKGATE_ALLOW_LIVE", "yes", "$RISKGATE_ALLOW_LIVE: `allow_live`: expected `bool`"),
        ("RISKGATE_WATCH", "[A", "$RISKGATE_WATCH: "),
        ("RISKGATE_WATCH", "&a [A]", "$RISKGATE_WATCH: "),
        ("RISKGATE_AGGREGATION__ALOW", "true", "(did you mean `allow`?)"),
        ("RISKGATE_AGGREGATE", "true", "no such setting (did you mean `RISKGATE_AGGREGATION`?)"),
    ],
)
def test_a_variable_that_is_wrong_is_named_in_one_line(
    tmp_path: Path, name: str, text: str, says: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(written(tmp_path), {name: text})
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_that_is_wrong_with_variables_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(written(tmp_path), {"RISKGATE_MDOE": "live", "RISKGATE_WATCH": "[A"})
    assert "RISKGATE_MDOE" in str(caught.value)
    assert "RISKGATE_WATCH" in str(caught.value)


def test_a_variable_that_is_nothing_like_a_setting_is_let_alone(tmp_path: Path) -> None:
    environ = {"RISKGATE_SEEDS": "100", "RISKGATE_CONFIG": "x", "PATH": "/bin", "RISKGATE_": ""}
    assert config.load(written(tmp_path), environ) == config.load(written(tmp_path), {})


def test_a_setting_inside_what_is_no_mapping_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "mode: paper\nbroker: none\n")
    with pytest.raises(ConfigError, match="`broker` is no mapping in the file"):
        config.load(path, {"RISKGATE_BROKER__PORT": "1"})


def test_every_setting_says_who_said_it(tmp_path: Path) -> None:
    path = written(tmp_path)
    found = sources(path, RISKGATE_BROKER__CLIENT_ID="9", RISKGATE_ACTOR="desk")
    assert found["mode"] == ("paper", f"{path}:1:7")
    assert found["watch"] == ('["AAPL"]', f"{path}:2:8")
    assert found["broker.port"] == ("4002", f"{path}:4:16")
    assert found["broker.client_id"] == ("9", "$RISKGATE_BROKER__CLIENT_ID")
    assert found["actor"] == ("desk", "$RISKGATE_ACTOR")
    assert found["hold_for"] == ("15m", "default")
    assert found["broker.heartbeat"] == ("5.0", "default")
    assert found["broker.restart_window"] == ("null", "default")


def test_a_typo_among_the_settings_of_the_broker_has_its_place(tmp_path: Path) -> None:
    path = written(tmp_path, "broker: {prot: 1}")
    with pytest.raises(ConfigError) as caught:
        sources(path)
    assert str(caught.value) == f"{path}:1:10: unknown key `prot` (did you mean `port`?)"


def test_nothing_is_shown_twice_and_nothing_of_the_settings_is_left_out() -> None:
    read, given = config.loaded(None, {})
    names = [one.name for one in settings_of(read, given, {"broker": Settings})]
    assert len(set(names)) == len(names)
    assert {name.partition(".")[0] for name in names} == set(config.Config.__struct_fields__)
