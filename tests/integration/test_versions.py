# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other releases of ansible-core than that of build/venv: their trees GPVAULT_CORES names, see docs/testing.md."""

from __future__ import annotations

import os
import pathlib

import pytest
from cycle import assert_cycle
from harness import Lab

_CORES = [folder for folder in os.environ.get("GPVAULT_CORES", "").split(":") if folder]


@pytest.mark.skipif(not _CORES, reason="GPVAULT_CORES names no other ansible-core")
@pytest.mark.parametrize("core", _CORES)
def test_the_cycle_with_another_core(lab: Lab, tmp_path: pathlib.Path, core: str) -> None:
    # ansible-playbook's own script takes the library that it finds first.
    library = pathlib.Path(core, "lib")
    assert (library / "ansible/release.py").is_file(), core
    assert_cycle(lab, tmp_path, env={"PYTHONPATH": f"{library}:{os.environ['PYTHONPATH']}"})
