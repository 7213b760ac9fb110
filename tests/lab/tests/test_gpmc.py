# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in for GPMC, driven as the product drives it: PowerShell's own COM binder, under Wine.

One Wine prefix serves all tests; each test writes its own domain. A script fills `$answer`, which comes back as JSON.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gpmc_rig import (
    ADMINS, APPLY_RIGHT, AUTHENTICATED_USERS, BKP, CREATOR_OWNER, DEFAULT_DESCRIPTOR, DLL, DOMAIN_CONTROLLERS,
    DOMAIN_SID, Domain, EDIT, ENTERPRISE_ADMINS, FILES, FILTER, FIRST, FULL, HIDDEN, MANIFEST, Machine, PROGRESS,
    READ, REGISTRY, REGISTRY_LIST, ROOT, SECOND, SECURITY, SECURITY_LIST, STAFF, SYSTEM, TEMPLATE, THIRD, UNKNOWN,
    ace, backup_folders, descriptor, full_gpo, manifest_entries, needs_the_stand_in, populate,
)
from labkit import extensions, registry_pol
from labkit.seed_contents import audit_csv, scripts_ini, security_template

pytestmark = needs_the_stand_in


# --- the object model --------------------------------------------------------------------------------------------


def test_the_library_needs_no_other_files() -> None:
    listing = subprocess.run(["x86_64-w64-mingw32-objdump", "-p", str(DLL)], capture_output=True, text=True,
                             check=True).stdout
    imported = {name.lower() for name in re.findall(r"DLL Name: (\S+)", listing)}
    assert imported <= {"advapi32.dll", "kernel32.dll", "msvcrt.dll", "ole32.dll", "oleaut32.dll", "user32.dll"}


def test_constants(machine: Machine, domain: Domain) -> None:
    expected = {
        "PermGPOApply": 0x10000, "PermGPORead": 0x10100, "PermGPOEdit": 0x10101,
        "PermGPOEditSecurityAndDelete": 0x10102, "PermGPOCustom": 0x10103, "PermWMIFilterEdit": 0x20000,
        "PermWMIFilterFullControl": 0x20001, "PermWMIFilterCustom": 0x20002, "PermSOMLink": 0x1C0000,
        "PermSOMLogging": 0x180100, "PermSOMPlanning": 0x180200, "PermSOMGPOCreate": 0x100400,
        "PermSOMWMICreate": 0x100300, "PermSOMWMIFullControl": 0x100301, "SearchPropertyGPOPermissions": 0,
        "SearchPropertyGPOEffectivePermissions": 1, "SearchPropertyGPODisplayName": 2, "SearchPropertyGPOWMIFilter": 3,
        "SearchPropertyGPOID": 4, "SearchPropertyGPOComputerExtensions": 5, "SearchPropertyGPOUserExtensions": 6,
        "SearchPropertySOMLinks": 7, "SearchPropertyGPODomain": 8, "SearchPropertyBackupMostRecent": 9,
        "SearchOpEquals": 0, "SearchOpContains": 1, "SearchOpNotContains": 2, "SearchOpNotEquals": 3, "UsePDC": 0,
        "UseAnyDC": 1, "DoNotUseW2KDC": 2, "SOMSite": 0, "SOMDomain": 1, "SOMOU": 2, "DoNotValidateDC": 1,
        "ReportHTML": 1, "ReportXML": 0, "RSOPModeUnknown": 0, "RSOPModePlanning": 1, "RSOPModeLogging": 2,
        "EntryTypeUser": 0, "EntryTypeComputer": 1, "EntryTypeLocalGroup": 2, "EntryTypeGlobalGroup": 3,
        "EntryTypeUniversalGroup": 4, "EntryTypeUNCPath": 5, "EntryTypeUnknown": 6,
        "DestinationOptionSameAsSource": 0, "DestinationOptionNone": 1, "DestinationOptionByRelativeName": 2,
        "DestinationOptionSet": 3, "MigrationTableOnly": 1, "ProcessSecurity": 2, "RsopLoggingNoComputer": 0x10000,
        "RsopLoggingNoUser": 0x20000, "RsopPlanningAssumeSlowLink": 1, "RsopPlanningAssumeUserWQLFilterTrue": 8,
        "RsopPlanningAssumeCompWQLFilterTrue": 16}
    names = ", ".join(f"'{name}'" for name in expected)
    answer = machine.run(f"""
        foreach ($name in {names}) {{ $answer[$name] = [int] $constants.$name }}
        $answer.security_flags = $constants.SecurityFlags($true, $true, $true, $false)
        $answer.owner_and_dacl = $constants.SecurityFlags($true, $false, $true, $false)
        $answer.loopback = @($true, $false | ForEach-Object {{ $constants.RsopPlanningLoopbackOption($_) }})
    """)
    assert answer == expected | {"security_flags": 7, "owner_and_dacl": 5, "loopback": [2, 4]}


def test_get_domain(machine: Machine, domain: Domain) -> None:
    answer = machine.run(r"""
        function Get-Dc($Name, $Dc, $Flags) { $gpm.GetDomain($Name, $Dc, $Flags).DomainController }
        $answer.name = $gpm.GetDomain('CORP.Example', '', 0).Domain
        $answer.pdc = Get-Dc 'corp.example' '' 0
        $answer.null_dc = $gpm.GetDomain('corp.example', $null, 0).DomainController
        $answer.any = Get-Dc 'corp.example' '' 1
        $answer.by_dns_name = Get-Dc 'corp.example' 'DC2.corp.example' 0
        $answer.by_netbios_name = Get-Dc 'corp.example' 'DC2' 2
        $answer.unknown_domain = Get-HResult { Get-Dc 'other.example' '' 0 }
        $answer.netbios_domain = Get-HResult { Get-Dc 'CORP' '' 0 }
        $answer.no_domain = Get-HResult { Get-Dc '' '' 0 }
        $answer.unknown_dc = Get-HResult { Get-Dc 'corp.example' 'dc9' 0 }
        $answer.flags_3 = Get-HResult { Get-Dc 'corp.example' '' 3 }
        $answer.flags_negative = Get-HResult { Get-Dc 'corp.example' '' -1 }
        $answer.not_implemented = Get-HResult { $gpm.GetClientSideExtensions() }
        $answer.missing_property = $null -eq $gpm.NoSuchThing
    """)
    assert answer == {
        "name": "corp.example", "pdc": "dc1.corp.example", "null_dc": "dc1.corp.example", "any": "dc2.corp.example",
        "by_dns_name": "dc2.corp.example", "by_netbios_name": "dc2.corp.example", "unknown_domain": "0x8007054B",
        "netbios_domain": "0x8007054B", "no_domain": "0x80070057", "unknown_dc": "0x8007203A",
        "flags_3": "0x80070057", "flags_negative": "0x80070057", "not_implemented": "0x80004001",
        "missing_property": True}


def test_gpo_properties(machine: Machine, domain: Domain) -> None:
    populate(domain)
    answer = machine.run(rf"""
        $gpo = (Get-Domain).GetGPO('{FIRST.lower()}')
        $answer.id = $gpo.ID; $answer.name = $gpo.DisplayName; $answer.domain = $gpo.DomainName
        $answer.path = $gpo.Path; $answer.description = $gpo.Description
        $answer.created = $gpo.CreationTime.ToString('s'); $answer.modified = $gpo.ModificationTime.ToString('s')
        $answer.versions = @($gpo.UserDSVersionNumber, $gpo.ComputerDSVersionNumber,
                             $gpo.UserSysvolVersionNumber, $gpo.ComputerSysvolVersionNumber)
        $answer.filter = $gpo.GetWMIFilter().Name
        $answer.consistent = $gpo.IsACLConsistent()
        $answer.enabled = @($gpo.IsUserEnabled(), $gpo.IsComputerEnabled())
        $second = (Get-Domain).GetGPO('{SECOND}')
        $answer.user_disabled = @($second.IsUserEnabled(), $second.IsComputerEnabled())
        $third = (Get-Domain).GetGPO('{THIRD}')
        $answer.computer_disabled = @($third.IsUserEnabled(), $third.IsComputerEnabled())
        $answer.third = $third.DisplayName
        $answer.no_filter = $null -eq $third.GetWMIFilter()
        $answer.no_description = $third.Description
        $answer.missing = Get-HResult {{ (Get-Domain).GetGPO('{{00000000-0000-0000-0000-000000000001}}') }}
        $answer.hidden = Get-HResult {{ (Get-Domain).GetGPO('{HIDDEN}') }}
        $answer.no_braces = Get-HResult {{ (Get-Domain).GetGPO('{FIRST.strip("{}")}') }}
        $answer.malformed = Get-HResult {{ (Get-Domain).GetGPO('{{31B2F340}}') }}
        $answer.empty = Get-HResult {{ (Get-Domain).GetGPO('') }}
        $answer.not_implemented = Get-HResult {{ $gpo.MakeACLConsistent() }}
    """)
    assert answer == {
        "id": FIRST, "name": "Default Domain Policy", "domain": "corp.example",
        "path": f"cn={FIRST},cn=policies,cn=system,DC=corp,DC=example", "description": "Erste Zeile\r\nzweite – ✓",
        "created": "2024-03-01T08:00:00", "modified": "2024-06-30T21:15:59", "versions": [2, 5, 1, 4],
        "filter": "Laptops", "consistent": True, "enabled": [True, True], "user_disabled": [False, True],
        "computer_disabled": [True, False], "third": "Ünïcode 'quoted' [x] 😀", "no_filter": True,
        "no_description": "", "missing": "0x80072030", "hidden": "0x80072030", "no_braces": "0x80070057",
        "malformed": "0x80070057", "empty": "0x80070057", "not_implemented": "0x80004001"}


def test_dates_can_be_local(machine: Machine, domain: Domain, backups: Path) -> None:
    populate(domain)
    domain.configure(dates="local")
    answer = machine.run(rf"""
        $gpo = (Get-Domain).GetGPO('{FIRST}')
        $answer.modified = $gpo.ModificationTime.ToString('s')
        $answer.created = $gpo.CreationTime.ToString('s')
        $backup = $gpo.Backup('C:\backups', '').Result
        $answer.ahead = [int] ($backup.Timestamp - [datetime]::UtcNow).TotalHours
    """, TZ="Asia/Tokyo")
    assert answer == {"modified": "2024-07-01T06:15:59", "created": "2024-03-01T17:00:00", "ahead": 9}


def test_collections_count_from_one(machine: Machine, domain: Domain) -> None:
    populate(domain)
    answer = machine.run(r"""
        $gpos = (Get-Domain).SearchGPOs($gpm.CreateSearchCriteria())
        $answer.count = $gpos.Count
        $answer.by_item = @(for ($index = 1; $index -le $gpos.Count; $index++) { $gpos.Item($index).ID })
        $answer.by_enumerator = @(foreach ($gpo in $gpos) { $gpo.ID })
        $answer.again = @(foreach ($gpo in $gpos) { $gpo.ID })
        $answer.by_pipeline = @($gpos | ForEach-Object { $_.ID })
        $answer.zero = Get-HResult { $gpos.Item(0) }
        $answer.beyond = Get-HResult { $gpos.Item($gpos.Count + 1) }
        $answer.negative = Get-HResult { $gpos.Item(-1) }
        $permissions = $gpos.Item(1).GetSecurityInfo()
        $answer.permission_zero = Get-HResult { $permissions.Item(0) }
        $answer.permission_last = $permissions.Item($permissions.Count).Permission
    """)
    visible = [FIRST, SECOND, THIRD]
    assert answer == {
        "count": 3, "by_item": visible, "by_enumerator": visible, "again": visible, "by_pipeline": visible,
        "zero": "0x80070057", "beyond": "0x80070057", "negative": "0x80070057", "permission_zero": "0x80070057",
        "permission_last": 0x10102}


SEARCHES: dict[str, tuple[str, list[str]]] = {
    "everything": ("", [FIRST, SECOND, THIRD]),
    "name equals": ("2, 0, 'default DOMAIN policy'", [FIRST]),
    "name equals a part": ("2, 0, 'Default Domain'", []),
    "name contains": ("2, 1, 'DOMAIN'", [FIRST, SECOND]),
    "name contains nothing special": ("2, 1, '[x]'", [THIRD]),
    "name does not contain": ("2, 2, 'controllers'", [FIRST, THIRD]),
    "id equals": (f"4, 0, '{SECOND.lower()}'", [SECOND]),
    "id differs": (f"4, 3, '{SECOND}'", [FIRST, THIRD]),
    "hidden id": (f"4, 0, '{HIDDEN}'", []),
    "domain by name": ("8, 0, 'CORP.EXAMPLE'", [FIRST, SECOND, THIRD]),
    "domain by object": ("8, 0, (Get-Domain)", [FIRST, SECOND, THIRD]),
    "another domain": ("8, 0, 'other.example'", []),
    "filter": (f"3, 0, (Get-Domain).GetGPO('{FIRST}').GetWMIFilter()", [FIRST]),
    "computer extension": (f"5, 1, '{SECURITY}'", [FIRST]),
    "no computer extension": (f"5, 2, '{SECURITY.lower()}'", [SECOND, THIRD]),
    "user extension": (f"6, 1, '{REGISTRY}'", [SECOND]),
    "no user extension": (f"6, 2, '{REGISTRY}'", [FIRST, THIRD]),
    "permission": (r"0, 1, $gpm.CreatePermission('CORP\Staff & <Söhne>', 0x10101, $false)", [THIRD]),
    "no permission": (f"0, 2, $gpm.CreatePermission('{STAFF}', 0x10101, $false)", [FIRST, SECOND]),
    "effective permission": ("1, 1, $gpm.CreatePermission('Authenticated Users', 0x10000, $true)", [FIRST, SECOND]),
}


def test_search_criteria(machine: Machine, domain: Domain) -> None:
    populate(domain)
    script = ["function Find-Gpo($Criteria) { @(foreach ($gpo in (Get-Domain).SearchGPOs($Criteria)) { $gpo.ID }) }"]
    for label, (arguments, _) in SEARCHES.items():
        script += ["$criteria = $gpm.CreateSearchCriteria()"]
        script += [f"$criteria.Add({arguments})"] if arguments else []
        script += [f"$answer['{label}'] = @(Find-Gpo $criteria)"]
    script += ["""
        $criteria = $gpm.CreateSearchCriteria()
        $criteria.Add(2, 1, 'default'); $criteria.Add(2, 2, 'controllers')
        $answer.both = @(Find-Gpo $criteria)
        $criteria.Add(2, 1, 'nowhere')
        $answer.none = @(Find-Gpo $criteria)
    """]
    answer = machine.run("\n".join(script))
    expected = {label: found for label, (_, found) in SEARCHES.items()}
    assert answer == expected | {"both": [FIRST], "none": []}


# What Microsoft's page on IGPMSearchCriteria::Add lists: property -> operations.
DOCUMENTED = {0: {1, 2}, 1: {1, 2}, 2: {0, 1, 2}, 3: {0}, 4: {0, 3}, 5: {1, 2}, 6: {1, 2}, 7: {1}, 8: {0}, 9: {0}}


def test_undocumented_criteria_are_refused(machine: Machine, domain: Domain) -> None:
    populate(domain)
    answer = machine.run(rf"""
        $gpo = (Get-Domain).GetGPO('{FIRST}')
        $permission = $gpm.CreatePermission('{STAFF}', 0x10101, $false)
        $values = @($permission, $permission, 'x', $gpo.GetWMIFilter(), '{FIRST}', '{FIRST}', '{FIRST}', $gpo,
                    'corp.example', $true)
        foreach ($property in 0..9) {{
            foreach ($operation in 0..4) {{
                $value = $values[$property]
                $answer["$property $operation"] =
                    Get-HResult {{ $gpm.CreateSearchCriteria().Add($property, $operation, $value) }}
            }}
        }}
        $answer.property_10 = Get-HResult {{ $gpm.CreateSearchCriteria().Add(10, 0, 'x') }}
        $answer.property_negative = Get-HResult {{ $gpm.CreateSearchCriteria().Add(-1, 0, 'x') }}
        $answer.guid_without_braces = Get-HResult {{ $gpm.CreateSearchCriteria().Add(4, 0, '{FIRST.strip("{}")}') }}
        $answer.number_as_name = Get-HResult {{ $gpm.CreateSearchCriteria().Add(2, 0, 5) }}
        $answer.null_name = Get-HResult {{ $gpm.CreateSearchCriteria().Add(2, 0, $null) }}
        $answer.most_recent_false = Get-HResult {{ $gpm.CreateSearchCriteria().Add(9, 0, $false) }}
        $answer.name_as_filter = Get-HResult {{ $gpm.CreateSearchCriteria().Add(3, 0, 'Laptops') }}
        $answer.domain_as_link = Get-HResult {{ $gpm.CreateSearchCriteria().Add(7, 1, (Get-Domain)) }}
        $answer.other_object = Get-HResult {{ (Get-Domain).SearchGPOs($gpm.GetConstants()) }}
        $answer.no_object = Get-HResult {{ (Get-Domain).SearchGPOs($null) }}
        $links = $gpm.CreateSearchCriteria(); $links.Add(7, 1, $gpo)
        $newest = $gpm.CreateSearchCriteria(); $newest.Add(9, 0, $true)
        $names = $gpm.CreateSearchCriteria(); $names.Add(2, 1, 'x')
        $answer.gpos_by_link = Get-HResult {{ (Get-Domain).SearchGPOs($links) }}
        $answer.gpos_most_recent = Get-HResult {{ (Get-Domain).SearchGPOs($newest) }}
        $answer.soms_by_name = Get-HResult {{ (Get-Domain).SearchSOMs($names) }}
        $answer.filters_by_name = Get-HResult {{ (Get-Domain).SearchWMIFilters($names) }}
    """)
    pairs = {f"{prop} {op}": "ok" if op in DOCUMENTED[prop] else "0x80070057" for prop in range(10) for op in range(5)}
    assert {key: answer.pop(key) for key in pairs} == pairs
    # IDispatch itself refuses an object of another interface, and none.
    assert (answer.pop("other_object"), answer.pop("no_object")) == ("0x80004002", "0x80004003")
    assert set(answer.values()) == {"0x80070057"}, answer


def test_permissions(machine: Machine, domain: Domain) -> None:
    populate(domain)
    domain.add(THIRD, "Mixed", security_descriptor=descriptor(
        ace(STAFF, 0x100, deny=True, object_type=APPLY_RIGHT),
        ace(STAFF, READ, flags=0),
        ace(ADMINS, EDIT),
        ace(f"{DOMAIN_SID}-9999", FULL | 0x100, flags=0x12),
        ace(SYSTEM, READ), ace(SYSTEM, 0x10, object_type=uuid.UUID(int=1)),
        ace(CREATOR_OWNER, FULL, flags=0x0A)))
    answer = machine.run(rf"""
        function Read-Permissions($Id) {{
            foreach ($permission in (Get-Domain).GetGPO($Id).GetSecurityInfo()) {{
                $trustee = $permission.Trustee
                , @($trustee.TrusteeSid, $trustee.TrusteeDomain, $trustee.TrusteeName, $trustee.TrusteeType,
                    $permission.Permission, $permission.Denied, $permission.Inherited, $permission.Inheritable)
            }}
        }}
        $answer.first = @(Read-Permissions '{FIRST}')
        $answer.mixed = @(Read-Permissions '{THIRD}')
        $trustee = $gpm.CreateTrustee('CORP\Domain Admins')
        $answer.trustee = $trustee.TrusteeSid
        $answer.unknown_trustee = Get-HResult {{ $gpm.CreateTrustee('CORP\Nobody') }}
        $answer.unknown_level = Get-HResult {{ $gpm.CreatePermission('CORP\Domain Admins', 5, $false) }}
    """)
    assert answer == {
        "first": [
            [AUTHENTICATED_USERS, "NT AUTHORITY", "Authenticated Users", 5, 0x10000, False, False, True],
            [ADMINS, "CORP", "Domain Admins", 2, 0x10102, False, False, True],
            [ENTERPRISE_ADMINS, "CORP", "Enterprise Admins", 2, 0x10102, False, False, True],
            [DOMAIN_CONTROLLERS, "NT AUTHORITY", "ENTERPRISE DOMAIN CONTROLLERS", 5, 0x10100, False, False, True],
            [SYSTEM, "NT AUTHORITY", "SYSTEM", 5, 0x10102, False, False, True]],
        "mixed": [
            [STAFF, "CORP", "Staff & <Söhne>", 2, 0x10000, True, False, True],
            [STAFF, "CORP", "Staff & <Söhne>", 2, 0x10100, False, False, False],
            [ADMINS, "CORP", "Domain Admins", 2, 0x10101, False, False, True],
            [f"{DOMAIN_SID}-9999", "", "", 8, 0x10103, False, True, True],
            [SYSTEM, "NT AUTHORITY", "SYSTEM", 5, 0x10103, False, False, True]],
        "trustee": ADMINS, "unknown_trustee": "0x80070534", "unknown_level": "0x80070057"}


def test_security_descriptor(machine: Machine, domain: Domain) -> None:
    populate(domain)
    domain.add(THIRD, "Damaged", security_descriptor=DEFAULT_DESCRIPTOR[:100])
    answer = machine.run(rf"""
        $gpo = (Get-Domain).GetGPO('{FIRST}')
        $descriptor = $gpo.GetSecurityDescriptor($constants.SecurityFlags($true, $false, $true, $false))
        $acl = $descriptor.DiscretionaryAcl
        $answer.owner = $descriptor.Owner; $answer.group = $descriptor.Group; $answer.control = $descriptor.Control
        $answer.count = $acl.AceCount; $answer.revision = $acl.AclRevision
        $answer.aces = @(foreach ($ace in $acl) {{
            , @($ace.Trustee, $ace.AceType, $ace.AceFlags, $ace.AccessMask, $ace.Flags, $ace.ObjectType,
                $ace.InheritedObjectType)
        }})
        $answer.without_dacl = $null -eq $gpo.GetSecurityDescriptor(1).DiscretionaryAcl
        $answer.without_owner = $gpo.GetSecurityDescriptor(4).Owner
        $answer.bad_flags = Get-HResult {{ $gpo.GetSecurityDescriptor(16) }}
        $answer.damaged = Get-HResult {{ (Get-Domain).GetGPO('{THIRD}').GetSecurityDescriptor(4) }}
    """)
    right = "{EDACFD8F-FFB3-11D1-B41D-00A0C968F939}"
    assert answer == {
        "owner": "CORP\\Domain Admins", "group": "", "control": 0x9C04, "count": 8, "revision": 4,
        "aces": [
            ["NT AUTHORITY\\Authenticated Users", 5, 2, 0x100, 1, right, ""],
            ["CORP\\Domain Admins", 0, 0, FULL, 0, "", ""],
            ["CORP\\Domain Admins", 0, 2, FULL, 0, "", ""],
            ["CORP\\Enterprise Admins", 0, 2, FULL, 0, "", ""],
            ["NT AUTHORITY\\ENTERPRISE DOMAIN CONTROLLERS", 0, 2, READ, 0, "", ""],
            ["NT AUTHORITY\\Authenticated Users", 0, 2, READ, 0, "", ""],
            ["NT AUTHORITY\\SYSTEM", 0, 2, FULL, 0, "", ""],
            ["CREATOR OWNER", 0, 10, FULL, 0, "", ""]],
        "without_dacl": True, "without_owner": "", "bad_flags": "0x80070057", "damaged": "0x8007053A"}


def test_wmi_filters(machine: Machine, domain: Domain) -> None:
    populate(domain)
    domain.add(SECOND, "Filter is gone", wmi_filter="{11111111-17af-4954-95c1-7b21773c44e0}")
    path = f'MSFT_SomFilter.ID="{FILTER}",Domain="corp.example"'
    answer = machine.run(rf"""
        $filter = (Get-Domain).GetGPO('{FIRST}').GetWMIFilter()
        $answer.path = $filter.Path; $answer.name = $filter.Name; $answer.description = $filter.Description
        $answer.queries = @($filter.GetQueryList())
        $found = (Get-Domain).SearchWMIFilters($gpm.CreateSearchCriteria())
        $answer.all = @($found | ForEach-Object {{ $_.Name }})
        $answer.by_path = (Get-Domain).GetWMIFilter('{path}').Name
        $answer.unknown = Get-HResult {{
            (Get-Domain).GetWMIFilter('MSFT_SomFilter.ID="{THIRD}",Domain="corp.example"') }}
        $answer.no_path = Get-HResult {{ (Get-Domain).GetWMIFilter('Laptops') }}
        $answer.gone = Get-HResult {{ (Get-Domain).GetGPO('{SECOND}').GetWMIFilter() }}
    """)
    assert answer == {
        "path": path, "name": "Laptops", "description": "All laptops",
        "queries": ["root\\CIMv2;SELECT * FROM Win32_Battery", "root\\CIMv2;SELECT * FROM Win32_Fan"],
        "all": ["Laptops", "Nothing"], "by_path": "Laptops", "unknown": "0x80072030", "no_path": "0x80070057",
        "gone": "0x80072030"}


def test_links(machine: Machine, domain: Domain) -> None:
    populate(domain)
    answer = machine.run(rf"""
        function Read-Soms($Soms) {{
            foreach ($som in $Soms) {{
                $links = @(foreach ($link in $som.GetGPOLinks()) {{
                    , @($link.GPOID, $link.GPODomain, $link.Enabled, $link.Enforced, $link.SOMLinkOrder, $link.SOM.Name)
                }})
                , @($som.Name, $som.Path, $som.Type, $som.GPOInheritanceBlocked, $links)
            }}
        }}
        $links = $gpm.CreateSearchCriteria(); $links.Add(7, 1, (Get-Domain).GetGPO('{FIRST}'))
        $all = $gpm.CreateSearchCriteria()
        $sites = $gpm.GetSitesContainer('corp.example', 'corp.example', '', 0)
        $answer.soms = @(Read-Soms (Get-Domain).SearchSOMs($links))
        $answer.all = @(foreach ($som in (Get-Domain).SearchSOMs($all)) {{ $som.Name }})
        $answer.sites = @(foreach ($som in $sites.SearchSites($all)) {{ $som.Name }})
        $answer.sites_of_first = $sites.SearchSites($links).Count
        $answer.container = @($sites.Forest, $sites.Domain, $sites.DomainController)
        $answer.domain_optional = $gpm.GetSitesContainer('corp.example', '', '', 0).Domain
        $answer.site = @(Read-Soms $sites.GetSite('berlin'))
        $answer.som = (Get-Domain).GetSOM('ou=staff,dc=corp,dc=example').Name
        $answer.som_of_domain = (Get-Domain).GetSOM('').Name
        $answer.unknown_som = Get-HResult {{ (Get-Domain).GetSOM('OU=Nowhere,DC=corp,DC=example') }}
        $answer.unknown_site = Get-HResult {{ $sites.GetSite('Rome') }}
        $answer.unknown_forest = Get-HResult {{ $gpm.GetSitesContainer('other.example', '', '', 0) }}
    """)
    assert answer == {
        "soms": [
            ["corp.example", "DC=corp,DC=example", 1, False, [[FIRST, "corp.example", True, True, 1, "corp.example"]]],
            ["Staff", "OU=Staff,DC=corp,DC=example", 2, True,
             [[SECOND, "corp.example", False, False, 1, "Staff"], [FIRST, "corp.example", True, True, 2, "Staff"]]]],
        "all": ["corp.example", "Staff"], "sites": ["Berlin", "Paris"], "sites_of_first": 0,
        "container": ["corp.example", "corp.example", "dc1.corp.example"], "domain_optional": "corp.example",
        "site": [["Berlin", "CN=Berlin,CN=Sites,CN=Configuration,DC=corp,DC=example", 0, False,
                  [[SECOND, "corp.example", False, False, 1, "Berlin"]]]],
        "som": "Staff", "som_of_domain": "corp.example", "unknown_som": "0x80072030", "unknown_site": "0x80072030",
        "unknown_forest": "0x8007054B"}


# --- a backup's files --------------------------------------------------------------------------------------------


def element_text(parent: ET.Element, name: str) -> str:
    return parent.findtext(f"{BKP}{name}") or ""


def file_objects(section: ET.Element) -> list[tuple[str, str, str | None]]:
    return [(item.tag.removeprefix(BKP), item.get(f"{BKP}Path", ""), item.get(f"{BKP}Location")) for item in section]


def test_backup_writes_the_genuine_files(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    answer = machine.run(rf"""
        $result = (Get-Domain).GetGPO('{FIRST}').Backup('C:\backups', 'Before the <move> & "so"')
        $answer.overall = Get-HResult {{ $result.OverallStatus() }}
        $answer.messages = $result.Status.Count
        $backup = $result.Result
        $answer.id = $backup.ID; $answer.gpo = $backup.GPOID; $answer.domain = $backup.GPODomain
        $answer.name = $backup.GPODisplayName; $answer.comment = $backup.Comment; $answer.dir = $backup.BackupDir
        $answer.time = $backup.Timestamp.ToString('s')
        $paths = 'manifest.xml', "$($backup.ID)\bkupInfo.xml", "$($backup.ID)\Backup.xml"
        $answer.hidden = @(foreach ($path in $paths) {{
            [bool] ([System.IO.File]::GetAttributes("C:\backups\$path") -band [System.IO.FileAttributes]::Hidden)
        }})
    """)
    # Wine keeps the attribute only where the file system has extended attributes for it.
    assert answer.pop("hidden") in ([True, True, False], [False, False, False])
    backup_id, moment = answer.pop("id"), answer.pop("time")
    assert answer == {"overall": "ok", "messages": 0, "gpo": FIRST, "domain": "corp.example",
                      "name": "Default Domain Policy", "comment": 'Before the <move> & "so"', "dir": "C:\\backups"}
    assert re.fullmatch(r"\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}", backup_id)
    (folder,) = backup_folders(backups)
    assert folder.name == backup_id
    assert sorted(path.name for path in folder.iterdir()) == ["Backup.xml", "DomainSysvol", "bkupInfo.xml",
                                                              "gpreport.xml"]

    inner = "".join(f"<{name}><![CDATA[{text}]]></{name}>" for name, text in {
        "GPOGuid": FIRST, "GPODomain": "corp.example", "GPODomainGuid": "{8d113a86-7f83-4ded-9ad7-75122a34cf7e}",
        "GPODomainController": "dc1.corp.example", "BackupTime": moment, "ID": backup_id,
        "Comment": 'Before the <move> & "so"', "GPODisplayName": "Default Domain Policy"}.items())
    namespace = MANIFEST.strip("{}")
    assert (folder / "bkupInfo.xml").read_bytes().decode() == \
        f'<BackupInst xmlns="{namespace}">{inner}</BackupInst>\r\n'
    assert (backups / "manifest.xml").read_bytes().decode() == \
        f'<Backups xmlns="{namespace}" xmlns:mfst="{namespace}" mfst:version="1.0">' \
        f"<BackupInst>{inner}</BackupInst></Backups>\r\n"

    saved = {path.relative_to(folder / "DomainSysvol" / "GPO").as_posix(): path.read_bytes()
             for path in (folder / "DomainSysvol").rglob("*") if path.is_file()}
    expected = dict(FILES)
    # Two files have one spelling in every backup, whatever it is in SYSVOL.
    expected["Machine/microsoft/windows nt/SecEdit/GptTmpl.inf"] = expected.pop(
        "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf")
    expected["User/registry.pol"] = expected.pop("User/Registry.pol")
    assert saved == expected
    assert (folder / "DomainSysvol" / "GPO" / "Machine" / "Applications").is_dir()


def test_backup_xml(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    machine.run(rf"$answer.id = (Get-Domain).GetGPO('{FIRST}').Backup('C:\backups', '').Result.ID")
    (folder,) = backup_folders(backups)
    root = ET.parse(folder / "Backup.xml").getroot()
    assert root.tag == f"{BKP}GroupPolicyBackupScheme"
    assert (root.get(f"{BKP}version"), root.get(f"{BKP}type")) == ("2.0", "GroupPolicyBackupTemplate")
    (gpo,) = root
    groups, paths, core, *sections = gpo
    assert [groups.tag, paths.tag] == [f"{BKP}SecurityGroups", f"{BKP}FilePaths"]

    names = ("Sid", "SamAccountName", "Type", "NetBIOSDomainName", "DnsDomainName", "UPN")
    listed = [(group.get(f"{BKP}Source"), *(element_text(group, name) for name in names)) for group in groups]
    assert listed == [
        (None, "", "Operators", "Unknown", "", "", ""),
        (None, STAFF, "Staff & <Söhne>", "GlobalGroup", "CORP", "corp.example", "Staff & <Söhne>@corp.example"),
        (None, "", "Users", "Unknown", "", "", ""),
        (None, "", "Administrators", "Unknown", "", "", ""),
        ("FromDACL", ENTERPRISE_ADMINS, "Enterprise Admins", "UniversalGroup", "CORP", "corp.example",
         "Enterprise Admins@corp.example"),
        ("FromDACL", ADMINS, "Domain Admins", "GlobalGroup", "CORP", "corp.example", "Domain Admins@corp.example")]

    assert [(item.tag.removeprefix(BKP), item.text) for item in core] == [
        ("ID", FIRST), ("Domain", "corp.example"),
        ("SecurityDescriptor", " ".join(re.findall("..", DEFAULT_DESCRIPTOR))),
        ("DisplayName", "Default Domain Policy"), ("Options", "1"),
        ("UserVersionNumber", str((2 << 16) | 1)), ("MachineVersionNumber", str((5 << 16) | 4)),
        ("MachineExtensionGuids", REGISTRY_LIST + SECURITY_LIST), ("UserExtensionGuids", None),
        ("WMIFilter", f'MSFT_SomFilter.ID="{FILTER}",Domain="corp.example"'), ("WMIFilterName", "Laptops")]

    assert [(section.get(f"{BKP}ID"), section.get(f"{BKP}DescName")) for section in sections] == [
        (REGISTRY, "Registry"), (SECURITY, "Security"), (UNKNOWN, "Unknown Extension")]
    registry, security, unknown = sections
    sysvol = "DomainSysvol\\GPO\\"
    assert file_objects(registry) == [
        ("FSObjectFile", r"%GPO_MACH_FSPATH%\registry.pol", sysvol + r"Machine\registry.pol"),
        ("FSObjectFile", r"%GPO_USER_FSPATH%\registry.pol", sysvol + r"User\registry.pol"),
        ("FSObjectFile", r"%GPO_FSPATH%\Adm\*.*", None)]
    (template,) = security
    spelling = r"microsoft\windows nt\SecEdit\GptTmpl.inf"
    assert template.attrib == {
        f"{BKP}Path": rf"%GPO_MACH_FSPATH%\{spelling}",
        f"{BKP}SourceExpandedPath":
            rf"\\dc1.corp.example\sysvol\corp.example\Policies\{FIRST}\Machine\{spelling}",
        f"{BKP}ReEvaluateFunction": "SecurityValidateSettings",
        f"{BKP}Location": sysvol + rf"Machine\{spelling}"}
    expected = [("FSObjectFile", r"%GPO_FSPATH%\GPO.cmt", sysvol + "GPO.cmt")]
    for kind, half, relative in [
            ("Dir", "Machine", "Applications"), ("File", "Machine", "comment.cmtx"), ("Dir", "Machine", "Microsoft"),
            ("Dir", "Machine", r"Microsoft\Windows NT"), ("Dir", "Machine", r"Microsoft\Windows NT\SecEdit"),
            ("Dir", "Machine", "Scripts"), ("File", "Machine", r"Scripts\scripts.ini"),
            ("Dir", "Machine", r"Scripts\Startup"), ("File", "Machine", r"Scripts\Startup\start up.cmd"),
            ("Dir", "User", "zulu"), ("File", "User", "zulu\\Über'quote & \u263a.txt")]:
        variable = "%GPO_MACH_FSPATH%" if half == "Machine" else "%GPO_USER_FSPATH%"
        expected.append((f"FSObject{kind}", rf"{variable}\{relative}", sysvol + rf"{half}\{relative}"))
    assert file_objects(unknown) == expected


def test_security_template_without_its_extension(machine: Machine, domain: Domain, backups: Path) -> None:
    """Without the extension in its list, a GPO's template is a file like others, in SYSVOL's own spelling."""
    domain.add(FIRST, "No CSE", machine_extensions=REGISTRY_LIST,
               files={"Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf": TEMPLATE.encode("utf-16-le")})
    machine.run(rf"$answer.id = (Get-Domain).GetGPO('{FIRST}').Backup('C:\backups', '').Result.ID")
    (folder,) = backup_folders(backups)
    root = ET.parse(folder / "Backup.xml").getroot()
    sections = list(root.iter(f"{BKP}GroupPolicyExtension"))
    assert [section.get(f"{BKP}ID") for section in sections] == [REGISTRY, UNKNOWN]
    assert file_objects(sections[1])[-1] == (
        "FSObjectFile", r"%GPO_MACH_FSPATH%\Microsoft\Windows NT\SecEdit\GptTmpl.inf",
        r"DomainSysvol\GPO\Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf")
    assert len(list(root.iter(f"{BKP}Group"))) == 2


def test_backup_of_an_empty_gpo(machine: Machine, domain: Domain, backups: Path) -> None:
    domain.add(SECOND, "Nothing in it")
    machine.run(rf"$answer.id = (Get-Domain).GetGPO('{SECOND}').Backup('C:\backups\', '').Result.ID")
    (folder,) = backup_folders(backups)
    root = ET.parse(folder / "Backup.xml").getroot()
    assert [section.get(f"{BKP}ID") for section in root.iter(f"{BKP}GroupPolicyExtension")] == [REGISTRY]
    core = root.find(f".//{BKP}GroupPolicyCoreSettings")
    assert core is not None
    assert [item.tag.removeprefix(BKP) for item in core if item.text is None] == [
        "MachineExtensionGuids", "UserExtensionGuids", "WMIFilter"]
    assert "<Comment><![CDATA[]]></Comment>" in (folder / "bkupInfo.xml").read_text(encoding="utf-8")
    halves = folder / "DomainSysvol" / "GPO"
    assert sorted(path.name for path in halves.iterdir()) == ["Machine", "User"]
    assert not any(path for half in halves.iterdir() for path in half.iterdir())


def test_report(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    machine.run(rf"$answer.id = (Get-Domain).GetGPO('{FIRST}').Backup('C:\backups', '').Result.ID")
    (folder,) = backup_folders(backups)
    content = (folder / "gpreport.xml").read_bytes()
    assert content.startswith('\ufeff<?xml version="1.0" encoding="utf-16"?>\r\n<GPO '.encode("utf-16-le"))
    root = ET.fromstring(content.decode("utf-16"))
    settings = "{http://www.microsoft.com/GroupPolicy/Settings}"
    types = "{http://www.microsoft.com/GroupPolicy/Types}"
    security = "{http://www.microsoft.com/GroupPolicy/Types/Security}"

    def text(path: str) -> str | None:
        return root.findtext(path)

    assert text(f"{settings}Identifier/{types}Identifier") == FIRST
    assert text(f"{settings}Name") == "Default Domain Policy"
    assert text(f"{settings}CreatedTime") == "2024-03-01T08:00:00"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", text(f"{settings}ReadTime") or "")
    assert text(f"{settings}SecurityDescriptor/{security}SDDL") == (
        "O:DAD:PAI(OA;CI;CR;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;AU)(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)"
        f"(A;CI;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)(A;CI;CCDCLCSWRPWPDTLOSDRCWDWO;;;{ENTERPRISE_ADMINS})"
        "(A;CI;LCRPLORC;;;ED)(A;CI;LCRPLORC;;;AU)(A;CI;CCDCLCSWRPWPDTLOSDRCWDWO;;;SY)"
        "(A;CIIO;CCDCLCSWRPWPDTLOSDRCWDWO;;;CO)")
    halves = {half: [text(f"{settings}{half}/{settings}{name}") for name in ("VersionDirectory", "VersionSysvol",
                                                                             "Enabled")]
              for half in ("Computer", "User")}
    assert halves == {"Computer": ["5", "4", "true"], "User": ["2", "1", "false"]}
    extensions = [item.text for item in root.iter(f"{settings}Name")][1:]
    assert extensions == ["Registry", "Security"]


def test_a_report_tells_the_values_of_registry_pol(machine: Machine, domain: Domain, backups: Path) -> None:
    key = r"Software\Contoso & Söhne"
    values = [
        registry_pol.dword(key, "Number", 4294967295), registry_pol.string(key, "Text", "<a> \U0001f600"),
        registry_pol.multi_string(key, "Texts", ["one", "two"]),
        registry_pol.Setting(key, "Bytes", registry_pol.REG_BINARY, b"\x00\xff"),
    ]
    files = {"Machine/registry.pol": registry_pol.build(values), "User/Registry.pol": b"PReg user"}
    domain.add(SECOND, "Registry", machine_extensions=REGISTRY_LIST, user_extensions=REGISTRY_LIST, files=files)
    machine.run(rf"$answer.id = (Get-Domain).GetGPO('{SECOND}').Backup('C:\backups\', '').Result.ID")
    (folder,) = backup_folders(backups)
    root = ET.fromstring((folder / "gpreport.xml").read_bytes().decode("utf-16"))
    settings = "{http://www.microsoft.com/GroupPolicy/Settings}"
    q = "{http://www.microsoft.com/GroupPolicy/Settings/Registry}"
    told = [
        [
            (item.tag.removeprefix(q), [one.text for one in item] or item.text)
            for item in setting.find(f"{q}Value") or ()
        ]
        for setting in root.iter(f"{q}RegistrySetting")
    ]
    assert told == [
        [("Name", "Number"), ("Number", "4294967295")], [("Name", "Text"), ("String", "<a> \U0001f600")],
        [("Name", "Texts"), ("Strings", ["one", "two"])], [("Name", "Bytes"), ("Binary", "00FF")],
    ]
    assert {item.text for item in root.iter(f"{q}KeyPath")} == {key}
    # What cannot be read is told by an error, as GPMC does.
    assert root.findtext(f"{settings}User/{settings}ExtensionData/{settings}Error/{settings}Details")


_CONTENTS = {
    "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf": security_template({
        "System Access": ["MinimumPasswordLength = 14", "ClearTextPassword = 0", "LockoutDuration = -1",
                          'NewGuestName = "Visitor"'],
        "Registry Values": [r"MACHINE\System\A\NoLMHash=4,1", r'MACHINE\System\A\Text=1,"a,b"',
                            r"MACHINE\System\A\Paths=7,one,two"],
        "Privilege Rights": [f"SeDebugPrivilege = *{ADMINS},Nobody", "SeTcbPrivilege ="],
        "Event Audit": ["AuditLogonEvents = 2"],
        "Group Membership": [f"*{ADMINS}__Memberof =", f"*{ADMINS}__Members = *{SYSTEM}"],
        "Service General Setting": ['"RemoteRegistry",4,""'],
        "File Security": [r'"%SystemRoot%\a",0,"D:(A;;FA;;;BA)"'],
        "System Log": ["MaximumLogSize = 32768"],
    }),
    "Machine/Microsoft/Windows NT/Audit/audit.csv": audit_csv("DC1"),
    "Machine/Scripts/scripts.ini": scripts_ini({"Startup": [("a.cmd", "/q"), ("b & c.ps1", "")]}),
    "Machine/Preferences/Registry/Registry.xml": (
        b'<?xml version="1.0" encoding="utf-8"?><RegistrySettings clsid="{A}"><Collection clsid="{C}" name="In">'
        b'<Registry clsid="{R}" name="N" uid="{1}"><Properties hive="HKLM" key="K" name="N" value="&lt;1&gt;"/>'
        b"</Registry></Collection></RegistrySettings>"
    ),
    "User/Preferences/Drives/Drives.xml": b"<Drives",
}


def _told(element: ET.Element) -> Any:
    """What is in an element, without namespaces: its text, or what its attributes and children are."""
    children = [(child.tag.rpartition("}")[2], _told(child)) for child in element]
    attributes = [(name, value) for name, value in element.attrib.items() if not name.startswith("{")]
    return attributes + children if attributes or children else element.text


def test_a_report_tells_the_settings_of_files(machine: Machine, domain: Domain, backups: Path) -> None:
    lists = SECURITY_LIST + extensions.AUDIT + extensions.SCRIPTS["computer"]
    domain.add(SECOND, "Settings", machine_extensions=lists, files=_CONTENTS)
    machine.run(rf"$answer.id = (Get-Domain).GetGPO('{SECOND}').Backup('C:\backups\', '').Result.ID")
    (folder,) = backup_folders(backups)
    root = ET.fromstring((folder / "gpreport.xml").read_bytes().decode("utf-16"))
    settings = "{http://www.microsoft.com/GroupPolicy/Settings}"
    found = {
        data.findtext(f"{settings}Name"): [
            (item.tag.rpartition("}")[2], _told(item)) for item in data.find(f"{settings}Extension") or ()
        ]
        for data in root.iter(f"{settings}ExtensionData")
    }
    none = [("PermissionsPresent", "false"), ("AuditingPresent", "false")]
    assert found["Security"] == [
        ("Account", [("Name", "MinimumPasswordLength"), ("SettingNumber", "14"), ("Type", "Password")]),
        ("Account", [("Name", "ClearTextPassword"), ("SettingBoolean", "false"), ("Type", "Password")]),
        ("Account", [("Name", "LockoutDuration"), ("SettingNumber", "4294967295"), ("Type", "Account Lockout")]),
        ("SecurityOptions", [("SystemAccessPolicyName", "NewGuestName"), ("SettingString", '"Visitor"')]),
        ("SecurityOptions", [("KeyName", r"MACHINE\System\A\NoLMHash"), ("SettingNumber", "1")]),
        ("SecurityOptions", [("KeyName", r"MACHINE\System\A\Text"), ("SettingString", '"a,b"')]),
        ("SecurityOptions", [("KeyName", r"MACHINE\System\A\Paths"),
                             ("SettingStrings", [("Value", "one"), ("Value", "two")])]),
        ("UserRightsAssignment", [("Name", "SeDebugPrivilege"),
                                  ("Member", [("SID", ADMINS), ("Name", "CORP\\Domain Admins")]),
                                  ("Member", [("Name", "Nobody")])]),
        ("UserRightsAssignment", [("Name", "SeTcbPrivilege")]),
        ("Audit", [("Name", "AuditLogonEvents"), ("SuccessAttempts", "false"), ("FailureAttempts", "true")]),
        ("RestrictedGroups", [("GroupName", [("SID", ADMINS), ("Name", "CORP\\Domain Admins")]),
                              ("Member", [("SID", SYSTEM), ("Name", "NT AUTHORITY\\SYSTEM")])]),
        ("SystemServices", [("Name", "RemoteRegistry"), ("StartupMode", "Disabled"), ("SecurityDescriptor", none)]),
        ("File", [("Path", r"%SystemRoot%\a"), ("Mode", "0"), ("SecurityDescriptor", [
            ("SDDL", "D:(A;;FA;;;BA)"), ("PermissionsPresent", "true"), ("AuditingPresent", "false")])]),
        ("EventLog", [("Log", "System"), ("Name", "MaximumLogSize"), ("SettingNumber", "32768")]),
    ]
    assert found["Advanced Audit Configuration"][0] == ("AuditSetting", [
        ("PolicyTarget", "System"), ("SubcategoryName", "Audit Credential Validation"),
        ("SubcategoryGuid", "{0cce923f-69ae-11d9-bed3-505054503030}"), ("SettingValue", "3"),
    ])
    assert len(found["Advanced Audit Configuration"]) == 4
    assert found["Scripts"] == [
        ("Script", [("Command", "a.cmd"), ("Parameters", "/q"), ("Type", "Startup"), ("Order", "0"),
                    ("RunOrder", "PSNotConfigured")]),
        ("Script", [("Command", "b & c.ps1"), ("Type", "Startup"), ("Order", "1"), ("RunOrder", "PSNotConfigured")]),
    ]
    properties = [("hive", "HKLM"), ("key", "K"), ("name", "N"), ("value", "<1>"), ("Values", None)]
    assert found["Windows Registry"] == [("RegistrySettings", [
        ("clsid", "{A}"), ("Collection", [
            ("clsid", "{C}"), ("name", "In"), ("GPOSettingOrder", "1"), ("Registry", [
                ("clsid", "{R}"), ("name", "N"), ("uid", "{1}"), ("GPOSettingOrder", "1"), ("Properties", properties),
                ("Filters", None)]),
            ("Filters", None)])])]
    assert found["Drive Maps"] == []
    assert root.findtext(f".//{settings}Error/{settings}Details") == "The file Drives.xml cannot be read."


AWKWARD = [
    "plain]]>end", "]]>]]>", 'quote" and \'single\' & <tag>', "blank at the end ", " %PATH% ~tilde $var `tick` [x] *?",
    "emoji 😀 and שלום", "tab\tinside", "control \u0001 and \uffff",
]


def test_awkward_texts_stay_data(machine: Machine, domain: Domain, backups: Path) -> None:
    names = {}
    for number, name in enumerate(AWKWARD):
        gpo = f"{{A0B1C2D3-0000-4000-8000-{number:012X}}}"
        names[gpo] = name
        domain.add(gpo, name)
    answer = machine.run(r"""
        foreach ($gpo in (Get-Domain).SearchGPOs($gpm.CreateSearchCriteria())) {
            $answer[$gpo.ID] = $gpo.Backup('C:\backups', $gpo.DisplayName).Result.ID
        }
        $found = $gpm.GetBackupDir('C:\backups').SearchBackups($gpm.CreateSearchCriteria())
        $answer.found = @(foreach ($backup in $found) {
            , @($backup.GPOID, $backup.GPODisplayName, $backup.Comment)
        })
    """)
    found = {gpo: (name, comment) for gpo, name, comment in answer.pop("found")}
    entries = {entry["GPOGuid"]: entry for entry in manifest_entries(backups)}
    assert answer.keys() == names.keys() == found.keys() == entries.keys()
    for gpo, name in names.items():
        # What XML 1.0 cannot hold is replaced; everything else comes back as it was.
        kept = name.replace("\u0001", "\ufffd").replace("\uffff", "\ufffd")
        assert found[gpo] == (kept, kept)
        assert (entries[gpo]["GPODisplayName"], entries[gpo]["Comment"]) == (kept, kept)
        backup = ET.parse(backups / answer[gpo] / "Backup.xml").getroot()
        assert backup.findtext(f".//{BKP}DisplayName") == kept


# --- the call ----------------------------------------------------------------------------------------------------


def test_arguments_of_backup(machine: Machine, domain: Domain, backups: Path) -> None:
    populate(domain)
    (backups / "file.txt").write_text("x")
    answer = machine.run(rf"""
        $gpo = (Get-Domain).GetGPO('{FIRST}')
        $answer.missing = Get-HResult {{ $gpo.Backup('C:\nowhere\at all', '') }}
        $answer.missing_share = Get-HResult {{ $gpo.Backup('\\nowhere\share', '') }}
        $answer.file = Get-HResult {{ $gpo.Backup('C:\backups\file.txt', '') }}
        $answer.empty = Get-HResult {{ $gpo.Backup('', '') }}
        $answer.comment_too_long = Get-HResult {{ $gpo.Backup('C:\backups', 'x' * 2048) }}
        $answer.progress_is_text = Get-HResult {{ $gpo.Backup('C:\backups', '', 'bogus') }}
        $answer.progress_is_another_object = Get-HResult {{ $gpo.Backup('C:\backups', '', $gpm) }}
        $answer.untouched = [System.IO.Directory]::GetDirectories('C:\backups').Count
        $answer.comment_at_the_limit = $gpo.Backup('C:\backups', 'x' * 2047).Result.Comment.Length
        $cancel = 'untouched'
        $answer.null_null = Get-HResult {{ $gpo.Backup('C:\backups', '', $null, $null).OverallStatus() }}
        $answer.null_ref = Get-HResult {{ $gpo.Backup('C:\backups', '', $null, [ref] $cancel).OverallStatus() }}
        $answer.cancel = $cancel
        $missing = [Type]::Missing
        $answer.missing_missing = Get-HResult {{ $gpo.Backup('C:\backups', '', $missing, $missing).OverallStatus() }}
        $answer.dbnull = Get-HResult {{ $gpo.Backup('C:\backups', '', [DBNull]::Value).OverallStatus() }}
        $nothing = $null
        $answer.ref_null = Get-HResult {{
            $gpo.Backup('C:\backups', '', [ref] $nothing, [ref] $nothing).OverallStatus() }}
        [System.IO.File]::Delete('C:\lab\domain\gpos\{SECOND}.json')
        $answer.count = (Get-Domain).SearchGPOs($gpm.CreateSearchCriteria()).Count
    """)
    assert answer == {
        "missing": "0x80070003", "missing_share": "0x80070035", "file": "0x8007010B", "empty": "0x80070057",
        "comment_too_long": "0x80070057", "progress_is_text": "0x80070057",
        "progress_is_another_object": "0x80004002", "untouched": 0, "comment_at_the_limit": 2047, "null_null": "ok",
        "null_ref": "ok", "cancel": "untouched", "missing_missing": "ok", "dbnull": "ok", "ref_null": "ok", "count": 2}
    assert len(manifest_entries(backups)) == 6


def test_gpo_that_vanished(machine: Machine, domain: Domain, backups: Path) -> None:
    """A client's object may outlive the GPO, its visibility, or its files."""
    populate(domain)
    answer = machine.run(rf"""
        $first, $second, $third = @((Get-Domain).SearchGPOs($gpm.CreateSearchCriteria()))
        [System.IO.File]::Delete('C:\lab\domain\gpos\{FIRST}.json')
        $answer.deleted = Get-HResult {{ $first.Backup('C:\backups', '') }}
        [System.IO.Directory]::Delete('C:\lab\domain\sysvol\corp.example\Policies\{SECOND}', $true)
        $answer.no_files = Get-HResult {{ $second.Backup('C:\backups', '') }}
        $answer.no_version = $null -eq $second.UserSysvolVersionNumber
    """)
    # The binder says nothing of a property that fails: it reads as null.
    assert answer == {"deleted": "0x80072030", "no_files": "0x80070003", "no_version": True}
    assert not list(backups.iterdir())


def test_unreadable_file(machine: Machine, domain: Domain, backups: Path) -> None:
    """It costs the backup its success, but not the other files."""
    domain.add(FIRST, "Busy", machine_extensions=REGISTRY_LIST,
               files={"Machine/registry.pol": b"1", "Machine/a.txt": b"a", "Machine/z.txt": b"z"})
    answer = machine.run(rf"""
        $busy = [System.IO.File]::Open('C:\lab\domain\sysvol\corp.example\Policies\{FIRST}\Machine\a.txt', 'Open',
                                       'ReadWrite', 'None')
        $result = (Get-Domain).GetGPO('{FIRST}').Backup('C:\backups', '')
        $answer.overall = Get-HResult {{ $result.OverallStatus() }}
        $answer.messages = @(Read-Messages $result)
        $busy.Dispose()
    """)
    path = rf"\\dc1.corp.example\sysvol\corp.example\Policies\{FIRST}\Machine\a.txt"
    (message,) = answer["messages"]
    assert answer["overall"] == "0x80070020"
    assert (message["object_path"], message["extension"], message["error"]) == (path, "Unknown Extension", "0x80070020")
    assert path in message["message"]
    (folder,) = backup_folders(backups)
    saved = {path.name for path in (folder / "DomainSysvol").rglob("*") if path.is_file()}
    assert saved == {"registry.pol", "z.txt"}


def test_paths_beyond_max_path(machine: Machine, domain: Domain, backups: Path) -> None:
    deep = "/".join(["Machine", *["d" * 40] * 5, "file.txt"])
    domain.add(FIRST, "Deep", files={deep: b"deep"})
    domain.configure(long_paths=True)
    first = machine.run(rf"""
        $answer.long = Get-HResult {{ (Get-Domain).GetGPO('{FIRST}').Backup('C:\backups', '').OverallStatus() }}""")
    (folder,) = backup_folders(backups)
    assert (folder / "DomainSysvol" / "GPO" / deep).read_bytes() == b"deep"
    domain.configure()
    second = machine.run(rf"""
        $answer.short = Get-HResult {{ (Get-Domain).GetGPO('{FIRST}').Backup('C:\backups', '').OverallStatus() }}""")
    assert first | second == {"long": "ok", "short": "0x800700CE"}
    assert len(manifest_entries(backups)) == 1


# kind, what the fault adds, HRESULT of the call, OverallStatus, entry in the manifest, folders left
FAULTS: list[tuple[str, dict[str, Any], str, str | None, int, int]] = [
    ("refuse", {"hresult": "0x80070005"}, "0x80070005", None, 0, 0),
    ("fail", {"hresult": "0x80070002"}, "ok", "0x80070002", 0, 1),
    ("messages", {}, "ok", "ok", 1, 1),
    ("disk_full", {}, "0x80070070", None, 0, 1),
    ("access_denied", {}, "0x80070005", None, 0, 0),
    ("dc_down", {}, "0x8007203A", None, 0, 0),
    ("no_delegation", {}, "0x80072020", None, 0, 0),
    ("slow", {"delay_ms": 300}, "ok", "ok", 1, 1),
]

MESSAGE = {"object_path": "LDAP://cn=x", "extension": "Registry", "setting": "a setting", "message": "It «went» wrong",
           "error": "0x80070005", "operation": "0x80004005"}


@pytest.mark.parametrize(("kind", "extra", "call", "overall", "entries", "folders"), FAULTS,
                         ids=[fault[0] for fault in FAULTS])
def test_fault(machine: Machine, domain: Domain, backups: Path, kind: str, extra: dict[str, Any], call: str,
               overall: str | None, entries: int, folders: int) -> None:
    full_gpo(domain)
    domain.plant({"kind": kind, "gpo": FIRST, "messages": [MESSAGE], **extra})
    answer = machine.run(rf"""
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $answer.call = Get-HResult {{ $script:result = (Get-Domain).GetGPO('{FIRST}').Backup('C:\backups', '') }}
        $answer.milliseconds = $watch.ElapsedMilliseconds
        if ($answer.call -eq 'ok') {{
            $answer.overall = Get-HResult {{ $result.OverallStatus() }}
            $answer.messages = @(Read-Messages $result)
            $answer.made = $null -ne $result.Result
        }}
        $answer.other = Get-HResult {{ (Get-Domain).GetGPO('{SECOND}').Backup('C:\backups', '') }}
    """)
    assert (answer["call"], answer.get("overall")) == (call, overall)
    if call == "ok":
        assert answer["messages"] == ([MESSAGE] if kind in ("fail", "messages") else [])
        assert answer["made"] is (kind != "fail")
    # The other GPO is not concerned, except by what befalls the directory.
    assert answer["other"] == (call if kind in ("dc_down", "no_delegation") else "ok")
    others = 1 if answer["other"] == "ok" else 0
    assert len(manifest_entries(backups) if others else []) == entries + others
    assert len(backup_folders(backups)) == folders + others
    if kind == "slow":
        assert answer["milliseconds"] >= 300
    if kind in ("fail", "disk_full"):
        (partial,) = [path for path in backup_folders(backups) if not (path / "bkupInfo.xml").exists()]
        saved = [path for path in (partial / "DomainSysvol").rglob("*") if path.is_file()]
        assert 0 < len(saved) < len(FILES)
        assert not (partial / "Backup.xml").exists()


def test_fault_counts_its_hits(machine: Machine, domain: Domain, backups: Path) -> None:
    populate(domain)
    domain.plant({"kind": "refuse", "hresult": "0x8007000E", "times": 2})
    script = rf"""
        $gpo = (Get-Domain).GetGPO('{FIRST}')
        $answer.calls = @(1..2 | ForEach-Object {{ Get-HResult {{ $gpo.Backup('C:\backups', '') }} }})
    """
    first = machine.run("$answer.one = Get-HResult { (Get-Domain).GetGPO('" + FIRST + r"').Backup('C:\backups', '') }")
    second = machine.run(script)
    assert first == {"one": "0x8007000E"}
    assert second == {"calls": ["0x8007000E", "ok"]}
    assert sorted(path.name for path in (domain.folder / "faults.hits").iterdir()) == ["f1.1", "f1.2"]


def test_crash(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    domain.plant({"kind": "crash"})
    process, answer, log = machine.start(rf"(Get-Domain).GetGPO('{FIRST}').Backup('C:\backups', '')")
    # Mostly the lowest byte of 0xC0000005; once in some twenty runs, on a busy machine, it was 2.
    assert process.wait(timeout=60) != 0 and not answer.exists(), log.read_text("utf-8", "replace")
    (folder,) = backup_folders(backups)
    assert not (folder / "Backup.xml").exists()
    assert not (backups / "manifest.xml").exists()


def test_hang(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    domain.plant({"kind": "hang"})
    process, answer, _ = machine.start(rf"(Get-Domain).GetGPO('{FIRST}').Backup('C:\backups', '')")
    deadline = time.monotonic() + 60
    while not backup_folders(backups) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert backup_folders(backups), "the backup did not begin"
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=2)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    assert not answer.exists()


def test_costs(machine: Machine, domain: Domain, backups: Path) -> None:
    populate(domain)
    domain.configure(costs={"backup_ms": 500, "call_ms": 1000})
    answer = machine.run(rf"""
        $gpo = (Get-Domain).GetGPO('{FIRST}'); $other = (Get-Domain).GetGPO('{SECOND}')
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $null = $gpo.Backup('C:\backups', '')
        $answer.backup = $watch.ElapsedMilliseconds
        $watch.Restart()
        $null = $gpo.GetSecurityInfo(); $null = $gpo.DisplayName
        $answer.call = $watch.ElapsedMilliseconds
        $watch.Restart()
        $null = $other.GetWMIFilter(); $null = (New-Object -ComObject GPMgmt.GPM).CreateSearchCriteria()
        $answer.free = $watch.ElapsedMilliseconds
    """)
    assert answer["backup"] >= 490
    assert answer["call"] >= 990
    assert answer["free"] < 990, "no filter, nothing to ask the directory for"


def test_call_log(machine: Machine, domain: Domain, backups: Path) -> None:
    populate(domain)
    script = rf"""
        $gpo = (Get-Domain).GetGPO('{FIRST}')
        $null = $gpo.DisplayName
        $null = $gpo.Backup('C:\backups', '').Result.ID
        $answer.done = $true
    """
    machine.run(script)
    assert domain.calls() == []
    (domain.folder / "calls.on").touch()
    machine.run(script)
    assert domain.calls() == [
        {"call": "IGPM::GetConstants", "arg": ""},
        {"call": "IGPM::GetDomain", "arg": "corp.example  0"},
        {"call": "IGPMDomain::GetGPO", "arg": FIRST},
        {"call": "IGPMGPO::Backup", "arg": "C:\\backups"}]


# --- asynchronous backups ----------------------------------------------------------------------------------------

ASYNC = PROGRESS + rf"""
$progress = [Progress]::new()
$cancel = $null
$result = (Get-Domain).GetGPO('{FIRST}').Backup('C:\backups', 'async', $progress, [ref] $cancel)
"""


@pytest.mark.parametrize("apartment", ["-Sta", "-Mta"])
def test_asynchronous_backup(machine: Machine, domain: Domain, backups: Path, apartment: str) -> None:
    full_gpo(domain)
    answer = machine.run(PROGRESS + rf"""
        $answer.apartment = [string] [System.Threading.Thread]::CurrentThread.GetApartmentState()
        foreach ($id in '{FIRST}', '{SECOND}') {{
            $progress = [Progress]::new()
            $cancel = $null
            $result = (Get-Domain).GetGPO($id).Backup('C:\backups', 'async', $progress, [ref] $cancel)
            $done = $progress.Done.WaitOne(30000)
            $answer[$id] = Read-Progress $progress
            $answer[$id].done = $done
            $answer[$id].result_at_once = $null -ne $result
            $answer[$id].cancel_given = $null -ne $cancel
        }}
    """, apartment)
    assert answer.pop("apartment") == apartment.removeprefix("-").upper()
    for gpo, steps in ((FIRST, 4), (SECOND, 3)):
        run = answer[gpo]
        assert run.pop("steps") == [f"{step}/{steps}" for step in range(1, steps + 1)]
        assert (backups / run.pop("backup") / "Backup.xml").is_file()
        assert run == {"status": "0x00000000", "messages": [], "early": False, "other_thread": True,
                       "null_messages": True, "done": True, "result_at_once": False, "cancel_given": True}
    assert [entry["Comment"] for entry in manifest_entries(backups)] == ["async", "async"]


def test_asynchronous_backup_without_a_cancel_variable(machine: Machine, domain: Domain, backups: Path) -> None:
    populate(domain)
    answer = machine.run(PROGRESS + rf"""
        $progress = [Progress]::new()
        $null = (Get-Domain).GetGPO('{FIRST}').Backup('C:\backups', '', $progress)
        $answer.done = $progress.Done.WaitOne(30000)
        $answer.status = $progress.FinalStatus
    """)
    assert answer == {"done": True, "status": 0}


def test_cancel(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    domain.plant({"kind": "slow", "delay_ms": 60000})
    answer = machine.run(ASYNC + r"""
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $answer.running = -not $progress.Done.WaitOne(300)
        $cancel.Cancel()
        $answer.done = $progress.Done.WaitOne(10000)
        $answer.seconds = [int] $watch.Elapsed.TotalSeconds
        $answer.progress = Read-Progress $progress
        $answer.again = Get-HResult { $cancel.Cancel() }
    """)
    assert (answer["running"], answer["done"], answer["again"]) == (True, True, "ok")
    assert answer["seconds"] <= 5
    assert (answer["progress"]["status"], answer["progress"]["backup"]) == ("0x800704C7", None)
    assert not (backups / "manifest.xml").exists()


def test_hang_ignores_cancel(machine: Machine, domain: Domain, backups: Path) -> None:
    full_gpo(domain)
    domain.plant({"kind": "hang"})
    answer = machine.run(ASYNC + r"""
        $cancel.Cancel()
        $answer.done = $progress.Done.WaitOne(1500)
    """)
    assert answer == {"done": False}


# kind -> what the fault adds, final status, whether a backup comes with it, messages
ASYNC_FAULTS: dict[str, tuple[dict[str, Any], str, bool, list[str]]] = {
    "fail": ({"hresult": "0x80070002"}, "0x80070002", False, ["It «went» wrong"]),
    "messages": ({}, "0x00000000", True, ["It «went» wrong"]),
    "disk_full": ({}, "0x80070070", False, []),
    "access_denied": ({}, "0x80070005", False, []),
}


def test_asynchronous_faults(machine: Machine, domain: Domain, backups: Path) -> None:
    """What a synchronous call would return comes with the last progress report."""
    ids = {kind: f"{{A0B1C2D3-0000-4000-8000-{number:012X}}}" for number, kind in enumerate(ASYNC_FAULTS)}
    for kind, gpo in ids.items():
        domain.add(gpo, kind, files=FILES)
    domain.plant(*({"kind": kind, "gpo": ids[kind], "messages": [MESSAGE], **extra}
                   for kind, (extra, *_) in ASYNC_FAULTS.items()))
    answer = machine.run(PROGRESS + r"""
        foreach ($gpo in (Get-Domain).SearchGPOs($gpm.CreateSearchCriteria())) {
            $progress = [Progress]::new(); $cancel = $null
            $null = $gpo.Backup('C:\backups', '', $progress, [ref] $cancel)
            $null = $progress.Done.WaitOne(30000)
            $answer[$gpo.DisplayName] = Read-Progress $progress
        }
    """)
    seen = {kind: (run["status"], run["backup"] is not None, run["messages"]) for kind, run in answer.items()}
    assert seen == {kind: tuple(expected) for kind, (_, *expected) in ASYNC_FAULTS.items()}
    assert {kind: run["null_messages"] for kind, run in answer.items()} == {
        "fail": False, "messages": False, "disk_full": True, "access_denied": True}


def test_arguments_fail_at_once_in_an_asynchronous_call(machine: Machine, domain: Domain, backups: Path) -> None:
    populate(domain)
    domain.plant({"kind": "refuse", "hresult": "0x80070005", "gpo": SECOND})
    answer = machine.run(PROGRESS + rf"""
        $progress = [Progress]::new(); $cancel = $null
        $first = (Get-Domain).GetGPO('{FIRST}'); $second = (Get-Domain).GetGPO('{SECOND}')
        $answer.missing = Get-HResult {{ $first.Backup('C:\nowhere', '', $progress, [ref] $cancel) }}
        $answer.refused = Get-HResult {{ $second.Backup('C:\backups', '', $progress, [ref] $cancel) }}
        $answer.calls = $progress.Steps.Count
    """)
    assert answer == {"missing": "0x80070003", "refused": "0x80070005", "calls": 0}


def test_apartment_threaded_registration(machine: Machine, domain: Domain, backups: Path) -> None:
    """Which threading model the genuine server has is not known; a client must work with either."""
    full_gpo(domain)
    assert machine.wine("regsvr32.exe", "/s", "/i:Apartment", r"C:\lab\gpmgmt.dll").returncode == 0
    try:
        answer = machine.run(ASYNC + rf"""
            $answer.done = $progress.Done.WaitOne(30000)
            $answer.async = Read-Progress $progress
            $criteria = $gpm.CreateSearchCriteria(); $criteria.Add(4, 0, '{FIRST}')
            $links = $gpm.CreateSearchCriteria(); $links.Add(7, 1, (Get-Domain).GetGPO('{FIRST}'))
            $answer.names = @(foreach ($gpo in (Get-Domain).SearchGPOs($criteria)) {{ $gpo.DisplayName }})
            $answer.soms = (Get-Domain).SearchSOMs($links).Count
            $answer.sync = Get-HResult {{ (Get-Domain).GetGPO('{SECOND}').Backup('C:\backups', '').OverallStatus() }}
            $answer.missing = Get-HResult {{ (Get-Domain).GetGPO('{HIDDEN}') }}
        """, "-Mta")
    finally:
        assert machine.wine("regsvr32.exe", "/s", r"C:\lab\gpmgmt.dll").returncode == 0
    assert answer["async"]["status"] == "0x00000000" and answer["async"]["backup"]
    assert {key: answer[key] for key in ("done", "names", "soms", "sync", "missing")} == {
        "done": True, "names": ["Default Domain Policy"], "soms": 2, "sync": "ok", "missing": "0x80072030"}


# --- backup directories ------------------------------------------------------------------------------------------


def test_search_backups(machine: Machine, domain: Domain, backups: Path) -> None:
    populate(domain)
    answer = machine.run(rf"""
        $ids = foreach ($id in '{FIRST}', '{SECOND}', '{FIRST}') {{
            (Get-Domain).GetGPO($id).Backup('C:\backups', 'c').Result.ID
        }}
        $answer.ids = @($ids)
        $directory = $gpm.GetBackupDir('C:\backups')
        $answer.directory = $directory.BackupDirectory
        function Find-Backup {{
            $criteria = $gpm.CreateSearchCriteria()
            foreach ($criterion in $args) {{ $criteria.Add($criterion[0], $criterion[1], $criterion[2]) }}
            @(foreach ($backup in $directory.SearchBackups($criteria)) {{ $backup.ID }})
        }}
        $answer.all = @(Find-Backup)
        $answer.newest = @(Find-Backup @(9, 0, $true))
        $answer.by_gpo = @(Find-Backup @(4, 0, '{FIRST}'))
        $answer.by_other_gpo = @(Find-Backup @(4, 3, '{FIRST}'))
        $answer.newest_of_gpo = @(Find-Backup @(4, 0, '{FIRST}') @(9, 0, $true))
        $answer.by_name = @(Find-Backup @(2, 1, 'controllers'))
        $answer.by_domain = @(Find-Backup @(8, 0, 'corp.example'))
        $answer.by_other_domain = @(Find-Backup @(8, 0, 'other.example'))
        $filters = $gpm.CreateSearchCriteria(); $filters.Add(5, 1, '{SECURITY}')
        $answer.by_extension = Get-HResult {{ $directory.SearchBackups($filters) }}
        $backup = $directory.GetBackup($ids[1].ToLower())
        $answer.got = @($backup.ID, $backup.GPOID, $backup.GPODomain, $backup.GPODisplayName, $backup.Comment,
                        $backup.BackupDir)
        $answer.unknown = Get-HResult {{ $directory.GetBackup('{THIRD}') }}
        $answer.malformed = Get-HResult {{ $directory.GetBackup('x') }}
        $answer.missing = Get-HResult {{ $gpm.GetBackupDir('C:\nowhere') }}
        $answer.missing_share = Get-HResult {{ $gpm.GetBackupDir('\\nowhere\share\folder') }}
        $answer.no_name = Get-HResult {{ $gpm.GetBackupDir('') }}
        $backup.Delete()
        $answer.after_delete = @(Find-Backup)
        $answer.folder_left = [System.IO.Directory]::Exists("C:\backups\$($ids[1])")
        $answer.delete_again = Get-HResult {{ $backup.Delete() }}
    """)
    one, two, three = answer.pop("ids")
    assert answer == {
        "directory": "C:\\backups", "all": [one, two, three], "newest": [three, two], "by_gpo": [one, three],
        "by_other_gpo": [two], "newest_of_gpo": [three], "by_name": [two], "by_domain": [one, two, three],
        "by_other_domain": [], "by_extension": "0x80070057",
        "got": [two, SECOND, "corp.example", "Default Domain Controllers Policy", "c", "C:\\backups"],
        "unknown": "0x80070002", "malformed": "0x80070057", "missing": "0x80070003", "missing_share": "0x80070035",
        "no_name": "0x80070057",
        "after_delete": [one, three], "folder_left": False, "delete_again": "0x80070003"}


COUNT_BACKUPS = r"$answer.count = $gpm.GetBackupDir('C:\backups').SearchBackups($gpm.CreateSearchCriteria()).Count"


def test_directory_without_a_manifest(machine: Machine, domain: Domain, backups: Path) -> None:
    populate(domain)
    assert machine.run(COUNT_BACKUPS) == {"count": 0}
    machine.run(rf"$answer.id = (Get-Domain).GetGPO('{FIRST}').Backup('C:\backups', '').Result.ID")
    (backups / "manifest.xml").unlink()
    broken = backups / "{00000000-0000-0000-0000-000000000000}"
    broken.mkdir()
    (broken / "bkupInfo.xml").write_text("<BackupInst")
    assert machine.run(COUNT_BACKUPS) == {"count": 0}
    domain.configure(search_without_manifest=True)
    assert machine.run(COUNT_BACKUPS) == {"count": 1}


CORRUPT_MANIFESTS = [
    b"not xml", b"<Backups><BackupInst></Backups>", b"<Other/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><Backups/>",
    b"<Backups>" * 10000, b"<Backups>&nope;</Backups>",
]


def test_corrupt_manifest(machine: Machine, domain: Domain, backups: Path) -> None:
    """Neither read nor overwritten."""
    populate(domain)
    for number, content in enumerate(CORRUPT_MANIFESTS):
        (backups / str(number)).mkdir()
        (backups / str(number) / "manifest.xml").write_bytes(content)
    answer = machine.run(rf"""
        foreach ($number in 0..{len(CORRUPT_MANIFESTS) - 1}) {{
            $path = "C:\backups\$number"
            $answer["$number"] = @(
                (Get-HResult {{ $gpm.GetBackupDir($path).SearchBackups($gpm.CreateSearchCriteria()) }}),
                (Get-HResult {{ (Get-Domain).GetGPO('{FIRST}').Backup($path, '') }}))
        }}
    """)
    assert answer == {str(number): ["0x8007000D"] * 2 for number in range(len(CORRUPT_MANIFESTS))}
    for number, content in enumerate(CORRUPT_MANIFESTS):
        assert (backups / str(number) / "manifest.xml").read_bytes() == content


def test_manifest_of_the_genuine_kind(machine: Machine, domain: Domain, backups: Path) -> None:
    """Entries that another tool wrote, in UTF-16 or with entities, are read and kept."""
    populate(domain)
    namespace = MANIFEST.strip("{}")
    entry = f"<BackupInst><GPOGuid>{SECOND}</GPOGuid><GPODomain/><BackupTime>2020-01-01T00:00:00</BackupTime>" \
        f"<ID>{THIRD}</ID><Comment>a &amp; &#x1F600; b</Comment><GPODisplayName>Old</GPODisplayName></BackupInst>"
    text = f'<?xml version="1.0"?><!-- c --><m:Backups xmlns:m="{namespace}">{entry}</m:Backups>'
    (backups / "manifest.xml").write_bytes(("\ufeff" + text).encode("utf-16-le"))
    machine.run(rf"$answer.id = (Get-Domain).GetGPO('{FIRST}').Backup('C:\backups', '').Result.ID")
    old, new = manifest_entries(backups)
    assert (old["GPOGuid"], old["ID"], old["Comment"], old["GPODisplayName"]) == (SECOND, THIRD, "a & 😀 b", "Old")
    assert new["GPOGuid"] == FIRST


def test_locked_manifest(machine: Machine, domain: Domain, backups: Path) -> None:
    populate(domain)
    script = rf"""
        $busy = [System.IO.File]::Open('C:\backups\manifest.xml', 'OpenOrCreate', 'ReadWrite', 'None')
        $progress = [Progress]::new(); $cancel = $null
        $null = (Get-Domain).GetGPO('{FIRST}').Backup('C:\backups', '', $progress, [ref] $cancel)
        $answer.done_while_locked = $progress.Done.WaitOne(700)
        $busy.Dispose()
        $answer.done = $progress.Done.WaitOne(30000)
        $answer.status = '0x{{0:X8}}' -f $progress.FinalStatus
    """
    assert machine.run(PROGRESS + script) == {"done_while_locked": False, "done": True, "status": "0x00000000"}
    domain.configure(manifest="locked-fails")
    assert machine.run(PROGRESS + script) == {"done_while_locked": True, "done": True, "status": "0x80070020"}
    assert len(manifest_entries(backups)) == 1
    assert len(backup_folders(backups)) == 2


@pytest.fixture
def second_machine(machine: Machine, domain: Domain, backups: Path, tmp_path: Path) -> Iterator[Machine]:
    """Another host: a prefix and a Wine server of its own, the same domain and backup directory."""
    prefix = tmp_path / "prefix"
    machine.stop()
    subprocess.run(["cp", "-a", "--reflink=auto", str(machine.prefix), str(prefix)], check=True)
    other = Machine(prefix)
    yield other
    other.remove()


def test_concurrent_backups_lose_no_entry(machine: Machine, second_machine: Machine, domain: Domain,
                                          backups: Path) -> None:
    populate(domain)
    script = rf"""
        $gpo = (Get-Domain).GetGPO('{FIRST}')
        $answer.ids = @(1..10 | ForEach-Object {{ $gpo.Backup('C:\backups', '').Result.ID }})
    """
    started = [host.start(script) for host in (machine, second_machine) for _ in range(2)]
    ids: list[str] = []
    for process, answer, log in started:
        process.wait(timeout=120)
        assert answer.exists(), log.read_text(encoding="utf-8", errors="replace")
        ids += json.loads(answer.read_text(encoding="utf-8"))["ids"]
    assert len(set(ids)) == 40
    assert sorted(entry["ID"] for entry in manifest_entries(backups)) == sorted(ids)
    assert sorted(path.name for path in backup_folders(backups)) == sorted(ids)


def test_build_does_nothing_when_nothing_changed() -> None:
    script = ROOT / "tests" / "lab" / "gpmc" / "build.sh"
    # The first run builds what somebody may have changed since.
    subprocess.run([script], check=True)
    before = DLL.stat().st_mtime_ns
    subprocess.run([script], check=True)
    assert DLL.stat().st_mtime_ns == before
