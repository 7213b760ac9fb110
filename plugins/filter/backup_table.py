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
        rows = [_row(item) for item in result["backups"]]
        total = result["msg"]
    except (KeyError, TypeError) as error:
        raise AnsibleFilterError(f"backup_table takes the registered result of gpo_backup: {error!r}") from error
    return [*table(("OUTCOME", "GPO", "REASONS", "BACKUP", "SECONDS", "STATUS"), rows), total]


def _row(item: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    backup = item["backup"]
    return (
        item["outcome"],
        item["gpo"]["name"] or item["gpo"]["id"],
        ", ".join(item["reasons"]) or "-",
        backup["id"] if backup else "-",
        f"{item['duration']:.2f}",
        _status(item),
    )


def _status(item: t.Mapping[str, t.Any]) -> str:
    """Return the first status that tells of a failure, or else the trouble, or else that of the last call."""
    statuses = [status for status in (item["call_status"], item["overall_status"]) if status is not None]
    failed = next((status for status in statuses if not status["succeeded"]), item["trouble"])
    if failed is not None:
        return f"{failed['hresult']} {failed['name']}" if failed["hresult"] else failed["step"]
    return statuses[-1]["name"] if statuses else "-"


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"backup_table": backup_table}
