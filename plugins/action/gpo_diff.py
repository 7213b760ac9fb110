# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell what differs between two states of Group Policy Objects. Options and results: plugins/modules/gpo_diff.yml."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _options as opt
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._action_base import GpmcAction
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._diff_result import DiffResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._settings_changes import compare_contents


class ActionModule(GpmcAction):
    """One task: trips until no selected GPO remains. The reports come with each trip's reply, and are compared here."""

    MODULE = "gpvault.gpmc.gpo_diff"
    OPTIONS = {
        "gpos": opt.Option(opt.read_gpo_list),
        "all": opt.Option(opt.read_bool, False),
        "exclude": opt.Option(opt.read_exclude_list, ()),
        "inaccessible": opt.Option(opt.read_choice("warn", "fail", "ignore"), "warn", on_host=False),
        "path": opt.Option(opt.read_path),
        "before": opt.Option(opt.read_state, "newest"),
        "after": opt.Option(opt.read_state, "live"),
        "before_path": opt.Option(opt.read_path),
        "before_gpo": opt.Option(opt.read_gpo_name),
        "detail": opt.Option(opt.read_choice("all", "changed", "summary"), "all", on_host=False),
        **opt.DOMAIN,
        "trip_time": opt.Option(opt.read_duration, 60),
        "step_timeout": opt.Option(opt.read_duration, 3600),
    }

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        """Refuse a task that does not say which GPOs or which states, and states of which one could only be itself."""
        opt.check_selection(options)
        before, after = options["before"], options["after"]
        if options["before_path"] and before == "live":
            raise opt.OptionError("The option 'before_path' is a directory of backups, and 'before' is 'live'.")
        if not options["path"] and (after != "live" or (before != "live" and not options["before_path"])):
            raise opt.OptionError("The option 'path' (a backup directory) is needed, unless both states are 'live'.")
        if before == after and not options["before_gpo"] and not options["before_path"]:
            raise opt.OptionError(f"The options 'before' and 'after' are the same, {opt.show(before)}.")
        if options["before_gpo"] and before.startswith("{"):
            raise opt.OptionError("The option 'before' is a backup, of one GPO: there is no 'before_gpo' then.")
        one_gpo = not options["all"] and len(options["gpos"]) == 1 and not set("*?") & set(options["gpos"][0])
        if options["before_gpo"] and not one_gpo:
            raise opt.OptionError("With the option 'before_gpo', 'gpos' has the name or the GUID of one GPO.")
        for name in ("before", "after"):
            if options[name].startswith("{") and not one_gpo:
                raise opt.OptionError(
                    f"The option '{name}' is a backup, of one GPO: 'gpos' has the name or the GUID of one, then."
                )

    def new_result(self, options: t.Mapping[str, t.Any]) -> DiffResult:
        """Return the task's result before its first trip."""
        return DiffResult(
            path=str(self._task.args.get("path") or ""),
            check_mode=bool(self._task.check_mode),
            show_diff=bool(self._task.diff),
            domain=options["domain"],
            domain_controller=options["domain_controller"],
            inaccessible_is=options["inaccessible"],
            detail=options["detail"],
            before=str(self._task.args.get("before") or options["before"]),
            after=str(self._task.args.get("after") or options["after"]),
        )

    def make_trip(self, **module_args: t.Any) -> dict[str, t.Any]:
        """Make a trip, and compare the reports that come with its reply."""
        trip = super().make_trip(**module_args)
        for item in trip["entries"]:
            contents = [(item.get(side) or {}).pop("content", None) for side in ("before", "after")]
            if item["outcome"] == "differs":
                _compare(item, *contents)
        return trip


def _compare(item: dict[str, t.Any], before: str, after: str) -> None:
    """Complete an item by what differs between its two reports."""
    try:
        changes = compare_contents(before, after, [item[side]["gpo"]["id"] for side in ("before", "after")])
    except ValueError as error:
        item["outcome"] = "failed"
        item["trouble"] = {"step": "settings", "hresult": None, "message": str(error)}
        return
    item["changes"] = changes
    item["outcome"] = "differs" if changes else "same"
