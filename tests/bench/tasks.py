# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tasks that are compared, as Ansible has them."""

from __future__ import annotations

import typing as t

Task = dict[str, t.Any]

NAME = "It"
"""The name of the task that is timed."""

# What an expert writes today: one call for all, each result checked, and said what was made.
_BARE_SCRIPT = """
param ($Domain, $Path)
$ErrorActionPreference = 'Stop'
$gpm = New-Object -ComObject GPMgmt.GPM
$gpmDomain = $gpm.GetDomain($Domain, '', $gpm.GetConstants().UsePDC)
foreach ($gpo in $gpmDomain.SearchGPOs($gpm.CreateSearchCriteria())) {
    $result = $gpo.Backup($Path, '')
    $null = $result.OverallStatus()
    @{ gpo = $gpo.ID; name = $gpo.DisplayName; backup = $result.Result.ID }
}
"""

# What most playbooks do: a task per GPO, in a loop.
_LOOP_SCRIPT = """
param ($Domain, $Path, $Id)
$ErrorActionPreference = 'Stop'
$gpm = New-Object -ComObject GPMgmt.GPM
$gpmDomain = $gpm.GetDomain($Domain, '', $gpm.GetConstants().UsePDC)
$gpo = $gpmDomain.GetGPO($Id)
$result = $gpo.Backup($Path, '')
$null = $result.OverallStatus()
@{ gpo = $gpo.ID; name = $gpo.DisplayName; backup = $result.Result.ID }
"""


def gpo_backup(path: str, **more: object) -> Task:
    """Return the collection's task: it backs up what is new, or finds that nothing changed."""
    return {"gpvault.gpmc.gpo_backup": {"path": path, "all": True, "domain": "{{ lab_domain }}", **more}}


def gpo_diff(path: str) -> Task:
    """Return the task that tells what has been edited since the newest backups."""
    return {"gpvault.gpmc.gpo_diff": {"path": path, "all": True, "domain": "{{ lab_domain }}"}}


def gpo_drill(path: str) -> Task:
    """Return the task that drills the recovery of every GPO, each from its newest backup."""
    return {"gpvault.gpmc.gpo_drill": {"path": path, "all": True, "domain": "{{ lab_domain }}"}}


def bare_script(path: str) -> Task:
    """Return one task that backs up everything with a script."""
    parameters = {"Domain": "{{ lab_domain }}", "Path": path}
    return {"ansible.windows.win_powershell": {"script": _BARE_SCRIPT, "parameters": parameters}}


def loop(path: str, ids: t.Sequence[str]) -> Task:
    """Return a task that runs a script for each GPO."""
    parameters = {"Domain": "{{ lab_domain }}", "Path": path, "Id": "{{ item }}"}
    return {
        "ansible.windows.win_powershell": {"script": _LOOP_SCRIPT, "parameters": parameters},
        "loop": list(ids),
    }


def connection() -> Task:
    """Return a task that connects and starts a process that does nothing."""
    return {"ansible.builtin.raw": "exit 0"}


def ping() -> Task:
    """Return a task whose module does nothing: Ansible's wrapper around it, and its basic C#."""
    return {"ansible.windows.win_ping": {}}


def empty_script() -> Task:
    """Return a task that runs a script that does nothing."""
    return {"ansible.windows.win_powershell": {"script": "1"}}
