# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other releases of ansible-core than that of build/venv: their trees GPVAULT_CORES names, see docs/testing.md."""

from __future__ import annotations

import os
import pathlib
import tempfile
import typing as t

import pytest
from cycle import assert_cycle
from harness import BUILD, ROOT, Lab

_CORES = [folder for folder in os.environ.get("GPVAULT_CORES", "").split(":") if folder]


@pytest.mark.skipif(not _CORES, reason="GPVAULT_CORES names no other ansible-core")
@pytest.mark.parametrize("core", _CORES)
def test_the_cycle_with_another_core(lab: Lab, tmp_path: pathlib.Path, core: str) -> None:
    if pathlib.Path(core, "usr/bin/ansible-playbook").is_file():
        assert_cycle(lab, tmp_path, **_of_root(core))
        return
    # ansible-playbook's own script takes the library that it finds first.
    library = pathlib.Path(core, "lib")
    assert (library / "ansible/release.py").is_file(), core
    assert_cycle(lab, tmp_path, env={"PYTHONPATH": f"{library}:{os.environ['PYTHONPATH']}"})


def _of_root(root: str) -> dict[str, t.Any]:
    """Say how a system's own ansible-playbook runs, with its own Python."""
    seen = ":".join(sorted({str(ROOT), str(BUILD), tempfile.gettempdir()}))
    program = [pathlib.Path(__file__).parent / "in_root.sh", root, seen, "/usr/bin/ansible-playbook"]
    return {"program": program, "env": {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}}
