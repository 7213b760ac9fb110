# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to work by each connection and with each ansible-core: a task of every kind, in one play."""

from __future__ import annotations

import pathlib
import typing as t

from harness import Lab
from steps import outcomes, step

_GPOS = ["Kiosk", "Browser settings"]


def assert_cycle(lab: Lab, folder: pathlib.Path, **how: t.Any) -> None:
    """Run the play with these keywords of Lab.playbook's, and look at what came of it. *folder* is the controller's."""
    copy = str(folder / "copy")
    run = lab.tasks(
        [
            step("Would", gpos=_GPOS, check_mode=True),
            step("Back up", gpos=_GPOS),
            step("Again", gpos=_GPOS),
            lab.command("Change", "gpo", "edit", "Kiosk"),
            step("Restore", "gpo_restore", gpos="Kiosk"),
            step("Fetch", "gpo_backup_fetch", dest=copy),
            step("Push", "gpo_backup_push", src=copy, path=r"D:\Copy", create_path=True),
            step("Report", "gpo_report", gpos="Kiosk", dest=str(folder), dest_on="controller"),
            step("Prune", "gpo_backup_prune", keep_last=1),
            step("Left", "gpo_backup_info", path=r"D:\Copy", verify="full"),
        ],
        **how,
    )
    names = ("Would", "Back up", "Again", "Restore", "Fetch", "Push", "Report", "Prune", "Left")
    results = {name: run.of(name)[0] for name in names}
    assert not [name for name, result in results.items() if result.get("failed")], run.output
    told = {name: set(outcomes(results[name], by="name").values()) for name in ("Would", "Back up", "Again")}
    assert told == {"Would": {"created"}, "Back up": {"created"}, "Again": {"unchanged"}}
    assert results["Restore"]["summary"]["restored"] == 1
    assert [path.name for path in folder.glob("*.xml")]
    # Two, and the safety copy of what was there before the restore.
    assert len(results["Left"]["backups"]) == 3 and {entry["state"] for entry in results["Left"]["backups"]} == {"ok"}
