# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark: times gpo_backup against scripts, on a lab of its own, and prints tables."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import sys
import time
import typing as t

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/integration"))

import tables  # noqa: E402
import tasks  # noqa: E402
import trip_profile  # noqa: E402
from bench_lab import BenchLab, Cost, Timing  # noqa: E402
from calm import Calm  # noqa: E402
from figures import (  # noqa: E402
    BARE, DRILLED, DRILLED_SIZES, EDITED, EDITED_SIZES, EDITS, LOOP, NEW, REAL, UNCHANGED, ZERO, Figures, Sample,
)  # fmt: skip

_BUILD = pathlib.Path(os.environ.get("GPVAULT_BUILD", ROOT / "build"))
_DOCS = ROOT / "docs/benchmarks.md"
_BEGIN, _END = "<!-- tables of make bench: begin -->\n", "<!-- tables of make bench: end -->\n"

_SIZES = (1, 10, 100, 500, 5000)
_RUNS = {1: 5, 10: 5, 100: 3}
_LOOP_RUNS = {1: 3, 10: 3, 100: 1}
_PROFILED = (1, 100)


@dataclasses.dataclass(frozen=True)
class Round:
    """The variants in turn, as often as wanted, at one size and cost."""

    cost: str
    size: int
    runs: int
    loop_runs: int = 0
    backed_up_at_no_cost: bool = False
    """Time only what has not changed: so many new backups at the full cost would take a quarter of an hour."""


def plan(sizes: t.Sequence[int], runs: int | None, costs: t.Sequence[str], full: bool) -> list[Round]:
    """Return the rounds, the small domains first: it can only be added to."""
    rounds = []
    for size in sorted(sizes):
        times = runs or _RUNS.get(size, 1)
        for cost in costs:
            loop_runs = min(times, _LOOP_RUNS.get(size, 0)) if cost == REAL else 0
            rounds.append(Round(cost, size, times, loop_runs, cost == REAL and size > 500 and not full))
    return rounds


class Campaign:
    """Runs rounds on a lab and collects samples."""

    def __init__(self, lab: BenchLab, costs: t.Mapping[str, Cost], say: t.Callable[[str], None]) -> None:
        self._lab = lab
        self._costs = costs
        self._say = say
        self.samples: list[Sample] = []

    def run(self, this: Round) -> None:
        """Run one round: the variants in turn, so that a slow minute of the machine meets all of them.

        A turn on a busy machine is made up for by another, at most once each, and not where one alone takes long.
        """
        most = 2 * this.runs if this.runs > 1 else 1
        calm_turns = turns = 0
        while calm_turns < this.runs and turns < most:
            first = len(self.samples)
            self._turn(this, turns < this.loop_runs)
            turns += 1
            calm_turns += all(sample.calm for sample in self.samples[first:])

    def _turn(self, this: Round, with_loop: bool) -> None:
        self._lab.set_cost(self._costs[this.cost])
        if not this.backed_up_at_no_cost:
            with self._lab.folder() as path:
                self._time(this, BARE, tasks.bare_script(path))
        with self._lab.folder() as path:
            if this.backed_up_at_no_cost:
                self._lab.set_cost(Cost(0, 0))
                self._lab.time(tasks.gpo_backup(path), this.size)
                self._lab.set_cost(self._costs[this.cost])
            else:
                self._time(this, NEW, tasks.gpo_backup(path))
            self._time(this, UNCHANGED, tasks.gpo_backup(path))
            if this.size in DRILLED_SIZES:
                self._time(this, DRILLED, tasks.gpo_drill(path))
            if this.size in EDITED_SIZES:
                self._lab.edit(EDITS)
                self._time(this, EDITED, tasks.gpo_diff(path))
        if with_loop:
            with self._lab.folder() as path:
                self._time(this, LOOP, tasks.loop(path, self._lab.ids()))

    def _time(self, this: Round, variant: str, task: tasks.Task) -> None:
        timing: Timing = self._lab.time(task, this.size)
        self.samples.append(Sample(
            this.cost, this.size, variant, timing.seconds, timing.processes, timing.peak_kb, timing.received,
            timing.entries, round(timing.cpu_seconds, 2), round(timing.pressure, 2),
        ))  # fmt: skip
        self._say(
            f"{this.size:,} GPOs, {this.cost} cost, {variant}: {timing.seconds:.2f} s, "
            f"{timing.processes} processes, {timing.peak_kb / 1024:.0f} MB, pressure {timing.pressure:.2f}"
        )


def _options(argv: t.Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/bench/bench", description=__doc__)
    parser.add_argument("--sizes", type=_numbers, default=_SIZES, metavar="N,N", help="domains of so many GPOs")
    parser.add_argument("--runs", type=int, help="how often each variant is timed (default: 5, 5, 3, 1, 1)")
    parser.add_argument("--backup-cost", type=int, default=150, metavar="MS", help="what each backup takes longer")
    parser.add_argument("--call-cost", type=int, default=5, metavar="MS", help="what each directory call takes longer")
    parser.add_argument("--costs", choices=["both", REAL, ZERO], default="both", help="with these costs, with none")
    parser.add_argument("--full", action="store_true", default=os.environ.get("BENCH_FULL") == "1",
                        help="back up 5,000 new GPOs at the full cost, too (or BENCH_FULL=1)")
    parser.add_argument("--no-loop", action="store_true", help="leave the loop out, which takes long")
    parser.add_argument("--no-profile", action="store_true", help="leave out where the time goes")
    parser.add_argument("--patience", type=float, default=600, metavar="S",
                        help="how long to wait, in all, for a machine that is busy with other work")
    parser.add_argument("--add-to", type=pathlib.Path, metavar="FILE",
                        help="begin with the samples of an earlier run")
    parser.add_argument("--docs", action="store_true", help="put the tables into docs/benchmarks.md")
    return parser.parse_args(argv)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def _put_into_docs(text: str) -> None:
    before, _, rest = _DOCS.read_text("utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    _DOCS.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}", "utf-8")


def main(argv: t.Sequence[str]) -> int:
    """Run the benchmark."""
    options = _options(argv)
    costs = {REAL: Cost(options.backup_cost, options.call_cost), ZERO: Cost(0, 0)}
    words = {REAL: f"{options.backup_cost} ms per backup and {options.call_cost} ms per other call of GPMC"}
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {text}", flush=True)

    rounds = plan(options.sizes, options.runs, [REAL, ZERO] if options.costs == "both" else [options.costs],
                  options.full)
    if options.no_loop:
        rounds = [dataclasses.replace(each, loop_runs=0) for each in rounds]
    lab = BenchLab(Calm(options.patience))
    campaign = Campaign(lab, costs, say)
    profile: dict[str, dict[str, float]] = {}
    calls: dict[str, dict[str, int]] = {}
    if options.add_to:
        earlier = json.loads(options.add_to.read_text("utf-8"))
        campaign.samples.extend(Sample(**sample) for sample in earlier["samples"])
        profile, calls = earlier["profile"], earlier["calls"]

    results = _BUILD / "bench"
    results.mkdir(parents=True, exist_ok=True)
    with lab.up():
        say("the lab is up")
        for this in rounds:
            lab.fill(this.size)
            campaign.run(this)
            if this.size in _PROFILED and this.cost == REAL and not options.no_profile:
                lab.set_cost(costs[REAL])
                parts, counts = trip_profile.measure(lab, this.size)
                profile.update(parts)
                calls.update(counts)
                say(f"profile of {this.size:,} GPOs")
            # After each round: an hour's work is not lost with the last minute's.
            (results / "results.json").write_text(json.dumps({
                "samples": [dataclasses.asdict(sample) for sample in campaign.samples],
                "profile": profile, "calls": calls,
            }, indent=1), "utf-8")  # fmt: skip
    text = tables.report(Figures(campaign.samples), words, profile, calls)
    (results / "tables.md").write_text(text, "utf-8")
    if options.docs:
        _put_into_docs(text)
    print(f"\n{text}\nThe samples: {results / 'results.json'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
