"""Scenarios: the small language for brokers that misbehave, and the named ones that come with it.

Rule 1: a scenario file is a folder's neighbour of this one, named by its number and its subject.
"""

from riskgate.simulator.scenarios.scenario import (
    AnyScenario,
    Happening,
    Scenario,
    load,
    names,
    parse,
    play,
)
from riskgate.simulator.scenarios.source import Problem, ScenarioError

__all__ = [
    "AnyScenario",
    "Happening",
    "Problem",
    "Scenario",
    "ScenarioError",
    "load",
    "names",
    "parse",
    "play",
]
