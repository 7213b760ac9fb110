# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Delete backups that nobody needs. Options and results: plugins/modules/gpo_backup_prune.yml."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _options as opt
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._action_base import GpmcAction
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._keep_rules import REMOVABLE, KeepRules
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._prune_result import PruneResult


class ActionModule(GpmcAction):
    """One task: trips until every backup has been looked at, then until none remains that is to go."""

    MODULE = "gpvault.gpmc.gpo_backup_prune"
    OPTIONS = {
        "path": opt.Option(opt.read_path, required=True),
        "gpos": opt.Option(opt.read_gpo_list),
        "exclude": opt.Option(opt.read_exclude_list, ()),
        **opt.DOMAIN,
        "keep_last": opt.Option(opt.read_count, on_host=False),
        "keep_within": opt.Option(opt.read_duration, on_host=False),
        "keep_daily": opt.Option(opt.read_count, on_host=False),
        "keep_weekly": opt.Option(opt.read_count, on_host=False),
        "keep_monthly": opt.Option(opt.read_count, on_host=False),
        "keep_safety_within": opt.Option(opt.read_duration, on_host=False),
        "deleted_gpos": opt.Option(opt.read_choice("keep", "prune"), "keep"),
        "remove": opt.Option(opt.read_choices(*REMOVABLE), ()),
        "detail": opt.Option(opt.read_choice("all", "changed", "summary"), "all", on_host=False),
        "trip_time": opt.Option(opt.read_duration, 60),
        "step_timeout": opt.Option(opt.read_duration, 3600),
        "lock_timeout": opt.Option(opt.read_duration, 300, on_host=False),
    }

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        """Refuse a task that does not say what may go."""
        if not (_rules(options) or options["remove"]):
            raise opt.OptionError(
                "At least one of the options 'keep_last', 'keep_within', 'keep_daily', 'keep_weekly', 'keep_monthly' "
                "and 'remove' is needed."
            )

        if options["keep_safety_within"] and "safety" not in options["remove"]:
            raise opt.OptionError(
                "The option 'keep_safety_within' says which safety copies stay when others go: it needs 'safety' in "
                "the option 'remove'."
            )

    def new_result(self, options: t.Mapping[str, t.Any]) -> PruneResult:
        """Return the task's result before its first trip."""
        return PruneResult(
            **self.common(options),
            gpos=options["gpos"] or (),
            rules=_rules(options),
            detail=options["detail"],
        )


def _rules(options: t.Mapping[str, t.Any]) -> KeepRules:
    return KeepRules(
        last=options["keep_last"],
        within=options["keep_within"],
        daily=options["keep_daily"],
        weekly=options["keep_weekly"],
        monthly=options["keep_monthly"],
        safety_within=options["keep_safety_within"],
        remove=options["remove"],
    )
