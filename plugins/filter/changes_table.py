# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter changes_table. Its documentation: changes_table.yml."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils._change_list import groups_of, value, where
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._table import cut, table

_HEADER = ("CHANGE", "WHERE", "SETTING", "BEFORE", "AFTER")


def changes_table(given: t.Any) -> list[str]:
    """Return the lines of a table that shows setting by setting what changed."""
    groups = groups_of(given, "changes_table")
    named = any(group.gpo for group in groups)
    rows = [
        (
            *((cut(group.gpo),) if named else ()),
            str(change["kind"]),
            where(change),
            cut(str(change["name"])),
            cut(value(change["before"], change["kind"])),
            cut(value(change["after"], change["kind"])),
        )
        for group in groups
        for change in group.changes
    ]
    return table((("GPO",) if named else ()) + _HEADER, rows)


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"changes_table": changes_table}
