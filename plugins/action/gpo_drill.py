# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drill the recovery of Group Policy Objects. Options and results: plugins/modules/gpo_drill.yml."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _options as opt
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._action_base import GpmcAction, TripLost
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._drill_result import DrillResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._task_result import TaskResult

_PATIENCE = 60
"""Seconds that the last trip, which only takes away what was left, waits for another run at most."""


class ActionModule(GpmcAction):
    """One task: trips until every selected GPO was drilled, and one more where a trip may have left something."""

    MODULE = "gpvault.gpmc.gpo_drill"
    OPTIONS = {
        "path": opt.Option(opt.read_path, required=True),
        "backup_id": opt.Option(opt.read_guid),
        "gpos": opt.Option(opt.read_gpo_list),
        "all": opt.Option(opt.read_bool, False),
        "exclude": opt.Option(opt.read_exclude_list, ()),
        "as_of": opt.Option(opt.read_time),
        "uncatalogued": opt.Option(opt.read_bool, False),
        "source_domain": opt.DOMAIN["domain"],
        "migration_table": opt.Option(opt.read_path),
        "migration_entries": opt.Option(opt.read_migration_entries, ()),
        "migration_table_only": opt.Option(opt.read_bool, False),
        **opt.DOMAIN,
        "trip_time": opt.Option(opt.read_duration, 60),
        "step_timeout": opt.Option(opt.read_duration, 3600),
        "lock_timeout": opt.Option(opt.read_duration, 300, on_host=False),
        "fail_fast": opt.Option(opt.read_bool, False),
        "detail": opt.Option(opt.read_choice("all", "summary"), "all", on_host=False),
    }

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        """Refuse a task that does not say what to drill, or says it twice."""
        opt.check_backup_choice(options)
        opt.check_migration_table(options)

    def new_result(self, options: t.Mapping[str, t.Any]) -> DrillResult:
        """Return the task's result before its first trip."""
        self._options = options
        return DrillResult(
            **self.common(options),
            detail=options["detail"],
            fail_if_empty=True,
            everything=options["all"],
            source_domain=options["source_domain"] or "",
        )

    def finish(self, result: TaskResult) -> None:
        """Take away what the last trip may have left: there is no other that would."""
        if self._task.check_mode or not isinstance(result, DrillResult) or not result.untidy:
            return
        try:
            result.cleaning = True
            result.tidy(self._trip(self._options, result, min(self._options["lock_timeout"], _PATIENCE)))
        except TripLost as lost:
            result.not_tidied(str(lost))
