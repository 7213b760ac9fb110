# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records what the action plugins send to the lab and what comes back, for the tests to replay.

Run it when the payload's reply changes, and read the difference before it is committed:

    tests/lab/lab up --fresh
    build/venv/bin/python tests/unit/action_plugins/record.py [MODULE...]
    tests/lab/lab down

Each scenario becomes recordings/MODULE/NAME.json: the task, and for each trip the module's arguments and its result. It
begins with an empty drive D:, unless it goes on from the one before. What it does beforehand is not recorded.
"""

from __future__ import annotations

import fnmatch
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

_D = {"path": "D:\\GPO"}
_EMPTY = str(_HERE / "recordings/gpo_backup_push")
"""A backup directory without a backup: all that it has is a folder .gpvault."""

_COPY = {"gpo": "Copy", "create": True, "links": True, "wmi_filter": True, "permissions": True}

_BACKUP: dict[str, dict[str, t.Any]] = {
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

_BEFORE = {"before": {"gpo_backup": _GPOS}}

SCENARIOS: dict[str, dict[str, dict[str, t.Any]]] = {
    "gpo_backup": _BACKUP,
    "gpo_info": {
        "some": {"args": {"gpos": ["Default*", "Kiosk"]}},
        "refused": {"args": {"gpos": "Kiosk"}, "faults": [["no_delegation"]]},
    },
    "gpo_backup_index": {
        "lost": {**_BEFORE, "lose": "manifest.xml", "args": _D, "diff": True},
        "whole": {"goes_on": True, "args": _D},
    },
    "gpo_backup_fetch": {
        "check_mode": {**_BEFORE, "args": {**_D, "dest": "/nowhere/copies"}, "check_mode": True},
        "no_directory": {"args": {**_D, "dest": "/nowhere/copies"}, "check_mode": True},
    },
    "gpo_backup_push": {
        "no_directory": {"args": {**_D, "src": _EMPTY}, "check_mode": True},
        "check_mode": {"args": {**_D, "src": _EMPTY, "create_path": True}, "check_mode": True},
    },
    "gpo_backup_info": {
        "verified": {**_BEFORE, "args": {**_D, "verify": "full"}},
        "damaged": {"goes_on": True, "harm": True, "args": _D},
    },
    "gpo_backup_prune": {
        "check_mode": {**_BEFORE, "args": {**_D, "keep_last": 1, "remove": ["uncatalogued"]}, "check_mode": True},
        "nothing": {"goes_on": True, "args": {**_D, "keep_last": 1}},
        "deleted": {
            "goes_on": True, "before": {"gpo_backup": {**_GPOS, "force": True}}, "args": {**_D, "keep_last": 1},
        },
    },
    "gpo_preflight": {
        "well": {"args": {**_D, "create_path": True}},
        "refused": {"args": {"path": "\\\\nowhere\\gpo"}, "faults": [["no_delegation"]]},
    },
    "gpo_restore": {
        "edited": {
            **_BEFORE, "edits": [["edit", "Kiosk"]], "args": {**_D, "gpos": ["Kiosk", "Laptops*"]}, "diff": True,
        },
        "unchanged": {"goes_on": True, "args": {**_D, "gpos": "Kiosk"}},
        "deleted": {
            "goes_on": True, "edits": [["delete", "Kiosk"]], "args": {**_D, "gpos": "Kiosk"}, "check_mode": True,
        },
        "refused": {
            "goes_on": True, "args": {**_D, "all": True},
            "faults": [["refuse_restore", "--hresult", "0x80070005"]],
        },
    },
    "gpo_import": {
        "new": {**_BEFORE, "args": {**_D, **_COPY}, "backup_of": "Laptops*"},
        "unchanged": {"goes_on": True, "args": {**_D, **_COPY}, "backup_of": "Laptops*"},
        "failed": {
            "goes_on": True, "args": {**_D, "gpo": "Kiosk"}, "backup_of": "Laptops*",
            "faults": [["fail_restore", "--hresult", "0x80070490"]],
        },
    },
    "gpo_diff": {
        "edited": {
            **_BEFORE, "edits": [["edit", "Kiosk"], ["describe", "Kiosk", "New"]],
            "args": {**_D, "gpos": ["Default*", "Kiosk"]}, "diff": True,
        },
        "two_backups": {
            "goes_on": True, "before": {"gpo_backup": {**_KIOSK}},
            "args": {**_D, "all": True, "before": "previous", "after": "newest"},
        },
        "two_gpos": {"args": {"gpos": "Kiosk", "before": "live", "before_gpo": "Default Domain Policy"}},
    },
    "gpo_drill": {
        "two": {**_BEFORE, "args": {**_D, "gpos": ["Kiosk", "Laptops*"]}},
        "check_mode": {"goes_on": True, "args": {**_D, "all": True}, "check_mode": True},
        "failed": {
            "goes_on": True, "args": {**_D, "gpos": ["Kiosk", "Laptops*"]},
            "faults": [["fail_restore", "--hresult", "0x80070490", "--times", "1"]],
        },
        "damaged": {"goes_on": True, "harm": True, "args": {**_D, "all": True}},
    },
    "gpo_report": {
        "written": {"args": {"gpos": ["Default*", "Kiosk"], "dest": "D:\\Reports\\"}},
        "unchanged": {"goes_on": True, "args": {"gpos": ["Default*", "Kiosk"], "dest": "D:\\Reports\\"}},
    },
}  # fmt: skip


def _lab(*args: str) -> None:
    subprocess.run([_ROOT / "tests/lab/lab", *args], check=True, stdout=subprocess.DEVNULL)


def _play(module: str, scenario: t.Mapping[str, t.Any], log: pathlib.Path) -> None:
    """Run the task in a process of its own whose ActionBase writes down every module run."""
    play = [{
        "hosts": "host1",
        "gather_facts": False,
        "tasks": [{
            f"gpvault.gpmc.{module}": scenario["args"],
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


def _prepare(scenario: t.Mapping[str, t.Any]) -> None:
    """Bring about what the scenario begins with."""
    drive = _STATE / "hosts/host1/d"
    _lab("fault", "clear")
    if not scenario.get("goes_on"):
        _lab("gpo", "reset")
        for left in drive.iterdir():
            shutil.rmtree(left)
    for module, args in scenario.get("before", {}).items():
        with tempfile.NamedTemporaryFile() as log:
            _play(module, {"args": args}, pathlib.Path(log.name))
    if scenario.get("lose"):
        (drive / "GPO" / scenario["lose"]).unlink()
    if scenario.get("harm"):
        next(drive.glob("GPO/*/Backup.xml")).write_bytes(b"")
    for edit in scenario.get("edits", ()):
        _lab("gpo", *edit)
    for fault in scenario.get("faults", ()):
        _lab("fault", "add", *fault)


def _newest_backup(pattern: str) -> str:
    """Return the ID of the newest backup of the GPO whose name matches."""
    entries = (_STATE / "hosts/host1/d/GPO/.gpvault").glob("*/*/0*.json")
    found = [
        entry for entry in (json.loads(path.read_text("utf-8")) for path in sorted(entries, key=lambda path: path.name))
        if fnmatch.fnmatch(entry["gpo"]["name"], pattern)
    ]  # fmt: skip
    return str(found[-1]["backup"]["id"])


def _record(module: str, name: str, scenario: dict[str, t.Any]) -> None:
    _prepare(scenario)
    if "backup_of" in scenario:
        scenario["args"] = {**scenario["args"], "backup_id": _newest_backup(scenario["backup_of"])}
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "trips.jsonl")
        _play(module, scenario, log)
        trips = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    for trip in trips:
        # What a Python traceback or the wrapper adds is no part of the exchange.
        for key in ("exception", "invocation", "_ansible_parsed"):
            trip["received"].pop(key, None)
        for check in trip["received"].get("trip", {}).get("checks", ()):
            if check["check"] == "logon":
                # That of the machine which the lab runs on.
                check["found"]["user"] = "LAB\\backup"
    task = {"args": scenario["args"], **{key: scenario.get(key, False) for key in ("check_mode", "diff")}}
    path = _HERE / "recordings" / module / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**task, "trips": trips}, indent=1, ensure_ascii=False, sort_keys=True)
    # Of this machine nothing is recorded.
    path.write_text(text.replace(str(_HERE / "recordings"), "@recordings@") + "\n", "utf-8")
    print(f"{module} {name}: {len(trips)} trips")


def _main(modules: list[str]) -> None:
    for module in modules or SCENARIOS:
        for name, scenario in SCENARIOS[module].items():
            _record(module, name, scenario)
    _lab("fault", "clear")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        _inside(sys.argv[2], [str(argument) for argument in sys.argv[3:]])
    else:
        _main(sys.argv[1:])
