# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of gpo_import."""

from __future__ import annotations

import dataclasses
import typing as t

from ._reason_diff import reason_diff
from ._item import Item, Raw
from ._recovery import details_of, part_of, shortcomings
from ._task_result import TaskResult
from ._words import some

_WORDS = {"links": "links", "wmi_filter": "WMI filter", "permissions": "permissions"}


@dataclasses.dataclass
class ImportResult(TaskResult):
    """The one GPO that gets the settings."""

    STEP = "import"
    ALTERS = True
    NOT_FOUND = f"{TaskResult.NOT_FOUND} With create: true it is made."

    from_catalog: t.Sequence[str] = ()
    """What is asked for that only the catalog knows: links, wmi_filter, permissions."""

    def details(self, raw: Raw) -> dict[str, t.Any]:
        """Return what became of the GPO and of what belongs to it."""
        permissions = raw.get("permissions")
        return {
            "gpo_created": bool(raw.get("gpo_created")),
            "source": raw.get("source"),
            **details_of(raw),
            "permissions": permissions and part_of(permissions, "unknown"),
        }

    def note(self, raw: Raw, item: Item) -> None:
        """Warn of what could not be as it was, and keep the diff."""
        self.warnings.extend(shortcomings(raw, item))
        self.warnings.extend(self._left_out(raw, item))
        if self.show_diff and raw.get("changes"):
            self.diffs.append(reason_diff(item.gpo, raw["changes"], "now", f"backup {raw['backup']['id']}"))

    def shown(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""
        items = self.all_items()
        item = items[0] if items else None
        told = self._with_room((item or self.untold({}, outcome="not_attempted")).shown())
        told["deviations"] = told["deviations"] and self._with_room(told["deviations"])
        # The overall_status is that of the one call there is, and null when it was not reached.
        result = {**self.common(items), **told, "run_id": self.run_id, "path": self.path}
        if item is None:
            result["gpo"] = None
        else:
            result["msg"] = result["msg"] or self._success(item)
        return result

    def _with_room(self, told: Raw) -> dict[str, t.Any]:
        """Return what is told without the ends of lists that the result has no room for."""
        return {key: self.limited(value) if isinstance(value, list) else value for key, value in told.items()}

    def _left_out(self, raw: Raw, item: Item) -> t.Iterator[str]:
        name = item.gpo["name"]
        recorded = raw.get("recorded") or {}
        absent = [_WORDS[part] for part in self.from_catalog if not recorded.get(part)]
        if absent and item.outcome in ("imported", "unchanged"):
            yield f"'{name}' stays as it is in this: the catalog has nothing of the backup's {' and '.join(absent)}."
        permissions: Raw = raw.get("permissions") or {"outcome": None}
        if permissions["outcome"] == "empty":
            yield f"'{name}' keeps its permissions: of those in the catalog, nothing would be left."
        if permissions["outcome"] == "missing":
            yield (
                f"'{name}' keeps its permissions: those in the catalog are for accounts that are not known here "
                f"({some(permissions['unknown'])}). Name in migration_entries who takes their place."
            )

    def _success(self, item: Item) -> str:
        # Backups that a script has written may not say of which GPO they are.
        name, source = item.gpo["name"], item.details["source"]["name"] or item.details["backup"]["id"]
        if item.outcome == "unchanged":
            return f"'{name}' has the settings of '{source}' already."
        verb = "would get" if self.check_mode else "has got"
        return f"'{name}' {verb} the settings of '{source}'."
