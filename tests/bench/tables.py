# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The figures as tables in Markdown."""

from __future__ import annotations

import typing as t

from figures import BARE, DRILLED, EDITED, LOOP, NEW, REAL, UNCHANGED, ZERO, Figures, Verdict, verdicts

_NONE = "–"
_BOTH = (REAL, ZERO)


def markdown(header: t.Sequence[str], rows: t.Iterable[t.Sequence[str]]) -> list[str]:
    """Return the lines of a table."""
    lines = [header, ["---"] * len(header), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def seconds(value: float | None) -> str:
    """Return a time with three digits that say something."""
    if value is None:
        return _NONE
    return f"{value:,.0f} s" if value >= 100 else f"{value:.1f} s"


def _times(value: float | None) -> str:
    return _NONE if value is None else f"{value:.2f}"


def times_table(figures: Figures, cost: str) -> list[str]:
    """Return the times at a cost, and their ratios."""
    rows = []
    for size in figures.sizes(cost):
        slower = figures.ratio(cost, size, LOOP, NEW)
        runs = [len(figures.of(cost, size, variant)) for variant in (BARE, NEW, UNCHANGED)]
        rows.append([
            f"{size:,}",
            seconds(figures.seconds(cost, size, BARE)),
            seconds(figures.seconds(cost, size, LOOP)),
            seconds(figures.seconds(cost, size, NEW)),
            _times(figures.ratio(cost, size, NEW)),
            _NONE if slower is None else f"{slower:.1f}",
            seconds(figures.seconds(cost, size, UNCHANGED)),
            _times(figures.ratio(cost, size, UNCHANGED)),
            _times(figures.ratio(cost, size, EDITED, UNCHANGED)),
            " / ".join(str(figures.trips(cost, size, variant) or _NONE) for variant in (NEW, UNCHANGED)),
            str(max(runs)),
        ])  # fmt: skip
    header = [
        "GPOs", "bare script", "loop of scripts", "all new", "÷ bare script", "loop ÷ all new", "nothing changed",
        "÷ bare script", f"{EDITED} ÷ nothing changed", "trips: new / unchanged", "runs",
    ]  # fmt: skip
    return markdown(header, rows)


def drill_table(figures: Figures) -> list[str]:
    """Return what a drill of all GPOs takes, beside a backup of them."""
    rows = []
    for size in figures.sizes(REAL):
        drill = figures.seconds(REAL, size, DRILLED)
        if drill is not None:
            rows.append([
                f"{size:,}", seconds(drill), f"{drill / size:.2f} s",
                _times(figures.ratio(REAL, size, DRILLED, NEW)), str(figures.trips(REAL, size, DRILLED)),
            ])  # fmt: skip
    return markdown(["GPOs", "drill of all", "per GPO", "÷ all new", "trips"], rows)


def size_table(figures: Figures) -> list[str]:
    """Return what the payload takes of memory and sends back."""
    rows = []
    for size in figures.sizes(ZERO):
        row = [f"{size:,}"]
        for variant in (BARE, NEW, UNCHANGED):
            peaks = [figures.peak_kb(cost, size, variant) for cost in _BOTH]
            row.append(" / ".join(_NONE if peak is None else f"{peak / 1024:.0f}" for peak in peaks))
        for variant in (NEW, UNCHANGED):
            samples = [figures.of(cost, size, variant) for cost in _BOTH]
            row.append(" / ".join(f"{runs[-1].received / 1024:,.0f}" if runs else _NONE for runs in samples))
        rows.append(row)
    header = [
        "GPOs", "peak memory in MB, with / without cost: bare script", "all new", "nothing changed",
        "sent back in KB, with / without cost: all new", "nothing changed",
    ]  # fmt: skip
    return markdown(header, rows)


def bars_table(figures: Figures) -> list[str]:
    """Return the bars and whether they hold."""
    return markdown(
        ["Bar", "wanted", "measured", "holds"],
        [[each.bar, each.wanted, each.measured, _holds(each)] for each in verdicts(figures)],
    )


def _holds(verdict: Verdict) -> str:
    return {None: _NONE, True: "yes", False: "no"}[verdict.holds]


def profile_table(columns: t.Mapping[str, t.Mapping[str, float]]) -> list[str]:
    """Return where the time of some tasks went: a column per task, a row per part."""
    parts: dict[str, None] = {}
    for column in columns.values():
        parts.update(dict.fromkeys(column))
    rows = [
        [part, *(f"{column[part]:.2f} s" if part in column else _NONE for column in columns.values())]
        for part in parts
    ]  # fmt: skip
    return markdown(["Part", *columns], rows)


def calls_table(columns: t.Mapping[str, t.Mapping[str, int]]) -> list[str]:
    """Return how often each method of GPMC was called: a column per task, a row per method."""
    names = sorted({name for column in columns.values() for name in column})
    rows = [[name, *(str(column.get(name, 0)) for column in columns.values())] for name in names]
    return markdown(["Call", *columns], rows)


def report(
    figures: Figures,
    costs: t.Mapping[str, str],
    profile: t.Mapping[str, t.Mapping[str, float]],
    calls: t.Mapping[str, t.Mapping[str, int]],
) -> str:
    """Return all tables, each under its heading."""
    parts: list[tuple[str, list[str]]] = []
    if figures.sizes(REAL):
        parts.append((f"Time, with {costs[REAL]}", times_table(figures, REAL)))
        parts.append(("A drill, with the same", drill_table(figures)))
    if figures.sizes(ZERO):
        parts.append(("Time, at no cost of GPMC's", times_table(figures, ZERO)))
        parts.append(("Memory and results", size_table(figures)))
    parts.append(("Bars", bars_table(figures)))
    if profile:
        parts.append((f"Where the time goes, with {costs[REAL]}", profile_table(profile)))
    if calls:
        parts.append(("Calls of GPMC", calls_table(calls)))
    busy = figures.busy()
    if busy:
        parts.append(("Mind", [f"{busy} of the runs were made while other work kept the machine busy."]))
    return "\n\n".join(f"### {title}\n\n" + "\n".join(lines) for title, lines in parts) + "\n"
