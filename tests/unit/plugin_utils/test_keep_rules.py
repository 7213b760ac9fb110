# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which backups stay and which go: single cases, and random ones against an oracle."""

from __future__ import annotations

import datetime
import os
import random
import typing as t

import pytest
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._keep_rules import REMOVABLE, KeepRules, decide

_GPO = {"id": "{31B2F340-016D-11D2-945F-00C04FB984F9}", "name": "Kiosk", "domain": "corp.example"}
_FIRST = datetime.datetime(2026, 1, 30, 22, 0)
_ROUNDS = 20000 if os.environ.get("GPVAULT_LONG") else 500


def _backup(number: int, **given: t.Any) -> dict[str, t.Any]:
    """Return a good backup, one a day."""
    time = _FIRST + datetime.timedelta(days=number)
    return {
        "id": f"{{{number:08d}}}", "gpo": _GPO, "state": "ok", "purpose": "backup", "sequence": number,
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ"), "asked": True, "spared": None, "interrupted": False,
        **given,
    }  # fmt: skip


def _stays(backups: list[dict[str, t.Any]], existing: set[str] | None = None, **rules: t.Any) -> dict[int, list[str]]:
    """Return the numbers of the backups that stay, with the rules, newest first."""
    verdicts = decide(backups, KeepRules(**rules), existing)
    return {int(verdict.backup["id"][1:-1]): list(verdict.rules) for verdict in verdicts if verdict.rules}


def _goes(backups: list[dict[str, t.Any]], existing: set[str] | None = None, **rules: t.Any) -> dict[int, str]:
    verdicts = decide(backups, KeepRules(**rules), existing)
    return {int(verdict.backup["id"][1:-1]): str(verdict.reason) for verdict in verdicts if not verdict.rules}


def test_keep_last() -> None:
    backups = [_backup(number) for number in range(1, 6)]
    assert _stays(backups, last=2) == {5: ["newest_good", "keep_last"], 4: ["keep_last"]}
    assert _goes(backups, last=2) == dict.fromkeys((3, 2, 1), "no_rule_keeps_it")


def test_the_newest_approved_one_stays() -> None:
    backups = [_backup(number, approved=number in (1, 2)) for number in range(1, 5)]
    assert _stays(backups, last=1) == {4: ["newest_good", "keep_last"], 2: ["newest_approved"]}
    # A damaged one is approved in vain: the one before it stays.
    backups[1]["state"] = "damaged"
    assert _stays(backups, last=1, remove=["damaged"]) == {4: ["newest_good", "keep_last"], 1: ["newest_approved"]}


def test_keep_within_counts_back_from_the_newest_good_backup() -> None:
    backups = [_backup(number) for number in range(1, 6)]
    assert set(_stays(backups, within=2 * 86400)) == {5, 4, 3}
    assert set(_stays(backups, within=2 * 86400 - 1)) == {5, 4}


def test_days_weeks_and_months_keep_the_newest_of_each() -> None:
    twice = [_backup(number) for number in range(1, 41)]
    noon = [_backup(100 + number, timestamp=_backup(number)["timestamp"].replace("T22", "T23")) for number in range(41)]
    backups = twice + noon
    assert set(_stays(backups, daily=3)) == {140, 139, 138}
    weekly = _stays(backups, weekly=3)
    assert len(weekly) == 3 and all(rules[-1] == "keep_weekly" for rules in weekly.values())
    # 31 January, 28 February, and the newest one.
    assert set(_stays(backups, monthly=3)) == {101, 129, 140}


def test_iso_weeks_across_the_year() -> None:
    days = {1: "2026-12-28", 2: "2026-12-31", 3: "2027-01-03", 4: "2027-01-04"}
    backups = [_backup(number, timestamp=f"{day}T00:00:00Z") for number, day in days.items()]
    assert set(_stays(backups, weekly=5)) == {3, 4}


def test_the_newest_good_one_stays_when_newer_ones_are_damaged() -> None:
    backups = [_backup(1), _backup(2), _backup(3, state="damaged"), _backup(4, state="damaged")]
    assert _stays(backups, last=1)[2] == ["newest_good", "keep_last"]
    assert _goes(backups, last=1) == {1: "no_rule_keeps_it"}
    assert _goes(backups, last=1, remove=["damaged"]) == {1: "no_rule_keeps_it", 3: "damaged", 4: "damaged"}


def test_the_only_good_one_stays_though_the_catalog_does_not_know_it() -> None:
    foreign = {"state": "uncatalogued", "purpose": None, "sequence": None}
    backups = [_backup(1, **foreign), _backup(2, **foreign)]
    assert _stays(backups, last=1, remove=["uncatalogued"]) == {2: ["newest_good"]}
    assert _stays(backups, last=1) == {2: ["newest_good"], 1: ["not_asked_for"]}
    assert _goes([*backups, _backup(0)], remove=["uncatalogued"]) == {1: "uncatalogued", 2: "uncatalogued"}


def test_safety_copies_by_age() -> None:
    backups = [_backup(2), *(_backup(number, purpose="safety") for number in (1, 3, 10))]
    rules = {"last": 1, "remove": ["safety"], "safety_within": 7 * 86400}
    assert _goes(backups, **rules) == {1: "safety"}
    assert _stays(backups, **rules) == {
        10: ["keep_safety_within"], 3: ["keep_safety_within"], 2: ["newest_good", "keep_last"],
    }  # fmt: skip
    # What nobody vouches for cannot make them old; damaged copies count by their own time.
    forged = [_backup(99, state="uncatalogued", purpose=None), _backup(98, state="damaged")]
    assert set(_goes([*backups, *forged], **rules)) == {1}
    torn = [_backup(11, purpose="safety", state="damaged"), _backup(0, purpose="safety", state="damaged")]
    assert set(_goes([*backups, *torn], **rules)) == {0, 1}
    assert _stays([_backup(1, purpose="safety", timestamp=None), _backup(2)], **rules)[1] == ["time_unknown"]
    # Deleted ones count apart, and a prune that was interrupted is completed.
    assert _goes([*backups[1:], _backup(4)], set(), **rules) == {}
    assert _goes([_backup(3, purpose="safety", interrupted=True), _backup(4)], **rules) == {3: "interrupted"}


def test_safety_copies_are_apart() -> None:
    backups = [_backup(1), _backup(2), _backup(3, purpose="safety")]
    assert _stays(backups, last=1) == {3: ["not_asked_for"], 2: ["newest_good", "keep_last"]}
    assert _goes(backups, last=1, remove=["safety"]) == {3: "safety", 1: "no_rule_keeps_it"}
    damaged = _backup(4, purpose="safety", state="damaged")
    assert 4 in _stays([*backups, damaged], remove=["damaged"])


def test_without_a_rule_every_good_one_stays() -> None:
    assert _stays([_backup(1), _backup(2)], remove=["damaged"])[1] == ["no_rule_given"]


def test_a_deleted_gpo_keeps_what_it_has() -> None:
    backups = [_backup(1), _backup(2), _backup(3, state="damaged")]
    stays = _stays(backups, existing=set(), last=1, remove=REMOVABLE)
    assert stays == dict.fromkeys((1, 2, 3), ["deleted_gpo"])
    assert _goes(backups, existing={_GPO["id"]}, last=1) == {1: "no_rule_keeps_it"}


def test_gpos_with_one_id_in_two_domains_are_two() -> None:
    other = {**_GPO, "domain": "corp2.example"}
    assert _goes([_backup(1), _backup(2, gpo=other)], last=1) == {}


def test_a_gpo_is_asked_for_by_the_name_in_its_newest_backup() -> None:
    backups = [_backup(1, asked=True), _backup(2, asked=True), _backup(3, asked=False)]
    assert decide(backups, KeepRules(last=1), None) == []
    assert set(_goes([_backup(1, asked=False), _backup(2)], last=1)) == {1}


def test_an_interrupted_deletion_is_completed_whatever_the_rules_say() -> None:
    unknown = {"id": None, "name": None, "domain": None}
    backups = [
        _backup(1, interrupted=True, state="damaged", asked=False),
        _backup(2, interrupted=True, state="damaged", asked=False, gpo=unknown),
        _backup(3, asked=False),
    ]
    assert _goes(backups, existing=set(), last=9) == {1: "interrupted", 2: "interrupted"}


def test_what_nobody_can_tell_anything_of() -> None:
    unknown = {"id": None, "name": None, "domain": None}
    lost = _backup(1, gpo=unknown, state="damaged", purpose=None, sequence=None, timestamp=None)
    assert _stays([lost], last=1) == {1: ["not_asked_for"]}
    assert _goes([lost], remove=["damaged"]) == {1: "damaged"}
    for spared in ("entry_unusable", "foreign", "young", "unreadable"):
        for state in ("damaged", "uncatalogued", "foreign"):
            backups = [_backup(1, spared=spared, state=state, purpose=None, sequence=None), _backup(2)]
            assert _stays(backups, remove=REMOVABLE)[1] == [spared]
    assert _stays([_backup(1, timestamp=None), _backup(2)], last=1)[1] == ["time_unknown"]


def _oracle(backups: list[dict[str, t.Any]], rules: KeepRules) -> set[str]:
    """Return the IDs of a GPO's backups that stay, by going through the definition, backup by backup."""
    good = [one for one in backups if one["state"] == "ok" and one["purpose"] == "backup"]

    def newer(one: dict[str, t.Any], among: t.Iterable[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
        return [other for other in among if other["sequence"] > one["sequence"]]

    def when(one: dict[str, t.Any]) -> datetime.datetime:
        return datetime.datetime.fromisoformat(one["timestamp"].removesuffix("Z"))

    def monday(time: datetime.datetime) -> str:
        return str(time.date() - datetime.timedelta(days=time.weekday()))

    periods = {"daily": lambda time: f"{time:%Y-%m-%d}", "weekly": monday, "monthly": lambda time: f"{time:%Y-%m}"}
    stays = set()
    for one in backups:
        if one not in good:
            kind = "safety" if one["purpose"] == "safety" else one["state"]
            loose = not good and one["state"] == "uncatalogued" and not [
                other for other in backups if other["state"] == "uncatalogued" and other["timestamp"] > one["timestamp"]
            ]
            if loose or kind not in rules.remove:
                stays.add(one["id"])
            continue
        keeps = not newer(one, good) or not rules or len(newer(one, good)) < (rules.last or 0)
        if rules.within and (max(map(when, good)) - when(one)).total_seconds() <= rules.within:
            keeps = True
        for name, period in periods.items():
            peers = [other for other in good if period(when(other)) == period(when(one))]
            later = {period(when(other)) for other in good if period(when(other)) > period(when(one))}
            if not newer(one, peers) and len(later) < (getattr(rules, name) or 0):
                keeps = True
        if keeps:
            stays.add(one["id"])
    return stays


@pytest.mark.parametrize("seed", [1, 2])
def test_random_cases_against_the_oracle(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(_ROUNDS):
        number = chance.randint(1, 14)
        span = chance.choice([2, 10, 60, 400])
        backups = []
        for sequence in range(1, number + 1):
            # Clocks may go wrong, so times do not always follow the sequence; no two are the same.
            time = _FIRST + datetime.timedelta(hours=chance.randint(0, span * 24), seconds=sequence)
            kind = chance.choice([{}] * 4 + [{"state": "damaged"}, {"purpose": "safety"}, {"state": "uncatalogued"}])
            if kind.get("state") == "uncatalogued":
                kind = {**kind, "purpose": None, "sequence": None}
            backups.append(_backup(sequence, timestamp=time.strftime("%Y-%m-%dT%H:%M:%SZ"), **kind))
        rules = KeepRules(
            *(chance.choice([None, None, chance.randint(1, most)]) for most in (6, 40 * 86400, 8, 5, 4)),
            remove=[kind for kind in REMOVABLE if chance.random() < 0.4],
        )
        chance.shuffle(backups)
        stays = {verdict.backup["id"] for verdict in decide(backups, rules, None) if verdict.rules}
        assert stays == _oracle(backups, rules), (backups, rules)
        good = [one for one in backups if one["state"] == "ok" and one["purpose"] == "backup"]
        assert not good or max(good, key=lambda one: one["sequence"])["id"] in stays
