# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to work by each connection and with each ansible-core: a task of every kind, in one play.

In `make test-long` a comparison and a drill are among them.
"""

from __future__ import annotations

import pathlib
import typing as t

from extent import LONG
from harness import Lab
from steps import outcomes, step

_GPOS = ["Kiosk", "Browser settings"]


def assert_cycle(lab: Lab, folder: pathlib.Path, **how: t.Any) -> None:
    """Run the play with these keywords of Lab.playbook's, and look at what came of it. *folder* is the controller's."""
    copy = str(folder / "copy")
    long_ones = [step("Differs", "gpo_diff", path=r"D:\GPO", gpos="Kiosk"), step("Drill", "gpo_drill", gpos="Kiosk")]
    run = lab.tasks(
        [
            step("Would", gpos=_GPOS, check_mode=True),
            step("Back up", gpos=_GPOS, register="made"),
            step("Again", gpos=_GPOS),
            lab.command("Change", "gpo", "edit", "Kiosk"),
            *(long_ones if LONG else ()),
            step("Restore", "gpo_restore", gpos="Kiosk"),
            step("Import", "gpo_import", backup_id="{{ made.backups[0].backup.id }}", gpo="Copy", create=True),
            step("Fetch", "gpo_backup_fetch", dest=copy),
            step("Push", "gpo_backup_push", src=copy, path=r"D:\Copy", create_path=True),
            step("Report", "gpo_report", gpos="Kiosk", dest=str(folder), dest_on="controller"),
            step("Prune", "gpo_backup_prune", keep_last=1),
            step("Left", "gpo_backup_info", path=r"D:\Copy", verify="full"),
        ],
        **how,
    )
    results = {line["task"]: line["result"] for line in run.results}
    assert not [name for name, result in results.items() if result.get("failed")], run.output
    told = {name: set(outcomes(results[name], by="name").values()) for name in ("Would", "Back up", "Again")}
    assert told == {"Would": {"created"}, "Back up": {"created"}, "Again": {"unchanged"}}
    assert results["Restore"]["summary"]["restored"] == 1
    assert results["Import"]["gpo_created"] is True and lab.gpo("Copy")["id"] == results["Import"]["gpo"]["id"]
    if LONG:
        assert results["Differs"]["summary"]["differs"] == 1 and results["Drill"]["summary"]["drilled"] == 1
    assert [path.name for path in folder.glob("*.xml")]
    # Two, and the safety copy of what was there before the restore.
    assert len(results["Left"]["backups"]) == 3 and {entry["state"] for entry in results["Left"]["backups"]} == {"ok"}
