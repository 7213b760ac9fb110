# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What went wrong, by the step in hand."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._steps import OF_THE_CONTROLLER, STEPS
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._trouble import Trouble
from replies import CANCELLED, DENIED, DISK_FULL, trouble


def _read(step: str, *status: t.Any, **changes: t.Any) -> Trouble:
    found = Trouble.read(trouble(step, *status, **changes))
    assert found is not None
    return found


def test_a_step_with_an_hresult() -> None:
    record = _read("record", DENIED)
    assert record.shown() == {
        "step": "record",
        "hresult": "0x80070005",
        "name": "E_ACCESSDENIED",
        "message": "The backup was made, but it could not be recorded in the catalog, so it will not be used: "
        "Access is denied.",
        "fix": STEPS["record"].fixes[0x80070005],
    }
    assert record.sentence() == (
        "The backup was made, but it could not be recorded in the catalog, so it will not be used: "
        f"0x80070005 E_ACCESSDENIED: Access is denied. {STEPS['record'].fixes[0x80070005]}"
    )


def test_a_step_with_a_text() -> None:
    damaged = _read("damaged", message="The file\n x is missing")
    assert damaged.shown() == {
        "step": "damaged", "hresult": None, "name": None, "message": "The backup is damaged: The file x is missing",
        "fix": "Use another one, or this one as it is with force: true.",
    }  # fmt: skip
    assert damaged.sentence() == (
        "The backup is damaged: The file x is missing. "
        "Use another one, or this one as it is with force: true."
    )


def test_a_step_alone() -> None:
    none = _read("no_result")
    said = "GPMC reported success but returned no backup."
    assert none.sentence() == none.shown()["message"] == said
    assert none.shown()["hresult"] is none.shown()["name"] is none.shown()["fix"] is None


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("gpo_timeout", "It took longer than gpo_timeout and was cancelled."),
        ("given_up", "It took longer than gpo_timeout. GPMC did not stop when it was cancelled, and the process was "
         "ended."),
    ],
)  # fmt: skip
def test_a_cancelled_gpo_needs_no_word_of_its_hresult(step: str, said: str) -> None:
    cancelled = _read(step, CANCELLED)
    assert cancelled.sentence() == cancelled.shown()["message"] == said
    assert cancelled.shown()["name"] == "ERROR_CANCELLED" and cancelled.shown()["fix"] is None


def test_the_fix_of_the_reason_comes_before_that_of_the_step() -> None:
    assert _read("safety", DISK_FULL).fix == "Free space on the volume that holds the backups."
    assert _read("safety", {"hresult": -2147024893, "message": ""}).fix == STEPS["safety"].fix


def test_the_fix_that_came_with_the_trouble_comes_first() -> None:
    dest = _read("dest", message="No space: /x", fix="Free space.")
    assert dest.fix == dest.shown()["fix"] == "Free space." and dest.sentence().endswith(": No space: /x. Free space.")


_DENIED_FIXES = {
    "path": "read access to the directory, and to back up write access",
    "list": "read access to the directory, and to back up write access",
    "space": "read access to the directory, and to back up write access",
    "compare": "read access to the GPO",
    "links": "the right to link GPOs at that site, domain or OU",
    "gpmc": "lets the account use GPMC",
    "host_domain": "the option domain",
    **dict.fromkeys(("connect", "select", "path_length"), "double hop"),
    **dict.fromkeys(
        ("catalog", "record", "note", "dest", "delete", "index", "lock", "copy", "leftover", "drill_record"),
        "write access to the directory",
    ),
    "archive": "the account can write there",
    **dict.fromkeys(("not_listed", "manifest"), "gpo_backup_index"),
    **dict.fromkeys(("backup_id", "source", "open_backup", "saved_report"), "read access to the backup directory"),
    **dict.fromkeys(("open", "read", "report"), "read access to the GPO, in the directory and in SYSVOL"),
    **dict.fromkeys(("backup", "safety"), "read access to the GPO and write access to the backup directory"),
    "table": "read access to the file",
    **dict.fromkeys(("restore", "import"), "the rights to edit the GPO"),
    **dict.fromkeys(
        ("create", "wmi_filter", "permissions", "complete", "remove", "temporary"), "the rights to edit the GPO"
    ),
}


_WITHOUT_A_CALL = {
    "gpo_timeout", "given_up", "no_result", "no_backup", "damaged", "lost", "unfit", "withheld", "step_timeout",
    "nothing_there", "no_state", "settings", "deviating", "outdated",
    "vault",
    "logon", "clock",
}  # fmt: skip
"""Steps of which no call says that it was denied."""


@pytest.mark.parametrize("step", sorted(set(STEPS) - _WITHOUT_A_CALL))
def test_what_helps_when_access_is_denied(step: str) -> None:
    for hresult in (0x80070005, 0x80072098):
        assert _DENIED_FIXES[step] in _read(step, {"hresult": hresult, "message": ""}).fix
    assert ("Delete the GPO by hand." in _read(step, DENIED).fix) is (step == "remove")


def test_an_error_of_our_own_needs_no_number() -> None:
    """The number of a .NET exception tells its type alone; what is thrown says what is wrong with which file."""
    said = "Its GPODomain is no name of a domain."
    for hresult in (0x80131501, 0x80131500, 0x80131537, 0x80131940):
        source = _read("source", {"hresult": hresult - 2**32, "message": said})
        assert source.sentence() == source.shown()["message"] == (
            f"The backup (its bkupInfo.xml, or its entry in the catalog) could not be read: {said}"
        )
        assert source.shown()["hresult"] is source.shown()["name"] is None
    # A number is better than nothing.
    assert _read("source", {"hresult": 0x80131501, "message": ""}).shown()["name"] == "COR_E_SYSTEM"


def test_a_file_that_the_host_names_is_told() -> None:
    said = "Access to the path 'D:\\GPO\\.gpvault\\x.json' is denied."
    record = _read("record", {**DENIED, "message": said})
    assert record.sentence().endswith(f" (The host said: {said})")
    assert record.shown()["message"].endswith(f": Access is denied. (The host said: {said})")
    # What GPMC says in the host's language says no more than the code.
    assert "host said" not in _read("record", {**DENIED, "message": "Zugriff verweigert (0x80070005)"}).sentence()


@pytest.mark.parametrize("step", ["backup_id", "source"])
def test_a_backup_that_is_not_there(step: str) -> None:
    for hresult in (0x80070002, 0x80070003):
        assert "gpo_backup_info lists what is there" in _read(step, {"hresult": hresult, "message": ""}).fix


def test_what_helps_to_take_away_what_was_made() -> None:
    assert _read("remove", {"hresult": -2147467259, "message": ""}).fix == "Delete the GPO by hand."


@pytest.mark.parametrize("step", ["path", "list", "compare", "connect", "select"])
def test_a_logon_that_reaches_no_second_machine(step: str) -> None:
    for hresult in (0x8007052E, 0x80072020, 0x8009030E):
        assert "double hop" in _read(step, {"hresult": hresult, "message": ""}).fix


def test_a_trip_has_words_of_its_own_where_items_have_the_step_too() -> None:
    dest = _read("dest", {"hresult": -2147024893, "message": ""})
    assert dest.sentence(of_trip=True).startswith("The destination cannot be used: 0x80070003 ")
    assert dest.sentence().startswith("The report was made, but it could not be compared with dest or written there: ")
    assert _read("path", DENIED).sentence(of_trip=True) == _read("path", DENIED).sentence()


def test_a_lost_trip_says_it_all() -> None:
    assert _read("lost", message="It died.").sentence() == _read("lost", message="It died.").shown()["message"] == (
        "It died."
    )


def test_an_unknown_step_is_shown_as_it_is() -> None:
    odd = _read("odd_step", DENIED)
    assert odd.shown() == {
        "step": "odd_step", "hresult": "0x80070005", "name": "E_ACCESSDENIED", "message": "odd_step: Access is denied.",
        "fix": None,
    }  # fmt: skip
    assert odd.sentence() == odd.sentence(of_trip=True) == "odd_step: 0x80070005 E_ACCESSDENIED: Access is denied."
    assert _read("odd_step").sentence() == "odd_step."


def test_no_trouble() -> None:
    assert _read("no_backup", message=None) == _read("no_backup")
    assert Trouble.read(None) is None


@pytest.mark.parametrize("step", STEPS)
def test_every_step_can_be_told(step: str) -> None:
    for given in ({**DENIED, "message": ""}, {"hresult": None, "message": "A reason."}):
        said = _read(step, given)
        assert set(said.shown()) == {"step", "hresult", "name", "message", "fix"}
        for told in (said.sentence(), said.sentence(of_trip=True), said.shown()["message"]):
            assert told.endswith(".") and not told.startswith(":") and ".." not in told
    assert not STEPS[step].text.endswith((".", ":"))
    assert all(fix.endswith(".") for fix in (*STEPS[step].fixes.values(), STEPS[step].fix) if fix)


def test_the_design_names_every_step() -> None:
    page = (pathlib.Path(__file__).parents[3] / "docs/design.md").read_text("utf-8")
    block = page.partition("### Steps")[2].partition("```text")[2].partition("```")[0]
    by_the_host, _colon, made_here = block.partition("made here")
    listed = set(re.findall(r"[a-z_]+", by_the_host.replace("of a trip", "").replace("of an item", "")))
    told = set(re.findall(r"([a-z_]+): ", made_here))
    assert told >= OF_THE_CONTROLLER and listed | told == set(STEPS)
