# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An item of a task's result."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils._item import Item
from replies import INVALID_DATA, CANCELLED, DENIED, DISK_FULL, GPO, OK, item, trouble


def _read(outcome: str = "failed", **changes: t.Any) -> Item:
    raw = item(outcome, **changes)
    return Item.read(raw, raw["gpo"], {"more": 1})


def _message(error: dict[str, t.Any] = OK, operation: dict[str, t.Any] = OK, text: str = "Look") -> dict[str, t.Any]:
    return {
        "object_path": "p", "extension": "Registry", "setting": "s", "message": text, "error": error,
        "operation": operation,
    }  # fmt: skip


def test_all_that_is_shown() -> None:
    shown = _read("created", call_status=OK, overall_status=OK, status_messages=[_message()], milliseconds=1420).shown()
    ok = {"hresult": "0x00000000", "name": "S_OK", "message": "The operation succeeded."}
    assert shown == {
        "gpo": {**dict.fromkeys(("description", "status", "wmi_filter", "versions", "created", "modified")), **GPO},
        "outcome": "created",
        "more": 1,
        "trouble": None,
        "call_status": {"succeeded": True, **ok},
        "overall_status": {"succeeded": True, **ok},
        "status_messages": [
            {"object_path": "p", "extension": "Registry", "setting": "s", "message": "Look", "error": ok,
             "operation": ok}
        ],
        "duration": 1.42,
    }  # fmt: skip


def test_one_that_was_made_here_has_every_key() -> None:
    made = Item.read({"outcome": "not_attempted"}, {"id": "{1}"}, {})
    assert made.shown()["gpo"]["id"] == "{1}" and made.shown()["duration"] == 0
    assert made.shown()["status_messages"] == [] and made.shown()["trouble"] is None
    assert made.changed is False and made.failed is False and made.failure is None


def test_the_first_failure() -> None:
    both = {"call_status": DENIED, "overall_status": DISK_FULL, "trouble": trouble("record", CANCELLED)}
    failure = _read(**both).failure
    assert failure is not None and failure.hresult == DENIED["hresult"]
    failure = _read(**{**both, "call_status": OK}).failure
    assert failure is not None and failure.hresult == DISK_FULL["hresult"]
    failure = _read(**{**both, "call_status": OK, "overall_status": OK}).failure
    assert failure is not None and failure.hresult == CANCELLED["hresult"]
    assert _read(call_status=OK, trouble=trouble("no_result")).failure is None


def test_why_it_failed() -> None:
    denied = "0x80070005 E_ACCESSDENIED: Access is denied."
    assert _read(call_status=DENIED).why("backup").startswith(f"{denied} Give the account read access to the GPO and")
    assert _read(call_status=DENIED).why("restore").startswith(f"{denied} Give the account the rights to edit the GPO")
    # The trouble comes first: the call's failure may be what led to it.
    why = _read(overall_status=DENIED, trouble=trouble("remove", DISK_FULL)).why("import")
    assert why.startswith("The settings could not be imported, and the GPO that was made for them could not be deleted")
    assert "0x80070070" in why and "The settings could not be imported: 0x80070005 E_ACCESSDENIED: " in why
    # Why it was cancelled says more than the status that comes of it.
    why = _read("cancelled", overall_status=CANCELLED, trouble=trouble("gpo_timeout", CANCELLED)).why("backup")
    assert why == "It took longer than gpo_timeout and was cancelled."
    assert _read().why("backup") == "The host did not say why."


def test_the_first_message_of_gpmc_that_says_why() -> None:
    told = [_message(), _message(DISK_FULL, text="Full"), _message(DENIED, text="Denied")]
    assert _read(overall_status=DENIED, status_messages=told).why("").endswith(" (GPMC said: Full)")
    told = [_message(operation=DENIED, text="")]
    assert _read(overall_status=DENIED, status_messages=told).why("").endswith("(GPMC said: Access is denied.)")
    told = [_message(DISK_FULL, operation=DENIED, text="")]
    assert _read(overall_status=DENIED, status_messages=told).why("").endswith("(GPMC said: The disk is full.)")
    assert "GPMC said" not in _read(overall_status=DENIED, status_messages=[_message()]).why("")


def test_what_gpmc_says_of_a_step_before_the_call() -> None:
    """Which entry of a migration table is wrong, and why: GPMC tells it in messages, or the host's text does."""
    told = [_message(text="The entry A is not valid."), _message(DENIED, text="The entry B cannot be found.")]
    table = {"trouble": trouble("table", INVALID_DATA), "status_messages": told}
    assert _read(**table).why("import") == (
        "The migration table cannot be used, so nothing was changed: 0x8007000D ERROR_INVALID_DATA: What was read is "
        "damaged, or is not what it should be. (GPMC said: The entry A is not valid. | The entry B cannot be found.)"
    )
    of_host = trouble("table", {**INVALID_DATA, "message": "Entry 3: no such\r\n type."})
    assert _read(trouble=of_host).why("import").endswith(" (The host said: Entry 3: no such type.)")
    # Once the call was made, its messages are about the call.
    assert "GPMC said" not in _read(**{**table, "trouble": trouble("record", DENIED)}, call_status=OK).why("backup")
