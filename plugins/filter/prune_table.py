# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter prune_table. Its documentation: prune_table.yml."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils._result_table import (
    Result,
    name,
    outcome,
    result_table,
    status,
)

_HEADER = ("OUTCOME", "GPO", "TIME", "BACKUP", "WHY", "STATUS")


def prune_table(result: Result) -> list[str]:
    """Return the lines of a table that shows which backups a gpo_backup_prune task deleted, and which it kept."""
    return result_table(result, "gpo_backup_prune", _HEADER, _rows)


def _rows(result: Result) -> t.Iterator[tuple[str, ...]]:
    for item in result["pruned"]:
        yield _row(outcome(item, result), item["backup"], item["reason"], status(item))
    for item in result["kept"]:
        yield _row("kept", item["backup"], ", ".join(item["rules"]), "-")


def _row(done: str, backup: Result, why: str, code: str) -> tuple[str, ...]:
    return done, name(backup["gpo"]), backup["timestamp"] or "-", backup["id"], why, code


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"prune_table": prune_table}
