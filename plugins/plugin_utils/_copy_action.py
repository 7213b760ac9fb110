# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base of the action plugins that copy backups between a host and the controller, in archives."""

from __future__ import annotations

import os
import typing as t

from . import _archive
from ._action_base import GpmcAction, TripLost
from ._catalog_entry import Unusable
from ._copy_result import CopyResult
from ._vault import Vault


class CopyAction(GpmcAction):
    """Knows where an archive lies on the host, and how it gets there and back."""

    TRANSFERS_FILES = False
    """Ansible would make a folder on the host before the options are checked."""

    vault: Vault
    result: CopyResult

    def host_archive(self) -> str:
        """Return the path of the archive on the host, in the task's own temporary folder, which Ansible deletes."""
        shell = self._connection._shell  # pylint: disable=protected-access
        if shell.tmpdir is None:
            self._transfer("A temporary folder could not be made on the host", self._make_tmp_path)
        return str(shell.join_path(shell.tmpdir, "gpvault.zip"))

    def copy_trip(self, **module_args: t.Any) -> dict[str, t.Any]:
        """Make a trip that copies. What it tells has to be about what it was asked for."""
        trip = super().make_trip(**module_args)
        if not {item["id"] for item in trip["entries"]} <= set(module_args["_remaining"]):
            raise TripLost("The host told of other backups than those that it was asked for.", final=True)
        return trip

    def fetch(self, host_path: str, path: str, sha256: str) -> None:
        """Bring a file from the host to the controller."""
        self._transfer("The archive could not be fetched", self._connection.fetch_file, host_path, path)
        if not os.path.exists(path) or _archive.digest_of(path) != sha256:
            raise TripLost("The archive was damaged on its way from the host.")

    def put(self, path: str, host_path: str) -> str:
        """Bring a file from the controller to the host, and return its SHA-256."""
        self._transfer("The archive could not be sent", self._connection.put_file, path, host_path)
        return _archive.digest_of(path)

    def _transfer(self, failed: str, transfer: t.Callable[..., object], *args: str) -> None:
        """Have the connection do something. Whatever keeps it from that, the trip can be made again."""
        try:
            transfer(*args)
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as error:  # pylint: disable=broad-exception-caught
            # As in run_module: connection plugins raise whatever their libraries do.
            said = " ".join(str(error).split())[:300]
            # A file follows a trip, so that the task has begun.
            raise TripLost(f"{failed}: {said}", final=not isinstance(error, Exception)) from error


def fail(item: dict[str, t.Any], error: Unusable) -> None:
    """Make an item of a trip's reply one that has failed on the controller."""
    item["outcome"] = "failed"
    item["trouble"] = {"step": "copy", "hresult": None, "message": str(error), "fix": error.fix}
