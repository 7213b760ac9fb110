# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wine prefixes: the template, made once, and the copy that each host gets."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from . import paths, wine
from .domain_model import DomainInfo
from .errors import LabError
from .files import read_json, write_json
from .paths import HostPaths

#: Raised when the way a template is made changes, so that old ones are made again.
RECIPE = 2

STAMP = ".gpvault-template.json"

#: Where Debian's Wine notes the folder in /tmp with the session's socket; each prefix needs its own.
SESSION_NOTE = "wineserver"

#: The account of the lab, which is also the name of its profile folder.
ACCOUNT = "vagrant"

#: What programs only read, so that all prefixes may share one copy of it. Everything else is copied, since Wine and
#: its programs write to it in place (win.ini, logs), and a hard link would carry that into every other prefix.
SHARED_SUFFIXES = frozenset(
    ".acm .ax .cpl .com .dll .drv .ds .exe .fon .manifest .mo .msi .msstyles .nls .ocx .sys .tlb .ttf .vxd".split()
)
SHARED_FOLDERS = ("windows", "Program Files", "Program Files (x86)")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def _template_locked(template: Path, mode: int) -> Iterator[None]:
    """One maker at a time, and nobody copies meanwhile: tests may bring up several labs at once."""
    path = template.with_name(template.name + ".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        fcntl.flock(stream, mode)
        yield


def _wanted_stamp() -> dict[str, object]:
    dll = paths.gpmgmt_dll()
    if not dll.is_file():
        raise LabError(f"{dll} is missing; run `make setup`")
    return {"recipe": RECIPE, "wine": wine.version(), "gpmgmt_dll": _digest(dll)}


def ensure_template(progress: Callable[[str], None] = lambda _line: None) -> Path:
    """The template prefix; made when it is missing, or when Wine or the stand-in is another one than then."""
    wine.require()
    template = paths.template_prefix()
    wanted = _wanted_stamp()
    with _template_locked(template, fcntl.LOCK_EX):
        if read_json(template / STAMP) != wanted:
            progress("making the Wine prefix template (once, about 15 s)")
            _make_template(template)
            write_json(template / STAMP, wanted)
    return template


def _make_template(template: Path) -> None:
    if template.exists():
        stop_session(template)
        shutil.rmtree(template)
    template.mkdir(parents=True)
    # wineboot alone may go without mscoree: it would only offer to download Mono, and no .NET runs here.
    wine.run(template, ["wineboot.exe", "-i"], "making a Wine prefix", overrides="mscoree=;mshtml=")
    wine.run(template, ["winecfg.exe", "-v", "win10"], "setting the Windows version")
    # A process that crashes just ends, as on a server; Wine's debugger would print pages about it to stdout.
    wine.run(template, ["reg.exe", "add", r"HKLM\Software\Microsoft\Windows NT\CurrentVersion\AeDebug", "/f",
                        "/v", "Debugger", "/t", "REG_SZ", "/d", r"C:\windows\system32\rundll32.exe"],
             "switching Wine's debugger off")
    lab = template / "drive_c" / "lab"
    lab.mkdir()
    shutil.copy2(paths.gpmgmt_dll(), lab / "gpmgmt.dll")
    wine.run(template, ["regsvr32.exe", "/s", r"C:\lab\gpmgmt.dll"], "registering the stand-in for GPMC")
    wine.wait_for_server(template)
    stop_session(template)
    _tidy(template)


def _tidy(template: Path) -> None:
    """Take out what leads from the prefix to the Unix file system, and make the account's profile."""
    # With z: a line about this device appears on every stderr, and the payload would see the Unix root.
    for device in (template / "dosdevices").iterdir():
        if device.name != "c:":
            device.unlink()
    users = template / "drive_c" / "users"
    for folder, names, _files in os.walk(users):
        for name in names:
            path = Path(folder) / name
            if path.is_symlink():  # Desktop, Documents, … lead to the home of whoever made the prefix
                path.unlink()
                path.mkdir()
    for name in ("Desktop", "Documents", "AppData/Local/Temp", "AppData/Roaming"):
        (users / ACCOUNT / name).mkdir(parents=True, exist_ok=True)


def copy_template(template: Path, target: Path) -> None:
    """Copy the template for a host: large read-only files as hard links, everything else for real."""
    drive_c = template / "drive_c"
    shared = tuple(drive_c / name for name in SHARED_FOLDERS)

    def copy_file(source: str, destination: str) -> str:
        path = Path(source)
        if path.suffix.lower() in SHARED_SUFFIXES and any(folder in path.parents for folder in shared):
            try:
                os.link(source, destination)
                return destination
            except OSError:  # another file system
                pass
        return shutil.copy2(source, destination)

    def left_out(folder: str, _names: list[str]) -> list[str]:
        return [SESSION_NOTE] if Path(folder) == template else []

    shutil.copytree(template, target, symlinks=True, copy_function=copy_file, ignore=left_out)


def is_current(host: HostPaths, template: Path) -> bool:
    """Whether the host's prefix is a copy of this template, and not of one before it."""
    return host.prefix.is_dir() and read_json(host.prefix / STAMP) == read_json(template / STAMP)


def remove_host_prefix(host: HostPaths) -> None:
    """End the host's Wine session and delete its prefix; its domain and drive D: lie elsewhere."""
    stop_session(host.prefix)
    if host.prefix.exists():
        shutil.rmtree(host.prefix)


def stop_session(prefix: Path) -> None:
    """End the Wine session of a prefix, and remove its folder in /tmp, which Wine makes again when it needs it."""
    wine.stop_server(prefix)
    note = prefix / SESSION_NOTE
    if not note.is_file():
        return
    folder = note.read_text(encoding="utf-8").strip()
    if re.fullmatch(r"wine-\w+", folder):
        for path in sorted(Path("/tmp", folder).glob("server-*")):
            shutil.rmtree(path, ignore_errors=True)
        with suppress(OSError):
            Path("/tmp", folder).rmdir()


def make_host_prefix(host: HostPaths, info: DomainInfo, shares: Path, template: Path) -> None:
    """The prefix of one host: its copy of the template, its drives, and the shares it can reach."""
    with _template_locked(template, fcntl.LOCK_SH):
        copy_template(template, host.prefix)
    _symlink(host.drive_c / "lab" / "domain", host.domain)
    devices = host.prefix / "dosdevices"
    host.drive_d.mkdir(exist_ok=True)
    _symlink(devices / "d:", host.drive_d)
    link_unc_paths(host, info, shares)


def link_pshost(host: HostPaths, pshost: Path) -> None:
    """Give the host its PowerShell."""
    _symlink(host.drive_c / "pshost", pshost)


def link_unc_paths(host: HostPaths, info: DomainInfo, shares: Path) -> None:
    r"""Wine finds \\server\share where dosdevices/unc/server/share leads to.

    It matches names without regard to case, so one spelling is enough. SYSVOL is reached by the domain's name and by
    each DC's full and short name; the folders in `shares` by the server `backup`.
    """
    unc = host.prefix / "dosdevices" / "unc"
    servers = [info.name, info.netbios]
    for controller in info.dcs:
        servers += [controller, controller.split(".")[0]]
    for server in dict.fromkeys(name.lower() for name in servers):
        (unc / server).mkdir(parents=True, exist_ok=True)
        _symlink(unc / server / "SYSVOL", host.domain / "sysvol")
        _symlink(unc / server / "NETLOGON", host.domain / "sysvol" / info.name / "scripts")
    (unc / "backup").mkdir(parents=True, exist_ok=True)
    for share in sorted(shares.iterdir()):
        _symlink(unc / "backup" / share.name, share)


def _symlink(path: Path, target: Path) -> None:
    if path.is_symlink():
        if path.readlink() == target:  # a host that runs must not miss it for a moment
            return
        path.unlink()
    path.symlink_to(target)
