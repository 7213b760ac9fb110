# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripts of the integration targets, which run on real hosts, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from compat51 import ROOT, run

TARGETS = ROOT / "tests" / "integration" / "targets"
# What a script follows in a task, and whose functions it calls.
BEFORE = [TARGETS / "setup_gpmc" / "files" / "gpmc.ps1", TARGETS / "facts" / "files" / "fact.ps1"]
SCRIPTS = sorted(set(TARGETS.rglob("*.ps1")) - set(BEFORE))


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What the checker says of each script, by its name."""
    found: dict[str, list[str]] = {script.name: [] for script in SCRIPTS}
    whole = []
    for script in SCRIPTS:
        texts = [file.read_text(encoding="utf-8") for file in [*BEFORE, script]]
        whole.append(tmp_path_factory.getbasetemp() / script.name)
        whole[-1].write_text("\n".join(texts), encoding="utf-8")
    for finding in run("--json", whole, []):
        # They talk to COM and reach files themselves: tests that did it through the collection would prove little.
        if finding["Rule"] not in ("com", "file"):
            found[Path(finding["File"]).name].append("{Line}: {Rule}: {Message}".format(**finding))
    return found


@pytest.mark.parametrize("name", [script.name for script in SCRIPTS])
def test_script(name: str, findings: dict[str, list[str]]) -> None:
    assert not findings[name]
