# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings reports in GPMC's form, with settings of every extension that is known, and of one that is not.

A L(Shape) is one kind of setting: how a report has it, and what a comparison has to say of it. What is said here of the
form is what the genuine reports have, and the published schemas; the code under test has no part in it.
"""

from __future__ import annotations

import dataclasses
import itertools
import random
import typing as t
from xml.sax.saxutils import escape, quoteattr

_SETTINGS = "http://www.microsoft.com/GroupPolicy/Settings"
_TYPES = 'xmlns="http://www.microsoft.com/GroupPolicy/Types"'

Value = tuple[str, str]
"""As a report has it, and as it is shown."""


@dataclasses.dataclass(frozen=True)
class Shape:
    """A kind of setting. In the XML, {q} is the extension's prefix, {n} the setting's number, {v} its value."""

    schema: str
    type: str
    extension: str
    place: tuple[str, ...]
    name: str
    xml: str
    label: str = ""
    values: tuple[Value, ...] = ()
    """What the value can be. Any text where there is none."""
    around: str = "{items}"
    """What is around all settings of this kind of one half."""
    halves: tuple[str | None, ...] = ("computer", "user")


def _choice(*texts: str) -> tuple[Value, ...]:
    return tuple((text, text) for text in texts)


def _account(sid: str, name: str) -> str:
    return f"<SID {_TYPES}>{sid}</SID><Name {_TYPES}>{name}</Name>"


_ADM = ("Registry", "RegistrySettings", "Administrative Templates")
_POLICY = (
    "<{q}:Policy><{q}:Name>Policy {n}</{q}:Name><{q}:State>%s</{q}:State><{q}:Explain>noise {noise}</{q}:Explain>"
    "<{q}:Supported>noise {noise}</{q}:Supported><{q}:Category>System/Area {n}</{q}:Category>%s</{q}:Policy>"
)
_AREA = ("System", "Area {n}")
_SEC = ("Security", "SecuritySettings", "Security Settings")
_MEMBERS = (
    (_account("S-1-5-32-544", "BUILTIN\\Administrators"), "BUILTIN\\Administrators"),
    (_account("S-1-5-32-545", "BUILTIN\\Users"), "BUILTIN\\Users"),
    (_account("S-1-5-21-1-2-3-1104", "CORP\\Helpdesk"), "CORP\\Helpdesk"),
)
_DESCRIPTOR = (
    '<{q}:SecurityDescriptor><PermissionsPresent xmlns="http://www.microsoft.com/GroupPolicy/Types/Security">true'
    '</PermissionsPresent><Permissions xmlns="http://www.microsoft.com/GroupPolicy/Types/Security">'
    "<InheritsFromParent>false</InheritsFromParent><TrusteePermissions><Trustee>"
    + _account("S-1-5-32-544", "BUILTIN\\Administrators")
    + '</Trustee><Type xsi:type="PermissionType">'
    "<PermissionType>{v}</PermissionType></Type><Inherited>false</Inherited>"
    "<Standard><FileGroupedAccessEnum>Full Control</FileGroupedAccessEnum></Standard></TrusteePermissions>"
    "<TrusteePermissions><Trustee>" + _account("S-1-5-18", "NT AUTHORITY\\SYSTEM")
    + '</Trustee><Type xsi:type="PermissionType">'
    "<PermissionType>Allow</PermissionType></Type><Inherited>false</Inherited>"
    "<Standard><FileGroupedAccessEnum>Read</FileGroupedAccessEnum></Standard></TrusteePermissions>"
    "</Permissions></{q}:SecurityDescriptor>"
)
_ALLOWED = tuple(
    (kind, f"BUILTIN\\Administrators: {kind} Full Control; NT AUTHORITY\\SYSTEM: Allow Read")
    for kind in ("Allow", "Deny")
)
_MODES = (("2", "Automatic"), ("4", "Disabled"))

ADMINISTRATIVE_TEMPLATES = (
    Shape(*_ADM, _AREA, "Policy {n}", _POLICY % ("{v}", ""), values=_choice("Enabled", "Disabled")),
    Shape(
        *_ADM, _AREA, "Policy {n}", _POLICY % (
            "Enabled",
            "<{q}:Text><{q}:Name>noise {noise}</{q}:Name></{q}:Text>"
            "<{q}:EditText><{q}:Name>Path:</{q}:Name><{q}:State>Enabled</{q}:State><{q}:Value>{v}</{q}:Value>"
            "</{q}:EditText>"
            "<{q}:Numeric><{q}:Name>Size</{q}:Name><{q}:State>Enabled</{q}:State><{q}:Value>7</{q}:Value>"
            "</{q}:Numeric>",
        ), "Path",
    ),
    Shape(
        *_ADM, _AREA, "Policy {n}", _POLICY % (
            "Enabled",
            "<{q}:DropDownList><{q}:Name /><{q}:State>Enabled</{q}:State><{q}:Value><{q}:Name>{v}</{q}:Name>"
            "</{q}:Value>"
            "</{q}:DropDownList>"
            "<{q}:CheckBox><{q}:Name>Also that</{q}:Name><{q}:State>Disabled</{q}:State></{q}:CheckBox>",
        ), "Drop Down List",
    ),
    Shape(
        *_ADM, _AREA, "Policy {n}", _POLICY % (
            "Enabled", "<{q}:CheckBox><{q}:Name>Also that</{q}:Name><{q}:State>{v}</{q}:State></{q}:CheckBox>",
        ), "Also that", _choice("Enabled", "Disabled"),
    ),
    Shape(
        *_ADM, _AREA, "Policy {n}", _POLICY % (
            "Enabled",
            "<{q}:ListBox><{q}:Name>Sites</{q}:Name><{q}:State>Enabled</{q}:State>"
            "<{q}:ExplicitValue>true</{q}:ExplicitValue>"
            "<{q}:Additive>false</{q}:Additive><{q}:Value>"
            "<{q}:Element><{q}:Name>a</{q}:Name><{q}:Data>{v}</{q}:Data></{q}:Element></{q}:Value></{q}:ListBox>",
        ), "Sites", tuple((text, f"a={text}") for text in ("1", "2", "3")),
    ),
    Shape(
        *_ADM, _AREA, "Policy {n}", _POLICY % (
            "Enabled",
            "<{q}:ListBox><{q}:Name>Order</{q}:Name><{q}:State>Enabled</{q}:State><{q}:Value>{v}</{q}:Value>"
            "</{q}:ListBox>",
        ), "Order", tuple(
            (
                "".join(f"<{{q}}:Element><{{q}}:Data>{one}</{{q}}:Data></{{q}}:Element>" for one in order),
                ", ".join(order),
            )
            for order in ("ab", "ba", "abc")
        ),
    ),
    Shape(
        *_ADM, ("Extra Registry Settings",), "Software\\Corp\\{n}\\Level",
        "<{q}:RegistrySetting><{q}:KeyPath>Software\\Corp\\{n}</{q}:KeyPath><{q}:AdmSetting>false</{q}:AdmSetting>"
        "<{q}:Value><{q}:Name>Level</{q}:Name><{q}:Number>{v}</{q}:Number></{q}:Value></{q}:RegistrySetting>",
    ),
)  # fmt: skip

SECURITY = (
    Shape(
        *_SEC, ("Account Policies", "Password Policy"), "Unheard Of {n}",
        "<{q}:Account><{q}:Name>UnheardOf {n}</{q}:Name><{q}:SettingNumber>{v}</{q}:SettingNumber>"
        "<{q}:Type>Password</{q}:Type></{q}:Account>",
    ),
    Shape(
        *_SEC, ("Local Policies", "Audit Policy"), "Audit {n}",
        "<{q}:Audit><{q}:Name>Audit {n}</{q}:Name>{v}</{q}:Audit>", values=tuple(
            (
                f"<{{q}}:SuccessAttempts>{success}</{{q}}:SuccessAttempts>"
                f"<{{q}}:FailureAttempts>{failure}</{{q}}:FailureAttempts>", shown,
            )
            for success, failure, shown in (
                ("true", "false", "Success"), ("false", "true", "Failure"), ("true", "true", "Success and Failure"),
                ("false", "false", "No Auditing"),
            )
        ),
    ),
    Shape(
        *_SEC, ("Local Policies", "User Rights Assignment"), "SeRight{n}",
        "<{q}:UserRightsAssignment><{q}:Name>SeRight{n}</{q}:Name><{q}:Member>{v}</{q}:Member><{q}:Member>"
        + _account("S-1-5-19", "NT AUTHORITY\\LOCAL SERVICE") + "</{q}:Member></{q}:UserRightsAssignment>",
        values=tuple((raw, f"{shown}, NT AUTHORITY\\LOCAL SERVICE") for raw, shown in _MEMBERS),
    ),
    Shape(
        *_SEC, ("Local Policies", "Security Options"), "Option {n}",
        "<{q}:SecurityOptions><{q}:KeyName>MACHINE\\Software\\{n}</{q}:KeyName>{v}</{q}:SecurityOptions>",
        values=tuple(
            (
                f"<{{q}}:SettingNumber>{number}</{{q}}:SettingNumber><{{q}}:Display>"
                f"<{{q}}:Name>Option {{n}}</{{q}}:Name>"
                f"<{{q}}:Units /><{{q}}:DisplayBoolean>{truth}</{{q}}:DisplayBoolean></{{q}}:Display>", shown,
            ) for number, truth, shown in (("0", "false", "Disabled"), ("1", "true", "Enabled"))
        ),
    ),
    Shape(
        *_SEC, ("Restricted Groups",), "CORP\\Group {n}",
        "<{q}:RestrictedGroups><{q}:GroupName>" + _account("S-1-5-21-1-2-3-{n}", "CORP\\Group {n}")
        + "</{q}:GroupName><{q}:Member>{v}</{q}:Member></{q}:RestrictedGroups>", "Members", _MEMBERS,
    ),
    Shape(
        *_SEC, ("System Services",), "Service{n}",
        "<{q}:SystemServices><{q}:Name>Service{n}</{q}:Name><{q}:StartupMode>{v}</{q}:StartupMode>"
        "</{q}:SystemServices>",
        "Startup mode", _choice("Automatic", "Manual", "Disabled"),
    ),
    Shape(
        *_SEC, ("File System",), "%SystemRoot%\\{n}",
        "<{q}:File><{q}:Path>%SystemRoot%\\{n}</{q}:Path><{q}:PropagationMode>Replace</{q}:PropagationMode>"
        + _DESCRIPTOR + "</{q}:File>", "Permissions", _ALLOWED,
    ),
    Shape(
        *_SEC, ("Registry",), "MACHINE\\{n}",
        "<{q}:Registry><{q}:Path>MACHINE\\{n}</{q}:Path><{q}:Mode>{v}</{q}:Mode></{q}:Registry>",
        "Mode", _choice("Replace", "Ignore"),
    ),
    Shape(
        "Auditing", "AuditSettings", "Advanced Audit Policy Configuration", ("Audit Policies",), "Audit Logon {n}",
        "<{q}:AuditSetting><{q}:PolicyTarget>System</{q}:PolicyTarget><{q}:SubcategoryName>Audit Logon {n}"
        "</{q}:SubcategoryName><{q}:SubcategoryGuid>{{0cce9215-69ae-11d9-bed3-{n:012}}}</{q}:SubcategoryGuid>"
        "<{q}:SettingValue>{v}</{q}:SettingValue></{q}:AuditSetting>",
        values=(("0", "No Auditing"), ("1", "Success"), ("2", "Failure"), ("3", "Success and Failure")),
        halves=("computer",),
    ),
)  # fmt: skip

OTHER_EXTENSIONS = (
    Shape(
        "Scripts", "Scripts", "Scripts", ("Logon",), "run{n}.cmd /q",
        "<{q}:Script><{q}:Command>run{n}.cmd</{q}:Command><{q}:Parameters>/q</{q}:Parameters><{q}:Type>Logon</{q}:Type>"
        "<{q}:Order>{n}</{q}:Order><{q}:RunOrder>{v}</{q}:RunOrder></{q}:Script>",
        "RunOrder", _choice("PSNotConfigured", "RunPSFirst", "RunPSLast"),
    ),
    Shape(
        "FolderRedirection", "FolderRedirectionSettings", "Folder Redirection", (),
        "{{{n:08}-0000-0000-0000-000000000000}}",
        "<{q}:Folder><{q}:Id>{{{n:08}-0000-0000-0000-000000000000}}</{q}:Id><{q}:Location><{q}:SecurityGroup>"
        + _account("S-1-1-0", "Everyone") + "</{q}:SecurityGroup><{q}:DestinationPath>{v}</{q}:DestinationPath>"
        "</{q}:Location><{q}:MoveContents>true</{q}:MoveContents></{q}:Folder>",
        "Location / DestinationPath", halves=("user",),
    ),
    Shape(
        "SoftwareInstallation", "SoftwareInstallationSettings", "Software Installation", (), "Package {n}",
        "<{q}:MsiApplication><{q}:Identifier>{{{n:08}-1111-0000-0000-000000000000}}</{q}:Identifier>"
        "<{q}:Name>Package {n}</{q}:Name><{q}:Path>\\\\server\\share\\{n}.msi</{q}:Path>"
        "<{q}:DeploymentType>{v}</{q}:DeploymentType></{q}:MsiApplication>",
        "DeploymentType", _choice("Assigned", "Published"),
    ),
    Shape(
        "PublicKey", "PublicKeySettings", "Public Key Policies", ("Root Certificate",), "Root {n}",
        "<{q}:RootCertificate><{q}:IssuedTo>Root {n}</{q}:IssuedTo><{q}:IssuedBy>Root {n}</{q}:IssuedBy>"
        "<{q}:ExpirationDate>2029-12-30T16:13:04Z</{q}:ExpirationDate><{q}:Purpose>{v}</{q}:Purpose>"
        "<{q}:Data>0400{n:08}</{q}:Data></{q}:RootCertificate>", "Purpose",
    ),
    Shape(
        "PublicKey", "PublicKeySettings", "Public Key Policies", ("EFS Settings{n}",), "Allow EFS",
        "<{q}:EFSSettings{n}><{q}:AllowEFS>{v}</{q}:AllowEFS></{q}:EFSSettings{n}>",
    ),
    Shape(
        "WindowsFirewall", "WindowsFirewallSettings", "Windows Firewall", ("Inbound Firewall Rules",), "Rule {n}",
        "<{q}:InboundFirewallRules><{q}:Version>2.10</{q}:Version><{q}:Action>{v}</{q}:Action>"
        "<{q}:Name>Rule {n}</{q}:Name>"
        "<{q}:Dir>In</{q}:Dir></{q}:InboundFirewallRules>", "Action", _choice("Allow", "Block"), halves=("computer",),
    ),
    Shape(
        "WindowsFirewall", "WindowsFirewallSettings", "Windows Firewall", ("Domain Profile",), "Log File Size{n}",
        "<{q}:LogFileSize{n}><{q}:Value>{v}</{q}:Value></{q}:LogFileSize{n}>",
        around="<{q}:DomainProfile>{items}</{q}:DomainProfile>", halves=("computer",),
    ),
    Shape(
        "SRPV2", "Policy", "AppLocker", ("Executable Rules",), "Rule {n}",
        '<{q}:FilePathRule Id="{n:08}-2222" Name="Rule {n}" Description="" UserOrGroupSid="S-1-1-0" Action="{v}">'
        '<{q}:Conditions><{q}:FilePath Path="*" /></{q}:Conditions><{q}:Exceptions><{q}:FilePathCondition>'
        '<{q}:FilePath Path="b" /></{q}:FilePathCondition><{q}:FilePathCondition><{q}:FilePath Path="a" />'
        "</{q}:FilePathCondition></{q}:Exceptions></{q}:FilePathRule>",
        "Action", _choice("Allow", "Deny"),
        '<{q}:RuleCollection Type="Exe">{items}</{q}:RuleCollection>', ("computer",),
    ),
    Shape(
        "WLanSvc", "WLanSvcSettings", "Wireless Network Policies",
        ("WLan Svc Setting", "WLan Policies Corp", "profile List"), "WLAN Profile wlan{n}",
        "<{q}:WLANProfile><{q}:name>wlan{n}</{q}:name><{q}:MSM><{q}:authentication>{v}</{q}:authentication></{q}:MSM>"
        "</{q}:WLANProfile>", "MSM / authentication", _choice("WPA2", "WPA3", "open"),
        "<{q}:WLanSvcSetting><{q}:WLanPolicies><{q}:name>Corp</{q}:name><{q}:profileList>{items}</{q}:profileList>"
        "</{q}:WLanPolicies></{q}:WLanSvcSetting>", ("computer",),
    ),
    Shape(
        "Dot3Svc", "Dot3SvcSettings", "Wired Network Policies", (), "Dot3 Svc Setting wired{n}",
        "<{q}:Dot3SvcSetting><{q}:name>wired{n}</{q}:name><{q}:MSM><{q}:authMode>{v}</{q}:authMode></{q}:MSM>"
        "</{q}:Dot3SvcSetting>", "MSM / authMode", halves=("computer",),
    ),
    Shape(
        "PushedPrinterConnections", "PushedPrinterConnections", "Deployed Printers", (), "\\\\print\\{n}",
        "<{q}:PrinterConnection><{q}:Path>\\\\print\\{n}</{q}:Path><{q}:Default>{v}</{q}:Default>"
        "</{q}:PrinterConnection>",
        "Default", _choice("true", "false"),
    ),
    Shape(
        "IE", "InternetExplorerSettings", "Internet Explorer Maintenance", ("Preference{n}",), "Home Page",
        "<{q}:Preference{n}><{q}:HomePage>{v}</{q}:HomePage></{q}:Preference{n}>", halves=("user",),
    ),
    Shape(
        "SoftwareRestriction", "SoftwareRestrictionSettings", "Software Restriction Policies", ("Path Rule",),
        "{n}.exe",
        "<{q}:PathRule><{q}:Path>{n}.exe</{q}:Path><{q}:SecurityLevel>{v}</{q}:SecurityLevel>"
        "<{q}:ModifiedTime>2026-01-01T00:00:00</{q}:ModifiedTime></{q}:PathRule>",
        "SecurityLevel", _choice("Disallowed", "Unrestricted"),
    ),
    Shape(
        "Hologram", "HologramSettings", "Hologram", ("Beam Width",), "Beam {n}",
        '<{q}:BeamWidth unit="nm"><{q}:Name>Beam {n}</{q}:Name><{q}:Inner><{q}:Width>{v}</{q}:Width>'
        '</{q}:Inner></{q}:BeamWidth>',
        "Inner / Width",
    ),
)  # fmt: skip

_OTHER_NAMES = {
    "Dot3Svc": ("LanSvc",),
    "PushedPrinterConnections": ("Printers", "DeployedPrinterConnections"),
    "IE": ("InternetExplorerMaintenance",),
}
"""Schemas that releases have in place of others."""

OTHER_EXTENSIONS += tuple(
    dataclasses.replace(shape, schema=name)
    for shape in OTHER_EXTENSIONS
    for name in _OTHER_NAMES.get(shape.schema, ())
)

_PREFERENCES = (
    ("Windows/Registry", "RegistrySettings", "Registry", "Registry"),
    ("DriveMaps", "DriveMapSettings", "Drive", "Drive Maps"),
    ("Environment", "EnvironmentVariables", "EnvironmentVariable", "Environment"),
    ("Files", "FilesSettings", "File", "Files"),
    ("Folders", "Folders", "Folder", "Folders"),
    ("IniFiles", "IniFiles", "Ini", "Ini Files"),
    ("NetworkShares", "NetworkShareSettings", "NetShare", "Network Shares"),
    ("Shortcuts", "ShortcutSettings", "Shortcut", "Shortcuts"),
    ("DataSources", "DataSources", "DataSource", "Data Sources"),
    ("Devices", "Devices", "Device", "Devices"),
    ("FolderOptions", "FolderOptions", "OpenWith", "Folder Options"),
    ("ControlPanel/Internet", "InternetSettings", "Internet", "Internet Settings"),
    ("Lugs", "LocalUsersAndGroups", "Group", "Local Users and Groups"),
    ("NetworkOptions", "NetworkOptions", "VPN", "Network Options"),
    ("PowerOptions", "PowerOptions", "PowerScheme", "Power Options"),
    ("Printers", "Printers", "SharedPrinter", "Printers"),
    ("Regional", "RegionalOptions", "Regional", "Regional Options"),
    ("ScheduledTasks", "ScheduledTasks", "TaskV2", "Scheduled Tasks"),
    ("Services", "NTServices", "NTService", "Services"),
    ("StartMenu", "StartMenu", "StartMenu", "Start Menu"),
    ("Applications", "Applications", "Application", "Applications"),
)

PREFERENCES = tuple(
    Shape(
        schema, kind, "Preferences", (title,), "Item {n}",
        f'<{{q}}:{item} clsid="{{{{9CD4B2F4-923D-47F5-A062-E897DD1DAD50}}}}" name="Item {{n}}" '
        f'status="{{noise}}" image="12" changed="{{noise}}" uid="{{{{0D5C075A-3EDE-43BF-8094-{{n:012}}}}}}">'
        f'<{{q}}:GPOSettingOrder>{{n}}</{{q}}:GPOSettingOrder>'
        f'<{{q}}:Properties action="U" path="{{v}}"><{{q}}:Members>'
        f'<{{q}}:Member name="CORP\\a" action="ADD" sid="S-1-5-21-1-2-3-1"/>'
        f'<{{q}}:Member name="CORP\\b" action="ADD" sid="S-1-5-21-1-2-3-2"/></{{q}}:Members></{{q}}:Properties>'
        f'<{{q}}:Filters>'
        f'<{{q}}:FilterGroup bool="AND" not="0" name="CORP\\Staff" sid="S-1-5-21-1-2-3-9"/></{{q}}:Filters>'
        f'</{{q}}:{item}>',
        "path", (), f'<{{q}}:{kind} clsid="{{{{A3CCFC41-DFDB-43a5-8D26-0FE8B954DA51}}}}">{{items}}</{{q}}:{kind}>',
    )
    for schema, kind, item, title in _PREFERENCES
)  # fmt: skip

_SECURITY_TYPES = 'xmlns="http://www.microsoft.com/GroupPolicy/Types/Security"'

NO_SETTINGS = (
    Shape(
        "", "", "GPO", ("Links",), "corp.example/OU {n}",
        "<LinksTo><SOMName>OU {n}</SOMName><SOMPath>corp.example/OU {n}</SOMPath><Enabled>{v}</Enabled>"
        "<NoOverride>false</NoOverride></LinksTo>", "Enabled", (("true", "yes"), ("false", "no")), halves=(None,),
    ),
    Shape(
        "", "", "GPO", ("Permissions",), "CORP\\User {n}",
        "<TrusteePermissions><Trustee>" + _account("S-1-5-21-1-2-3-{n}", "CORP\\User {n}") + "</Trustee>"
        '<Type xsi:type="PermissionType"><PermissionType>Allow</PermissionType></Type><Inherited>false</Inherited>'
        "<Standard><GPOGroupedAccessEnum>{v}</GPOGroupedAccessEnum></Standard><AccessMask>0</AccessMask>"
        "</TrusteePermissions>", "", (("Read", "Allow Read"), ("Edit", "Allow Edit"), ("Custom", "Allow Custom")),
        f"<SecurityDescriptor><Permissions {_SECURITY_TYPES}><InheritsFromParent>false</InheritsFromParent>{{items}}"
        "</Permissions></SecurityDescriptor>", (None,),
    ),
)  # fmt: skip

SHAPES = ADMINISTRATIVE_TEMPLATES + SECURITY + OTHER_EXTENSIONS + PREFERENCES + NO_SETTINGS


@dataclasses.dataclass(frozen=True)
class Entry:
    """One setting of a report."""

    shape: Shape
    half: str | None
    number: int
    value: Value

    @property
    def place(self) -> list[str]:
        """Where it has to be said to be."""
        return [step.format(n=self.number) for step in self.shape.place]

    @property
    def name(self) -> str:
        """What it has to be called."""
        return self.shape.name.format(n=self.number)

    def changed(self, dice: random.Random) -> Entry:
        """Return it with another value."""
        while (value := draw(self.shape, dice)) == self.value:
            pass
        return dataclasses.replace(self, value=value)

    def xml(self, prefix: str, noise: str) -> str:
        """Return it as a report has it."""
        raw = self.value[0]
        if self.shape.values:
            # Markup of the shape's own.
            raw = raw.format(q=prefix, n=self.number)
        return self.shape.xml.format(q=prefix, n=self.number, v=raw, noise=noise)


def draw(shape: Shape, dice: random.Random) -> Value:
    """Return a value for a setting of that shape."""
    if shape.values:
        return dice.choice(shape.values)
    text = "".join(dice.choice("abc <&>\"'äß策\U0001f600{}\\%") for _ in range(dice.randint(3, 20))).strip() or "x"
    return quoteattr(f"{text}'\"", {"\"": "&quot;"})[1:-1], f"{text}'\""


def entries(dice: random.Random, each: int, first: int = 1) -> list[Entry]:
    """Return so many settings of each shape and half, each with a number of its own."""
    numbers = itertools.count(first)
    return [
        Entry(shape, half, next(numbers), draw(shape, dice))
        for shape in SHAPES
        for half in shape.halves
        for _time in range(each)
    ]


@dataclasses.dataclass(frozen=True)
class Noise:
    """What is in no setting."""

    name: str = "GPO"
    version: int = 1
    time: str = "2026-03-02T16:20:11"
    prefix: str = "q"
    encoding: str = "utf-16"


def report(settings: t.Sequence[Entry], noise: Noise = Noise(), dice: random.Random | None = None) -> bytes:
    """Return a report. With *dice*, extensions and settings are in any order, and prefixes are any."""
    parts = _of_gpo(settings, noise, dice)
    for half in ("computer", "user"):
        parts.append(_half(half, [one for one in settings if one.half == half], noise, dice))
    text = (
        f'<?xml version="1.0" encoding="{noise.encoding}"?>\r\n<GPO xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="{_SETTINGS}">{"".join(parts)}</GPO>'
    )
    return text.encode(noise.encoding)


def _of_gpo(settings: t.Sequence[Entry], noise: Noise, dice: random.Random | None) -> list[str]:
    own = [
        f"<Identifier><Identifier {_TYPES}>{{X}}</Identifier></Identifier>", f"<Name>{escape(noise.name)}</Name>",
        "<IncludeComments>true</IncludeComments>", f"<ReadTime>{noise.time}</ReadTime>",
    ]  # fmt: skip
    return own + _around([one for one in settings if one.half is None], "", noise, dice)


def _half(half: str, settings: t.Sequence[Entry], noise: Noise, dice: random.Random | None) -> str:
    extensions = []
    for schema, kind in dict.fromkeys((one.shape.schema, one.shape.type) for one in settings):
        prefix = f"{noise.prefix}{len(extensions) + 1}" if dice is None else f"p{dice.randint(1, 99)}"
        own = [one for one in settings if (one.shape.schema, one.shape.type) == (schema, kind)]
        extensions.append(
            f'<ExtensionData><Extension xmlns:{prefix}="{_SETTINGS}/{schema}" xsi:type="{prefix}:{kind}">\r\n'
            f'{"".join(_around(own, prefix, noise, dice))}</Extension><Name>{kind}</Name></ExtensionData>'
        )
    if dice:
        dice.shuffle(extensions)
    version = f"<VersionDirectory>{noise.version}</VersionDirectory><VersionSysvol>{noise.version}</VersionSysvol>"
    tag = half.capitalize()
    return f"<{tag}>{version}<Enabled>true</Enabled>{''.join(extensions)}</{tag}>"


def _around(settings: t.Sequence[Entry], prefix: str, noise: Noise, dice: random.Random | None) -> list[str]:
    by_frame: dict[str, list[str]] = {}
    for one in settings:
        by_frame.setdefault(one.shape.around, []).append(one.xml(prefix, noise.time))
    told = []
    for frame, items in by_frame.items():
        if dice:
            dice.shuffle(items)
        single = frame == "{items}"
        told += items if single else [frame.format(q=prefix, items="\r\n".join(items))]
    if dice:
        dice.shuffle(told)
    return told
