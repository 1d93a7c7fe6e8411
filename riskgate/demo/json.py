"""The demo as JSON lines: one object for the beginning, for each order, and for the end."""

from __future__ import annotations

import json

import msgspec

from riskgate.demo.morning import Demo, Outcome
from riskgate.demo.scenes import Scene
from riskgate.model.decision import Finding
from riskgate.reporters.json import finding_of, plain


def begins(demo: Demo) -> str:
    """The journal, the policies, the moment at which the morning begins."""
    content = {
        "journal": str(demo.journal),
        "policies": [str(path) for path in demo.policies],
        "morning": demo.morning.isoformat(),
    }
    return json.dumps(content, sort_keys=True) + "\n"


def scene(number: int, played: Scene) -> str:
    """One order: its decision, its breaches, its fills."""
    content = {
        "scene": number,
        "title": played.title,
        "order": played.asked,
        "order_id": played.view.order_id,
        "action": played.decision.action.word if played.decision else None,
        "breaches": [finding_of(found) for found in _breaches(played)],
        "status": played.view.status.value,
        "fills": [msgspec.structs.asdict(fill) for fill in played.fills],
        "slippage_bps": played.slippage_bps,
        "commission": played.commission,
    }
    return json.dumps(content, sort_keys=True, default=plain) + "\n"


def _breaches(played: Scene) -> tuple[Finding, ...]:
    return played.decision.breaches if played.decision else ()


def ends(outcome: Outcome) -> str:
    """The counts of the journal, and the account as the broker reports it."""
    account = None if outcome.account is None else msgspec.structs.asdict(outcome.account)
    content = {**msgspec.structs.asdict(outcome), "account": account}
    return json.dumps(content, sort_keys=True, default=plain) + "\n"
