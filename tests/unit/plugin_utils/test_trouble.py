# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What went wrong, by the step in hand."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _trouble
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._steps import STEPS
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
        "message": "The backup was made, but it could not be recorded in the catalog, so it counts for nothing: "
        "Access is denied.",
        "fix": STEPS["record"].fixes[0x80070005],
    }
    assert record.sentence() == (
        "The backup was made, but it could not be recorded in the catalog, so it counts for nothing: "
        f"0x80070005 E_ACCESSDENIED: Access is denied. {STEPS['record'].fixes[0x80070005]}"
    )


def test_a_step_with_a_text() -> None:
    damaged = _read("damaged", message="The file\n x is missing")
    assert damaged.shown() == {
        "step": "damaged", "hresult": None, "name": None, "message": "The backup is damaged: The file x is missing",
        "fix": "Restore another one, or this one as it is with force: true.",
    }  # fmt: skip
    assert damaged.sentence() == (
        "The backup is damaged: The file x is missing. "
        "Restore another one, or this one as it is with force: true."
    )


def test_a_step_alone() -> None:
    none = _read("no_backup")
    assert none.sentence() == none.shown()["message"] == "There is no good backup of it in the catalog."
    assert none.shown()["hresult"] is none.shown()["name"] is none.shown()["fix"] is None


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("gpo_timeout", "It took longer than gpo_timeout and was cancelled."),
        ("given_up", "It took longer than gpo_timeout. GPMC did not obey the cancel and was given up."),
    ],
)
def test_a_cancelled_gpo_needs_no_word_of_its_hresult(step: str, said: str) -> None:
    cancelled = _read(step, CANCELLED)
    assert cancelled.sentence() == cancelled.shown()["message"] == said
    assert cancelled.shown()["name"] == "ERROR_CANCELLED" and cancelled.shown()["fix"] is None


def test_the_fix_of_the_reason_comes_before_that_of_the_step() -> None:
    assert _read("safety", DISK_FULL).fix == "Free space on the volume that holds the backups."
    assert _read("safety", {"hresult": -2147024893, "message": ""}).fix == STEPS["safety"].fix


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
    assert Trouble.read(None) is None and _trouble.shown(None) is None


@pytest.mark.parametrize("step", STEPS)
def test_every_step_can_be_told(step: str) -> None:
    for given in (DENIED, {"hresult": None, "message": "A reason."}):
        said = _read(step, given)
        assert set(said.shown()) == {"step", "hresult", "name", "message", "fix"}
        for told in (said.sentence(), said.sentence(of_trip=True), said.shown()["message"]):
            assert told.endswith(".") and not told.startswith(":") and ".." not in told
    assert not STEPS[step].text.endswith((".", ":"))
    assert all(fix.endswith(".") for fix in (*STEPS[step].fixes.values(), STEPS[step].fix) if fix)


def test_the_design_names_every_step() -> None:
    page = (pathlib.Path(__file__).parents[3] / "docs/design.md").read_text("utf-8")
    listed = page.partition("### Steps")[2].partition("made here")[0].replace("of a trip", "").replace("of an item", "")
    assert set(re.findall(r"[a-z_]+", listed.partition("```text")[2])) == set(STEPS) - {"lost"}
