# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether other work keeps the machine busy.

It delays what computes (the collection more than the bare script) and not what waits (a Backup of 150 ms), so it spoils
ratios, too. Linux tells which share of the time some process had to wait for a processor.
"""

from __future__ import annotations

import pathlib
import re
import time

BUSY = 0.35
"""The share of the time from which on a run does not count where there are calmer ones. A run alone makes some 0.1."""

_PRESSURE = pathlib.Path("/proc/pressure/cpu")
_TOTAL = re.compile(r"^some .*total=(\d+)$", re.MULTILINE)
_WINDOW = 2.0


class Calm:
    """Waits for calm, altogether for so long and no longer."""

    def __init__(self, patience: float) -> None:
        self._patience = patience

    def wait(self) -> None:
        """Wait until the machine is calm, or patience has come to its end."""
        while self._patience > 0:
            watch = PressureWatch()
            time.sleep(_WINDOW)
            if watch.share() < BUSY:
                return
            self._patience -= _WINDOW


class PressureWatch:
    """Measures the pressure from its making on."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._before = _waited()

    def share(self) -> float:
        """Return the share of the time in which some process had to wait; 0 where Linux does not tell."""
        return (_waited() - self._before) / max(time.monotonic() - self._began, 0.001)


def _waited() -> float:
    try:
        found = _TOTAL.search(_PRESSURE.read_text("utf-8"))
    except OSError:
        return 0.0
    return int(found.group(1)) / 1e6 if found else 0.0
