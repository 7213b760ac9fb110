# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What --diff shows of a GPO's permissions."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils._reason_diff import reason_diff


def _ace(trustee: str, sid: str | None, mask: int = 1) -> dict[str, t.Any]:
    rest = {"type": 0, "flags": 0, "mask": mask, "object_flags": 0, "object_type": "", "inherited_object_type": ""}
    return {"trustee": trustee, **rest} | ({"sid": sid} if sid else {})


def test_an_account_that_is_called_otherwise_is_no_difference() -> None:
    before = [_ace("CORP\\Old", "S-1-5-21-1"), _ace("CORP\\Same", None), _ace("CORP\\It", "S-1-5-21-2")]
    after = [_ace("CORP\\New", "S-1-5-21-1", 3), _ace("CORP\\Same", "S-1-5-21-3"), _ace("CORP\\It", "S-1-5-21-2")]
    shown = reason_diff({"name": "Kiosk", "id": "{1}"}, [{"reason": "permissions", "before": before, "after": after}])
    was, is_now = (shown[side].splitlines() for side in ("before", "after"))
    assert was[0] == "permissions: allow CORP\\New 0x00000001, flags 0x00"
    assert is_now[0] == "permissions: allow CORP\\New 0x00000003, flags 0x00"
    assert was[1:] == is_now[1:]


def test_permissions_that_cannot_be_read() -> None:
    changes = [{"reason": "permissions", "before": None, "after": [_ace("SYSTEM", "S-1-5-18")]}]
    shown = reason_diff({"name": "Kiosk", "id": "{1}"}, changes)
    assert shown["before"] == "permissions: cannot be read\n" and "allow SYSTEM 0x00000001" in shown["after"]
