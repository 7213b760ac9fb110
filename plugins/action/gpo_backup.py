# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Back up Group Policy Objects. Options and results: plugins/modules/gpo_backup.yml."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _details_file
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _options as opt
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._action_base import GpmcAction, TripLost
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._backup_result import BackupResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._change_record import take_changes
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._task_result import TaskResult, packed

_RECORD_WAIT = 10
"""Seconds that what changed waits for another run, at most. The backups are there by then."""

_UNRECORDED = "What changed could not be recorded for the history; the next run does that."


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
        "approved": opt.Option(opt.read_bool, False),
        "changes": opt.Option(opt.read_bool, True),
        **opt.DOMAIN,
        "force": opt.Option(opt.read_bool, False),
        "max_age": opt.Option(opt.read_duration),
        "include_links": opt.Option(opt.read_bool, True),
        "gpo_timeout": opt.Option(opt.read_duration),
        "fail_if_empty": opt.Option(opt.read_bool, False, on_host=False),
        "trip_time": opt.Option(opt.read_duration, 60),
        "step_timeout": opt.Option(opt.read_duration, 3600),
        "lock_timeout": opt.Option(opt.read_duration, 300, on_host=False),
        "fail_fast": opt.Option(opt.read_bool, False),
        "detail": opt.Option(opt.read_choice("all", "changed", "summary"), "all", on_host=False),
        "details_file": opt.Option(opt.read_controller_path, on_host=False),
    }

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        """Refuse a task that does not say which GPOs, or says it twice, or approves without a word."""
        opt.check_selection(options)
        if options["approved"] and not options["comment"].strip():
            raise opt.OptionError("With the option 'approved', 'comment' says who approved the settings, or what for.")

    def new_result(self, options: t.Mapping[str, t.Any]) -> BackupResult:
        """Return the task's result before its first trip."""
        self._records: list[dict[str, str]] = []
        self._records_due = False
        self._step_timeout = str(options["step_timeout"])
        return BackupResult(
            **self.common(options),
            fail_if_empty=options["fail_if_empty"],
            everything=options["all"],
            inaccessible_is=options["inaccessible"],
            detail=options["detail"],
            create_path=options["create_path"],
            whole=options["all"] and not options["exclude"],
        )

    def make_trip(self, **module_args: t.Any) -> dict[str, t.Any]:
        """Make a trip, and compare the reports that come with its reply. The next one, if any, records what changed."""
        if self._records:
            module_args["_records"] = packed(self._records)
        trip = super().make_trip(**module_args)
        if trip.get("recorded"):
            self._records, self._records_due = [], False
        records, due = take_changes(trip)
        self._records += records
        self._records_due = self._records_due or due
        return trip

    def finish(self, result: TaskResult) -> None:
        """Record what the host does not keep until a trip is made anyway, and write the file with all details.

        The backups are what counts: without either they have not failed.
        """
        if self._task.check_mode or not isinstance(result, BackupResult):
            return
        if self._records_due:
            result.warnings.extend(self._record(result))
        dest = self._task.args.get("details_file")
        if not dest:
            return
        try:
            _details_file.save(self._loader.path_dwim(str(dest)), result.detailed())
        except (OSError, ValueError) as error:
            result.warnings.append(f"The option 'details_file': {error}")

    def _record(self, result: BackupResult) -> list[str]:
        """Make one more trip, for the records alone, and return what is to be said of them."""
        args = {"path": result.path, "domain": result.domain, "step_timeout": self._step_timeout}
        hidden = {"_run_id": result.run_id, "_lock_wait": str(_RECORD_WAIT), "_only_records": True}
        try:
            trip = self.run_module(self.MODULE, {**args, **hidden, "_records": packed(self._records)})
        except TripLost as lost:
            return [f"{_UNRECORDED} {lost}"]
        problems, fault = result.came_of(trip)
        return [*problems, f"{_UNRECORDED} {fault}"] if fault else problems
