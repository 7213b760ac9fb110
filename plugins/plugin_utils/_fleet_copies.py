# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the copies of a backup directory tell of the history of its GPOs: the entries of their catalog, with the records
of what changed beside them.

An entry never changes, so one that is known from an earlier run is not read again.
"""

from __future__ import annotations

import json
import os
import typing as t

from . import _archive
from ._catalog_entry import LARGEST_ENTRY, Entry, Record, Unusable
from ._change_record import recorded_changes
from ._fleet_gpos import backup_of
from ._vault import Vault

ENTRIES_AT_MOST = 20_000
"""Entries that a report reads for all domains, the newest of each GPO first. The next one reads others."""

RECORDED_AT_MOST = 50_000_000
"""Bytes of records of what changed that a report reads for all domains: some 100,000 changes."""

Found = dict[str, tuple[str, list[dict[str, t.Any]], int]]
"""By the ID of a GPO its name in the newest entry that was read, name and backup of each, and how many the copy has."""


class Copies:
    """Reads the catalogs of copies, so many entries in all."""

    def __init__(self, entries_at_most: int = ENTRIES_AT_MOST) -> None:
        self.left = entries_at_most
        self._bytes_left = RECORDED_AT_MOST

    def of(self, folder: str, domain: str, known: t.Mapping[str, t.Collection[str]], each: int) -> Found:
        """Return what a copy has of a domain's GPOs: of each the newest entries, but for those that are *known*."""
        found: Found = {}
        vault = Vault(folder)
        for gpo_id, numbers in _numbers(vault, domain).items():
            entries = []
            for sequence, backup_id in sorted(numbers, reverse=True)[:each]:
                if backup_id in known.get(gpo_id, ()) or self.left <= 0:
                    continue
                self.left -= 1
                entry = self._read(vault, domain, gpo_id, f"{sequence:010d}_{backup_id}.json")
                if entry is not None:
                    entries.append(entry)
            name = next((entry["name"] for entry in entries), None) or ""
            found[gpo_id] = (name, entries, len(numbers))
        return found

    def _read(self, vault: Vault, domain: str, gpo_id: str, name: str) -> dict[str, t.Any] | None:
        """Return an entry of a catalog, or None where it cannot be relied on, or claims to be of another GPO."""
        try:
            with _archive.open_regular(os.path.join(vault.catalog, domain, gpo_id, name)) as file:
                content = file.read(LARGEST_ENTRY + 1)
            record = Entry.read(content).record
            if (*record.gpo, record.file_name) != (domain, gpo_id, name):
                return None
            raw = json.loads(content)
            about = {key: raw.get(key) for key in ("purpose", "sequence", "reasons")}
            backup = backup_of(raw["backup"], {**about, **self._changes(vault, record)})
            return {"name": str(raw["gpo"].get("name") or ""), "backup": backup}
        except (OSError, Unusable, AttributeError, KeyError, TypeError, ValueError):
            # Whoever may write into a backup directory has written the entry: it costs its own backup, not the page.
            return None

    def _changes(self, vault: Vault, record: Record) -> dict[str, t.Any]:
        """Return what is recorded of what changed with a backup: nothing where it is not known."""
        content = vault.changes(record)
        self._bytes_left -= len(content or b"")
        if self._bytes_left <= 0:
            # An entry that is told counts as known, so the next report reads those that are left, with their records.
            self.left = 0
        try:
            raw = json.loads(content or b"{}")
            if (raw["gpo"]["id"], raw["backup"]["id"]) != (record.gpo_id, record.backup_id):
                return {}
            changes, count = recorded_changes(raw), raw.get("change_count")
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            return {}
        return {"changes": changes, "change_count": count if type(count) is int else None}


def _numbers(vault: Vault, domain: str) -> dict[str, list[tuple[int, str]]]:
    """Return the backups that a copy's catalog has of each GPO of a domain, by names alone."""
    numbers: dict[str, list[tuple[int, str]]] = {}
    try:
        for (found, gpo_id), backup_id, sequence in vault.numbers:
            if found == domain:
                numbers.setdefault(gpo_id, []).append((sequence, backup_id))
    except OSError:
        # A page without them is better than none. That they are missing the step that copies tells.
        return {}
    return numbers
