# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter backup_table. Its documentation: backup_table.yml."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._table import table


def backup_table(result: t.Mapping[str, t.Any]) -> list[str]:
    """Return the lines of a table that shows per GPO what a gpo_backup task did."""
    try:
        rows = [_row(entry) for entry in result["backups"]]
        total = result["msg"]
    except (KeyError, TypeError) as error:
        raise AnsibleFilterError(f"backup_table takes the registered result of gpo_backup: {error!r}") from error
    return [*table(("OUTCOME", "GPO", "REASONS", "BACKUP", "SECONDS", "STATUS"), rows), total]


def _row(entry: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    backup = entry["backup"]
    status = entry["call_status"]
    if status is None or status["succeeded"]:
        status = entry["overall_status"]
    return (
        entry["outcome"],
        entry["gpo"]["name"] or entry["gpo"]["id"],
        ", ".join(entry["reasons"]) or "-",
        backup["id"] if backup else "-",
        f"{entry['duration']:.2f}",
        _status(status),
    )


def _status(status: t.Mapping[str, t.Any] | None) -> str:
    if status is None:
        return "-"
    return status["name"] if status["succeeded"] else f"{status['hresult']} {status['name']}"


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"backup_table": backup_table}
