# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copy backups from the controller to a host. Options and results: plugins/modules/gpo_backup_push.yml."""

from __future__ import annotations

import contextlib
import functools
import os
import tempfile
import typing as t

from ansible import constants as C

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _archive, _copy_plan
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _options as opt
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._action_base import TripLost
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._catalog_entry import Entry, Unusable
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._copy_action import CopyAction, fail
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._copy_result import CopyResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._index_result import IndexResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._task_result import TaskResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._vault import Vault, unusable

_INDEX = "gpvault.gpmc.gpo_backup_index"

_INDEX_WAIT = 60
"""Seconds that the index waits for another run, at most."""


class ActionModule(CopyAction):
    """One task: trips until every backup on the host has been looked at, then until none remains that is not there."""

    MODULE = "gpvault.gpmc.gpo_backup_push"
    OPTIONS = {
        "src": opt.Option(opt.read_controller_path, required=True),
        "path": opt.Option(opt.read_path, required=True),
        "create_path": opt.Option(opt.read_bool, False),
        "domain": opt.Option(opt.read_host_name, ""),
        # No directory is asked: it is an option for the sake of module_defaults.
        "domain_controller": opt.Option(opt.read_domain_controller, "", on_host=False),
        "most_recent": opt.Option(opt.read_bool, False, on_host=False),
        "verify": opt.Option(opt.read_choice("quick", "full"), "quick"),
        "detail": opt.Option(opt.read_choice("all", "changed", "summary"), "all", on_host=False),
        "trip_time": opt.Option(opt.read_duration, 60),
        "step_timeout": opt.Option(opt.read_duration, 3600),
        "lock_timeout": opt.Option(opt.read_duration, 300, on_host=False),
    }

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        """Refuse a source that is no backup directory. In check mode a task before this one would have made it."""
        src = self._loader.path_dwim(options["src"])
        still_to_come = self._task.check_mode and not os.path.lexists(src)
        if not still_to_come and not os.path.isdir(os.path.join(src, ".gpvault")):
            raise opt.OptionError(
                f"The option 'src' has the value {opt.show(options['src'])}, but on the controller that is no backup "
                "directory: there is no folder .gpvault in it."
            )

    def new_result(self, options: t.Mapping[str, t.Any]) -> CopyResult:
        """Return the task's result before its first trip."""
        self.result = CopyResult(**self.common(options), detail=options["detail"], source=options["src"] or "")
        self._options = options
        if options["src"]:
            self.vault = Vault(self._loader.path_dwim(options["src"]))
            self.result.plan = functools.partial(self._plan, options=options)
        return self.result

    def _plan(self, listed: t.Sequence[t.Mapping[str, t.Any]], options: t.Mapping[str, t.Any]) -> _copy_plan.Plan:
        self._unlisted = {raw["id"] for raw in listed if raw["in_manifest"] is not True}
        return _copy_plan.plan_push(
            listed, self.vault, options["domain"], options["most_recent"], self.result.path
        )

    def make_trip(self, **module_args: t.Any) -> dict[str, t.Any]:
        """Make a trip, and send it the backups that it is to take in."""
        if not module_args.get("_remaining"):
            return super().make_trip(**module_args)
        # Ansible sets its constants at run time.
        local_tmp: str = C.DEFAULT_LOCAL_TMP  # pyright: ignore[reportAttributeAccessIssue]
        with tempfile.TemporaryDirectory(dir=local_tmp) as folder:
            path = os.path.join(folder, "gpvault.zip")
            try:
                changed = self._pack(path, module_args["_remaining"])
            except OSError as error:
                raise TripLost(f"The backups could not be packed: {error}", final=True, worked=False) from error
            archive = self.host_archive()
            sha256 = self.put(path, archive)
        trip = self.copy_trip(**module_args, _archive=archive, _sha256=sha256)
        for item in trip["entries"]:
            if item["outcome"] == "failed" and item["id"] in changed:
                # The host knows no more than that it did not get all of it.
                fail(item, changed[item["id"]])
        return trip

    def _pack(self, path: str, backup_ids: t.Iterable[str]) -> dict[str, Unusable]:
        """Pack backups; return why some of them are not whole in the archive: they have changed since the plan."""
        changed: dict[str, Unusable] = {}
        with contextlib.closing(_archive.Writer(path)) as writer:
            for backup_id in backup_ids:
                try:
                    entry = self._source(backup_id)
                    writer.add(entry, self.vault.folder(backup_id), self.vault.changes(entry.record))
                except Unusable as error:
                    changed[backup_id] = error
        return changed

    def _source(self, backup_id: str) -> Entry:
        """Return a backup's entry. Raises Unusable where it is no longer what it was when it was listed."""
        record = self.result.record(backup_id)
        try:
            entry = self.vault.entry(record) if record else None
        except OSError as error:
            raise unusable(error, self.vault.path) from None
        if entry is None or entry.record != record:
            raise Unusable("Its entry in the catalog has changed since it was listed. Run it again.")
        return entry

    def finish(self, result: TaskResult) -> None:
        """Bring GPMC's index up to date: of what a run before has left, too."""
        there = {item.details["backup"]["id"]: item.outcome for item in self.result.items}
        copied = any(outcome == "copied" for outcome in there.values())
        left = any(outcome == "unchanged" and one in self._unlisted for one, outcome in there.items())
        if self._task.check_mode or not (copied or left):
            return
        index = IndexResult(path=result.path, run_id=result.run_id)
        wait = min(self._options["lock_timeout"], _INDEX_WAIT)
        args = {"path": result.path, "step_timeout": str(self._options["step_timeout"]), "_lock_wait": str(wait)}
        try:
            index.add(self.run_module(_INDEX, {**args, **index.trip_args()}))
        except TripLost as lost:
            index.error = str(lost)
        if index.locked_by is not None:
            index.give_up_waiting(wait)
        result.changed = result.changed or index.changed
        result.warnings.extend(index.warnings)
        if index.error:
            why = f"GPMC's index of the directory is not up to date ({index.error}): run gpo_backup_index."
            result.error = f"{result.error} {why}".strip()
