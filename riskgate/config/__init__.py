"""Settings: one strict file, found in a fixed order; no secret ever stands in it.

Rule 1: unknown keys are errors, as in policies; a typo must never switch a safety off.
Rule 2: live trading needs two settings, `mode: live` and `allow_live: true`.
Rule 3: relative paths are relative to the file that names them, or to where the process runs for
those that a variable names.
Rule 4: a variable `RISKGATE_...` is over the file, and every value can say where it is from.
"""

from __future__ import annotations

from riskgate.config.finding import FILE, VARIABLE, find, places
from riskgate.config.reading import WINDOW, converted, load, loaded, policy_paths
from riskgate.config.values import Config

__all__ = [
    "FILE",
    "VARIABLE",
    "WINDOW",
    "Config",
    "converted",
    "find",
    "load",
    "loaded",
    "places",
    "policy_paths",
]
