# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a gpo_backup task reports."""

from __future__ import annotations

import dataclasses
import typing as t

from ._backup_diff import damage, gpo_diff
from ._hresult import sentence
from ._trip_report import BAD_OUTCOMES, Entry, Raw, TripReport, call_of, gpo_of, gpos, own_message, some

OUTCOMES = ("created", "unchanged", "failed", "cancelled", "not_attempted")

_CANCELLED = 0x800704C7


@dataclasses.dataclass
class BackupReport(TripReport):
    """One entry for each GPO that is selected."""

    detail: str = "all"

    def entry(self, raw: Raw) -> Entry:
        """Return one entry of C(backups)."""
        entry = {
            "gpo": gpo_of(raw),
            "outcome": raw["outcome"],
            "reasons": list(raw.get("reasons") or ()),
            "backup": raw.get("backup"),
            **call_of(raw),
        }
        if raw.get("catalog_status"):
            entry["status_messages"].append(_not_recorded(raw))
        elif raw["outcome"] == "cancelled":
            entry["status_messages"].append(_cancelled(raw))
        return entry

    def note(self, raw: Raw, entry: Entry) -> None:
        """Warn of a damaged backup, and keep the diff."""
        # One that could not be recorded lies in the directory all the same.
        self.changed = self.changed or entry["outcome"] == "created" or bool(raw.get("catalog_status"))
        changes = raw.get("changes", ())
        for change in changes:
            if change["reason"] == "backup_damaged":
                self.warnings.append(
                    f"The newest backup {change['before']} of {entry['gpo']['name']!r} is damaged: "
                    f"{some(damage(change))}."
                )
        if self.show_diff and changes:
            self.diffs.append(gpo_diff(entry["gpo"], changes))

    def result(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""
        entries = self.all_entries()
        count = self.count(entries, OUTCOMES)
        result = {
            **self.common(entries),
            "run_id": self.run_id,
            "path": self.path,
            "summary": {"selected": self.selected, **count, "inaccessible": len(self.inaccessible)},
            "inaccessible": self.inaccessible,
            "backups": self._shown(entries),
        }
        result["msg"] = result["msg"] or self._success(count)
        return result

    def _shown(self, entries: list[Entry]) -> list[Entry]:
        if self.detail == "all":
            return entries
        if self.detail == "changed":
            return [entry for entry in entries if entry["outcome"] != "unchanged"]
        return [entry for entry in entries if entry["outcome"] in BAD_OUTCOMES]

    def _success(self, count: t.Mapping[str, int]) -> str:
        if not self.selected:
            return "No GPO was selected."
        verb = "would be backed up" if self.check_mode else "backed up"
        return f"{count['created']} of {gpos(self.selected)} {verb}, {count['unchanged']} unchanged."


def _not_recorded(raw: Raw) -> dict[str, t.Any]:
    status = raw["catalog_status"]
    why = sentence(**status, stage="catalog")
    message = f"The backup was made, but it could not be recorded in the catalog, so it counts for nothing: {why}"
    return own_message(raw["backup"]["path"], "catalog", message, status["hresult"], status["message"])


def _cancelled(raw: Raw) -> dict[str, t.Any]:
    message = "It took longer than gpo_timeout and was cancelled."
    if raw.get("lost"):
        message = "It took longer than gpo_timeout. GPMC did not obey the cancel and was given up."
    return own_message(raw["gpo"]["id"], "gpo_timeout", message, _CANCELLED)
