# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The domains that hosts begin with: the lab's own, and those made from a folder of backups."""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from labkit import paths, registry_pol
from labkit.backup_xml import BackupError, location_parts, read_backup
from labkit.descriptor import AUTHENTICATED_USERS, default_gpo_descriptor
from labkit.domain import Domain
from labkit.domain_model import unpack_version
from labkit.errors import LabError
from labkit.seed_backups import make_domain_from_backups, newest_backups
from labkit.seed_default import DEFAULT_CONTROLLERS_POLICY, DEFAULT_DOMAIN_POLICY, make_default_domain

SID = "S-1-5-21-1-2-3"
GPO_ID = "{AAAAAAAA-0000-4000-8000-000000000001}"
BACKUP_ID = "{BBBBBBBB-0000-4000-8000-000000000001}"
FILTER_ID = "{cccccccc-0000-4000-8000-000000000001}"


def snapshot(root: Path) -> dict[str, tuple[bytes, int]]:
    """Every file with its time, those of SYSVOL at least."""
    return {
        path.relative_to(root).as_posix():
            (path.read_bytes(), int(path.stat().st_mtime) if "sysvol" in path.parts else 0)
        for path in sorted(root.rglob("*")) if path.is_file()
    }


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> Domain:
    return make_default_domain(tmp_path_factory.mktemp("default") / "domain", "corp.example", "host1")


# -- the lab's own domain ----------------------------------------------------------------------------------------


def test_it_is_always_the_same(default: Domain, tmp_path: Path) -> None:
    again = make_default_domain(tmp_path / "domain", "corp.example", "host1")
    assert snapshot(again.root) == snapshot(default.root)


def test_another_domain_shares_only_the_default_policies(default: Domain, tmp_path: Path) -> None:
    other = make_default_domain(tmp_path / "domain", "corp2.example", "host2")
    here, there = ({gpo.id for gpo in domain.gpos()} for domain in (default, other))
    assert here & there == {DEFAULT_DOMAIN_POLICY, DEFAULT_CONTROLLERS_POLICY.upper()}
    assert default.info.sid != other.info.sid and default.info.guid != other.info.guid


def test_it_holds_what_tests_need(default: Domain) -> None:
    gpos = default.gpos()
    names = [gpo.display_name for gpo in gpos]
    assert len(gpos) >= 12
    assert any(name.endswith(" ") for name in names) and any("$" in name and '"' in name for name in names)
    assert any(ord(character) > 0x4E00 for name in names for character in name)
    assert len(names) - len(set(names)) == 1, "two GPOs share a name"
    assert any(gpo.flags == 1 for gpo in gpos) and any(gpo.wmi_filter for gpo in gpos)
    assert len(default.wmi_filters()) == 2
    types = {som.type for som in default.soms()}
    assert types == {"domain", "ou", "site"}
    links = [link for som in default.soms() for link in som.links]
    assert any(link.enforced for link in links) and any(not link.enabled for link in links)
    assert {link.gpo for link in links} <= {gpo.id for gpo in gpos}
    hidden = [gpo for gpo in gpos if not gpo.visible]
    assert len(hidden) == 1 and default.links_of(hidden[0].id) and default.sysvol_dir(hidden[0].id).is_dir()


def test_each_gpo_is_consistent(default: Domain) -> None:
    principals = default.principals()
    for gpo in default.gpos():
        assert default.sysvol_version(gpo.id) == gpo.version, gpo.display_name
        user, computer = unpack_version(gpo.version)
        folder = default.sysvol_dir(gpo.id)
        assert {"Machine", "User", "GPT.INI"} <= {path.name for path in folder.iterdir()}
        assert bool(gpo.machine_extensions) == any(path.is_file() for path in (folder / "Machine").rglob("*"))
        assert bool(gpo.user_extensions) == any(path.is_file() for path in (folder / "User").rglob("*"))
        assert (not gpo.machine_extensions or computer) and (not gpo.user_extensions or user)
        assert set(default.descriptor(gpo.id).sids()) <= principals.keys()
        for path in folder.rglob("*"):
            if path.name.lower() == "registry.pol":
                assert registry_pol.parse(path.read_bytes())
            if path.name == "GptTmpl.inf":
                assert "signature=" in path.read_bytes().decode("utf-16")


# -- backups of our own making -----------------------------------------------------------------------------------


def write_backup(
    folder: Path,
    backup_id: str = BACKUP_ID,
    *,
    name: str = "Seeded ",
    time: str = "2020-05-04T03:02:01",
    extensions: str | None = None,
    wmi: str = "<WMIFilter/>",
    descriptor: str | None = None,
    files: dict[str, bytes] | None = None,
    prologue: str = '<?xml version="1.0" encoding="utf-8"?>',
) -> Path:
    """A backup in GPMC's format."""
    target = folder / backup_id
    target.mkdir(parents=True)
    if extensions is None:
        extensions = (
            '<GroupPolicyExtension bkp:ID="{35378EAC-683F-11D2-A89A-00C04FBBCFA2}" bkp:DescName="Registry">'
            r'<FSObjectFile bkp:Path="x" bkp:Location="DomainSysvol\GPO\Machine\registry.pol"/>'
            r'<FSObjectFile bkp:Path="%GPO_FSPATH%\Adm\*.*"/>'
            r'<FSObjectFile bkp:Path="x" bkp:Location="DomainSysvol\GPO\Machine\microsoft\a.inf"/>'
            '</GroupPolicyExtension><GroupPolicyExtension bkp:ID="{F15C46CD-82A0-4C2D-A210-5D0D3182A418}">'
            r'<FSObjectFile bkp:Path="x" bkp:Location="DomainSysvol\GPO\GPO.cmt"/>'
            r'<FSObjectDir bkp:Path="x" bkp:Location="DomainSysvol\GPO\Machine\Microsoft"/>'
            r'<FSObjectDir bkp:Path="x" bkp:Location="DomainSysvol\GPO\User\Scripts\Logon"/>'
            "</GroupPolicyExtension>"
        )
        files = {"Machine/registry.pol": registry_pol.build([]), "Machine/microsoft/a.inf": b"inf",
                 "gpo.cmt": b"\xff\xfeh\0i\0", **(files or {})}
    for path, content in (files or {}).items():
        destination = target / "DomainSysvol" / "GPO" / path
        destination.parent.mkdir(parents=True, exist_ok=True)
        destination.write_bytes(content)
    hexadecimal = descriptor or " ".join(f"{byte:02x}" for byte in default_gpo_descriptor(SID).to_bytes())
    (target / "Backup.xml").write_text(
        f'{prologue}<GroupPolicyBackupScheme bkp:version="2.0" '
        'xmlns:bkp="http://www.microsoft.com/GroupPolicy/GPOOperations" '
        'xmlns="http://www.microsoft.com/GroupPolicy/GPOOperations"><GroupPolicyObject><SecurityGroups>'
        f'<Group bkp:Source="FromDACL"><Sid>{SID}-512</Sid><SamAccountName>Domänen-Admins</SamAccountName>'
        "<Type>GlobalGroup</Type><NetBIOSDomainName>OLD</NetBIOSDomainName><DnsDomainName>old.example</DnsDomainName>"
        f"</Group></SecurityGroups><FilePaths/><GroupPolicyCoreSettings><ID><![CDATA[{GPO_ID}]]></ID>"
        f"<Domain>old.example</Domain><SecurityDescriptor>{hexadecimal}</SecurityDescriptor>"
        f"<DisplayName><![CDATA[{name}]]></DisplayName><Options>2</Options><UserVersionNumber>65537"
        "</UserVersionNumber><MachineVersionNumber>262148</MachineVersionNumber><MachineExtensionGuids>"
        "<![CDATA[[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]]]>"
        f"</MachineExtensionGuids><UserExtensionGuids/>{wmi}</GroupPolicyCoreSettings>{extensions}"
        "</GroupPolicyObject></GroupPolicyBackupScheme>",
        encoding="utf-8",
    )
    (target / "bkupInfo.xml").write_text(
        '<BackupInst xmlns="http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest">'
        f"<GPOGuid>{GPO_ID}</GPOGuid><BackupTime>{time}</BackupTime><ID>{backup_id}</ID>"
        f"<Comment>{escape('a & b')}</Comment></BackupInst>",
        encoding="utf-8",
    )
    return target


def test_a_backup_becomes_a_gpo(tmp_path: Path) -> None:
    wmi = (f'<WMIFilter><![CDATA[MSFT_SomFilter.ID="{FILTER_ID}",Domain="old.example"]]></WMIFilter>'
           "<WMIFilterName>Old filter</WMIFilterName>")
    write_backup(tmp_path / "backups", wmi=wmi)
    domain = make_domain_from_backups(tmp_path / "domain", "corp.example", "host1", tmp_path / "backups")
    gpo = domain.gpo(GPO_ID)
    assert (gpo.display_name, gpo.flags, unpack_version(gpo.version)) == ("Seeded ", 2, (1, 4))
    assert gpo.modified == "2020-05-04T03:02:01Z" and domain.sysvol_version(gpo.id) == gpo.version
    assert gpo.security_descriptor == default_gpo_descriptor(SID).to_hex()
    assert gpo.wmi_filter == FILTER_ID and domain.find_wmi_filter("Old filter").id == FILTER_ID
    assert domain.principals()[f"{SID}-512"].name == "Domänen-Admins"
    assert domain.principals()[AUTHENTICATED_USERS].name == "Authenticated Users"
    assert domain.description(gpo.id) == "hi"
    assert [link.gpo for link in domain.soms()[0].links] == [gpo.id]
    folder = domain.sysvol_dir(gpo.id)
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    assert found == {"GPT.INI", "GPO.cmt", "Machine", "User", "Machine/registry.pol", "Machine/Microsoft",
                     "Machine/Microsoft/a.inf", "User/Scripts", "User/Scripts/Logon"}


def test_entries_within_entries(tmp_path: Path) -> None:
    """As genuine backups list what a pattern has matched, and the files of an object of the directory."""
    extensions = (
        r'<GroupPolicyExtension><FSObjectFile bkp:Path="%GPO_MACH_FSPATH%\Scripts\Startup\*">'
        r'<FSObjectFile bkp:Path="x" bkp:Location="DomainSysvol\GPO\Machine\Scripts\Startup\a.cmd"/></FSObjectFile>'
        r'<DSObject bkp:Path="x"><FSObjectFile bkp:Location="DomainSysvol\GPO\User\a.aas"/></DSObject>'
        "</GroupPolicyExtension>"
    )
    files = {"Machine/Scripts/Startup/a.cmd": b"a", "User/a.aas": b"b"}
    backup = read_backup(write_backup(tmp_path, extensions=extensions, files=files))
    assert {"/".join(file.parts): file.source.read_bytes() for file in backup.files} == files


def test_the_newest_backup_of_a_gpo_wins(tmp_path: Path) -> None:
    write_backup(tmp_path, BACKUP_ID, name="Old", time="2020-01-01T00:00:00")
    write_backup(tmp_path, BACKUP_ID.replace("1}", "2}"), name="New", time="2021-01-01T00:00:00")
    write_backup(tmp_path, BACKUP_ID.replace("1}", "3}"), name="Older", time="2019-01-01T00:00:00")
    (tmp_path / "manifest.xml").write_text("not looked at", encoding="utf-8")
    assert [backup.display_name for backup in newest_backups(tmp_path)] == ["New"]


def file_entry(location: str) -> str:
    return f'<GroupPolicyExtension bkp:ID="x"><FSObjectFile bkp:Location="{location}"/></GroupPolicyExtension>'


@pytest.mark.parametrize("location", [
    r"DomainSysvol\GPO\..\..\x", r"..\x", r"C:\x", r"\\server\share\x", r"DomainSysvol\GPO", "DomainSysvol\\GPO\\",
    "DomainSysvol/GPO/x", r"DomainSysvol\GPO\a/../../b", r"DomainSysvol\GPO\a:b", r"DomainSysvol\Other\x",
    "gpreport.xml",
])
def test_a_location_that_leads_out_is_refused(tmp_path: Path, location: str) -> None:
    with pytest.raises(BackupError, match="Location"):
        location_parts(location)
    backup = write_backup(tmp_path, extensions=file_entry(escape(location)))
    with pytest.raises(BackupError, match="Location"):
        read_backup(backup)


def test_a_missing_file_is_damage(tmp_path: Path) -> None:
    backup = write_backup(tmp_path, extensions=file_entry(r"DomainSysvol\GPO\Machine\gone.inf"))
    with pytest.raises(BackupError, match="gone.inf.*missing"):
        read_backup(backup)


def test_a_link_out_of_the_backup_is_refused(tmp_path: Path) -> None:
    backup = write_backup(tmp_path, extensions=file_entry(r"DomainSysvol\GPO\Machine\link"))
    (backup / "DomainSysvol/GPO/Machine").mkdir(parents=True)
    (backup / "DomainSysvol/GPO/Machine/link").symlink_to("/etc/hostname")
    with pytest.raises(BackupError, match="leads out"):
        read_backup(backup)


@pytest.mark.parametrize("prologue", [
    '<!DOCTYPE x [<!ENTITY a "b">]>',
    '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
    '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
    "<!DOCTYPE x>",
])
def test_hostile_xml_is_refused(tmp_path: Path, prologue: str) -> None:
    backup = write_backup(tmp_path, prologue=prologue)
    with pytest.raises(BackupError, match="document type"):
        read_backup(backup)


@pytest.mark.parametrize("damage", ["", "<a>", "\0\0\0", '<?xml version="1.0" encoding="none"?><a/>', "<a/>"])
def test_damaged_xml_is_refused_with_its_path(tmp_path: Path, damage: str) -> None:
    backup = write_backup(tmp_path)
    (backup / "Backup.xml").write_text(damage, encoding="utf-8")
    with pytest.raises(BackupError, match="BBBBBBBB"):
        read_backup(backup)


def test_a_damaged_descriptor_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="SecurityDescriptor"):
        read_backup(write_backup(tmp_path, descriptor="01 00 04"))


def test_a_folder_without_backups_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(LabError, match="--seed"):
            newest_backups(folder)


# -- genuine backups ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def genuine_dir() -> Path:
    folder = paths.genuine_backups_dir()
    if not folder.is_dir():
        pytest.skip("no genuine backups")
    return folder


def test_genuine_backups_become_gpos(genuine_dir: Path, tmp_path: Path) -> None:
    backups = newest_backups(genuine_dir)
    domain = make_domain_from_backups(tmp_path / "domain", "corp.example", "host1", genuine_dir)
    assert len(domain.gpos()) == len(backups) > 0
    for backup in backups:
        gpo = domain.gpo(backup.gpo_id)
        assert (gpo.display_name, gpo.flags) == (backup.display_name, backup.options)
        assert gpo.security_descriptor == backup.security_descriptor
        assert gpo.machine_extensions == backup.machine_extensions
        folder = domain.sysvol_dir(gpo.id)
        wanted = {"/".join(file.parts).casefold(): file.source.read_bytes() for file in backup.files}
        have = {path.relative_to(folder).as_posix().casefold(): path.read_bytes()
                for path in folder.rglob("*") if path.is_file() and path.name != "GPT.INI"}
        assert have == wanted
        folders = {path.relative_to(folder).as_posix().casefold() for path in folder.rglob("*") if path.is_dir()}
        assert {"/".join(parts).casefold() for parts in backup.folders} <= folders


def test_the_case_of_files_in_a_copy_does_not_matter(genuine_dir: Path, tmp_path: Path) -> None:
    """Copies through other systems change the case of names."""
    source = next(path for path in sorted(genuine_dir.iterdir()) if path.is_dir())
    copy = tmp_path / source.name
    shutil.copytree(source, copy)
    for path in sorted([copy, *copy.rglob("*")], reverse=True):
        path.chmod(0o755)
    for path in sorted(copy.rglob("*"), key=lambda entry: len(entry.parts), reverse=True):
        path.rename(path.with_name(path.name.upper()))
    assert read_backup(copy).files
