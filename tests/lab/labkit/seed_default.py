# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own domain: a dozen GPOs, each there for a reason.

Everything follows from the domain's name, so two runs make the same domain, byte for byte.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

from . import extensions
from . import seed_contents as contents
from .descriptor import AUTHENTICATED_USERS, SecurityDescriptor, grant
from .domain import Domain
from .domain_model import (
    COMPUTER,
    USER,
    USER_HALF_DISABLED,
    DomainInfo,
    Gpo,
    Link,
    Principal,
    Som,
    WmiFilter,
    pack_version,
    timestamp,
)
from .registry_pol import dword, string

DEFAULT_DOMAIN_POLICY = "{31B2F340-016D-11D2-945F-00C04FB984F9}"
DEFAULT_CONTROLLERS_POLICY = "{6AC1786C-016F-11D2-945F-00C04FB984F9}"

#: Day 0 of every lab domain.
EPOCH = datetime(2024, 3, 1, 8, 0, 0, tzinfo=timezone.utc)


def derived_guid(domain: str, name: str) -> str:
    """A GUID that is always the same for a thing of a domain, and another one in every other domain."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.{domain}")).upper()


def derived_sid(domain: str) -> str:
    digest = hashlib.sha256(domain.lower().encode("utf-8")).digest()
    numbers = (int.from_bytes(digest[start:start + 4], "little") for start in (0, 4, 8))
    return "S-1-5-21-" + "-".join(str(number) for number in numbers)


def domain_info(name: str, computer: str, backup_ms: int = 0, call_ms: int = 0) -> DomainInfo:
    """A domain with two controllers."""
    return DomainInfo(
        name=name,
        netbios=name.split(".")[0].upper()[:15],
        guid="{" + derived_guid(name, "domain").lower() + "}",
        sid=derived_sid(name),
        forest=name,
        pdc=f"dc1.{name}",
        dcs=[f"dc1.{name}", f"dc2.{name}"],
        computer=computer.upper(),
        costs={"backup_ms": backup_ms, "call_ms": call_ms},
    )


def domain_principals(info: DomainInfo) -> dict[str, Principal]:
    """The principals that every domain has, and some of the lab's own."""
    def of_domain(name: str, kind: str = "GlobalGroup") -> Principal:
        return Principal(name, info.netbios, info.name, kind)

    def well_known(name: str, domain: str = "NT AUTHORITY") -> Principal:
        return Principal(name, domain, "", "WellKnownGroup")

    relative = {
        500: of_domain("Administrator", "User"),
        512: of_domain("Domain Admins"),
        513: of_domain("Domain Users"),
        515: of_domain("Domain Computers"),
        516: of_domain("Domain Controllers"),
        519: of_domain("Enterprise Admins", "UniversalGroup"),
        520: of_domain("Group Policy Creator Owners"),
        1001: of_domain("vagrant", "User"),
        1105: of_domain("GPO Editors"),
        1106: of_domain("Helpdesk", "LocalGroup"),
        1107: of_domain("Contractors"),
        1108: of_domain("Prüfer & \"Gäste\" 审计"),
        1120: of_domain("KIOSK01$", "Computer"),
    }
    return {
        AUTHENTICATED_USERS: well_known("Authenticated Users"),
        "S-1-5-9": well_known("ENTERPRISE DOMAIN CONTROLLERS"),
        "S-1-5-18": well_known("SYSTEM"),
        "S-1-1-0": well_known("Everyone", ""),
        "S-1-3-0": well_known("CREATOR OWNER", ""),
        "S-1-5-32-544": Principal("Administrators", "BUILTIN", "", "LocalGroup"),
        **{f"{info.sid}-{number}": principal for number, principal in relative.items()},
    }


class _Seeder:
    """Puts GPOs into a domain, each one day after the other."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.info = domain.info
        self.day = 0

    def gpo(
        self,
        name: str,
        files: dict[str, bytes] | None = None,
        *,
        guid: str | None = None,
        key: str | None = None,
        user_edits: int = 0,
        computer_edits: int = 0,
        folders: tuple[str, ...] = (),
        description: str = "",
        change: Callable[[Gpo], None] = lambda _gpo: None,
    ) -> Gpo:
        """Make one GPO. `key` is what its GUID is derived from, where the name alone will not do."""
        self.day += 1
        created = EPOCH + timedelta(days=self.day)
        modified = created + timedelta(days=90, hours=self.day, minutes=17)
        gpo = self.domain.add_gpo(
            name,
            guid or derived_guid(self.info.name, key or name),
            timestamp(created),
            timestamp(modified),
            pack_version(user_edits, computer_edits),
        )
        folder = self.domain.sysvol_dir(gpo.id)
        for relative in folders:
            (folder / relative).mkdir(parents=True, exist_ok=True)
        for relative, content in (files or {}).items():
            self.domain.write_sysvol_file(gpo.id, relative, content)
        if description:
            self.domain.describe(gpo.id, description)
        change(gpo)
        self.domain.save_gpo(gpo)
        set_times(folder, modified)
        return gpo

    def sid(self, relative: int) -> str:
        return f"{self.info.sid}-{relative}"


def set_times(folder: Path, moment: datetime) -> None:
    """Give a GPO's SYSVOL files the time of its last edit: the collection looks at last writes."""
    seconds = moment.timestamp()
    for path in sorted(folder.rglob("*"), reverse=True):
        os.utime(path, (seconds, seconds))
    os.utime(folder, (seconds, seconds))


def seed(domain: Domain) -> None:
    """Fill an empty domain."""
    seeder = _Seeder(domain)
    filters = _wmi_filters(seeder)
    gpos = {**_machine_gpos(seeder, filters), **_user_gpos(seeder), **_odd_gpos(seeder)}
    _scopes(seeder, gpos)


def _wmi_filters(seeder: _Seeder) -> dict[str, WmiFilter]:
    def make(name: str, description: str, *queries: str) -> WmiFilter:
        guid = "{" + derived_guid(seeder.info.name, f"filter {name}").lower() + "}"
        return seeder.domain.add_wmi_filter(WmiFilter(guid, name, description, list(queries)))

    return {
        "laptops": make("Laptops only", "Machines with a battery",
                        r"root\CIMv2;SELECT * FROM Win32_Battery WHERE BatteryStatus > 0"),
        "servers": make('Servers "2022" & later', "",
                        r"root\CIMv2;SELECT * FROM Win32_OperatingSystem WHERE ProductType <> 1",
                        r'root\CIMv2;SELECT * FROM Win32_OperatingSystem WHERE Version >= "10.0.20348"'),
    }


def _machine_gpos(seeder: _Seeder, filters: dict[str, WmiFilter]) -> dict[str, Gpo]:
    """The two default policies, a baseline, one with a filter, one with scripts."""
    template = "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf"

    def security(gpo: Gpo) -> None:
        gpo.machine_extensions = extensions.SECURITY

    def baseline(gpo: Gpo) -> None:
        gpo.machine_extensions = extensions.with_extension(extensions.SECURITY, extensions.REGISTRY[COMPUTER])
        gpo.machine_extensions = extensions.with_extension(gpo.machine_extensions, extensions.AUDIT)
        descriptor = SecurityDescriptor.from_hex(gpo.security_descriptor)
        descriptor = grant(descriptor, seeder.sid(1105), "edit")
        gpo.security_descriptor = grant(descriptor, seeder.sid(1107), "deny-apply").to_hex()

    def filtered(gpo: Gpo) -> None:
        gpo.machine_extensions = extensions.REGISTRY[COMPUTER]
        gpo.wmi_filter = filters["laptops"].id

    def scripts(gpo: Gpo) -> None:
        gpo.machine_extensions = extensions.SCRIPTS[COMPUTER]
        gpo.user_extensions = extensions.SCRIPTS[USER]

    return {
        "domain": seeder.gpo(
            "Default Domain Policy", {template: contents.domain_policy_template()},
            guid=DEFAULT_DOMAIN_POLICY, computer_edits=3, folders=("User",), change=security,
        ),
        "controllers": seeder.gpo(
            "Default Domain Controllers Policy",
            {template: contents.controllers_policy_template(seeder.info.sid)},
            guid=DEFAULT_CONTROLLERS_POLICY, computer_edits=1, change=security,
        ),
        "baseline": seeder.gpo(
            "Security Baseline - Member Servers",
            {
                template: contents.baseline_template(),
                "Machine/Registry.pol": contents.registry_file(contents.baseline_settings()),
                "Machine/Microsoft/Windows NT/Audit/audit.csv": contents.audit_csv(seeder.info.computer),
            },
            computer_edits=42,
            folders=("Machine/Scripts/Startup", "Machine/Scripts/Shutdown", "Machine/Applications"),
            description="Hardening of all member servers.\r\nOwner: platform team.",
            change=baseline,
        ),
        "laptops": seeder.gpo(
            "Laptops: BitLocker and VPN",
            {"Machine/Registry.pol": contents.registry_file([
                dword(r"Software\Policies\Microsoft\FVE", "EncryptionMethodWithXtsOs", 7),
                dword(r"Software\Policies\Microsoft\FVE", "UseTPM", 1),
                string(r"Software\Policies\Contoso\VPN", "Gateway", f"vpn.{seeder.info.name}"),
            ])},
            computer_edits=7, change=filtered,
        ),
        "scripts": seeder.gpo(
            "Startup and logon scripts",
            {
                "Machine/Scripts/scripts.ini": contents.scripts_ini({
                    "Startup": [("inventory.cmd", "/quiet"), ("set clock.ps1", r"-Server %LOGONSERVER%")],
                    "Shutdown": [("cleanup.cmd", "")],
                }),
                "Machine/Scripts/Startup/inventory.cmd": contents.text_file(
                    "@echo off", r"systeminfo > C:\ProgramData\inventory.txt"),
                "Machine/Scripts/Startup/set clock.ps1": contents.text_file(
                    "param([string]$Server)", "w32tm.exe /resync /computer:$Server"),
                "Machine/Scripts/Shutdown/cleanup.cmd": contents.text_file(
                    "@echo off", r"del /q C:\ProgramData\inventory.txt"),
                "User/Scripts/scripts.ini": contents.scripts_ini({"Logon": [("drives.cmd", r"H: \\files\%USERNAME%")]}),
                "User/Scripts/Logon/drives.cmd": contents.text_file("@net use %1 %2 /persistent:no"),
            },
            computer_edits=5, user_edits=2, folders=("User/Scripts/Logoff",), change=scripts,
        ),
    }


def _user_gpos(seeder: _Seeder) -> dict[str, Gpo]:
    """Settings of the user half, among them two GPOs with one display name."""
    def user_half(gpo: Gpo) -> None:
        gpo.user_extensions = extensions.REGISTRY[USER]

    def user_half_disabled(gpo: Gpo) -> None:
        gpo.machine_extensions = extensions.REGISTRY[COMPUTER]
        gpo.flags = USER_HALF_DISABLED

    def mapped(letter: str) -> dict[str, bytes]:
        value = string(r"Software\Contoso\Drives", letter, rf"\\files\{letter}$")
        return {"User/Registry.pol": contents.registry_file([value])}

    return {
        "browser": seeder.gpo(
            "Browser settings", {"User/Registry.pol": contents.registry_file(contents.browser_settings())},
            user_edits=12, change=user_half,
        ),
        "drives1": seeder.gpo("Drive maps", mapped("P"), key="Drive maps 1", user_edits=3, change=user_half),
        "drives2": seeder.gpo("Drive maps", mapped("T"), key="Drive maps 2", user_edits=1, change=user_half),
        "kiosk": seeder.gpo(
            "Kiosk", {"Machine/Registry.pol": contents.registry_file([
                dword(rf"{contents.WINDOWS_POLICIES}\System", "EnableLogonScriptDelay", 0)])},
            user_edits=1, computer_edits=9, change=user_half_disabled,
        ),
    }


def _odd_gpos(seeder: _Seeder) -> dict[str, Gpo]:
    """Names that must be data everywhere, and a GPO that the lab's account cannot see."""
    def computer_half(gpo: Gpo) -> None:
        gpo.machine_extensions = extensions.REGISTRY[COMPUTER]

    def invisible(gpo: Gpo) -> None:
        computer_half(gpo)
        gpo.visible = False
        descriptor = SecurityDescriptor.from_hex(gpo.security_descriptor)
        gpo.security_descriptor = grant(descriptor, AUTHENTICATED_USERS, "none").to_hex()

    def one_value(name: str) -> dict[str, bytes]:
        return {"Machine/Registry.pol": contents.registry_file([dword(r"Software\Policies\Contoso", name, 1)])}

    return {
        "chinese": seeder.gpo(
            "上海办公室 - 打印机", one_value("Shanghai"), computer_edits=4, description="上海办公室的打印机设置 🖨",
            change=computer_half,
        ),
        "quotes": seeder.gpo(
            "It's \"quoted\", costs $5 & `more` [100%]", one_value("Quoted"), computer_edits=2, change=computer_half,
        ),
        "blank": seeder.gpo(
            "Ends in a blank ", one_value("Blank"), computer_edits=2, change=computer_half,
        ),
        "secret": seeder.gpo(
            "Payroll (restricted)", one_value("Payroll"), computer_edits=6, change=invisible,
        ),
        "empty": seeder.gpo("New Group Policy Object"),
    }


def _scopes(seeder: _Seeder, gpos: dict[str, Gpo]) -> None:
    """The domain, some OUs and a site, with links in order."""
    info = seeder.info
    base = info.distinguished_name

    def links(*names: str, disabled: tuple[str, ...] = (), enforced: tuple[str, ...] = ()) -> list[Link]:
        return [Link(gpos[name].id, info.name, name not in disabled, name in enforced) for name in names]

    site = "Shanghai"
    seeder.domain.save_soms([
        Som(base, info.name, "domain", links=links("domain", "browser", enforced=("domain",))),
        Som(f"OU=Domain Controllers,{base}", "Domain Controllers", "ou", links=links("controllers")),
        Som(f"OU=Servers,{base}", "Servers", "ou",
            links=links("baseline", "scripts", "quotes", disabled=("quotes",), enforced=("baseline",))),
        Som(f"OU=Finance,OU=Servers,{base}", "Finance", "ou", True, links("secret", "baseline")),
        Som(f"OU=Clients,{base}", "Clients", "ou",
            links=links("laptops", "drives1", "drives2", "kiosk", disabled=("drives2",))),
        Som(f"OU=Büro \\, Zürich,OU=Clients,{base}", "Büro , Zürich", "ou", links=links("blank")),
        Som(f"OU=Staging,{base}", "Staging", "ou"),
        Som(f"CN={site},CN=Sites,CN=Configuration,{base}", site, "site", links=links("chinese")),
    ])


def make_default_domain(root: Path, name: str, computer: str, backup_ms: int = 0, call_ms: int = 0) -> Domain:
    """The lab's own domain, from nothing."""
    info = domain_info(name, computer, backup_ms, call_ms)
    domain = Domain.create(root, info, domain_principals(info))
    seed(domain)
    return domain


def make_new_domain(root: Path, name: str, computer: str) -> Domain:
    """The same domain just made anew: its OUs, accounts and WMI filters are there, and of its GPOs only the two that
    every domain begins with, without settings."""
    domain = make_default_domain(root, name, computer)
    names = {gpo.id: gpo.display_name for gpo in domain.gpos()}
    for guid in names:
        domain.delete_gpo(guid)
    for guid, place in ((DEFAULT_DOMAIN_POLICY, name), (DEFAULT_CONTROLLERS_POLICY, "Domain Controllers")):
        domain.add_gpo(names[guid], guid)
        domain.link(guid, place)
    return domain
