# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a gpo_restore task reports, and what an import has in common with it."""

from __future__ import annotations

import dataclasses
import typing as t

from ._backup_diff import gpo_diff
from ._hresult import sentence
from ._trip_report import Entry, Raw, TripReport, call_of, gpo_of, gpos, own_message, some, status_of

OUTCOMES = ("restored", "unchanged", "failed", "not_attempted")

TROUBLE = {
    "no_backup": "There is no good backup of it in the catalog",
    "damaged": "The backup is damaged. Restore another one, or this one as it is with force: true",
    "backup": "The backup could not be read",
    "compare": "What is there could not be compared with the backup",
    "safety": "No safety copy could be taken, so nothing was changed; backup_first: false goes without",
    "open": "GPMC cannot open the backup",
    "restore": "The GPO could not be restored",
    "links": "The settings are there, but not all that belongs to them",
    "table": "The migration table cannot be used, so nothing was changed",
    "create": "The GPO could not be made",
    "import": "The settings could not be imported",
    "remove": "The settings could not be imported, and the GPO that was made for them could not be deleted again",
    "note": "The settings were imported, but what came out could not be noted, so the next run imports them again",
}
"""What went wrong, by the step in hand."""


@dataclasses.dataclass
class RestoreReport(TripReport):
    """One entry for each GPO that is selected."""

    def entry(self, raw: Raw) -> Entry:
        """Return one entry of C(restores)."""
        return settle(
            raw,
            {
                "gpo": gpo_of(raw),
                "outcome": raw["outcome"],
                "reasons": list(raw.get("reasons") or ()),
                "backup": raw.get("backup"),
                "safety_backup": raw.get("safety_backup"),
                **parts_of(raw),
                **call_of(raw),
            },
        )

    def note(self, raw: Raw, entry: Entry) -> None:
        """Warn of what could not be as it was, and keep the diff."""
        # A safety copy lies in the directory, whatever came after it.
        self.changed = self.changed or raw["outcome"] == "restored" or bool(raw.get("safety_backup"))
        if raw.get("damaged"):
            ids = some(raw["damaged"])
            self.warnings.append(f"Newer backups of {entry['gpo']['name']!r} are damaged and were passed over: {ids}.")
        self.warnings.extend(shortcomings(raw, entry))
        if self.show_diff and raw.get("changes"):
            backup = f"backup {entry['backup']['id']}" if entry["backup"] else "backup"
            self.diffs.append(gpo_diff(entry["gpo"], raw["changes"], "now", backup))

    def result(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""
        entries = self.all_entries()
        count = self.count(entries, OUTCOMES)
        result = {
            **self.common(entries),
            "run_id": self.run_id,
            "path": self.path,
            "summary": {"selected": self.selected, **count},
            "restores": entries,
        }
        result["msg"] = result["msg"] or self._success(count)
        return result

    def _success(self, count: t.Mapping[str, int]) -> str:
        if not self.selected:
            return "No GPO was selected."
        verb = "would be restored" if self.check_mode else "restored"
        return f"{count['restored']} of {gpos(self.selected)} {verb}, {count['unchanged']} unchanged."


def parts_of(raw: Raw) -> dict[str, t.Any]:
    """Return what became of the links and of the WMI filter."""
    return {
        "links": [
            {**{key: link[key] for key in ("target", "type", "outcome")}, "status": status_of(link.get("status"))}
            for link in raw.get("links") or ()
        ],
        "wmi_filter": _filter(raw.get("wmi_filter")),
    }


def settle(raw: Raw, entry: Entry) -> Entry:
    """Return the entry with the collection's own messages; what is not entirely done has failed."""
    entry["status_messages"] += list(_own_messages(raw, entry))
    if _undone(entry):
        entry["outcome"] = "failed"
    return entry


def shortcomings(raw: Raw, entry: Entry) -> t.Iterator[str]:
    """Return warnings of what could not be as the backup has it."""
    name = entry["gpo"]["name"]
    if raw.get("problems") and not raw.get("trouble"):
        yield f"The backup for {name!r} is damaged and is used all the same: {some(raw['problems'])}"
    for link in entry["links"]:
        if link["outcome"] == "missing":
            yield f"The link of {name!r} to {link['target']} is not put back: there is no such {link['type']}."
    if entry["wmi_filter"] and entry["wmi_filter"]["outcome"] == "missing":
        wanted = entry["wmi_filter"]["name"] or entry["wmi_filter"]["id"]
        yield (
            f"The WMI filter {wanted!r} of {name!r} does not exist here, and GPMC cannot create one. Make it by hand, "
            "from the definition in the result if there is one, and run the task again."
        )


def _filter(raw: Raw | None) -> dict[str, t.Any] | None:
    if raw is None:
        return None
    kept = {key: raw[key] for key in ("outcome", "id", "name", "definition", "linked")}
    return {**kept, "status": status_of(raw.get("status"))}


def _undone(entry: Entry) -> list[tuple[str, dict[str, t.Any]]]:
    """Return what could not be put back, each with its status."""
    parts = [(f"the link to {link['target']}", link) for link in entry["links"]]
    if entry["wmi_filter"]:
        parts.append(("the WMI filter", entry["wmi_filter"]))
    if entry.get("permissions"):
        parts.append(("the permissions", entry["permissions"]))
    return [(name, part["status"]) for name, part in parts if part["outcome"] == "failed"]


def _own_messages(raw: Raw, entry: Entry) -> t.Iterator[dict[str, t.Any]]:
    about = entry["gpo"]["id"]
    if raw.get("trouble"):
        step, trouble = raw["trouble"]["step"], raw["trouble"]["status"]
        why = f": {sentence(**trouble)}" if trouble else "."
        if step == "damaged":
            why = f": {some(raw['problems'])}"
        hresult = trouble["hresult"] if trouble else 0
        yield own_message(about, step, f"{TROUBLE[step]}{why}", hresult, trouble["message"] if trouble else "")
    for name, failed in _undone(entry):
        hresult = int(failed["hresult"], 16)
        message = f"The settings are there, but {name} could not be put back: {sentence(hresult, failed['message'])}"
        yield own_message(about, "links", message, hresult, failed["message"])
