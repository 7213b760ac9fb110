# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the time of a task goes."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

import tasks
from bench_lab import BenchLab, Timing

Parts = dict[str, float]
_Value = t.TypeVar("_Value")

_RUNS = 3
"""Times that the small tasks are run. The least of each counts: they are subtracted, and disturbances only add."""

_TRANSPORT = "controller, connection, transport"
_ENGINE = "process and engine"
_WRAPPER = "Ansible's wrapper, compile of its C#"
_STEPS = {
    "select": "connect, search, links, filters",
    "compare": "compare: COM, SYSVOL, catalog",
    "work": "GPMC's backup",
    "catalog": "hash, write the catalog: what is left to wait for",
}


@dataclasses.dataclass(frozen=True)
class _Fixed:
    """What each task takes before its own work begins, in seconds."""

    engine: float
    wrapper: float


def measure(lab: BenchLab, size: int) -> tuple[dict[str, Parts], dict[str, dict[str, int]]]:
    """Return the parts of the tasks' times, and the calls of GPMC, in a domain of *size* GPOs."""
    connections = [lab.time(tasks.connection(), 0) for _ in range(_RUNS)]
    pings = [lab.time(tasks.ping(), 0) for _ in range(_RUNS)]
    empty = [lab.time(tasks.empty_script(), 1) for _ in range(_RUNS)]
    engine = min(each.process_seconds for each in connections)
    fixed = _Fixed(engine, min(each.process_seconds for each in pings) - engine)
    loading = min(each.process_seconds for each in empty) - fixed.engine - fixed.wrapper

    parts: dict[str, Parts] = {}
    calls: dict[str, dict[str, int]] = {}
    with lab.folder() as path:
        bare, calls["bare script"] = _counted(lab, tasks.bare_script(path), size)
    parts["bare script"] = _outside(bare, fixed) | {
        "the module's own code and C#, result": loading,
        "the script": bare.process_seconds - fixed.engine - fixed.wrapper - loading,
        "whole task": bare.seconds,
    }
    with lab.folder() as path:
        for name in ("all new", "nothing changed"):
            timing, calls[name] = _counted(lab, tasks.gpo_backup(path), size)
            parts[name] = _outside(timing, fixed) | _inside(timing, fixed)
    return _labelled(parts, size), _labelled(calls, size)


def _counted(lab: BenchLab, task: tasks.Task, size: int) -> tuple[Timing, dict[str, int]]:
    lab.count_calls(True)
    timing = lab.time(task, size, verbose=True)
    counts = collections.Counter(lab.calls())
    lab.count_calls(False)
    return timing, dict(counts)


def _outside(timing: Timing, fixed: _Fixed) -> Parts:
    return {_TRANSPORT: timing.seconds - timing.process_seconds, _ENGINE: fixed.engine, _WRAPPER: fixed.wrapper}


def _inside(timing: Timing, fixed: _Fixed) -> Parts:
    whole = timing.host_seconds["whole"]
    steps = {name: timing.host_seconds[step] for step, name in _STEPS.items()}
    return {
        "the module's own code and C#, result": timing.process_seconds - whole - fixed.engine - fixed.wrapper,
        **steps,
        "lock, the rest": whole - sum(steps.values()),
        "whole task": timing.seconds,
    }


def _labelled(columns: dict[str, _Value], size: int) -> dict[str, _Value]:
    return {f"{name}, {size} GPO{'s' * (size > 1)}": column for name, column in columns.items()}
