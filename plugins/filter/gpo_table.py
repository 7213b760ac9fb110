# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter gpo_table. Its documentation: gpo_table.yml."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils._result_table import Result, result_table
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._table import cut

_HEADER = ("GPO", "ID", "STATUS", "COMPUTER", "USER", "LINKS", "IN SYNC", "MODIFIED")


def gpo_table(result: Result) -> list[str]:
    """Return the lines of a table that shows the GPOs of a gpo_info task."""
    return result_table(result, "gpo_info", _HEADER, _rows)


def _rows(result: Result) -> t.Iterator[tuple[str, ...]]:
    for gpo in result["gpos"]:
        versions = gpo["versions"] or {}
        yield (
            cut(gpo["name"] or "-"),
            gpo["id"],
            gpo["status"] or gpo["outcome"],
            *(_shown(versions.get(half, {}).get("directory")) for half in ("computer", "user")),
            _shown(None if gpo["links"] is None else len(gpo["links"])),
            {True: "yes", False: "no", None: "-"}[gpo["in_sync"]],
            _shown(gpo["modified"]),
        )


def _shown(value: object) -> str:
    return "-" if value is None else str(value)


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"gpo_table": gpo_table}
