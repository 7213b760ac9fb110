# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In place of a lab's PowerShell, for measuring the controller alone: a domain in which all is well, at no cost."""

from __future__ import annotations

import json
import os
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "unit/awx")]

from pretended_host import main as answer  # noqa: E402


def main() -> None:
    """Speak the protocol of a host in standby: wait for an order, and answer what comes on stdin behind it."""
    os.write(1, b"pshost-ready\n")
    line = b""
    # No more than the line: the rest is the trip's.
    while not line.endswith(b"\n"):
        mark = os.read(0, 1)
        if not mark:
            return
        line += mark
    order = json.loads(line)
    answer()
    sys.stdout.flush()
    os.write(2, f"\x1epshost-ran {order['sentinel']} 0\n".encode())


if __name__ == "__main__":
    main()
