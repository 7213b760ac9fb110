# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In place of a host's PowerShell: answers the trips of a cycle on a domain with one GPO.

In D:\\damaged a backup is damaged, in D:\\stuck nothing can be deleted, from D:\\broken nothing can be recovered,
D:\\empty has no backup, and D:\\bare two without a catalog. Everywhere else all is well. To copy there is the first
backup of backup_folder: a test puts it where the copies are.
"""

from __future__ import annotations

import json
import pathlib
import sys
import typing as t

_UNIT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(_UNIT)]

import backup_folder  # noqa: E402
from pretended_powershell import Raw, answer  # noqa: E402
from replies import DENIED, GPO, OK, item, reply, trouble  # noqa: E402

NAME = "Kiosk {{ 6 * 7 }}"
"""Of the GPO: no template, whatever it looks like."""

_PREFLIGHT = _UNIT / "action_plugins/recordings/gpo_preflight/well.json"
_BACKUP_IDS = [f"{{{number:08X}-0000-4000-8000-000000000000}}" for number in (1, 2)]


def _listed(number: int, state: str) -> Raw:
    """Return a backup, of which there are two."""
    backup_id = _BACKUP_IDS[number]
    record = {"domain": GPO["domain"], "gpo_id": GPO["id"], "sequence": number + 1, "sha256": "0" * 64, "size": 9}
    return {
        "id": backup_id, "path": f"D:\\GPO\\{backup_id}", "timestamp": f"2026-01-0{number + 2}T03:04:05Z",
        "comment": "", "gpo": {**GPO, "name": NAME}, "purpose": "backup", "state": state, "sequence": number + 1,
        "run_id": "1", "files": 9, "problems": ["A file is missing."] * (state == "damaged"), "in_manifest": True,
        "size": 9, "asked": True, "interrupted": False, "spared": None, "record": record,
    }  # fmt: skip


def _listing(*entries: Raw) -> Raw:
    return reply(*entries, cursor={"after": "x", "done": len(entries), "more": False}, matched=[], existing=[GPO["id"]])


def _answer(module: str, args: Raw) -> Raw:
    """Return what comes of a trip."""
    if module == "gpo_preflight":
        return dict(json.loads(_PREFLIGHT.read_text("utf-8"))["trips"][0]["received"]["trip"])
    if module == "gpo_backup":
        backup = {key: _listed(1, "ok")[key] for key in ("id", "path", "timestamp", "comment")}
        return reply(item("created", changed=True, call_status=OK, overall_status=OK, backup=backup, reasons=["new"]))
    if module == "gpo_drill":
        is_well = not args["path"].endswith("broken")
        drilled = {"call_status": OK, "overall_status": OK if is_well else DENIED, "backup": None, "deviations": None}
        drilled.update(temporary=None, import_milliseconds=1500 if is_well else None)
        return reply(item("drilled" if is_well else "failed", **drilled), leftovers=[])
    if module == "gpo_backup_fetch":
        return _listing(backup_folder.listed(1))
    if args.get("_remaining"):
        stuck = trouble("delete", DENIED) if args["path"].endswith("stuck") else None
        outcome = "failed" if stuck else "pruned"
        return reply(*[item(outcome, id=one, trouble=stuck) for one in args["_remaining"]], selected=None)
    if args["path"].endswith("empty"):
        return _listing()
    if args["path"].endswith("bare"):
        return _listing(*[{**_listed(number, "uncatalogued"), "sequence": None} for number in (0, 1)])
    return _listing(_listed(0, "damaged" if args["path"].endswith("damaged") else "ok"), _listed(1, "ok"))


if __name__ == "__main__":
    answer(_answer)
