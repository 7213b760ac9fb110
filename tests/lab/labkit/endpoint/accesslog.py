# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The access log: one JSON line per event, for tests and for people who look for what happened.

It never holds what a command read or wrote, nor a command line (which may carry a script), nor a password.
"""

from __future__ import annotations

import json
import os
import threading
import time
import typing as t


class AccessLog:
    """Appends events to a file; safe to use from many threads."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._lock = threading.Lock()

    def write(self, event: str, **fields: t.Any) -> None:
        """Append one event; fields that are None are left out."""
        entry = {"time": round(time.time(), 4), "event": event}
        entry.update((name, value) for name, value in fields.items() if value is not None)
        line = json.dumps(entry, ensure_ascii=False) + "\n"
        with self._lock:
            if self._descriptor >= 0:
                os.write(self._descriptor, line.encode("utf-8", "replace"))

    def close(self) -> None:
        """Stop writing; later events are dropped (threads of dying connections may still report)."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1
