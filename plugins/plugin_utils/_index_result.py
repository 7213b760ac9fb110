# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of gpo_backup_index."""

from __future__ import annotations

import dataclasses
import typing as t

from ._item import Raw
from ._task_result import TaskResult
from ._words import counted, some

_LISTS = ("added", "mended", "dropped")


@dataclasses.dataclass
class IndexResult(TaskResult):
    """What the index of a directory lacked, and has now."""

    NOUN = "backup"

    _index: Raw | None = None

    def trip_args(self) -> dict[str, t.Any]:
        """Return the arguments of the trip that are not the user's own."""
        return {"_run_id": self.run_id}

    @property
    def unfinished(self) -> bool:
        """Whether another trip is due: while another run has the directory."""
        return self.locked_by is not None and not self.error

    def add(self, trip: Raw) -> None:
        """Take the trip's reply."""
        super().add(trip)
        self._index = trip.get("index")
        if self._index:
            self.changed = self._index["changed"]
            left = [f"{one['id']} ({' '.join(one['why'].split())[:200]})" for one in self._index["left"]]
            if left:
                self.warnings.append(f"{counted(len(left), 'folder')} cannot be listed: {some(left)}.")
            if self.show_diff and self.changed:
                self.diffs.append(self._diff())

    def lose_trip(self, why: str, begun: bool, worked: bool = True) -> None:
        """Record that the trip ended without a reply. Whatever it did, the next run does the same."""
        self.error = why

    def shown(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""
        index = self._index or {}
        result = {
            **self.common(()),
            "path": self.path,
            "fault": index.get("fault"),
            "listed": index.get("listed"),
            **{name: self.limited(sorted(index.get(name) or ())) for name in _LISTS},
            "left": self.limited([one["id"] for one in index.get("left") or ()]),
        }
        del result["domain"], result["domain_controller"]
        result["msg"] = result["msg"] or self._success(index)
        return result

    def _success(self, index: Raw) -> str:
        number = counted(index["listed"], "backup")
        if not self.changed:
            return f"manifest.xml lists {number}, as it ought to."
        verb = "would be" if self.check_mode else "is"
        told = ", ".join(f"{len(index[name])} {name}" for name in _LISTS)
        return f"manifest.xml {verb} written anew with {number}: {told}."

    def _diff(self) -> dict[str, str]:
        index = self._index or {}
        before = sorted((*index["dropped"], *index["mended"]))
        after = sorted((*index["added"], *index["mended"]))
        return {
            "before_header": f"{self.path}\\manifest.xml (now)",
            "after_header": f"{self.path}\\manifest.xml (anew)",
            "before": "".join(f"{name}\n" for name in before),
            "after": "".join(f"{name}{' as its bkupInfo.xml has it' * (name in before)}\n" for name in after),
        }
