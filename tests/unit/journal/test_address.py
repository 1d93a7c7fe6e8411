"""Which file a configuration means."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskgate.errors import ConfigError
from riskgate.journal.address import path_of


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("journal.db", "journal.db"),
        ("/var/lib/journal.db", "/var/lib/journal.db"),
        ("sqlite:///journal.db", "journal.db"),
        ("sqlite:////var/lib/journal.db", "/var/lib/journal.db"),
        ("a folder/100%.db", "a folder/100%.db"),
    ],
)
def test_a_path_and_a_url_name_a_file(said: str, expected: str) -> None:
    assert path_of(said) == Path(expected)
    assert path_of(Path(expected)) == Path(expected)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("postgresql://user:secret@host/db", "PostgreSQL comes later"),
        ("postgres://host/db", "PostgreSQL comes later"),
        ("mysql://host/db", "use a path"),
        ("sqlite://journal.db", "use a path"),
        ("sqlite:///", "names no file"),
        ("", "names no file"),
        (":memory:", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
def test_what_is_no_file_is_refused_without_showing_a_password(said: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why) as refused:
        path_of(said)
    assert "secret" not in str(refused.value)
