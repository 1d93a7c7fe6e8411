"""Markdown, for pages that are kept and for comments on changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from riskgate.reporters.chronicle_lines import facts, happened, headline, summary
from riskgate.reporters.difference_lines import TITLES, cells
from riskgate.reporters.inventory_tables import inventory_sections
from riskgate.reporters.markdown_text import escaped, head, row
from riskgate.reporters.replay_pages import history_page, replay_page
from riskgate.reporters.report_tables import report_lines
from riskgate.reporters.rule_pages import index_sections, page_sections
from riskgate.reporters.use_tables import TITLES as USED
from riskgate.reporters.use_tables import aside, in_words
from riskgate.reporters.use_tables import cells as limits

if TYPE_CHECKING:
    from riskgate.history.running import History
    from riskgate.policy.controls import Inventory
    from riskgate.policy.diffing.difference import Differences
    from riskgate.policy.explaining import Use
    from riskgate.policy.pages import Entry, Page
    from riskgate.record.chronicle import Chronicle
    from riskgate.replay.replaying import Replay
    from riskgate.reporting.content import DayReport


def kinds(entries: Sequence[Entry]) -> str:
    """The rule kinds with links to their pages."""
    return "".join(f"{line}\n" for line in index_sections(entries))


def page(of: Page) -> str:
    """The full page of one rule kind."""
    return "".join(f"{line}\n" for line in page_sections(of))


def differences(apart: Differences, *, color: bool = False) -> str:  # noqa: ARG001  # one shape
    """A table with a row for each difference, fit for a comment on a pull request."""
    if not apart.found:
        return f"**riskgate diff**: {apart.summary}\n"
    rows = (row(cells(item)) for item in apart.found)
    table = (*head(TITLES), *rows)
    return "".join(f"{line}\n" for line in (f"**riskgate diff**: {apart.summary}", "", *table))


def replayed(found: Replay, name: str) -> str:
    """What other policies would have changed, fit for a comment on a pull request."""
    return replay_page(found, name)


def replayed_history(found: History) -> str:
    """What these policies would have made of a history, fit for the same."""
    return history_page(found)


def chronicle(of: Chronicle, *, verbose: bool = False) -> str:  # noqa: ARG001  # one shape
    """One order's decisions with a table of limits and one of events, for a file that is kept."""
    parts = [f"# Order {of.view.order_id}", "", *_facts(summary(of))]
    for number, chapter in enumerate(of.chapters, 1):
        found = chapter.explanation
        parts += ["", f"## {number}. {escaped(headline(chapter))}", "", *_facts(facts(chapter))]
        parts += _uses("Every rule that applied", found.uses)
        parts += _uses("Under other policies, which were not in force", found.others)
        if found.not_asked:
            parts += ["", f"Not asked: {escaped(', '.join(found.not_asked))}"]
        if chapter.then:
            parts += ["", "### What happened next (UTC)", ""]
            parts += (f"* {escaped(happened(told))}" for told in chapter.then)
    return "".join(f"{line}\n" for line in parts)


def _facts(found: Iterable[tuple[str, str]]) -> Iterator[str]:
    return (f"* {label}: {escaped(text)}" for label, text in found)


def _uses(title: str, uses: Sequence[Use]) -> Iterator[str]:
    """A table with a row for each answer."""
    if not uses:
        return
    titles = ("rule", "where", "answer", "limit of", *USED[1:], "because")
    yield from ("", f"### {title}", "", *head(titles))
    for use in uses:
        said = in_words(use)
        finding = use.finding
        answer = " ".join(filter(None, (str(finding.verdict), aside(use), said)))
        yield row((finding.name, finding.where, answer, *limits(use), finding.because))


def controls(found: Inventory) -> str:
    """The inventory of limits as tables."""
    return "".join(f"{line}\n" for line in inventory_sections(found))


def daily(of: DayReport) -> str:
    """What a day came to, as tables of at most a hundred columns."""
    return "".join(f"{line}\n" for line in report_lines(of))
