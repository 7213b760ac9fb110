# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What reaches the terminal."""

from __future__ import annotations

import copy
import typing as t

import exchanges
import pytest
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _action_base
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._reason_diff import reason_diff
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._terminal import printable, printable_lines
from replies import DENIED, GPO, item, received, reply, trouble

# Clears the screen, writes a line of its own, turns the rest around; the last is half of an emoji.
_EVIL = "\x1b[2J\r\nok: [all]\u202e\u2028\x85\ud83d"
_CLEAN = "\ufffd[2J\ufffd\ufffdok: [all]\ufffd\ufffd\ufffd\ufffd"


def test_what_moves_the_cursor_is_replaced() -> None:
    assert printable(_EVIL) == _CLEAN
    assert printable("\u00a0é e\u0301 策略 \U0001f512 עברית") == "\u00a0é e\u0301 策略 \U0001f512 עברית"
    assert printable_lines(f"a\tb\r\nc\n\rd\x1b{_EVIL}") == "a\tb\r\nc\n\ufffdd\ufffd" + _CLEAN.replace(
        "\ufffd\ufffdok", "\r\nok"
    )


def _texts(result: dict[str, t.Any]) -> str:
    """Return what Ansible writes to the terminal line by line."""
    return "\n".join([result["msg"], *result["warnings"], *(text for diff in result["diff"] for text in diff.values())])


def test_names_are_data_in_our_own_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one GPO that is backed up, one that fails, and another run's that is waited for."""
    monkeypatch.setattr(_action_base.display, "verbosity", 2)
    changes = [
        {"reason": "name", "before": _EVIL, "after": f"2{_EVIL}"},
        {"reason": "backup_damaged", "before": "{1}", "after": [{"path": _EVIL, "found": None, "size": 1}]},
    ]
    evil = {**GPO, "name": _EVIL}
    trips = [
        received(locked=True, locked_by={"host": _EVIL, "gpo": evil}, selected=2, remaining=[evil]),
        {"received": {"warnings": [_EVIL], "trip": reply(
            item("created", gpo=evil, changes=changes, progress={"numerator": 1, "denominator": 2}),
            item("failed", gpo=evil, trouble=trouble("open", message=_EVIL)),
            problems=[{"kind": "catalog", "subject": _EVIL, **DENIED}],
        )}},
    ]  # fmt: skip
    args = {"path": "D:\\GPO", "all": True}
    result, player = exchanges.play(monkeypatch, args, copy.deepcopy(trips), module="gpo_backup", diff=True)
    for text in (_texts(result), *player.shown):
        assert printable_lines(text) == text
    assert "ok: [all]\ufffd" in result["msg"] and len(result["warnings"]) == 3
    assert any("waiting for the backup directory" in line for line in player.shown)
    # For playbooks it is what it is.
    assert {one["gpo"]["name"] for one in result["backups"]} == {_EVIL}


def test_no_value_passes_for_another_line_of_a_diff() -> None:
    """A description has lines as a rule, and each says what it is."""
    link = {"type": "ou", "target": "OU=a\nlinks: none", "order": 1, "enabled": True, "enforced": False}
    changes = [
        {"reason": "description", "before": "One\nTwo", "after": "One\x85permissions: none\x1b"},
        {"reason": "links", "before": None, "after": [link]},
    ]
    diff = reason_diff(GPO, changes)
    assert diff["before"] == "description: One\ndescription: Two\nlinks: not recorded\n"
    assert diff["after"] == (
        "description: One\ndescription: permissions: none\ufffd\nlinks: ou OU=a\ufffdlinks: none, order 1\n"
    )


def test_the_lines_of_a_report_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = item("written", changed=True, dest="D:\\x\\y.xml", size=9, before=None, after="<a>\r\n\t\x1b</a>")
    result, _player = exchanges.play(
        monkeypatch, {"all": True, "dest": "D:\\x\\"}, [received(sent)], module="gpo_report", diff=True
    )
    assert result["diff"][0]["after"] == "<a>\r\n\t\ufffd</a>"


def test_a_refused_option(monkeypatch: pytest.MonkeyPatch) -> None:
    result, player = exchanges.play(monkeypatch, {"path": f"D:\\{_EVIL}"}, [], module="gpo_backup")
    assert printable(result["msg"]) == result["msg"]
    assert player.shown == [f"[host1] gpvault.gpmc.gpo_backup: {result['msg']}"]


def _failed(number: int) -> dict[str, t.Any]:
    gpo = {**GPO, "id": f"{{{number:08}}}", "name": f"GPO {number}"}
    return item("failed", gpo=gpo, trouble=trouble("open", DENIED))


@pytest.mark.parametrize(("failed", "last"), [(3, "GPO 2"), (20, "GPO 19"), (23, "and 3 more")])
def test_each_gpo_that_failed_has_a_line(monkeypatch: pytest.MonkeyPatch, failed: int, last: str) -> None:
    trips = [received(item("created"), *(_failed(number) for number in range(failed)))]
    result, player = exchanges.play(monkeypatch, {"path": "D:\\GPO", "all": True}, trips, module="gpo_backup")
    progress, *told, said = [line.removeprefix("[host1] gpvault.gpmc.gpo_backup: ") for line in player.shown]
    assert progress.startswith(f"{failed + 1}/{failed + 1} GPOs, ") and progress.endswith(f", {failed} failed")
    assert told[0].startswith("'GPO 0' {00000000}: The GPO could not be opened: 0x80070005 E_ACCESSDENIED: Access is")
    assert len(told) == min(failed, 20) + (failed > 20) and last in told[-1]
    assert said == result["msg"]


def test_each_damaged_backup_has_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    _result, player = exchanges.replay(monkeypatch, "damaged", module="gpo_backup_info")
    (told,) = [line for line in player.shown if " is damaged: " in line]
    assert "Backup.xml" in told


def test_no_line_is_longer_than_awx_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    message = f"It {'is so ' * 500}odd."
    trips = [received(item("failed", trouble=trouble("open", message=message)))]
    result, player = exchanges.play(monkeypatch, {"path": "D:\\GPO", "all": True}, trips, module="gpo_backup")
    assert message in result["msg"]
    assert all(len(line) == 900 and line.endswith("…") for line in player.shown[1:])
