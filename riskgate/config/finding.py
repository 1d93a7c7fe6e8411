"""Where the settings file is looked for: in this order, and the first that is there is the one.

`--config`, `$RISKGATE_CONFIG`, `./riskgate.yaml`, `config` under `[tool.riskgate]` of
`./pyproject.toml`, the user's own folder for settings, `/etc/riskgate`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from riskgate.errors import ConfigError

FILE: Final = "riskgate.yaml"
VARIABLE: Final = "RISKGATE_CONFIG"
PROJECT: Final = Path("pyproject.toml")
SYSTEM: Final = Path("/etc/riskgate")
FOLDERS: Final = "XDG_CONFIG_HOME"


class Lookout(NamedTuple):
    """One place where a settings file may be; one that somebody named must be there."""

    name: str
    path: Path
    named: bool = False


def find(given: str | Path | None = None) -> Path | None:
    """The settings file of the first place that has one; None if none has.

    Raise ConfigError if a file is named that is not there.
    """
    for place in places(given):
        if place.path.is_file():
            return place.path
        if place.named:
            where = "" if given else f" (named by {place.name})"
            raise ConfigError(f"settings file `{place.path}`: no such file{where}; check the path")
    return None


def places(given: str | Path | None = None) -> Iterator[Lookout]:
    """Every place where a settings file is looked for, the first first."""
    if given:
        yield Lookout("--config", Path(given), named=True)
    variable = os.environ.get(VARIABLE)
    if variable:
        yield Lookout(f"${VARIABLE}", Path(variable), named=True)
    yield Lookout("the folder where you are", Path(FILE))
    pointed = _pointed()
    if pointed is not None:
        yield Lookout(f"[tool.riskgate] of {PROJECT}", pointed, named=True)
    yield Lookout("your own settings", _own() / "riskgate" / FILE)
    yield Lookout("the system's settings", SYSTEM / FILE)


def _pointed() -> Path | None:
    """The file that the project in this folder names, if it names one."""
    try:
        project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None  # it is not ours to complain about
    tool = project.get("tool")
    section = tool.get("riskgate") if isinstance(tool, dict) else None
    if section is None:
        return None
    if not isinstance(section, dict) or set(section) != {"config"}:
        raise ConfigError(f'{PROJECT}: [tool.riskgate] has one key, `config = "PATH"`')
    named = section["config"]
    if not isinstance(named, str) or not named:
        raise ConfigError(f"{PROJECT}: `config` of [tool.riskgate] is the path of a file")
    return Path(named)


def _own() -> Path:
    """The user's folder for settings, as the desktop's own standard has it."""
    stated = os.environ.get(FOLDERS)
    return Path(stated) if stated else Path("~/.config").expanduser()
