# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an entry of a result takes, against what docs/awx.md says of it: AWX drops a result that is too large."""

from __future__ import annotations

import json
import re

import pytest
from exchanges import MODULES, RECORDINGS, replay

_PAGE = (MODULES.parents[1] / "docs/awx.md").read_text("utf-8")
_ROWS = {
    tuple(re.findall(r"`(gpo_\w+)`", modules)): (int(size.replace(",", "")), int(count))
    for modules, size, count in re.findall(r"^\| ([^|]*) \| ([\d,]+) \| (\d+) \|$", _PAGE, re.MULTILINE)
}
"""By the modules whose entries are alike: what one takes, and how many of them make a result of _IN_A_RESULT bytes."""

_ENTRIES = ("backups", "restores", "reports", "gpos", "pruned", "comparisons", "drills")
"""The lists of results that grow with a domain."""

_IN_A_RESULT = 300_000


@pytest.mark.parametrize("modules", _ROWS, ids="-".join)
def test_an_entry_takes_what_the_page_says(monkeypatch: pytest.MonkeyPatch, modules: tuple[str, ...]) -> None:
    """As long as names and paths are as in the lab's domain. What failed has more to tell, and is not counted."""
    entries = []
    for path in (path for module in modules for path in sorted((RECORDINGS / module).glob("*.json"))):
        result, _player = replay(monkeypatch, path.stem, module=path.parent.name)
        found = next(result[key] for key in _ENTRIES if key in result)
        entries += [entry for entry in found if entry.get("outcome") not in ("failed", "cancelled", "not_attempted")]
    size, count = _ROWS[modules]
    # Changes of settings have a bound of their own.
    average = len(json.dumps([{**one, "changes": []} if "changes" in one else one for one in entries])) / len(entries)
    assert average == pytest.approx(size, rel=0.1)
    assert size * count == pytest.approx(_IN_A_RESULT, rel=0.05)


def test_the_page_has_each_module_whose_result_grows() -> None:
    small = {"gpo_backup_index", "gpo_import", "gpo_preflight"}
    assert {module for modules in _ROWS for module in modules} == {path.stem for path in MODULES.glob("*.yml")} - small
