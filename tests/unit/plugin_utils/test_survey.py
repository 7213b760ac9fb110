# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told of a directory in which a task finds nothing."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._survey import survey_sentences

_NOTHING = {
    "catalog": True, "uncatalogued": {"backups": 0, "gpos": 0}, "domains": [], "renamed": [], "below": [],
    "above": None, "gone": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({}, "There is no backup in D:\\GPO, nor one level lower or higher."),
        (
            {"uncatalogued": {"backups": 3, "gpos": 1}},
            "There are 3 backups of 1 GPO that the catalog (the folder .gpvault) does not know. Restore one by its ID "
            "with backup_id, or the latest of each GPO with uncatalogued: true; or copy .gpvault along.",
        ),
        ({"uncatalogued": {"backups": 1, "gpos": 1}, "catalog": False}, "does not know, which is not there at all."),
        ({"domains": ["b.example", "a.example"]}, "domains: a.example, b.example. The option domain chooses one."),
        ({"renamed": [{"folder": "Kiosk", "id": "{1}"}]}, "so that GPMC cannot find them: 'Kiosk' is {1}."),
        ({"below": ["a", "b"]}, "There are backups one level lower, in 'a', 'b'."),
        ({"above": "D:\\"}, "There are backups one level higher, in D:\\."),
        ({"gone": 2}, "manifest.xml lists 2 backups whose folders are gone."),
    ],
)
def test_what_is_told(found: dict[str, t.Any], said: str) -> None:
    told = " ".join(survey_sentences({**_NOTHING, **found}, "D:\\GPO", "uncatalogued"))
    assert told.endswith(said) or said in told
    assert ("There is no backup" in told) is (not found)
