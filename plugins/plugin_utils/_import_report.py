# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a gpo_import task reports."""

from __future__ import annotations

import dataclasses
import typing as t

from ._backup_diff import gpo_diff
from ._restore_report import parts_of, settle, shortcomings
from ._trip_report import Entry, Raw, TripReport, call_of, gpo_of, some, status_of


_WORDS = {"links": "links", "wmi_filter": "WMI filter", "permissions": "permissions"}


@dataclasses.dataclass
class ImportReport(TripReport):
    """The one GPO that gets the settings."""

    from_catalog: t.Sequence[str] = ()
    """What is asked for that only the catalog knows: links, wmi_filter, permissions."""

    def entry(self, raw: Raw) -> Entry:
        """Return the part of the result that is about the GPO."""
        return settle(
            raw,
            {
                "gpo": gpo_of(raw),
                "gpo_created": bool(raw.get("gpo_created")),
                "source": raw.get("source"),
                "outcome": raw["outcome"],
                "reasons": list(raw.get("reasons") or ()),
                "backup": raw.get("backup"),
                "safety_backup": raw.get("safety_backup"),
                **parts_of(raw),
                "permissions": _permissions(raw.get("permissions")),
                **call_of(raw),
            },
        )

    def note(self, raw: Raw, entry: Entry) -> None:
        """Warn of what could not be as it was, and keep the diff."""
        # A safety copy lies in the directory, whatever came after it.
        done = raw["outcome"] == "imported" or entry["gpo_created"] or bool(raw.get("safety_backup"))
        self.changed = self.changed or done
        self.warnings.extend(shortcomings(raw, entry))
        self.warnings.extend(self._left_out(raw, entry))
        if self.show_diff and raw.get("changes"):
            self.diffs.append(gpo_diff(entry["gpo"], raw["changes"], "now", f"backup {entry['backup']['id']}"))

    def result(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""
        entries = self.all_entries()
        nothing = self.entry({"gpo": {}, "outcome": "not_attempted"})
        entry = entries[0] if entries else {**nothing, "gpo": None}
        result = {**entry, **self.common(entries), "run_id": self.run_id, "path": self.path}
        # Of the one call there is, and null when it was not reached.
        result["overall_status"] = entry["overall_status"]
        result["msg"] = result["msg"] or self._success(entry)
        return result

    def _left_out(self, raw: Raw, entry: Entry) -> t.Iterator[str]:
        name = entry["gpo"]["name"]
        recorded = raw.get("recorded") or {}
        absent = [_WORDS[part] for part in self.from_catalog if not recorded.get(part)]
        if absent and entry["outcome"] in ("imported", "unchanged"):
            yield f"{name!r} stays as it is in this: the catalog has nothing of the backup's {' and '.join(absent)}."
        outcome = entry["permissions"]["outcome"] if entry["permissions"] else None
        if outcome == "empty":
            yield f"{name!r} keeps its permissions: of those in the catalog, nothing would be left."
        if outcome == "missing":
            yield (
                f"{name!r} keeps its permissions: those in the catalog are for accounts that do not exist here "
                f"({some(entry['permissions']['unknown'])}). Name in migration_entries who takes their place."
            )

    def _success(self, entry: Entry) -> str:
        gpo, source = entry["gpo"], entry["source"]
        if entry["outcome"] == "unchanged":
            return f"{gpo['name']!r} has the settings of {source['name']!r} already."
        verb = "would get" if self.check_mode else "has got"
        return f"{gpo['name']!r} {verb} the settings of {source['name']!r}."


def _permissions(raw: Raw | None) -> dict[str, t.Any] | None:
    if raw is None:
        return None
    return {"outcome": raw["outcome"], "unknown": list(raw["unknown"]), "status": status_of(raw.get("status"))}
