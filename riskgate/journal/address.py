"""Where a journal is, from what a configuration says.

`journal.db` and `/var/lib/riskgate/journal.db` are paths; `sqlite:///journal.db` is relative and
`sqlite:////var/lib/riskgate/journal.db` absolute, as other tools write them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from riskgate.errors import ConfigError

SQLITE: Final = "sqlite:///"


def path_of(path_or_url: str | Path) -> Path:
    """The file. Raise ConfigError for another store, or for none."""
    if isinstance(path_or_url, Path):
        return path_or_url
    scheme, divider, _ = path_or_url.partition("://")
    if divider and scheme in {"postgresql", "postgres"}:
        raise ConfigError(
            f"journal `{scheme}://...`: PostgreSQL comes later; use a path or `sqlite:///PATH`"
        )
    if divider and not path_or_url.startswith(SQLITE):
        raise ConfigError(f"journal `{scheme}://...`: use a path or `sqlite:///PATH`")
    path = path_or_url.removeprefix(SQLITE)
    if not path or path == ":memory:" or "\0" in path:
        raise ConfigError(f"journal `{path_or_url}`: names no file; use a path or `sqlite:///PATH`")
    return Path(path)
