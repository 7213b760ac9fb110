# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times gpo_backup beside itself, in turns: as it was at another revision, or over another connection."""

from __future__ import annotations

import argparse
import dataclasses
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import typing as t

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/integration"))

import tasks  # noqa: E402
from bench_lab import BenchLab, Cost  # noqa: E402
from calm import Calm  # noqa: E402
from figures import NEW, REAL, UNCHANGED, ZERO  # noqa: E402
from harness import BUILD  # noqa: E402
from tables import markdown, seconds  # noqa: E402

_INVENTORIES = {"winrm": "inventory.yml", "psrp": "inventory-psrp.yml"}


@dataclasses.dataclass(frozen=True)
class Side:
    """One of the two: what it is called, and what BenchLab.time needs for it."""

    name: str
    how: dict[str, t.Any]


def _this() -> Side:
    return Side("this", {})


def _revision(revision: str) -> Side:
    """The collection as it was: packed out into a folder of its own, found before the one of today."""
    if subprocess.run(["git", "-C", ROOT, "rev-parse", "--quiet", "--verify", f"{revision}^{{commit}}"],
                      stdout=subprocess.DEVNULL, check=False).returncode:
        raise SystemExit(f"git knows no revision {revision}.")
    folder = BUILD / "bench/revision"
    shutil.rmtree(folder, ignore_errors=True)
    collection = folder / "ansible_collections/gpvault/gpmc"
    collection.mkdir(parents=True)
    with subprocess.Popen(["git", "-C", ROOT, "archive", revision], stdout=subprocess.PIPE) as archive:
        subprocess.run(["tar", "-x", "-C", collection], stdin=archive.stdout, check=True)
    path = os.pathsep.join([str(folder), str(BUILD / "collections")])
    return Side(revision, {"env": {"ANSIBLE_COLLECTIONS_PATH": path}})


def _connection(name: str) -> Side:
    return Side(name, {"inventory": _INVENTORIES[name]})


def main() -> int:
    """Time, and print a table."""
    parser = argparse.ArgumentParser(prog="tests/bench/compare", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--revision", help="the other is the collection at this revision of git")
    what.add_argument("--connections", action="store_true", help="one is winrm, the other psrp")
    parser.add_argument("--sizes", default="1,100,500", metavar="N,N", help="GPOs of the domain (default: 1,100,500)")
    parser.add_argument("--runs", type=int, default=4, help="new directories for each (default: 4)")
    parser.add_argument("--nights", type=int, default=3, help="later runs in each directory (default: 3)")
    parser.add_argument("--costs", choices=["both", REAL, ZERO], default="both", help="with the usual costs, with none")
    options = parser.parse_args()
    sides = (
        (_revision(options.revision), _this()) if options.revision else (_connection("winrm"), _connection("psrp"))
    )
    costs = {REAL: Cost(150, 5), ZERO: Cost(0, 0)}
    lab = BenchLab(Calm(600))
    times: dict[tuple[int, str, str], dict[str, list[float]]] = {}

    def timed(size: int, cost: str, variant: str, side: Side, path: str) -> None:
        timing = lab.time(tasks.gpo_backup(path), size, **side.how)
        times.setdefault((size, cost, variant), {}).setdefault(side.name, []).append(timing.seconds)
        print(f"{size:,} GPOs, {cost} cost, {variant}, {side.name}: {timing.seconds:.2f} s, "
              f"{timing.processes} processes, {timing.cpu_seconds:.2f} s of processors", flush=True)

    with lab.up():
        for size in map(int, options.sizes.split(",")):
            lab.fill(size)
            for cost in (REAL, ZERO) if options.costs == "both" else (options.costs,):
                lab.set_cost(costs[cost])
                for run in range(options.runs):
                    # Whichever comes first, the machine is not as it is for the other.
                    order = sides if run % 2 else sides[::-1]
                    with lab.folder() as first, lab.folder() as second:
                        folders = list(zip(order, (first, second)))
                        for side, path in folders:
                            timed(size, cost, NEW, side, path)
                        for _night in range(options.nights):
                            for side, path in folders:
                                timed(size, cost, UNCHANGED, side, path)
    rows = []
    for (size, cost, variant), measured in times.items():
        one, other = (statistics.median(measured[side.name]) for side in sides)
        runs = str(len(measured[sides[0].name]))
        rows.append([f"{size:,}", cost, variant, seconds(one), seconds(other), f"{other / one:.2f}", runs])
    header = ["GPOs", "cost", "", *(side.name for side in sides), f"÷ {sides[0].name}", "runs"]
    print("\n" + "\n".join(markdown(header, rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
