# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of gpo_report."""

from __future__ import annotations

import dataclasses
import typing as t

from ._item import Item, Raw
from ._task_result import TaskResult
from ._words import NOTHING_SELECTED, counted, gpos

_OUTCOMES = ("written", "unchanged", "failed", "not_attempted")

_DIFF_LIMIT = 512 * 1024
"""Characters of all diffs together: AWX drops results beyond some 700 KB."""


@dataclasses.dataclass
class ReportResult(TaskResult):
    """One item for each report."""

    STEP = "report"

    dest: str = ""
    _diff_length: int = 0

    def details(self, raw: Raw) -> dict[str, t.Any]:
        """Return what the report is of, and where it went."""
        return {key: raw.get(key) for key in ("backup", "dest", "size")}

    def note(self, raw: Raw, item: Item) -> None:
        """Keep the diff."""
        if item.outcome != "written" or not self.show_diff:
            return
        before, after = raw.get("before"), raw.get("after")
        self._diff_length += len(before or "") + len(after or "")
        if after is None or self._diff_length > _DIFF_LIMIT:
            before, after = "", f"(a report of {raw['size']} bytes, too long to be shown or not XML)\n"
        self.diffs.append(
            {"before_header": raw["dest"], "after_header": raw["dest"], "before": before or "", "after": after}
        )

    def add(self, trip: Raw) -> None:
        """Fold one trip's reply in."""
        super().add(trip)
        if trip.get("single"):
            self.error = (
                f"The option 'dest' names a file, '{self.dest}', but {gpos(self.selected)} are selected. "
                "Give a folder that exists, or one that ends in a separator."
            )

    def shown(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""
        items = self.all_items()
        count = self.count(items, _OUTCOMES)
        result = {
            **self.common(items),
            "summary": {"selected": self.selected, **count, "inaccessible": len(self.inaccessible)},
            "inaccessible": self.limited(self.inaccessible),
            "reports": [item.shown() for item in self.told(items)],
        }
        result["msg"] = result["msg"] or self._success(count)
        return result

    def _success(self, count: t.Mapping[str, int]) -> str:
        if not self.selected:
            return NOTHING_SELECTED
        verb = "would be written" if self.check_mode else "written"
        return f"{count['written']} of {counted(self.selected, 'report')} {verb}, {count['unchanged']} unchanged."
