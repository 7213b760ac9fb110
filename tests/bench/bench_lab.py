# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab of the benchmark: one host, a domain of exactly so many GPOs, and a PowerShell host that waits."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import pathlib
import re
import shutil
import time
import typing as t

from calm import Calm, PressureWatch
from harness import Lab
from processes import ProcessWatch
from tasks import NAME, Task

_HERE = pathlib.Path(__file__).parent
_FILES = 3
_FILE_SIZE = 4096
_WARM_TIMEOUT = 120
_POOL_DELAY = "30"
_COUNTS = ("backups", "output", "comparisons", "drills")
"""What the stopwatch counts of what a task brought back."""
_HOST_TIMES = re.compile(r"time on the host: (.*)")
_TIME = re.compile(r"(\w+) ([0-9.]+) s")


@dataclasses.dataclass(frozen=True)
class Cost:
    """What the lab adds to each call of GPMC, in milliseconds."""

    backup: int
    call: int


@dataclasses.dataclass(frozen=True)
class Timing:
    """One task that was run once."""

    seconds: float
    """From the task's start until its whole result was on the controller."""
    processes: int
    process_seconds: float
    cpu_seconds: float
    received: int
    peak_kb: int
    entries: int
    """Results that came back, one per GPO."""
    pressure: float
    """The share of the time in which some process of the machine had to wait for a processor."""
    host_seconds: dict[str, float]
    """What the collection says of its trips; with verbosity alone."""


class BenchLab:
    """Brings its own lab up, and times tasks on it."""

    def __init__(self, calm: Calm) -> None:
        self._lab = Lab("bench")
        self._calm = calm
        self._numbers = itertools.count(1)

    @contextlib.contextmanager
    def up(self) -> t.Iterator[None]:
        """Bring it up, with an empty domain, and down again."""
        # The next host does not warm up beside what is timed, unless that takes longer.
        self._lab(
            "up", "--fresh", "--hosts", "1", "--domain", "corp.example", "--pool", "1", "--pool-delay", _POOL_DELAY,
        )  # fmt: skip
        try:
            for gpo in self._gpos():
                self._lab("gpo", "delete", gpo["id"])
            yield
        finally:
            self._lab("down")

    def fill(self, size: int) -> None:
        """Add GPOs until there are so many."""
        missing = size - len(self._gpos())
        if missing < 0:
            raise ValueError(f"There are more than {size} GPOs already.")
        if missing:
            self._lab(
                "gpo", "add", f"Policy {size}",
                "--count", str(missing), "--files", str(_FILES), "--file-size", str(_FILE_SIZE),
            )  # fmt: skip

    def ids(self) -> list[str]:
        """Return the IDs of the GPOs."""
        return [gpo["id"] for gpo in self._gpos()]

    def edit(self, count: int) -> None:
        """Edit a setting of so many GPOs."""
        for identity in self.ids()[:count]:
            self._lab("gpo", "edit", identity)

    def set_cost(self, cost: Cost) -> None:
        """Let GPMC's calls take so long."""
        self._lab("domain", "--backup-cost", str(cost.backup), "--call-cost", str(cost.call))

    def calls(self) -> list[str]:
        """Return the names of the calls that GPMC got since count_calls(True)."""
        return [call["call"] for call in json.loads(self._lab("calls", "show", "--json"))]

    def count_calls(self, on: bool) -> None:
        """Begin to count GPMC's calls, or end."""
        self._lab("calls", "on" if on else "off")

    @contextlib.contextmanager
    def folder(self) -> t.Iterator[str]:
        """Give the path of a new, empty backup directory on the host."""
        name = f"bench{next(self._numbers)}"
        folder = self._lab.drive_d() / name
        folder.mkdir()
        try:
            yield f"D:\\{name}"
        finally:
            # What was cut short may still be writing there; the next lab begins without it anyway.
            shutil.rmtree(folder, ignore_errors=True)

    def time(
        self, task: Task, entries: int, verbose: bool = False,
        inventory: str = "inventory.yml", env: t.Mapping[str, str] | None = None,
    ) -> Timing:  # fmt: skip
        """Run a task once that has to bring back so many results, when a PowerShell host waits for it."""
        self._await_warm_host()
        self._calm.wait()
        callback = {
            "ANSIBLE_CALLBACK_PLUGINS": str(_HERE / "callback_plugins"), "ANSIBLE_CALLBACKS_ENABLED": "stopwatch",
        }  # fmt: skip
        pressure = PressureWatch()
        with ProcessWatch(self._lab.host_dir() / "access.jsonl") as watch:
            args = ["-vv"] if verbose else []
            run = self._lab.tasks(
                [{"name": NAME, **task}], *args, inventory=inventory, env={**callback, **(env or {})}, timeout=7200
            )
            share = pressure.share()
        results = run.of(NAME)
        if not results:
            raise RuntimeError(f"The task has no result:\n{run.output}")
        result = results[0]
        found = max(result[key] for key in _COUNTS)
        if found != entries or run.code:
            raise RuntimeError(f"{found} results instead of {entries}:\n{run.output[-4000:]}\n{result}")
        host_seconds: dict[str, float] = {}
        for line in _HOST_TIMES.findall(run.output):
            for name, seconds in _TIME.findall(line):
                host_seconds[name] = host_seconds.get(name, 0.0) + float(seconds)
        return Timing(
            result["seconds"], watch.processes, watch.seconds, watch.cpu_seconds, watch.received, watch.peak_kb, found,
            share, host_seconds,
        )  # fmt: skip

    def _gpos(self) -> list[dict[str, t.Any]]:
        return t.cast("list[dict[str, t.Any]]", json.loads(self._lab("gpo", "list", "--json")))

    def _await_warm_host(self) -> None:
        """Wait until the endpoint keeps a PowerShell host ready: each run begins alike."""
        deadline = time.monotonic() + _WARM_TIMEOUT
        while time.monotonic() < deadline:
            events = self._lab.access_log()
            ready = {event["pid"] for event in events if event["event"] == "standby_ready"}
            taken = {event["pid"] for event in events if event["event"] == "process_start"}
            if ready - taken:
                return
            time.sleep(0.2)
        raise RuntimeError("The endpoint has no PowerShell host in standby.")
