# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the page on a fleet. Their documentation: fleet_history.yml and the others beside it."""

from __future__ import annotations

import os
import typing as t

from ansible.errors import AnsibleFilterError
from ansible.utils.path import unfrackpath

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _fleet, _fleet_history, _fleet_page, _fleet_rows


def fleet_history(
    fleet: t.Mapping[str, t.Any], folder: str, now: float, copies: str = "", *, drill: bool = False
) -> str:
    """Return the history of a fleet, as it is after a run, or after one that did but *drill*, as text."""
    place = unfrackpath(folder)
    try:
        _fleet_history.check_page(os.path.join(place, "fleet.html"))
        history = _fleet_history.read(os.path.join(place, "history.json"))
        records = [dict(one) for one in fleet["domains"]]
        if drill:
            history = _fleet_history.after_drill(history, records, _fleet.utc(now))
        else:
            backups, copied = os.path.join(place, "backups"), unfrackpath(copies) if copies else ""
            history = _fleet_history.after_run(history, records, backups, copied, _fleet.utc(now))
    except (OSError, _fleet_history.NotOurs) as error:
        raise AnsibleFilterError(f"fleet_history: {error}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"fleet_history cannot read what it was given: {error!r}") from error
    return _fleet_history.dump(history)


def fleet_page(history: str, script: str = "", style: str = "") -> dict[str, t.Any]:
    """Return what a page shows of a history, and the policy by which it runs this script alone."""
    return {**_of(history, _fleet_page.page_of), "policy": _fleet_page.policy(script, style)}


def fleet_history_csv(history: str, rows: str = "gpos") -> str:
    """Return comma-separated values of the GPOs, of the settings that changed, or of the drills."""
    if rows not in ("gpos", "changes", "drills"):
        raise AnsibleFilterError(f"fleet_history_csv has rows for gpos, changes or drills, not for {rows}")
    return _of(history, lambda parsed: _fleet_rows.csv_of(parsed, rows))


_Made = t.TypeVar("_Made")


def _of(history: str, make: t.Callable[[dict[str, t.Any]], _Made]) -> _Made:
    try:
        return make(_fleet_history.parse(history))
    except _fleet_history.NotOurs as error:
        raise AnsibleFilterError(str(error)) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnsibleFilterError(f"The history of the fleet is damaged: {error!r}") from error


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"fleet_history": fleet_history, "fleet_history_csv": fleet_history_csv, "fleet_page": fleet_page}
