# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter preflight_table. Its documentation: preflight_table.yml."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils._result_table import Result, result_table

_HEADER = ("CHECK", "VERDICT", "FOUND", "FIX")


def preflight_table(result: Result) -> list[str]:
    """Return the lines of a table that shows the checks of a gpo_preflight task."""
    return result_table(result, "gpo_preflight", _HEADER, _rows)


def _rows(result: Result) -> t.Iterator[tuple[str, ...]]:
    for check in result["checks"]:
        # Uncut: what helps is what it is for.
        yield (check["check"], check["verdict"], check["message"], check["fix"] or "-")


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"preflight_table": preflight_table}
