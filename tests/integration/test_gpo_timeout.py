# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_timeout: GPOs that take too long are cancelled, the others do not notice."""

from __future__ import annotations

import json

import pytest
from backups import assert_whole, catalog, gpo_ids
from extent import in_long, in_whole
from harness import ROOT, Lab, trips
from steps import item, outcomes, reasons, step

_LAPTOPS = "Laptops: BitLocker and VPN"
_DOMAIN = "Default Domain Policy"
_MODULE_UTILS = ROOT / "plugins/module_utils"
_GPOS = [_DOMAIN, "Kiosk", _LAPTOPS]


def test_a_slow_gpo_is_cancelled(lab: Lab) -> None:
    """It counts as not backed up: no entry, and the next run takes it as its first."""
    kiosk = gpo_ids(lab)["Kiosk"]
    lab("fault", "add", "slow", "--gpo", "Kiosk", "--delay", "600000")
    with lab.logged() as events:
        run = lab.tasks([step("It", gpos=_GPOS, gpo_timeout="2s")], "-vv")
    lab("fault", "clear")
    (result,) = run.of("It")
    assert result["failed"] is True and result["changed"] is True and trips(events) == 1
    assert result["summary"]["cancelled"] == 1 and result["summary"]["created"] == 2
    assert result["summary"]["failed"] == 0
    entry = item(result, "Kiosk")
    assert (entry["outcome"], entry["backup"], entry["reasons"]) == ("cancelled", None, ["first_backup"])
    assert entry["call_status"]["name"] == "S_OK"
    assert entry["overall_status"]["hresult"] == "0x800704C7" and entry["overall_status"] == result["overall_status"]
    assert entry["status_messages"] == []
    assert (entry["trouble"]["step"], entry["trouble"]["hresult"]) == ("gpo_timeout", "0x800704C7")
    why = "It took longer than gpo_timeout and was cancelled."
    assert result["msg"] == f"1 of 3 GPOs failed: 'Kiosk' {kiosk}: {why}"
    folder = lab.drive_d() / "GPO"
    entries = assert_whole(folder, uncatalogued=None)
    assert len(entries) == 2 and ("corp.example", kiosk) not in entries

    run = lab.tasks([step("Check", gpos=_GPOS, check_mode=True), step("It", gpos=_GPOS, gpo_timeout="60s")])
    for name in ("Check", "It"):
        assert reasons(run.of(name)[0]) == {kiosk: ["first_backup"]}, name
        assert sorted(outcomes(run.of(name)[0]).values()) == ["created", "unchanged", "unchanged"]
    assert [entry["sequence"] for entry in assert_whole(folder, None)["corp.example", kiosk]] == [1]


def test_a_gpo_that_ignores_the_cancel(lab: Lab) -> None:
    """Its process is given up after a grace time, and the rest go on in the next trip."""
    lab("fault", "add", "hang", "--gpo", "Kiosk")
    with lab.logged() as events:
        result = lab.task(gpos=_GPOS, gpo_timeout="1s")
    assert result["failed"] is True and trips(events) == 2
    assert outcomes(result, by="name") == {_DOMAIN: "created", "Kiosk": "cancelled", _LAPTOPS: "created"}
    entry = item(result, "Kiosk")
    assert entry["overall_status"] is None and entry["backup"] is None
    why = "It took longer than gpo_timeout. GPMC did not stop when it was cancelled, and the process was ended."
    assert (entry["trouble"]["step"], entry["trouble"]["message"]) == ("given_up", why) and why in result["msg"]
    assert len(assert_whole(lab.drive_d() / "GPO", uncatalogued=None)) == 2
    # The process that was given up is gone: nothing of it works on, and it holds no lock.
    started = [event["pid"] for event in events if event["event"] == "process_start"]
    assert started == [event["pid"] for event in events if event["event"] == "process_exit"]
    assert (lab.drive_d() / "GPO/.gpvault/lock").read_bytes() == b""


@in_whole
def test_the_asynchronous_call_tells_what_the_synchronous_one_does(lab: Lab) -> None:
    """Outcomes, statuses and messages are the same, of those that succeed and of those that do not."""
    lab("fault", "add", "messages", "--gpo", "Kiosk", "--message", "Left out \U0001f510")
    lab("fault", "add", "fail", "--gpo", _LAPTOPS, "--hresult", "0x80070020", "--message", "In use")
    lab("fault", "add", "refuse", "--gpo", "Browser settings", "--hresult", "0x80070005")
    gpos = [*_GPOS, "Browser settings", "Startup*"]
    run = lab.tasks(
        [step("sync", path="D:\\sync", gpos=gpos), step("async", path="D:\\async", gpos=gpos, gpo_timeout="10m")]
    )
    results = {name: run.of(name)[0] for name in ("sync", "async")}
    shown = {}
    for name, result in results.items():
        shown[name] = [
            {key: entry[key] for key in entry if key not in ("backup", "duration")} for entry in result["backups"]
        ]
        assert all((entry["backup"] is not None) is (entry["outcome"] == "created") for entry in result["backups"])
        assert len(assert_whole(lab.drive_d() / name, uncatalogued=None)) == 3
    assert shown["sync"] == shown["async"]
    assert results["sync"]["msg"] == results["async"]["msg"] and results["sync"]["summary"]["failed"] == 2
    assert item(results["async"], "Kiosk")["status_messages"][0]["message"] == "Left out \U0001f510"


@in_long
def test_a_gpo_that_ends_as_its_time_is_up(lab: Lab) -> None:
    """Whichever is faster, the result and the catalog agree: created and whole, or cancelled and absent."""
    delays = {_DOMAIN: "900", "Kiosk": "960", _LAPTOPS: "1000", "Browser settings": "1040"}
    for name, delay in delays.items():
        lab("fault", "add", "slow", "--gpo", name, "--delay", delay)
    result = lab.task(gpos=list(delays), gpo_timeout="1s")
    folder = lab.drive_d() / "GPO"
    assert_whole(folder, uncatalogued=None)
    entries = catalog(folder)
    for entry in result["backups"]:
        gpo = entry["gpo"]["id"]
        assert entry["outcome"] in ("created", "cancelled")
        made = [known["backup"]["id"] for known in entries.get(("corp.example", gpo), ())]
        assert made == ([entry["backup"]["id"]] if entry["outcome"] == "created" else [])
        assert entry["overall_status"]["succeeded"] is (entry["outcome"] == "created")
    lab("fault", "clear")
    assert not lab.task(create_path=False, gpos=list(delays), gpo_timeout="1m").get("failed")
    assert len(assert_whole(folder, uncatalogued=None)) == len(delays)


_FILES = ("_Error.psm1", "_Selection.psm1", "_Gpmc.psm1", "_GpmcBackup.psm1", "_BackupProgress.cs", "_ComObject.cs")

_ENDS = r"""
param ($Kiosk, $Laptops)
$ErrorActionPreference = 'Stop'
Add-Type -Path D:\_BackupProgress.cs, D:\_ComObject.cs
foreach ($name in '_Error', '_Selection', '_Gpmc', '_GpmcBackup') {
    $null = New-Module -Name $name -ScriptBlock ([ScriptBlock]::Create([IO.File]::ReadAllText("D:\$name.psm1")))
}
$gpm = New-Gpm
$answer = @{}
$behaviour = [IO.File]::ReadAllText('C:\lab\domain\domain.json')
foreach ($end in 'null', 'late', 'early') {
    [IO.File]::WriteAllText(
        'C:\lab\domain\domain.json', $behaviour.Replace('"async_end": "result"', "`"async_end`": `"$end`""))
    $domain = Connect-GpmDomain -Gpm $gpm -Domain corp.example -DomainController '' -Locator pdc
    $answer[$end] = @(foreach ($id in $Kiosk, $Laptops) {
            $gpo = (Open-GpmGpo -GpmDomain $domain.object -Id $id).gpo
            Backup-GpmGpo -Gpo $gpo -Path D:\GPO -Comment $end -Timeout 60
        })
}
[IO.File]::WriteAllText('C:\lab\domain\domain.json', $behaviour)
ConvertTo-Json -InputObject $answer -Depth 6 -Compress
"""


def test_every_end(lab: Lab) -> None:
    """A null pointer for no result, a result that comes behind the end, a failure before all steps are done."""
    for name in _FILES:
        (lab.drive_d() / name).write_bytes((_MODULE_UTILS / name).read_bytes())
    (lab.drive_d() / "GPO").mkdir()
    ids = gpo_ids(lab)
    lab("fault", "add", "fail", "--gpo", _LAPTOPS, "--hresult", "0x80070020", "--message", "In use")
    answer = json.loads(lab("run", "-c", "host1", _ENDS, ids["Kiosk"], ids[_LAPTOPS]))
    for end in ("null", "late", "early"):
        good, bad = answer[end]
        assert (good["ended"], good["overall_status"]["hresult"]) == ("done", 0), end
        assert (lab.drive_d() / "GPO" / good["backup"]["id"] / "Backup.xml").is_file()
        assert (bad["ended"], bad["backup"]) == ("done", None), end
        assert bad["overall_status"]["hresult"] & 0xFFFFFFFF == 0x80070020, end
        assert [message["message"] for message in bad["status_messages"]] == ["In use"], end


_DRIVER = r"""
param ($Model, $Ids)
$ErrorActionPreference = 'Stop'
$registered = [Diagnostics.Process]::Start('C:\windows\system32\regsvr32.exe', "/s $Model C:\lab\gpmgmt.dll")
$registered.WaitForExit()

Add-Type -Path D:\_BackupProgress.cs, D:\_ComObject.cs

$work = {
    param ($Ids)
    foreach ($name in '_Error', '_Selection', '_Gpmc', '_GpmcBackup') {
        $null = New-Module -Name $name -ScriptBlock ([ScriptBlock]::Create([IO.File]::ReadAllText("D:\$name.psm1")))
    }
    $domain = Connect-GpmDomain -Gpm (New-Gpm) -Domain corp.example -DomainController '' -Locator pdc
    [Threading.Thread]::CurrentThread.GetApartmentState().ToString()
    foreach ($timeout in 0, 60, 1) {
        foreach ($id in $Ids.Split(';')) {
            if ($timeout -eq 1 -or -not $id.EndsWith('slow')) {
                $gpo = (Open-GpmGpo -GpmDomain $domain.object -Id $id.Replace(' slow', '')).gpo
                Backup-GpmGpo -Gpo $gpo -Path D:\GPO -Comment "$timeout" -Timeout $timeout
            }
        }
    }
}
$answer = @{}
foreach ($apartment in 'STA', 'MTA') {
    $runspace = [RunspaceFactory]::CreateRunspace()
    $runspace.ApartmentState = $apartment
    $runspace.ThreadOptions = 'ReuseThread'
    $runspace.Open()
    $shell = [PowerShell]::Create()
    $shell.Runspace = $runspace
    $answer[$apartment] = @($shell.AddScript($work.ToString()).AddArgument($Ids).Invoke())
    if ($shell.HadErrors) { throw $shell.Streams.Error[0] }
    $runspace.Dispose()
}
ConvertTo-Json -InputObject $answer -Depth 6 -Compress
"""


@in_whole
@pytest.mark.parametrize("model", ["/i:Apartment", ""], ids=["Apartment", "Both"])
def test_every_apartment(lab: Lab, model: str) -> None:
    """Which threading model the genuine server has is not known, and hosts of PowerShell differ in theirs, too."""
    for name in _FILES:
        (lab.drive_d() / name).write_bytes((_MODULE_UTILS / name).read_bytes())
    (lab.drive_d() / "GPO").mkdir()
    ids = gpo_ids(lab)
    lab("fault", "add", "messages", "--gpo", "Kiosk", "--message", "Left out")
    lab("fault", "add", "fail", "--gpo", _LAPTOPS, "--hresult", "0x80070020", "--message", "In use")
    lab("fault", "add", "slow", "--gpo", _DOMAIN, "--delay", "600000")
    given = ";".join([ids["Kiosk"], ids[_LAPTOPS], f"{ids[_DOMAIN]} slow"])
    try:
        answer = json.loads(lab("run", "-c", "host1", _DRIVER, model, given))
    finally:
        if model:
            lab("run", "-c", "host1", r"[Diagnostics.Process]::Start('regsvr32', '/s C:\lab\gpmgmt.dll').WaitForExit()")
    assert set(answer) == {"STA", "MTA"}
    for apartment, (state, *made) in answer.items():
        assert state == apartment
        told = [
            (
                entry["ended"],
                entry["call_status"]["hresult"],
                entry["overall_status"]["hresult"] & 0xFFFFFFFF,
                [message["message"] for message in entry["status_messages"]],
                entry["backup"] is not None,
            )
            for entry in made
        ]
        quick = [("done", 0, 0, ["Left out"], True), ("done", 0, 0x80070020, ["In use"], False)]
        assert told == quick * 3 + [("cancelled", 0, 0x800704C7, [], False)], apartment
        folder = lab.drive_d() / "GPO"
        assert all((folder / entry["backup"]["id"] / "Backup.xml").is_file() for entry in made if entry["backup"])
