# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of the PowerShell host: does PowerShell run under Wine as powershell.exe does under WinRM?"""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("GPVAULT_BUILD", ROOT / "build"))
PSHOST = BUILD / "pshost"
WINE = pathlib.Path("/usr/lib/wine/wine64")
WINESERVER = pathlib.Path("/usr/lib/wine/wineserver64")
SENTINEL = "0123456789abcdef"
TIMEOUT = 120.0

pytestmark = pytest.mark.skipif(not WINE.exists(), reason="Wine is not installed")


@dataclasses.dataclass(frozen=True)
class Ended:
    """A process that has ended. ``code`` is what Unix shows: the low byte of the exit code."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@dataclasses.dataclass(frozen=True)
class Machine:
    """A Wine prefix with the PowerShell host in it."""

    folder: pathlib.Path
    culture: str = ""

    @property
    def drive(self) -> pathlib.Path:
        return self.folder / "drive_c"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "WINEPREFIX": str(self.folder),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINELOADER": str(WINE),
            "WINEDLLOVERRIDES": "mshtml=",
            "PSHOST_CULTURE": self.culture,
            "POWERSHELL_TELEMETRY_OPTOUT": "1",
            "DOTNET_EnableWriteXorExecute": "0",
            "DOTNET_TieredPGO": "0",
        }

    def create(self) -> None:
        for command in (["wineboot.exe", "-i"], ["winecfg.exe", "-v", "win10"]):
            subprocess.run(
                [str(WINE), *command],
                env={**self.environment, "WINEDLLOVERRIDES": "mshtml=;mscoree="},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=TIMEOUT,
                check=True,
            )
        (self.folder / "dosdevices" / "z:").unlink(missing_ok=True)
        (self.drive / "pshost").symlink_to(PSHOST)
        (self.drive / "work").mkdir()

    def remove(self) -> None:
        subprocess.run([str(WINESERVER), "-k"], env=self.environment, check=False, timeout=TIMEOUT)
        # Registry files are written a moment after the server was told to end.
        subprocess.run([str(WINESERVER), "-w"], env=self.environment, check=False, timeout=TIMEOUT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *arguments: str) -> Process:
        return Process(self, arguments)

    def run(self, *arguments: str, stdin: str = "") -> Ended:
        process = self.start(*arguments)
        process.write(stdin)
        return process.wait()

    def write(self, name: str, text: str) -> str:
        """A file in C:\\work, as a Windows path."""
        (self.drive / "work" / name).write_text(text, encoding="utf-8")
        return "C:\\work\\" + name


class Process:
    """A running host.

    Its output goes to files: the first process of a Wine session hands its streams on to Wine's services, so that
    whoever waits for the end of a pipe waits for those.
    """

    def __init__(self, machine: Machine, arguments: tuple[str, ...]) -> None:
        self._out = tempfile.TemporaryFile()
        self._err = tempfile.TemporaryFile()
        self._popen = subprocess.Popen(
            [str(WINE), "C:\\pshost\\powershell.exe", *arguments],
            stdin=subprocess.PIPE,
            stdout=self._out,
            stderr=self._err,
            cwd=machine.drive / "work",
            env=machine.environment,
        )

    def output(self) -> bytes:
        return os.pread(self._out.fileno(), 1 << 20, 0)

    def write(self, text: str, *, close: bool = True) -> None:
        assert self._popen.stdin is not None
        try:
            self._popen.stdin.write(text.encode())
            self._popen.stdin.flush()
            if close:
                self._popen.stdin.close()
        except BrokenPipeError:
            pass

    def wait_ready(self) -> None:
        deadline = time.monotonic() + TIMEOUT
        while self.output() != b"pshost-ready\n":
            assert self._popen.poll() is None, os.pread(self._err.fileno(), 4096, 0)
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def wait(self) -> Ended:
        code = self._popen.wait(TIMEOUT)
        out = self.output().decode().removeprefix("pshost-ready\n")
        err = os.pread(self._err.fileno(), 1 << 20, 0).decode()
        self._out.close()
        self._err.close()
        return Ended(code, out, err)


@pytest.fixture(scope="session", name="machine")
def fixture_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    subprocess.run([str(ROOT / "tests/lab/pshost/build.sh")], check=True)
    machine = Machine(tmp_path_factory.mktemp("pshost") / "prefix")
    machine.create()
    yield machine
    machine.remove()


def encoded(script: str) -> str:
    return base64.b64encode(script.encode("utf-16-le")).decode()


def clixml(text: str) -> list[tuple[str | None, str]]:
    """The (stream, message) pairs of a CLIXML error stream."""
    header, _newline, body = text.partition("\r\n")
    assert header == "#< CLIXML"
    assert "\n" not in body, "Ansible reads one line after the header"
    messages = ElementTree.fromstring(body)
    return [(message.get("S"), message.text or "") for message in messages]


class TestCommandLine:
    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            pytest.param(["-Command", "1 + 1"], "2", id="command"),
            pytest.param(["-c", "'a'", "+", "'b'"], "ab", id="rest-is-command"),
            pytest.param(["-nol", "-NOPROFILE", "-NonI", "-ep", "bypass", "-w", "Hidden", "-c", "3"], "3", id="short"),
            pytest.param(["/NoProfile", "/c", "4"], "4", id="slashes"),
            pytest.param(["-c", "Get-ExecutionPolicy"], "RemoteSigned", id="policy"),
            pytest.param(["-e", encoded("'ü€😀'")], "ü€😀", id="encoded"),
            pytest.param(["-enc", encoded("Get-ExecutionPolicy"), "-Exec", "AllSigned"], "AllSigned", id="after"),
            pytest.param(["-c", "[Threading.Thread]::CurrentThread.ApartmentState"], "STA", id="sta"),
            pytest.param(["-Mta", "-c", "[Threading.Thread]::CurrentThread.ApartmentState"], "MTA", id="mta"),
        ],
    )
    def test_options(self, machine: Machine, arguments: list[str], expected: str) -> None:
        ended = machine.run(*arguments)
        assert (ended.code, ended.lines, ended.err) == (0, [expected], "")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["-EncodedCommand", "%%%"], "not properly encoded"),
            (["-File", "C:\\work\\none.ps1"], "is not recognized as the name of a script file"),
            (["-Command"], "missing parameter"),
        ],
    )
    def test_bad_command_line(self, machine: Machine, arguments: list[str], message: str) -> None:
        ended = machine.run(*arguments)
        assert ended.code == 64
        assert message in ended.err
        assert ended.out == ""

    @pytest.mark.parametrize(
        ("script", "code"),
        [
            ("exit 7", 7),
            ("Get-Item C:\\none", 1),
            ("Get-Item C:\\none; 1", 0),
            ("throw 'x'", 1),
            ("cmd /c exit 3", 1),
            ("cmd /c exit 3; exit $LASTEXITCODE", 3),
        ],
    )
    def test_exit_codes(self, machine: Machine, script: str, code: int) -> None:
        assert machine.run("-Command", script).code == code

    def test_file_arguments_and_exit(self, machine: Machine) -> None:
        path = machine.write("args.ps1", "param([string]$Name, [switch]$On, $Rest)\n\"$Name $On $Rest\"\nexit 5\n")
        ended = machine.run("-File", path, "-Name", "a b", "-On", "$x")
        assert (ended.code, ended.lines) == (5, ["a b True $x"])

    def test_file_without_exit_succeeds(self, machine: Machine) -> None:
        ended = machine.run("-File", machine.write("plain.ps1", "cmd /c exit 9\n'done'\n"))
        assert (ended.code, ended.lines) == (0, ["done"])

    def test_profile(self, machine: Machine) -> None:
        written = machine.run(
            "-NoProfile", "-Command", "$null = New-Item $PROFILE -Force -Value '$word = \"from the profile\"'; $PROFILE"
        )
        assert written.lines == [line for line in written.lines if line.endswith("profile.ps1")] != []
        try:
            assert machine.run("-Command", "$word").lines == ["from the profile"]
            assert machine.run("-NoProfile", "-Command", "$word").lines == []
        finally:
            machine.run("-NoProfile", "-Command", "Remove-Item -LiteralPath $PROFILE")


class TestStreams:
    def test_stdin_lines_become_input(self, machine: Machine) -> None:
        ended = machine.run("-Command", "$input | ForEach-Object { \"<$_>\" }", stdin="a\nb ü\n")
        assert ended.lines == ["<a>", "<b ü>"]

    def test_script_from_stdin(self, machine: Machine) -> None:
        ended = machine.run("-Command", "-", stdin="$a = 'yes'\n$a\nexit 4\n")
        assert (ended.code, ended.lines) == (4, ["yes"])

    def test_open_stdin_does_not_delay(self, machine: Machine) -> None:
        process = machine.start("-Command", "'done'")
        assert process.wait().lines == ["done"]

    def test_errors_as_text(self, machine: Machine) -> None:
        ended = machine.run("-Command", "Write-Warning 'w'; Get-Item -LiteralPath C:\\none; 'after'")
        assert ended.lines == ["WARNING: w", "after"]
        assert "Cannot find path 'C:\\none' because it does not exist." in ended.err
        category = "ObjectNotFound: (C:\\none:String) [Get-Item], ItemNotFoundException"
        assert f"+ CategoryInfo          : {category}" in ended.err
        assert "+ FullyQualifiedErrorId : PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand" in ended.err

    def test_errors_as_clixml_after_encoded_command(self, machine: Machine) -> None:
        script = "Write-Error \"a<b>&`u{1}_x0041_ ü😀\"; $host.UI.WriteErrorLine('direct'); Write-Warning 'careful'"
        messages = clixml(machine.run("-EncodedCommand", encoded(script)).err)
        errors = "".join(text for stream, text in messages if stream == "Error")
        assert "a<b>&_x0001__x005F_x0041_ ü_xD83D__xDE00_" in errors
        assert ("Error", "direct_x000D__x000A_") in messages
        assert ("warning", "careful") in messages

    def test_terminating_error_is_shown(self, machine: Machine) -> None:
        script = "$ErrorActionPreference = 'Stop'; Get-Item C:\\none; 'not reached'"
        ended = machine.run("-EncodedCommand", encoded(script))
        assert ended.code == 1
        assert ended.out == ""
        assert any("Cannot find path" in text for _stream, text in clixml(ended.err))

    def test_console_and_pipeline_keep_their_order(self, machine: Machine) -> None:
        ended = machine.run("-Command", "'1'; [Console]::WriteLine('2'); Write-Host '3'; cmd /c echo 4; '5'")
        assert ended.lines == ["1", "2", "3", "4", "5"]

    def test_console_that_nobody_sees(self, machine: Machine) -> None:
        script = (
            "Write-Host 'h' -ForegroundColor Red; $Host.UI.RawUI.BufferSize.Width; [Console]::OutputEncoding.WebName; "
            "[Console]::InputEncoding = [Text.Encoding]::UTF8; Write-Progress -Activity a; $Error.Count"
        )
        ended = machine.run("-Command", script)
        assert (ended.lines, ended.err) == (["h", "120", "utf-8", "0"], "")

    def test_questions_are_not_asked(self, machine: Machine) -> None:
        ended = machine.run("-NonInteractive", "-Command", "Read-Host x")
        assert (ended.code, ended.out) == (1, "")
        assert "PowerShell is in NonInteractive mode" in ended.err

    def test_tables_have_no_colours(self, machine: Machine) -> None:
        ended = machine.run("-Command", "$Host.Name; [pscustomobject]@{A = 1; B = 'x'}")
        assert ended.lines == ["ConsoleHost", "", "A B", "- -", "1 x", ""]


class TestDomainLocator:
    """DsGetDcName, as the collection asks it."""

    DOMAIN = {
        "name": "corp.example", "netbios": "CORP", "guid": "e4b6f0c2-6f0d-4a0e-9d1b-1d5f0a6c7b80",
        "forest": "root.example", "pdc": "dc1.corp.example", "dcs": ["dc1.corp.example", "dc2.corp.example"],
        "site": "Berlin", "read_only_dcs": [], "locator": 0,
    }  # fmt: skip

    def test_what_it_finds(self, machine: Machine) -> None:
        (machine.drive / "lab/domain").mkdir(parents=True)
        source = (ROOT / "plugins/module_utils/_DcLocator.cs").read_text("utf-8")
        known = [
            self.DOMAIN,
            {**self.DOMAIN, "read_only_dcs": ["DC2.corp.example"]},
            {**self.DOMAIN, "read_only_dcs": self.DOMAIN["dcs"]},
            {**self.DOMAIN, "name": "other.example"},
            {**self.DOMAIN, "locator": 1722},
        ]
        machine.write("known.json", json.dumps(known))
        machine.write("DcLocator.cs", source)
        script = """
            Add-Type -Path C:\\work\\DcLocator.cs
            $locator = [ansible_collections.gpvault.gpmc.plugins.module_utils._DcLocator.DcLocator]
            $ask = { $found = $locator::FindWritable($args[0])
                '{0} {1} {2:X}' -f $found.controller, $found.forest, $found.error }
            & $ask corp.example
            foreach ($domain in (Get-Content C:\\work\\known.json | ConvertFrom-Json)) {
                $domain | ConvertTo-Json | Set-Content C:\\lab\\domain\\domain.json
                & $ask CORP.example
            }
        """
        try:
            ended = machine.run("-Command", script)
        finally:
            shutil.rmtree(machine.drive / "lab")
        assert (ended.lines, ended.err) == ([
            "  8007054B",
            "dc2.corp.example root.example 0",
            "dc1.corp.example root.example 0",
            "  8007054B",
            "  8007054B",
            "  800706BA",
        ], "")  # fmt: skip


class TestStandby:
    def request(
        self, machine: Machine, script: str, *, stdin: str = "", arguments: list[str] | None = None, **more: object
    ) -> Ended:
        process = machine.start("--standby")
        process.wait_ready()
        request = {
            "args": arguments or ["-NoProfile", "-NonInteractive", "-EncodedCommand", encoded(script)],
            "env": {"LAB_WORD": "wört"},
            "cwd": "C:\\users",
            "sentinel": SENTINEL,
            **more,
        }
        process.write(json.dumps(request, ensure_ascii=False) + "\n" + stdin)
        return process.wait()

    @staticmethod
    def said(ended: Ended) -> str | None:
        """What the last line of stderr says about the exit code."""
        start = f"\x1epshost-ran {SENTINEL} "
        _before, found, rest = ended.err.rpartition(start)
        return rest if found else None

    def test_environment_location_and_stdin(self, machine: Machine) -> None:
        script = "$env:LAB_WORD; $pwd.Path; [Environment]::CurrentDirectory; $input; $Error.Count"
        ended = self.request(machine, script, stdin="line ü\n")
        assert ended.lines == ["wört", "C:\\users", "C:\\users", "line ü", "0"]
        assert self.said(ended) == "0\n"

    def test_errors_come_before_the_sentinel(self, machine: Machine) -> None:
        ended = self.request(machine, "Write-Error 'e'; exit 3")
        messages, _mark, _rest = ended.err.partition("\x1e")
        assert messages.endswith("</Objs>")
        assert (ended.code, self.said(ended)) == (3, "3\n")

    def test_exit_zero(self, machine: Machine) -> None:
        assert self.said(self.request(machine, "'x'; exit 0; 'y'")) == "0\n"

    def test_environment_exit(self, machine: Machine) -> None:
        ended = self.request(machine, "'x'; [Environment]::Exit(4)")
        assert (ended.lines, ended.code, self.said(ended)) == (["x"], 4, "4\n")

    def test_bad_arguments_exit_code(self, machine: Machine) -> None:
        assert self.said(self.request(machine, "", arguments=["-EncodedCommand", "%"])) == "64\n"

    def test_killed_process_says_nothing(self, machine: Machine) -> None:
        ended = self.request(machine, "'x'; [Console]::Out.Flush(); Stop-Process -Id $PID -Force; Start-Sleep 30")
        assert self.said(ended) is None

    def test_no_request_no_work(self, machine: Machine) -> None:
        process = machine.start("--standby")
        process.wait_ready()
        process.write("")
        assert process.wait() == Ended(0, "", "")


# For each culture: what it makes of i and of 1.5, and whether file is FILE to a cmdlet.
CULTURES = {"en-US": "I|1.5|1", "de-DE": "I|1,5|1", "tr-TR": "\u0130|1,5|2"}

# Two strings that are equal in every language, though not to NTFS: precomposed and combined, a letter and its spelling,
# and characters that Windows' tables ignore. They do not ignore U+200B, which ICU (PowerShell on Linux) does.
EQUAL = [("\u00e9", "e\u0301"), ("\u00df", "ss"), ("a\u200db", "ab"), ("a\u00adb", "ab"), ("a\ufeffb", "ab")]


class TestCulture:
    @pytest.mark.parametrize("standby", [False, True], ids=["at once", "standby"])
    @pytest.mark.parametrize("culture", CULTURES)
    def test_of_the_process_and_its_runspaces(self, machine: Machine, culture: str, standby: bool) -> None:
        there = dataclasses.replace(machine, culture=culture)
        script = "('i'.ToUpper(), (1.5).ToString(), @('file', 'FILE' | Sort-Object -Unique).Count) -join '|'"
        both = f"{script}; [PowerShell]::Create().AddScript({{{script}}}).Invoke(); (Get-Culture).Name"
        ended = TestStandby().request(there, both) if standby else there.run("-Command", both)
        assert ended.lines == [CULTURES[culture]] * 2 + [culture]

    @pytest.mark.parametrize("culture", CULTURES)
    def test_strings_that_are_equal_in_language_only(self, machine: Machine, culture: str) -> None:
        script = "\n".join(
            f"'{one}' -eq '{other}'; @('{one}', '{other}' | Sort-Object -Unique).Count; '{one}'.Equals('{other}')"
            for one, other in EQUAL
        )
        path = machine.write("equal.ps1", script)
        ended = dataclasses.replace(machine, culture=culture).run("-File", path)
        assert ended.lines == ["True", "1", "False"] * len(EQUAL)


# Each case: a script, and what its output is when every object is made a string and joined with "|". The folder
# C:\work\t holds a.txt ("one", "two"), [b].txt ("three"), .hidden (hidden) and sub\c.log ("four").
CASES: dict[str, tuple[str, str]] = {
    # Each assembly with cmdlets loads and works under Wine
    "json-out-escapes": ("\"a`u{1}`\"\\ü😀\" | ConvertTo-Json", "\"a\\u0001\\\"\\\\ü😀\""),
    "new-object-com-missing": (
        "try { New-Object -ComObject No.Such } catch { '{0:X8} {1}' -f $_.Exception.HResult, "
        "$_.FullyQualifiedErrorId }",
        "80040154 NoCOMClassIdentified,Microsoft.PowerShell.Commands.NewObjectCommand",
    ),
    "add-type": ("Add-Type 'public class T1 { public static int Two() { return 2; } }'; [T1]::Two()", "2"),
    "add-type-assembly": (
        "Add-Type -AssemblyName System.IO.Compression.FileSystem; [IO.Compression.ZipFile].Name",
        "ZipFile",
    ),
    "gci-force": ("(Get-ChildItem C:\\work\\t -Force -File).Name", ".hidden|[b].txt|a.txt"),
    "literal-path": (
        "Test-Path 'C:\\work\\t\\[b].txt'; Test-Path -LiteralPath 'C:\\work\\t\\[b].txt'; "
        "Get-Content -LiteralPath 'C:\\work\\t\\[b].txt'",
        "False|True|three",
    ),
    "get-item-hidden": (
        "try { (Get-Item C:\\work\\t\\.hidden -ErrorAction Stop).Name } catch { 'needs force' }; "
        "(Get-Item C:\\work\\t\\.hidden -Force).Name",
        "needs force|.hidden",
    ),
    "copy-recurse": (
        "Copy-Item C:\\work\\t C:\\work\\t2 -Recurse; Get-Content C:\\work\\t2\\sub\\c.log; "
        "(Copy-Item C:\\work\\t\\a.txt C:\\work\\t2\\z.txt -PassThru).Name",
        "four|z.txt",
    ),
    "remove": (
        "$null = New-Item C:\\work\\r\\s -ItemType Directory -Force; "
        "try { Remove-Item C:\\work\\r -ErrorAction Stop } catch { 'not empty' }; "
        "Remove-Item C:\\work\\r -Recurse -Force; Test-Path C:\\work\\r; "
        "try { Remove-Item C:\\none -ErrorAction Stop } catch { $_.CategoryInfo.Category }",
        "not empty|False|ObjectNotFound",
    ),
    "content-encoding": (
        "Set-Content C:\\work\\e.txt 'ü' -Encoding unicode; "
        "[IO.File]::ReadAllBytes('C:\\work\\e.txt')[0..3] -join ','; "
        "Get-Content C:\\work\\e.txt -Encoding Unicode; 'ü' | Out-File C:\\work\\e.txt -Encoding utf8BOM; "
        "[IO.File]::ReadAllBytes('C:\\work\\e.txt')[0..4] -join ','; "
        "'x' | Out-File C:\\work\\e.txt -Append -Encoding ascii; (Get-Content C:\\work\\e.txt)[1]",
        "255,254,252,0|ü|239,187,191,195,188|x",
    ),
    "redirect": ("'r1' > C:\\work\\re.txt; 'r2' >> C:\\work\\re.txt; Get-Content C:\\work\\re.txt", "r1|r2"),
    "registry": (
        "$k = 'HKCU:\\Software\\GpVaultTest'; $null = New-Item $k -Force; "
        "$null = New-ItemProperty $k -Name n -Value 5 -PropertyType DWord; "
        "Set-ItemProperty $k -Name s -Value text; (Get-ItemProperty $k).n; (Get-ItemProperty $k -Name s).s; "
        "Get-ItemPropertyValue $k n; Remove-ItemProperty $k n; (Get-ItemProperty $k).n -eq $null; "
        "Remove-Item $k -Recurse; Test-Path $k",
        "5|text|5|True|False",
    ),
    "environment": (
        "$env:ZED = 'z'; (Get-Item env:ZED).Value; Test-Path env:NOPE; Remove-Item env:ZED; $null -eq $env:ZED",
        "z|False|True",
    ),
    "file-times": (
        "$f = Get-Item C:\\work\\t\\a.txt; $f.LastWriteTime = [datetime]'2024-01-02'; "
        "(Get-ItemProperty C:\\work\\t\\a.txt).LastWriteTime.Year; "
        "Set-ItemProperty C:\\work\\t\\a.txt IsReadOnly $true; (Get-Item C:\\work\\t\\a.txt).IsReadOnly; "
        "Set-ItemProperty C:\\work\\t\\a.txt IsReadOnly $false",
        "2024|True",
    ),
    "hash": (
        "(Get-FileHash C:\\work\\t\\a.txt -Algorithm SHA1).Hash; (Get-FileHash C:\\work\\t\\a.txt).Algorithm; "
        "try { Get-FileHash C:\\none -ErrorAction Stop } catch { $_.CategoryInfo.Category }",
        "C708D7EF841F7E1748436B8EF5670D0B2DE1A227|SHA256|ObjectNotFound",
    ),
    "acl": ("(Get-Acl C:\\work).GetType().Name", "DirectorySecurity"),
    "clixml": (
        "@{a = 1; b = [datetime]'2024-05-06'; c = 'ü'} | Export-Clixml C:\\work\\x.xml; "
        "$x = Import-Clixml C:\\work\\x.xml; $x.a, $x.b.Month, $x.c",
        "1|5|ü",
    ),
    "secure-string": (
        "$s = ConvertTo-SecureString 'gehé' -AsPlainText -Force; [Net.NetworkCredential]::new('', $s).Password; "
        "ConvertFrom-SecureString $s -AsPlainText; $k = [byte[]](1..16); "
        "ConvertFrom-SecureString (ConvertTo-SecureString (ConvertFrom-SecureString $s -Key $k) "
        "-Key $k) -AsPlainText",
        "gehé|gehé|gehé",
    ),
    "process": (
        "(Get-Process -Id $PID).ProcessName; "
        "try { Get-Process nope_x -ErrorAction Stop } catch { $_.FullyQualifiedErrorId }",
        "powershell|NoProcessFoundForGivenName,Microsoft.PowerShell.Commands.GetProcessCommand",
    ),
    "start-process": (
        "$p = Start-Process cmd.exe -ArgumentList '/c', 'exit 6' -Wait -PassThru -NoNewWindow; $p.ExitCode",
        "6",
    ),
    # CIM, from the lab's domain file
    "cim-domain": (
        "(Get-CimInstance Win32_ComputerSystem) | % { $_.Name, $_.Domain, $_.PartOfDomain }; "
        "(Get-CimInstance -ClassName Win32_OperatingSystem).Caption -like 'Microsoft Windows*'",
        "HOST1|corp.example|True|True",
    ),
    "cim-filter": (
        "@(Get-CimInstance Win32_ComputerSystem -Filter \"Name = 'other'\").Count; "
        "@(Get-CimInstance Win32_Share -Filter \"Path='C:\\\\'\").Count",
        "0|0",
    ),
    "cim-unknown": (
        "try { Get-CimInstance Win32_Nope -ErrorAction Stop } catch { \"$_\".Trim(), "
        "$_.CategoryInfo.Category, $_.FullyQualifiedErrorId.Split(',')[0] }",
        "Invalid class|MetadataError|HRESULT 0x80041010",
    ),
    # The engine, as Ansible's wrappers use it
    "nested-runspace": (
        "$ps = [PowerShell]::Create(); $null = $ps.AddCommand('Set-Variable').AddParameters(@{Name = 'z'; "
        "Value = 5; Scope = 'Global'}).AddStatement(); $null = $ps.AddScript('$z; Get-Item C:\\none'); "
        "$ps.Invoke(); $ps.Streams.Error.Count",
        "5|1",
    ),
    "steppable": (
        "$s = { ConvertFrom-Json | Select-Object a }.GetSteppablePipeline(); $s.Begin($true); "
        "$null = $s.Process('{\"a\": 1}'); $s.End().a; $s.Dispose()",
        "1",
    ),
    "new-module": (
        "$null = New-Module -Name dyn -ScriptBlock { function dynf { 'd' }; "
        "Export-ModuleMember -Function dynf } | Import-Module; dynf",
        "d",
    ),
    "strict-mode": (
        "Set-StrictMode -Version Latest; try { ([pscustomobject]@{a = 1}).b } catch { 'strict' }",
        "strict",
    ),
    # What Wine lacks
    "native-by-name": (
        "cmd /c 'echo hi'; (Get-Command cmd).CommandType; (Get-Command powershell).CommandType",
        "hi|Application|Application",
    ),
    "no-hard-links": (
        "Add-Type -Namespace N -Name F -MemberDefinition '[DllImport(\"kernel32.dll\", "
        "SetLastError = true, CharSet = CharSet.Unicode)] public static extern IntPtr "
        "FindFirstFileNameW(string name, uint flags, ref uint length, System.Text.StringBuilder link);'; "
        "$n = [uint32]9; [N.F]::FindFirstFileNameW('C:\\work\\t\\a.txt', 0, [ref]$n, [Text.StringBuilder]::new(9))",
        "-1",
    ),
    "dos-patterns": (
        "[IO.Directory]::GetFiles('C:\\work\\t', 'a.*').Count; (Get-ChildItem C:\\work\\t\\a.*).Name",
        "1|a.txt",
    ),
}

EVALUATE = r"""
[IO.Directory]::CreateDirectory('C:\work\t\sub') | Out-Null
[IO.File]::WriteAllText('C:\work\t\a.txt', "one`ntwo`n")
[IO.File]::WriteAllText('C:\work\t\[b].txt', 'three')
[IO.File]::WriteAllText('C:\work\t\.hidden', '')
[IO.File]::SetAttributes('C:\work\t\.hidden', 'Hidden')
[IO.File]::WriteAllText('C:\work\t\sub\c.log', 'four')
$cases = $input | ConvertFrom-Json
$results = [ordered]@{}
foreach ($case in $cases.PSObject.Properties) {
    $shell = [PowerShell]::Create()
    $null = $shell.AddScript($case.Value)
    try {
        $results[$case.Name] = @($shell.Invoke() | ForEach-Object { "$_" }) -join '|'
        $problems = @($shell.Streams.Error)
        if ($problems.Count -and -not $results[$case.Name]) { $results[$case.Name] = "error: $($problems[0])" }
    }
    catch {
        $results[$case.Name] = "thrown: $_"
    }
    $shell.Dispose()
}
$results | ConvertTo-Json -Compress
"""


@pytest.fixture(scope="session", name="results")
def fixture_results(machine: Machine) -> dict[str, str]:
    """All cases, evaluated by one process, each in a runspace of its own."""
    domain = machine.drive / "lab" / "domain"
    domain.mkdir(parents=True)
    (domain / "domain.json").write_text(json.dumps({"name": "corp.example", "computer": "HOST1"}), encoding="utf-8")
    path = machine.write("evaluate.ps1", EVALUATE)
    cases = json.dumps({name: script for name, (script, _expected) in CASES.items()}, ensure_ascii=False)
    ended = machine.run("-File", path, stdin=cases + "\n")
    assert ended.err == ""
    return json.loads(ended.lines[-1])


@pytest.mark.parametrize("name", CASES)
def test_cmdlet(results: dict[str, str], name: str) -> None:
    assert results[name] == CASES[name][1]
