# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The copy of the project that ansible-test works in.

ansible-test wants the collection at .../ansible_collections/gpvault/gpmc, as a real folder, and looks at every file in
it. So it gets a copy of what git knows or would add (tracked, and untracked but not ignored), as it is now. The copy is
a git repository of its own: else ansible-test would find the project's, where build/ is ignored, and look at nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("GPVAULT_BUILD", ROOT / "build")).resolve()
COLLECTION = "ansible_collections/gpvault/gpmc"


def project_files() -> list[Path]:
    """The project's files, relative to its root. Deleted ones that git still knows are left out."""
    listing = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    )
    names = sorted({name for name in listing.stdout.split("\0") if name})
    return [Path(name) for name in names if (ROOT / name).is_symlink() or (ROOT / name).is_file()]


def copy_project(name: str = "sanity") -> Path:
    """Makes the copy of that name anew and returns the folder of the collection in it."""
    target = BUILD / name / COLLECTION
    shutil.rmtree(BUILD / name, ignore_errors=True)
    for file in project_files():
        destination = target / file
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / file, destination, follow_symlinks=False)
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(target)], check=True)
    return target
