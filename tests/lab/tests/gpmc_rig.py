# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the stand-in for GPMC work with: a Wine prefix, a domain on disk, PowerShell scripts in it.

One Wine prefix serves all tests; each test writes its own domain. A script fills `$answer`, which comes back as JSON.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import struct
import subprocess
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("GPVAULT_BUILD", ROOT / "build"))
DLL = BUILD / "gpmc" / "gpmgmt.dll"
PSHOST = BUILD / "pshost"
WINE = Path("/usr/lib/wine/wine64")
WINESERVER = Path("/usr/lib/wine/wineserver64")

needs_the_stand_in = pytest.mark.skipif(
    not (DLL.is_file() and (PSHOST / "powershell.exe").is_file() and WINE.is_file()),
    reason="needs wine64, tests/lab/gpmc/build.sh and tests/lab/pshost/build.sh",
)

DOMAIN_SID = "S-1-5-21-1004336348-1177238915-682003330"
ADMINS = f"{DOMAIN_SID}-512"
ENTERPRISE_ADMINS = f"{DOMAIN_SID}-519"
STAFF = f"{DOMAIN_SID}-1104"
AUTHENTICATED_USERS = "S-1-5-11"
SYSTEM = "S-1-5-18"
DOMAIN_CONTROLLERS = "S-1-5-9"
CREATOR_OWNER = "S-1-3-0"

FIRST = "{31B2F340-016D-11D2-945F-00C04FB984F9}"
SECOND = "{6AC1786C-016F-11D2-945F-00C04FB984F9}"
THIRD = "{A0B1C2D3-0000-4000-8000-000000000003}"
HIDDEN = "{A0B1C2D3-0000-4000-8000-00000000000F}"
FILTER = "{39b2ba78-17af-4954-95c1-7b21773c44e0}"

REGISTRY = "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"
SECURITY = "{827D319E-6EAC-11D2-A4EA-00C04F79F83A}"
UNKNOWN = "{F15C46CD-82A0-4C2D-A210-5D0D3182A418}"
REGISTRY_LIST = f"[{REGISTRY}{{D02B1F72-3407-48AE-BA88-E8213C6761F1}}]"
SECURITY_LIST = f"[{SECURITY}{{803E14A0-B4FB-11D0-A0D0-00A0C90F574B}}]"

BKP = "{http://www.microsoft.com/GroupPolicy/GPOOperations}"
MANIFEST = "{http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest}"

READ = 0x20094
EDIT = 0x200B7
FULL = 0xF00FF
APPLY_RIGHT = uuid.UUID("edacfd8f-ffb3-11d1-b41d-00a0c968f939")

PRELUDE = r"""
$ErrorActionPreference = 'Stop'
$answer = [ordered]@{}
function Get-HResult([scriptblock] $Action) {
    try { $null = & $Action } catch {
        $exception = $_.Exception
        while ($exception -is [System.Management.Automation.MethodInvocationException]) {
            $exception = $exception.InnerException
        }
        return '0x{0:X8}' -f $exception.HResult
    }
    return 'ok'
}
function Read-Messages($Result) {
    foreach ($message in $Result.Status) {
        [ordered]@{
            object_path = $message.ObjectPath; extension = $message.ExtensionName; setting = $message.SettingsName
            message = $message.Message; error = (Get-HResult { $message.ErrorCode() })
            operation = (Get-HResult { $message.OperationCode() })
        }
    }
}
$gpm = New-Object -ComObject GPMgmt.GPM
$constants = $gpm.GetConstants()
function Get-Domain { $gpm.GetDomain('corp.example', '', 0) }
"""

POSTLUDE = r"""
$json = ConvertTo-Json -InputObject $answer -Depth 8 -Compress
[System.IO.File]::WriteAllText($answerPath, $json, [System.Text.UTF8Encoding]::new($false))
"""

# Compiles the client's side of an asynchronous call, as the product's C# does.
PROGRESS = r"""
$source = @'
using System;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Threading;

[ComVisible(true), Guid("6aac29f8-5948-4324-bf70-423818942dbc"), InterfaceType(ComInterfaceType.InterfaceIsDual)]
public interface IGPMAsyncProgress
{
    [DispId(1)]
    void Status(int numerator, int denominator, int status, [MarshalAs(UnmanagedType.Struct)] ref object result,
        [MarshalAs(UnmanagedType.IDispatch)] object messages);
}

[ComVisible(true), ClassInterface(ClassInterfaceType.None)]
public class Progress : IGPMAsyncProgress
{
    public readonly ConcurrentQueue<string> Steps = new ConcurrentQueue<string>();
    public readonly ManualResetEvent Done = new ManualResetEvent(false);
    public int Thread;
    public int FinalStatus;
    public object Result;
    public object Messages;
    public bool ResultCameEarly;

    public void Status(int numerator, int denominator, int status, ref object result, object messages)
    {
        Steps.Enqueue(numerator + "/" + denominator);
        Thread = Environment.CurrentManagedThreadId;
        if (numerator == denominator)
        {
            FinalStatus = status; Result = result; Messages = messages;
            Done.Set();
        }
        else if (result != null) { ResultCameEarly = true; }
    }
}
'@
$references = foreach ($file in [System.IO.Directory]::GetFiles('C:\pshost\ref', '*.dll')) {
    [Microsoft.CodeAnalysis.MetadataReference]::CreateFromFile($file)
}
$kind = [Microsoft.CodeAnalysis.OutputKind]::DynamicallyLinkedLibrary
$compilation = [Microsoft.CodeAnalysis.CSharp.CSharpCompilation]::Create(
    'Progress',
    [Microsoft.CodeAnalysis.SyntaxTree[]]@([Microsoft.CodeAnalysis.CSharp.CSharpSyntaxTree]::ParseText($source)),
    [Microsoft.CodeAnalysis.MetadataReference[]]$references,
    [Microsoft.CodeAnalysis.CSharp.CSharpCompilationOptions]::new($kind))
$assembly = [System.IO.MemoryStream]::new()
$emitted = $compilation.Emit($assembly)
if (-not $emitted.Success) { throw ($emitted.Diagnostics -join "`n") }
$null = [System.Reflection.Assembly]::Load($assembly.ToArray())
function Read-Progress($Progress) {
    $messages = @()
    if ($null -ne $Progress.Messages) { foreach ($message in $Progress.Messages) { $messages += $message.Message } }
    $backup = $null
    if ($null -ne $Progress.Result) { $backup = $Progress.Result.ID }
    [ordered]@{
        steps = @($Progress.Steps); status = '0x{0:X8}' -f $Progress.FinalStatus; backup = $backup
        messages = $messages; early = $Progress.ResultCameEarly
        other_thread = $Progress.Thread -ne [System.Environment]::CurrentManagedThreadId
        null_messages = $null -eq $Progress.Messages
    }
}
"""


# --- building blocks of a domain ---------------------------------------------------------------------------------


def sid_bytes(sid: str) -> bytes:
    revision, authority, *rest = (int(part) for part in sid.split("-")[1:])
    return struct.pack("<BB", revision, len(rest)) + authority.to_bytes(6, "big") + struct.pack(f"<{len(rest)}I", *rest)


def ace(sid: str, mask: int, flags: int = 2, deny: bool = False, object_type: uuid.UUID | None = None) -> bytes:
    """An ACE; flags 2 means that containers below inherit it, as in every GPO's ACL."""
    if object_type is None:
        body = struct.pack("<I", mask) + sid_bytes(sid)
    else:
        body = struct.pack("<II", mask, 1) + object_type.bytes_le + sid_bytes(sid)
    kind = (1 if deny else 0) + (5 if object_type else 0)
    return struct.pack("<BBH", kind, flags, len(body) + 4) + body


def descriptor(*aces: bytes) -> str:
    """A self-relative descriptor with the DACL only, as a genuine backup has it."""
    acl = struct.pack("<BBHHH", 4, 0, 8 + sum(map(len, aces)), len(aces), 0) + b"".join(aces)
    return (struct.pack("<BBHIIII", 1, 0, 0x9C04, 0, 0, 0, 20) + acl).hex()


DEFAULT_DESCRIPTOR = descriptor(
    ace(AUTHENTICATED_USERS, 0x100, object_type=APPLY_RIGHT),
    ace(ADMINS, FULL, flags=0),
    ace(ADMINS, FULL),
    ace(ENTERPRISE_ADMINS, FULL),
    ace(DOMAIN_CONTROLLERS, READ),
    ace(AUTHENTICATED_USERS, READ),
    ace(SYSTEM, FULL),
    ace(CREATOR_OWNER, FULL, flags=0x0A),
)

PRINCIPALS = {
    ADMINS: {"name": "Domain Admins", "domain": "CORP", "dns_domain": "corp.example", "type": "GlobalGroup"},
    ENTERPRISE_ADMINS: {"name": "Enterprise Admins", "domain": "CORP", "dns_domain": "corp.example",
                        "type": "UniversalGroup"},
    STAFF: {"name": "Staff & <Söhne>", "domain": "CORP", "dns_domain": "corp.example", "type": "GlobalGroup"},
}


class Domain:
    """The domain on disk, written by the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "gpos").mkdir(parents=True)
        self.configure()
        self.write("principals.json", PRINCIPALS)

    def write(self, name: str, content: Any) -> None:
        path = self.folder / name
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(content), encoding="utf-8")
        temporary.replace(path)

    def configure(self, **changes: Any) -> None:
        self.write("domain.json", {
            "name": "corp.example", "netbios": "CORP", "guid": "{8D113A86-7F83-4DED-9AD7-75122A34CF7E}",
            "sid": DOMAIN_SID, "forest": "corp.example", "pdc": "dc1.corp.example",
            "dcs": ["dc1.corp.example", "dc2.corp.example"], "computer": "HOST1",
            "costs": {"backup_ms": 0, "call_ms": 0}, "manifest": "normal", "dates": "utc", "long_paths": False,
            "search_without_manifest": False, "restore_versions": "keep", "restore_files": "exact", "errors": "numbers",
            "async_end": "result"} | changes)

    def sysvol(self, gpo: str) -> Path:
        return self.folder / "sysvol" / "corp.example" / "Policies" / gpo

    def add(self, gpo: str, name: str, files: dict[str, bytes] | None = None, sysvol_version: int | None = None,
            **changes: Any) -> None:
        record = {
            "id": gpo, "display_name": name, "created": "2024-03-01T08:00:00Z", "modified": "2024-06-30T21:15:59Z",
            "version": 0, "flags": 0, "machine_extensions": "", "user_extensions": "", "wmi_filter": None,
            "security_descriptor": DEFAULT_DESCRIPTOR, "owner": ADMINS, "visible": True, "wireless": ""} | changes
        self.write(f"gpos/{gpo}.json", record)
        root = self.sysvol(gpo)
        for half in ("Machine", "User"):
            (root / half).mkdir(parents=True, exist_ok=True)
        version = record["version"] if sysvol_version is None else sysvol_version
        (root / "GPT.INI").write_bytes(
            f"[General]\r\nVersion={version}\r\ndisplayName=New Group Policy Object\r\n".encode())
        for relative, content in (files or {}).items():
            path = root / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def plant(self, *faults: dict[str, Any]) -> None:
        shutil.rmtree(self.folder / "faults.hits", ignore_errors=True)
        self.write("faults.json", [{"id": f"f{number}", "gpo": "*", "times": None} | fault
                                   for number, fault in enumerate(faults, 1)])

    def calls(self) -> list[dict[str, str]]:
        path = self.folder / "calls.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


class Machine:
    """A Wine prefix with the stand-in registered."""

    def __init__(self, prefix: Path) -> None:
        self.prefix = prefix
        self.drive_c = prefix / "drive_c"
        self._numbers = itertools.count(1)

    @property
    def environment(self) -> dict[str, str]:
        environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
        return environment | {
            "WINEPREFIX": str(self.prefix), "WINEARCH": "win64", "WINEDEBUG": "-all", "WINELOADER": str(WINE),
            "WINEDLLOVERRIDES": "mshtml=",
            "POWERSHELL_TELEMETRY_OPTOUT": "1", "DOTNET_EnableWriteXorExecute": "0", "DOTNET_TieredPGO": "0",
            "DOTNET_gcConcurrent": "0"}

    def wine(self, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        # Output goes to files: Wine's services inherit a pipe and would keep it open (tests/lab/README.md).
        log = self.prefix / f"wine-{next(self._numbers)}.log"
        with log.open("w+") as output:
            done = subprocess.run([WINE, *arguments], env=self.environment | extra, cwd=self.drive_c.parent,
                                  stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=300, check=False)
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read(), "")

    def start(self, script: str, *options: str, **extra: str) -> tuple[subprocess.Popen[bytes], Path, Path]:
        """Starts PowerShell on a script; returns it with the file of its answer and that of its output."""
        number = next(self._numbers)
        folder = self.drive_c / "scripts"
        folder.mkdir(exist_ok=True)
        answer = folder / f"{number}.json"
        log = folder / f"{number}.log"
        (folder / f"{number}.ps1").write_text(
            f"\ufeff$answerPath = 'C:\\scripts\\{number}.json'\n{PRELUDE}\n{script}\n{POSTLUDE}", encoding="utf-8")
        with log.open("wb") as output:
            process = subprocess.Popen(
                [WINE, r"C:\pshost\powershell.exe", "-NoProfile", "-ExecutionPolicy", "Bypass", *options,
                 "-File", f"C:\\scripts\\{number}.ps1"],
                env=self.environment | extra, cwd=self.drive_c, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        return process, answer, log

    def run(self, script: str, *options: str, **extra: str) -> dict[str, Any]:
        process, answer, log = self.start(script, *options, **extra)
        process.wait(timeout=300)
        if not answer.exists():
            pytest.fail(f"the script gave no answer:\n{log.read_text(encoding='utf-8', errors='replace')}")
        result: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        return result

    def stop(self) -> None:
        """Ends every process of this prefix; the registry is on disk afterwards."""
        subprocess.run([WINESERVER, "-k"], env=self.environment, check=False)
        subprocess.run([WINESERVER, "-w"], env=self.environment, timeout=60, check=False)

    def remove(self) -> None:
        """A prefix is 700 MB; pytest would keep those of its last runs."""
        self.stop()
        shutil.rmtree(self.prefix, ignore_errors=True)


def install(machine: Machine) -> None:
    lab = machine.drive_c / "lab"
    lab.mkdir(exist_ok=True)
    shutil.copy2(DLL, lab / "gpmgmt.dll")
    (machine.drive_c / "pshost").symlink_to(PSHOST)
    registered = machine.wine("regsvr32.exe", "/s", r"C:\lab\gpmgmt.dll")
    assert registered.returncode == 0, registered.stdout


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    prefix = tmp_path_factory.mktemp("gpmc") / "prefix"
    prefix.mkdir()
    machine = Machine(prefix)
    machine.drive_c.mkdir()
    machine.wine("wineboot.exe", "-i", WINEDLLOVERRIDES="mscoree,mshtml=")
    machine.wine("winecfg.exe", "-v", "win10", WINEDLLOVERRIDES="mscoree,mshtml=")
    (prefix / "dosdevices" / "z:").unlink(missing_ok=True)
    install(machine)
    yield machine
    machine.remove()


@pytest.fixture
def domain(machine: Machine, tmp_path: Path) -> Domain:
    """An empty domain, which C:\\lab\\domain of the machine points to."""
    domain = Domain(tmp_path / "domain")
    link = machine.drive_c / "lab" / "domain"
    link.unlink(missing_ok=True)
    link.symlink_to(domain.folder)
    return domain


@pytest.fixture
def backups(machine: Machine, tmp_path: Path) -> Path:
    """An empty backup directory, C:\\backups for the machine."""
    folder = tmp_path / "backups"
    folder.mkdir()
    link = machine.drive_c / "backups"
    link.unlink(missing_ok=True)
    link.symlink_to(folder)
    return folder


def populate(domain: Domain) -> None:
    """Three GPOs the account can see and one it cannot."""
    domain.add(FIRST, "Default Domain Policy", version=(2 << 16) | 5, sysvol_version=(1 << 16) | 4,
               machine_extensions=REGISTRY_LIST + SECURITY_LIST, wmi_filter=FILTER,
               files={"GPO.cmt": "\ufeffErste Zeile\r\nzweite – ✓".encode("utf-16-le")})
    domain.add(SECOND, "Default Domain Controllers Policy", flags=1, user_extensions=REGISTRY_LIST)
    domain.add(THIRD, "Ünïcode 'quoted' [x] 😀", flags=2,
               security_descriptor=descriptor(ace(STAFF, EDIT), ace(ADMINS, FULL)))
    domain.add(HIDDEN, "Secret", visible=False)
    domain.write("wmi_filters.json", [
        {"id": FILTER, "name": "Laptops", "description": "All laptops",
         "queries": ["root\\CIMv2;SELECT * FROM Win32_Battery", "root\\CIMv2;SELECT * FROM Win32_Fan"]},
        {"id": "{00000000-17af-4954-95c1-7b21773c44e0}", "name": "Nothing", "description": "", "queries": []}])
    link = {"gpo": FIRST, "domain": "corp.example", "enabled": True, "enforced": True}
    other = {"gpo": SECOND, "domain": "corp.example", "enabled": False, "enforced": False}
    domain.write("soms.json", [
        {"path": "DC=corp,DC=example", "name": "corp.example", "type": "domain", "inheritance_blocked": False,
         "links": [link]},
        {"path": "OU=Staff,DC=corp,DC=example", "name": "Staff", "type": "ou", "inheritance_blocked": True,
         "links": [other, link]},
        {"path": "CN=Berlin,CN=Sites,CN=Configuration,DC=corp,DC=example", "name": "Berlin", "type": "site",
         "inheritance_blocked": False, "links": [other]},
        {"path": "CN=Paris,CN=Sites,CN=Configuration,DC=corp,DC=example", "name": "Paris", "type": "site",
         "inheritance_blocked": False, "links": []}])


def backup_folders(backups: Path) -> list[Path]:
    return sorted(path for path in backups.iterdir() if path.name.startswith("{"))


def manifest_entries(backups: Path) -> list[dict[str, str]]:
    root = ET.parse(backups / "manifest.xml").getroot()
    assert root.tag == f"{MANIFEST}Backups"
    assert root.get(f"{MANIFEST}version") == "1.0"
    return [{child.tag.removeprefix(MANIFEST): child.text or "" for child in entry} for entry in root]


# --- a GPO with something of everything -----------------------------------------------------------------------------

TEMPLATE = "\ufeff[Unicode]\r\nUnicode=yes\r\n[Privilege Rights]\r\n" \
    "SeNetworkLogonRight = *S-1-5-32-544\r\nSeInteractiveLogonRight = *S-1-5-32-544,*S-1-5-32-545\r\n" \
    f"SeBackupPrivilege = *{STAFF},Operators\r\nSeTcbPrivilege =\r\n[Version]\r\nRevision=1\r\n"

FILES = {
    "Machine/registry.pol": b"PReg\x01\x00\x00\x00machine",
    "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf": TEMPLATE.encode("utf-16-le"),
    "Machine/comment.cmtx": b"\xef\xbb\xbf<x/>",
    "Machine/Scripts/Startup/start up.cmd": b"\x00\x01\xff" * 50000,
    "Machine/Scripts/scripts.ini": b"",
    "User/Registry.pol": b"PReg user",
    "User/zulu/Über'quote & \u263a.txt": b"z",
    "GPO.cmt": "\ufeffDescribed".encode("utf-16-le"),
}


def full_gpo(domain: Domain) -> None:
    """A GPO with something of everything."""
    populate(domain)
    domain.add(FIRST, "Default Domain Policy", version=(2 << 16) | 5, sysvol_version=(1 << 16) | 4, flags=1,
               machine_extensions=REGISTRY_LIST + SECURITY_LIST, wmi_filter=FILTER, files=FILES)
    (domain.sysvol(FIRST) / "Machine" / "Applications").mkdir()
