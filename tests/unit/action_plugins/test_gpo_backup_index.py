# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_backup_index on the controller."""

from __future__ import annotations

import json
import typing as t

import exchanges
import pytest
from replies import NO_HRESULT, received, trouble

_PATH = {"path": "D:\\GPO"}
_INDEX = {
    "fault": None, "listed": 3, "added": ["{2}", "{1}"], "mended": ["{3}"], "dropped": [], "left": [], "changed": True,
}  # fmt: skip


def _play(monkeypatch: pytest.MonkeyPatch, trips: list[t.Any], **task: t.Any) -> tuple[dict[str, t.Any], list[t.Any]]:
    args = {**_PATH, **task.pop("args", {})}
    result, player = exchanges.play(monkeypatch, args, trips, module="gpo_backup_index", **task)
    assert not player.waiting
    return result, player.sent


def test_what_is_written_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    left = [{"id": "{9}", "why": "Its root\nis another."}]
    result, _sent = _play(monkeypatch, [received(selected=None, index={**_INDEX, "left": left})], diff=True)
    assert result["changed"] is True and result["added"] == ["{1}", "{2}"] and result["left"] == ["{9}"]
    assert result["msg"] == "manifest.xml is written anew with 3 backups: 2 added, 1 mended, 0 dropped."
    assert result["warnings"] == ["1 folder cannot be listed: {9} (Its root is another.)."]
    assert result["diff"][0]["after"] == "{1}\n{2}\n{3} as its bkupInfo.xml has it\n"


def test_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    index = {**_INDEX, "added": [], "mended": [], "changed": False}
    result, _sent = _play(monkeypatch, [received(selected=None, index=index)])
    assert result["changed"] is False and result["msg"] == "manifest.xml lists 3 backups, as it ought to."


def test_a_directory_without_backups_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    told = trouble("unfit", {**NO_HRESULT, "message": "There is no backup in it."})
    result, _sent = _play(monkeypatch, [received(selected=None, trouble=told)])
    assert result["failed"] is True and result["listed"] is None
    assert result["msg"] == "The directory is left alone: There is no backup in it. Check the option path."


def test_it_waits_for_another_run(monkeypatch: pytest.MonkeyPatch) -> None:
    locked = received(selected=None, locked=True, locked_by={"host": "H", "process": 4})
    done = received(selected=None, index={**_INDEX, "changed": False})
    result, sent = _play(monkeypatch, [locked, done], args={"lock_timeout": 15})
    assert [args["_lock_wait"] for args in sent] == ["10", "5"] and not result.get("failed")


def test_a_summary_is_small_whatever_the_directory_has_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [f"{{{number:036}}}" for number in range(20_000)]
    index = {**_INDEX, "added": many, "dropped": many, "left": [{"id": one, "why": "It is empty."} for one in many]}
    task: dict[str, t.Any] = {"args": {"detail": "summary"}, "diff": True}
    result, _sent = _play(monkeypatch, [received(selected=None, index=index)], **task)
    assert [len(result[name]) for name in ("added", "mended", "dropped", "left")] == [100, 1, 100, 100]
    assert "20000 added, 1 mended, 20000 dropped" in result["msg"] and len(json.dumps(result)) < 300_000
    everything, _sent = _play(monkeypatch, [received(selected=None, index=index)])
    assert len(everything["added"]) == len(everything["left"]) == 20_000
