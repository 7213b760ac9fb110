# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter restore_table. Its documentation: restore_table.yml."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils._result_table import (
    Result,
    name,
    outcome,
    result_table,
    status,
)

_HEADER = ("OUTCOME", "GPO", "REASONS", "BACKUP OF", "SAFETY COPY", "SECONDS", "STATUS")


def restore_table(result: Result) -> list[str]:
    """Return the lines of a table that shows per GPO what a task of gpo_restore or gpo_import did."""
    return result_table(result, "gpo_restore or gpo_import", _HEADER, _rows)


def _rows(result: Result) -> t.Iterator[tuple[str, ...]]:
    # An import is of one GPO, and tells of it in the result itself.
    items = [result] if "gpo_created" in result else result["restores"]
    for item in items:
        if item["gpo"] is None:
            continue
        backup, safety = item["backup"], item["safety_backup"]
        yield (
            outcome(item, result),
            name(item["gpo"]),
            ", ".join(item["reasons"]) or "-",
            (backup["timestamp"] or backup["id"]) if backup else "-",
            safety["id"] if safety else "-",
            f"{item['duration']:.2f}",
            status(item),
        )


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"restore_table": restore_table}
