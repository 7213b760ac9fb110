# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter backup_info_table. Its documentation: backup_info_table.yml."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils._result_table import Result, name, result_table
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._table import cut

_HEADER = ("STATE", "GPO", "DOMAIN", "TIME", "PURPOSE", "BACKUP", "PROBLEMS")


def backup_info_table(result: Result) -> list[str]:
    """Return the lines of a table that shows the backups that a gpo_backup_info task found."""
    return result_table(result, "gpo_backup_info", _HEADER, _rows)


def _rows(result: Result) -> t.Iterator[tuple[str, ...]]:
    for backup in result["backups"]:
        gpo = backup["gpo"]
        yield (
            backup["state"],
            name(gpo),
            cut(gpo["domain"] or "-"),
            backup["timestamp"] or "-",
            backup["purpose"] or "-",
            backup["id"],
            cut(" ".join(backup["problems"])) or "-",
        )


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"backup_info_table": backup_info_table}
