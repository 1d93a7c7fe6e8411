"""What other policies change, in the words that people read, and in a comment that fits."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from riskgate.history.running import History
from riskgate.model.decision import Action
from riskgate.replay.differing import Difference, Part
from riskgate.replay.effects import Effects, Tally
from riskgate.replay.replaying import Replay
from riskgate.replay.what_if import Peak
from riskgate.reporters import markdown, text

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ALLOWED = (Action.ALLOW, Action.DENY)


def effects(names: int = 1, first: int = 0) -> Effects:
    found = Effects(denied=names, exposed=3)
    for number in range(first, first + names):
        rules = [f"desk/rule-{number}-{'x' * 300}"] if names > 1 else ["desk/size"]
        found.note(ALLOWED, ("momo", f"S{number}"), ((), rules))
        found.tell(
            Difference(
                seq=number,
                at=NOON,
                order_id=number,
                what="order",
                text="BUY 1 X | Y MKT DAY",
                engine="",
                parts=(Part("action", "allow", "deny" * names),),
            )
        )
    return found


def test_a_what_if_tells_by_what_and_how_full_limits_are() -> None:
    one = effects()
    found = Replay(
        decisions=4,
        others=4,
        different=1,
        asked="c0ffee" * 9,
        effects=one,
        first=one.first,
        peaks={("desk/size", "max_quantity"): Peak(Decimal(80), Decimal(160))},
    )
    lines = text.replayed(found, "j.db").splitlines()
    assert lines == [
        "j.db: 1 of 4 decisions would have come out otherwise",
        "  what if: 4 decisions under policies c0ffeec0ffee instead",
        "what changes:",
        "  tightened 1, loosened 0, the same for other reasons 0",
        "  allow to deny 1",
        "  rule desk/size: 1 tightened, 0 loosened",
        "  strategy momo: 1 tightened, 0 loosened",
        "  symbol S0: 1 tightened, 0 loosened",
        "  most used of desk/size max_quantity: 80 % then, 160 % now",
        "  at most 3 of the answers that are the same could have followed suit: they rest",
        "    on something that a changed order counts in",
        "  each order was met by the market, account and book of then; what would have",
        "    followed from another answer is not played on",
        "row 0 (order, 2026-03-02 12:00:00.000000 UTC): BUY 1 X | Y MKT DAY",
        "  action: then allow; again deny",
    ]


def test_the_answer_comes_first_and_lines_fit_a_terminal() -> None:
    many = effects(30)
    found = Replay(decisions=90, others=90, different=30, effects=many, first=many.first)
    for written in (
        text.replayed(found, "j.db"),
        text.replayed_history(History(path="h.csv", policies="", orders=90, effects=many)),
    ):
        lines = written.splitlines()
        assert lines[0].startswith(("j.db: 30 of 90 decisions", "h.csv: 90 orders on"))
        wide = [line for line in lines if len(line) > 80]
        assert all("x" * 300 in line or "deny" * 20 in line for line in wide)  # one word


def test_a_history_tells_its_digest_and_what_was_not_read() -> None:
    found = History(
        path="h.csv",
        policies="c0ffee" * 9,
        orders=5,
        days=1,
        skipped=1,
        digest="abc",
        ignored=("venue",),
        effects=effects(),
    )
    lines = text.replayed_history(found).splitlines()
    assert lines[0].startswith(
        "h.csv: 5 orders on 1 day of an account under policies c0ffeec0ffee:"
    )
    bad = lines.index("  1 bad row skipped")
    assert lines[bad : bad + 3] == [
        "  1 bad row skipped",
        "  columns that mean nothing here: venue",
        "  digest abc",
    ]
    page = markdown.replayed_history(found)
    assert "1 denied, 1 tightened, 0 loosened" in page
    assert "BUY 1 X \\| Y MKT DAY" in page


def test_a_comment_always_fits() -> None:
    many, wide = effects(2_000), "|" * 400
    for number in range(30):
        many.note(ALLOWED, (f"{number}{wide}", f"{number}{wide}"), ((), [f"{number}{wide}"] * 2))
    first = [msgspec.structs.replace(many.first[0], text=wide, parts=(Part(wide, wide, wide),))]
    found = Replay(decisions=9, others=9, different=2_000, effects=many, first=first * 60)
    found.peaks = {(f"{number}{wide}", "max"): Peak() for number in range(30)}
    for tallies in (many.by_rule, many.by_strategy, many.by_symbol):
        for tally in (tallies[f"{number}{wide}"] for number in range(30)):
            tally.tightened = 5
    page = markdown.replayed(found, "j.db")
    assert len(page) < 65_000
    assert page.endswith("... cut; the rest is in the text format\n")
    assert "| ... and 2,010 more |" in page


def test_effects_of_parts_are_those_of_the_whole() -> None:
    parts = [effects(), effects(3, first=1)]
    one, other = Effects(), Effects()
    for part in parts:
        one.add(part)
    for part in reversed(parts):
        other.add(part)
    assert one == other
    assert (one.total, one.denied, one.exposed) == (Tally(tightened=4), 4, 6)


def test_a_name_stays_text_in_a_comment_whatever_is_in_it() -> None:
    for name in ("a|b`c`.db", "<b>x</b>\n# y.db", "&lt;~~x~~.db", "x" * 5_000 + ".db"):
        for page in (
            markdown.replayed(Replay(), name),
            markdown.replayed_history(History(path=name, policies="c0ffee" * 9)),
        ):
            first, rest = page.split("\n", 1)
            shown = first.partition(": ")[0].replace("**riskgate replay** of ", "")
            bare = re.sub(r"\\.", "", shown)
            assert not any(mark in bare for mark in "<>`~&|*_")
            assert "#" not in rest
            assert len(first) < 600


def test_rules_that_nobody_can_tell_about_do_not_fill_a_comment() -> None:
    many = {f"desk/rule-{number}" for number in range(5_000)}
    page = markdown.replayed(Replay(untold=1, uncounted=many), "j.db")
    assert "and 4,980 more" in page
    assert len(page) < 1_500


def test_a_replay_under_its_own_policies_tells_no_what_if() -> None:
    one = effects()
    lines = text.replayed(Replay(decisions=1, different=1, effects=one, first=one.first), "j.db")
    assert "what changes" not in lines
    assert "could have followed" not in lines
