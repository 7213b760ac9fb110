# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which backups stay and which go.

Pure, and without a clock: what is newest the sequence tells, and times are only compared with those of other backups of
the same GPO. So no host with a wrong clock can prune what it should not.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

Backup = t.Mapping[str, t.Any]

REMOVABLE = ("damaged", "uncatalogued", "safety")
"""Kinds of backups that go only when the task names them."""


@dataclasses.dataclass(frozen=True)
class KeepRules:
    """What a task says of what stays."""

    last: int | None = None
    within: int | None = None
    daily: int | None = None
    weekly: int | None = None
    monthly: int | None = None
    safety_within: int | None = None
    remove: t.Collection[str] = ()

    def __bool__(self) -> bool:
        """Whether there is any for good backups."""
        return any((self.last, self.within, self.daily, self.weekly, self.monthly))


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What becomes of a backup. It stays for each of the *rules*, or without any it goes, for the *reason*."""

    backup: Backup
    rules: tuple[str, ...] = ()
    reason: str | None = None


def decide(backups: t.Iterable[Backup], rules: KeepRules, existing: t.Collection[str] | None) -> list[Verdict]:
    """Return the verdict on each backup. *existing* are the IDs of the domain's GPOs; without it all count as such."""
    by_gpo: dict[tuple[str, str], list[Backup]] = {}
    for backup in backups:
        gpo = backup["gpo"]
        by_gpo.setdefault(((gpo["domain"] or "").casefold(), gpo["id"] or ""), []).append(backup)
    verdicts: list[Verdict] = []
    for (_domain, gpo_id), group in by_gpo.items():
        if gpo_id:
            verdicts.extend(_of_gpo(group, rules, existing is None or gpo_id in existing))
        else:
            verdicts.extend(_verdict(backup, rules, ()) for backup in group if backup["asked"] or backup["interrupted"])
    return verdicts


def _of_gpo(group: list[Backup], rules: KeepRules, exists: bool) -> t.Iterator[Verdict]:
    group = sorted(group, key=_age, reverse=True)
    # The name that a GPO is selected by is the one in its newest backup that tells it.
    named = next((backup for backup in group if backup["gpo"]["name"] is not None), group[0])
    good = [backup for backup in group if backup["state"] == "ok" and backup["purpose"] == "backup"]
    kept = {**_kept(good, rules), **_kept_safety(group, rules)}
    newest = next(iter(good), None) or next((backup for backup in group if backup["state"] == "uncatalogued"), None)
    if newest is not None:
        kept.setdefault(newest["id"], []).insert(0, "newest_good")
    approved = next((backup for backup in good if backup.get("approved")), None)
    if approved is not None:
        kept.setdefault(approved["id"], []).append("newest_approved")
    for backup in group:
        if backup["interrupted"]:
            yield Verdict(backup, reason="interrupted")
        elif named["asked"]:
            yield _verdict(backup, rules, tuple(kept.get(backup["id"], ())) if exists else ("deleted_gpo",))


def _verdict(backup: Backup, rules: KeepRules, kept: tuple[str, ...]) -> Verdict:
    if backup["interrupted"]:
        return Verdict(backup, reason="interrupted")
    if kept:
        return Verdict(backup, kept)
    if backup["spared"]:
        return Verdict(backup, (backup["spared"],))
    if backup["state"] == "ok" and backup["purpose"] == "backup":
        return Verdict(backup, reason="no_rule_keeps_it")
    kind = "safety" if backup["purpose"] == "safety" else backup["state"]
    return Verdict(backup, reason=kind) if kind in rules.remove else Verdict(backup, ("not_asked_for",))


def _age(backup: Backup) -> tuple[int, str]:
    return backup["sequence"] or 0, backup["timestamp"] or ""


def _kept(good: list[Backup], rules: KeepRules) -> dict[str, list[str]]:
    """Return the rules that keep each of a GPO's good backups, which come newest first, by their IDs."""
    kept: dict[str, list[str]] = {}

    def keep(backup: Backup, rule: str) -> None:
        kept.setdefault(backup["id"], []).append(rule)

    timed = [(backup, time) for backup in good if (time := _time(backup)) is not None]
    for backup in good:
        if not rules:
            keep(backup, "no_rule_given")
        elif _time(backup) is None:
            keep(backup, "time_unknown")
    for backup in good[: rules.last or 0]:
        keep(backup, "keep_last")
    if rules.within and timed:
        since = max(time for _backup, time in timed) - datetime.timedelta(seconds=rules.within)
        for backup, time in timed:
            if time >= since:
                keep(backup, "keep_within")
    for rule, number, period in (
        ("keep_daily", rules.daily, _day), ("keep_weekly", rules.weekly, _week), ("keep_monthly", rules.monthly, _month)
    ):  # fmt: skip
        newest_of: dict[tuple[int, ...], Backup] = {}
        for backup, time in timed:
            newest_of.setdefault(period(time), backup)
        for when in sorted(newest_of, reverse=True)[: number or 0]:
            keep(newest_of[when], rule)
    return kept


def _kept_safety(group: list[Backup], rules: KeepRules) -> dict[str, list[str]]:
    """Return the rules that keep a GPO's safety copies, by their IDs."""
    if rules.safety_within is None:
        return {}
    # Only what the catalog vouches for: with the time of a forged backup they would all be old.
    times = {backup["id"]: _time(backup) for backup in group if backup["state"] == "ok"}
    newest = max((time for time in times.values() if time is not None), default=None)
    kept: dict[str, list[str]] = {}
    for backup in group:
        if backup["purpose"] == "safety":
            time = _time(backup)
            if time is None or newest is None:
                kept[backup["id"]] = ["time_unknown"]
            elif time >= newest - datetime.timedelta(seconds=rules.safety_within):
                kept[backup["id"]] = ["keep_safety_within"]
    return kept


def _time(backup: Backup) -> datetime.datetime | None:
    try:
        return datetime.datetime.strptime(backup["timestamp"], "%Y-%m-%dT%H:%M:%SZ")
    except (TypeError, ValueError):
        return None


def _day(time: datetime.datetime) -> tuple[int, ...]:
    return time.year, time.month, time.day


def _week(time: datetime.datetime) -> tuple[int, ...]:
    return tuple(time.isocalendar())[:2]


def _month(time: datetime.datetime) -> tuple[int, ...]:
    return time.year, time.month
