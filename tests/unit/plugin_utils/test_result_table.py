# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters that show results as tables."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gpvault.gpmc.plugins.filter.backup_info_table import backup_info_table
from ansible_collections.gpvault.gpmc.plugins.filter.backup_table import backup_table
from ansible_collections.gpvault.gpmc.plugins.filter.gpo_table import gpo_table
from ansible_collections.gpvault.gpmc.plugins.filter.prune_table import prune_table
from ansible_collections.gpvault.gpmc.plugins.filter.restore_table import restore_table
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._backup_result import BackupResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._directory_result import BackupInfoResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._import_result import ImportResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._info_result import InfoResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._keep_rules import KeepRules
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._prune_result import PruneResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._restore_result import RestoreResult
from replies import CANCELLED, DENIED, GPO, OK, item, reply, trouble

_TABLES = {
    "gpo_backup": backup_table, "gpo_restore": restore_table, "gpo_backup_prune": prune_table,
    "gpo_backup_info": backup_info_table, "gpo_info": gpo_table,
}  # fmt: skip
_BACKUP = {"id": "{1}", "path": "D:\\GPO\\{1}", "timestamp": "2026-01-02T03:04:05Z", "comment": ""}


def _backed_up(*items: t.Mapping[str, t.Any], check_mode: bool = False) -> dict[str, t.Any]:
    result = BackupResult(check_mode=check_mode)
    result.add(reply(*items))
    return result.shown()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "-"),
        ({"call_status": OK}, "S_OK"),
        ({"call_status": DENIED}, "0x80070005 E_ACCESSDENIED"),
        ({"call_status": OK, "overall_status": DENIED}, "0x80070005 E_ACCESSDENIED"),
        ({"call_status": OK, "overall_status": OK, "trouble": trouble("record", DENIED)}, "0x80070005 E_ACCESSDENIED"),
        ({"call_status": OK, "trouble": trouble("given_up", CANCELLED)}, "0x800704C7 ERROR_CANCELLED"),
        ({"call_status": OK, "overall_status": OK, "trouble": trouble("no_result")}, "no_result"),
    ],
)
def test_the_status_is_what_failed(changes: dict[str, t.Any], status: str) -> None:
    lines = backup_table(_backed_up(item("failed", **changes)))
    assert lines[2].endswith(f"0.10     {status}") and lines[2].startswith("failed   Kiosk")


def test_in_check_mode_nothing_has_become_of_it() -> None:
    lines = backup_table(_backed_up(item("created"), item("unchanged"), check_mode=True))
    assert lines[2].startswith("would be created  Kiosk") and lines[3].startswith("unchanged         Kiosk")
    assert lines[-1] == "1 of 2 GPOs would be backed up, 1 unchanged."


def test_a_long_name_is_cut() -> None:
    for name, shown in (("x" * 255, "x" * 47 + "…"), ("策" * 99, "策" * 23 + "…"), ("x" * 48, "x" * 48)):
        line = backup_table(_backed_up(item("created", gpo={**GPO, "name": name})))[2]
        assert line.split()[1] == shown


def test_the_results_of_a_loop() -> None:
    one, two = _backed_up(item("created")), _backed_up(item("unchanged", gpo={**GPO, "name": "Other"}))
    undefined = {"failed": True, "msg": "'x' is undefined", "item": "three.example"}
    skipped = {"skipped": True, "skip_reason": "Conditional result was False", "item": "four.example"}
    looped = {"results": [{**one, "item": "one.example"}, {**two, "item": {"name": "two"}}, undefined, skipped]}
    lines = backup_table({**looped, "msg": "All items completed", "changed": True})
    assert [line.split()[:2] for line in lines[2:4]] == [["created", "Kiosk"], ["unchanged", "Other"]]
    assert lines[4:] == [
        "one.example: 1 of 1 GPO backed up, 0 unchanged.", "0 of 1 GPO backed up, 1 unchanged.",
        "three.example: 'x' is undefined",
    ]  # fmt: skip


def test_restores_and_imports() -> None:
    changes = {"reasons": ["files", "links"], "backup": _BACKUP, "safety_backup": {**_BACKUP, "id": "{2}"}}
    restored = RestoreResult()
    restored.add(reply(item("restored", changed=True, call_status=OK, overall_status=OK, **changes)))
    lines = restore_table(restored.shown())
    assert lines[2].split() == ["restored", "Kiosk", "files,", "links", _BACKUP["timestamp"], "{2}", "0.10", "S_OK"]
    imported = ImportResult(check_mode=True)
    imported.add(reply(item("imported", changed=True, source=GPO, recorded={}, gpo_created=True, **changes)))
    lines = restore_table(imported.shown())
    assert lines[2].startswith("would be imported  Kiosk") and lines[3].startswith("'Kiosk' would get the settings")
    refused = ImportResult(error="No.")
    assert restore_table(refused.shown())[2:] == ["No."]


def _listed(number: int, state: str = "ok") -> dict[str, t.Any]:
    return {
        "id": f"{{{number}}}", "gpo": GPO, "state": state, "purpose": "backup", "sequence": number, "asked": True,
        "timestamp": f"2026-01-0{number}T00:00:00Z", "spared": None, "interrupted": False,
        "in_manifest": True,
        "problems": ["The file x is missing."] if state == "damaged" else [],
    }  # fmt: skip


_END = {"after": "{9}", "done": 3, "more": False}


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_prune(check_mode: bool) -> None:
    result = PruneResult(rules=KeepRules(last=1), check_mode=check_mode)
    result.add(reply(_listed(1), _listed(2), cursor=_END))
    if not check_mode:
        sent = item("pruned", id="{1}", changed=True)
        del sent["gpo"]
        result.add(reply(sent, selected=None))
    gone, kept, total = prune_table(result.shown())[2:]
    done = "would be pruned" if check_mode else "pruned"
    assert gone.startswith(f"{done} ") and gone.split()[-5:] == [
        "Kiosk", "2026-01-01T00:00:00Z", "{1}", "no_rule_keeps_it", "-",
    ]  # fmt: skip
    assert kept.split() == ["kept", "Kiosk", "2026-01-02T00:00:00Z", "{2}", "newest_good,", "keep_last", "-"]
    assert total.startswith("1 of 2 backups ")


def test_a_listing() -> None:
    result = BackupInfoResult()
    result.add(reply(_listed(1, "damaged"), {**_listed(2), "gpo": None, "purpose": None}, cursor=_END))
    lines = backup_info_table(result.shown())
    assert lines[2].split() == ["ok", "-", "-", "2026-01-02T00:00:00Z", "-", "{2}", "-"]
    assert lines[3].startswith("damaged  Kiosk  corp.example  2026-01-01T00:00:00Z  backup   {1}     The file x is")


def test_gpos() -> None:
    result = InfoResult()
    result.add(reply(item("read"), item("failed", trouble=trouble("read", DENIED))))
    failed, read, *_ = gpo_table(result.shown())[2:]
    assert failed.split()[:3] == ["Kiosk", GPO["id"], "failed"] and read.split()[2] == "read"


@pytest.mark.parametrize("module", _TABLES)
def test_anything_else_is_refused(module: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"takes the registered result of {module}.*, or of a loop over it"):
        _TABLES[module]({"msg": ""})
    for odd in ("x", {"results": ["x"]}, {"results": [{"msg": ""}]}, None):
        with pytest.raises(AnsibleFilterError, match="takes the registered result"):
            _TABLES[module](t.cast(t.Any, odd))
