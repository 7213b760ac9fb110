# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write reports of Group Policy Objects. Options and results: plugins/modules/gpo_report.yml."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _options as opt
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _report_file
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._action_base import GpmcAction
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._report_result import ReportResult


class ActionModule(GpmcAction):
    """One task: trips until no selected GPO remains. Reports for the controller come with each trip's reply."""

    MODULE = "gpvault.gpmc.gpo_report"
    OPTIONS = {
        "gpos": opt.Option(opt.read_gpo_list),
        "all": opt.Option(opt.read_bool, False),
        "exclude": opt.Option(opt.read_exclude_list, ()),
        "inaccessible": opt.Option(opt.read_choice("warn", "fail", "ignore"), "warn", on_host=False),
        "path": opt.Option(opt.read_path),
        "backup_id": opt.Option(opt.read_guid),
        "format": opt.Option(opt.read_choice("xml", "html"), "xml"),
        # What a path is, depends on where.
        "dest": opt.Option(opt.read_controller_path, required=True),
        "dest_on": opt.Option(opt.read_choice("host", "controller"), "host"),
        "detail": opt.Option(opt.read_choice("all", "changed", "summary"), "all", on_host=False),
        **opt.DOMAIN,
        "trip_time": opt.Option(opt.read_duration, 60),
        "step_timeout": opt.Option(opt.read_duration, 3600),
    }

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        """Refuse a task that does not say of what, or says it twice, and a destination that cannot be one."""
        if sum((bool(options["gpos"]), options["all"], bool(options["backup_id"]))) != 1:
            raise opt.OptionError(
                "Exactly one of the options 'gpos' (a selection), 'all' (true) and 'backup_id' is needed."
            )
        if bool(options["path"]) != bool(options["backup_id"]):
            raise opt.OptionError("The options 'path' (a backup directory) and 'backup_id' are needed together.")
        dest = options["dest"]
        if options["dest_on"] == "host":
            opt.validate({"dest": opt.Option(opt.read_path)}, {"dest": dest})
            return
        target = self._loader.path_dwim(dest)
        folder = target if dest.endswith("/") else os.path.dirname(target)
        if os.path.exists(folder) and not os.path.isdir(folder):
            raise opt.OptionError(f"The option 'dest' has the value {opt.show(dest)}, but {folder} is no folder.")
        if not dest.endswith("/") and not os.path.isdir(folder):
            raise opt.OptionError(
                f"The option 'dest' has the value {opt.show(dest)}, but there is no folder {folder} on the controller. "
                "Create it first; only a folder that ends in / is created."
            )

    def new_result(self, options: t.Mapping[str, t.Any]) -> ReportResult:
        """Return the task's result before its first trip."""
        return ReportResult(
            check_mode=bool(self._task.check_mode),
            show_diff=bool(self._task.diff),
            domain=options["domain"],
            domain_controller=options["domain_controller"],
            everything=options["all"],
            inaccessible_is=options["inaccessible"],
            detail=options["detail"],
            dest=options["dest"] or "",
        )

    def make_trip(self, **module_args: t.Any) -> dict[str, t.Any]:
        """Make a trip, and put the reports that come with its reply where they belong."""
        if module_args["dest_on"] == "host":
            return super().make_trip(**module_args)
        target = self._loader.path_dwim(module_args["dest"])
        is_folder = module_args["dest"].endswith("/") or os.path.isdir(target)
        trip = super().make_trip(**module_args, _single=not is_folder)
        for item in trip["entries"]:
            content = item.pop("content", None)
            if content is not None:
                self._deliver(item, content, target, is_folder, module_args["format"])
        return trip

    def _deliver(self, item: dict[str, t.Any], content: str, target: str, is_folder: bool, kind: str) -> None:
        """Put a report in its place, unless it is there already, and complete its item."""
        try:
            report = _report_file.unpack(content)
            path = os.path.join(target, _report_file.file_name(item["file_name"])) if is_folder else target
            item["dest"] = path
            before = None
            if os.path.exists(path):
                with open(path, "rb") as file:
                    before = file.read()
            difference = _report_file.compare(before, report, kind)
            if difference is not None and not self._task.check_mode:
                if is_folder:
                    os.makedirs(target, exist_ok=True)
                _report_file.save(path, report)
        except (OSError, ValueError) as error:
            item["trouble"] = _report_file.trouble(error, item["dest"] or target)
            return
        item["outcome"] = "unchanged" if difference is None else "written"
        item["changed"] = difference is not None
        if difference is not None and self._task.diff:
            item.update(difference)
