# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The status of a call."""

from __future__ import annotations

import pytest
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _status
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._status import Status


def test_success_and_failure() -> None:
    assert not Status(0).failed and not Status(1).failed
    assert Status(-2147024891).failed and Status(0x80070005).failed
    assert Status(0).shown() == {
        "succeeded": True, "hresult": "0x00000000", "name": "S_OK", "message": "The operation succeeded."
    }  # fmt: skip
    assert Status(-2147024891).shown() == Status(0x80070005, "Zugriff verweigert").shown() == {
        "succeeded": False, "hresult": "0x80070005", "name": "E_ACCESSDENIED", "message": "Access is denied."
    }  # fmt: skip
    assert set(Status(0x80070005).code()) == {"hresult", "name", "message"}


def test_what_was_sent() -> None:
    assert Status.read({"hresult": -2147467259, "message": "Odd", "step": "x"}) == Status(-2147467259, "Odd")
    assert Status.read({"hresult": 0, "message": None}) == Status(0)
    assert Status.read(None) is None and Status.read({"hresult": None, "message": "Odd"}) is None
    assert _status.shown(None) is None and _status.shown(Status(0)) == Status(0).shown()


@pytest.mark.parametrize(
    ("hresult", "step", "fix"),
    [
        (0x80070003, "path", "Check the option path"),
        (0x80070003, "backup", "SYSVOL"),
        (0x80070005, "connect", "double hop"),
        (0x80070005, "backup", "read access to the GPO and write access to the backup directory"),
        (0x80070005, "record", "write access to the directory"),
        (0x80070005, "restore", "rights to edit the GPO"),
        (0x80070005, "delete", "write access to the directory"),
        (0x80070490, "backup_id", "gpo_backup_info lists what is there"),
        # Where the step has none of its own, that of the code.
        (0x80070070, "backup", "Free space on the volume that holds the backups."),
        (0x80070070, "dest", "Free space on the volume that holds the reports."),
        (0x80072020, "no such step", "double hop"),
    ],
)
def test_the_fix_depends_on_the_step(hresult: int, step: str, fix: str) -> None:
    assert fix in Status(hresult - 2**32).fix(step)
    assert Status(hresult).sentence(step).endswith(Status(hresult).fix(step))


def test_sentences() -> None:
    assert Status(0x80070070).sentence() == (
        "0x80070070 ERROR_DISK_FULL: The disk is full. Free space on the volume that holds the backups."
    )
    assert Status(0x80070003).fix() == "" and Status(0x80070003).sentence().endswith(": The path was not found.")
    assert "double hop" not in Status(0x80070005).sentence("backup")


def test_what_the_host_said_is_more_than_the_meaning_or_nothing() -> None:
    assert Status(-2147024891, "Zugriff\r\n verweigert").host_text == "Zugriff verweigert"
    # What it means is told anyway: by the table, or in the host's own words where the code says nothing.
    for status in (Status(-2147024891), Status(-2147024891, "Access is denied"), Status(-2147467259, "Odd.\r\n")):
        assert status.host_text == ""
