# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What gpo_info makes of what the host sends."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._info_result import InfoResult, in_sync


def _versions(*numbers: int | None) -> dict[str, t.Any]:
    computer, computer_sysvol, user, user_sysvol = numbers
    return {
        "computer": {"directory": computer, "sysvol": computer_sysvol},
        "user": {"directory": user, "sysvol": user_sysvol},
    }


@pytest.mark.parametrize(
    ("numbers", "acl", "expected"),
    [
        ((3, 3, 0, 0), [True], True),
        ((3, 3, 0, 0), [], True),
        ((4, 3, 0, 0), [True], False),
        ((3, 3, 0, 1), [], False),
        ((3, 3, 0, 0), [False], False),
        ((3, 3, 0, 0), [None], None),
        ((3, None, 0, 0), [True], None),
        ((3, None, 0, 1), [True], False),
    ],
)
def test_in_sync(numbers: tuple[int | None, ...], acl: list[bool | None], expected: bool | None) -> None:
    assert in_sync(_versions(*numbers), *acl) is expected


def test_nothing_known_of_a_gpo() -> None:
    result = InfoResult(remaining=[{"id": "{1}", "name": "x"}], domain="y").shown()
    (gpo,) = result["gpos"]
    assert {gpo.pop(name) for name in ("id", "name", "domain", "outcome")} == {"{1}", "x", "y", "not_attempted"}
    assert gpo.pop("duration") == 0 and set(gpo.values()) == {None}


def test_numbers_become_words() -> None:
    trustee = {"sid": "S-1-5-32-544", "name": None, "domain": None, "type": 4}
    raw = {
        "gpo": {
            "id": "{1}",
            "wmi_filter": {"id": None, "name": None},
            "permissions": [
                {"trustee": trustee, "permission": 0x10102, "denied": False, "inherited": True},
                {"trustee": {**trustee, "type": 99}, "permission": 0x7, "denied": True, "inherited": False},
            ],
            "aces": [{"trustee": "x", "type": 1, "mask": -2147483648}, {"trustee": "x", "type": 9, "mask": 1}],
        },
        "outcome": "read",
    }
    gpo = InfoResult().item(raw).details
    assert [(permission["trustee"]["type"], permission["permission"]) for permission in gpo["permissions"]] == [
        ("alias", "edit_delete_security"), ("unknown", "custom")
    ]  # fmt: skip
    assert [(ace["type"], ace["mask"]) for ace in gpo["aces"]] == [("deny", "0x80000000"), ("9", "0x00000001")]
    assert gpo["wmi_filter"] == {"id": None, "name": None, "description": None, "queries": None}
