"""The public names: what a stranger may rely on, and nothing by accident."""

import subprocess
import sys

import pytest

import riskgate

PROMISED = {
    *("Action", "BrokerError", "Config", "ConfigError", "Decision", "Exits", "Fill", "Finding"),
    *(
        "Gate",
        "JournalError",
        "NotConnected",
        "Order",
        "OrderError",
        "OutcomeUnknown",
        "PolicyError",
    ),
    *("PolicySet", "RiskgateError", "Snapshot", "Status", "Ticket", "__version__", "connect"),
    *("evaluate", "guard", "load_policies"),
}


def test_the_public_names_are_those_promised_and_at_most_twenty_five() -> None:
    assert set(riskgate.__all__) == PROMISED
    assert len(riskgate.__all__) <= 25


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_every_public_name_exists_and_is_documented(name: str) -> None:
    found = getattr(riskgate, name)
    assert found is not None
    if name != "__version__":
        assert (found.__doc__ or "").strip(), f"{name} has no docstring"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute `sumbit`"):
        _ = riskgate.sumbit


def test_importing_riskgate_imports_nothing_heavy() -> None:
    code = (
        "import sys, riskgate;"
        "heavy = {'ib_insync', 'ib_async', 'pandas', 'peewee', 'exchange_calendars', 'msgspec'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
