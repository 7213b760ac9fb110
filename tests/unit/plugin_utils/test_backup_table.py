# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter backup_table."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gpvault.gpmc.plugins.filter.backup_table import backup_table
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._backup_result import BackupResult
from replies import CANCELLED, DENIED, OK, item, reply, trouble


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "-"),
        ({"call_status": OK}, "S_OK"),
        ({"call_status": DENIED}, "0x80070005 E_ACCESSDENIED"),
        ({"call_status": OK, "overall_status": DENIED}, "0x80070005 E_ACCESSDENIED"),
        ({"call_status": OK, "overall_status": OK, "trouble": trouble("record", DENIED)}, "0x80070005 E_ACCESSDENIED"),
        ({"call_status": OK, "trouble": trouble("given_up", CANCELLED)}, "0x800704C7 ERROR_CANCELLED"),
        ({"call_status": OK, "overall_status": OK, "trouble": trouble("no_result")}, "no_result"),
    ],
)
def test_the_status_is_what_failed(changes: dict[str, t.Any], status: str) -> None:
    result = BackupResult()
    result.add(reply(item("failed", **changes)))
    lines = backup_table(result.shown())
    assert lines[2].endswith(f"0.10     {status}") and lines[2].startswith("failed   Kiosk")


def test_anything_else_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="takes the registered result of gpo_backup"):
        backup_table({"msg": ""})
