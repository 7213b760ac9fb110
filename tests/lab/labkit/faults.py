# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plants, lists and clears faults: those of the stand-in for GPMC and those of the WinRM endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import LabError
from .files import read_json, write_json
from .host import Host

#: kind -> (what happens, the HRESULT when none is given)
GPMC_KINDS: dict[str, tuple[str, str | None]] = {
    "refuse": ("Backup itself returns the HRESULT", "0x80070005"),
    "fail": ("Backup returns S_OK, its OverallStatus is the HRESULT, with messages; a partial folder stays",
             "0x80070005"),
    "messages": ("Backup succeeds, but with messages", None),
    "slow": ("Backup waits --delay milliseconds before it goes on", None),
    "hang": ("Backup never returns", None),
    "hang_read": ("GetSecurityDescriptor never returns", None),
    "crash": ("Backup writes half of the files, then its process dies", None),
    "disk_full": ("Backup stops half way through the files; a partial folder stays", "0x80070070"),
    "access_denied": ("the backup's folder cannot be created", "0x80070005"),
    "refuse_restore": ("RestoreGPO and Import themselves return the HRESULT", "0x80070005"),
    "fail_restore": ("RestoreGPO and Import return S_OK, their OverallStatus is the HRESULT; nothing has changed",
                     "0x80070005"),
    "crash_restore": ("RestoreGPO and Import do their work, then their process dies", None),
    "lose_files": ("RestoreGPO and Import succeed, but leave out the last file that the backup lists", None),
    "lose_directory": ("RestoreGPO and Import succeed, but leave the settings in the directory as they are", None),
    "refuse_security": ("SetSecurityInfo and SetSecurityDescriptor return the HRESULT; nothing has changed",
                        "0x80070005"),
    "no_names": ("GetSecurityDescriptor tells SIDs instead of names, as when they cannot be looked up", None),
    "refuse_trustee": ("CreateTrustee returns the HRESULT: no SID for a name", "0x800706BA"),
    "refuse_link": ("CreateGPOLink returns the HRESULT; nothing has changed", "0x80070005"),
    "crash_link": ("CreateGPOLink does its work, then its process dies", None),
    "refuse_link_edit": ("setting Enabled or Enforced of a link returns the HRESULT; nothing has changed",
                         "0x80070005"),
    "refuse_search": ("SearchSOMs and SearchWMIFilters return the HRESULT: no links, no filters", "0x80070005"),
    "dc_down": ("GetDomain fails with 0x8007203A", "0x8007203A"),
    "no_delegation": ("GetDomain succeeds, every directory call after it fails with 0x80072020", "0x80072020"),
}

ENDPOINT_KINDS: dict[str, str] = {
    "cut_receive": "the connection is closed without an answer on a Receive of a running command",
    "cut_send": "the same on a Send; its data is lost",
    "restart": "all shells and their processes end on a Receive, whose connection is closed without an answer",
    "refuse_connect": "new connections are reset",
    "double_hop": "logons that bring no credentials along, by NTLM or a key of SSH, reach no directory",
}

#: Faults of the domain, not of one GPO.
DOMAIN_WIDE = ("refuse_trustee", "refuse_search", "dc_down", "no_delegation")


@dataclass
class FaultRequest:
    """What to plant."""

    kind: str
    gpo: str = "*"
    times: int | None = None
    hresult: str | None = None
    message: str | None = None
    delay_ms: int = 0
    after: int = 0


@dataclass
class Planted:
    """A planted fault, as `lab fault list` shows it."""

    host: str
    where: str
    entry: dict[str, Any]
    hits: int | None

    @property
    def id(self) -> str:
        return self.entry["id"]


class Faults:
    """The faults of one host."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._gpmc_file: Path = host.paths.domain / "faults.json"
        self._hits_dir: Path = host.paths.domain / "faults.hits"
        self._endpoint_file: Path = host.paths.endpoint_faults

    def planted(self) -> list[Planted]:
        """Every fault, with the number of hits where they are counted: those of GPMC that end after some."""
        gpmc = [Planted(self.host.name, "gpmc", entry, self._hits(entry["id"]) if entry.get("times") else None)
                for entry in read_json(self._gpmc_file, [])]
        endpoint = [Planted(self.host.name, "endpoint", entry, None)
                    for entry in read_json(self._endpoint_file, [])]
        return gpmc + endpoint

    def _hits(self, fault_id: str) -> int:
        return sum(1 for path in self._hits_dir.glob("*") if path.name.rpartition(".")[0] == fault_id)

    def add(self, request: FaultRequest) -> str:
        """Plant a fault; returns its ID."""
        if request.times is not None and request.times < 1:
            raise LabError("--times: at least 1")
        fault_id = self._new_id()
        if request.kind in ENDPOINT_KINDS:
            entry: dict[str, Any] = {"id": fault_id, "kind": request.kind, "times": request.times,
                                     "after": request.after, "delay_ms": request.delay_ms}
            path = self._endpoint_file
        elif request.kind in GPMC_KINDS:
            entry = self._gpmc_entry(fault_id, request)
            path = self._gpmc_file
        else:
            raise LabError(f"unknown fault {request.kind!r}; one of {', '.join([*GPMC_KINDS, *ENDPOINT_KINDS])}")
        write_json(path, [*read_json(path, []), entry])
        return fault_id

    def _gpmc_entry(self, fault_id: str, request: FaultRequest) -> dict[str, Any]:
        gpo = "*"
        if request.gpo != "*" and request.kind not in DOMAIN_WIDE:
            gpo = self.host.domain.find_gpo(request.gpo).id
        hresult = request.hresult or GPMC_KINDS[request.kind][1] or "0x00000000"
        try:
            hresult = f"0x{int(hresult, 16) & 0xFFFFFFFF:08X}"
        except ValueError as error:
            raise LabError(f"--hresult: {hresult!r} is not hexadecimal") from error
        messages = []
        if request.kind in ("fail", "messages", "fail_restore"):
            messages.append({
                "object_path": "" if gpo == "*" else self._object_path(gpo),
                "extension": "Registry",
                "setting": "",
                "message": request.message or "A fault that was planted in the lab.",
                "error": hresult,
                "operation": hresult,
            })
        return {"id": fault_id, "kind": request.kind, "gpo": gpo, "times": request.times, "hresult": hresult,
                "messages": messages, "delay_ms": request.delay_ms}

    def _object_path(self, gpo: str) -> str:
        base = self.host.domain.info.distinguished_name
        return f"LDAP://CN={gpo},CN=Policies,CN=System,{base}"

    def _new_id(self) -> str:
        """An ID that was not used yet, not even by a fault that is gone: hits are counted by it."""
        used = {planted.id for planted in self.planted()}
        used |= {path.name.rpartition(".")[0] for path in self._hits_dir.glob("*")}
        number = 1
        while f"f{number}" in used:
            number += 1
        return f"f{number}"

    def clear(self, fault_id: str | None = None) -> int:
        """Take away one fault, or all; returns how many."""
        count = 0
        for path in (self._gpmc_file, self._endpoint_file):
            entries = read_json(path, [])
            kept = [entry for entry in entries if fault_id is not None and entry["id"] != fault_id]
            count += len(entries) - len(kept)
            if kept != entries:
                write_json(path, kept)
        if fault_id is None:
            for hit in self._hits_dir.glob("*"):
                hit.unlink()
        elif not count:
            raise LabError(f"{self.host.name} has no fault {fault_id!r}")
        return count
