# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_diff through the whole path: what is edited in the files of a GPO is what it tells, setting by setting."""

from __future__ import annotations

import json

from harness import Lab
from labkit import registry_pol
from labkit.domain import Domain
from labkit.seed_contents import scripts_ini
from steps import step

_BASELINE = "Security Baseline - Member Servers"
_SCRIPTS = "Startup and logon scripts"
_TEMPLATE = "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf"
_AUDIT = "Machine/Microsoft/Windows NT/Audit/audit.csv"
_LSA = "MACHINE\\System\\CurrentControlSet\\Control\\Lsa\\"

_IN_FILES: dict[str, tuple[tuple[str, str], ...]] = {
    _TEMPLATE: (
        ("LmCompatibilityLevel=4,5", "LmCompatibilityLevel=4,3"),
        ("SeDebugPrivilege = *S-1-5-32-544", "SeDebugPrivilege = *S-1-1-0,*S-1-5-32-544"),
        ('"RemoteRegistry",4,""', '"RemoteRegistry",2,""'),
        ("EnableGuestAccount = 0", "MinimumPasswordLength = 12"),
        ("AuditSystemEvents = 3", "AuditSystemEvents = 1"),
    ),
    _AUDIT: (
        ("{0cce922b-69ae-11d9-bed3-505054503030},Success,,1", "{0cce922b-69ae-11d9-bed3-505054503030},Failure,,2"),
        ("{0cce9228-69ae-11d9-bed3-505054503030},Failure,,2\r\n", "\r\n"),
    ),
}
"""Texts in files of a GPO, before and after."""


def _preferences(value: str, password: str, more: str) -> dict[str, bytes]:
    """Return files of Preferences."""
    items = (
        f'<Registry clsid="{{R}}" name="Wait" image="7" changed="2026-01-0{value} 00:00:00" uid="{{1}}">'
        f'<Properties action="U" hive="HKEY_LOCAL_MACHINE" key="K" name="Wait" type="REG_DWORD" value="{value}"/>'
        "</Registry>"
    )
    user = (
        '<User clsid="{U}" name="Admin \u00e4&lt;b&gt;" uid="{2}"><Properties action="U" '
        f'cpassword="{password}" userName="Admin"/></User>'
    )
    return {
        f"Machine/Preferences/{path}": f'<{root} clsid="{{L}}">{content}</{root}>'.encode()
        for path, root, content in (
            ("Registry/Registry.xml", "RegistrySettings", items), ("Groups/Groups.xml", "Groups", user + more),
        )  # fmt: skip
    }


_GROUP = (
    '<Group clsid="{G}" name="Operators" uid="{3}"><Properties action="D" groupName="Operators"/>'
    '<Filters><FilterGroup bool="AND" not="0" name="CORP\\Staff" sid="S-1-5-21-1"/></Filters></Group>'
)

_SECURITY = "Security Settings"
_ADVANCED = "Advanced Audit Policy Configuration"
_KEY = "Software\\Policies\\Microsoft\\Windows\\System"
_EDITED = {
    ("Administrative Templates", "changed", f"{_KEY}\\EnableSmartScreen", "1", "0"),
    (_SECURITY, "changed", f"{_LSA}LmCompatibilityLevel", "5", "3"),
    (_SECURITY, "changed", "Debug programs", "BUILTIN\\Administrators", "BUILTIN\\Administrators, Everyone"),
    (_SECURITY, "changed", "RemoteRegistry", "Startup mode: Disabled", "Startup mode: Automatic"),
    (_SECURITY, "removed", "EnableGuestAccount", "0", None),
    (_SECURITY, "added", "Minimum password length", None, "12"),
    (_SECURITY, "changed", "Audit system events", "Success and Failure", "Success"),
    (_ADVANCED, "changed", "Audit Process Creation", "Success", "Failure"),
    (_ADVANCED, "removed", "Audit Sensitive Privilege Use", "Failure", None),
    ("Preferences", "changed", "HKEY_LOCAL_MACHINE\\K\\Wait", "value: 1", "value: 2"),
    ("Preferences", "changed", "Admin ä<b>", "cpassword: (hidden)", "cpassword: (hidden)"),
    ("Preferences", "added", "Operators", None,
     "Name: Operators; action: D; groupName: Operators; Filters / FilterGroup / bool: AND; "
     "Filters / FilterGroup / not: 0; Filters / FilterGroup / sid: CORP\\Staff S-1-5-21-1"),
}  # fmt: skip
"""What the edits have to be called: extension, kind, name, before, after."""

_SCRIPTS_EDITED = {
    ("computer", "Scripts", "changed", "Order", "inventory.cmd /quiet, set clock.ps1 -Server %LOGONSERVER%",
     "set clock.ps1 -Server %LOGONSERVER%, inventory.cmd /quiet"),
    ("user", "Scripts", "added", "printers.cmd", None, "RunOrder: PSNotConfigured"),
}  # fmt: skip


def test_edits_of_every_kind_are_told(lab: Lab) -> None:
    """Each in the files of a GPO, without a new version, and none but these."""
    domain = Domain(lab.host_dir() / "domain")
    baseline, scripts = domain.find_gpo(_BASELINE).id, domain.find_gpo(_SCRIPTS).id
    for path, content in _preferences("1", "c2VjcmV0MQ", "").items():
        domain.write_sysvol_file(baseline, path, content)
    here = {"path": "D:\\GPO", "gpos": [_BASELINE, _SCRIPTS]}
    assert lab.tasks([step("First", "gpo_backup", **here, create_path=True)]).code == 0

    domain.set_registry_value(baseline, "computer", registry_pol.dword(_KEY, "EnableSmartScreen", 0))
    for path, edits in _IN_FILES.items():
        content = domain.read_sysvol_file(baseline, path)
        encoding = "utf-16" if content.startswith(b"\xff\xfe") else "utf-8"
        text = content.decode(encoding)
        for was, now in edits:
            assert was in text
            text = text.replace(was, now)
        domain.write_sysvol_file(baseline, path, text.encode(encoding))
    for path, content in _preferences("2", "c2VjcmV0Mg", _GROUP).items():
        domain.write_sysvol_file(baseline, path, content)
    order = [("set clock.ps1", "-Server %LOGONSERVER%"), ("inventory.cmd", "/quiet")]
    logon = [("drives.cmd", r"H: \\files\%USERNAME%"), ("printers.cmd", "")]
    computer = {"Startup": order, "Shutdown": [("cleanup.cmd", "")]}
    for half, sections in (("Machine", computer), ("User", {"Logon": logon})):
        domain.write_sysvol_file(scripts, f"{half}/Scripts/scripts.ini", scripts_ini(sections))

    run = lab.tasks([step("Edited", "gpo_diff", **here, diff=True)])
    assert run.code == 0, run.output
    (edited,) = run.of("Edited")
    first, second = edited["comparisons"]
    keys = ("extension", "kind", "name", "before", "after")
    told = [tuple(one[key] for key in keys) for one in first["changes"]]
    assert sorted(told, key=repr) == sorted(_EDITED, key=repr)
    assert {one["half"] for one in first["changes"]} == {"computer"}
    told = [tuple(one[key] for key in ("half", *keys)) for one in second["changes"]]
    assert sorted(told, key=repr) == sorted(_SCRIPTS_EDITED, key=repr)
    # Neither password is anywhere.
    assert "c2Vjcm" not in json.dumps(edited) + run.output
