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

_LOCK_SLICE = 10
"""Seconds that a trip waits for another run before it comes back to say so."""


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
        "force": opt.Option(opt.read_bool, False),
        "max_age": opt.Option(opt.read_duration),
        "include_links": opt.Option(opt.read_bool, True),
        "gpo_timeout": opt.Option(opt.read_duration),
        "trip_time": opt.Option(opt.read_duration, 60),
        "lock_timeout": opt.Option(opt.read_duration, 300),
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
            show_diff=self._task.diff,
            domain=options["domain"],
            domain_controller=options["domain_controller"],
            inaccessible_is=options["inaccessible"],
            detail=options["detail"],
        )
        progress = Progress()
        begun = False
        waited = 0
        try:
            while True:
                wait = min(_LOCK_SLICE, options["lock_timeout"] - waited)
                trip = self._trip(options, report, wait)
                begun = True
                report.add(trip)
                self._show_details(trip)
                if not report.unfinished:
                    break
                waited = waited + wait if report.locked_by else 0
                if waited >= options["lock_timeout"]:
                    report.give_up_waiting(waited)
                    break
                if report.locked_by:
                    self.show(f"waiting for the backup directory: {report.locked_by}")
                else:
                    self.show(progress.line(report.done, report.selected, report.failures))
        except TripLost as lost:
            begun = begun or lost.begun
            report.lose_trip(str(lost), begun)
        if report.selected:
            self.show(progress.line(report.done, report.selected, report.failures), verbosity=1)
        result = report.result()
        if not begun:
            # Ansible drops an unreachable host from the play; one that may have done work is told of as a failure.
            del result["failed"]
            result["unreachable"] = True
        return result

    def _trip(self, options: t.Mapping[str, t.Any], report: BackupReport, wait: int) -> dict[str, t.Any]:
        """Make one trip: the first with the user's selection, the others with what remains, on the same DC.

        One whose reply is lost is made again, once: what it finished is known to the catalog by the run's ID.
        """
        args = {
            **options,
            "exclude": list(options["exclude"]),
            **{name: _seconds(options[name]) for name in ("trip_time", "max_age", "gpo_timeout", "lock_timeout")},
            "domain": report.domain,
            "domain_controller": report.domain_controller,
            "_lock_wait": str(wait),
            "_remaining": report.next_batch,
            "_run_id": report.run_id,
        }
        try:
            return self.make_trip(**args)
        except TripLost as lost:
            if lost.final or not report.may_try_again:
                raise
            self.show(f"{lost} Trying once more.")
        self.reconnect()
        return self.make_trip(**args)

    def _show_details(self, trip: t.Mapping[str, t.Any]) -> None:
        """Show at C(-vv) where the trip's time went, and how far GPMC said that it came with each GPO."""
        for entry in trip["backups"]:
            if entry.get("progress"):
                step = entry["progress"]
                steps = f"step {step['numerator']} of {step['denominator']}"
                self.show(f"{entry['gpo']['name']}: {steps}, {entry['outcome']}", verbosity=2)
        seconds = ", ".join(f"{name} {spent:.2f} s" for name, spent in trip["seconds"].items())
        self.show(f"time on the host: {seconds}", verbosity=2)


def _seconds(duration: int | None) -> str | None:
    """Return a duration as the module takes it."""
    return None if duration is None else str(duration)
