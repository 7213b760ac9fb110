# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times gpo_backup with and without the option changes, in turns: all GPOs new, none changed, a few edited."""

from __future__ import annotations

import argparse
import pathlib
import statistics
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/integration"))

import tasks  # noqa: E402
from bench_lab import BenchLab, Cost  # noqa: E402
from calm import Calm  # noqa: E402
from tables import markdown  # noqa: E402

_BARS = {"all new": 1.02, "nothing changed": 1.00, "a few edited": 1.10}
"""The ratio that each may have at most."""


def main() -> int:
    """Time, and print a table."""
    parser = argparse.ArgumentParser(prog="tests/bench/changes", description=__doc__)
    parser.add_argument("--size", type=int, default=500, help="GPOs of the domain (default: 500)")
    parser.add_argument("--edits", type=int, default=10, help="GPOs that are edited (default: 10)")
    parser.add_argument("--runs", type=int, default=2, help="new directories for each (default: 2)")
    parser.add_argument("--nights", type=int, default=4, help="later runs of both kinds in each (default: 4)")
    parser.add_argument("--backup-cost", type=int, default=150, metavar="MS", help="what each backup takes longer")
    parser.add_argument("--call-cost", type=int, default=5, metavar="MS", help="what each directory call takes longer")
    options = parser.parse_args()
    lab = BenchLab(Calm(600))
    seconds: dict[tuple[str, bool], list[float]] = {}
    processors: dict[tuple[str, bool], list[float]] = {}

    def timed(what: str, path: str, changes: bool, entries: int) -> None:
        timing = lab.time(tasks.gpo_backup(path, changes=changes), entries)
        seconds.setdefault((what, changes), []).append(timing.seconds)
        processors.setdefault((what, changes), []).append(timing.cpu_seconds)
        kind = "with" if changes else "without"
        costs = (
            f"{timing.seconds:.2f} s, {timing.cpu_seconds:.2f} s of processors, {timing.processes} processes, "
            f"{timing.received:,} bytes received"
        )
        print(f"{what}, {kind}: {costs}", flush=True)

    with lab.up():
        lab.fill(options.size)
        lab.set_cost(Cost(options.backup_cost, options.call_cost))
        for run in range(options.runs):
            # Whichever comes first, the machine is not as it is for the other.
            order = (False, True) if run % 2 else (True, False)
            for changes in order:
                with lab.folder() as path:
                    timed("all new", path, changes, options.size)
                    for night in range(options.nights):
                        if changes:
                            # Both kinds in one directory: two of them differ by more than the option does. In turns:
                            # what follows an edit may take longer than what follows a run that has just read it all.
                            for kind in order[::-1] if night % 2 else order:
                                timed("nothing changed", path, kind, options.size)
                        lab.edit(options.edits)
                        timed("a few edited", path, changes, options.size)
    rows = []
    for what, most in _BARS.items():
        without, with_them = (statistics.median(seconds[what, changes]) for changes in (False, True))
        idle, busy = (statistics.median(processors[what, changes]) for changes in (False, True))
        rows.append([
            what, f"{without:.2f} s", f"{with_them:.2f} s", f"{with_them / without:.2f}", f"{most:.2f}",
            f"{busy / idle:.2f}",
        ])  # fmt: skip
    header = [
        f"{options.size} GPOs, {options.edits} edited", "without", "with", "ratio", "at most",
        "ratio of processor time",
    ]  # fmt: skip
    print("\n" + "\n".join(markdown(header, rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
