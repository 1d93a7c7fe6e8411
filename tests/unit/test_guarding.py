"""What `guard` says of arguments that cannot be meant."""

from __future__ import annotations

from typing import Any

import pytest

import riskgate
from riskgate.errors import ConfigError


@pytest.mark.parametrize("given", [("riskgate.yaml", object()), (object(), 5), ("riskgate.yaml",)])
def test_arguments_in_the_wrong_places_are_said_with_how_to_write_them(
    given: Any,  # noqa: ANN401  # what nobody should give
) -> None:
    with pytest.raises(ConfigError, match=r"write `guard\(IB\(\), \"riskgate.yaml\"\)`"):
        riskgate.guard(*given)
