# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security descriptors, SIDs, and the other binary formats that the lab writes."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from labkit import gpt_ini, paths, registry_pol
from labkit.descriptor import (
    ALLOWED,
    ALLOWED_OBJECT,
    APPLY_GROUP_POLICY,
    AUTHENTICATED_USERS,
    CONTAINER_INHERIT,
    CREATOR_OWNER,
    DENIED,
    DENIED_OBJECT,
    FULL_MASK,
    LEVELS,
    READ_MASK,
    Ace,
    DescriptorError,
    SecurityDescriptor,
    default_gpo_descriptor,
    grant,
    sid_from_bytes,
    sid_to_bytes,
)
from labkit.domain_model import COMPUTER, USER, bumped, pack_version, unpack_version
from labkit.extensions import REGISTRY, SCRIPTS, SECURITY, with_extension

DOMAIN_SID = "S-1-5-21-1111111111-2222222222-3333333333"


def genuine_descriptors() -> list[tuple[Path, bytes, str]]:
    """(backup, descriptor, SID of its domain) of each genuine backup."""
    found = []
    for path in sorted(paths.genuine_backups_dir().glob("{*}/Backup.xml")):
        text = path.read_text(encoding="utf-8")
        match = re.search(r"<SecurityDescriptor>([0-9a-f ]+)</SecurityDescriptor>", text)
        domain = re.search(r"\[(S-1-5-21-\d+-\d+-\d+)-512\]", text)
        assert match and domain
        found.append((path.parent, bytes.fromhex(match.group(1)), domain.group(1)))
    return found


@pytest.fixture(scope="module")
def genuine() -> list[tuple[Path, bytes, str]]:
    found = genuine_descriptors()
    if not found:
        pytest.skip("no genuine backups")
    return found


@pytest.mark.parametrize("sid", [
    "S-1-5-11", "S-1-3-0", "S-1-5-32-544", f"{DOMAIN_SID}-512", "S-1-281474976710655-4294967295",
])
def test_a_sid_survives_its_binary_form(sid: str) -> None:
    data = sid_to_bytes(sid)
    assert sid_from_bytes(data) == (sid, len(data))


def test_a_sid_has_the_documented_bytes() -> None:
    assert sid_to_bytes("S-1-5-32-544").hex() == "01020000000000052000000020020000"


@pytest.mark.parametrize("sid", [
    "", "S-1", "S-2-5-11", "S-1-5-x", "S-1-5-4294967296", "S-1-5" + "-1" * 16, "Domain Admins",
])
def test_what_is_not_a_sid_is_refused(sid: str) -> None:
    with pytest.raises(DescriptorError):
        sid_to_bytes(sid)


def test_genuine_descriptors_survive_byte_for_byte(genuine: list[tuple[Path, bytes, str]]) -> None:
    for backup, data, _domain in genuine:
        assert SecurityDescriptor.from_bytes(data).to_bytes() == data, backup


def test_a_new_gpo_gets_what_active_directory_gives_it(genuine: list[tuple[Path, bytes, str]]) -> None:
    for backup, data, domain in genuine:
        assert default_gpo_descriptor(domain).to_bytes() == data, backup


def test_the_default_descriptor() -> None:
    descriptor = default_gpo_descriptor(DOMAIN_SID)
    data = descriptor.to_bytes()
    assert data[:4].hex() == "0100049c"
    assert SecurityDescriptor.from_bytes(data) == descriptor
    assert len(descriptor.aces) == 8
    assert descriptor.sids() == [AUTHENTICATED_USERS, f"{DOMAIN_SID}-512", f"{DOMAIN_SID}-519", "S-1-5-9", "S-1-5-18",
                                 CREATOR_OWNER]


def test_random_descriptors_survive() -> None:
    numbers = random.Random(20260701)
    guids = (None, APPLY_GROUP_POLICY, "00000000-0000-0000-0000-000000000000")
    for _ in range(300):
        aces = []
        for _ in range(numbers.randrange(0, 12)):
            kind = numbers.choice((ALLOWED, DENIED, ALLOWED_OBJECT, DENIED_OBJECT))
            sid = "S-1-5-" + "-".join(str(numbers.randrange(1 << 32)) for _ in range(numbers.randrange(1, 6)))
            of_object = kind in (ALLOWED_OBJECT, DENIED_OBJECT)
            aces.append(Ace(kind, numbers.randrange(32), numbers.randrange(1 << 32), sid,
                            numbers.choice(guids) if of_object else None,
                            numbers.choice(guids) if of_object else None))
        descriptor = SecurityDescriptor(aces, owner=numbers.choice((None, "S-1-5-18")),
                                        group=numbers.choice((None, f"{DOMAIN_SID}-513")))
        assert SecurityDescriptor.from_hex(descriptor.to_hex()) == descriptor


def test_damaged_descriptors_are_refused_and_nothing_else_happens() -> None:
    data = default_gpo_descriptor(DOMAIN_SID).to_bytes()
    numbers = random.Random(7)
    for length in range(len(data)):
        with pytest.raises(DescriptorError):
            SecurityDescriptor.from_bytes(data[:length])
    for _ in range(2000):
        broken = bytearray(data)
        for _ in range(numbers.randrange(1, 4)):
            broken[numbers.randrange(len(broken))] = numbers.randrange(256)
        try:
            SecurityDescriptor.from_bytes(bytes(broken))
        except DescriptorError:
            pass


@pytest.mark.parametrize("level", ["read", "apply", "edit", "full", "none"])
def test_a_level_replaces_what_the_trustee_had(level: str) -> None:
    trustee = f"{DOMAIN_SID}-1105"
    descriptor = grant(grant(default_gpo_descriptor(DOMAIN_SID), trustee, "full"), trustee, level)
    mine = [ace for ace in descriptor.aces if ace.sid == trustee]
    assert len(mine) == {"none": 0, "apply": 2}.get(level, 1)
    assert [ace for ace in descriptor.aces if ace.sid != trustee] == default_gpo_descriptor(DOMAIN_SID).aces
    assert not any(ace.denied for ace in mine)


def test_a_mask_is_one_entry_of_the_trustee() -> None:
    trustee = f"{DOMAIN_SID}-1105"
    before = grant(default_gpo_descriptor(DOMAIN_SID), trustee, "apply")
    after = grant(before, trustee, 0x000200B5)
    (mine,) = (ace for ace in after.aces if ace.sid == trustee)
    assert mine.mask == 0x000200B5 and not mine.denied and mine.object_type is None
    assert SecurityDescriptor.from_bytes(after.to_bytes()).aces == after.aces
    for mask in (0, -1, 1 << 32):
        with pytest.raises(DescriptorError, match="access mask"):
            grant(before, trustee, mask)


def test_apply_is_what_authenticated_users_have_by_default() -> None:
    bare = SecurityDescriptor()
    theirs = {ace for ace in default_gpo_descriptor(DOMAIN_SID).aces if ace.sid == AUTHENTICATED_USERS}
    assert set(grant(bare, AUTHENTICATED_USERS, "apply").aces) == theirs


def test_a_denial_goes_to_the_front_and_leaves_the_rest() -> None:
    before = default_gpo_descriptor(DOMAIN_SID)
    after = grant(grant(before, AUTHENTICATED_USERS, "deny-apply"), AUTHENTICATED_USERS, "deny-apply")
    assert after.aces[0].denied and after.aces[0].object_type == APPLY_GROUP_POLICY
    assert after.aces[1:] == before.aces


def test_levels_are_refused_by_name() -> None:
    with pytest.raises(DescriptorError, match="owner"):
        grant(SecurityDescriptor(), AUTHENTICATED_USERS, "owner")
    assert "apply" in LEVELS and READ_MASK & FULL_MASK


def test_genuine_registry_pols_survive_byte_for_byte(genuine: list[tuple[Path, bytes, str]]) -> None:
    checked = 0
    for backup, _data, _domain in genuine:
        for path in backup.rglob("registry.pol"):
            data = path.read_bytes()
            assert registry_pol.build(registry_pol.parse(data)) == data, path
            checked += 1
    assert checked


def test_a_registry_pol_survives_and_can_be_edited() -> None:
    key = r"Software\Policies\Contoso"
    settings = [registry_pol.dword(key, "A;b]", 0x5D003B), registry_pol.string(key, "上", "x;[y]"),
                registry_pol.multi_string(key, "M", ["1", "2"])]
    data = registry_pol.build(settings)
    assert registry_pol.parse(data) == settings
    changed = registry_pol.parse(registry_pol.with_setting(data, registry_pol.dword(key.upper(), "a;B]", 2)))
    assert [setting.data for setting in changed] == [b"\2\0\0\0", settings[1].data, settings[2].data]
    assert len(registry_pol.parse(registry_pol.with_setting(data, registry_pol.dword(key, "New", 1)))) == 4
    assert registry_pol.parse(registry_pol.with_setting(None, settings[0])) == settings[:1]
    for length in range(len(data)):
        try:
            registry_pol.parse(data[:length])
        except registry_pol.RegistryPolError:
            pass


def test_gpt_ini() -> None:
    content = gpt_ini.build(65538)
    assert content == b"[General]\r\nVersion=65538\r\ndisplayName=New Group Policy Object\r\n"
    assert gpt_ini.version(content) == 65538
    odd = b"; hand made\r\n[General]\r\n  version = 7\r\ngPCFunctionalityVersion=2\r\n"
    assert gpt_ini.version(odd) == 7
    assert gpt_ini.with_version(odd, 8) == odd.replace(b"7", b"8", 1)
    assert gpt_ini.version(b"[General]\r\n") == 0
    assert gpt_ini.version(gpt_ini.with_version(b"", 9)) == 9


def test_version_numbers() -> None:
    assert pack_version(1, 2) == 65538 and unpack_version(65538) == (1, 2)
    assert bumped(65538, COMPUTER) == 65539
    assert bumped(65538, USER) == 131074
    assert bumped(0x0001FFFF, COMPUTER) == 0x00010000, "a half wraps around and leaves the other alone"
    assert bumped(0xFFFF0001, USER) == 0x00000001


def test_extension_lists() -> None:
    both = with_extension(SECURITY, REGISTRY[COMPUTER])
    assert both == REGISTRY[COMPUTER] + SECURITY, "in the order of the extensions' GUIDs"
    assert with_extension(both, SECURITY) == both
    merged = with_extension(SCRIPTS[COMPUTER], SCRIPTS[USER])
    assert merged.count("{42B5FAAE-6536-11D2-AE5A-0000F87571E3}") == 1 and merged.count("{") == 3
    assert CONTAINER_INHERIT == 2
