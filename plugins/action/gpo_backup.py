# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Back up Group Policy Objects. Options and results: plugins/modules/gpo_backup.yml."""

from __future__ import annotations

import typing as t
import uuid

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _options as opt
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._action_base import GpmcAction, Progress, TripLost
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._backup_report import BackupReport


class ActionModule(GpmcAction):
    """One task: trips until no selected GPO remains."""

    MODULE = "gpvault.gpmc.gpo_backup"
    OPTIONS = {
        "path": opt.Option(opt.read_path, required=True),
        "create_path": opt.Option(opt.read_bool, False),
        "gpos": opt.Option(opt.read_gpo_list),
        "all": opt.Option(opt.read_bool, False),
        "exclude": opt.Option(opt.read_exclude_list, ()),
        "inaccessible": opt.Option(opt.read_choice("warn", "fail", "ignore"), "warn"),
        "comment": opt.Option(opt.read_comment, ""),
        "domain": opt.Option(opt.read_host_name, ""),
        "domain_controller": opt.Option(opt.read_host_name, ""),
        "dc_locator": opt.Option(opt.read_choice("pdc", "any"), "pdc"),
        "trip_time": opt.Option(opt.read_duration, 60),
        "fail_fast": opt.Option(opt.read_bool, False),
        "detail": opt.Option(opt.read_choice("all", "changed", "summary"), "all"),
    }

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        """Refuse a task that does not say which GPOs, or says it twice."""
        if bool(options["gpos"]) == options["all"]:
            raise opt.OptionError("Exactly one of the options 'gpos' (a selection) and 'all' (true) is needed.")

    def refuse(self, why: str) -> dict[str, t.Any]:
        """Return the result of a task that was refused: every key, and nothing done."""
        report = BackupReport(path=str(self._task.args.get("path") or ""), run_id=str(uuid.uuid4()))
        report.error = why
        return report.result()

    def work(self, options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """Make trips until nothing remains, and report."""
        report = BackupReport(
            path=options["path"],
            run_id=str(uuid.uuid4()),
            check_mode=self._task.check_mode,
            domain=options["domain"],
            domain_controller=options["domain_controller"],
            inaccessible_is=options["inaccessible"],
            detail=options["detail"],
        )
        progress = Progress()
        unreachable = False
        try:
            report.add(self._trip(options, report))
            while report.unfinished:
                self.show(progress.line(report.done, report.selected, report.failures))
                report.add(self._trip(options, report))
        except TripLost as lost:
            # Ansible drops an unreachable host from the play; one that has done work is told of as a failure.
            unreachable = lost.unreachable and not report.backups
            report.lose_trip(str(lost), begun=not unreachable)
        if report.selected:
            self.show(progress.line(report.done, report.selected, report.failures), verbosity=1)
        result = report.result()
        if unreachable:
            del result["failed"]
            result["unreachable"] = True
        return result

    def _trip(self, options: t.Mapping[str, t.Any], report: BackupReport) -> dict[str, t.Any]:
        """Make one trip: the first with the user's selection, the others with what remains, on the same DC."""
        return self.make_trip(
            **{
                **options,
                "trip_time": str(options["trip_time"]),
                "exclude": list(options["exclude"]),
                "domain": report.domain,
                "domain_controller": report.domain_controller,
                "_remaining": report.next_batch,
                "_run_id": report.run_id,
            }
        )
