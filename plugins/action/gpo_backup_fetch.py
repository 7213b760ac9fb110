# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copy backups from a host to the controller. Options and results: plugins/modules/gpo_backup_fetch.yml."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _archive, _copy_plan
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _options as opt
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._catalog_entry import Unusable
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._change_record import settled_file
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._copy_action import CopyAction, fail
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._copy_result import FetchResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._task_result import TaskResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._vault import Busy, Vault, is_general, unusable
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._words import counted, some

Raw = dict[str, t.Any]


class ActionModule(CopyAction):
    """One task: trips until every backup has been looked at, then until none remains that is not here."""

    MODULE = "gpvault.gpmc.gpo_backup_fetch"
    OPTIONS = {
        "path": opt.Option(opt.read_path, required=True),
        "dest": opt.Option(opt.read_controller_path, required=True),
        "gpos": opt.Option(opt.read_gpo_list),
        "exclude": opt.Option(opt.read_exclude_list, ()),
        "domain": opt.Option(opt.read_host_name, ""),
        # No directory is asked: it is an option for the sake of module_defaults.
        "domain_controller": opt.Option(opt.read_domain_controller, "", on_host=False),
        "most_recent": opt.Option(opt.read_bool, False),
        "verify": opt.Option(opt.read_choice("quick", "full"), "quick", on_host=False),
        "detail": opt.Option(opt.read_choice("all", "changed", "summary"), "all", on_host=False),
        "trip_time": opt.Option(opt.read_duration, 60),
        "step_timeout": opt.Option(opt.read_duration, 3600),
        "lock_timeout": opt.Option(opt.read_duration, 300, on_host=False),
    }

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        """Refuse a destination that is no folder."""
        dest = self._loader.path_dwim(options["dest"])
        if os.path.lexists(dest) and not os.path.isdir(dest):
            raise opt.OptionError(f"The option 'dest' has the value {opt.show(options['dest'])}, which is no folder.")

    def new_result(self, options: t.Mapping[str, t.Any]) -> FetchResult:
        """Return the task's result before its first trip."""
        self.result = FetchResult(**self.common(options), detail=options["detail"], source=options["path"] or "")
        if options["dest"]:
            self.vault = Vault(self._loader.path_dwim(options["dest"]))
            full = options["verify"] == "full"
            self.result.gpos = options["gpos"] or ()
            self.result.plan = functools.partial(_copy_plan.plan_fetch, vault=self.vault, full=full)
        return self.result

    def work(self, options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """Have the destination for this task alone, and let the base make the trips."""
        if self._task.check_mode:
            return super().work(options)
        path = self._loader.path_dwim(options["dest"])
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(Vault(path).locked(options["lock_timeout"], self.show))
            except Busy:
                why = f"another run had it locked for {options['lock_timeout']} s, the option lock_timeout."
            except Unusable as error:
                why = str(error)
            except OSError as error:
                told = unusable(error, path)
                why = f"{told}. {told.fix}".rstrip()
            else:
                return super().work(options)
        result = self.new_result(options)
        result.error = f"The directory {path} on the controller cannot be used: {why}"
        return result.shown()

    def make_trip(self, **module_args: t.Any) -> Raw:
        """Make a trip, and take in the backups that come with it."""
        if not module_args.get("_remaining"):
            return super().make_trip(**module_args)
        archive = self.host_archive()
        trip = self.copy_trip(**module_args, _archive=archive)
        packed = [item for item in trip["entries"] if item["outcome"] == "packed"]
        if packed and trip.get("archive"):
            self._take(trip, packed, archive)
        for item in packed:
            if item["outcome"] == "packed":
                # Without its archive, or behind what ended the task: nothing came of it.
                trip["entries"].remove(item)
                trip["remaining"].append({"id": item["id"], "name": None})
        return trip

    def _take(self, trip: Raw, packed: t.Sequence[Raw], archive: str) -> None:
        """Fetch an archive and put the backups in it where they belong, until the directory fails."""
        try:
            path = self.vault.archive_path()
            free = os.statvfs(os.path.dirname(path))
            if free.f_bavail * free.f_frsize < trip["archive"]["size"]:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self.vault.path)
            self.fetch(archive, path, trip["archive"]["sha256"])
            with contextlib.closing(_archive.Reader(path)) as reader:
                for item in packed:
                    self._add(item, reader)
            os.unlink(path)
        except (OSError, Unusable) as error:
            told = unusable(error, self.vault.path) if isinstance(error, OSError) else error
            trip["trouble"] = {"step": "vault", "hresult": None, "message": str(told), "fix": told.fix}

    def _add(self, item: Raw, reader: _archive.Reader) -> None:
        """Put one backup where it belongs. Raises OSError where every other would fail as well."""
        planned = self.result.planned_of(item["id"])
        try:
            entry = reader.entry(item["id"])
            if entry.record != planned.record:
                raise Unusable("Its entry in the catalog has changed since it was listed. Run it again.")
            put = self.vault.repair if planned.outcome == "repaired" else self.vault.add
            put(entry, functools.partial(reader.extract, entry))
            self.vault.add_changes(entry.record, settled_file(reader.changes(item["id"])))
        except OSError as error:
            if is_general(error):
                raise
            fail(item, unusable(error, self.vault.path))
        except Unusable as error:
            fail(item, error)
        else:
            item["outcome"] = planned.outcome
            item["changed"] = True

    def finish(self, result: TaskResult) -> None:
        """Bring GPMC's index up to date: of what a run before has left, too."""
        if self._task.check_mode or self.result.planned is None:
            return
        try:
            written, left = self.vault.write_index()
        except (OSError, Unusable) as error:
            told = unusable(error, self.vault.path) if isinstance(error, OSError) else error
            why = f"GPMC's index of the copies, manifest.xml, could not be written: {told} {told.fix}".rstrip()
            result.error = f"{result.error} {why}".strip()
            return
        result.changed = result.changed or written
        if left:
            result.warnings.append(f"manifest.xml cannot list {counted(len(left), 'folder')}: {some(left)}.")
