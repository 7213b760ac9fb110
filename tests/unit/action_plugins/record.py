# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records what gpo_backup sends to the lab and what comes back, for test_gpo_backup.py to replay.

Run it when the payload's reply changes, and read the difference before it is committed:

    tests/lab/lab up --fresh
    build/venv/bin/python tests/unit/action_plugins/record.py
    tests/lab/lab down

Each scenario becomes recordings/NAME.json: the task, and for each trip the module's arguments and its result. It begins
with an empty drive D:, unless it goes on from the one before.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import typing as t

_HERE = pathlib.Path(__file__).parent
_ROOT = _HERE.parents[2]
_BUILD = pathlib.Path(os.environ.get("GPVAULT_BUILD", _ROOT / "build"))
_STATE = pathlib.Path(os.environ.get("GPVAULT_LAB", _BUILD / "lab"))

_GPOS = {"path": "D:\\GPO", "create_path": True, "gpos": ["Default*", "Kiosk", "Laptops*"]}
_SLOW = ["slow", "--delay", "1100"]
_KIOSK = {**_GPOS, "gpos": "Kiosk"}

SCENARIOS: dict[str, dict[str, t.Any]] = {
    "one_gpo": {"args": {**_KIOSK, "comment": "One"}},
    "unchanged": {"goes_on": True, "args": _KIOSK},
    "edited": {
        "goes_on": True,
        "args": _KIOSK,
        "diff": True,
        "edits": [["edit", "Kiosk"], ["describe", "Kiosk", "New"], ["permit", "Kiosk", "Authenticated Users", "read"]],
    },
    "cancelled": {"args": {**_GPOS, "gpo_timeout": "1s"}, "faults": [["slow", "--gpo", "Kiosk", "--delay", "5000"]]},
    "check_mode": {"args": {**_GPOS, "path": "D:\\New"}, "check_mode": True},
    "all_with_an_invisible_gpo": {
        "args": {"path": "D:\\GPO", "create_path": True, "all": True, "exclude": ["D*", "S*"]},
    },
    "three_trips": {"args": {**_GPOS, "exclude": "Laptops*", "trip_time": "1s"}, "faults": [_SLOW]},
    "refused": {"args": _GPOS, "faults": [["refuse", "--gpo", "Kiosk", "--hresult", "0x80070005"]]},
    "failed_status": {"args": _GPOS, "faults": [["fail", "--gpo", "Kiosk", "--hresult", "0x80070020"]]},
    "fail_fast": {"args": {**_GPOS, "fail_fast": True}, "faults": [["refuse", "--gpo", "Default Domain Policy"]]},
    "unknown_and_ambiguous": {"args": {**_GPOS, "gpos": ["Nobody", "Drive maps", "nothing*"]}},
    "no_controller": {"args": _GPOS, "faults": [["dc_down"]]},
    "no_directory": {"args": {**_GPOS, "create_path": False, "path": "D:\\Missing"}},
    "crash_in_a_later_trip": {
        "args": {**_GPOS, "trip_time": "1s"},
        "faults": [_SLOW, ["crash", "--gpo", "Kiosk"]],
    },
    "crash_in_the_only_trip": {"args": _KIOSK, "faults": [["crash", "--gpo", "Kiosk"]]},
    "crash_once": {"args": _GPOS, "faults": [["crash", "--gpo", "Kiosk", "--times", "1"]]},
}  # fmt: skip


def _lab(*args: str) -> None:
    subprocess.run([_ROOT / "tests/lab/lab", *args], check=True, stdout=subprocess.DEVNULL)


def _play(scenario: t.Mapping[str, t.Any], log: pathlib.Path) -> None:
    """Run the task in a process of its own whose ActionBase writes down every module run."""
    play = [{
        "hosts": "host1",
        "gather_facts": False,
        "tasks": [{
            "gpvault.gpmc.gpo_backup": scenario["args"],
            "check_mode": scenario.get("check_mode", False),
            "diff": scenario.get("diff", False),
            "ignore_errors": True,
        }],
    }]  # fmt: skip
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump(play, file)
        file.flush()
        subprocess.run(
            [sys.executable, __file__, "--inside", str(log), "-i", _STATE / "inventory.yml", file.name],
            check=True,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(_BUILD / "collections")},
        )  # fmt: skip


def _inside(log: str, arguments: list[str]) -> None:
    from ansible.cli.playbook import PlaybookCLI
    from ansible.plugins.action import ActionBase

    execute = ActionBase._execute_module

    def recorded(self: ActionBase, *args: t.Any, **kwargs: t.Any) -> dict[str, t.Any]:
        result = execute(self, *args, **kwargs)
        sent = {key: value for key, value in kwargs["module_args"].items() if not key.startswith("_ansible")}
        with open(log, "a", encoding="utf-8") as file:
            file.write(json.dumps({"sent": sent, "received": result}, default=str) + "\n")
        return result

    ActionBase._execute_module = recorded
    PlaybookCLI.cli_executor(["ansible-playbook", *arguments])


def _main() -> None:
    for name, scenario in SCENARIOS.items():
        _lab("fault", "clear")
        if not scenario.get("goes_on"):
            _lab("gpo", "reset")
            for left in (_STATE / "hosts/host1/d").iterdir():
                shutil.rmtree(left)
        for edit in scenario.get("edits", ()):
            _lab("gpo", *edit)
        for fault in scenario.get("faults", ()):
            _lab("fault", "add", *fault)
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder, "trips.jsonl")
            _play(scenario, log)
            trips = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
        for trip in trips:
            # What a Python traceback or the wrapper adds is no part of the exchange.
            for key in ("exception", "invocation", "_ansible_parsed"):
                trip["received"].pop(key, None)
        task = {"args": scenario["args"], **{key: scenario.get(key, False) for key in ("check_mode", "diff")}}
        recording = {**task, "trips": trips}
        path = _HERE / "recordings" / f"{name}.json"
        path.write_text(json.dumps(recording, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")
        print(f"{name}: {len(trips)} trips")
    _lab("fault", "clear")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        _inside(sys.argv[2], [str(argument) for argument in sys.argv[3:]])
    else:
        _main()
