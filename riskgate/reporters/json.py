"""JSON for programs: one object on one line, sorted keys, stable names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec

from riskgate.model.decision import Action
from riskgate.model.money import text
from riskgate.policy.checked import Checked
from riskgate.reporters.report_values import report_content

if TYPE_CHECKING:
    from riskgate.authoring.checking import Answer
    from riskgate.authoring.policy_tests import Run
    from riskgate.history.running import History
    from riskgate.line.killing import KillReport
    from riskgate.model.decision import Finding
    from riskgate.model.events import Answered, Reconciled
    from riskgate.model.snapshot import Snapshot
    from riskgate.policy.controls import Inventory
    from riskgate.policy.diffing.difference import Difference, Differences
    from riskgate.policy.explaining import Priced, Use
    from riskgate.policy.pages import Entry, Page
    from riskgate.policy.problem import Problem
    from riskgate.record.audited import Audit
    from riskgate.record.chronicle import Chapter, Chronicle
    from riskgate.record.live_view import Frame
    from riskgate.record.status import Ended, Held, Prospect, State
    from riskgate.replay.replaying import Replay
    from riskgate.reporters.columns import Sheet
    from riskgate.reporting.content import DayReport

LIMITS: Final = ("armed", "not_armed")
WATCHED: Final = ("limits", "orders", "decisions")
COUNTED: Final = ("events", "decisions", "different", "others", "untold")


def problems(checked: Checked, *, color: bool = False) -> str:  # noqa: ARG001  # one shape
    """The files, the problems, and the digest of the policies if there are none."""
    content = {
        "valid": checked.valid,
        "summary": checked.summary,
        "digest": checked.policies.digest if checked.policies else None,
        "files": list(checked.files),
        "problems": [_problem(item) for item in checked.problems],
    }
    return json.dumps(content, sort_keys=True) + "\n"


def _problem(item: Problem) -> dict[str, Any]:
    """One problem; line and column are null where there is no text to point into."""
    place = {"line": item.line or None, "column": item.column or None}
    return {**msgspec.structs.asdict(item), **place}


def rows(found: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> str:  # noqa: ARG001  # one shape
    """A list of all columns of each row; amounts are text, so nothing is rounded."""
    return json.dumps([dict(row) for row in found], default=plain) + "\n"


def records(found: Iterable[Mapping[str, Any]], sheet: Sheet) -> Iterator[str]:  # noqa: ARG001  # one shape
    """A list with all fields of each row, a row on each line; it streams."""
    before = "["
    for row in found:
        yield before + json.dumps(dict(row), default=plain)
        before = ",\n"
    yield "[]\n" if before == "[" else "]\n"


def plain(value: object) -> str:
    """What JSON has no type for, as text."""
    if isinstance(value, Decimal):
        return text(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)


def played(run: Run, *, color: bool = False) -> str:  # noqa: ARG001  # one shape
    """Every case with its failures, and what they found; every survey with its gaps."""
    content = {
        "passed": run.passed,
        "clean": run.clean,
        "summary": run.summary,
        "cases": [
            {
                "name": played.case.name,
                "path": played.case.path,
                "line": played.case.line,
                "passed": played.passed,
                "failures": [
                    {
                        "step": failure.step,
                        "what": failure.what,
                        "findings": [finding_of(finding) for finding in failure.findings],
                    }
                    for failure in played.failures
                ],
            }
            for played in run.cases
        ],
        "surveys": [
            {
                "name": survey.name,
                "summary": survey.summary,
                "gaps": [msgspec.structs.asdict(gap) for gap in survey.gaps],
            }
            for survey in run.surveys
        ],
    }
    return json.dumps(content, sort_keys=True, default=plain) + "\n"


def answer(said: Answer, *, verbose: bool = False, color: bool = False) -> str:  # noqa: ARG001  # one shape
    """The decision with every rule that applied; amounts are text, so that nobody rounds them."""
    decision = said.decision
    content = {
        "action": decision.action.word,
        "order": said.asked,
        "by": list(decision.by),
        "shadow": list(decision.shadow),
        "breaches": [finding_of(finding) for finding in decision.breaches],
        "rules": [use_of(use) for use in said.uses],
        "notes": list(decision.notes),
        "as_of": decision.as_of.isoformat(),
        "digest": decision.digest,
        "largest_quantity": said.largest,
        "largest_by_rule": dict(said.by_rule),
    }
    return json.dumps(content, sort_keys=True, default=plain) + "\n"


def chronicle(of: Chronicle, *, verbose: bool = False) -> str:  # noqa: ARG001  # one shape
    """The order, and every decision with all that it was made on; amounts are text."""
    order = {**msgspec.structs.asdict(of.view), "order": of.view.text}
    content = {
        **{name: item.word if isinstance(item, Action) else item for name, item in order.items()},
        "arrival": of.arrival,
        "slippage_bps": of.slippage_bps,
        "commissions": of.commissions,
        "decisions": [_chapter(chapter) for chapter in of.chapters],
    }
    return json.dumps(content, sort_keys=True, default=plain) + "\n"


def _chapter(chapter: Chapter) -> dict[str, Any]:
    """One decision, its explanation and what happened next. The snapshot is as it was recorded."""
    decided, explanation = chapter.decided, chapter.explanation
    decision = decided.decision
    price = chapter.price
    return {
        "seq": chapter.seq,
        "at": chapter.at,
        "what": chapter.what,
        "action": decision.action.word,
        **{name: getattr(decided, name) for name in ("text", "actor", "reason", "engine", "group")},
        "digest": decision.digest,
        "reduction": decision.reduction,
        "notes": list(decision.notes),
        "price": None if price is None else _priced(price),
        "snapshot": None if decided.snapshot is None else _snapshot(decided.snapshot),
        "basis": explanation.basis.name.lower(),
        "policies_at_hand": explanation.digest or None,
        "same_again": explanation.repeats,
        "rules": [use_of(use) for use in explanation.uses],
        "not_asked": list(explanation.not_asked),
        "under_other_policies": [use_of(use) for use in explanation.others],
        "then": [msgspec.structs.asdict(told) for told in chapter.then],
    }


def _snapshot(snapshot: Snapshot) -> dict[str, Any]:
    """What was decided on as it was recorded, the subject by name."""
    content: dict[str, Any] = msgspec.to_builtins(snapshot)
    return {**content, "subject": snapshot.subject._asdict()}


def _priced(price: Priced) -> dict[str, Any]:
    quote = price.quote
    return {
        **msgspec.structs.asdict(price),
        "quote": None if quote is None else msgspec.structs.asdict(quote),
        "age": None if price.age is None else price.age.total_seconds(),
    }


def use_of(use: Use) -> dict[str, Any]:
    """One answer with what it uses of its limit; percent is of the limit."""
    more = {"this_order": use.own, "headroom": use.headroom, "percent_used": use.percent}
    return {**finding_of(use.finding), **more}


def finding_of(finding: Finding) -> dict[str, Any]:
    """One finding as plain values, with its headroom."""
    content = msgspec.structs.asdict(finding)
    return {**content, "action": finding.action.word, "headroom": finding.headroom}


def kinds(entries: Sequence[Entry]) -> str:
    """A list of the rule kinds, each with its title."""
    return json.dumps([entry._asdict() for entry in entries], sort_keys=True) + "\n"


def page(of: Page) -> str:
    """The full page of one rule kind; prose is a list of paragraphs."""
    content = {
        "kind": of.kind,
        "title": of.text.title,
        "summary": of.summary,
        "why": of.text.why,
        "measures": of.text.measures,
        "parameters": [item._asdict() for item in of.parameters],
        "facts": of.facts,
        "examples": [block._asdict() for block in of.text.blocks],
        "source": of.text.source,
    }
    return json.dumps(content, sort_keys=True) + "\n"


def differences(apart: Differences, *, color: bool = False) -> str:  # noqa: ARG001  # one shape
    """Every difference, and whether any may let more through; amounts are text."""
    content = {
        "summary": apart.summary,
        "may_allow_more": any(item.may_allow_more for item in apart.found),
        "differences": [_difference(item) for item in apart.found],
    }
    return json.dumps(content, sort_keys=True) + "\n"


def _difference(item: Difference) -> dict[str, Any]:
    spots = {
        name: None if spot is None else {"path": spot.path, "line": spot.line}
        for name, spot in (("old_where", item.old_where), ("new_where", item.new_where))
    }
    return {**msgspec.structs.asdict(item), **spots}


def replayed(found: Replay, name: str) -> str:
    """The counts, and the first decisions that came out otherwise, part by part."""
    content = {
        "journal": name,
        "identical": not found.different,
        "what_if": found.is_what_if,
        "policies": found.asked or None,
        **{key: getattr(found, key) for key in COUNTED},
        "grounds": found.grounds,
        "uncounted": sorted(found.uncounted),
        "engines": sorted(found.engines),
        "first": [msgspec.to_builtins(item) for item in found.first],
        "effects": msgspec.to_builtins(found.effects),
        "peaks": [
            {"rule": rule, "limit": limit, "then": peak.then, "now": peak.now}
            for (rule, limit), peak in sorted(found.peaks.items())
        ],
    }
    return json.dumps(content, sort_keys=True, default=plain) + "\n"


def replayed_history(found: History) -> str:
    """The counts, the digest, and the first orders that would not have left."""
    return json.dumps(msgspec.to_builtins(found), sort_keys=True, default=plain) + "\n"


def audited(found: Audit, name: str) -> str:
    """Whether all is well, and every fault with the event it is about."""
    content = {
        "journal": name,
        "whole": not found.faults,
        "events": found.events,
        "head": found.head,
        "faults": [msgspec.structs.asdict(fault) for fault in found.faults],
        "remarks": list(found.remarks),
    }
    return json.dumps(content, sort_keys=True, default=plain) + "\n"


def controls(found: Inventory) -> str:
    """Every limit, what is always on, and what no armed limit covers."""
    limits = {name: [row._asdict() for row in getattr(found, name)] for name in LIMITS}
    named = {
        name: [
            {"control": item.name, "maps_to": item.references, "by": item.always or item.met_by}
            for item in getattr(found, name)
        ]
        for name in ("always_on", "not_covered")
    }
    return json.dumps({**limits, **named}, sort_keys=True) + "\n"


def status(of: State) -> str:
    """Everything that holds now; amounts are text."""
    derived = {"trading": of.trading, "clean": of.clean, "exit_code": of.exit_code}
    return json.dumps({**_built(of), **derived}, sort_keys=True) + "\n"


def watched(of: Frame, *, width: int = 0, most: int | None = None) -> str:  # noqa: ARG001  # one shape
    """One frame of `watch`: the state as `status` has it, and so many of each list, or all."""
    lists = {name: [_built(one) for one in getattr(of, name)[:most]] for name in WATCHED}
    told = {name: getattr(of, name) for name in ("lacking", "trouble", "priced_at")}
    content = {**told, **lists, "state": json.loads(status(of.state))}
    return json.dumps(content, sort_keys=True, default=plain) + "\n"


def killed(report: KillReport) -> str:
    """What became of each order of a kill, and what is proven."""
    derived = {"done": report.done, "flat": report.flat}
    return json.dumps({**_built(report), **derived}, sort_keys=True) + "\n"


def planned(of: Prospect) -> str:
    """What would be done."""
    return json.dumps(_built(of), sort_keys=True) + "\n"


def cancelled(found: Ended) -> str:
    """What became of cancels."""
    return json.dumps(_built(found), sort_keys=True) + "\n"


def held(found: Sequence[Held]) -> str:
    """A list of the orders that wait for a person."""
    return json.dumps([_built(one) for one in found], sort_keys=True) + "\n"


def reconciled(outcome: Reconciled) -> str:
    """Whether it was clean, and every difference."""
    return json.dumps(_built(outcome), sort_keys=True) + "\n"


def answered(said: Answered) -> str:
    """What came of a request."""
    names = ("ok", "text", "actor", "code")
    return json.dumps({name: getattr(said, name) for name in names}, sort_keys=True) + "\n"


def evidence(of: Chronicle) -> str:
    """What the record knows of an order whose outcome is vouched for."""
    told = [msgspec.structs.asdict(one) for chapter in of.chapters for one in chapter.then]
    content = {"order": of.view.order_id, "text": of.view.text, "status": of.view.status}
    return json.dumps({**content, "told": told}, sort_keys=True, default=plain) + "\n"


def daily(of: DayReport) -> str:
    """What a day came to, with the chronicle of each order that it tells the story of."""
    stories = [json.loads(chronicle(story)) for story in of.stories]
    return json.dumps({**report_content(of), "stories": stories}, default=plain) + "\n"


def _built(of: msgspec.Struct) -> dict[str, Any]:
    """Plain values of a value, also of what it leaves out because it is as usual."""
    content: dict[str, Any] = msgspec.to_builtins(of)
    usual = {field.name: field.default for field in msgspec.structs.fields(of)}
    missing = {name: msgspec.to_builtins(usual[name]) for name in usual.keys() - content.keys()}
    return {**missing, **content}
