# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How fast two settings reports are compared, and how much memory that takes."""

from __future__ import annotations

import argparse
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "unit"))

import settings_report as reports  # noqa: E402
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._settings_diff import compare_reports  # noqa: E402

_MEGABYTE = 1000 * 1000


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/bench/settings", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=50, metavar="N", help="size of each report (default: 50)")
    parser.add_argument("--changed", type=int, default=100, metavar="N", help="settings that differ (default: 100)")
    parser.add_argument("report", nargs="*", type=pathlib.Path, help="two reports to compare instead")
    return parser.parse_args()


def _write(folder: pathlib.Path, megabytes: int, changed: int) -> list[pathlib.Path]:
    """Write two reports with settings of all extensions, and none of the words that templates add."""
    dice = random.Random(1)
    few = reports.entries(dice, 2)
    each = max(2 * megabytes * _MEGABYTE // len(reports.report(few)), 1)
    before = reports.entries(dice, each)
    after = list(before)
    for at in dice.sample(range(len(after)), changed):
        after[at] = after[at].changed(dice)
    files = []
    for name, settings in (("before.xml", before), ("after.xml", after)):
        files.append(folder / name)
        files[-1].write_bytes(reports.report(settings))
    return files


def _peak() -> float:
    """Return the most memory that the process has had since it began, in megabytes."""
    status = pathlib.Path("/proc/self/status").read_text("ascii")
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024 / _MEGABYTE


def main() -> None:
    """Time one comparison. Its process does nothing else, so that its memory can be told."""
    arguments = _arguments()
    if arguments.report:
        before, after = arguments.report
        size = (before.stat().st_size + after.stat().st_size) / _MEGABYTE
        at_start, begun = _peak(), time.process_time()
        with before.open("rb") as was, after.open("rb") as now:
            changes = compare_reports(was, now)
        seconds = time.process_time() - begun
        memory = _peak() - at_start
        print(
            f"{size:.1f} MB, {len(changes)} changes: {seconds:.2f} s of one processor, {size / seconds:.1f} MB/s; "
            f"{memory:.0f} MB of memory, {memory / size:.1f} times the reports"
        )
        return
    with tempfile.TemporaryDirectory() as folder:
        files = _write(pathlib.Path(folder), arguments.megabytes, arguments.changed)
        subprocess.run([sys.executable, __file__, *map(str, files)], check=True)


if __name__ == "__main__":
    main()
