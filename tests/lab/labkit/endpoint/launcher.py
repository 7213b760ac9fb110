# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a command becomes a process: under Wine on the lab's hosts, natively in the endpoint's own tests.

Wine keeps a Windows session per prefix: a server, and services that the first Windows process starts and hands its
stderr to. The launcher therefore starts a first process of its own, whose stderr is nobody's, and keeps it for as
long as the endpoint runs: commands never are the first, start faster, and are killed without harm to the services.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import threading
import typing as t
import uuid

from .config import Config
from .translate import Translation

_WINE = "/usr/lib/wine/wine64"
_WINESERVER = ("/usr/lib/wine/wineserver64", "/usr/lib/wine/wineserver", "/usr/bin/wineserver")
_CMD = r"C:\windows\system32\cmd.exe"
_SESSION_TIMEOUT = 60.0

# What Windows .NET needs or likes under Wine; the configuration can override each.
_DOTNET = {
    "DOTNET_EnableWriteXorExecute": "0",
    "DOTNET_TieredPGO": "0",
    "DOTNET_gcConcurrent": "0",
    "POWERSHELL_TELEMETRY_OPTOUT": "1",
}

# Set by clients for a cmd shell these would reach Wine or the loader instead of the command.
_RESERVED = ("WINE", "LD_", "DYLD_")
_RESERVED_NAMES = ("PATH", "HOME", "DISPLAY", "XDG_RUNTIME_DIR")


class Launcher(t.Protocol):
    """Starts processes for shells."""

    def open(self) -> None:
        """Get ready to start processes; may return before everything is up."""

    def close(self) -> None:
        """End whatever still runs."""

    def powershell(self) -> subprocess.Popen[bytes]:
        """Start a PowerShell host in standby."""

    def command(
        self, line: str, arguments: t.Sequence[str], skip_cmd: bool, env: t.Mapping[str, str], directory: str,
    ) -> subprocess.Popen[bytes]:
        """Start anything else: the line in cmd.exe, or the arguments themselves."""

    def unix_path(self, path: str) -> str | None:
        """Where an absolute path of the host lies on this machine; None when it does not exist."""

    @property
    def default_directory(self) -> str:
        """Where commands start when the client names no directory."""


def _spawn(argv: t.Sequence[str], env: t.Mapping[str, str], directory: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # pylint: disable=consider-using-with
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(env), cwd=directory,
        bufsize=0, start_new_session=True)


def _base_environment() -> dict[str, str]:
    """What every child gets of this process's environment: nothing that Ansible, Python or NTLM need here."""
    kept = ("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    env["LANG"] = "C.UTF-8"
    return env


def client_environment(env: t.Mapping[str, str]) -> dict[str, str]:
    """The variables a client may set for a command."""
    return {
        name: value for name, value in env.items()
        if name and "=" not in name and "\0" not in name + value
        and name.upper() not in _RESERVED_NAMES and not name.upper().startswith(_RESERVED)
    }


class WineLauncher:
    """Runs Windows programs in one Wine prefix."""

    def __init__(self, config: Config) -> None:
        assert config.prefix is not None
        self._prefix = pathlib.Path(config.prefix).resolve()
        self._powershell = config.powershell
        self._env = _base_environment() | {
            "WINEPREFIX": str(self._prefix),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            # Never mscoree here: .NET would not start ("Module not found").
            "WINEDLLOVERRIDES": "mshtml=",
            "WINELOADER": _WINE,
        } | _DOTNET | config.env
        self._env.pop("DISPLAY", None)
        self.default_directory = config.workdir or "C:\\Users\\" + config.user
        self._keeper: subprocess.Popen[bytes] | None = None
        self._up = threading.Event()
        self._batches = self._prefix / "drive_c" / "windows" / "temp" / f"commands-{os.getpid()}"

    def open(self) -> None:
        """Start the process that keeps the Wine session."""
        if not (self._prefix / "drive_c").is_dir():
            raise FileNotFoundError(f"{self._prefix}: no Wine prefix")
        if not self.unix_path(self.default_directory) and self.default_directory.lower().startswith("c:\\users\\"):
            (self._prefix / "drive_c" / "users" / self.default_directory[9:]).mkdir(parents=True, exist_ok=True)
        self._keeper = subprocess.Popen(  # pylint: disable=consider-using-with
            [_WINE, _CMD, "/d", "/q", "/k", "echo", "up"], env=self._env, cwd=self._prefix / "drive_c", bufsize=0,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
        threading.Thread(target=self._watch_keeper, args=(self._keeper,), name="wine session", daemon=True).start()

    def _watch_keeper(self, keeper: subprocess.Popen[bytes]) -> None:
        assert keeper.stdout is not None
        while True:
            said = keeper.stdout.read(4096)
            # It speaks as soon as Wine's services run; if it cannot, the commands will tell why.
            self._up.set()
            if not said:
                keeper.stdout.close()
                keeper.wait()
                return

    def close(self) -> None:
        """End the session and every process in it."""
        shutil.rmtree(self._batches, ignore_errors=True)
        if self._keeper is None:
            return
        server = next((path for path in _WINESERVER if os.path.exists(path)), None)
        if server is not None:
            subprocess.run([server, "-k"], env=self._env, check=False, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=10)
        try:
            self._keeper.wait(5)
        except subprocess.TimeoutExpired:
            self._keeper.kill()
            self._keeper.wait()
        if self._keeper.stdin is not None:
            self._keeper.stdin.close()
        self._keeper = None

    def powershell(self) -> subprocess.Popen[bytes]:
        """Start a PowerShell host in standby."""
        self._up.wait(_SESSION_TIMEOUT)
        return _spawn([_WINE, self._powershell, "--standby"], self._env, str(self._prefix / "drive_c"))

    def command(
        self, line: str, arguments: t.Sequence[str], skip_cmd: bool, env: t.Mapping[str, str], directory: str,
    ) -> subprocess.Popen[bytes]:
        """Start a command line in cmd.exe, or a program by its arguments."""
        self._up.wait(_SESSION_TIMEOUT)
        argv = list(arguments) if skip_cmd else [_CMD, "/d", "/c", *self._for_cmd(line)]
        place = self.unix_path(directory)
        if place is None:
            raise NotADirectoryError(directory)
        return _spawn([_WINE, *argv], self._env | client_environment(env), place)

    def process(self, asked: Translation) -> tuple[list[str], dict[str, str], str]:
        """Return a process as its arguments, its environment and the folder that it starts in: what another process
        starts in the session that an endpoint keeps."""
        program = [self._powershell, *asked.arguments] if asked.kind == "powershell" else [
            _CMD, "/d", "/c", *self._for_cmd(asked.line)]
        return [_WINE, *program], self._env, self.unix_path(self.default_directory) or str(self._prefix / "drive_c")

    def _for_cmd(self, line: str) -> list[str]:
        """The line as arguments that reach cmd.exe unchanged.

        Wine makes a Windows command line of its arguments, and in doing so quotes empty ones and escapes double
        quotes in a way that cmd.exe does not know. Such a line takes the way through a batch file.
        """
        if '"' not in line and "  " not in line and "\t" not in line:
            return line.split(" ")
        self._batches.mkdir(exist_ok=True)
        batch = self._batches / f"{uuid.uuid4().hex}.cmd"
        batch.write_text(f"@echo off\r\n{line}\r\n", encoding="utf-8", newline="")
        return [f"C:\\windows\\temp\\{self._batches.name}\\{batch.name}"]

    def unix_path(self, path: str) -> str | None:
        """Follow a path with a drive letter through the prefix, matching names as Windows does."""
        drive, rest = path[:2].lower(), path[2:]
        if len(drive) != 2 or drive[1] != ":" or rest[:1] not in ("\\", "/", ""):
            return None
        place = self._prefix / "dosdevices" / drive
        for name in rest.replace("/", "\\").split("\\"):
            if name in ("", "."):
                continue
            found = _entry(place, name)
            if found is None:
                return None
            place = found
        return str(place.resolve()) if place.exists() else None


def _entry(folder: pathlib.Path, name: str) -> pathlib.Path | None:
    """The entry of a folder with this name, whatever its case."""
    if name == ".." or (folder / name).exists():
        return folder / name
    try:
        return next((entry for entry in folder.iterdir() if entry.name.lower() == name.lower()), None)
    except OSError:
        return None


class NativeLauncher:
    """Runs programs of this machine: for the endpoint's own tests, which need speed and no Wine.

    ``powershell`` in the configuration is then a Python program that speaks the standby protocol.
    """

    def __init__(self, config: Config) -> None:
        self._powershell = config.powershell
        self._env = _base_environment() | config.env
        self.default_directory = config.workdir or "/"

    def open(self) -> None:
        """Nothing to prepare."""

    def close(self) -> None:
        """Nothing to end: every process belongs to a shell or to the pool."""

    def powershell(self) -> subprocess.Popen[bytes]:
        """Start the stand-in for the PowerShell host."""
        return _spawn([sys.executable, self._powershell, "--standby"], self._env, "/")

    def command(
        self, line: str, arguments: t.Sequence[str], skip_cmd: bool, env: t.Mapping[str, str], directory: str,
    ) -> subprocess.Popen[bytes]:
        """Start a program by its arguments; there is no cmd.exe here."""
        del line, skip_cmd
        return _spawn(list(arguments), self._env | client_environment(env), directory)

    def unix_path(self, path: str) -> str | None:
        """The path itself."""
        return path if os.path.exists(path) else None


def create(config: Config) -> Launcher:
    """The launcher that the configuration asks for."""
    return WineLauncher(config) if config.launcher == "wine" else NativeLauncher(config)
