# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A domain on disk, and what an administrator does to it.

The stand-in for GPMC reads these files afresh at each call, so that every edit is seen at once.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path, PurePosixPath

from . import gpt_ini, registry_pol
from .descriptor import DescriptorError, SecurityDescriptor, default_gpo_descriptor, grant, sid_to_bytes
from .domain_model import (
    COMPUTER,
    COMPUTER_HALF_DISABLED,
    HALVES,
    USER,
    USER_HALF_DISABLED,
    DomainInfo,
    Gpo,
    Link,
    Principal,
    Som,
    WmiFilter,
    bumped,
    filter_guid,
    gpo_guid,
    is_guid,
    load_record,
    timestamp,
)
from .errors import LabError
from .extensions import REGISTRY, WIRELESS, with_extension, without_extension
from .files import read_json, resolve_any_case, write_bytes, write_json

#: The folder of a half in SYSVOL, as gpedit.msc creates it.
HALF_FOLDER = {COMPUTER: "Machine", USER: "User"}

COMMENT_FILE = "GPO.cmt"


class Domain:
    """A domain in a folder; each method reads and writes the files it needs."""

    def __init__(self, root: Path) -> None:
        self.root = root

    # -- the domain itself ---------------------------------------------------------------------------------------

    @classmethod
    def create(cls, root: Path, info: DomainInfo, principals: dict[str, Principal]) -> Domain:
        """An empty domain: no GPO, one scope of management (the domain)."""
        domain = cls(root)
        domain.save_info(info)
        domain.save_principals(principals)
        domain.save_soms([Som(info.distinguished_name, info.name, "domain")])
        domain.save_wmi_filters([])
        write_json(root / "faults.json", [])
        (root / "faults.hits").mkdir(exist_ok=True)
        (root / "gpos").mkdir(exist_ok=True)
        (root / "sysvol" / info.name / "Policies").mkdir(parents=True, exist_ok=True)
        (root / "sysvol" / info.name / "scripts").mkdir(exist_ok=True)
        return domain

    @property
    def exists(self) -> bool:
        return (self.root / "domain.json").is_file()

    @property
    def info(self) -> DomainInfo:
        path = self.root / "domain.json"
        value = read_json(path)
        if value is None:
            raise LabError(f"there is no domain in {self.root}")
        return load_record(DomainInfo, value, path)

    def save_info(self, info: DomainInfo) -> None:
        write_json(self.root / "domain.json", asdict(info))

    def principals(self) -> dict[str, Principal]:
        path = self.root / "principals.json"
        return {sid: load_record(Principal, value, path) for sid, value in read_json(path, {}).items()}

    def save_principals(self, principals: dict[str, Principal]) -> None:
        write_json(self.root / "principals.json", {sid: asdict(value) for sid, value in principals.items()})

    def add_principals(self, principals: dict[str, Principal]) -> None:
        """Make more SIDs known; what is known already stays."""
        self.save_principals({**principals, **self.principals()})

    def resolve_trustee(self, text: str) -> str:
        """A SID from a SID, `DOMAIN\\name` or a name."""
        if text.upper().startswith("S-1-"):
            try:
                sid_to_bytes(text.upper())
            except DescriptorError as error:
                raise LabError(str(error)) from error
            return text.upper()
        wanted = text.casefold()
        found = [
            sid
            for sid, principal in self.principals().items()
            if wanted in (principal.name.casefold(), f"{principal.domain}\\{principal.name}".casefold())
        ]
        if len(found) != 1:
            raise LabError(f"{'no' if not found else 'more than one'} trustee is called {text!r}")
        return found[0]

    def rename_account(self, trustee: str, name: str) -> str:
        """Call an account otherwise, `DOMAIN\\name` or a name; returns its SID. Its SID stays."""
        sid = self.resolve_trustee(trustee)
        principals = self.principals()
        if sid not in principals:
            raise LabError(f"no trustee is called {trustee!r}")
        domain, _, relative = name.rpartition("\\")
        principals[sid] = replace(principals[sid], name=relative, domain=domain or principals[sid].domain)
        self.save_principals(principals)
        return sid

    def count_calls(self, on: bool) -> None:
        """Let the stand-in write each COM method call to calls.jsonl, from an empty file on; or stop and delete it."""
        (self.root / "calls.jsonl").unlink(missing_ok=True)
        if on:
            (self.root / "calls.on").touch()
        else:
            (self.root / "calls.on").unlink(missing_ok=True)

    def calls(self) -> list[dict[str, str]]:
        """The calls that were counted, in order."""
        path = self.root / "calls.jsonl"
        if not path.is_file():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    # -- GPOs: reading -------------------------------------------------------------------------------------------

    def _gpo_file(self, guid: str) -> Path:
        return self.root / "gpos" / f"{guid}.json"

    def gpos(self) -> list[Gpo]:
        """Every GPO, in the order of the display names; GPOs with the same name in the order of their GUIDs."""
        found = [load_record(Gpo, read_json(path), path) for path in (self.root / "gpos").glob("{*}.json")]
        return sorted(found, key=lambda gpo: (gpo.display_name.casefold(), gpo.id))

    def gpo(self, guid: str) -> Gpo:
        path = self._gpo_file(gpo_guid(guid))
        value = read_json(path)
        if value is None:
            raise LabError(f"there is no GPO {gpo_guid(guid)}")
        return load_record(Gpo, value, path)

    def find_gpo(self, text: str) -> Gpo:
        """A GPO by GUID or display name (case does not count)."""
        if is_guid(text):
            return self.gpo(text)
        found = [gpo for gpo in self.gpos() if gpo.display_name.casefold() == text.casefold()]
        if not found:
            raise LabError(f"there is no GPO called {text!r}")
        if len(found) > 1:
            raise LabError(f"more than one GPO is called {text!r}: {', '.join(gpo.id for gpo in found)}")
        return found[0]

    def policies_dir(self) -> Path:
        return self.root / "sysvol" / self.info.name / "Policies"

    def sysvol_dir(self, guid: str) -> Path:
        """The GPO's folder in SYSVOL."""
        return self.policies_dir() / gpo_guid(guid)

    def sysvol_version(self, guid: str) -> int:
        """The number in GPT.INI; 0 when it is missing."""
        path = self.sysvol_dir(guid) / gpt_ini.NAME
        return gpt_ini.version(path.read_bytes()) if path.is_file() else 0

    def description(self, guid: str) -> str:
        path = self.sysvol_dir(guid) / COMMENT_FILE
        return path.read_bytes().decode("utf-16") if path.is_file() else ""

    # -- GPOs: writing -------------------------------------------------------------------------------------------

    def save_gpo(self, gpo: Gpo) -> None:
        write_json(self._gpo_file(gpo.id), asdict(gpo))

    def _save_changed(self, gpo: Gpo) -> Gpo:
        """Save what was changed just now."""
        gpo.modified = timestamp()
        self.save_gpo(gpo)
        return gpo

    def add_gpo(
        self,
        display_name: str,
        guid: str | None = None,
        created: str | None = None,
        modified: str | None = None,
        version: int = 0,
    ) -> Gpo:
        """A new GPO without settings, as GPMC's "New" makes it."""
        info = self.info
        gpo = Gpo(
            id=gpo_guid(guid or str(uuid.uuid4())),
            display_name=display_name,
            created=created or timestamp(),
            modified=modified or created or timestamp(),
            version=version,
            flags=0,
            machine_extensions="",
            user_extensions="",
            wmi_filter=None,
            security_descriptor=default_gpo_descriptor(info.sid).to_hex(),
            owner=f"{info.sid}-512",
        )
        if self._gpo_file(gpo.id).exists():
            raise LabError(f"there is a GPO {gpo.id} already")
        folder = self.sysvol_dir(gpo.id)
        for half in HALF_FOLDER.values():
            (folder / half).mkdir(parents=True, exist_ok=True)
        write_bytes(folder / gpt_ini.NAME, gpt_ini.build(version))
        self.save_gpo(gpo)
        return gpo

    def bump_version(self, guid: str, half: str, sysvol: bool = True) -> Gpo:
        """Raise the number of a half, in the directory and in GPT.INI: every editor of settings does so at its end.

        Without `sysvol` only the directory's number is raised, as when SYSVOL is not replicated yet.
        """
        if half not in HALVES:
            raise LabError(f"a GPO has no half {half!r}; one of {', '.join(HALVES)}")
        gpo = self.gpo(guid)
        if sysvol:
            path = self.sysvol_dir(gpo.id) / gpt_ini.NAME
            content = path.read_bytes() if path.is_file() else gpt_ini.build(0)
            write_bytes(path, gpt_ini.with_version(content, bumped(gpt_ini.version(content), half)))
        gpo.version = bumped(gpo.version, half)
        return self._save_changed(gpo)

    def set_registry_value(self, guid: str, half: str, setting: registry_pol.Setting) -> Gpo:
        """Edit an administrative template: Registry.pol, the list of extensions, and the version numbers."""
        if half not in HALVES:
            raise LabError(f"a GPO has no half {half!r}; one of {', '.join(HALVES)}")
        gpo = self.gpo(guid)
        path = resolve_any_case(self.sysvol_dir(gpo.id), (HALF_FOLDER[half], "registry.pol"))
        old = path.read_bytes() if path.is_file() else None
        write_bytes(path, registry_pol.with_setting(old, setting))
        if half == COMPUTER:
            gpo.machine_extensions = with_extension(gpo.machine_extensions, REGISTRY[half])
        else:
            gpo.user_extensions = with_extension(gpo.user_extensions, REGISTRY[half])
        self.save_gpo(gpo)
        return self.bump_version(gpo.id, half)

    def set_wireless(self, guid: str, name: str) -> Gpo:
        """Give the computer half a wireless policy of this name, or none: it lies in the directory, in no file."""
        gpo = self.gpo(guid)
        gpo.wireless = name
        change = with_extension if name else without_extension
        gpo.machine_extensions = change(gpo.machine_extensions, WIRELESS)
        self.save_gpo(gpo)
        return self.bump_version(gpo.id, COMPUTER)

    def write_sysvol_file(self, guid: str, relative: str, content: bytes) -> Path:
        """Put a file into the GPO's SYSVOL folder by hand: no version number changes, nor does the directory."""
        path = self._sysvol_path(guid, relative)
        write_bytes(path, content)
        return path

    def read_sysvol_file(self, guid: str, relative: str) -> bytes:
        """A file's content; empty when there is none."""
        path = self._sysvol_path(guid, relative)
        return path.read_bytes() if path.is_file() else b""

    def delete_sysvol_file(self, guid: str, relative: str) -> Path:
        path = self._sysvol_path(guid, relative)
        if not path.is_file():
            raise LabError(f"there is no file {relative} in the SYSVOL folder of {guid}")
        path.unlink()
        return path

    def _sysvol_path(self, guid: str, relative: str) -> Path:
        parts = PurePosixPath(relative.replace("\\", "/")).parts
        if not parts or ".." in parts or parts[0] == "/" or ":" in parts[0]:
            raise LabError(f"not a path inside the GPO's folder: {relative!r}")
        return resolve_any_case(self.sysvol_dir(self.gpo(guid).id), parts)

    def rename(self, guid: str, display_name: str) -> Gpo:
        gpo = self.gpo(guid)
        gpo.display_name = display_name
        return self._save_changed(gpo)

    def describe(self, guid: str, text: str) -> None:
        """Set the description, which is the file GPO.cmt; an empty one takes the file away."""
        path = self.sysvol_dir(self.gpo(guid).id) / COMMENT_FILE
        if text:
            write_bytes(path, b"\xff\xfe" + text.encode("utf-16-le"))
        else:
            path.unlink(missing_ok=True)

    def set_half(self, guid: str, half: str, enabled: bool) -> Gpo:
        """Enable or disable a half, or `all` of the GPO."""
        bits = {
            COMPUTER: COMPUTER_HALF_DISABLED,
            USER: USER_HALF_DISABLED,
            "all": COMPUTER_HALF_DISABLED | USER_HALF_DISABLED,
        }
        if half not in bits:
            raise LabError(f"a GPO has no half {half!r}; one of {', '.join(bits)}")
        gpo = self.gpo(guid)
        gpo.flags = gpo.flags & ~bits[half] if enabled else gpo.flags | bits[half]
        return self._save_changed(gpo)

    def set_visible(self, guid: str, visible: bool) -> Gpo:
        """Whether the lab's account can see the GPO; nothing else about it changes."""
        gpo = self.gpo(guid)
        gpo.visible = visible
        self.save_gpo(gpo)
        return gpo

    def descriptor(self, guid: str) -> SecurityDescriptor:
        return SecurityDescriptor.from_hex(self.gpo(guid).security_descriptor)

    def permit(self, guid: str, trustee: str, level: str | int) -> Gpo:
        """Give a trustee a permission level on the GPO, or an access mask."""
        gpo = self.gpo(guid)
        descriptor = SecurityDescriptor.from_hex(gpo.security_descriptor)
        try:
            gpo.security_descriptor = grant(descriptor, self.resolve_trustee(trustee), level).to_hex()
        except DescriptorError as error:
            raise LabError(str(error)) from error
        return self._save_changed(gpo)

    def set_wmi_filter(self, guid: str, wmi_filter: str | None) -> Gpo:
        """Hang a WMI filter (by GUID or name) on the GPO, or take it off."""
        gpo = self.gpo(guid)
        gpo.wmi_filter = self.find_wmi_filter(wmi_filter).id if wmi_filter else None
        return self._save_changed(gpo)

    def delete_gpo(self, guid: str, keep_links: bool = False) -> None:
        """Delete a GPO with its SYSVOL folder.

        GPMC deletes the links of the same domain with it; with keep_links they stay, as they do when an
        administrator deletes the object without GPMC.
        """
        gpo = self.gpo(guid)
        if not keep_links:
            soms = self.soms()
            for som in soms:
                som.links = [link for link in som.links if link.gpo != gpo.id]
            self.save_soms(soms)
        self._gpo_file(gpo.id).unlink()
        shutil.rmtree(self.sysvol_dir(gpo.id), ignore_errors=True)

    # -- links ---------------------------------------------------------------------------------------------------

    def soms(self) -> list[Som]:
        path = self.root / "soms.json"
        return [Som.load(value, path) for value in read_json(path, [])]

    def save_soms(self, soms: Iterable[Som]) -> None:
        write_json(self.root / "soms.json", [asdict(som) for som in soms])

    def add_som(self, som: Som) -> None:
        self.save_soms([*self.soms(), som])

    @staticmethod
    def _pick_som(soms: list[Som], text: str) -> Som:
        wanted = text.casefold()
        found = [som for som in soms if som.path.casefold() == wanted] or [
            som for som in soms if som.name.casefold() == wanted
        ]
        if len(found) != 1:
            known = ", ".join(som.path for som in soms)
            raise LabError(f"{'no' if not found else 'more than one'} site, domain or OU is called {text!r}; "
                           f"there are: {known}")
        return found[0]

    def link(self, guid: str, som_name: str, enabled: bool = True, enforced: bool = False, order: int = 0) -> None:
        """Link a GPO, or change the link it has. Order 1 is the first; 0 keeps the place, or takes the last."""
        gpo = self.gpo(guid)
        soms = self.soms()
        links = self._pick_som(soms, som_name).links
        place = next((index for index, link in enumerate(links) if link.gpo == gpo.id), None)
        if place is not None:
            links.pop(place)
        if order:
            place = min(order - 1, len(links))
        links.insert(len(links) if place is None else place, Link(gpo.id, self.info.name, enabled, enforced))
        self.save_soms(soms)

    def unlink(self, guid: str, som_name: str) -> None:
        gpo = self.gpo(guid)
        soms = self.soms()
        som = self._pick_som(soms, som_name)
        if gpo.id not in (link.gpo for link in som.links):
            raise LabError(f"{gpo.display_name!r} is not linked to {som.path}")
        som.links = [link for link in som.links if link.gpo != gpo.id]
        self.save_soms(soms)

    def links_of(self, guid: str) -> list[tuple[Som, int, Link]]:
        """(scope, order, link) of each link to a GPO."""
        return [
            (som, order, link)
            for som in self.soms()
            for order, link in enumerate(som.links, start=1)
            if link.gpo == gpo_guid(guid)
        ]

    # -- WMI filters ---------------------------------------------------------------------------------------------

    def wmi_filters(self) -> list[WmiFilter]:
        path = self.root / "wmi_filters.json"
        return [load_record(WmiFilter, value, path) for value in read_json(path, [])]

    def save_wmi_filters(self, filters: Iterable[WmiFilter]) -> None:
        write_json(self.root / "wmi_filters.json", [asdict(value) for value in filters])

    def add_wmi_filter(self, wmi_filter: WmiFilter) -> WmiFilter:
        """Make a WMI filter, or replace the one with the same ID."""
        others = [value for value in self.wmi_filters() if value.id != wmi_filter.id]
        self.save_wmi_filters([*others, wmi_filter])
        return wmi_filter

    @staticmethod
    def new_filter_guid() -> str:
        return filter_guid(str(uuid.uuid4()))

    def delete_wmi_filter(self, text: str) -> None:
        """Delete a filter; GPOs that refer to it keep the dangling reference, as in the directory."""
        wanted = self.find_wmi_filter(text)
        self.save_wmi_filters([value for value in self.wmi_filters() if value.id != wanted.id])

    def find_wmi_filter(self, text: str) -> WmiFilter:
        filters = self.wmi_filters()
        if is_guid(text):
            found = [value for value in filters if value.id == filter_guid(text)]
        else:
            found = [value for value in filters if value.name.casefold() == text.casefold()]
        if len(found) != 1:
            raise LabError(f"{'no' if not found else 'more than one'} WMI filter is called {text!r}")
        return found[0]
