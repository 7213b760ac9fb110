# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of the PowerShell host: does it behave as powershell.exe, and do its cmdlets behave as the genuine ones?"""

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


class Machine:
    """A Wine prefix with the PowerShell host in it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.drive = folder / "drive_c"
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "WINEPREFIX": str(folder),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINELOADER": str(WINE),
            "WINEDLLOVERRIDES": "mshtml=",
            "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",
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
            pytest.param(["-e", encoded("'ü€😀'")], "ü€😀", id="encoded"),
            pytest.param(["-enc", encoded("Get-ExecutionPolicy"), "-Exec", "AllSigned"], "AllSigned", id="after"),
            pytest.param(["5 + 1"], "6", id="positional"),
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
            (["-File", "C:\\work\\none.ps1"], "does not exist"),
            (["-Command"], "missing parameter"),
        ],
    )
    def test_bad_command_line(self, machine: Machine, arguments: list[str], message: str) -> None:
        # 0xFFFD0000, of which Unix sees the low byte only.
        ended = machine.run(*arguments)
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


class TestStreams:
    def test_stdin_lines_become_input(self, machine: Machine) -> None:
        ended = machine.run("-Command", "$input | ForEach-Object { \"<$_>\" }", stdin="a\nb ü\n")
        assert ended.lines == ["<a>", "<b ü>"]

    def test_script_from_stdin(self, machine: Machine) -> None:
        ended = machine.run("-Command", "-", stdin="$a = 1\nif ($a) {\n  'yes'\n}\nexit 4\n")
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
        assert ("warning", "careful_x000D__x000A_") in messages

    def test_terminating_error_is_shown(self, machine: Machine) -> None:
        script = "$ErrorActionPreference = 'Stop'; Get-Item C:\\none; 'not reached'"
        ended = machine.run("-EncodedCommand", encoded(script))
        assert ended.code == 1
        assert ended.out == ""
        assert any("Cannot find path" in text for _stream, text in clixml(ended.err))

    def test_console_and_pipeline_keep_their_order(self, machine: Machine) -> None:
        ended = machine.run("-Command", "'1'; [Console]::WriteLine('2'); Write-Host '3'; cmd /c echo 4; '5'")
        assert ended.lines == ["1", "2", "3", "4", "5"]

    def test_tables_have_no_colours(self, machine: Machine) -> None:
        ended = machine.run("-Command", "$Host.Name; [pscustomobject]@{A = 1; B = 'x'}")
        assert ended.lines == ["ConsoleHost", "", "A B", "- -", "1 x", ""]


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
        assert self.said(self.request(machine, "", arguments=["-EncodedCommand", "%"])) == f"{0xFFFD0000}\n"

    def test_killed_process_says_nothing(self, machine: Machine) -> None:
        ended = self.request(machine, "'x'; [Console]::Out.Flush(); Stop-Process -Id $PID -Force; Start-Sleep 30")
        assert self.said(ended) is None

    def test_no_request_no_work(self, machine: Machine) -> None:
        process = machine.start("--standby")
        process.wait_ready()
        process.write("")
        assert process.wait() == Ended(0, "", "")


# Each case: a script, and what its output is when every object is made a string and joined with "|". The folder
# C:\work\t holds a.txt ("one", "two"), [b].txt ("three"), .hidden (hidden) and sub\c.log ("four").
CASES: dict[str, tuple[str, str]] = {
    # JSON
    "json-types": ("$j = '{\"a\":[1,2.5,true,null,\"x\"]}' | ConvertFrom-Json; $j.a | % { \"$_\" }", "1|2.5|True||x"),
    "json-int64": ("('[1, 5000000000]' | ConvertFrom-Json).ForEach({ $_.GetType().Name })", "Int64|Int64"),
    "json-array-enumerates": ("@('[1,2,3]' | ConvertFrom-Json).Count", "3"),
    "json-noenumerate": ("@('[1,2,3]' | ConvertFrom-Json -NoEnumerate).Count", "1"),
    "json-lines": ("'{', '\"a\": 1', '}' | ConvertFrom-Json | % a", "1"),
    "json-two-documents": ("'{\"a\": 1}', '{\"a\": 2}' | ConvertFrom-Json | % a", "1|2"),
    "json-hashtable": ("('{\"a\":{\"B\":1}}' | ConvertFrom-Json -AsHashtable).a.B", "1"),
    "json-bad": (
        "try { 'nope' | ConvertFrom-Json } catch { $_.FullyQualifiedErrorId }",
        "System.ArgumentException,Microsoft.PowerShell.Commands.ConvertFromJsonCommand",
    ),
    "json-trailing": ("try { '{} x' | ConvertFrom-Json } catch { 'bad' }", "bad"),
    "json-out-compress": (
        "[ordered]@{a = 1; b = @('x'); c = $null; d = $true; e = 1.5} | ConvertTo-Json -Compress",
        "{\"a\":1,\"b\":[\"x\"],\"c\":null,\"d\":true,\"e\":1.5}",
    ),
    "json-out-depth": (
        "@{a = @{b = @{c = @{d = 1}}}} | ConvertTo-Json -Compress -WarningAction SilentlyContinue",
        "{\"a\":{\"b\":{\"c\":\"System.Collections.Hashtable\"}}}",
    ),
    "json-out-enum": (
        "@([DayOfWeek]::Friday) | ConvertTo-Json; [DayOfWeek]::Friday | ConvertTo-Json -EnumsAsStrings",
        "5|\"Friday\"",
    ),
    "json-out-array": ("ConvertTo-Json -InputObject @(1) -Compress; 1 | ConvertTo-Json -AsArray -Compress", "[1]|[1]"),
    "json-out-string-members": ("ConvertTo-Json -Compress (Get-Content C:\\work\\t\\a.txt)[0]", "\"one\""),
    "json-out-escapes": ("\"a`u{1}`\"\\ü😀\" | ConvertTo-Json", "\"a\\u0001\\\"\\\\ü😀\""),
    "json-out-custom": (
        "[pscustomobject]@{x = 1; y = [pscustomobject]@{z = 2}} | ConvertTo-Json -Compress",
        "{\"x\":1,\"y\":{\"z\":2}}",
    ),
    # Objects
    "select-properties": (
        "$o = [pscustomobject]@{a = 1; b = 2} | Select-Object b, n, @{n = 'c'; e = { $_.a + 1 }}; "
        "$o.PSObject.Properties | % { \"$($_.Name)=$($_.Value)\" }",
        "b=2|n=|c=2",
    ),
    "select-wildcard-exclude": (
        "([pscustomobject]@{ab = 1; ac = 2; b = 3} | Select-Object a* -ExcludeProperty ac).PSObject.Properties.Name",
        "ab",
    ),
    "select-expand": (
        "[pscustomobject]@{a = 1, 2}, [pscustomobject]@{a = 3} | Select-Object -ExpandProperty a",
        "1|2|3",
    ),
    "select-expand-missing": (
        "try { 1 | Select-Object -ExpandProperty nope -ErrorAction Stop } catch { $_.FullyQualifiedErrorId }",
        "ExpandPropertyNotFound,Microsoft.PowerShell.Commands.SelectObjectCommand",
    ),
    "select-first-stops": ("$n = 0; 1..100 | % { $script:n++; $_ } | Select-Object -First 2; $script:n", "1|2|2"),
    "select-last-skip": (
        "1..5 | Select-Object -Last 2; 1..5 | Select-Object -Skip 3; 1..5 | Select-Object -SkipLast 4",
        "4|5|4|5|1",
    ),
    "select-index-unique": ("'a'..'e' | Select-Object -Index 1, 3; 1, 1, 2 | Select-Object -Unique", "b|d|1|2"),
    "sort-mixed": ("3, 1, 2 | Sort-Object; 'b', 'A', 'c' | Sort-Object -Descending", "1|2|3|c|b|A"),
    "sort-property": ("@{n = 'x'; v = 2}, @{n = 'y'; v = 1} | % { [pscustomobject]$_ } | Sort-Object v | % n", "y|x"),
    "sort-two-ways": (
        "'b2', 'a1', 'a2' | Sort-Object @{e = { $_[0] }; Descending = $true}, @{e = { $_[1] }}",
        "b2|a1|a2",
    ),
    "sort-unique": ("'b', 'a', 'B' | Sort-Object -Unique | Measure-Object | % Count", "2"),
    "where-foreach": (
        "1..4 | Where-Object { $_ % 2 } | ForEach-Object { $_ * 10 }; @('ab', 'c') | Where-Object Length -gt 1",
        "10|30|ab",
    ),
    "measure": (
        "$m = 1, 2, 3 | Measure-Object -Sum -Average -Maximum -Minimum; "
        "\"$($m.Count) $($m.Sum) $($m.Average) $($m.Maximum) $($m.Minimum)\"",
        "3 6 2 3 1",
    ),
    "measure-property": ("(Get-ChildItem C:\\work\\t -File | Measure-Object Length -Sum).Count", "2"),
    "measure-lines": (
        "(\"a b`nc\" | Measure-Object -Line -Word -Character) | % { \"$($_.Lines) $($_.Words) $($_.Characters)\" }",
        "2 3 5",
    ),
    "group": ("1..5 | Group-Object { $_ % 2 } | % { \"$($_.Name):$($_.Count)\" }", "0:2|1:3"),
    "group-hashtable": ("$h = 'aa', 'b', 'cc' | Group-Object Length -AsHashTable; $h[2].Count", "2"),
    "compare": ("Compare-Object 1, 2, 3 2, 3, 4 | % { \"$($_.InputObject)$($_.SideIndicator)\" }", "4=>|1<="),
    "compare-equal": ("Compare-Object 'a' 'A' -IncludeEqual | % SideIndicator", "=="),
    "get-unique": ("'a', 'a', 'b', 'a' | Get-Unique", "a|b|a"),
    "new-object": (
        "(New-Object System.Version 1, 2).ToString(); "
        "(New-Object -TypeName 'System.Collections.Generic.List[int]').Count",
        "1.2|0",
    ),
    "new-object-property": ("(New-Object psobject -Property @{a = 1}).a", "1"),
    "new-object-missing": (
        "try { New-Object No.Such.Type } catch { $_.FullyQualifiedErrorId }",
        "TypeNotFound,Microsoft.PowerShell.Commands.NewObjectCommand",
    ),
    "new-object-com-missing": (
        "try { New-Object -ComObject No.Such } catch { '{0:X8} {1}' -f $_.Exception.HResult, "
        "$_.FullyQualifiedErrorId }",
        "80040154 NoCOMClassIdentified,Microsoft.PowerShell.Commands.NewObjectCommand",
    ),
    "add-member": (
        "$o = 1 | Add-Member -NotePropertyName a -NotePropertyValue 2 -PassThru; $o.a; "
        "$o = [pscustomobject]@{n = 3}; $o | Add-Member ScriptProperty d { $this.n * 2 }; $o.d; "
        "$o | Add-Member ScriptMethod m { param($x) $x + $this.n }; $o.m(4)",
        "2|6|7",
    ),
    "add-member-exists": (
        "try { [pscustomobject]@{a = 1} | Add-Member a 2 -ErrorAction Stop } catch { $_.FullyQualifiedErrorId }",
        "MemberAlreadyExists,Microsoft.PowerShell.Commands.AddMemberCommand",
    ),
    "get-member": (
        "'x' | Get-Member -Name Len* | % { \"$($_.Name) $($_.MemberType)\" }; "
        "[pscustomobject]@{a = 1} | Get-Member -MemberType NoteProperty | % Name",
        "Length Property|a",
    ),
    "add-type": ("Add-Type 'public class T1 { public static int Two() { return 2; } }'; [T1]::Two()", "2"),
    "add-type-member": (
        "Add-Type -Namespace N -Name M -MemberDefinition 'public static string S(){ return \"s\"; }'; [N.M]::S()",
        "s",
    ),
    "add-type-passthru": ("(Add-Type 'public class T2 { }' -PassThru).Name", "T2"),
    "add-type-bad": (
        "try { Add-Type 'class {' -ErrorAction SilentlyContinue } catch { $_.FullyQualifiedErrorId }",
        "COMPILER_ERRORS,Microsoft.PowerShell.Commands.AddTypeCommand",
    ),
    "add-type-assembly": (
        "Add-Type -AssemblyName System.IO.Compression.FileSystem; [IO.Compression.ZipFile].Name",
        "ZipFile",
    ),
    # Variables, aliases, expressions
    "variables": (
        "Set-Variable v 1; New-Variable w 2; (Get-Variable v, w).Value; Remove-Variable v; Test-Path variable:v; "
        "Get-Variable w -ValueOnly",
        "1|2|False|2",
    ),
    "variable-scope": ("function f { Set-Variable s 5 -Scope 1 }; f; $s", "5"),
    "variable-pipeline": ("1, 2 | Set-Variable p; $p.Count; Clear-Variable p; $null -eq $p", "2|True"),
    "variable-missing": (
        "try { Get-Variable nope_x -ErrorAction Stop } catch { $_.FullyQualifiedErrorId }",
        "VariableNotFound,Microsoft.PowerShell.Commands.GetVariableCommand",
    ),
    "variable-readonly": (
        "Set-Variable r 1 -Option ReadOnly; try { Set-Variable r 2 -ErrorAction Stop } catch { 'no' }; "
        "Set-Variable r 3 -Force; $r",
        "no|3",
    ),
    "variable-new-twice": (
        "New-Variable q 1; try { New-Variable q 2 -ErrorAction Stop } catch { $_.FullyQualifiedErrorId }",
        "VariableAlreadyExists,Microsoft.PowerShell.Commands.NewVariableCommand",
    ),
    "aliases": (
        "(Get-Alias ls, dir, cat, gci, sort, select, measure, iex, ft).Definition",
        "Get-ChildItem|Get-ChildItem|Get-Content|Get-ChildItem|Sort-Object|Select-Object|Measure-Object|Invok"
        "e-Expression|Format-Table",
    ),
    "alias-set": (
        "Set-Alias zz Get-Date; (Get-Alias zz).Definition; (New-Alias yy Get-Item -PassThru).Name",
        "Get-Date|yy",
    ),
    "alias-missing": (
        "try { Get-Alias nope_x -ErrorAction Stop } catch { $_.CategoryInfo.Category }",
        "ObjectNotFound",
    ),
    "invoke-expression": ("Invoke-Expression '$ie = 1 + 1; $ie'; $ie", "2|2"),
    "host-culture": ("(Get-Host).GetType().Name; (Get-Culture).GetType().Name", "InternalHost|CultureInfo"),
    # Writing
    "write-output": ("Write-Output 1, 2; @(Write-Output 1, 2 -NoEnumerate).Count", "1|2|1"),
    "write-error": (
        "try { Write-Error -Message m -ErrorId I -Category OpenError -TargetObject t "
        "-ErrorAction Stop } catch { \"$($_.FullyQualifiedErrorId) $($_.CategoryInfo.Category) $_ "
        "$($_.TargetObject)\" }",
        "I OpenError m t",
    ),
    "write-error-exception": (
        "try { Write-Error -Exception ([ArgumentException]::new('x')) -ErrorAction Stop } catch "
        "{ $_.Exception.GetType().Name }",
        "ArgumentException",
    ),
    "write-streams": (
        "& { Write-Warning w; Write-Verbose v -Verbose; Write-Information i; "
        "Write-Host 'h', 1 } *>&1 | % { \"$_\" }",
        "w|v|i|h 1",
    ),
    "out-string": (
        "([pscustomobject]@{a = 1} | Out-String).Trim() -replace '\\r\\n', '/'; ('x' | Out-String) -eq \"x`r`n\"",
        "a/-/1|True",
    ),
    "out-string-stream": ("@('a', 'b' | Out-String -Stream).Count", "2"),
    "format-list": (
        "([pscustomobject]@{a = 1; bb = 2} | Format-List | Out-String).Trim() -replace '\\r\\n', '/'",
        "a  : 1/bb : 2",
    ),
    "format-table-property": (
        "(1..2 | % { [pscustomobject]@{a = $_; "
        "b = 0} } | Format-Table a -HideTableHeaders | Out-String).Trim() -replace '\\s+', '/'",
        "1/2",
    ),
    # Files and paths
    "gci": ("(Get-ChildItem C:\\work\\t).Name", "sub|a.txt|[b].txt"),
    "gci-force": ("(Get-ChildItem C:\\work\\t -Force -File).Name", ".hidden|a.txt|[b].txt"),
    "gci-filters": (
        "(gci C:\\work\\t -Recurse -Include *.log).Name; (gci C:\\work\\t -Filter a.*).Name; "
        "(gci C:\\work\\t\\*.txt -Exclude a*).Name; gci C:\\work\\t -Name -Directory",
        "c.log|a.txt|[b].txt|sub",
    ),
    "gci-depth": (
        "(Get-ChildItem C:\\work -Depth 1 -Filter c.log).Count; "
        "(Get-ChildItem C:\\work -Depth 2 -Filter c.log).Count",
        "0|1",
    ),
    "literal-path": (
        "Test-Path 'C:\\work\\t\\[b].txt'; Test-Path -LiteralPath 'C:\\work\\t\\[b].txt'; "
        "Get-Content -LiteralPath 'C:\\work\\t\\[b].txt'",
        "False|True|three",
    ),
    "test-path": (
        "Test-Path C:\\work\\t -PathType Leaf; Test-Path C:\\work\\t -PathType Container; "
        "Test-Path C:\\work\\t\\a* ; Test-Path ''; Test-Path Q:\\x; Test-Path 'C:\\a|b' -IsValid",
        "False|True|True|False|False|False",
    ),
    "get-item-missing": (
        "try { Get-Item C:\\none -ErrorAction Stop } catch { \"$($_.FullyQualifiedErrorId) "
        "$($_.CategoryInfo.Category) $($_.TargetObject)\" }",
        "PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand ObjectNotFound C:\\none",
    ),
    "get-item-hidden": (
        "try { (Get-Item C:\\work\\t\\.hidden -ErrorAction Stop).Name } catch { 'needs force' }; "
        "(Get-Item C:\\work\\t\\.hidden -Force).Name",
        "needs force|.hidden",
    ),
    "error-action": (
        "Get-Item C:\\none -ErrorAction SilentlyContinue; $Error[0].CategoryInfo.Activity; "
        "Get-Item C:\\none -ErrorAction Ignore -ErrorVariable e; 'on'",
        "Get-Item|on",
    ),
    "new-item": (
        "(New-Item C:\\work\\n\\m -ItemType Directory -Force).FullName; "
        "(New-Item -Path C:\\work\\n -Name f.txt -Value 'v' -ItemType File).Length; "
        "try { New-Item C:\\work\\n\\f.txt -ErrorAction Stop } catch { $_.CategoryInfo.Category }",
        "C:\\work\\n\\m|1|WriteError",
    ),
    "copy-move-rename": (
        "Copy-Item C:\\work\\t\\a.txt C:\\work\\copy.txt; Move-Item C:\\work\\copy.txt C:\\work\\moved.txt; "
        "Rename-Item C:\\work\\moved.txt renamed.txt; (Get-Content C:\\work\\renamed.txt).Count; "
        "Test-Path C:\\work\\moved.txt",
        "2|False",
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
    "remove-whatif": ("Remove-Item C:\\work\\t\\a.txt -WhatIf *> $null; Test-Path C:\\work\\t\\a.txt", "True"),
    "by-property-name": (
        "Get-ChildItem C:\\work\\t -Filter a.txt | Get-Content; "
        "Get-Item C:\\work\\t\\a.txt | Get-ItemProperty | % Name",
        "one|two|a.txt",
    ),
    "content-raw-tail": (
        "(Get-Content C:\\work\\t\\a.txt -Raw).Length; Get-Content C:\\work\\t\\a.txt -TotalCount 1; "
        "Get-Content C:\\work\\t\\a.txt -Tail 1",
        "8|one|two",
    ),
    "content-origin": ("(Get-Content C:\\work\\t\\a.txt)[1] | % { $_.ReadCount, $_.PSChildName }", "2|a.txt"),
    "content-bytes": (
        "(Get-Content C:\\work\\t\\a.txt -AsByteStream -TotalCount 2) -join ','; "
        "Set-Content C:\\work\\b.bin ([byte[]](255, 0)) -AsByteStream; (Get-Item C:\\work\\b.bin).Length",
        "111,110|2",
    ),
    "content-write": (
        "'a', 'b' | Set-Content C:\\work\\w.txt; Add-Content C:\\work\\w.txt c; "
        "(Get-Content C:\\work\\w.txt) -join ','; Set-Content C:\\work\\w.txt d -NoNewline; "
        "Get-Content C:\\work\\w.txt -Raw; Clear-Content C:\\work\\w.txt; (Get-Item C:\\work\\w.txt).Length",
        "a,b,c|d|0",
    ),
    "content-encoding": (
        "Set-Content C:\\work\\e.txt 'ü' -Encoding unicode; "
        "[IO.File]::ReadAllBytes('C:\\work\\e.txt')[0..3] -join ','; "
        "Get-Content C:\\work\\e.txt -Encoding Unicode; 'ü' | Out-File C:\\work\\e.txt -Encoding utf8BOM; "
        "[IO.File]::ReadAllBytes('C:\\work\\e.txt')[0..4] -join ','; "
        "'x' | Out-File C:\\work\\e.txt -Append -Encoding ascii; (Get-Content C:\\work\\e.txt)[1]",
        "255,254,252,0|ü|239,187,191,195,188|x",
    ),
    "content-missing": (
        "try { Get-Content C:\\none -ErrorAction Stop } catch { $_.Exception.GetType().Name }",
        "ItemNotFoundException",
    ),
    "redirect": ("'r1' > C:\\work\\re.txt; 'r2' >> C:\\work\\re.txt; Get-Content C:\\work\\re.txt", "r1|r2"),
    "out-file-noclobber": (
        "try { 'x' | Out-File C:\\work\\t\\a.txt -NoClobber } catch { $_.FullyQualifiedErrorId }",
        "NoClobber,Microsoft.PowerShell.Commands.OutFileCommand",
    ),
    "tee": (
        "1, 2 | Tee-Object C:\\work\\tee.txt; Get-Content C:\\work\\tee.txt; 3 | Tee-Object -Variable tv; $tv",
        "1|2|1|2|3|3",
    ),
    "join-path": (
        "Join-Path C:\\a b; Join-Path C:\\a b c d; 'C:\\x', 'C:\\y' | Join-Path -ChildPath z; "
        "Join-Path -Path C:\\ -ChildPath '\\q'",
        "C:\\a\\b|C:\\a\\b\\c\\d|C:\\x\\z|C:\\y\\z|C:\\q",
    ),
    "split-path": (
        "Split-Path C:\\a\\b.txt; Split-Path C:\\a\\b.txt -Leaf; Split-Path C:\\a\\b.txt -LeafBase; "
        "Split-Path C:\\a\\b.txt -Extension; Split-Path C:\\a -Qualifier; Split-Path C:\\a -NoQualifier; "
        "Split-Path a -IsAbsolute; Split-Path \\\\s\\h\\f",
        "C:\\a|b.txt|b|.txt|C:|\\a|False|\\\\s\\h",
    ),
    "resolve-convert-path": (
        "(Resolve-Path C:\\work\\t\\*.txt).Path.Count; Convert-Path C:\\work\\.\\t; "
        "try { Resolve-Path C:\\none -ErrorAction Stop } catch { $_.CategoryInfo.Category }; "
        "Push-Location C:\\work; Resolve-Path t -Relative; Pop-Location",
        "2|C:\\work\\t|ObjectNotFound|.\\t",
    ),
    "location": (
        "Push-Location C:\\work\\t; (Get-Location).Path; Set-Location sub; $pwd.Path; Pop-Location; "
        "Set-Location -LiteralPath C:\\; (Get-Location).Path",
        "C:\\work\\t|C:\\work\\t\\sub|C:\\",
    ),
    "drives": (
        "(Get-PSDrive C).Provider.Name; $null = New-PSDrive T FileSystem C:\\work\\t; (Get-Content T:\\a.txt)[0]; "
        "Remove-PSDrive T; try { Get-PSDrive T -ErrorAction Stop } catch { $_.CategoryInfo.Category }",
        "FileSystem|one|ObjectNotFound",
    ),
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
    # Text and data
    "select-string": (
        "$m = Select-String -Path C:\\work\\t\\a.txt -Pattern 'T(w)o'; "
        "$m.LineNumber, $m.Line, $m.Matches[0].Groups[1].Value; 'a', 'b' | Select-String b -Quiet; "
        "'x.y', 'xzy' | Select-String x.y -SimpleMatch | % Line; 'A' | Select-String a -CaseSensitive -Quiet",
        "2|two|w|True|x.y|False",
    ),
    "csv": (
        "$c = 'n,v', 'a,\"1,2\"', '\"q\"\"q\",' | ConvertFrom-Csv; $c[0].v, $c[1].n, $c[1].v; "
        "[pscustomobject]@{x = 1; y = 'a\"b'} | ConvertTo-Csv",
        "1,2|q\"q||\"x\",\"y\"|\"1\",\"a\"\"b\"",
    ),
    "csv-file": (
        "[pscustomobject]@{a = \"l1`nl2\"; b = 2} | Export-Csv C:\\work\\c.csv -NoTypeInformation; "
        "[pscustomobject]@{b = 4; a = 3} | Export-Csv C:\\work\\c.csv -Append; $r = Import-Csv C:\\work\\c.csv; "
        "$r.Count, $r[0].a.Length, $r[1].a; Import-Csv C:\\work\\c.csv -Header p, q | Select-Object -First 1 | % q",
        "2|5|3|b",
    ),
    "csv-delimiter": (
        "'a;b', '1;2' | ConvertFrom-Csv -Delimiter ';' | % b; "
        "[pscustomobject]@{a = 1} | ConvertTo-Csv -UseQuotes AsNeeded",
        "2|a|1",
    ),
    "clixml": (
        "@{a = 1; b = [datetime]'2024-05-06'; c = 'ü'} | Export-Clixml C:\\work\\x.xml; "
        "$x = Import-Clixml C:\\work\\x.xml; $x.a, $x.b.Month, $x.c",
        "1|5|ü",
    ),
    "select-xml": (
        "Select-Xml -Content '<r><i n=\"1\"/><i n=\"2\"/></r>' -XPath '//i/@n' | % { $_.Node.Value }; "
        "([xml]'<a xmlns=\"u\"><b>t</b></a>' | Select-Xml -XPath '//x:b' -Namespace @{x = 'u'}).Node.InnerText",
        "1|2|t",
    ),
    "string-data": ("(ConvertFrom-StringData \"a = 1`n# no`nb=x y\").b", "x y"),
    # Dates, random, secrets
    "dates": (
        "(Get-Date '2024-02-03T04:05:06').ToString('s'); Get-Date '2024-02-03' -Format yyyyMMdd; "
        "(Get-Date -Year 2020 -Month 1 -Day 2).Year; Get-Date '2024-02-03' -UFormat '%Y-%m-%d %%'; "
        "(New-TimeSpan -Hours 2).TotalMinutes; (New-TimeSpan '2024-01-01' '2024-01-03').Days",
        "2024-02-03T04:05:06|20240203|2020|2024-02-03 %|120|2",
    ),
    "random": (
        "$r = Get-Random -Minimum 3 -Maximum 5; $r -ge 3 -and $r -lt 5; (1..9 | Get-Random -Count 3).Count; "
        "(Get-Random -InputObject 7); (New-Guid).GetType().Name",
        "True|3|7|Guid",
    ),
    "sleep": ("(Measure-Command { Start-Sleep -Milliseconds 60 }).TotalMilliseconds -ge 50", "True"),
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
