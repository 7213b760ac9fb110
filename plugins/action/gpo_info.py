# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell of Group Policy Objects. Options and results: plugins/modules/gpo_info.yml."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _options as opt
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._action_base import GpmcAction
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._info_result import InfoResult

_PARTS = ("permissions", "links", "wmi_filters", "consistency")


class ActionModule(GpmcAction):
    """One task: trips until no selected GPO remains."""

    MODULE = "gpvault.gpmc.gpo_info"
    OPTIONS = {
        "gpos": opt.Option(opt.read_gpo_list),
        "all": opt.Option(opt.read_bool, False),
        "exclude": opt.Option(opt.read_exclude_list, ()),
        "inaccessible": opt.Option(opt.read_choice("warn", "fail", "ignore"), "warn", on_host=False),
        "gather": opt.Option(opt.read_choices(*_PARTS), _PARTS),
        "detail": opt.Option(opt.read_choice("all", "summary"), "all", on_host=False),
        **opt.DOMAIN,
        "trip_time": opt.Option(opt.read_duration, 60),
        "step_timeout": opt.Option(opt.read_duration, 3600),
    }

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        """Refuse a task that does not say which GPOs, or says it twice."""
        opt.check_selection(options)

    def new_result(self, options: t.Mapping[str, t.Any]) -> InfoResult:
        """Return the task's result before its first trip."""
        return InfoResult(
            check_mode=bool(self._task.check_mode),
            domain=options["domain"],
            domain_controller=options["domain_controller"],
            everything=options["all"],
            inaccessible_is=options["inaccessible"],
            detail=options["detail"],
        )
