# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Back up Group Policy Objects. Options and results: plugins/modules/gpo_backup.yml."""

from __future__ import annotations

import typing as t
import uuid

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _options as opt
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._action_base import GpmcAction
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

    def report(self, options: t.Mapping[str, t.Any]) -> BackupReport:
        """Return a new report for the task."""
        return BackupReport(
            path=str(self._task.args.get("path") or ""),
            run_id=str(uuid.uuid4()),
            check_mode=self._task.check_mode,
            show_diff=self._task.diff,
            domain=options.get("domain", ""),
            domain_controller=options.get("domain_controller", ""),
            inaccessible_is=options.get("inaccessible", "ignore"),
            detail=options.get("detail", "all"),
        )
