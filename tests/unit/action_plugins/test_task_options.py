# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of all tasks: what the action plugin does with them. That they agree is held by tests/compat51."""

from __future__ import annotations

import pathlib
import typing as t

import exchanges
import pytest

MODULES = sorted(path.stem for path in exchanges.MODULES.glob("*.yml"))


_READ_HERE = {
    "gpo_backup": {
        "path": "D:\\GPO", "all": True, "detail": "summary", "lock_timeout": "1m", "fail_if_empty": True,
        "details_file": "copies",
    },
    "gpo_backup_fetch": {
        "path": "D:\\GPO", "dest": "copies", "domain_controller": "dc1", "verify": "full",
        "detail": "summary", "lock_timeout": "1m",
    },
    "gpo_backup_index": {"path": "D:\\GPO", "lock_timeout": "1m", "detail": "summary"},
    "gpo_backup_info": {
        "path": "D:\\GPO", "states": "damaged", "detail": "summary", "fail_if_empty": True, "domain_controller": "dc1",
    },
    "gpo_backup_prune": {
        "path": "D:\\GPO", "keep_last": 1, "keep_within": "1d", "keep_daily": 2, "keep_weekly": 3, "keep_monthly": 4,
        "keep_safety_within": "30d", "remove": "safety",
        "detail": "changed", "lock_timeout": "1m",
    },
    "gpo_backup_push": {
        "path": "D:\\GPO", "src": "copies", "domain_controller": "dc1", "most_recent": True,
        "detail": "summary", "lock_timeout": "1m",
    },
    "gpo_diff": {"path": "D:\\GPO", "all": True, "inaccessible": "fail", "detail": "changed"},
    "gpo_drill": {"path": "D:\\GPO", "all": True, "lock_timeout": "1m", "detail": "summary"},
    "gpo_import": {
        "path": "D:\\GPO", "gpo": "x", "backup_id": "31B2F340-016D-11D2-945F-00C04FB984F9", "lock_timeout": "1m",
        "detail": "summary",
    },
    "gpo_info": {"all": True, "inaccessible": "fail", "detail": "summary"},
    "gpo_preflight": {"path": "D:\\GPO", "min_free": 1, "detail": "summary"},
    "gpo_report": {"all": True, "inaccessible": "fail", "dest": "D:\\x\\", "detail": "changed"},
    "gpo_restore": {
        "path": "D:\\GPO", "all": True, "lock_timeout": "1m", "detail": "changed", "fail_if_empty": True,
    },
}  # fmt: skip


@pytest.mark.parametrize("module", MODULES)
def test_what_the_controller_alone_reads_stays_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, module: str
) -> None:
    """A host whose log shows the module's arguments shows no more than it has to know."""
    kept = {name for name, option in exchanges.action_of(module).OPTIONS.items() if not option.on_host}
    assert kept and kept <= set(_READ_HERE[module])
    died = {"received": {"failed": True, "msg": "It died."}}
    (tmp_path / ".gpvault").mkdir()
    here = {name: str(tmp_path) for name in ("dest", "src", "details_file") if _READ_HERE[module].get(name) == "copies"}
    _result, player = exchanges.play(monkeypatch, {**_READ_HERE[module], **here}, [died, died], module=module)
    assert not kept & set(player.sent[0])


@pytest.mark.parametrize("module", MODULES)
def test_each_module_can_tell_little(module: str) -> None:
    """AWX drops a result that is too large, and a failure is not to be looked for among what went well."""
    detail = exchanges.action_of(module).OPTIONS["detail"]
    assert detail.default == "all" and detail.read("summary") == "summary"


@pytest.mark.parametrize("module", MODULES)
def test_a_task_that_is_refused_goes_by_the_defaults(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """Whatever else it gives, read or not: which option is refused first is no reason for another result."""
    known = exchanges.action_of(module).OPTIONS
    wrong = {"trip_time" if "trip_time" in known else "lock_timeout": "never"}
    given = {**_READ_HERE[module], **({"domain": "corp.example"} if "domain" in known else {}), **wrong}
    result, player = exchanges.play(monkeypatch, given, [], module=module)
    assert player.sent == [] and f"{next(iter(wrong))!r} has the value 'never'" in result["msg"]
    bare, _player = exchanges.play(monkeypatch, wrong, [], module=module)
    same = (set(result) | set(bare)) - {"msg", "run_id", "path", "invocation"}
    assert {name: result.get(name) for name in same} == {name: bare.get(name) for name in same}
    assert result.get("path") == given.get("path") and result.get("domain") is None
