# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a gpo_report task reports."""

from __future__ import annotations

import dataclasses
import typing as t

from ._hresult import sentence
from ._trip_report import Entry, Raw, TripReport, call_of, gpo_of, gpos, own_message

OUTCOMES = ("written", "unchanged", "failed", "not_attempted")

_FAILED = 0x80004005

_DIFF_LIMIT = 512 * 1024
"""Characters of all diffs together: AWX drops results beyond some 700 KB."""


@dataclasses.dataclass
class ReportReport(TripReport):
    """One entry for each report."""

    STAGE = "report"

    dest: str = ""
    _shown: int = 0

    def entry(self, raw: Raw) -> Entry:
        """Return one entry of C(reports)."""
        entry = {
            "gpo": gpo_of(raw),
            "backup": raw.get("backup"),
            "outcome": raw["outcome"],
            "dest": raw.get("dest"),
            "size": raw.get("size"),
            **call_of(raw),
        }
        if raw.get("dest_status"):
            status = raw["dest_status"]
            why = sentence(**status, stage="dest")
            entry["status_messages"].append(_not_written(raw, why, status["hresult"], status["message"]))
        elif raw.get("dest_error"):
            entry["status_messages"].append(_not_written(raw, raw["dest_error"], _FAILED, raw["dest_error"]))
        return entry

    def note(self, raw: Raw, entry: Entry) -> None:
        """Keep the diff."""
        if entry["outcome"] != "written":
            return
        self.changed = True
        if not self.show_diff:
            return
        before, after = raw.get("before"), raw.get("after")
        self._shown += len(before or "") + len(after or "")
        if after is None or self._shown > _DIFF_LIMIT:
            before, after = "", f"(a report of {entry['size']} bytes, too long to be shown or not XML)\n"
        self.diffs.append(
            {"before_header": entry["dest"], "after_header": entry["dest"], "before": before or "", "after": after}
        )

    def add(self, trip: Raw) -> None:
        """Fold one trip's reply in."""
        super().add(trip)
        if trip.get("single"):
            self.error = (
                f"The option 'dest' names a file, {self.dest!r}, but {gpos(self.selected)} are selected. "
                "Give a folder that exists, or one that ends in a separator."
            )

    def result(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""
        entries = self.all_entries()
        count = self.count(entries, OUTCOMES)
        result = {
            **self.common(entries),
            "summary": {"selected": self.selected, **count, "inaccessible": len(self.inaccessible)},
            "inaccessible": self.inaccessible,
            "reports": entries,
        }
        result["msg"] = result["msg"] or self._success(count)
        return result

    def _success(self, count: t.Mapping[str, int]) -> str:
        if not self.selected:
            return "No GPO was selected."
        verb = "would be written" if self.check_mode else "written"
        noun = "report" if self.selected == 1 else "reports"
        return f"{count['written']} of {self.selected} {noun} {verb}, {count['unchanged']} unchanged."


def _not_written(raw: Raw, why: str, hresult: int, said: str) -> dict[str, t.Any]:
    message = f"The report was made, but it could not be compared with dest or written there: {why}"
    return own_message(str(raw.get("dest") or ""), "dest", message, hresult, said)
