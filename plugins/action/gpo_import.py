# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Import a backup's settings into a GPO. Options and results: plugins/modules/gpo_import.yml."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _options as opt
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._action_base import GpmcAction
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._import_result import ImportResult


class ActionModule(GpmcAction):
    """One task: one GPO."""

    MODULE = "gpvault.gpmc.gpo_import"
    OPTIONS = {
        "path": opt.Option(opt.read_path, required=True),
        "backup_id": opt.Option(opt.read_guid, required=True),
        "gpo": opt.Option(opt.read_gpo_name, required=True),
        "create": opt.Option(opt.read_bool, False),
        "migration_table": opt.Option(opt.read_path),
        "migration_entries": opt.Option(opt.read_migration_entries, ()),
        "migration_table_only": opt.Option(opt.read_bool, False),
        "backup_first": opt.Option(opt.read_bool, True),
        "links": opt.Option(opt.read_bool, False),
        "wmi_filter": opt.Option(opt.read_bool, False),
        "permissions": opt.Option(opt.read_bool, False),
        "force": opt.Option(opt.read_bool, False),
        **opt.DOMAIN,
        "trip_time": opt.Option(opt.read_duration, 60),
        "step_timeout": opt.Option(opt.read_duration, 3600),
        "lock_timeout": opt.Option(opt.read_duration, 300, on_host=False),
        "detail": opt.Option(opt.read_choice("all", "summary"), "all", on_host=False),
    }

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        """Refuse tables that contradict each other."""
        opt.check_migration_table(options)

    def new_result(self, options: t.Mapping[str, t.Any]) -> ImportResult:
        """Return the task's result before its first trip."""
        wanted = tuple(name for name in ("links", "wmi_filter", "permissions") if options.get(name))
        return ImportResult(**self.common(options), detail=options["detail"], from_catalog=wanted)
