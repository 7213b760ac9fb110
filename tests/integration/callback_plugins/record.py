# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes every task result of a run to a file, one JSON object a line, for the tests to read."""

from __future__ import annotations

import json
import os
import typing as t

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: record
type: aggregate
short_description: Write every task result to a file
description:
  - Appends a JSON object per result to the file that the environment variable GPVAULT_RECORD names.
options: {}
"""


class CallbackModule(CallbackBase):
    """One line per result: host, task, outcome, result."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "record"
    CALLBACK_NEEDS_ENABLED = True

    def _write(self, outcome: str, result: t.Any) -> None:
        # The same view that every callback has: under no_log it holds nothing secret. Ansible takes "failed" out of it.
        shown = json.loads(self._dump_results(result._result, indent=None, keep_invocation=True))
        if outcome.endswith("failed"):
            shown["failed"] = True
        if "diff" in result._result:
            # Dumped only from -vvv on; displayed by others in its own way.
            shown["diff"] = result._result["diff"]
        line = {
            "host": result._host.get_name(),
            "task": result._task.get_name(),
            "outcome": outcome,
            "result": shown,
        }
        with open(os.environ["GPVAULT_RECORD"], "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._write("ok", result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._write("failed", result)

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self._write("unreachable", result)

    def v2_runner_on_skipped(self, result: t.Any) -> None:
        self._write("skipped", result)

    def v2_runner_item_on_ok(self, result: t.Any) -> None:
        self._write("item_ok", result)

    def v2_runner_item_on_failed(self, result: t.Any) -> None:
        self._write("item_failed", result)
