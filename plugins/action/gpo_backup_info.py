# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Say what backups a directory holds. Options and results: plugins/modules/gpo_backup_info.yml."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _options as opt
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._action_base import GpmcAction
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._directory_result import STATES, BackupInfoResult


class ActionModule(GpmcAction):
    """One task: trips until every backup has been looked at."""

    MODULE = "gpvault.gpmc.gpo_backup_info"
    OPTIONS = {
        "path": opt.Option(opt.read_path, required=True),
        "gpos": opt.Option(opt.read_gpo_list),
        "exclude": opt.Option(opt.read_exclude_list, ()),
        "domain": opt.Option(opt.read_host_name, ""),
        # No directory is asked: it is an option for the sake of module_defaults.
        "domain_controller": opt.Option(opt.read_domain_controller, "", on_host=False),
        "most_recent": opt.Option(opt.read_bool, False),
        "verify": opt.Option(opt.read_choice("none", "quick", "full"), "quick"),
        "changes": opt.Option(opt.read_bool, False),
        "states": opt.Option(opt.read_choices(*STATES), STATES, on_host=False),
        "detail": opt.Option(opt.read_choice("all", "summary"), "all", on_host=False),
        "fail_if_empty": opt.Option(opt.read_bool, False, on_host=False),
        "trip_time": opt.Option(opt.read_duration, 60),
        "step_timeout": opt.Option(opt.read_duration, 3600),
    }

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        """Any combination makes sense."""

    def new_result(self, options: t.Mapping[str, t.Any]) -> BackupInfoResult:
        """Return the task's result before its first trip."""
        return BackupInfoResult(
            path=str(self._task.args.get("path") or ""),
            run_id="",
            gpos=options["gpos"] or (),
            states=options["states"],
            check_mode=bool(self._task.check_mode),
            detail=options["detail"],
            verify=options["verify"],
            changes=options["changes"],
            # A backup before this task would have made some.
            fail_if_empty=options["fail_if_empty"] and not self._task.check_mode,
        )
