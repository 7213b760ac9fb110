# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look whether all is there that a backup needs. Options and results: plugins/modules/gpo_preflight.yml."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _options as opt
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._action_base import GpmcAction
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._preflight_result import PreflightResult


class ActionModule(GpmcAction):
    """One task: one trip."""

    MODULE = "gpvault.gpmc.gpo_preflight"
    OPTIONS = {
        "path": opt.Option(opt.read_path),
        "create_path": opt.Option(opt.read_bool, False),
        "min_free": opt.Option(opt.read_count, 500, on_host=False),
        "detail": opt.Option(opt.read_choice("all", "summary"), "all", on_host=False),
        **opt.DOMAIN,
        "trip_time": opt.Option(opt.read_duration, 60),
        "step_timeout": opt.Option(opt.read_duration, 3600),
    }

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        """Any combination makes sense."""

    def new_result(self, options: t.Mapping[str, t.Any]) -> PreflightResult:
        """Return the task's result before its trip."""
        return PreflightResult(
            path=str(self._task.args.get("path") or ""),
            check_mode=bool(self._task.check_mode),
            domain=options["domain"],
            domain_controller=options["domain_controller"],
            create_path=options["create_path"],
            min_free=options["min_free"],
            detail=options["detail"],
        )
