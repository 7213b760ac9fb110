# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be copied, out of what is on both sides."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import typing as t

from ._catalog_entry import Damaged, Entry, Numbers, Record, Unusable, apart
from ._vault import Vault
from ._words import counted, some

Raw = t.Mapping[str, t.Any]
Gpo = tuple[str, str]

_PRUNE = "gpo_backup_prune takes it away with remove: damaged"

TO_DO = frozenset(("copied", "repaired"))
"""The outcomes for which something has to travel."""


@dataclasses.dataclass
class Planned:
    """A backup that is to be copied, or need not, or cannot be."""

    backup: dict[str, t.Any]
    """As results show it, with its GPO."""

    record: Record | None
    """What its entry is known by; None where the host's word for it cannot be used."""

    outcome: str = "copied"
    why: str = ""
    fix: str = ""

    def fail(self, error: Unusable) -> None:
        """Note why it cannot be copied."""
        self.outcome, self.why, self.fix = "failed", str(error), error.fix


@dataclasses.dataclass
class Plan:
    """What becomes of each backup."""

    backups: list[Planned] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)

    def keep_histories_apart(self, numbers: Numbers, history_of: t.Callable[[Gpo], str | None]) -> None:
        """Refuse all backups of a GPO whose history where they are to go is another one, by its name or by a number."""
        refused: dict[Gpo, Unusable] = {}
        histories: dict[Gpo, str | None] = {}
        for planned in self.backups:
            record = planned.record
            if record is None:
                continue
            try:
                numbers.check(record)
            except Unusable as error:
                refused.setdefault(record.gpo, error)
            # With nothing to copy, nothing is read.
            if planned.outcome == "copied" and record.history:
                if record.gpo not in histories:
                    histories[record.gpo] = history_of(record.gpo)
                known = histories[record.gpo]
                if known and known != record.history:
                    seen = "The catalogs on both sides do not go back to the same backups"
                    refused.setdefault(record.gpo, apart(seen))
        for planned in self.backups:
            if planned.record and planned.outcome == "copied" and planned.record.gpo in refused:
                planned.fail(refused[planned.record.gpo])


def plan_fetch(listed: t.Iterable[Raw], vault: Vault, full: bool) -> Plan:
    """Return what is to be fetched of the backups that a host has."""
    plan = Plan()
    left_out: list[str] = []
    damaged: list[str] = []
    for raw in listed:
        if not raw.get("record"):
            if raw["state"] != "foreign":
                left_out.append(f"{raw['id']} ({raw['state']})")
            continue
        planned = Planned(_shown(raw, vault.folder(raw["id"])), None)
        plan.backups.append(planned)
        try:
            planned.record = Record.read(raw["id"], raw["record"])
            if vault.has(planned.record, full):
                planned.outcome = "unchanged"
            else:
                _assert_whole(raw)
        except Damaged as error:
            damaged.append(f"{raw['id']} ({error})")
            _plan_repair(planned, raw, error)
        except Unusable as error:
            planned.fail(error)
    if left_out:
        plan.warnings.append(f"{_without_entry(len(left_out))}: {some(left_out)}.")
    if damaged:
        plan.warnings.append(f"Damaged on the controller: {some(damaged)}.")
    plan.keep_histories_apart(vault.numbers, vault.history)
    return plan


def _plan_repair(planned: Planned, raw: Raw, damage: Damaged) -> None:
    try:
        _assert_whole(raw)
        planned.outcome = "repaired"
    except Unusable as error:
        planned.fail(Unusable(f"The copy is damaged: {damage} {error}", error.fix))


def _assert_whole(raw: Raw) -> None:
    if raw["state"] != "ok":
        raise Unusable(f"It is damaged on the host: {' '.join(raw['problems'])}", f"{_PRUNE}.")


def plan_push(listed: t.Sequence[Raw], vault: Vault, domain: str, most_recent: bool, path: str) -> Plan:
    """Return what is to be pushed of a backup directory on the controller to a host that has these in *path*."""
    there = {raw["id"]: raw for raw in listed}
    numbers = Numbers()
    histories: dict[Gpo, str | None] = {}
    for raw in listed:
        # One that the host tells nonsense of is none of the backups here; if it is, _is_there says so.
        with contextlib.suppress(Unusable):
            if raw.get("record"):
                record = Record.read(raw["id"], raw["record"])
                numbers.add(record.gpo, record.backup_id, record.sequence)
                histories[record.gpo] = record.history or histories.get(record.gpo)
    plan = Plan()
    for entry in _selected(vault, domain, most_recent):
        planned = Planned(_shown_entry(entry, path), entry.record)
        plan.backups.append(planned)
        try:
            if _is_there(entry.record, there.get(entry.record.backup_id)):
                planned.outcome = "unchanged"
            else:
                _assert_whole_copy(vault, entry)
        except Unusable as error:
            planned.fail(error)
    plan.warnings.extend(vault.problems)
    if unknown := vault.uncatalogued():
        plan.warnings.append(f"{_without_entry(unknown)}.")
    plan.keep_histories_apart(numbers, histories.get)
    return plan


def _assert_whole_copy(vault: Vault, entry: Entry) -> None:
    try:
        vault.check(entry, full=True)
    except Unusable as error:
        fix = "gpo_backup_fetch with verify: full repairs the copy, from a host that has the backup."
        raise Unusable(str(error), error.fix or fix) from None


def _selected(vault: Vault, domain: str, most_recent: bool) -> t.Iterator[Entry]:
    claims = collections.Counter(backup_id for _gpo, backup_id, _sequence in vault.numbers)
    entries = (
        one for one in vault.entries()
        if (not domain or one.record.domain == domain.lower())
        # Of several that claim a backup it says itself whose it is.
        and not (claims[one.record.backup_id] > 1 and vault.disclaims(one))
    )  # fmt: skip
    if not most_recent:
        return entries
    newest: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        known = newest.get(entry.record.gpo)
        # As everywhere, a safety copy is never the newest.
        if entry.purpose == "backup" and (known is None or known.record.sequence < entry.record.sequence):
            newest[entry.record.gpo] = entry
    return iter(newest.values())


def _is_there(record: Record, raw: Raw | None) -> bool:
    """Return whether a host has a backup. Raises Unusable where it has something else in its place."""
    if raw is None or not raw.get("record"):
        # A folder without an entry may be what a run that was killed has left: the host looks.
        return False
    if Record.read(raw["id"], raw["record"]) != record:
        raise Unusable("On the host the catalog has another entry of it, which is left as it is.")
    if raw["state"] != "ok":
        raise Unusable(
            f"The copy on the host is damaged, and is left as it is: {' '.join(raw['problems'])}",
            f"{_PRUNE}. Then push again.",
        )
    return True


def _without_entry(number: int) -> str:
    return f"{counted(number, 'backup')} without a usable entry in the catalog cannot be copied"


def _shown(raw: Raw, path: str) -> dict[str, t.Any]:
    gpo = raw.get("gpo") or {}
    return {
        "id": raw["id"],
        "path": path,
        **{key: raw.get(key) for key in ("timestamp", "comment", "purpose", "sequence")},
        "gpo": {key: gpo.get(key) for key in ("id", "name", "domain")},
    }


def _shown_entry(entry: Entry, path: str) -> dict[str, t.Any]:
    record = entry.record
    return {
        "id": record.backup_id,
        "path": f"{path.rstrip(chr(92))}\\{record.backup_id}",
        "timestamp": entry.timestamp,
        "comment": entry.comment,
        "purpose": entry.purpose,
        "sequence": record.sequence,
        "gpo": {"id": record.gpo_id, "name": entry.gpo_name, "domain": record.domain},
    }
