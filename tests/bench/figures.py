# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was measured, and the figures that follow from it. Nothing here runs anything."""

from __future__ import annotations

import dataclasses
import statistics
import typing as t

from calm import BUSY

BARE = "bare script"
LOOP = "loop"
NEW = "all new"
UNCHANGED = "nothing changed"
EDITED = "what was edited"
EDITS = 10
"""GPOs that are edited before it is asked what was."""
EDITED_SIZES = (100, 500)
"""The domains in which that is asked."""
DRILLED = "drill"
DRILLED_SIZES = (1, 10, 100)
"""The domains whose recovery is drilled."""

REAL = "real"
ZERO = "zero"
_COSTS = {REAL: "realistic cost", ZERO: "no cost"}


@dataclasses.dataclass(frozen=True)
class Sample:
    """One run of one variant."""

    cost: str
    size: int
    variant: str
    seconds: float
    trips: int
    peak_kb: int
    received: int
    entries: int
    cpu_seconds: float
    """Processor time of the PowerShell processes."""
    pressure: float
    """The share of the time in which some process of the machine had to wait for a processor."""

    @property
    def calm(self) -> bool:
        """Whether the machine had little else to do."""
        return self.pressure < BUSY


@dataclasses.dataclass(frozen=True)
class Verdict:
    """A bar, and whether it holds; None when it was not measured."""

    bar: str
    wanted: str
    measured: str
    holds: bool | None


class Figures:
    """Medians of the samples, and ratios of medians of one run of the benchmark."""

    def __init__(self, samples: t.Iterable[Sample]) -> None:
        self._samples = list(samples)

    def sizes(self, cost: str) -> list[int]:
        """Return the sizes that were measured at a cost."""
        return sorted({sample.size for sample in self._samples if sample.cost == cost})

    def of(self, cost: str, size: int, variant: str) -> list[Sample]:
        """Return the runs of a variant; where there are some on a calm machine, those alone."""
        runs = [
            sample for sample in self._samples if (sample.cost, sample.size, sample.variant) == (cost, size, variant)
        ]
        return [sample for sample in runs if sample.calm] or runs

    def busy(self) -> int:
        """Return how many of the runs that count were made on a busy machine."""
        kinds = {(sample.cost, sample.size, sample.variant) for sample in self._samples}
        return sum(not sample.calm for kind in kinds for sample in self.of(*kind))

    def seconds(self, cost: str, size: int, variant: str) -> float | None:
        """Return the median time of a variant, or None when it was not run."""
        times = [sample.seconds for sample in self.of(cost, size, variant)]
        return statistics.median(times) if times else None

    def ratio(self, cost: str, size: int, variant: str, base: str = BARE) -> float | None:
        """Return how many times the base's time a variant takes."""
        above, below = self.seconds(cost, size, variant), self.seconds(cost, size, base)
        return above / below if above is not None and below else None

    def trips(self, cost: str, size: int, variant: str) -> int | None:
        """Return the most trips that a run of a variant took."""
        return max((sample.trips for sample in self.of(cost, size, variant)), default=None)

    def peak_kb(self, cost: str, size: int, variant: str) -> float | None:
        """Return the median of the peak memory, in KB."""
        peaks = [sample.peak_kb for sample in self.of(cost, size, variant)]
        return statistics.median(peaks) if peaks else None

    def growth(self, variant: str, value: t.Callable[[str, int, str], float | None], cost: str) -> list[float]:
        """Return how much a value grows per GPO from each size to the next."""
        known = [(size, found) for size in self.sizes(cost) if (found := value(cost, size, variant)) is not None]
        return [(after - before) / (more - few) for (few, before), (more, after) in zip(known, known[1:])]


def verdicts(figures: Figures) -> list[Verdict]:
    """Return the bars, each with what was measured."""
    found = [
        _at_most(figures, "one GPO, new", 1.2, NEW, [1]),
        _at_most(figures, "all new, from 100 GPOs on", 1.15, NEW, _from(figures, 100)),
        _at_most(figures, "nothing changed, 100 to 500 GPOs", 0.15, UNCHANGED, [100, 500]),
        _at_most(
            figures, f"{EDITED} in {EDITS} of 100 and of 500 GPOs", 2, EDITED, EDITED_SIZES, UNCHANGED, UNCHANGED
        ),
    ]  # fmt: skip
    trips = [figures.trips(REAL, size, UNCHANGED) for size in figures.sizes(REAL) if size <= 500]
    most = max((count for count in trips if count is not None), default=None)
    found.append(Verdict("trips when nothing changed, up to 500 GPOs", "1", _text(most), _is(most, lambda n: n <= 1)))
    slower = figures.ratio(REAL, 100, LOOP, NEW)
    found.append(Verdict(
        "how many times faster than a loop, 100 GPOs", "at least 10", _text(slower), _is(slower, lambda n: n >= 10)
    ))  # fmt: skip
    for cost in (REAL, ZERO):
        for variant in (NEW, UNCHANGED):
            found.append(_linear(figures, cost, variant))
    for cost in (REAL, ZERO):
        for variant in (NEW, UNCHANGED):
            found.append(_memory(figures, cost, variant))
    whole = {sample.entries for sample in figures.of(ZERO, 5000, UNCHANGED) + figures.of(ZERO, 5000, NEW)}
    found.append(Verdict("results of 5,000 GPOs", "5,000", _text(min(whole, default=None)), whole == {5000} or None))
    return found


def _at_most(
    figures: Figures, what: str, bar: float, variant: str, sizes: t.Sequence[int], base: str = BARE,
    of: str = "the bare script",
) -> Verdict:  # fmt: skip
    ratios = [ratio for size in sizes if (ratio := figures.ratio(REAL, size, variant, base)) is not None]
    measured = ", ".join(f"{ratio:.2f}" for ratio in ratios) or "not measured"
    return Verdict(f"{what}: times {of}", f"at most {bar}", measured, _is(
        max(ratios, default=None), lambda ratio: ratio <= bar
    ))  # fmt: skip


def _linear(figures: Figures, cost: str, variant: str) -> Verdict:
    """The time per further GPO, from 500 to the largest size, against that from 100 to 500."""
    what = f"{variant}, {_COSTS[cost]}: time per GPO beyond 500, against 100 to 500"
    growth = figures.growth(variant, figures.seconds, cost)
    if figures.sizes(cost)[-1:] != [5000] or len(growth) < 2 or figures.seconds(cost, 5000, variant) is None:
        return Verdict(what, "at most 1.25", "not measured", None)
    ratio = growth[-1] / growth[-2]
    return Verdict(what, "at most 1.25", f"{ratio:.2f}", ratio <= 1.25)


def _memory(figures: Figures, cost: str, variant: str) -> Verdict:
    what = f"{variant}, {_COSTS[cost]}: KB of peak memory per GPO, from 100 to the largest size"
    known = [
        (size, peak) for size in figures.sizes(cost)
        if size >= 100 and (peak := figures.peak_kb(cost, size, variant)) is not None
    ]  # fmt: skip
    if len(known) < 2:
        return Verdict(what, "below 20", "not measured", None)
    (few, before), (more, after) = known[0], known[-1]
    each = (after - before) / (more - few)
    return Verdict(what, "below 20", f"{each:.1f}", each < 20)


def _from(figures: Figures, size: int) -> list[int]:
    return [each for each in figures.sizes(REAL) if each >= size]


def _is(value: t.Any, test: t.Callable[[t.Any], bool]) -> bool | None:
    return None if value is None else test(value)


def _text(value: float | None) -> str:
    if value is None:
        return "not measured"
    return f"{value:,}" if isinstance(value, int) else f"{value:.1f}"
