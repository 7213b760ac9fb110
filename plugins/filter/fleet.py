# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the role gpo_vault. Their documentation: fleet_fault.yml and the others beside it."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _fleet
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._fleet_drift import drift_message
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._fleet_earlier import completed

Result = t.Mapping[str, t.Any]


def fleet_fault(result: Result) -> str:
    """Return why a step must not count as done although its module did not fail, or an empty text."""
    return _fleet.fault_of(result)


def fleet_drift(result: Result) -> str:
    """Return which GPOs differ from what is approved, or an empty text."""
    try:
        return drift_message(result)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"fleet_drift takes the registered result of gpo_diff: {error!r}") from error


def fleet_refusal(given: t.Mapping[str, t.Any]) -> str:
    """Return why the role's variables cannot work, or an empty text."""
    try:
        return _fleet.refusal_of(given)
    except (AttributeError, KeyError, TypeError) as error:
        raise AnsibleFilterError(f"fleet_refusal cannot read what it was given: {error!r}") from error


def fleet_record(steps: t.Mapping[str, Result | None], **given: t.Any) -> dict[str, t.Any]:
    """Return the record of a domain from the results of a cycle's steps."""
    try:
        return _fleet.record_of(steps, given)
    except (KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"fleet_record cannot read what it was given: {error!r}") from error


def fleet_summary(
    records: t.Sequence[Result | None],
    hosts: t.Sequence[str],
    *,
    earlier: t.Sequence[str] = (),
    now: float = 0,
    since: str = "",
) -> dict[str, t.Any]:
    """Return what is told of the domains of all hosts."""
    try:
        # Records of the play's hosts, as lists that a template may not have made yet.
        own, names = [dict(one) if one else None for one in records], list(hosts)
        if now:
            own = completed(own, names, earlier, float(now), since)
        return _fleet.fleet_of(own, names)
    except (KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"fleet_summary takes records, and as many hosts: {error!r}") from error


def fleet_csv(fleet: Result, rows: str = "domains") -> str:
    """Return comma-separated values of the domains, or of the failures."""
    if rows not in ("domains", "failures"):
        raise AnsibleFilterError(f"fleet_csv has rows for domains or failures, not for {rows}")
    return _fleet.csv_of(fleet, rows)


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {
            "fleet_csv": fleet_csv,
            "fleet_drift": fleet_drift,
            "fleet_fault": fleet_fault,
            "fleet_record": fleet_record,
            "fleet_refusal": fleet_refusal,
            "fleet_summary": fleet_summary,
        }
