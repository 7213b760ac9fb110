# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replays the exchanges that record.py took from the lab."""

from __future__ import annotations

import functools
import importlib
import json
import pathlib
import types
import typing as t

import pytest
import yaml
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _action_base

RECORDINGS = pathlib.Path(__file__).parent / "recordings"
MODULES = pathlib.Path(__file__).resolve().parents[3] / "plugins/modules"

_ANSIBLES = {"changed", "failed", "warnings", "unreachable", "diff", "invocation"}


class Player:
    """Stands in for the host: answers each trip with the recorded result."""

    def __init__(
        self, trips: t.Sequence[dict[str, t.Any]], close_fails: bool, connect_error: BaseException | None
    ) -> None:
        self.waiting = list(trips)
        self.sent: list[dict[str, t.Any]] = []
        self.shown: list[str] = []
        self.on_stdout: list[str] = []
        self.reconnects: list[str] = []
        self.close_fails = close_fails
        self.connect_error = connect_error

    def close(self) -> None:
        """Close the connection, or fail as one does whose shell the host does not know any more."""
        self.reconnects.append("close")
        if self.close_fails:
            raise RuntimeError("the shell was not found on the server")

    def connect(self) -> None:
        """Connect, or fail as the connection's library does."""
        self.reconnects.append("connect")
        if self.connect_error is not None:
            raise self.connect_error

    def display(self, text: str, stderr: bool = False, **_how: t.Any) -> None:
        """Take what is displayed, wherever."""
        self.shown.append(text)
        if not stderr:
            self.on_stdout.append(text)

    def __call__(self, **given: t.Any) -> dict[str, t.Any]:
        self.sent.append(given["module_args"])
        trip = self.waiting.pop(0)
        if isinstance(trip["received"], BaseException):
            raise trip["received"]
        return json.loads(json.dumps(trip["received"]))


def action_of(module: str) -> type[_action_base.GpmcAction]:
    """Return a module's action plugin."""
    plugin = importlib.import_module(f"ansible_collections.gpvault.gpmc.plugins.action.{module}")
    return plugin.ActionModule


def play(
    monkeypatch: pytest.MonkeyPatch,
    args: dict[str, t.Any],
    trips: t.Sequence[dict[str, t.Any]],
    *,
    module: str,
    connected: bool = True,
    transport: str = "winrm",
    close_fails: bool = False,
    connect_error: BaseException | None = None,
    **task: t.Any,
) -> tuple[dict[str, t.Any], Player]:
    """Run an action plugin against recorded trips and return its result and what it sent."""
    player = Player(trips, close_fails, connect_error)
    settings = {"check_mode": False, "diff": False, "async_val": 0, "no_log": False, **task}
    plugin = action_of(module)
    action = plugin.__new__(plugin)
    action._task = types.SimpleNamespace(args=args, action=f"gpvault.gpmc.{module}", **settings)
    action._connection = types.SimpleNamespace(
        _shell=types.SimpleNamespace(tmpdir="x"),
        connected=connected,
        transport=transport,
        close=player.close,
        reset=lambda: player.reconnects.append("reset"),
        _connect=player.connect,
    )
    action._loader = types.SimpleNamespace(path_dwim=lambda path: str(pathlib.Path("/", path)))
    action._execute_module = player
    monkeypatch.setattr(_action_base, "_PAUSE", 0)
    monkeypatch.setattr(_action_base.display, "display", player.display)
    return action.run(None, {"inventory_hostname": "host1"}), player


def recording(module: str, name: str) -> dict[str, t.Any]:
    """Return a recorded scenario."""
    text = (RECORDINGS / module / f"{name}.json").read_text("utf-8")
    return json.loads(text.replace("@recordings@", str(RECORDINGS)))


def replay(
    monkeypatch: pytest.MonkeyPatch, name: str, *, module: str, **more: t.Any
) -> tuple[dict[str, t.Any], Player]:
    """Replay a scenario, with other options or task keywords when given."""
    scenario = recording(module, name)
    args = {**scenario["args"], **more.pop("args", {})}
    task = {key: scenario[key] for key in ("check_mode", "diff")} | more
    return play(monkeypatch, args, scenario["trips"], module=module, **task)


@functools.cache
def documented(module: str) -> dict[str, t.Any]:
    """Return what a module's documentation says of its result."""
    return dict(yaml.safe_load((MODULES / f"{module}.yml").read_text("utf-8"))["RETURN"])


def own_keys(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return a result without what Ansible knows itself."""
    return {key: value for key, value in result.items() if key not in _ANSIBLES}
