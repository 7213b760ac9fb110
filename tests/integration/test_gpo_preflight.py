# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_preflight: each verdict, and that the fix it names works."""

from __future__ import annotations

import typing as t

import pytest
from extent import in_long, in_whole
from harness import Lab, tree
from steps import step

_ALL_BUT_THE_CLOCK = {
    "connection", "language", "logon", "gpmc", "domain", "gpos", "path", "rights", "space", "path_length",
}  # fmt: skip


def _preflight(name: str, **given: t.Any) -> dict[str, t.Any]:
    return step(name, "gpo_preflight", **{"path": "D:\\GPO", **given})


def _check(result: t.Mapping[str, t.Any], name: str) -> dict[str, t.Any]:
    (found,) = (one for one in result["checks"] if one["check"] == name)
    return dict(found)


@in_whole
def test_verdicts_and_their_fixes(lab: Lab) -> None:
    hidden = [gpo["display_name"] for gpo in lab.gpos() if not gpo["visible"]]
    before = tree(lab.drive_d())
    long = "D:\\" + "x" * 200
    run = lab.tasks([
        _preflight("Missing"),
        _preflight("May be missing", create_path=True),
        _preflight("Long", path=long, create_path=True),
        _preflight("No share", path="\\\\nowhere\\gpo", domain_controller="dc9.corp.example"),
    ])  # fmt: skip
    assert run.code == 0, run.output
    (missing,) = run.of("Missing")
    assert missing["failed"] is True and _check(missing, "path")["detail"]["status"]["hresult"] == "0x80070003"
    assert "create_path: true" in _check(missing, "path")["fix"]
    assert missing["not_checked"] == ["rights", "space", "path_length"]

    (well,) = run.of("May be missing")
    assert not well.get("failed") and well["not_checked"] == [] and well["changed"] is False
    found = _check(well, "domain")["detail"]["found"]
    assert found == {"domain": "corp.example", "domain_controller": "dc1.corp.example"}
    assert {one["check"] for one in well["checks"] if one["verdict"] == "ok"} == _ALL_BUT_THE_CLOCK - {"gpos"}
    # The lab has no network in which a domain controller could be asked.
    assert _check(well, "clock")["verdict"] == "warning"
    gpos = _check(well, "gpos")
    assert gpos["verdict"] == "warning" and len(gpos["detail"]["found"]["inaccessible"]) == len(hidden) == 1

    (too_long,) = run.of("Long")
    judged = _check(too_long, "path_length")
    assert judged["verdict"] == "warning" and judged["detail"]["found"]["length"] > 259
    assert _check(well, "path_length")["detail"]["found"]["length"] == judged["detail"]["found"]["length"] - (203 - 6)

    (share,) = run.of("No share")
    assert {name: _check(share, name)["verdict"] for name in ("gpmc", "domain", "path")} == {
        "gpmc": "ok", "domain": "failed", "path": "failed",
    }  # fmt: skip
    assert "domain_controller" in _check(share, "domain")["fix"] and share["domain"] is not None

    # Nothing is changed, and no trace is left of what was tried.
    assert tree(lab.drive_d()) == before


@in_whole
def test_space_rights_and_clock(lab: Lab) -> None:
    """Each is failed, then a warning, then ok by what its fix says; and a backup does as the verdicts say."""
    (lab.drive_d() / "GPO/.gpvault").mkdir(parents=True)
    backup = {"gpos": "Kiosk", "create_path": False}
    run = lab.tasks([
        lab.command("Nearly full", "disk", "--free", "400", "--deny", "write", "D:\\GPO"),
        lab.command("Far apart", "domain", "--clock", "-400"),
        _preflight("Failed"),
        step("Backup, failed", **backup),
        lab.command("Rather full", "disk", "--free", "800", "--allow"),
        lab.command("May not delete", "disk", "--deny", "delete", "D:\\GPO"),
        lab.command("Apart", "domain", "--clock", "100"),
        _preflight("Warning"),
        _preflight("Said what is enough", min_free=300),
        lab.command("Freed", "disk", "--free", "1200", "--allow"),
        lab.command("Synchronized", "domain", "--clock", "0"),
        _preflight("Ok"),
        step("Backup, ok", **backup),
    ])  # fmt: skip
    provoked = ("rights", "space", "clock")
    for verdict in ("Failed", "Warning", "Ok"):
        (result,) = run.of(verdict)
        found = {name: _check(result, name)["verdict"] for name in provoked}
        assert found == dict.fromkeys(provoked, verdict.lower()), result["checks"]
        assert bool(result.get("failed")) is (verdict == "Failed")

    (failed,) = run.of("Failed")
    assert _check(failed, "rights")["detail"]["status"]["name"] == "E_ACCESSDENIED"
    assert "400 MiB are free" in _check(failed, "space")["message"] and "min_free" in _check(failed, "space")["fix"]
    assert "400 s behind" in _check(failed, "clock")["message"] and "w32tm /resync" in _check(failed, "clock")["fix"]
    (warned,) = run.of("Warning")
    assert "gpo_backup_prune will fail" in _check(warned, "rights")["message"]
    assert "right to modify" in _check(warned, "rights")["fix"] and "100 s ahead" in _check(warned, "clock")["message"]
    assert _check(run.of("Said what is enough")[0], "space")["verdict"] == "ok"

    (denied,) = run.of("Backup, failed")
    assert denied["failed"] is True and "E_ACCESSDENIED" in denied["msg"], denied["msg"]
    (made,) = run.of("Backup, ok")
    assert not made.get("failed") and made["summary"]["created"] == 1


@in_whole
def test_language_mode(lab: Lab) -> None:
    """Application control that confines PowerShell, and one that does not any more.

    It is PowerShell's own switch for trials (GetDebugLockdownPolicy), a variable of the machine that is read where no
    policy is in force; what PowerShell then refuses is what it refuses under WDAC.
    """
    variable = r"'HKLM:\System\CurrentControlSet\Control\Session Manager\Environment' -Name __PSLockdownPolicy"
    run = lab.tasks([
        {"name": "Confine", "ansible.builtin.raw": f"Set-ItemProperty {variable} -Value '4'"},
        _preflight("Failed", create_path=True),
        {"name": "Allow", "ansible.builtin.raw": f"Remove-ItemProperty {variable}"},
        _preflight("Ok", create_path=True),
    ])  # fmt: skip
    (failed,) = run.of("Failed")
    assert failed["failed"] is True and [one["check"] for one in failed["checks"]] == ["connection", "language"]
    assert [one["verdict"] for one in failed["checks"]] == ["ok", "failed"]
    assert "Constrained Language Mode" in failed["msg"] and "have the policy let Ansible's scripts" in failed["msg"]
    (well,) = run.of("Ok")
    assert _check(well, "language")["verdict"] == "ok" and not well.get("failed")


@in_long
def test_without_gpmc_the_directory_is_still_looked_at(lab: Lab) -> None:
    with lab.without_gpmc():
        (result,) = lab.tasks([_preflight("It", create_path=True)]).of("It")
    assert _check(result, "gpmc")["verdict"] == "failed" and "Install-WindowsFeature GPMC" in result["msg"]
    assert _check(result, "space")["verdict"] in ("ok", "warning", "failed")
    assert result["not_checked"] == ["domain", "gpos", "clock", "path_length"]
