# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark's medians, ratios, bars and tables, from samples that nobody had to measure."""

from __future__ import annotations

import dataclasses
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

import tables  # noqa: E402
from figures import BARE, DRILLED, EDITED, LOOP, NEW, REAL, UNCHANGED, ZERO, Figures, Sample, verdicts  # noqa: E402


def sample(size: int, variant: str, seconds: float, cost: str = REAL, trips: int = 1, peak_kb: int = 1000) -> Sample:
    return Sample(cost, size, variant, seconds, trips, peak_kb, 2048, size, 0.0, 0.0)


def verdict(figures: Figures, start: str) -> tuple[str, bool | None]:
    (found,) = [each for each in verdicts(figures) if each.bar.startswith(start)]
    return found.measured, found.holds


def test_ratios_are_those_of_medians() -> None:
    figures = Figures([
        *(sample(1, BARE, seconds) for seconds in (2.0, 2.0, 50.0)),
        *(sample(1, NEW, seconds) for seconds in (1.0, 3.0, 2.2)),
    ])  # fmt: skip
    assert figures.ratio(REAL, 1, NEW) == 1.1
    assert figures.ratio(REAL, 1, UNCHANGED) is None
    assert figures.ratio(ZERO, 1, NEW) is None


def test_runs_on_a_busy_machine_count_only_where_there_are_no_others() -> None:
    busy = [dataclasses.replace(sample(1, variant, 9), pressure=0.9) for variant in (BARE, NEW)]
    figures = Figures([*busy, sample(1, BARE, 2)])
    assert figures.seconds(REAL, 1, BARE) == 2
    assert figures.seconds(REAL, 1, NEW) == 9
    assert figures.busy() == 1


def test_the_worst_size_decides() -> None:
    samples = [sample(100, BARE, 10), sample(500, BARE, 50), sample(100, NEW, 11), sample(500, NEW, 60)]
    assert verdict(Figures(samples), "all new, from 100") == ("1.10, 1.20", False)
    assert verdict(Figures(samples[:3]), "all new, from 100") == ("1.10", True)


def test_nothing_changed_has_to_come_in_one_trip() -> None:
    one = [sample(100, BARE, 10), sample(100, UNCHANGED, 1)]
    assert verdict(Figures(one), "nothing changed, 100 to 500") == ("0.10", True)
    assert verdict(Figures(one), "trips when nothing changed") == ("1", True)
    two = [*one, dataclasses.replace(one[1], trips=2)]
    assert verdict(Figures(two), "trips when nothing changed") == ("2", False)


def test_what_was_edited_is_compared_with_a_run_that_finds_nothing() -> None:
    samples = [sample(100, UNCHANGED, 4), sample(100, EDITED, 6), sample(500, UNCHANGED, 10), sample(500, EDITED, 21)]
    assert verdict(Figures(samples), "what was edited") == ("1.50, 2.10", False)
    assert verdict(Figures(samples[:3]), "what was edited") == ("1.50", True)


def test_the_loop_is_compared_with_the_task() -> None:
    figures = Figures([sample(100, LOOP, 200), sample(100, NEW, 19)])
    assert verdict(figures, "how many times faster than a loop") == ("10.5", True)


def test_time_and_memory_per_further_gpo() -> None:
    figures = Figures([
        sample(100, NEW, 2, ZERO, peak_kb=300_000),
        sample(500, NEW, 10, ZERO, peak_kb=301_000),
        sample(5000, NEW, 127, ZERO, peak_kb=349_000),
    ])  # fmt: skip
    assert verdict(figures, "all new, no cost: time per GPO") == ("1.30", False)
    assert verdict(figures, "all new, no cost: KB of peak memory per GPO") == ("10.0", True)
    assert verdict(figures, "results of 5,000 GPOs") == ("5,000", True)


def test_what_was_not_measured_says_so() -> None:
    assert {(each.measured, each.holds) for each in verdicts(Figures([]))} == {("not measured", None)}


def test_the_table_of_times() -> None:
    figures = Figures([
        sample(1000, BARE, 200), sample(1000, NEW, 220, trips=4), sample(1000, UNCHANGED, 20), sample(1000, NEW, 222),
    ])  # fmt: skip
    assert tables.times_table(figures, REAL)[2:] == [
        "| 1,000 | 200 s | – | 221 s | 1.10 | – | 20.0 s | 0.10 | – | 4 / 1 | 2 |"
    ]


def test_a_drill_is_told_per_gpo_and_beside_a_backup() -> None:
    figures = Figures([sample(100, NEW, 20), sample(100, DRILLED, 50, trips=2), sample(500, NEW, 90)])
    assert tables.drill_table(figures)[2:] == ["| 100 | 50.0 s | 0.50 s | 2.50 | 2 |"]


def test_a_part_that_a_task_does_not_have_is_a_dash() -> None:
    assert tables.profile_table({"one": {"a": 1.0}, "two": {"b": 0.256}}) == [
        "| Part | one | two |", "| --- | --- | --- |", "| a | 1.00 s | – |", "| b | – | 0.26 s |",
    ]  # fmt: skip


def test_the_report_has_what_was_measured() -> None:
    text = tables.report(Figures([sample(1, NEW, 1)]), {REAL: "150 ms"}, {}, {})
    assert "### Time, with 150 ms\n" in text and "### Bars\n" in text
    assert "at no cost" not in text and "Calls" not in text
