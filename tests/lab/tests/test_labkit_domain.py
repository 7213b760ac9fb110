# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The domain on disk, and what each edit changes and leaves alone."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from labkit import registry_pol
from labkit.descriptor import AUTHENTICATED_USERS
from labkit.domain import Domain
from labkit.domain_model import COMPUTER, USER, Gpo, WmiFilter, filter_guid, gpo_guid
from labkit.errors import LabError
from labkit.files import read_json, write_json
from labkit.seed_default import make_default_domain

KIOSK = "Kiosk"


@pytest.fixture()
def domain(tmp_path: Path) -> Domain:
    return make_default_domain(tmp_path / "domain", "corp.example", "host1")


@pytest.fixture()
def kiosk(domain: Domain) -> Gpo:
    return domain.find_gpo(KIOSK)


def files_of(domain: Domain, gpo: Gpo) -> dict[str, bytes]:
    folder = domain.sysvol_dir(gpo.id)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def directory_of(domain: Domain, gpo: Gpo) -> dict[str, object]:
    return read_json(domain.root / "gpos" / f"{gpo.id}.json")


def changed_keys(before: dict[str, object], after: dict[str, object]) -> set[str]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def test_guids() -> None:
    guid = "{31B2F340-016D-11D2-945F-00C04FB984F9}"
    assert gpo_guid("31b2f340-016d-11d2-945f-00c04fb984f9") == guid
    assert filter_guid(guid) == guid.lower()
    for text in ("", "{31B2F340}", guid + "x", "31B2F340016D11D2945F00C04FB984F9"):
        with pytest.raises(LabError):
            gpo_guid(text)


def test_the_files_are_as_documented(domain: Domain, kiosk: Gpo) -> None:
    assert directory_of(domain, kiosk).keys() == {
        "id", "display_name", "created", "modified", "version", "flags", "machine_extensions", "user_extensions",
        "wmi_filter", "security_descriptor", "owner", "visible", "wireless"}
    info = read_json(domain.root / "domain.json")
    assert info.keys() == {"name", "netbios", "guid", "sid", "forest", "pdc", "dcs", "computer", "costs", "manifest",
                           "dates", "long_paths", "search_without_manifest", "restore_versions",
                           "restore_files", "errors", "async_end", "site", "read_only_dcs", "locator",
                           "clock", "free_space", "denied"}
    assert info["pdc"] in info["dcs"] and info["computer"] == "HOST1"
    raw = (domain.root / "soms.json").read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf") and "Büro".encode() in raw
    assert b"\r\nVersion=65545\r\n" in files_of(domain, kiosk)["GPT.INI"]


def test_a_wireless_policy_is_in_no_file(domain: Domain, kiosk: Gpo) -> None:
    before, files = directory_of(domain, kiosk), files_of(domain, kiosk)
    given = domain.set_wireless(kiosk.id, "Air")
    assert changed_keys(before, directory_of(domain, kiosk)) == {
        "version", "modified", "wireless", "machine_extensions"}
    assert given.version == kiosk.version + 1 == domain.sysvol_version(kiosk.id)
    taken = domain.set_wireless(kiosk.id, "")
    assert taken.machine_extensions == kiosk.machine_extensions and taken.version == kiosk.version + 2
    assert {**files_of(domain, kiosk), "GPT.INI": b""} == {**files, "GPT.INI": b""}


@pytest.mark.parametrize("half", [COMPUTER, USER])
def test_an_edit_raises_the_number_in_directory_and_sysvol(domain: Domain, kiosk: Gpo, half: str) -> None:
    before, files = directory_of(domain, kiosk), files_of(domain, kiosk)
    domain.set_registry_value(kiosk.id, half, registry_pol.dword("Software\\X", "Y", 1))
    after = directory_of(domain, kiosk)
    expected = {"version", "modified"} | ({"user_extensions"} if half == USER else set())
    assert changed_keys(before, after) == expected
    assert after["version"] == kiosk.version + (1 if half == COMPUTER else 1 << 16)
    assert domain.sysvol_version(kiosk.id) == after["version"]
    pol = "Machine/Registry.pol" if half == COMPUTER else "User/registry.pol"
    new = files_of(domain, kiosk)
    assert {name for name in new if new[name] != files.get(name)} == {pol, "GPT.INI"}
    assert registry_pol.parse(new[pol])[-1].name == "Y"


def test_a_bump_can_leave_sysvol_behind(domain: Domain, kiosk: Gpo) -> None:
    assert domain.bump_version(kiosk.id, COMPUTER, sysvol=False).version == kiosk.version + 1
    assert domain.sysvol_version(kiosk.id) == kiosk.version


def test_a_file_edited_by_hand_changes_no_number(domain: Domain) -> None:
    gpo = domain.find_gpo("Startup and logon scripts")
    before, files = directory_of(domain, gpo), files_of(domain, gpo)
    domain.write_sysvol_file(gpo.id, r"machine\SCRIPTS\startup\Inventory.CMD", b"new")
    assert directory_of(domain, gpo) == before
    new = files_of(domain, gpo)
    assert new.keys() == files.keys(), "names are matched without regard to case"
    assert [name for name in new if new[name] != files[name]] == ["Machine/Scripts/Startup/inventory.cmd"]
    domain.write_sysvol_file(gpo.id, "Machine/Scripts/Startup/Neu/ü.txt", b"x")
    assert "Machine/Scripts/Startup/Neu/ü.txt" in files_of(domain, gpo)
    domain.delete_sysvol_file(gpo.id, "machine/scripts/startup/neu/ü.txt")
    assert files_of(domain, gpo) == new


@pytest.mark.parametrize("path", ["", "../x", "/etc/x", r"Machine\..\..\x", "C:\\x", "Machine/../../x"])
def test_a_file_outside_the_gpo_is_refused(domain: Domain, kiosk: Gpo, path: str) -> None:
    with pytest.raises(LabError):
        domain.write_sysvol_file(kiosk.id, path, b"")


def test_rename_and_describe(domain: Domain, kiosk: Gpo) -> None:
    before = directory_of(domain, kiosk)
    domain.rename(kiosk.id, "Kiosk «neu» 🖨 ")
    assert changed_keys(before, directory_of(domain, kiosk)) == {"display_name", "modified"}
    domain.describe(kiosk.id, "两行\r\nText")
    raw = files_of(domain, kiosk)["GPO.cmt"]
    assert raw.startswith(b"\xff\xfe") and raw.decode("utf-16") == "两行\r\nText" == domain.description(kiosk.id)
    domain.describe(kiosk.id, "")
    assert "GPO.cmt" not in files_of(domain, kiosk) and domain.description(kiosk.id) == ""


def test_halves(domain: Domain, kiosk: Gpo) -> None:
    assert kiosk.flags == 1
    assert domain.set_half(kiosk.id, COMPUTER, False).flags == 3
    assert domain.set_half(kiosk.id, USER, True).flags == 2
    assert domain.set_half(kiosk.id, "all", True).flags == 0
    with pytest.raises(LabError):
        domain.set_half(kiosk.id, "both", True)


def test_hiding_changes_nothing_else(domain: Domain, kiosk: Gpo) -> None:
    before = directory_of(domain, kiosk)
    domain.set_visible(kiosk.id, False)
    assert changed_keys(before, directory_of(domain, kiosk)) == {"visible"}


def test_permissions(domain: Domain, kiosk: Gpo) -> None:
    before = directory_of(domain, kiosk)
    domain.permit(kiosk.id, "corp\\helpdesk", "read")
    assert changed_keys(before, directory_of(domain, kiosk)) == {"security_descriptor", "modified"}
    assert domain.descriptor(kiosk.id).aces[-1].sid == domain.resolve_trustee("Helpdesk")
    domain.permit(kiosk.id, AUTHENTICATED_USERS, "none")
    assert AUTHENTICATED_USERS not in domain.descriptor(kiosk.id).sids()
    for trustee, level in (("nobody", "read"), ("S-1-x", "read"), ("Helpdesk", "owner")):
        with pytest.raises(LabError):
            domain.permit(kiosk.id, trustee, level)


def test_an_account_gets_another_name(domain: Domain, kiosk: Gpo) -> None:
    before = directory_of(domain, kiosk)
    sid = domain.rename_account("corp\\helpdesk", "Service Desk")
    assert domain.rename_account("S-1-5-18", "NT-AUTORITÄT\\SYSTEM") == "S-1-5-18"
    assert domain.resolve_trustee("CORP\\Service Desk") == sid
    assert changed_keys(before, directory_of(domain, kiosk)) == set()
    assert domain.principals()["S-1-5-18"].domain == "NT-AUTORITÄT"
    with pytest.raises(LabError):
        domain.rename_account("Helpdesk", "Nobody")


def test_links_keep_their_order(domain: Domain, kiosk: Gpo) -> None:
    browser = domain.find_gpo("Browser settings")

    def order(som: str) -> list[str]:
        return [link.gpo for entry in domain.soms() if entry.name == som for link in entry.links]

    assert order("Staging") == []
    domain.link(kiosk.id, "Staging")
    domain.link(browser.id, "staging", enforced=True, order=1)
    assert order("Staging") == [browser.id, kiosk.id]
    domain.link(browser.id, "Staging", enabled=False)
    assert order("Staging") == [browser.id, kiosk.id], "changing a link keeps its place"
    som, place, link = next(entry for entry in domain.links_of(browser.id) if entry[0].name == "Staging")
    assert (som.type, place, link.enabled, link.enforced) == ("ou", 1, False, False)
    domain.link(browser.id, "Staging", order=99)
    assert order("Staging") == [kiosk.id, browser.id]
    domain.unlink(kiosk.id, "OU=Staging,DC=corp,DC=example")
    assert order("Staging") == [browser.id]
    with pytest.raises(LabError, match="not linked"):
        domain.unlink(kiosk.id, "Staging")
    with pytest.raises(LabError, match="no site, domain or OU"):
        domain.link(kiosk.id, "Nowhere")


def test_wmi_filters(domain: Domain, kiosk: Gpo) -> None:
    assert domain.set_wmi_filter(kiosk.id, "laptops only").wmi_filter == domain.find_wmi_filter("Laptops only").id
    made = domain.add_wmi_filter(WmiFilter(domain.new_filter_guid(), "Neu", "", [r"root\CIMv2;SELECT * FROM X"]))
    domain.set_wmi_filter(kiosk.id, made.id.upper())
    domain.delete_wmi_filter("Neu")
    assert domain.gpo(kiosk.id).wmi_filter == made.id, "the reference dangles, as in the directory"
    assert domain.set_wmi_filter(kiosk.id, None).wmi_filter is None
    with pytest.raises(LabError):
        domain.set_wmi_filter(kiosk.id, "Neu")


@pytest.mark.parametrize("keep_links", [False, True])
def test_delete(domain: Domain, kiosk: Gpo, keep_links: bool) -> None:
    domain.delete_gpo(kiosk.id, keep_links)
    assert not domain.sysvol_dir(kiosk.id).exists()
    assert bool(domain.links_of(kiosk.id)) is keep_links
    with pytest.raises(LabError):
        domain.gpo(kiosk.id)


def test_a_new_gpo(domain: Domain) -> None:
    gpo = domain.add_gpo("New")
    assert (gpo.version, gpo.flags, gpo.visible, gpo.created) == (0, 0, True, gpo.modified)
    assert files_of(domain, gpo).keys() == {"GPT.INI"}
    assert {path.name for path in domain.sysvol_dir(gpo.id).iterdir()} == {"GPT.INI", "Machine", "User"}
    with pytest.raises(LabError, match="already"):
        domain.add_gpo("Again", gpo.id)


def test_finding(domain: Domain, kiosk: Gpo) -> None:
    assert domain.find_gpo(kiosk.id.lower().strip("{}")).id == kiosk.id
    assert domain.find_gpo("kiosk").id == kiosk.id
    assert domain.find_gpo("Ends in a blank ").display_name.endswith(" ")
    with pytest.raises(LabError, match="more than one"):
        domain.find_gpo("Drive maps")
    for name in ("Ends in a blank", "Kios*", "{00000000-0000-0000-0000-000000000000}"):
        with pytest.raises(LabError, match="no GPO"):
            domain.find_gpo(name)


def test_readers_never_see_half_a_file(tmp_path: Path) -> None:
    """The stand-in reads while the lab command writes."""
    path = tmp_path / "soms.json"
    sizes = [10, 20_000]
    write_json(path, ["x"] * sizes[0])
    stop = threading.Event()

    def write() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            write_json(path, ["x"] * sizes[turn % 2])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        deadline = time.monotonic() + 0.5
        while time.monotonic() < deadline:
            assert len(json.loads(path.read_text(encoding="utf-8"))) in sizes
    finally:
        stop.set()
        writer.join()
    assert [entry.name for entry in tmp_path.iterdir()] == ["soms.json"], "no temporary file is left"


def test_a_damaged_file_is_named(domain: Domain) -> None:
    (domain.root / "soms.json").write_text("[{", encoding="utf-8")
    with pytest.raises(LabError, match="soms.json"):
        domain.soms()
    write_json(domain.root / "wmi_filters.json", [{"id": "x", "colour": "blue"}])
    with pytest.raises(LabError, match="wmi_filters.json.*colour"):
        domain.wmi_filters()
