# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in for GPMC: restore and import, new and deleted GPOs, setters, reports.

What it leaves on disk is read by the lab's own Python side, which takes no file with a key too many or too few.
"""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from gpmc_rig import (
    ADMINS, AUTHENTICATED_USERS, DEFAULT_DESCRIPTOR, DOMAIN_SID, EDIT, FILES, FILTER, FIRST, FULL, HIDDEN, PROGRESS,
    READ, REGISTRY_LIST, SECOND, SECURITY_LIST, STAFF, THIRD, Domain, Machine, ace, backup_folders, descriptor,
    full_gpo, needs_the_stand_in, populate,
)
from labkit.descriptor import SecurityDescriptor, default_gpo_descriptor
from labkit.domain import Domain as LabDomain
from labkit.domain_model import Gpo

pytestmark = needs_the_stand_in

BACK_UP = rf"""
$backup = (Get-Domain).GetGPO('{FIRST}').Backup('C:\backups', 'before').Result
"""
RESTORE = r"""
function Restore-Gpo($Backup, $Flags = 0) {
    $result = (Get-Domain).RestoreGPO($Backup, $Flags)
    [ordered]@{ overall = (Get-HResult { $result.OverallStatus() }); messages = @(Read-Messages $result)
                id = $result.Result.ID; name = $result.Result.DisplayName }
}
"""
# An object variable that holds no object; PowerShell's $null is another thing, which IDispatch refuses.
NOTHING = r"""
$nothing = [System.Runtime.InteropServices.DispatchWrapper]::new($null)
"""
FIND_BACKUP = r"""
$backup = $gpm.GetBackupDir('C:\backups').SearchBackups($gpm.CreateSearchCriteria()).Item(1)
"""


def lab(domain: Domain) -> LabDomain:
    return LabDomain(domain.folder)


def files_of(domain: Domain, gpo: str) -> dict[str, bytes]:
    """What a GPO's folder holds; names in lower case, as Windows compares them."""
    root = domain.sysvol(gpo)
    return {path.relative_to(root).as_posix().lower(): path.read_bytes() if path.is_file() else b""
            for path in root.rglob("*")}


def attributes(gpo: Gpo, *without: str) -> dict[str, Any]:
    """Everything but the time of the last change, which every operation sets."""
    return {name: value for name, value in vars(gpo).items() if name not in ("modified", *without)}


def assert_nothing_left_over(domain: Domain) -> None:
    names = [path.name for folder in (domain.folder / "gpos", domain.sysvol(FIRST).parent, domain.folder)
             for path in folder.iterdir()]
    assert not [name for name in names if name.startswith((".new-", ".old-"))], names


# --- restore -----------------------------------------------------------------------------------------------------


def test_restore_over_an_edited_gpo(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    before, files, soms = lab(domain).gpo(FIRST), files_of(domain, FIRST), lab(domain).soms()
    machine.run(BACK_UP)
    edited = lab(domain)
    edited.rename(FIRST, "Renamed")
    edited.set_half(FIRST, "all", True)
    edited.permit(FIRST, ADMINS, "none")
    edited.set_wmi_filter(FIRST, "Nothing")
    edited.bump_version(FIRST, "computer")
    edited.describe(FIRST, "other")
    edited.write_sysvol_file(FIRST, "Machine/New/added.txt", b"x")
    edited.write_sysvol_file(FIRST, "Machine/registry.pol", b"changed")
    edited.delete_sysvol_file(FIRST, "User/Registry.pol")
    answer = machine.run(RESTORE + FIND_BACKUP + "$answer.restored = Restore-Gpo $backup")
    assert answer == {"restored": {"overall": "ok", "messages": [], "id": FIRST, "name": "Default Domain Policy"}}
    after = lab(domain).gpo(FIRST)
    assert attributes(after) == attributes(before)
    assert after.modified > before.modified
    assert files_of(domain, FIRST) == files
    assert lab(domain).soms() == soms
    assert_nothing_left_over(domain)


def test_restore_of_a_deleted_gpo(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    before, files = lab(domain).gpo(FIRST), files_of(domain, FIRST)
    answer = machine.run(BACK_UP + RESTORE + rf"""
        (Get-Domain).GetGPO('{FIRST}').Delete()
        $answer.gone = Get-HResult {{ (Get-Domain).GetGPO('{FIRST}') }}
        $answer.restored = Restore-Gpo $backup 1
        $gpo = (Get-Domain).GetGPO('{FIRST}')
        $answer.seen = @($gpo.DisplayName, $gpo.Description, $gpo.GetWMIFilter().Name)
    """)
    assert answer == {
        "gone": "0x80072030", "seen": ["Default Domain Policy", "Described", "Laptops"],
        "restored": {"overall": "ok", "messages": [], "id": FIRST, "name": "Default Domain Policy"}}
    after = lab(domain).gpo(FIRST)
    assert attributes(after, "created") == attributes(before, "created")
    assert after.created == after.modified
    assert files_of(domain, FIRST) == files
    assert lab(domain).sysvol_version(FIRST) == (1 << 16) | 4
    assert len(lab(domain).links_of(FIRST)) == 2, "Delete leaves links alone, and so does a restore"


def test_entries_within_entries(machine: Machine, domain: Domain, backups: Path) -> None:
    """As genuine backups list what a pattern has matched, and the files of an object of the directory."""
    full_gpo(domain)
    files = files_of(domain, FIRST)
    machine.run(BACK_UP)
    (folder,) = backup_folders(backups)
    text = (folder / "Backup.xml").read_text("utf-8")
    entry = r'<FSObjectFile bkp:Path="%GPO_MACH_FSPATH%\\Scripts\\[^>]*/>'
    pattern = r'<FSObjectFile bkp:Path="%GPO_MACH_FSPATH%\\Scripts\\*">\g<0></FSObjectFile>'
    text, scripts = re.subn(entry, pattern, text)
    entry = r'<FSObjectFile bkp:Path="%GPO_USER_FSPATH%[^>]*/>'
    text, others = re.subn(entry, r"<DSObject>\g<0>\g<0></DSObject>", text)
    assert (scripts, others) == (2, 2)
    (folder / "Backup.xml").write_text(text, "utf-8")
    machine.run(RESTORE + FIND_BACKUP + rf"""
        $answer.restored = Restore-Gpo $backup
        (Get-Domain).GetGPO('{SECOND}').Import(0, $backup).OverallStatus()
    """)
    assert files_of(domain, FIRST) == files
    without_versions = [{**files_of(domain, gpo), "gpt.ini": b""} for gpo in (FIRST, SECOND)]
    assert without_versions[0] == without_versions[1]


def test_a_setting_in_the_directory(machine: Machine, domain: Domain, backups: Path) -> None:
    """It is in the report, in the backup, in a restore and in an import, and in no file."""
    full_gpo(domain)
    lab(domain).set_wireless(FIRST, "Air & Wi-Fi")
    before = lab(domain).gpo(FIRST)
    report = rf"""
        $answer.report = (Get-Domain).GetGPO('{FIRST}').GenerateReport($constants.ReportXML).Result
    """
    machine.run(BACK_UP)
    files = files_of(domain, FIRST)
    again = RESTORE + FIND_BACKUP + "$answer.restored = Restore-Gpo $backup\n"
    for other in "", "Another":
        lab(domain).set_wireless(FIRST, other)
        domain.plant({"kind": "lose_directory", "times": 1})
        machine.run(again)
        assert lab(domain).gpo(FIRST).wireless == other
        answer = machine.run(again + report)
        after = lab(domain).gpo(FIRST)
        assert attributes(after) == attributes(before) and after.wireless == "Air & Wi-Fi"
        assert files_of(domain, FIRST) == files
    settings = "{http://www.microsoft.com/GroupPolicy/Settings}"
    extension = ET.fromstring(answer["report"].encode("utf-16")).findall(f".//{settings}Extension")[-1]
    assert "".join(extension.itertext()).strip() == "Air & Wi-Fi"
    assert extension[0].tag == settings.replace("Settings", "Settings/WLanSvc") + "WLanSvcSetting"

    machine.run(FIND_BACKUP + rf"(Get-Domain).GetGPO('{SECOND}').Import(0, $backup).OverallStatus()")
    assert lab(domain).gpo(SECOND).wireless == "Air & Wi-Fi"


def test_restores_that_are_not_exact(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    files = files_of(domain, FIRST)
    machine.run(BACK_UP)
    domain.configure(restore_files="rewritten")
    domain.plant({"kind": "lose_files"})
    answer = machine.run(RESTORE + FIND_BACKUP + "$answer.restored = Restore-Gpo $backup")
    assert answer["restored"]["overall"] == "ok"
    found = files_of(domain, FIRST)
    template = "machine/microsoft/windows nt/secedit/gpttmpl.inf"
    assert found.pop(template) == files.pop(template) + "\r\n".encode("utf-16-le")
    assert [name for name in files if name not in found] == ["user/zulu/über'quote & \u263a.txt"]
    assert {name: files[name] for name in found} == found


MINIMAL = """<GroupPolicyBackupScheme xmlns:bkp="{space}" xmlns="{space}"><GroupPolicyObject>{groups}<FilePaths/>
<GroupPolicyCoreSettings><ID/><Domain/><SecurityDescriptor/><DisplayName/><Options/><UserVersionNumber/>
<MachineVersionNumber/><MachineExtensionGuids><![CDATA[{extensions}]]></MachineExtensionGuids><UserExtensionGuids/>
<WMIFilter/></GroupPolicyCoreSettings><GroupPolicyExtension>
<FSObjectFile bkp:Location="DomainSysvol\\GPO\\Machine\\registry.pol"/></GroupPolicyExtension></GroupPolicyObject>
</GroupPolicyBackupScheme>"""


@pytest.mark.parametrize("groups", ["", "<SecurityGroups/>"])
def test_a_minimal_backup_can_be_imported(machine: Machine, domain: Domain, backups: Path, groups: str) -> None:
    """Scripts write such backups, with no more than an import needs."""
    full_gpo(domain)
    machine.run(BACK_UP)
    (folder,) = backup_folders(backups)
    space = "http://www.microsoft.com/GroupPolicy/GPOOperations"
    (folder / "Backup.xml").write_text(MINIMAL.format(space=space, groups=groups, extensions=REGISTRY_LIST), "utf-8")
    before = lab(domain).gpo(SECOND)
    answer = machine.run(RESTORE + FIND_BACKUP + rf"""
        $answer.restored = Get-HResult {{ Restore-Gpo $backup }}
        $answer.imported = Get-HResult {{ (Get-Domain).GetGPO('{SECOND}').Import(0, $backup).OverallStatus() }}
    """)
    assert answer["restored"] == "0x8007000D" and answer["imported"] == "ok"
    after = lab(domain).gpo(SECOND)
    settings = ("version", "machine_extensions", "user_extensions")
    assert attributes(after, *settings) == attributes(before, *settings)
    assert after.machine_extensions == REGISTRY_LIST
    assert {name for name, content in files_of(domain, SECOND).items() if content} == {
        "gpt.ini", "machine/registry.pol"}


def test_restore_can_raise_the_versions(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    domain.configure(restore_versions="raise")
    machine.run(BACK_UP)
    for _ in range(4):
        lab(domain).bump_version(FIRST, "user")
    restore = RESTORE + FIND_BACKUP + "$answer.restored = Restore-Gpo $backup"
    machine.run(restore)
    expected = (7 << 16) | 6
    assert (lab(domain).gpo(FIRST).version, lab(domain).sysvol_version(FIRST)) == (expected, expected)
    lab(domain).delete_gpo(FIRST)
    machine.run(restore)
    expected = (3 << 16) | 6
    assert (lab(domain).gpo(FIRST).version, lab(domain).sysvol_version(FIRST)) == (expected, expected)


def test_restore_without_the_filter(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    machine.run(BACK_UP)
    lab(domain).delete_wmi_filter("Laptops")
    (result,) = machine.run(RESTORE + FIND_BACKUP + "$answer.restored = Restore-Gpo $backup").values()
    (message,) = result["messages"]
    assert result["overall"] == "ok" and "Laptops" in message["message"]
    assert (message["error"], message["operation"]) == ("0x80072030", "ok")
    assert lab(domain).gpo(FIRST).wmi_filter is None


def test_refused_restores(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    machine.run(BACK_UP)
    before, files = lab(domain).gpo(FIRST), files_of(domain, FIRST)
    answer = machine.run(NOTHING + FIND_BACKUP + rf"""
        $gpo = (Get-Domain).GetGPO('{FIRST}')
        $answer.flags = Get-HResult {{ (Get-Domain).RestoreGPO($backup, 2) }}
        $answer.no_backup = Get-HResult {{ (Get-Domain).RestoreGPO($nothing, 0) }}
        $answer.other_object = Get-HResult {{ (Get-Domain).RestoreGPO($gpo, 0) }}
        $answer.import_flags = Get-HResult {{ $gpo.Import(2, $backup) }}
        $answer.table_missing = Get-HResult {{ $gpo.Import(1, $backup) }}
        $answer.no_table = Get-HResult {{ $gpo.Import(0, $backup, $constants) }}
    """)
    # IDispatch itself refuses an object of another interface.
    assert answer.pop("other_object") == "0x80004002"
    assert set(answer.values()) == {"0x80070057"}, answer
    domain.plant({"kind": "refuse_restore", "hresult": "0x80070005", "gpo": FIRST})
    refused = FIND_BACKUP + rf"""
        $answer.restore = Get-HResult {{ (Get-Domain).RestoreGPO($backup, 0) }}
        $answer.import = Get-HResult {{ (Get-Domain).GetGPO('{FIRST}').Import(0, $backup) }}
    """
    assert machine.run(refused) == {"restore": "0x80070005", "import": "0x80070005"}
    message = {"object_path": "LDAP://x", "extension": "Registry", "setting": "", "message": "It went wrong",
               "error": "0x80070005", "operation": "0x80070005"}
    domain.plant({"kind": "fail_restore", "hresult": "0x80070020", "messages": [message]})
    failed = {"overall": "0x80070020", "messages": [message], "id": None, "name": None}
    assert machine.run(RESTORE + FIND_BACKUP + "$answer.restored = Restore-Gpo $backup") == {"restored": failed}
    domain.plant()
    domain.configure(name="other.example")
    other = FIND_BACKUP + r"""
        $domain = $gpm.GetDomain('other.example', '', 0)
        $answer.other = Get-HResult { $domain.RestoreGPO($backup, 0) }
    """
    assert machine.run(other) == {"other": "0x8007054B"}
    domain.configure()
    assert (lab(domain).gpo(FIRST), files_of(domain, FIRST)) == (before, files)
    lab(domain).set_visible(FIRST, False)
    assert machine.run(FIND_BACKUP + "$answer.x = Get-HResult { (Get-Domain).RestoreGPO($backup, 0) }") == {
        "x": "0x80070005"}


ESCAPE = 'bkp:Location="DomainSysvol\\GPO\\Machine\\registry.pol"'
DAMAGES = {
    "a file is missing": ("DomainSysvol/GPO/Machine/Scripts/scripts.ini", None, "0x80070002"),
    "Backup.xml is missing": ("Backup.xml", None, "0x80070002"),
    "no XML": ("Backup.xml", (".*", "x"), "0x8007000D"),
    "a path out": ("Backup.xml", (re.escape(ESCAPE), r'bkp:Location="DomainSysvol\\GPO\\..\\..\\..\\x"'), "0x8007000D"),
    "an absolute path": ("Backup.xml", (re.escape(ESCAPE), r'bkp:Location="C:\\lab\\x"'), "0x8007000D"),
    "a path beside": ("Backup.xml", (re.escape(ESCAPE), r'bkp:Location="bkupInfo.xml"'), "0x8007000D"),
    "another GPO": ("Backup.xml", (r"<ID>.*?</ID>", f"<ID>{SECOND}</ID>"), "0x8007000D"),
    "another domain": ("Backup.xml", (r"<Domain>.*?</Domain>", "<Domain>other.example</Domain>"), "0x8007054B"),
    "no descriptor": ("Backup.xml", (r"<SecurityDescriptor>[0-9a-f]{2}", "<SecurityDescriptor>"), "0x8007053A"),
    "no hexadecimal": ("Backup.xml", (r"<SecurityDescriptor>[0-9a-f]{2}", "<SecurityDescriptor>zz"), "0x8007000D"),
    "no version": ("Backup.xml", (r"<UserVersionNumber>.*?</", "<UserVersionNumber>many</"), "0x8007000D"),
}


def test_damaged_backups_change_nothing(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    machine.run(BACK_UP)
    (good,) = backup_folders(backups)
    before, files = lab(domain).gpo(FIRST), files_of(domain, FIRST)
    for number, (relative, change, _) in enumerate(DAMAGES.values()):
        directory = backups / str(number)
        shutil.copytree(good, directory / good.name)
        shutil.copy(backups / "manifest.xml", directory)
        path = directory / good.name / relative
        if change is None:
            path.unlink()
        else:
            text, count = re.subn(change[0], change[1], path.read_text(encoding="utf-8"), flags=re.S)
            assert count
            path.write_text(text, encoding="utf-8")
    shutil.copytree(good, backups / "gone")
    shutil.copy(backups / "manifest.xml", backups / "gone")
    answer = machine.run(rf"""
        foreach ($name in @(0..{len(DAMAGES) - 1}) + 'gone') {{
            $all = $gpm.GetBackupDir("C:\backups\$name").SearchBackups($gpm.CreateSearchCriteria())
            $answer["$name"] = Get-HResult {{ (Get-Domain).RestoreGPO($all.Item(1), 0) }}
        }}
    """)
    seen = dict(zip(DAMAGES, answer.values()))
    assert seen == {label: hresult for label, (*_, hresult) in DAMAGES.items()}
    assert answer["gone"] == "0x80070003"
    assert (lab(domain).gpo(FIRST), files_of(domain, FIRST)) == (before, files)
    assert_nothing_left_over(domain)


ASYNC_RESTORE = PROGRESS + FIND_BACKUP + r"""
$progress = [Progress]::new(); $cancel = $null
$result = (Get-Domain).RestoreGPO($backup, 0, $progress, [ref] $cancel)
"""


@pytest.mark.parametrize("apartment", ["-Mta", "-Sta"])
def test_asynchronous_restore(machine: Machine, domain: Domain, backups: Path, apartment: str) -> None:
    full_gpo(domain)
    machine.run(BACK_UP)
    lab(domain).rename(FIRST, "Renamed")
    answer = machine.run(ASYNC_RESTORE + r"""
        $answer.done = $progress.Done.WaitOne(30000)
        $answer.at_once = $null -ne $result
        $answer.progress = Read-Progress $progress
        $answer.name = $progress.Result.DisplayName
    """, apartment)
    assert (answer["done"], answer["at_once"], answer["name"]) == (True, False, "Default Domain Policy")
    assert answer["progress"] == {
        "steps": ["1/4", "2/4", "3/4", "4/4"], "status": "0x00000000", "backup": FIRST, "messages": [],
        "early": False, "other_thread": True, "null_messages": True}


def test_cancelled_restore(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    machine.run(BACK_UP)
    lab(domain).rename(FIRST, "Renamed")
    domain.configure(costs={"backup_ms": 60000, "call_ms": 0})
    answer = machine.run(ASYNC_RESTORE + r"""
        $answer.running = -not $progress.Done.WaitOne(300)
        $cancel.Cancel()
        $answer.done = $progress.Done.WaitOne(10000)
        $answer.status = (Read-Progress $progress).status
    """)
    assert answer == {"running": True, "done": True, "status": "0x800704C7"}
    assert lab(domain).gpo(FIRST).display_name == "Renamed"
    assert_nothing_left_over(domain)


def test_costs(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    machine.run(BACK_UP)
    domain.configure(costs={"backup_ms": 300, "call_ms": 40})
    answer = machine.run(FIND_BACKUP + rf"""
        $gpo = (Get-Domain).GetGPO('{SECOND}'); $domain = Get-Domain
        function Measure-Call($Name, [scriptblock] $Action) {{
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            & $Action
            $answer[$Name] = $watch.ElapsedMilliseconds
        }}
        Measure-Call restore {{ $null = $domain.RestoreGPO($backup, 0) }}
        Measure-Call import {{ $null = $gpo.Import(0, $backup) }}
        Measure-Call enable {{ $gpo.SetUserEnabled($true) }}
        Measure-Call report {{ $null = $gpo.GenerateReport(0) }}
    """)
    assert answer["restore"] >= 290 and answer["import"] >= 290
    assert 40 <= answer["enable"] < 300 and 40 <= answer["report"] < 300


# --- import ------------------------------------------------------------------------------------------------------

OLD = "S-1-5-21-1-2-3"
OLD_PEOPLE = f"{OLD}-1200"
OLD_GUESTS = f"{OLD}-12001"
POLICY = "\ufeff[Unicode]\r\nUnicode=yes\r\n[Privilege Rights]\r\n" \
    f"SeBackupPrivilege = *{OLD_PEOPLE},*S-1-5-32-544,Operators\r\nSeTcbPrivilege = *{OLD_GUESTS}\r\n" \
    f"[Group Membership]\r\n*{OLD_PEOPLE}__Members = *{OLD_GUESTS}\r\n"
GROUPS = f'<?xml version="1.0"?><Groups><Member name="OLD\\People" sid="{OLD_PEOPLE}" p="\\\\old\\a &amp; b\\x"/>' \
    '<Other name="xOLD\\People" p="\\\\old\\a &amp; bc"/></Groups>'
IMPORTED = {
    "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf": POLICY.encode("utf-16-le"),
    "Machine/Preferences/Groups/Groups.xml": GROUPS.encode(),
    "User/Scripts/scripts.ini": "\ufeff[Logon]\r\n0CmdLine=\\\\old\\scripts\\in.cmd\r\n".encode("utf-16-le"),
    "User/Documents & Settings/fdeploy1.ini": f"[x]\r\n{OLD_PEOPLE}=\\\\OLD\\home\\%USERNAME%\r\n".encode(),
    "User/Scripts/Logon/in.cmd": b"net use \\\\old\\scripts\xff",
}
TABLE = rf"""
$table = $gpm.CreateMigrationTable()
$null = $table.AddEntry('OLD\People', 3, 'Staff & <Söhne>@corp.example')
$null = $table.AddEntry('{OLD_GUESTS}', 6, 1)
$null = $table.AddEntry('Operators', 6, 'CORP\Domain Admins')
$null = $table.AddEntry('\\old\scripts', 5, '\\new\netlogon')
$null = $table.AddEntry('\\old\a & b', 5, '\\new\c & d')
$null = $table.AddEntry('\\old\a & bc', 5)
$null = $table.AddEntry('\\old\home', 5)
"""


def backup_of_another_domain(machine: Machine, domain: Domain) -> None:
    """Back up a GPO of old.example, then turn the domain into corp.example."""
    domain.configure(name="old.example", netbios="OLD", sid=OLD)
    people = {"name": "People", "domain": "OLD", "dns_domain": "old.example", "type": "GlobalGroup"}
    domain.write("principals.json", {OLD_PEOPLE: people})
    domain.add(THIRD, "Imported", machine_extensions=SECURITY_LIST, user_extensions=REGISTRY_LIST, flags=3,
               files=IMPORTED | {"GPO.cmt": "\ufeffFrom afar".encode("utf-16-le")})
    target = domain.folder / "sysvol" / "old.example" / "Policies" / THIRD
    target.parent.mkdir(parents=True)
    shutil.copytree(domain.sysvol(THIRD), target)
    machine.run(rf"$null = $gpm.GetDomain('old.example', '', 0).GetGPO('{THIRD}').Backup('C:\backups', '')")
    lab(domain).delete_gpo(THIRD)
    domain.configure()
    domain.write("principals.json", {
        ADMINS: {"name": "Domain Admins", "domain": "CORP", "dns_domain": "corp.example", "type": "GlobalGroup"},
        STAFF: {"name": "Staff & <Söhne>", "domain": "CORP", "dns_domain": "corp.example", "type": "GlobalGroup"}})


def test_import(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    backup_of_another_domain(machine, domain)
    before, soms = lab(domain).gpo(FIRST), lab(domain).soms()
    answer = machine.run(FIND_BACKUP + rf"""
        $result = (Get-Domain).GetGPO('{FIRST}').Import(0, $backup)
        $answer.overall = Get-HResult {{ $result.OverallStatus() }}
        $answer.result = @($result.Result.ID, $result.Result.DisplayName, $result.Result.Description)
        $answer.foreign = Get-HResult {{ (Get-Domain).RestoreGPO($backup, 0) }}
    """)
    assert answer == {"overall": "ok", "result": [FIRST, "Default Domain Policy", "From afar"],
                      "foreign": "0x8007054B"}
    after = lab(domain).gpo(FIRST)
    settings = ("version", "machine_extensions", "user_extensions")
    assert attributes(after, *settings) == attributes(before, *settings)
    assert (after.machine_extensions, after.user_extensions) == (SECURITY_LIST, REGISTRY_LIST)
    assert after.version == lab(domain).sysvol_version(FIRST) == (3 << 16) | 6
    found = files_of(domain, FIRST)
    assert {name: found[name.lower()] for name in IMPORTED} == IMPORTED
    assert "machine/registry.pol" not in found
    assert lab(domain).soms() == soms


def test_import_with_a_migration_table(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    backup_of_another_domain(machine, domain)
    answer = machine.run(FIND_BACKUP + TABLE + rf"""
        $result = (Get-Domain).GetGPO('{FIRST}').Import(1, $backup, $table)
        $answer.overall = Get-HResult {{ $result.OverallStatus() }}
        $answer.messages = @(Read-Messages $result)
    """)
    assert answer == {"overall": "ok", "messages": []}
    found = files_of(domain, FIRST)
    text = found["machine/microsoft/windows nt/secedit/gpttmpl.inf"].decode("utf-16")
    assert f"SeBackupPrivilege = *{STAFF},*S-1-5-32-544,CORP\\Domain Admins\r\nSeTcbPrivilege =\r\n" in text
    assert f"*{STAFF}__Members =\r\n" in text
    xml = ET.fromstring(found["machine/preferences/groups/groups.xml"])
    assert [dict(element.attrib) for element in xml] == [
        {"name": "CORP\\Staff & <Söhne>", "sid": STAFF, "p": "\\\\new\\c & d\\x"},
        {"name": "xOLD\\People", "p": "\\\\old\\a & bc"}]
    assert found["user/scripts/scripts.ini"].decode("utf-16") == "[Logon]\r\n0CmdLine=\\\\new\\netlogon\\in.cmd\r\n"
    assert found["user/documents & settings/fdeploy1.ini"] == f"[x]\r\n{STAFF}=\\\\OLD\\home\\%USERNAME%\r\n".encode()
    assert found["user/scripts/logon/in.cmd"] == IMPORTED["User/Scripts/Logon/in.cmd"]


def test_import_refuses_what_the_table_does_not_map(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    backup_of_another_domain(machine, domain)
    before, files = lab(domain).gpo(FIRST), files_of(domain, FIRST)
    answer = machine.run(FIND_BACKUP + TABLE + rf"""
        function Import-Gpo($Flags) {{
            $result = (Get-Domain).GetGPO('{FIRST}').Import($Flags, $backup, $table)
            Get-HResult {{ $result.OverallStatus() }}
            foreach ($message in $result.Status) {{ $message.ObjectPath }}
        }}
        foreach ($source in 'operators', '\\old\home', '\\old\a & bc') {{ $table.DeleteEntry($source) }}
        $null = $table.UpdateDestination('OLD\People', 0)
        $answer.missing = @(Import-Gpo 1)
        $null = $table.AddEntry('Operators', 6, 'CORP\Nobody')
        $answer.unknown = @(Import-Gpo 0)
    """)
    assert answer["missing"][0] == "0x80070490"
    assert {"Operators", "\\\\OLD\\home\\%USERNAME%", "\\\\old\\a & bc"} == set(answer["missing"][1:])
    assert answer["unknown"] == ["0x80070534", "Operators"]
    assert (lab(domain).gpo(FIRST), files_of(domain, FIRST)) == (before, files)


# --- new GPOs, deleted GPOs, setters -----------------------------------------------------------------------------


def test_create_and_delete(machine: Machine, domain: Domain) -> None:
    populate(domain)
    answer = machine.run(r"""
        $gpo = (Get-Domain).CreateGPO()
        $answer.new = @($gpo.ID, $gpo.DisplayName, $gpo.Description, $gpo.UserDSVersionNumber)
        $gpo.DisplayName = 'Neu'
        $answer.renamed = (Get-Domain).GetGPO($gpo.ID).DisplayName
        $other = (Get-Domain).CreateGPO(); $other.Delete()
        $answer.again = Get-HResult { $other.Delete() }
        $answer.edit = Get-HResult { $other.DisplayName = 'x' }
        $answer.empty = Get-HResult { $gpo.DisplayName = '' }
        $answer.deleted = $other.ID
    """)
    new, deleted = answer["new"][0], answer.pop("deleted")
    assert answer == {"new": [new, "New Group Policy Object", "", 0], "renamed": "Neu", "again": "0x80072030",
                      "edit": "0x80072030", "empty": "0x80070057"}
    gpo = lab(domain).gpo(new)
    assert gpo.display_name == "Neu" and gpo.owner == ADMINS and gpo.flags == 0 and gpo.visible
    assert gpo.security_descriptor == default_gpo_descriptor(DOMAIN_SID).to_hex() == DEFAULT_DESCRIPTOR
    assert set(files_of(domain, new)) == {"gpt.ini", "machine", "user"}
    assert lab(domain).sysvol_version(new) == 0
    assert not domain.sysvol(deleted).exists() and deleted not in [gpo.id for gpo in lab(domain).gpos()]


def test_setters(machine: Machine, domain: Domain) -> None:
    populate(domain)
    lab(domain).set_visible(HIDDEN, True)
    before = {gpo.id: gpo for gpo in lab(domain).gpos()}
    answer = machine.run(NOTHING + rf"""
        $gpo = (Get-Domain).GetGPO('{FIRST}')
        $gpo.SetUserEnabled($false); $gpo.SetComputerEnabled($false)
        $gpo.SetWMIFilter($nothing)
        $gpo.Description = "Neu`r`n✓"
        $answer.first = @($gpo.IsUserEnabled(), $gpo.IsComputerEnabled(), $gpo.Description)
        $second = (Get-Domain).GetGPO('{SECOND}')
        $second.SetUserEnabled($true)
        $found = (Get-Domain).SearchWMIFilters($gpm.CreateSearchCriteria())
        $second.SetWMIFilter($found.Item(2))
        $second.Description = ''
        $answer.second = @($second.IsUserEnabled(), $second.GetWMIFilter().Name, $second.Description)
        $answer.no_filter = Get-HResult {{ $second.SetWMIFilter($gpo) }}
    """)
    assert answer == {"first": [False, False, "Neu\r\n✓"], "second": [True, "Nothing", ""], "no_filter": "0x80004002"}
    first, second = lab(domain).gpo(FIRST), lab(domain).gpo(SECOND)
    assert (first.flags, first.wmi_filter, second.flags) == (3, None, 0)
    assert second.wmi_filter == "{00000000-17af-4954-95c1-7b21773c44e0}"
    changed = ("flags", "wmi_filter")
    assert all(attributes(lab(domain).gpo(gpo), *changed) == attributes(before[gpo], *changed) for gpo in before)
    assert lab(domain).description(FIRST) == "Neu\r\n✓"


def test_security_info(machine: Machine, domain: Domain) -> None:
    populate(domain)
    original = lab(domain).gpo(FIRST).security_descriptor
    answer = machine.run(rf"""
        $gpo = (Get-Domain).GetGPO('{FIRST}')
        $gpo.SetSecurityInfo($gpo.GetSecurityInfo())
        $answer.unchanged = [System.IO.File]::ReadAllText('C:\lab\domain\gpos\{FIRST}.json')
        $info = $gpo.GetSecurityInfo()
        $count = $info.Count
        $info.Add($gpm.CreatePermission('{STAFF}', $constants.PermGPORead, $true))
        $info.Add($gpm.CreatePermission('{STAFF}', $constants.PermGPOEdit, $true))
        $info.Add($gpm.CreatePermission('{STAFF}', $constants.PermGPORead, $true))
        $answer.added = $info.Count - $count
        $info.RemoveTrustee('Authenticated Users')
        $info.Add($gpm.CreatePermission('Authenticated Users', $constants.PermGPOApply, $false))
        $info.Remove($gpm.CreatePermission('CORP\Enterprise Admins', $constants.PermGPOEdit, $true))
        $answer.higher_stays = $info.Count - $count
        $info.Remove($gpm.CreatePermission('CORP\Enterprise Admins', $constants.PermGPOEditSecurityAndDelete, $true))
        $gpo.SetSecurityInfo($info)
        $answer.count = $gpo.GetSecurityInfo().Count - $count
        $answer.nobody = Get-HResult {{ $info.RemoveTrustee('CORP\Nobody') }}
        $custom = $gpo.GetSecurityInfo()
        $custom.Add($gpm.CreatePermission('{STAFF}', $constants.PermGPOCustom, $true))
        $answer.custom = Get-HResult {{ $gpo.SetSecurityInfo($custom) }}
        $third = (Get-Domain).GetGPO('{THIRD}')
        $all = $constants.SecurityFlags($true, $false, $true, $false)
        $third.SetSecurityDescriptor(4, $gpo.GetSecurityDescriptor($all))
        $answer.no_dacl = Get-HResult {{ $third.SetSecurityDescriptor(4, $gpo.GetSecurityDescriptor(1)) }}
    """)
    assert f'"{original}"' in answer.pop("unchanged")
    assert answer == {"added": 1, "higher_stays": 1, "count": 0, "nobody": "0x80070534", "custom": "0x80070057",
                      "no_dacl": "0x80070057"}
    aces = [(entry.sid, entry.mask, entry.flags, entry.object_type is not None)
            for entry in SecurityDescriptor.from_hex(lab(domain).gpo(FIRST).security_descriptor).aces]
    assert [entry for entry in aces if entry[0] in (STAFF, AUTHENTICATED_USERS)] == [
        (STAFF, EDIT, 2, False), (AUTHENTICATED_USERS, READ, 0, False), (AUTHENTICATED_USERS, 0x100, 0, True)]
    assert ("S-1-3-0", FULL, 10, False) in aces and f"{DOMAIN_SID}-519" not in [entry[0] for entry in aces]
    assert lab(domain).gpo(THIRD).security_descriptor == lab(domain).gpo(FIRST).security_descriptor
    odd = descriptor(ace(STAFF, FULL, flags=0x12), ace(ADMINS, READ, deny=True))
    domain.add(SECOND, "Odd", security_descriptor=odd)
    answer = machine.run(rf"""
        $info = (Get-Domain).GetGPO('{SECOND}').GetSecurityInfo()
        foreach ($trustee in '{STAFF}', '{ADMINS}') {{
            $answer[$trustee] = Get-HResult {{ $info.Add($gpm.CreatePermission($trustee, 0x10102, $true)) }}
        }}
    """)
    assert answer == {STAFF: "0x80070057", ADMINS: "0x80070057"}


def test_edit_dacl(machine: Machine, domain: Domain) -> None:
    """As with ADSI: entries are taken out of the list and new ones put in, and the list is put back."""
    populate(domain)
    before = SecurityDescriptor.from_hex(lab(domain).gpo(FIRST).security_descriptor).aces
    answer = machine.run(rf"""
        $gpo = (Get-Domain).GetGPO('{FIRST}')
        $descriptor = $gpo.GetSecurityDescriptor(4)
        $acl = $descriptor.DiscretionaryAcl
        foreach ($ace in @($acl)) {{ $acl.RemoveAce($ace) }}
        $answer.left = $acl.AceCount
        $answer.gone = Get-HResult {{ $acl.RemoveAce($ace) }}
        $ace = New-Object -ComObject AccessControlEntry
        $answer.nobody = Get-HResult {{ $ace.Trustee = 'CORP\Nobody' }}
        $ace.Trustee = 'Authenticated Users'
        $ace.AceType = 5; $ace.AceFlags = 2; $ace.AccessMask = 0x100; $ace.Flags = 1
        $ace.ObjectType = '{{EDACFD8F-FFB3-11D1-B41D-00A0C968F939}}'
        $acl.AddAce($ace)
        $ace = New-Object -ComObject AccessControlEntry
        $ace.Trustee = '{STAFF}'; $ace.AceType = 1; $ace.AccessMask = 0x20014
        $acl.AddAce($ace)
        $answer.not_yet = $descriptor.DiscretionaryAcl.AceCount
        $descriptor.DiscretionaryAcl = $acl
        $gpo.SetSecurityDescriptor(4, $descriptor)
        $answer.junk = Get-HResult {{ $acl.AddAce($gpo) }}
    """)
    assert answer == {"left": 0, "gone": "0x80070057", "nobody": "0x80070534", "not_yet": len(before),
                      "junk": "0x80070057"}
    after = SecurityDescriptor.from_hex(lab(domain).gpo(FIRST).security_descriptor).aces
    assert [(ace.sid, ace.mask, ace.flags, ace.object_type is not None) for ace in after] == [
        (STAFF, 0x20014, 0, False), (AUTHENTICATED_USERS, 0x100, 2, True)]
    domain.plant({"kind": "refuse_security", "hresult": "0x80070005", "gpo": FIRST})
    answer = machine.run(rf"""
        $gpo = (Get-Domain).GetGPO('{FIRST}')
        $answer.dacl = Get-HResult {{ $gpo.SetSecurityDescriptor(4, $gpo.GetSecurityDescriptor(4)) }}
        $answer.info = Get-HResult {{ $gpo.SetSecurityInfo($gpo.GetSecurityInfo()) }}
    """)
    assert answer == {"dacl": "0x80070005", "info": "0x80070005"}


def test_names_that_cannot_be_looked_up(machine: Machine, domain: Domain) -> None:
    populate(domain)
    domain.plant({"kind": "no_names", "gpo": FIRST}, {"kind": "refuse_trustee", "hresult": "0x800706BA"})
    answer = machine.run(rf"""
        $domain = Get-Domain
        foreach ($id in '{FIRST}', '{SECOND}') {{
            $acl = $domain.GetGPO($id).GetSecurityDescriptor(4).DiscretionaryAcl
            $names = @(foreach ($ace in $acl) {{ $ace.Trustee }})
            $answer[$id] = @($names -like 'S-1-*').Count
            $answer["$id has"] = $names.Count
        }}
        $answer.trustee = Get-HResult {{ $gpm.CreateTrustee('CORP\Domain Admins') }}
    """)
    assert answer[FIRST] == answer[f"{FIRST} has"] > 0 == answer[SECOND]
    assert answer["trustee"] == "0x800706BA"


# --- links -------------------------------------------------------------------------------------------------------


def test_edit_links(machine: Machine, domain: Domain) -> None:
    populate(domain)
    before = {gpo.id: gpo for gpo in lab(domain).gpos()}
    answer = machine.run(rf"""
        $third = (Get-Domain).GetGPO('{THIRD}')
        $staff = (Get-Domain).GetSOM('OU=Staff,DC=corp,DC=example')
        $link = $staff.CreateGPOLink(2, $third)
        $answer.link = @($link.GPOID, $link.GPODomain, $link.Enabled, $link.Enforced, $link.SOMLinkOrder)
        $link.Enabled = $false; $link.Enforced = $true
        $answer.changed = @($link.Enabled, $link.Enforced, $link.SOMLinkOrder)
        $answer.again = Get-HResult {{ $staff.CreateGPOLink(-1, $third) }}
        $root = (Get-Domain).GetSOM('')
        $answer.last = $root.CreateGPOLink(-1, $third).SOMLinkOrder
        foreach ($position in 0, -2, 3) {{
            $answer["at $position"] = Get-HResult {{
                $root.CreateGPOLink($position, (Get-Domain).GetGPO('{SECOND}')) }}
        }}
        $site = $gpm.GetSitesContainer('corp.example', '', '', 0).GetSite('Paris')
        $answer.site = $site.CreateGPOLink(-1, $third).SOM.Name
        $answer.block_site = Get-HResult {{ $site.GPOInheritanceBlocked = $true }}
        $root.GPOInheritanceBlocked = $true; $staff.GPOInheritanceBlocked = $false
        $answer.blocked = @($root.GPOInheritanceBlocked, $staff.GPOInheritanceBlocked)
        $first = @($staff.GetGPOLinks())[0]
        $first.Delete()
        $answer.delete_again = Get-HResult {{ $first.Delete() }}
        $answer.dead = Get-HResult {{ $first.Enabled = $true }}
        $answer.order = @(foreach ($each in $staff.GetGPOLinks()) {{ $each.SOMLinkOrder }})
    """)
    assert answer == {
        "link": [THIRD, "corp.example", True, False, 2], "changed": [False, True, 2], "again": "0x800700B7", "last": 2,
        "at 0": "0x80070057", "at -2": "0x80070057", "at 3": "0x80070057", "site": "Paris",
        "block_site": "0x80070057", "blocked": [True, False], "delete_again": "0x80072030", "dead": "0x80072030",
        "order": [1, 2, 3]}
    soms = {som.name: som for som in lab(domain).soms()}
    assert [(link.gpo, link.enabled, link.enforced) for link in soms["Staff"].links] == [
        (THIRD, False, True), (FIRST, True, True)]
    assert [link.gpo for link in soms["corp.example"].links] == [FIRST, THIRD]
    assert [link.gpo for link in soms["Paris"].links] == [THIRD]
    assert [link.gpo for link in soms["Berlin"].links] == [SECOND]
    assert (soms["corp.example"].inheritance_blocked, soms["Staff"].inheritance_blocked) == (True, False)
    assert {gpo.id: gpo for gpo in lab(domain).gpos()} == before, "links are not the GPO's"
    domain.plant({"kind": "refuse_link", "hresult": "0x80070005", "gpo": FIRST},
                 {"kind": "refuse_link_edit", "hresult": "0x80070020", "gpo": THIRD})
    answer = machine.run(rf"""
        $site = $gpm.GetSitesContainer('corp.example', '', '', 0).GetSite('Paris')
        $answer.first = Get-HResult {{ $site.CreateGPOLink(-1, (Get-Domain).GetGPO('{FIRST}')) }}
        $answer.other = Get-HResult {{ $site.CreateGPOLink(-1, (Get-Domain).GetGPO('{SECOND}')) }}
        $link = @($site.GetGPOLinks())[0]
        $answer.enabled = Get-HResult {{ $link.Enabled = $false }}
        $answer.enforced = Get-HResult {{ $link.Enforced = $true }}
    """)
    assert answer == {"first": "0x80070005", "other": "ok", "enabled": "0x80070020", "enforced": "0x80070020"}


# --- migration tables --------------------------------------------------------------------------------------------

MIGRATION = "{http://www.microsoft.com/GroupPolicy/GPOOperations/MigrationTable}"
READ_TABLE = r"""
function Read-Table($Table) {
    foreach ($entry in $Table.GetEntries()) {
        , @($entry.Source, $entry.EntryType, $entry.DestinationOption, $entry.Destination)
    }
}
"""


def test_migration_table(machine: Machine, domain: Domain, backups: Path) -> None:
    populate(domain)
    answer = machine.run(READ_TABLE + r"""
        $table = $gpm.CreateMigrationTable()
        $answer.empty = $table.GetEntries().Count
        $null = $table.AddEntry('a & <b>@old.example', $constants.EntryTypeUser, 'CORP\Domain Admins')
        $null = $table.AddEntry('Group', 4)
        $null = $table.AddEntry('S-1-5-21-9-9-9-500', 6, $constants.DestinationOptionNone)
        $null = $table.AddEntry('OLD\PC$', 1, $constants.DestinationOptionByRelativeName)
        $entry = $table.AddEntry('\\old\share', 5, '\\new\share')
        $answer.entry = @($entry.Source, $entry.EntryType, $entry.DestinationOption, $entry.Destination)
        $null = $table.AddEntry('GROUP', 3, 'CORP\Domain Admins')
        $answer.got = $table.GetEntry('group').EntryType
        $answer.updated = $table.UpdateDestination('group', 2).DestinationOption
        foreach ($action in { $table.GetEntry('x') }, { $table.DeleteEntry('x') },
                            { $table.UpdateDestination('x', 1) }) { $answer["missing $action"] = Get-HResult $action }
        foreach ($action in { $table.AddEntry('', 0) }, { $table.AddEntry('x', 7) }, { $table.AddEntry('x', 0, 3) },
                            { $table.AddEntry('x', 0, '') }, { $table.AddEntry('x', 5) },
                            { $table.AddEntry('\\a\b', 0) }, { $table.AddEntry('\\a\b', 5, 1) },
                            { $table.AddEntry('x', 0, $constants) }, { $table.Add(1, $gpm) }, { $table.Add(0, $gpm) },
                            { $table.Save('') }, { $gpm.GetMigrationTable('') }) {
            $answer["refused $action"] = Get-HResult $action
        }
        $valid = $table.Validate()
        $answer.valid = @($valid.Result, (Get-HResult { $valid.OverallStatus() }), $valid.Status.Count)
        $table.Save('C:\backups\t.migtable')
        $loaded = $gpm.GetMigrationTable('C:\backups\t.migtable')
        $answer.same = (ConvertTo-Json @(Read-Table $table)) -eq (ConvertTo-Json @(Read-Table $loaded))
        $null = $loaded.AddEntry('y', 0, 'CORP\Nobody'); $null = $loaded.AddEntry('\\old\z', 5, 'z')
        $invalid = $loaded.Validate()
        $answer.invalid = @($invalid.Result, (Get-HResult { $invalid.OverallStatus() }))
        $answer.complaints = @($invalid.Status | ForEach-Object { $_.ObjectPath })
        $answer.gone = Get-HResult { $gpm.GetMigrationTable('C:\backups\nowhere.migtable') }
        $answer.no_folder = Get-HResult { $table.Save('C:\nowhere\t.migtable') }
    """)
    groups = {prefix: {answer.pop(key) for key in list(answer) if key.startswith(prefix)}
              for prefix in ("missing", "refused")}
    assert groups == {"missing": {"0x80070490"}, "refused": {"0x80070057"}}
    assert answer == {
        "empty": 0, "entry": ["\\\\old\\share", 5, 3, "\\\\new\\share"], "got": 3, "updated": 2,
        "valid": [True, "ok", 0], "same": True, "invalid": [False, "ok"], "complaints": ["y", "\\\\old\\z"],
        "gone": "0x80070002", "no_folder": "0x80070003"}
    content = (backups / "t.migtable").read_bytes()
    assert content.startswith('\ufeff<?xml version="1.0" encoding="utf-16"?>'.encode("utf-16-le"))
    root = ET.fromstring(content.decode("utf-16"))
    assert root.tag == f"{MIGRATION}MigrationTable"
    assert [[(item.tag.removeprefix(MIGRATION), item.text) for item in mapping] for mapping in root] == [
        [("Type", "User"), ("Source", "a & <b>@old.example"), ("Destination", "CORP\\Domain Admins")],
        [("Type", "GlobalGroup"), ("Source", "GROUP"), ("DestinationByRelativeName", None)],
        [("Type", "Unknown"), ("Source", "S-1-5-21-9-9-9-500"), ("DestinationNone", None)],
        [("Type", "Computer"), ("Source", "OLD\\PC$"), ("DestinationByRelativeName", None)],
        [("Type", "UNCPath"), ("Source", "\\\\old\\share"), ("Destination", "\\\\new\\share")]]


MAPPING = "<Mapping><Type>User</Type><Source>a</Source><DestinationNone/></Mapping>"
MALFORMED = [
    "not xml", "<MigrationTable/>", f'<Other xmlns="{MIGRATION[1:-1]}"/>', "", MAPPING,
    *(f'<MigrationTable xmlns="{MIGRATION[1:-1]}">{body}</MigrationTable>' for body in (
        "<Other/>", "<Mapping/>", MAPPING.replace("User", "Person"), MAPPING.replace("<Source>a</Source>", ""),
        MAPPING.replace("<DestinationNone/>", ""), MAPPING.replace("<DestinationNone/>", "<Destination></Destination>"),
        MAPPING.replace("<DestinationNone/>", "<DestinationNone/><DestinationSameAsSource/>"),
        MAPPING.replace("</Mapping>", "<Else/></Mapping>"), MAPPING.replace("</Mapping>", ""))),
]


def test_malformed_migration_tables(machine: Machine, domain: Domain, backups: Path) -> None:
    good = f'<MigrationTable xmlns="{MIGRATION[1:-1]}">{MAPPING}</MigrationTable>'
    for number, text in enumerate([good, *MALFORMED]):
        (backups / f"{number}.migtable").write_text(text, encoding="utf-8")
    answer = machine.run(rf"""
        $answer.results = @(foreach ($number in 0..{len(MALFORMED)}) {{
            Get-HResult {{ $gpm.GetMigrationTable("C:\backups\$number.migtable") }}
        }})
    """)
    assert answer["results"] == ["ok"] + ["0x8007000D"] * len(MALFORMED)


def test_a_table_of_what_is_found(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    backup_of_another_domain(machine, domain)
    answer = machine.run(READ_TABLE + FIND_BACKUP + rf"""
        $table = $gpm.CreateMigrationTable()
        $table.Add(0, $backup)
        $answer.backup = @(Read-Table $table)
        $table.Add(2, $backup)
        $answer.with_security = @($table.GetEntries() | ForEach-Object {{ $_.Source }}).Count
        $live = $gpm.CreateMigrationTable()
        $live.Add(0, (Get-Domain).GetGPO('{FIRST}'))
        $answer.gpo = @(Read-Table $live)
    """)
    assert sorted(answer["backup"]) == sorted([
        ["People@old.example", 3, 0, ""], [OLD_GUESTS, 6, 0, ""], ["Operators", 6, 0, ""],
        ["\\\\old\\a & b\\x", 5, 0, ""], ["\\\\old\\a & bc", 5, 0, ""], ["\\\\old\\scripts\\in.cmd", 5, 0, ""],
        ["\\\\OLD\\home\\%USERNAME%", 5, 0, ""]])
    # Domain Admins and Enterprise Admins of the default permissions.
    assert answer["with_security"] == len(answer["backup"]) + 2
    assert answer["gpo"] == [["Staff & <Söhne>@corp.example", 3, 0, ""], ["Operators", 6, 0, ""]]


# --- reports -----------------------------------------------------------------------------------------------------

SETTINGS = "{http://www.microsoft.com/GroupPolicy/Settings}"


def test_reports(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    answer = machine.run(PROGRESS + BACK_UP + rf"""
        $gpo = (Get-Domain).GetGPO('{FIRST}')
        $sources = @{{ gpo = $gpo; backup = $backup }}
        foreach ($name in $sources.Keys) {{
            foreach ($type in 0, 1) {{
                $result = $sources[$name].GenerateReport($type)
                $answer["$name $type"] = @((Get-HResult {{ $result.OverallStatus() }}), $result.Result)
                $file = $sources[$name].GenerateReportToFile($type, "C:\backups\$name-$type.txt")
                $answer["$name $type file"] = Get-HResult {{ $file.OverallStatus() }}
            }}
        }}
        $answer.again = $gpo.GenerateReport(0).Result
        $answer.type = Get-HResult {{ $gpo.GenerateReport(2) }}
        $answer.no_path = Get-HResult {{ $gpo.GenerateReportToFile(0, '') }}
        $answer.no_folder = Get-HResult {{ $backup.GenerateReportToFile(0, 'C:\nowhere\r.xml') }}
        $progress = [Progress]::new(); $cancel = $null
        $null = $gpo.GenerateReport(0, $progress, [ref] $cancel)
        $answer.async = @($progress.Done.WaitOne(30000), $progress.FinalStatus, ($progress.Steps -join ' '),
                          $progress.Result.StartsWith('<?xml'))
    """)
    assert (answer["type"], answer["no_path"], answer["no_folder"]) == ("0x80070057", "0x80070057", "0x80070003")
    assert answer["async"] == [True, 0, "1/2 2/2", True]

    def without_time(text: str) -> str:
        return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", "", text)

    for name in ("gpo", "backup"):
        overall, xml = answer[f"{name} 0"]
        assert overall == answer[f"{name} 0 file"] == answer[f"{name} 1 file"] == "ok"
        assert ET.fromstring(xml).findtext(f"{SETTINGS}Name") == "Default Domain Policy"
        in_file = (backups / f"{name}-0.txt").read_bytes()
        assert in_file.startswith(b"\xff\xfe")
        assert without_time(in_file.decode("utf-16")) == without_time(xml)
        assert in_file.decode("utf-16") != xml, "the time of reading differs"
        page = answer[f"{name} 1"][1]
        assert page.startswith("<!DOCTYPE html>") and "<title>Default Domain Policy</title>" in page
        assert re.search(r"Data collected on: \d{4}-\d\d-\d\dT", page)
        assert without_time((backups / f"{name}-1.txt").read_bytes().decode("utf-16")) == without_time(page)
    assert answer["again"] != answer["gpo 0"][1] and without_time(answer["again"]) == without_time(answer["gpo 0"][1])
    saved = (backup_folders(backups)[0] / "gpreport.xml").read_bytes().decode("utf-16")
    assert without_time(answer["backup 0"][1]) == without_time(saved)
