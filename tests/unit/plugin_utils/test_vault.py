# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A backup directory on the controller: whole or not at all, whatever ends a run or comes in an archive."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import pathlib
import typing as t
import zipfile

import backup_folder
import pytest
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _archive, _copy_plan, _vault, _vault_index
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._catalog_entry import Entry, Unusable

_ID = backup_folder.backup_id(1)


@pytest.fixture
def source(tmp_path: pathlib.Path) -> pathlib.Path:
    """A backup directory with three backups."""
    for number in (1, 2, 3):
        backup_folder.put(tmp_path / "source", number)
    return tmp_path / "source"


@pytest.fixture
def dest(tmp_path: pathlib.Path) -> pathlib.Path:
    """Where they go. It has files of somebody else's."""
    path = tmp_path / "dest"
    (path / "notes").mkdir(parents=True)
    (path / "notes/readme.txt").write_text("mine")
    (path / "{not a backup}").write_text("mine, too")
    return path


def _entries(source: pathlib.Path) -> list[Entry]:
    return sorted(_vault.Vault(str(source)).entries(), key=lambda entry: entry.record.sequence)


def _pack(source: pathlib.Path, path: pathlib.Path) -> list[Entry]:
    entries = _entries(source)
    with contextlib.closing(_archive.Writer(str(path))) as writer:
        for entry in entries:
            writer.add(entry, str(source / entry.record.backup_id))
    return entries


def _bring(source: pathlib.Path, dest: pathlib.Path) -> None:
    """Copy all backups that are not there, as the action plugin does."""
    vault = _vault.Vault(str(dest))
    with vault.locked(0, lambda _text: None):
        path = vault.archive_path()
        entries = _pack(source, pathlib.Path(path))
        with contextlib.closing(_archive.Reader(path)) as reader:
            for entry in entries:
                if not vault.has(entry.record, full=False):
                    read = reader.entry(entry.record.backup_id)
                    vault.add(read, functools.partial(reader.extract, read))
        vault.write_index()


def test_a_copy_is_a_backup_directory(source: pathlib.Path, dest: pathlib.Path) -> None:
    before = backup_folder.tree(dest)
    _bring(source, dest)
    copied = backup_folder.tree(dest)
    manifest = copied.pop("manifest.xml")
    assert copied == {**before, **backup_folder.tree(source)}
    assert manifest is not None and _vault_index.is_manifest(manifest)
    lines = manifest.decode().splitlines()
    assert len(lines) == 5 and [f"2026-03-0{day}T" in lines[day] for day in (1, 2, 3)] == [True] * 3
    vault = _vault.Vault(str(dest))
    assert all(vault.has(entry.record, full=True) for entry in _entries(source))
    assert vault.write_index() == (False, []) and vault.uncatalogued() == 0
    assert list(vault.entries()) and vault.problems == []


_CALLS = ("open", "rename", "replace", "fsync", "makedirs", "mkdir", "unlink")


class _Killed(BaseException):
    """What a kill leaves is what was there when it came."""


def test_whatever_the_step_at_which_it_is_killed(
    source: pathlib.Path, dest: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No clean-up of the killed run counts, and the next run completes it."""
    _remove(source / backup_folder.backup_id(3))
    _remove(next(source.glob(f".gpvault/*/*/*{backup_folder.backup_id(3)}.json")))
    whole = {**backup_folder.tree(dest), **backup_folder.tree(source)}
    steps, kills = 0, 0

    def counted(call: t.Callable[..., t.Any], *args: t.Any, **kwargs: t.Any) -> t.Any:
        nonlocal steps
        steps += 1
        # From here on nothing reaches the disk, whatever is tried in a finally.
        if kills and steps >= kills:
            raise _Killed
        return call(*args, **kwargs)

    for name in _CALLS:
        # What the disk itself makes of it is not tested here, and takes its time.
        call = (lambda _handle: None) if name == "fsync" else getattr(os, name)
        monkeypatch.setattr(os, name, functools.partial(counted, call))
    # As the process is gone, it deletes nothing.
    monkeypatch.setattr(_vault.shutil, "rmtree", functools.partial(counted, _vault.shutil.rmtree))
    for kill in range(1, 1000):
        steps, kills = 0, kill
        try:
            _bring(source, dest)
        except _Killed:
            pass
        else:
            break
        found = backup_folder.tree(dest)
        for path, content in found.items():
            if path.startswith("{0000") or path.startswith(f".gpvault/{backup_folder.DOMAIN}"):
                assert path in whole and whole[path] == content, (kill, path)
        for number in (1, 2):
            # Whole or not at all, and no entry without its backup.
            there = {path for path in found if path.startswith(backup_folder.backup_id(number))}
            wanted = {path for path in whole if path.startswith(backup_folder.backup_id(number))}
            assert there in (set(), wanted), kill
            has_entry = any(backup_folder.backup_id(number) in path and path.endswith(".json") for path in found)
            assert there or not has_entry, kill
        kills = 0
        _bring(source, dest)
        result = backup_folder.tree(dest)
        del result["manifest.xml"]
        assert result == whole, kill
        for path in [path for path in dest.iterdir() if path.name.startswith(("{0", ".gpv", "manif"))]:
            _remove(path)
    assert kill > 40


def test_a_repair_is_killed_at_any_step(
    source: pathlib.Path, dest: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy is never worse than before, and the next repair completes it."""
    _bring(source, dest)
    whole = backup_folder.tree(dest)
    entry = _entries(source)[0]
    folder = dest / _ID
    replace, left = os.replace, 0

    def killed(*paths: t.Any) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise _Killed
        replace(*paths)

    def fill(staged: str) -> None:
        for file in entry.files:
            os.makedirs(os.path.dirname(file.below(staged)), exist_ok=True)
            pathlib.Path(file.below(staged)).write_bytes(pathlib.Path(file.below(str(source / _ID))).read_bytes())

    monkeypatch.setattr(os, "replace", killed)
    vault = _vault.Vault(str(dest))
    for kill in (1, 2, 3, 0):
        (folder / "Backup.xml").write_text("x")
        (folder / "DomainSysvol/GPO/Machine/registry.pol").unlink(missing_ok=True)
        left = kill
        with vault.locked(0, lambda _text: None), contextlib.suppress(_Killed):
            vault.repair(entry, fill)
        found = backup_folder.tree(folder)
        assert (kill, found["Backup.xml"] == b"x") in ((0, False), (1, True), (2, False), (3, False))
        assert (backup_folder.tree(dest) == whole) == (kill in (0, 3))


def test_a_repair_follows_no_link(source: pathlib.Path, dest: pathlib.Path) -> None:
    _bring(source, dest)
    (dest / _ID / "DomainSysvol").rename(dest.with_name("outside"))
    (dest / _ID / "DomainSysvol").symlink_to(dest.with_name("outside"))
    (dest.with_name("outside") / "GPO/Machine/registry.pol").write_text("mine")
    entry = _entries(source)[0]
    archive = dest.with_name("a.zip")
    _pack(source, archive)
    vault = _vault.Vault(str(dest))
    with vault.locked(0, lambda _text: None), contextlib.closing(_archive.Reader(str(archive))) as reader:
        with pytest.raises(Unusable, match="is a link or a file"):
            vault.repair(entry, functools.partial(reader.extract, entry))
    assert (dest.with_name("outside") / "GPO/Machine/registry.pol").read_text() == "mine"


def _remove(path: pathlib.Path) -> None:
    if path.is_dir():
        for inner in path.iterdir():
            _remove(inner)
        path.rmdir()
    else:
        path.unlink()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_a_disk_that_fails(
    source: pathlib.Path, dest: pathlib.Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """What was copied before stays; nothing half is left."""
    syncs = 0
    sync = os.fsync

    def fails(handle: int) -> None:
        nonlocal syncs
        syncs += 1
        if syncs > 20:
            raise OSError(code, os.strerror(code))
        sync(handle)

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError) as failed:
        _bring(source, dest)
    assert _vault.is_general(failed.value)
    monkeypatch.undo()
    there = {path.name for path in dest.iterdir() if path.name.startswith("{0")}
    assert there == {_ID}
    assert not (dest / ".gpvault/.incoming").exists()
    _bring(source, dest)
    assert {**backup_folder.tree(dest)}.keys() >= backup_folder.tree(source).keys()


class _Disk:
    """Opens files for as long as there is room, as the built-in function does."""

    def __init__(self, room: int) -> None:
        self.room = room

    def __call__(self, path: str, mode: str = "r") -> t.Any:
        file = open(path, mode)
        if "r" not in mode:
            write = file.write
            file = t.cast(t.Any, _Counted(file, functools.partial(self._write, write)))
        return file

    def _write(self, write: t.Callable[[bytes], int], content: bytes) -> int:
        fits = content[: self.room]
        self.room -= len(fits)
        written = write(fits)
        if len(fits) < len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return written


class _Counted:
    """A file whose writes are somebody else's."""

    def __init__(self, file: t.Any, write: t.Callable[[bytes], int]) -> None:
        self._file = file
        self.write = write

    def __enter__(self) -> _Counted:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._file, name)


def test_a_disk_that_is_full_at_any_byte(
    source: pathlib.Path, dest: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing half, nothing lost; with room again the next run completes it."""
    before = backup_folder.tree(dest)
    whole = {**before, **backup_folder.tree(source)}
    monkeypatch.setattr(os, "fsync", lambda _handle: None)
    full = 0
    for room in range(0, 100_000, 131):
        disk = _Disk(room)
        for module in (_archive, _vault):
            monkeypatch.setattr(module, "open", disk, raising=False)
        try:
            _bring(source, dest)
        except OSError as error:
            assert error.errno == errno.ENOSPC
            full += 1
        found = {path: content for path, content in backup_folder.tree(dest).items() if path != "manifest.xml"}
        assert found.items() <= {**whole, ".gpvault": None}.items() and before.items() <= found.items(), room
        assert not [path for path in found if path.endswith(".json") and path[-43:-5] not in found], room
        if found == whole and (dest / "manifest.xml").exists():
            break
        for module in (_archive, _vault):
            monkeypatch.delattr(module, "open")
        _bring(source, dest)
        assert {**backup_folder.tree(dest), "manifest.xml": None} == {**whole, "manifest.xml": None}, room
        for path in [path for path in dest.iterdir() if path.name.startswith(("{0", ".gpv", "manif"))]:
            _remove(path)
    assert full > 20


def _hostile(path: pathlib.Path, members: t.Mapping[str, bytes]) -> _archive.Reader:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return _archive.Reader(str(path))


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"0": b"other content of 26 bytes!"}, "are not those that the catalog recorded"),
        ({"0": b"short"}, "came with 5 bytes instead of 26"),
        ({"0": b"x" * 2_000_000}, "came with 2000000 bytes"),
        ({"1": None}, "did not send all of it"),
        ({"2": None, "../2": b"PReg"}, "did not send all of it"),
    ],
)
def test_an_archive_with_something_else_brings_nothing(
    source: pathlib.Path, dest: pathlib.Path, tmp_path: pathlib.Path, members: dict[str, bytes | None], said: str
) -> None:
    entry = _entries(source)[0]
    sent = {str(number): content for number, content in enumerate(backup_folder.contents(1).values())} | members
    packed = {f"{_ID}/{name}": content for name, content in sent.items() if content is not None}
    packed |= {"../../evil": b"x", "/etc/evil": b"x", f"{_ID}/entry": entry.content}
    vault = _vault.Vault(str(dest))
    before = backup_folder.tree(tmp_path)
    with vault.locked(0, lambda _text: None), contextlib.closing(_hostile(tmp_path / "a.zip", packed)) as reader:
        read = reader.entry(_ID)
        with pytest.raises(Unusable, match=said):
            vault.add(read, functools.partial(reader.extract, read))
    after = backup_folder.tree(tmp_path)
    del after["a.zip"], after["dest/.gpvault"], after["dest/.gpvault/lock"]
    assert after == before


@pytest.mark.parametrize(
    ("path", "said"),
    [("\u6f22" * 100, "A name of more bytes than the controller's file system takes"), ("a/" * 3000, "a shorter path")],
)
def test_a_name_that_is_too_long_is_no_path_that_is(tmp_path: pathlib.Path, path: str, said: str) -> None:
    """No path for the copies would be short enough for it."""
    with pytest.raises(OSError) as raised:
        (tmp_path / path).write_bytes(b"")
    assert raised.value.errno == errno.ENAMETOOLONG and said in _vault.unusable(raised.value, str(tmp_path)).fix


def test_copies_are_for_nobody_else(tmp_path: pathlib.Path) -> None:
    """Not what was there: its folders are as somebody has made them."""
    before = os.umask(0o022)
    try:
        with _vault.Vault(str(tmp_path / "copies/host1")).locked(0, lambda _text: None):
            pass
        (tmp_path / "there").mkdir(0o750)
        with _vault.Vault(str(tmp_path / "there")).locked(0, lambda _text: None):
            pass
    finally:
        os.umask(before)
    modes = {name: (tmp_path / name).stat().st_mode & 0o777 for name in ("copies", "copies/host1", "there")}
    assert modes == {"copies": 0o755, "copies/host1": 0o700, "there": 0o750}


def test_an_archive_that_claims_other_sizes(source: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """A bomb: the directory of the archive lies about how much is in a member."""
    entry = _entries(source)[0]
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{_ID}/entry", entry.content)
        archive.writestr(f"{_ID}/0", b"\0" * 50_000_000)
    content = path.read_bytes()
    path.write_bytes(content.replace((50_000_000).to_bytes(4, "little"), (26).to_bytes(4, "little")))
    (tmp_path / "x").mkdir()
    with contextlib.closing(_archive.Reader(str(path))) as reader, pytest.raises(Unusable):
        reader.extract(reader.entry(_ID), str(tmp_path / "x"))
    assert sum(file.stat().st_size for file in (tmp_path / "x").rglob("*")) <= 26


@pytest.mark.parametrize("damage", ["cut", "flipped", "none", "empty"])
def test_an_archive_that_is_damaged(
    source: pathlib.Path, dest: pathlib.Path, tmp_path: pathlib.Path, damage: str
) -> None:
    path = tmp_path / "a.zip"
    entry = _pack(source, path)[0]
    content = bytearray(path.read_bytes())
    if damage == "flipped":
        # In the middle of the first member's data, the entry itself.
        content[120] ^= 0xFF
    path.write_bytes({"cut": content[: len(content) // 2], "none": b"<html>", "empty": b""}.get(damage, content))
    with pytest.raises(Unusable):
        with contextlib.closing(_archive.Reader(str(path))) as reader:
            _vault.Vault(str(dest)).add(reader.entry(entry.record.backup_id), lambda _folder: None)
    assert not (dest / _ID).exists()


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_an_archive_that_is_compressed_as_no_host_of_ours_does_is_not_unpacked(
    source: pathlib.Path, tmp_path: pathlib.Path, method: int
) -> None:
    """What unpacks LZMA takes the memory that the archive asks for, and fails with errors of its own."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr(f"{_ID}/entry", _entries(source)[0].content)
    with contextlib.closing(_archive.Reader(str(path))) as reader:
        with pytest.raises(Unusable, match="neither stored nor deflated"):
            reader.entry(_ID)


def test_any_damage_of_an_archive_is_told_as_such(source: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """Each byte of its headers, changed in five ways (8 is deflated, 14 is LZMA): an archive's reader has many errors.

    An OSError is the backup's, too: a position that no file has.
    """
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{_ID}/entry", _entries(source)[0].content)
    whole = path.read_bytes()
    headers = [*range(30), *range(whole.index(b"PK\x01\x02"), len(whole))]
    for position in headers:
        for change in (0x01, 0x06, 0x08, 0x80, 0xFF):
            content = bytearray(whole)
            content[position] ^= change
            path.write_bytes(content)
            with contextlib.suppress(OSError, Unusable), contextlib.closing(_archive.Reader(str(path))) as reader:
                reader.entry(_ID)


def _other_info(folder: pathlib.Path) -> None:
    (folder / "bkupInfo.xml").write_bytes(backup_folder.info_xml(1, GPODisplayName="Kios!"))


def _link(folder: pathlib.Path) -> None:
    (folder / "Backup.xml").rename(folder / "other.xml")
    (folder / "Backup.xml").symlink_to("other.xml")


@pytest.mark.parametrize(
    ("harm", "quick", "said"),
    [
        (lambda folder: (folder / "Backup.xml").unlink(), True, "No such file"),
        (lambda folder: (folder / "Backup.xml").write_bytes(b""), True, "has 0 bytes instead of 26"),
        (_link, True, "Backup.xml is no file"),
        (_other_info, False, "bkupInfo.xml are not those"),
        (lambda folder: folder.rename(folder.with_name("x")) and folder.symlink_to("x"), True, "is a link or a file"),
    ],
)
def test_a_copy_that_is_not_whole_is_told_and_kept(
    source: pathlib.Path, dest: pathlib.Path, harm: t.Callable[[pathlib.Path], object], quick: bool, said: str
) -> None:
    _bring(source, dest)
    harm(dest / _ID)
    before = backup_folder.tree(dest)
    entry = _entries(source)[0]
    vault = _vault.Vault(str(dest))
    for full in (False, True):
        if full or quick:
            with pytest.raises(Unusable, match=said):
                vault.has(entry.record, full)
        else:
            assert vault.has(entry.record, full)
    with vault.locked(0, lambda _text: None), pytest.raises(Unusable, match="left as it is"):
        vault.add(entry, lambda _folder: None)
    assert backup_folder.tree(dest) == before


def test_a_backup_of_another_gpo_is_not_taken(source: pathlib.Path, dest: pathlib.Path) -> None:
    """The entry claims a GPO that the backup's own bkupInfo.xml does not."""
    other = "{00000000-0000-0000-0000-00000000ABCD}"
    entry = Entry.read(backup_folder.entry(1, gpo={"id": other, "name": "x", "domain": backup_folder.DOMAIN}))
    vault = _vault.Vault(str(dest))

    def fill(folder: str) -> None:
        for path, content in backup_folder.contents(1).items():
            target = pathlib.Path(folder, path.replace("\\", "/"))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    with vault.locked(0, lambda _text: None), pytest.raises(Unusable, match="the GPOGuid .56FBAA13.* and not .0000"):
        vault.add(entry, fill)
    assert not (dest / _ID).exists()


def test_the_catalog_is_not_followed_out_of_the_directory(source: pathlib.Path, dest: pathlib.Path) -> None:
    outside = dest.with_name("outside")
    outside.mkdir()
    (dest / ".gpvault").mkdir()
    (dest / f".gpvault/{backup_folder.DOMAIN}").symlink_to(outside)
    with pytest.raises(Unusable, match="is a link"):
        _bring(source, dest)
    assert list(outside.iterdir()) == []
    _remove(dest / ".gpvault" / "lock")
    (dest / f".gpvault/{backup_folder.DOMAIN}").unlink()
    (dest / ".gpvault").rmdir()
    (dest / ".gpvault").symlink_to(outside)
    with pytest.raises(Unusable, match="is a link"):
        _bring(source, dest)


def test_a_backup_says_itself_which_of_two_gpos_it_is_of(source: pathlib.Path) -> None:
    """Whatever their order: else the right one would be kept from being copied by the wrong one."""
    for other in ("{00000000-0000-0000-0000-00000000ABCD}", "{F0000000-0000-0000-0000-00000000ABCD}"):
        catalog = source / ".gpvault" / backup_folder.DOMAIN / other
        catalog.mkdir()
        said = backup_folder.entry(1, gpo={"id": other, "name": "x", "domain": backup_folder.DOMAIN})
        (catalog / f"{1:010d}_{_ID}.json").write_bytes(said)
    plan = _copy_plan.plan_push([], _vault.Vault(str(source)), "", False, "D:\\GPO")
    gpos = {planned.backup["id"]: planned.record.gpo_id for planned in plan.backups if planned.record}
    assert [one.outcome for one in plan.backups] == ["copied"] * 3 and gpos[_ID] == backup_folder.GPO
    assert len([one for one in plan.warnings if "does not count" in one]) == 2


def test_two_runs_at_once(dest: pathlib.Path) -> None:
    first, second = _vault.Vault(str(dest)), _vault.Vault(str(dest))
    with first.locked(0, lambda _text: None), pytest.raises(_vault.Busy), second.locked(0, lambda _text: None):
        pass
    with second.locked(0, lambda _text: None):
        pass


def test_an_index_of_somebody_elses_is_kept(source: pathlib.Path, dest: pathlib.Path) -> None:
    (dest / "manifest.xml").write_text("<manifest/>")
    with pytest.raises(Unusable, match="is not GPMC's index"):
        _bring(source, dest)
    assert (dest / "manifest.xml").read_text() == "<manifest/>"


def test_the_index_lists_what_can_be_read(source: pathlib.Path) -> None:
    (source / _ID / "bkupInfo.xml").write_bytes(b'<!DOCTYPE x [<!ENTITY a "b">]><BackupInst>&a;</BackupInst>')
    backup_folder.put(source, 4)
    (source / backup_folder.backup_id(4) / "bkupInfo.xml").write_bytes(backup_folder.info_xml(5))
    written, left = _vault.Vault(str(source)).write_index()
    assert written and len(left) == 2 and "It has a DTD" in left[0] and "that of another backup" in left[1]
    assert (source / "manifest.xml").read_bytes().count(b"<BackupInst>") == 2


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<BackupInst/>", b"<x><y/></x>",
        b'<?xml version="1.0" encoding="foo"?><BackupInst/>',
        b'<?xml version="1.0" encoding="shift_jis"?><BackupInst/>',
        backup_folder.info_xml(1)[:-5], b"<!DOCTYPE BackupInst><BackupInst/>",
        backup_folder.info_xml(1).replace(b"</ID>", b"<b/></ID>"),
        backup_folder.info_xml(1).replace(b"<ID>", b"text<ID>"),
        backup_folder.info_xml(1, Comment="x" * 70_000),
        b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + backup_folder.info_xml(1),
    ],
)  # fmt: skip
def test_what_is_no_info_is_refused(content: bytes) -> None:
    with pytest.raises(Unusable):
        _vault_index.read_info(content)


def test_an_index_says_what_the_backups_say() -> None:
    info = _vault_index.read_info(backup_folder.info_xml(1))
    assert info["Comment"] == "a ]]> b"
    manifest = _vault_index.manifest([info, {**info, "BackupTime": "2026-01-01T00:00:00"}])
    assert manifest == _vault_index.manifest([{**info, "BackupTime": "2026-01-01T00:00:00"}, info])
    assert _vault_index.read_info(
        manifest.splitlines()[1].replace(b"<BackupInst>", f'<BackupInst xmlns="{_vault_index.NAMESPACE}">'.encode())
    ) == {**info, "BackupTime": "2026-01-01T00:00:00"}


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.ESTALE])
def test_a_copy_that_just_cannot_be_read_is_not_damaged(
    source: pathlib.Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """It would be fetched anew, and where it cannot be replaced either, nothing behind it would come."""
    vault, (entry, *_others) = _vault.Vault(str(source)), _entries(source)
    lstat = os.lstat

    def refuse(path: str) -> os.stat_result:
        if str(path).endswith("Backup.xml"):
            raise OSError(code, os.strerror(code), path)
        return lstat(path)

    monkeypatch.setattr(os, "lstat", refuse)
    with pytest.raises(Unusable) as raised:
        vault.has(entry.record, full=False)
    assert not isinstance(raised.value, _vault.Damaged) and os.strerror(code) in str(raised.value)
