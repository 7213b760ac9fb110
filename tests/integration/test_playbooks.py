# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every playbook of the folder runs without a failure."""

from __future__ import annotations

import pathlib

import pytest
from extent import in_long
from harness import PLAYBOOKS, Lab


# What these tell a story of, tests of their own check part by part; the life of a backup, the target gpo_backup does.
@in_long
@pytest.mark.parametrize("path", sorted(PLAYBOOKS.glob("*.yml")), ids=lambda path: path.stem)
def test_playbook(lab: Lab, path: pathlib.Path) -> None:
    run = lab.playbook(path)
    assert run.code == 0, run.output
    assert run.results
