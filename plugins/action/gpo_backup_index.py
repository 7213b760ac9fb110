# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write GPMC's index of a backup directory anew. Options and results: plugins/modules/gpo_backup_index.yml."""

from __future__ import annotations

import typing as t
import uuid

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _options as opt
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._action_base import GpmcAction
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._index_result import IndexResult


class ActionModule(GpmcAction):
    """One task: one trip."""

    MODULE = "gpvault.gpmc.gpo_backup_index"
    OPTIONS = {
        "path": opt.Option(opt.read_path, required=True),
        "lock_timeout": opt.Option(opt.read_duration, 300, on_host=False),
        "detail": opt.Option(opt.read_choice("all", "summary"), "all", on_host=False),
        "step_timeout": opt.Option(opt.read_duration, 3600),
    }

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        """Any combination makes sense."""

    def new_result(self, options: t.Mapping[str, t.Any]) -> IndexResult:
        """Return the task's result before its trip."""
        return IndexResult(
            path=str(self._task.args.get("path") or ""),
            run_id=str(uuid.uuid4()),
            check_mode=bool(self._task.check_mode),
            show_diff=bool(self._task.diff),
            detail=options["detail"],
        )
