# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_backup_fetch and gpo_backup_push on the controller, against a host of the test's own."""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import os
import pathlib
import shutil
import threading
import types
import typing as t

import backup_folder
import exchanges
import pytest
from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible_collections.gpvault.gpmc.plugins.action import gpo_backup_push
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import (
    _action_base, _archive, _copy_plan, _copy_result, _vault,
)  # fmt: skip
from replies import item, reply

_FETCH, _PUSH = "gpo_backup_fetch", "gpo_backup_push"


class Host:
    """Does what the modules do, on a folder in the place of the host's directory. Its archives are the real ones."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.vault = _vault.Vault(str(folder))
        self.temporary = folder.with_name("host_temp")
        self.trips: list[tuple[str, dict[str, t.Any]]] = []
        self.damage: t.Callable[[pathlib.Path], object] | None = None
        """What happens to an archive on its way, once."""

        self.reply: t.Callable[[dict[str, t.Any]], dict[str, t.Any]] = dict
        self.connected = True

    def __call__(self, module_name: str, module_args: dict[str, t.Any], **_how: t.Any) -> dict[str, t.Any]:
        name = module_name.rpartition(".")[2]
        self.trips.append((name, module_args))
        self.vault = _vault.Vault(str(self.folder))
        if name == "gpo_backup_index":
            with self.vault.locked(0, lambda _text: None):
                written = self.vault.write_index()[0]
            index = {"changed": written, "left": [], "added": [], "mended": [], "dropped": []}
            return {"trip": self.reply(reply(selected=None, index=index))}
        if not module_args.get("_remaining"):
            return {"trip": self.reply(self._listing(module_args))}
        return {"trip": self.reply((self._pack if name == _FETCH else self._take)(module_args))}

    def _listing(self, args: dict[str, t.Any]) -> dict[str, t.Any]:
        entries = list(self.vault.entries()) if self.folder.is_dir() else []
        listed = [self.listed(entry) for entry in entries if args["_after"] < entry.record.backup_id]
        cursor = {"after": "", "done": len(listed), "more": False}
        return reply(*listed, selected=len(listed), matched=[], cursor=cursor)

    def listed(self, entry: t.Any) -> dict[str, t.Any]:
        record = entry.record
        gpo = {"id": record.gpo_id, "name": entry.gpo_name, "domain": record.domain}
        fault = ""
        try:
            self.vault.check(entry, full=False)
        except _vault.Unusable as error:
            fault = str(error)
        return {
            "id": record.backup_id, "gpo": gpo, "timestamp": entry.timestamp, "comment": entry.comment,
            "purpose": entry.purpose, "sequence": record.sequence, "state": "damaged" if fault else "ok",
            "problems": [fault] if fault else [], "in_manifest": (self.folder / "manifest.xml").exists(),
            "record": {
                "domain": record.domain, "gpo_id": record.gpo_id, "sequence": record.sequence, "sha256": record.sha256,
                "size": record.size, "history": record.history,
            },
        }  # fmt: skip

    def _entry(self, backup_id: str) -> t.Any:
        return next(entry for entry in self.vault.entries() if entry.record.backup_id == backup_id)

    def _pack(self, args: dict[str, t.Any]) -> dict[str, t.Any]:
        entries = [self._entry(backup_id) for backup_id in args["_remaining"]]
        with contextlib.closing(_archive.Writer(args["_archive"])) as writer:
            for one in entries:
                writer.add(one, self.vault.folder(one.record.backup_id), self.vault.changes(one.record))
        archive = {"sha256": _archive.digest_of(args["_archive"]), "size": os.path.getsize(args["_archive"])}
        return reply(*(_item(one.record.backup_id, "packed") for one in entries), selected=None, archive=archive)

    def _take(self, args: dict[str, t.Any]) -> dict[str, t.Any]:
        assert _archive.digest_of(args["_archive"]) == args["_sha256"]
        taken = []
        with self.vault.locked(0, lambda _text: None), contextlib.closing(_archive.Reader(args["_archive"])) as reader:
            for backup_id in args["_remaining"]:
                try:
                    entry = reader.entry(backup_id)
                    self.vault.add(entry, functools.partial(reader.extract, entry))
                    self.vault.add_changes(entry.record, reader.changes(backup_id))
                    taken.append(_item(backup_id, "copied", changed=True))
                except _vault.Unusable as error:
                    said = {"step": "copy", "hresult": None, "message": f"On the host: {error}"}
                    taken.append(_item(backup_id, "failed", trouble=said))
        return reply(*taken, selected=None)

    def transfer(self, source: str, target: str) -> None:
        """Copy a file from or to the host."""
        shutil.copyfile(source, target)
        if self.damage is not None:
            damage, self.damage = self.damage, None
            damage(pathlib.Path(target))


def _item(backup_id: str, outcome: str, **given: t.Any) -> dict[str, t.Any]:
    sent = item(outcome, id=backup_id, **given)
    del sent["gpo"]
    return sent


@pytest.fixture
def host(tmp_path: pathlib.Path) -> Host:
    """A host with three backups of a GPO."""
    for number in (1, 2, 3):
        backup_folder.put(tmp_path / "host", number)
    return Host(tmp_path / "host")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> t.Callable[..., dict[str, t.Any]]:
    """Run a task against a host."""
    # Quick, so that tests can have many files.
    monkeypatch.setattr(os, "fsync", lambda _handle: None)
    monkeypatch.setattr(_action_base, "_PAUSE", 0)
    monkeypatch.setattr(_action_base.display, "display", lambda *_text, **_how: None)
    monkeypatch.setattr(gpo_backup_push.C, "DEFAULT_LOCAL_TMP", str(tmp_path))

    def task(module: str, host: Host, check_mode: bool = False, **args: t.Any) -> dict[str, t.Any]:
        plugin = exchanges.action_of(module)
        action = plugin.__new__(plugin)
        given = {"path": "D:\\GPO", **args}
        action._task = types.SimpleNamespace(
            args=given, check_mode=check_mode, diff=False, async_val=0, no_log=False, action=module
        )
        host.temporary.mkdir(exist_ok=True)
        shell = types.SimpleNamespace(tmpdir=str(host.temporary), join_path=os.path.join)
        action._connection = types.SimpleNamespace(
            _shell=shell, connected=host.connected, transport="winrm", close=lambda: None, _connect=lambda: None,
            fetch_file=host.transfer, put_file=host.transfer,
        )  # fmt: skip
        action._loader = types.SimpleNamespace(path_dwim=str)
        action._execute_module = host
        result = action.run(None, {"inventory_hostname": "host1"})
        counts = result["summary"]
        outcomes = [one["outcome"] for one in result["backups"]]
        if args.get("detail", "all") == "all":
            assert counts["selected"] == len(outcomes)
            assert all(outcomes.count(name) == counts[name] for name in set(counts) - {"selected", "bytes"})
        return result

    return task


def _summary(result: dict[str, t.Any]) -> tuple[int, ...]:
    return tuple(result["summary"][name] for name in ("copied", "unchanged", "failed", "not_attempted"))


Run = t.Callable[..., dict[str, t.Any]]


def test_there_and_back(host: Host, run: Run, tmp_path: pathlib.Path) -> None:
    # What changed with one of them goes with it.
    (entry,) = host.folder.glob(".gpvault/*/*/*2_*.json")
    entry.with_name(f"{entry.stem}.changes.json").write_text('{"schema": 1}')
    before = backup_folder.tree(host.folder)
    dest = tmp_path / "dest"
    planned = run(_FETCH, host, check_mode=True, dest=str(dest))
    assert (planned["changed"], _summary(planned)) == (True, (3, 0, 0, 0)) and not dest.exists()
    assert [name for name, _args in host.trips] == [_FETCH]
    fetched = run(_FETCH, host, dest=str(dest))
    assert fetched["changed"] is True and not fetched.get("failed") and _summary(fetched) == (3, 0, 0, 0)
    assert fetched["summary"] == planned["summary"] and fetched["msg"] == "3 of 3 backups copied, 0 there already."
    assert fetched["summary"]["bytes"] == sum(one["size"] for one in fetched["backups"]) > 0
    # The newest first.
    assert [one["backup"]["sequence"] for one in fetched["backups"]] == [3, 2, 1]
    assert {path: content for path, content in backup_folder.tree(dest).items() if path != "manifest.xml"} == before
    again = run(_FETCH, host, dest=str(dest), verify="full")
    assert again["changed"] is False and _summary(again) == (0, 3, 0, 0)

    other = Host(tmp_path / "other")
    planned = run(_PUSH, other, check_mode=True, src=str(dest), create_path=True)
    assert planned["changed"] is True and _summary(planned) == (3, 0, 0, 0) and not other.folder.exists()
    pushed = run(_PUSH, other, src=str(dest), create_path=True)
    assert pushed["changed"] is True and _summary(pushed) == (3, 0, 0, 0) and not pushed.get("failed"), pushed["msg"]
    assert [name for name, _args in other.trips] == [_PUSH, _PUSH, _PUSH, "gpo_backup_index"]
    assert backup_folder.tree(other.folder) == backup_folder.tree(dest)
    assert pushed["backups"][0]["backup"]["path"] == f"D:\\GPO\\{backup_folder.backup_id(3)}"
    again = run(_PUSH, other, src=str(dest))
    assert again["changed"] is False and _summary(again) == (0, 3, 0, 0) and len(other.trips) == 5


def test_only_the_newest_of_a_domain(host: Host, run: Run, tmp_path: pathlib.Path) -> None:
    other = Host(tmp_path / "other")
    pushed = run(_PUSH, other, src=str(host.folder), most_recent=True, domain="CORP.example", create_path=True)
    assert [one["backup"]["sequence"] for one in pushed["backups"]] == [3]
    nothing = run(_PUSH, other, src=str(host.folder), domain="other.example")
    assert nothing["summary"]["selected"] == 0 and nothing["changed"] is False
    assert nothing["failed"] is True and f"There is nothing to copy in {host.folder}: " in nothing["msg"]


def test_to_fetch_nothing_is_no_success(run: Run, tmp_path: pathlib.Path) -> None:
    """Whoever has the path one level off would find no copy on the day when it is needed."""
    empty = Host(tmp_path / "other")
    empty.folder.mkdir()
    dest = tmp_path / "dest"
    nothing = run(_FETCH, empty, dest=str(dest))
    assert nothing["failed"] is True and nothing["changed"] is False
    assert nothing["msg"].startswith("There is nothing to copy in D:\\GPO: ") and nothing["backups"] == []
    # A copy from before is no reason to think that there is one of today.
    backup_folder.put(dest, 1)
    assert run(_FETCH, empty, dest=str(dest))["failed"] is True


def test_to_fetch_nothing_yet_is_no_failure_in_check_mode(run: Run, tmp_path: pathlib.Path) -> None:
    empty = Host(tmp_path / "other")
    nothing = run(_FETCH, empty, check_mode=True, dest=str(tmp_path / "dest"))
    assert "failed" not in nothing and nothing["warnings"][0].startswith("There is nothing to copy in D:\\GPO: ")


def test_trips_are_bounded(host: Host, run: Run, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_copy_result, "BATCH_BYTES", 1)
    assert _summary(run(_FETCH, host, dest=str(tmp_path / "dest"))) == (3, 0, 0, 0)
    assert [len(args.get("_remaining") or ()) for _name, args in host.trips] == [0, 1, 1, 1]


def test_an_archive_that_was_damaged_on_the_way_comes_again(host: Host, run: Run, tmp_path: pathlib.Path) -> None:
    host.damage = lambda path: path.write_bytes(path.read_bytes()[:-100])
    result = run(_FETCH, host, dest=str(tmp_path / "dest"))
    assert _summary(result) == (3, 0, 0, 0) and not result.get("failed") and len(host.trips) == 3


def _fail(_path: pathlib.Path) -> t.NoReturn:
    raise AnsibleConnectionFailure("gone")


def test_a_connection_that_is_lost(
    host: Host, run: Run, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, and for good, after the first archive: what was copied stays, and what was not is said."""
    host.damage = _fail
    assert _summary(run(_FETCH, host, dest=str(tmp_path / "first"))) == (3, 0, 0, 0)
    monkeypatch.setattr(_copy_result, "BATCH_BYTES", 1)
    came = []

    def once(source: str, target: str) -> None:
        came.append(source)
        if len(came) > 1:
            raise AnsibleError("failed to transfer file")
        shutil.copyfile(source, target)

    monkeypatch.setattr(host, "transfer", once)
    result = run(_FETCH, host, dest=str(tmp_path / "second"))
    assert result["failed"] is True and result["changed"] is True and _summary(result) == (1, 0, 2, 0)
    assert "The archive could not be fetched: failed to transfer file" in result["msg"]
    assert (tmp_path / "second/manifest.xml").read_bytes().count(b"<BackupInst>") == 1
    monkeypatch.undo()
    monkeypatch.setattr(os, "fsync", lambda _handle: None)
    assert _summary(run(_FETCH, host, dest=str(tmp_path / "second"))) == (2, 1, 0, 0)


def test_a_connection_that_does_not_come_back(
    host: Host, run: Run, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "transfer", lambda _source, target: _fail(pathlib.Path(target)))
    result = run(_FETCH, host, dest=str(tmp_path / "dest"))
    assert result["failed"] is True and result["changed"] is False and _summary(result) == (0, 0, 0, 3)
    assert "The archive could not be fetched: gone" in result["msg"] and len(host.trips) == 3
    result = run(_PUSH, Host(tmp_path / "other"), src=str(host.folder), create_path=True)
    assert not result.get("failed")
    other = Host(tmp_path / "third")
    monkeypatch.setattr(other, "transfer", lambda _source, target: _fail(pathlib.Path(target)))
    result = run(_PUSH, other, src=str(host.folder), create_path=True)
    assert result["failed"] is True and _summary(result) == (0, 0, 0, 3) and "could not be sent: gone" in result["msg"]


def test_a_full_disk_on_the_controller(
    host: Host, run: Run, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = os.statvfs_result((4096, 4096, 0, 0, 0, 0, 0, 0, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda _path: full)
    result = run(_FETCH, host, dest=str(tmp_path / "dest"))
    assert result["failed"] is True and result["changed"] is False and _summary(result) == (0, 0, 0, 3)
    assert "The copies could not be written on the controller: No space left on device" in result["msg"]
    assert "Free space on the volume" in result["msg"]
    assert len(host.trips) == 2 and not list((tmp_path / "dest").glob("{*"))


def test_a_destination_that_cannot_be_used(host: Host, run: Run, tmp_path: pathlib.Path) -> None:
    """Nobody asks the host then."""
    (tmp_path / "file").write_text("x")
    for dest, said in ((tmp_path / "file", "which is no folder"), (tmp_path / "file/dest", "Not a directory")):
        result = run(_FETCH, host, dest=str(dest))
        assert result["failed"] is True and said in result["msg"], result["msg"]
    dest = tmp_path / "dest"
    with _vault.Vault(str(dest)).locked(0, lambda _text: None):
        result = run(_FETCH, host, dest=str(dest), lock_timeout=1)
    assert result["failed"] is True and "another run had it locked for 1 s" in result["msg"]
    assert host.trips == []


def test_two_at_once_to_one_directory(host: Host, run: Run, tmp_path: pathlib.Path) -> None:
    """Each is a host of its own, with the same backups: one waits, and has nothing to copy."""
    for number in range(4, 40):
        backup_folder.put(host.folder, number)
    shutil.copytree(host.folder, tmp_path / "second/host")
    hosts = [host, Host(tmp_path / "second/host")]
    started = threading.Barrier(2)

    def fetch(one: Host) -> dict[str, t.Any]:
        started.wait()
        return run(_FETCH, one, dest=str(tmp_path / "dest"), lock_timeout=30)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(fetch, hosts))
    assert not [result["msg"] for result in results if result.get("failed")]
    assert sorted(_summary(result) for result in results) == [(0, 39, 0, 0), (39, 0, 0, 0)]
    there = {path: content for path, content in backup_folder.tree(tmp_path / "dest").items() if path != "manifest.xml"}
    assert there == backup_folder.tree(host.folder)


def test_what_is_no_copy_of_ours_is_kept(host: Host, run: Run, tmp_path: pathlib.Path) -> None:
    """In the place of one is a folder without an entry, of another a link; the third has another entry."""
    dest = tmp_path / "dest"
    run(_FETCH, host, dest=str(dest))
    folders = [dest / backup_folder.backup_id(number) for number in range(4)]
    folders[1].rename(tmp_path / "elsewhere")
    folders[1].symlink_to(tmp_path / "elsewhere")
    (folders[2] / "Backup.xml").write_text("mine")
    next(dest.glob(f".gpvault/*/*/*{folders[2].name}.json")).unlink()
    next(dest.glob(f".gpvault/*/*/*{folders[3].name}.json")).write_bytes(backup_folder.entry(3, run_id="another"))
    before = backup_folder.tree(dest)
    for check_mode in (True, False):
        result = run(_FETCH, host, check_mode=check_mode, dest=str(dest), verify="full")
        assert result["failed"] is True and "is a link or a file" in result["msg"]
        assert "The catalog has another entry of it" in result["msg"]
    assert _summary(result) == (0, 0, 3, 0) and "it is not this backup" in result["msg"]
    after = backup_folder.tree(dest)
    # The index does not list what is behind a link.
    assert before.pop("manifest.xml") != after.pop("manifest.xml") and after == before
    assert {one["trouble"]["step"] for one in result["backups"] if one["trouble"]} == {"copy"}


def _cut_entry(folder: pathlib.Path) -> None:
    (entry,) = folder.parent.glob(f".gpvault/*/*/*{folder.name}.json")
    entry.write_bytes(entry.read_bytes()[:-20])


def _lose_all_but_the_entry(folder: pathlib.Path) -> None:
    _cut_entry(folder)
    shutil.rmtree(folder)


def _link_to_another(folder: pathlib.Path) -> None:
    other = folder.parent.with_name("other.xml")
    other.write_text("mine")
    (folder / "Backup.xml").unlink()
    (folder / "Backup.xml").symlink_to(other)


@pytest.mark.parametrize(
    ("harm", "verify"),
    [
        (lambda folder: (folder / "Backup.xml").unlink(), "quick"),
        (lambda folder: (folder / "bkupInfo.xml").write_bytes(b""), "quick"),
        (lambda folder: (folder / "Backup.xml").write_bytes(b"x" * 26), "full"),
        (lambda folder: shutil.rmtree(folder / "DomainSysvol"), "quick"),
        (_link_to_another, "quick"),
        (_cut_entry, "quick"),
        (_lose_all_but_the_entry, "quick"),
    ],
)
def test_a_damaged_copy_is_repaired(
    host: Host, run: Run, tmp_path: pathlib.Path, harm: t.Callable[[pathlib.Path], object], verify: str
) -> None:
    dest = tmp_path / "dest"
    run(_FETCH, host, dest=str(dest))
    whole = backup_folder.tree(dest)
    folder = dest / backup_folder.backup_id(2)
    (folder / "mine.txt").write_text("mine")
    harm(folder)
    damaged = backup_folder.tree(dest)
    fetch = {"dest": str(dest), "verify": verify}
    planned = run(_FETCH, host, check_mode=True, **fetch)
    assert backup_folder.tree(dest) == damaged
    result = run(_FETCH, host, **fetch)
    for told in (planned, result):
        assert not told.get("failed") and told["changed"] is True, told["msg"]
        assert told["summary"].items() >= {"copied": 0, "repaired": 1, "unchanged": 2}.items()
        assert f"Damaged on the controller: {folder.name} (" in told["warnings"][0]
    assert "1 repaired" in result["msg"]
    now = backup_folder.tree(dest)
    # What is in its folder and no file of the backup is somebody's, and stays, where the folder does.
    assert now.pop(f"{folder.name}/mine.txt", b"mine") == b"mine" and now == whole
    assert [path.read_text() for path in tmp_path.glob("other.xml")] in ([], ["mine"])
    again = run(_FETCH, host, dest=str(dest), verify="full")
    assert again["changed"] is False and _summary(again) == (0, 3, 0, 0)


def test_what_is_damaged_on_both_sides_is_told(host: Host, run: Run, tmp_path: pathlib.Path) -> None:
    dest = tmp_path / "dest"
    run(_FETCH, host, dest=str(dest))
    for folder in (host.folder, dest):
        (folder / backup_folder.backup_id(2) / "Backup.xml").unlink()
    result = run(_FETCH, host, dest=str(dest))
    assert result["failed"] is True and _summary(result) == (0, 2, 1, 0) and result["summary"]["repaired"] == 0
    assert "The copy is damaged: No such file" in result["msg"] and "It is damaged on the host:" in result["msg"]


def test_what_a_killed_run_left_is_completed(host: Host, run: Run, tmp_path: pathlib.Path) -> None:
    dest = tmp_path / "dest"
    run(_FETCH, host, dest=str(dest))
    whole = backup_folder.tree(dest)
    next(dest.glob(f".gpvault/*/*/*{backup_folder.backup_id(2)}.json")).unlink()
    (dest / "manifest.xml").unlink()
    (dest / ".gpvault/.incoming" / backup_folder.backup_id(9)).mkdir(parents=True)
    assert _summary(run(_FETCH, host, dest=str(dest))) == (1, 2, 0, 0)
    assert backup_folder.tree(dest) == whole
    (dest / "manifest.xml").unlink()
    result = run(_FETCH, host, dest=str(dest))
    assert _summary(result) == (0, 3, 0, 0) and backup_folder.tree(dest) == whole and result["changed"] is True


def test_damaged_backups_are_told_and_the_others_come(host: Host, run: Run, tmp_path: pathlib.Path) -> None:
    (host.folder / backup_folder.backup_id(2) / "Backup.xml").unlink()
    dest = tmp_path / "dest"
    result = run(_FETCH, host, dest=str(dest))
    assert result["failed"] is True and _summary(result) == (2, 0, 1, 0)
    assert "It is damaged on the host: No such file" in result["msg"]
    result = run(_PUSH, Host(tmp_path / "other"), src=str(host.folder), create_path=True)
    assert result["failed"] is True and _summary(result) == (2, 0, 1, 0) and "No such file" in result["msg"]
    assert "gpo_backup_fetch with verify: full repairs the copy" in result["msg"]


def test_what_changes_between_the_plan_and_the_packing_is_one_backups_failure(
    host: Host, run: Run, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = _copy_plan.plan_push
    folders = [host.folder / backup_folder.backup_id(number) for number in range(5)]

    def then_changed(*args: t.Any) -> t.Any:
        planned = plan(*args)
        (folders[1] / "Backup.xml").write_bytes(b"x" * (folders[1] / "Backup.xml").stat().st_size)
        next(host.folder.glob(f".gpvault/*/*/*{folders[2].name}.json")).unlink()
        (folders[4] / "Backup.xml").unlink()
        return planned

    backup_folder.put(host.folder, 4)
    monkeypatch.setattr(_copy_plan, "plan_push", then_changed)
    other = Host(tmp_path / "other")
    result = run(_PUSH, other, src=str(host.folder), create_path=True)
    assert result["failed"] is True and result["changed"] is True and _summary(result) == (1, 0, 3, 0)
    assert [path.name for path in other.folder.glob("{*")] == [folders[3].name]
    said = {one["backup"]["sequence"]: one["trouble"]["message"] for one in result["backups"] if one["trouble"]}
    assert "The contents of the file Backup.xml are not those" in said[1] and "No such file" in said[4]
    assert "No such file" in said[2] and not [one for one in said.values() if "On the host" in one]


def test_a_copy_of_what_is_damaged_on_the_host_now(host: Host, run: Run, tmp_path: pathlib.Path) -> None:
    """That is what copies are for."""
    run(_FETCH, host, dest=str(tmp_path / "dest"))
    (host.folder / backup_folder.backup_id(2) / "Backup.xml").unlink()
    result = run(_FETCH, host, dest=str(tmp_path / "dest"))
    assert not result.get("failed") and _summary(result) == (0, 3, 0, 0)
    pushed = run(_PUSH, host, src=str(tmp_path / "dest"))
    assert pushed["failed"] is True and _summary(pushed) == (0, 2, 1, 0)
    assert "The copy on the host is damaged, and is left as it is" in pushed["msg"]


def test_backups_without_an_entry_are_counted(host: Host, run: Run, tmp_path: pathlib.Path) -> None:
    def with_others(trip: dict[str, t.Any]) -> dict[str, t.Any]:
        if trip["cursor"]:
            for number, state in ((8, "uncatalogued"), (9, "foreign")):
                gpo = {"id": None, "name": None, "domain": None}
                other = {"id": backup_folder.backup_id(number), "state": state, "record": None}
                trip["entries"].append({**other, "gpo": gpo, "problems": []})
        return trip

    host.reply = with_others
    result = run(_FETCH, host, dest=str(tmp_path / "dest"))
    assert not result.get("failed") and _summary(result) == (3, 0, 0, 0)
    (warning,) = result["warnings"]
    assert warning.startswith("1 backup without a usable entry in the catalog cannot be copied: {00000000-")
    shutil.copytree(tmp_path / "dest" / backup_folder.backup_id(1), tmp_path / "dest" / backup_folder.backup_id(8))
    result = run(_PUSH, Host(tmp_path / "other"), src=str(tmp_path / "dest"), create_path=True)
    assert result["warnings"] == ["1 backup without a usable entry in the catalog cannot be copied."]


def test_two_histories_of_a_gpo_do_not_mix(host: Host, run: Run, tmp_path: pathlib.Path) -> None:
    """Another directory that began to count for itself: none of this GPO's backups comes, of other GPOs all do."""
    dest = tmp_path / "dest"
    backup_folder.put(dest, 9)
    (entry,) = dest.glob(".gpvault/*/*/*.json")
    entry.rename(entry.with_name(f"0000000003_{backup_folder.backup_id(9)}.json"))
    backup_folder.put(host.folder, 5, gpo="{00000000-0000-0000-0000-00000000ABCD}")
    result = run(_FETCH, host, dest=str(dest))
    assert result["failed"] is True and _summary(result) == (1, 0, 3, 0) and "a history of its own" in result["msg"]
    assert not (dest / backup_folder.backup_id(1)).exists()
    result = run(_PUSH, host, src=str(dest))
    assert _summary(result) == (0, 1, 0, 0) and "cannot be used" in result["warnings"][0]


def test_two_histories_do_not_mix_where_their_numbers_do_not_meet(host: Host, run: Run, tmp_path: pathlib.Path) -> None:
    """By numbers alone those of the host would come before, and an old backup would be the newest."""
    ours, theirs = "{00000000-0000-0000-0000-0000000000AA}", "{00000000-0000-0000-0000-0000000000BB}"
    dest, other = tmp_path / "dest", Host(tmp_path / "other")
    for folder, backups in ((other.folder, {5: ours, 6: ours}), (dest, {8: theirs, 9: None})):
        for number, history in backups.items():
            backup_folder.put(folder, number, history=history)
    before = backup_folder.tree(dest)
    result = run(_FETCH, other, dest=str(dest))
    assert result["failed"] is True and _summary(result) == (0, 0, 2, 0)
    assert "do not go back to the same backups: each directory has a history of its own" in result["msg"]
    assert not list(dest.glob(f"*{backup_folder.backup_id(5)}*")) and before.items() <= backup_folder.tree(dest).items()
    result = run(_PUSH, other, src=str(dest))
    assert result["failed"] is True and _summary(result) == (0, 0, 2, 0)
    # The same history goes on, whatever was pruned meanwhile; so does one that nobody has named.
    backup_folder.put(other.folder, 7, history=ours)
    for folder in (tmp_path / "same", tmp_path / "unnamed"):
        backup_folder.put(folder, 1, history=ours if folder.name == "same" else None)
        assert _summary(run(_FETCH, other, dest=str(folder))) == (3, 0, 0, 0)


def test_what_the_host_says_is_data(host: Host, run: Run, tmp_path: pathlib.Path) -> None:
    def hostile(trip: dict[str, t.Any]) -> dict[str, t.Any]:
        if trip["cursor"]:
            trip["entries"][0]["id"] = "..\\..\\x"
            trip["entries"][1]["record"]["domain"] = "../../x"
            trip["entries"][2]["record"]["sequence"] = 7
        return trip

    before = backup_folder.tree(tmp_path)
    host.reply = hostile
    result = run(_FETCH, host, dest=str(tmp_path / "dest"))
    assert result["failed"] is True and _summary(result) == (0, 0, 3, 0)
    assert "no record of a catalog entry" in result["msg"] and "has changed since it was listed" in result["msg"]
    after = backup_folder.tree(tmp_path)
    assert {path for path in set(after) - set(before) if not path.startswith(("dest", "host_temp"))} == set()
    assert not list((tmp_path / "dest").glob("{*"))


def test_a_host_that_tells_of_other_backups(host: Host, run: Run, tmp_path: pathlib.Path) -> None:
    def other(trip: dict[str, t.Any]) -> dict[str, t.Any]:
        if not trip["cursor"]:
            trip["entries"][0]["id"] = backup_folder.backup_id(9)
        return trip

    host.reply = other
    result = run(_FETCH, host, dest=str(tmp_path / "dest"))
    assert result["failed"] is True and _summary(result) == (0, 0, 0, 3) and "other backups than" in result["msg"]


def test_a_copy_that_cannot_be_read(
    host: Host, run: Run, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dest = tmp_path / "dest"
    run(_FETCH, host, dest=str(dest))

    look = os.scandir

    def refused(path: str) -> t.Any:
        if path.startswith(str(dest / ".gpvault/corp")):
            raise PermissionError(13, "Permission denied", path)
        return look(path)

    monkeypatch.setattr(os, "scandir", refused)
    result = run(_FETCH, host, check_mode=True, dest=str(dest))
    assert result["failed"] is True and "The copies on the controller could not be read: Permission" in result["msg"]
    assert result["summary"]["selected"] == 0 and result["changed"] is False


def test_an_index_that_cannot_be_written(host: Host, run: Run, tmp_path: pathlib.Path) -> None:
    dest = tmp_path / "dest"
    dest.mkdir()
    (dest / "manifest.xml").write_text("mine")
    result = run(_FETCH, host, dest=str(dest))
    assert result["failed"] is True and _summary(result) == (3, 0, 0, 0) and "is not GPMC's index" in result["msg"]


def test_a_source_that_is_none(host: Host, run: Run, tmp_path: pathlib.Path) -> None:
    result = run(_PUSH, host, src=str(tmp_path))
    assert result["failed"] is True and "that is no backup directory" in result["msg"] and host.trips == []
    # In check mode the task that would make it did nothing.
    result = run(_PUSH, host, check_mode=True, src=str(tmp_path / "new"))
    assert not result.get("failed") and result["changed"] is False and result["summary"]["selected"] == 0
