# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Back up Group Policy Objects. Options and results: plugins/modules/gpo_backup.yml."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _details_file
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _options as opt
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._action_base import GpmcAction
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._backup_result import BackupResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._task_result import TaskResult


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
        """Refuse a task that does not say which GPOs, or says it twice."""
        opt.check_selection(options)

    def new_result(self, options: t.Mapping[str, t.Any]) -> BackupResult:
        """Return the task's result before its first trip."""
        return BackupResult(
            **self.common(options),
            fail_if_empty=options["fail_if_empty"],
            everything=options["all"],
            inaccessible_is=options["inaccessible"],
            detail=options["detail"],
            create_path=options["create_path"],
            whole=options["all"] and not options["exclude"],
        )

    def finish(self, result: TaskResult) -> None:
        """Write the file with all details. The backups are what counts: without it they have not failed."""
        dest = self._task.args.get("details_file")
        if not dest or self._task.check_mode or not isinstance(result, BackupResult):
            return
        try:
            _details_file.save(self._loader.path_dwim(str(dest)), result.detailed())
        except (OSError, ValueError) as error:
            result.warnings.append(f"The option 'details_file': {error}")
