# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter backup_table. Its documentation: backup_table.yml."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils._result_table import (
    Result,
    name,
    outcome,
    result_table,
    status,
)

_HEADER = ("OUTCOME", "GPO", "REASONS", "BACKUP", "SECONDS", "STATUS")


def backup_table(result: Result) -> list[str]:
    """Return the lines of a table that shows per GPO what a gpo_backup task did."""
    return result_table(result, "gpo_backup", _HEADER, _rows)


def _rows(result: Result) -> t.Iterator[tuple[str, ...]]:
    for item in result["backups"]:
        backup = item["backup"]
        yield (
            outcome(item, result),
            name(item["gpo"]),
            ", ".join(item["reasons"]) or "-",
            backup["id"] if backup else "-",
            f"{item['duration']:.2f}",
            status(item),
        )


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"backup_table": backup_table}
