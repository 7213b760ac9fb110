# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes how long each task took to a file, one JSON object a line, with what the benchmark checks of its result."""

from __future__ import annotations

import json
import os
import time
import typing as t

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: stopwatch
type: aggregate
short_description: Write how long each task took to a file
description:
  - Appends a JSON object per task to the file that the environment variable GPVAULT_RECORD names.
options: {}
"""


class CallbackModule(CallbackBase):
    """One line per task: from its start on the controller until its whole result is back there."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "stopwatch"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._started = 0.0

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:
        self._started = time.monotonic()

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._write("ok", result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._write("failed", result)

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self._write("unreachable", result)

    def _write(self, outcome: str, result: t.Any) -> None:
        seconds = time.monotonic() - self._started
        value = result._result
        backups = value.get("backups", ())
        line = {
            "host": result._host.get_name(),
            "task": result._task.get_name(),
            "outcome": outcome,
            "result": {
                "seconds": seconds,
                "msg": str(value.get("msg", "")),
                "error": [str(error) for error in value.get("error", ())],
                "summary": value.get("summary"),
                # What came back whole: entries with a backup; what the bare script put out, in a loop or not.
                "backups": sum(bool(entry["backup"]) for entry in backups),
                "comparisons": len(value.get("comparisons", ())),
                "drills": sum(entry["outcome"] == "drilled" for entry in value.get("drills", ())),
                "output": sum(len(one.get("output", ())) for one in value.get("results", (value,))),
            },
        }
        with open(os.environ["GPVAULT_RECORD"], "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
