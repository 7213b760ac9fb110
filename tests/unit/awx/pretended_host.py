# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In place of a host's PowerShell: answers the trips of a domain with thousands of GPOs, of which much fails.

What is asked of the directory D:\\well goes well, what is asked of D:\\refused fails. To copy there is in D:\\well the
first backup of backup_folder: a test puts it where the copies are.
"""

from __future__ import annotations

import json
import os
import pathlib
import sys
import typing as t

_UNIT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(_UNIT)]

import backup_folder  # noqa: E402
from pretended_powershell import Raw, answer  # noqa: E402
from replies import DENIED, OK, item, reply, trouble  # noqa: E402

MANY = int(os.environ.get("GPVAULT_PRETENDED_GPOS", "5000"))

_RECORDINGS = _UNIT / "action_plugins/recordings"


def _id(number: int) -> str:
    return f"{{{number:08X}-0000-4000-8000-000000000000}}"


def _gpo(number: int) -> Raw:
    return {"id": _id(number), "name": f"A policy with quite a long name, number {number}", "domain": "corp.example"}


def _listed(number: int, state: str, sequence: int = 1) -> Raw:
    backup_id = _id(number + sequence * 65536)
    return {
        "id": backup_id, "path": f"D:\\GPO\\{backup_id}", "timestamp": "2026-01-02T03:04:05Z", "comment": "",
        "gpo": _gpo(number), "purpose": "backup", "state": state, "sequence": sequence, "run_id": "1", "files": 9,
        "problems": ["A file of it is missing, with a long path in front of it."] * (50 if state == "damaged" else 0),
        "in_manifest": True, "size": 9, "asked": True, "interrupted": False, "spared": None,
        "record": {
            "domain": "corp.example", "gpo_id": _id(number), "sequence": sequence, "sha256": "0" * 64, "size": 9,
        },
    }  # fmt: skip


def _listing(*entries: Raw, **more: t.Any) -> Raw:
    return reply(*entries, cursor={"after": "x", "done": len(entries), "more": False}, matched=[], **more)


def _worked(number: int, well: bool) -> Raw:
    """Return what became of a GPO that is backed up or restored, with all that can be told of it."""
    message = {
        "object_path": "LDAP://CN=Policies", "extension": "Registry", "setting": "", "message": "No access. " * 9,
        "error": DENIED, "operation": OK,
    }  # fmt: skip
    backup = {key: _listed(number, "ok")[key] for key in ("id", "path", "timestamp", "comment")}
    change = {"reason": "description", "before": "a" * 100, "after": "b" * 100}
    told = {"changes": [change], "reasons": ["description"], "gpo": _gpo(number), "id": _id(number), "backup": backup}
    if well:
        return item("created", call_status=OK, overall_status=OK, changed=True, **told)
    return item("failed", call_status=OK, overall_status=DENIED, status_messages=[message] * 9, **told)


def _preflight(_args: Raw, well: bool) -> Raw:
    trip = json.loads((_RECORDINGS / "gpo_preflight/well.json").read_text("utf-8"))["trips"][0]["received"]["trip"]
    found = {check["check"]: check["found"] for check in trip["checks"]}
    if not well:
        found["gpos"]["inaccessible"] = [_id(number) for number in range(MANY)]
        found["path_length"]["unread"] = [f"A policy with a long name, number {number}" for number in range(MANY)]
    return dict(trip)


def _backup(_args: Raw, well: bool) -> Raw:
    warnings = [{"kind": "permissions", "subject": f"GPO {number}", **DENIED} for number in range(0 if well else MANY)]
    return reply(*[_worked(number, well) for number in range(MANY)], selected=MANY, problems=warnings)


def _restore(args: Raw, well: bool) -> Raw:
    trip = _backup(args, well)
    for one in trip["entries"]:
        one.update(
            outcome="restored" if well else "failed", safety_backup=one["backup"], deviations=None, damaged=[],
            wmi_filter=None, links=[
                {
                    "target": f"OU=Unit {number},OU=Clients,DC=corp,DC=example", "type": "ou", "outcome": "unchanged",
                    "status": None,
                }
                for number in range(20)
            ],
        )  # fmt: skip
    return trip


def _info(_args: Raw, well: bool) -> Raw:
    return _listing(*[_listed(number, "ok" if well else "damaged") for number in range(MANY)])


def _prune(args: Raw, well: bool) -> Raw:
    if args.get("_remaining"):
        return _of_remaining(args, "pruned" if well else "failed")
    entries = [_listed(number, "ok", sequence) for number in range(MANY) for sequence in (1, 2)]
    return _listing(*entries, existing=[_id(number) for number in range(MANY)])


def _fetch(args: Raw, well: bool) -> Raw:
    if args.get("_remaining"):
        return _of_remaining(args, "failed")
    return _listing(*[backup_folder.listed(1)] if well else [_listed(number, "ok") for number in range(MANY)])


def _of_remaining(args: Raw, outcome: str) -> Raw:
    denied = None if outcome == "pruned" else trouble("delete", DENIED)
    return reply(
        *[item(outcome, id=one, changed=not denied, trouble=denied) for one in args["_remaining"]], selected=None
    )


_ANSWERS: dict[str, t.Callable[[Raw, bool], Raw]] = {
    "gpo_preflight": _preflight, "gpo_backup": _backup, "gpo_backup_info": _info, "gpo_backup_prune": _prune,
    "gpo_backup_fetch": _fetch, "gpo_restore": _restore,
}  # fmt: skip


if __name__ == "__main__":
    answer(lambda module, args: _ANSWERS[module](args, args["path"].endswith("well")))
