# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Delete backups that nobody needs. Options and results: plugins/modules/gpo_backup_prune.yml."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _options as opt
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._action_base import GpmcAction
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._keep_rules import REMOVABLE, KeepRules
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._prune_report import PruneReport


class ActionModule(GpmcAction):
    """One task: trips until every backup has been looked at, then until none remains that is to go."""

    MODULE = "gpvault.gpmc.gpo_backup_prune"
    OPTIONS = {
        "path": opt.Option(opt.read_path, required=True),
        "gpos": opt.Option(opt.read_gpo_list),
        "exclude": opt.Option(opt.read_exclude_list, ()),
        **opt.DOMAIN,
        "keep_last": opt.Option(opt.read_count),
        "keep_within": opt.Option(opt.read_duration),
        "keep_daily": opt.Option(opt.read_count),
        "keep_weekly": opt.Option(opt.read_count),
        "keep_monthly": opt.Option(opt.read_count),
        "deleted_gpos": opt.Option(opt.read_choice("keep", "prune"), "keep"),
        "remove": opt.Option(opt.read_choices(*REMOVABLE), ()),
        "detail": opt.Option(opt.read_choice("all", "changed", "summary"), "all"),
        "trip_time": opt.Option(opt.read_duration, 60),
        "lock_timeout": opt.Option(opt.read_duration, 300),
    }

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        """Refuse a task that does not say what may go."""
        if not (_rules(options) or options["remove"]):
            raise opt.OptionError(
                "At least one of the options 'keep_last', 'keep_within', 'keep_daily', 'keep_weekly', 'keep_monthly' "
                "and 'remove' is needed."
            )

    def report(self, options: t.Mapping[str, t.Any]) -> PruneReport:
        """Return a new report for the task."""
        return PruneReport(
            **self.common(options),
            gpos=options.get("gpos") or (),
            rules=_rules(options),
            detail=options.get("detail", "all"),
        )


def _rules(options: t.Mapping[str, t.Any]) -> KeepRules:
    return KeepRules(
        last=options.get("keep_last"),
        within=options.get("keep_within"),
        daily=options.get("keep_daily"),
        weekly=options.get("keep_weekly"),
        monthly=options.get("keep_monthly"),
        remove=options.get("remove", ()),
    )
