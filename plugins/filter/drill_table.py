# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter drill_table. Its documentation: drill_table.yml."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils._result_table import (
    Result,
    name,
    outcome,
    result_table,
    status,
)

_HEADER = ("OUTCOME", "GPO", "BACKUP OF", "IMPORT", "SECONDS", "STATUS")


def drill_table(result: Result) -> list[str]:
    """Return the lines of a table that shows per GPO what a task of gpo_drill found."""
    return result_table(result, "gpo_drill", _HEADER, _rows)


def _rows(result: Result) -> t.Iterator[tuple[str, ...]]:
    for item in result["drills"]:
        backup, spent = item["backup"], item["import_duration"]
        yield (
            outcome(item, result),
            name(item["gpo"]),
            (backup["timestamp"] or backup["id"]) if backup else "-",
            "-" if spent is None else f"{spent:.2f}",
            f"{item['duration']:.2f}",
            status(item),
        )


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"drill_table": drill_table}
