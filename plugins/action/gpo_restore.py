# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restore Group Policy Objects. Options and results: plugins/modules/gpo_restore.yml."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _options as opt
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._action_base import GpmcAction
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._change_record import take_changes
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._restore_result import RestoreResult


class ActionModule(GpmcAction):
    """One task: trips until every selected GPO is as it was."""

    MODULE = "gpvault.gpmc.gpo_restore"
    OPTIONS = {
        "path": opt.Option(opt.read_path, required=True),
        "backup_id": opt.Option(opt.read_guid),
        "gpos": opt.Option(opt.read_gpo_list),
        "all": opt.Option(opt.read_bool, False),
        "exclude": opt.Option(opt.read_exclude_list, ()),
        "as_of": opt.Option(opt.read_time),
        "approved": opt.Option(opt.read_bool, False),
        "uncatalogued": opt.Option(opt.read_bool, False),
        "backup_first": opt.Option(opt.read_bool, True),
        "links": opt.Option(opt.read_bool, True),
        "wmi_filter": opt.Option(opt.read_bool, True),
        "force": opt.Option(opt.read_bool, False),
        "changes": opt.Option(opt.read_bool, True),
        **opt.DOMAIN,
        "fail_if_empty": opt.Option(opt.read_bool, False, on_host=False),
        "trip_time": opt.Option(opt.read_duration, 60),
        "step_timeout": opt.Option(opt.read_duration, 3600),
        "lock_timeout": opt.Option(opt.read_duration, 300, on_host=False),
        "fail_fast": opt.Option(opt.read_bool, False),
        "detail": opt.Option(opt.read_choice("all", "changed", "summary"), "all", on_host=False),
    }

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        """Refuse a task that does not say what to restore, or says it twice."""
        opt.check_backup_choice(options)
        if options["approved"] and options["uncatalogued"]:
            raise opt.OptionError(
                "The options 'approved' and 'uncatalogued' exclude each other: only the catalog knows what is approved."
            )

    def new_result(self, options: t.Mapping[str, t.Any]) -> RestoreResult:
        """Return the task's result before its first trip."""
        return RestoreResult(
            **self.common(options),
            detail=options["detail"],
            fail_if_empty=options["fail_if_empty"],
            everything=options["all"],
        )

    def make_trip(self, **module_args: t.Any) -> dict[str, t.Any]:
        """Make a trip, and compare the reports that come with its reply."""
        trip = super().make_trip(**module_args)
        take_changes(trip)
        return trip
