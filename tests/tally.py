# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adds up what pytest wrote with --junitxml and prints one line: `N passed, N failed, N skipped`.

    tally.py FOLDER [FAILED-SECTION ...]

A section that failed without a failed test in its file (it crashed, was stopped, found no test) counts as one failure:
a run must never look better than it was. Exits 1 when anything failed.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, other: Tally) -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped


def read_results(file: Path) -> Tally:
    """Counts one file's tests. A file that is missing or cut short counts nothing."""
    try:
        cases = list(ElementTree.parse(file).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return Tally()
    tally = Tally()
    for case in cases:
        if case.find("failure") is not None or case.find("error") is not None:
            tally.failed += 1
        elif case.find("skipped") is not None:
            tally.skipped += 1
        else:
            tally.passed += 1
    return tally


def main(arguments: list[str]) -> int:
    folder, failed_sections = Path(arguments[0]), set(arguments[1:])
    sections = {file.stem for file in folder.glob("*.xml")} | failed_sections
    total = Tally()
    for section in sorted(sections):
        tally = read_results(folder / f"{section}.xml")
        if section in failed_sections and tally.failed == 0:
            tally.failed = 1
        total.add(tally)
    print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
