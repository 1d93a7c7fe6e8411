"""Settings are looked for in one order, and what somebody names must be there."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskgate import config
from riskgate.config import finding
from riskgate.errors import ConfigError


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(config.VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(finding, "SYSTEM", tmp_path / "etc")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def put(path: Path, text: str = "mode: paper\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_first_place_that_has_settings_is_the_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert config.find() is None
    system = put(tmp_path / "etc" / "riskgate.yaml")
    assert config.find() == system
    own = put(tmp_path / "home" / "riskgate" / "riskgate.yaml")
    assert config.find() == own
    put(Path("deploy/paper.yaml"))
    put(Path("pyproject.toml"), '[tool.riskgate]\nconfig = "deploy/paper.yaml"\n')
    assert config.find() == Path("deploy/paper.yaml")
    put(Path("riskgate.yaml"))
    assert config.find() == Path("riskgate.yaml")
    monkeypatch.setenv(config.VARIABLE, str(own))
    assert config.find() == own
    assert config.find("deploy/paper.yaml") == Path("deploy/paper.yaml")


def test_a_project_that_names_settings_must_have_them() -> None:
    put(Path("pyproject.toml"), '[tool.riskgate]\nconfig = "none.yaml"\n')
    with pytest.raises(ConfigError, match=r"named by \[tool.riskgate\] of pyproject.toml"):
        config.find()


@pytest.mark.parametrize("section", ["confg = 'x'", "config = 1", "config = ''", ""])
def test_a_section_of_the_project_that_names_nothing_is_refused(section: str) -> None:
    put(Path("pyproject.toml"), f"[tool.riskgate]\n{section}\n")
    with pytest.raises(ConfigError, match=r"pyproject.toml: .*tool.riskgate"):
        config.find()


@pytest.mark.parametrize("text", ["not toml [", "[tool]\nriskgate = 1\n", "tool = 1\n"])
def test_a_project_that_says_nothing_of_us_is_no_business_of_ours(text: str) -> None:
    put(Path("pyproject.toml"), text)
    if "riskgate" in text:
        with pytest.raises(ConfigError):
            config.find()
    else:
        assert config.find() is None


def test_the_home_folder_is_the_user_s_own_where_nothing_is_stated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    own = put(tmp_path / "me" / ".config" / "riskgate" / "riskgate.yaml")
    assert config.find() == own
