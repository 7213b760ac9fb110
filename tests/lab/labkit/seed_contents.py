# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings files for the lab's own GPOs: in the genuine formats, with contents of our own."""

from __future__ import annotations

from . import registry_pol
from .registry_pol import Setting, dword, multi_string, string

WINDOWS_POLICIES = r"Software\Policies\Microsoft\Windows"


def security_template(sections: dict[str, list[str]]) -> bytes:
    """A GptTmpl.inf: UTF-16LE with a byte order mark and CRLF (MS-GPSB 2.2)."""
    lines = ["[Unicode]", "Unicode=yes"]
    for name, entries in sections.items():
        lines += [f"[{name}]", *entries]
    lines += ["[Version]", 'signature="$CHICAGO$"', "Revision=1"]
    return b"\xff\xfe" + "".join(line + "\r\n" for line in lines).encode("utf-16-le")


def scripts_ini(scripts: dict[str, list[tuple[str, str]]]) -> bytes:
    """A scripts.ini: sections with numbered command lines and parameters, UTF-16LE (MS-GPSCR 2.2.2)."""
    lines: list[str] = []
    for section, entries in scripts.items():
        lines += ["", f"[{section}]"]
        for number, (command, parameters) in enumerate(entries):
            lines += [f"{number}CmdLine={command}", f"{number}Parameters={parameters}"]
    return b"\xff\xfe" + "".join(line + "\r\n" for line in lines).encode("utf-16-le")


def text_file(*lines: str) -> bytes:
    """A script or another text as Windows' own editors save it: CRLF."""
    return "".join(line + "\r\n" for line in lines).encode("utf-8")


def domain_policy_template() -> bytes:
    return security_template({
        "System Access": [
            "MinimumPasswordAge = 1", "MaximumPasswordAge = 180", "MinimumPasswordLength = 14",
            "PasswordComplexity = 1", "PasswordHistorySize = 24", "LockoutBadCount = 10",
            "ResetLockoutCount = 15", "LockoutDuration = 15", "RequireLogonToChangePassword = 0",
            "ForceLogoffWhenHourExpire = 0", "ClearTextPassword = 0", "LSAAnonymousNameLookup = 0",
        ],
        "Kerberos Policy": [
            "MaxTicketAge = 10", "MaxRenewAge = 7", "MaxServiceAge = 600", "MaxClockSkew = 5",
            "TicketValidateClient = 1",
        ],
        "Registry Values": [r"MACHINE\System\CurrentControlSet\Control\Lsa\NoLMHash=4,1"],
    })


def controllers_policy_template(domain_sid: str) -> bytes:
    administrators, operators, everyone = "*S-1-5-32-544", "*S-1-5-32-549", "*S-1-1-0"
    return security_template({
        "Privilege Rights": [
            f"SeBackupPrivilege = {operators},*S-1-5-32-551,{administrators}",
            f"SeRestorePrivilege = {operators},*S-1-5-32-551,{administrators}",
            f"SeInteractiveLogonRight = *S-1-5-9,*S-1-5-32-550,{operators},{administrators}",
            f"SeNetworkLogonRight = *S-1-5-32-554,*S-1-5-9,*S-1-5-11,{administrators},{everyone}",
            f"SeMachineAccountPrivilege = *{domain_sid}-512",
            f"SeSystemTimePrivilege = *S-1-5-19,{operators},{administrators}",
            f"SeTakeOwnershipPrivilege = {administrators}",
            "SeAuditPrivilege = *S-1-5-19,*S-1-5-20",
        ],
        "Registry Values": [
            r"MACHINE\System\CurrentControlSet\Services\NTDS\Parameters\LDAPServerIntegrity=4,2",
            r"MACHINE\System\CurrentControlSet\Services\LanManServer\Parameters\RequireSecuritySignature=4,1",
            r"MACHINE\System\CurrentControlSet\Services\LanManServer\Parameters\EnableSecuritySignature=4,1",
        ],
    })


def baseline_template() -> bytes:
    registry = [
        rf"MACHINE\System\CurrentControlSet\Control\Lsa\{name}=4,{value}"
        for name, value in (("RestrictAnonymous", 1), ("RestrictAnonymousSAM", 1), ("LmCompatibilityLevel", 5),
                            ("SCENoApplyLegacyAuditPolicy", 1), ("UseMachineId", 1), ("DisableDomainCreds", 1))
    ]
    return security_template({
        "System Access": ["EnableGuestAccount = 0", "LSAAnonymousNameLookup = 0"],
        "Event Audit": ["AuditSystemEvents = 3", "AuditLogonEvents = 3", "AuditAccountManage = 3"],
        "Registry Values": registry,
        "Privilege Rights": ["SeDebugPrivilege = *S-1-5-32-544", "SeDenyNetworkLogonRight = *S-1-5-32-546",
                             "SeRemoteInteractiveLogonRight = *S-1-5-32-544,*S-1-5-32-555"],
        "Service General Setting": ['"RemoteRegistry",4,""'],
    })


def baseline_settings() -> list[Setting]:
    """Some two hundred values, which makes a Registry.pol of the size that baselines have (30 to 40 KB)."""
    settings = [
        dword(rf"{WINDOWS_POLICIES}\Personalization", "NoLockScreenCamera", 1),
        dword(rf"{WINDOWS_POLICIES}\Personalization", "NoLockScreenSlideshow", 1),
        dword(rf"{WINDOWS_POLICIES}\System", "EnableSmartScreen", 1),
        string(rf"{WINDOWS_POLICIES}\System", "ShellSmartScreenLevel", "Block"),
        dword(rf"{WINDOWS_POLICIES}\System", "DontDisplayNetworkSelectionUI", 1),
        dword(rf"{WINDOWS_POLICIES}\WinRM\Client", "AllowBasic", 0),
        dword(rf"{WINDOWS_POLICIES}\WinRM\Service", "AllowBasic", 0),
        dword(rf"{WINDOWS_POLICIES}\WinRM\Service", "DisableRunAs", 1),
        dword(rf"{WINDOWS_POLICIES}\PowerShell\ScriptBlockLogging", "EnableScriptBlockLogging", 1),
        dword(rf"{WINDOWS_POLICIES}\PowerShell\Transcription", "EnableTranscripting", 1),
        string(rf"{WINDOWS_POLICIES}\PowerShell\Transcription", "OutputDirectory", r"D:\Transcripts"),
        multi_string(r"Software\Policies\Microsoft\Windows NT\Rpc", "AllowedHosts", ["mgmt1", "mgmt2"]),
    ]
    for channel in ("Application", "Security", "Setup", "System"):
        key = rf"{WINDOWS_POLICIES}\EventLog\{channel}"
        settings += [dword(key, "MaxSize", 196608), string(key, "Retention", "0")]
    for profile in ("DomainProfile", "PrivateProfile", "PublicProfile"):
        key = rf"Software\Policies\Microsoft\WindowsFirewall\{profile}"
        settings += [dword(key, "EnableFirewall", 1), dword(key, "DefaultInboundAction", 1),
                     dword(key, "DefaultOutboundAction", 0), dword(rf"{key}\Logging", "LogDroppedPackets", 1)]
    for number in range(1, 171):
        rule = f"v2.30|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort={20000 + number}|Name=Baseline {number:03}|"
        settings.append(string(r"Software\Policies\Microsoft\WindowsFirewall\FirewallRules",
                               f"Baseline-{number:03}", rule))
    return settings


def audit_csv(computer: str) -> bytes:
    """The advanced audit policy: a CSV with a fixed heading (MS-GPAC 2.2.1)."""
    heading = ("Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting,"
               "Setting Value")
    subcategories = (
        ("Credential Validation", "{0cce923f-69ae-11d9-bed3-505054503030}", "Success and Failure", 3),
        ("Logon", "{0cce9215-69ae-11d9-bed3-505054503030}", "Success and Failure", 3),
        ("Process Creation", "{0cce922b-69ae-11d9-bed3-505054503030}", "Success", 1),
        ("Sensitive Privilege Use", "{0cce9228-69ae-11d9-bed3-505054503030}", "Failure", 2),
    )
    rows = (f"{computer},System,Audit {name},{guid},{setting},,{value}"
            for name, guid, setting, value in subcategories)
    return text_file(heading, *rows)


def browser_settings() -> list[Setting]:
    key = r"Software\Policies\Contoso\Browser"
    return [
        string(key, "HomepageLocation", "https://intranet.corp.example/?from=policy&lang=de"),
        dword(key, "PasswordManagerEnabled", 0),
        dword(key, "SafeBrowsingProtectionLevel", 2),
        *(string(rf"{key}\URLBlocklist", str(number), f"blocked{number}.example") for number in range(1, 41)),
    ]


def registry_file(settings: list[Setting]) -> bytes:
    return registry_pol.build(settings)
