# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tasks of a test's play, and what their results tell of each GPO."""

from __future__ import annotations

import typing as t

Result = t.Mapping[str, t.Any]
Item = dict[str, t.Any]

_KEYWORDS = {"async", "check_mode", "diff", "ignore_errors", "no_log", "poll", "register", "timeout"}

_DIRECTORY = {"path": "D:\\GPO"}
_USUAL_OPTIONS: dict[str, dict[str, t.Any]] = {
    "gpo_backup": {**_DIRECTORY, "create_path": True},
    **dict.fromkeys(
        [
            "gpo_backup_fetch", "gpo_backup_index", "gpo_backup_info", "gpo_backup_prune", "gpo_backup_push",
            "gpo_drill", "gpo_import", "gpo_restore",
        ],
        _DIRECTORY,
    ),
}
_LISTS = ("backups", "drills", "restores", "reports")
"""The keys of results under which there is an item for each GPO."""


def step(name: str, module: str = "gpo_backup", /, **given: t.Any) -> dict[str, t.Any]:
    """Return a task. What is not a keyword of Ansible's tasks is an option of the module, beside its usual ones.

    The play goes on when it fails, so that a test can look at the results of those that follow, too.
    """
    keywords = {key: given.pop(key) for key in _KEYWORDS & given.keys()}
    options = {**_USUAL_OPTIONS.get(module, {}), **given}
    return {"name": name, f"gpvault.gpmc.{module}": options, "ignore_errors": True, **keywords}


def items(result: Result) -> list[Item]:
    """Return what a task tells of each GPO."""
    (found,) = (result[key] for key in _LISTS if key in result)
    return list(found)


def item(result: Result, name: str) -> Item:
    """Return what a task tells of the GPO of this name."""
    (found,) = (one for one in items(result) if one["gpo"]["name"] == name)
    return found


def outcomes(result: Result, by: str = "id") -> dict[str, str]:
    """Return the outcome of each GPO by its ID or name."""
    return {one["gpo"][by]: one["outcome"] for one in items(result)}


def reasons(result: Result, outcome: str | None = "created") -> dict[str, list[str]]:
    """Return the reasons of the GPOs with this outcome, or with any, by ID."""
    return {one["gpo"]["id"]: one["reasons"] for one in items(result) if outcome in (None, one["outcome"])}
