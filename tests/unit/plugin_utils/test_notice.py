# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a trip tells beside its items."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _notice
from replies import DENIED


@pytest.mark.parametrize("kind", _notice.PROBLEMS)
def test_problems(kind: str) -> None:
    told = _notice.problem_sentence({"kind": kind, "subject": "Kiosk", **DENIED})
    assert told.endswith(": 0x80070005 E_ACCESSDENIED: Access is denied.") and "{" not in told
    assert ("Kiosk" in told) is ("{0" in _notice.PROBLEMS[kind])
    told = _notice.problem_sentence({"kind": kind, "subject": "Kiosk", "hresult": None, "message": "It is\r\n odd."})
    assert told.endswith(": It is odd.")


def test_an_unknown_problem_is_shown_as_it_is() -> None:
    assert _notice.problem_sentence({"kind": "moon", "subject": "full", **DENIED}) == (
        "moon full: 0x80070005 E_ACCESSDENIED: Access is denied."
    )
    assert _notice.problem_sentence({"kind": "moon", "subject": "", "hresult": None, "message": "Odd."}) == "moon: Odd."
    assert _notice.problem_sentence({"kind": "moon", "subject": "", "hresult": None, "message": ""}) == "moon."


def _error(kind: str, entry: str = "x", *matches: str, **status: t.Any) -> dict[str, t.Any]:
    return {"kind": kind, "entry": entry, "matches": list(matches), "hresult": None, "message": None, **status}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (_error("not_found", "Nobody {0}"), "No GPO 'Nobody {0}' was found in the domain."),
        (_error("ambiguous", "Two", "{1}", "{2}"), "The name 'Two' is that of several GPOs: {1}, {2}."),
        (_error("unreadable", "{1}", **DENIED), "No GPO '{1}' could be opened: 0x80070005 E_ACCESSDENIED: Access is"),
        (_error("no_backup", "{1}", hresult=-2147024893, message=""),
         "There is no backup {1} in the directory that could be read: 0x80070003 ERROR_PATH_NOT_FOUND: The path was "
         "not found. Check the option backup_id"),
        (_error("other_domain", "{1}", "old.example"), "The backup {1} is of the domain old.example. GPMC restores"),
        (_error("eclipse", "y", "a", "b"), "eclipse 'y' a, b"),
        (_error("eclipse", "y", **DENIED), "eclipse 'y': 0x80070005 E_ACCESSDENIED"),
    ],
)  # fmt: skip
def test_selection_errors(error: dict[str, t.Any], said: str) -> None:
    assert _notice.selection_sentence(error, "in the domain").startswith(said)


def _hint(*errors: dict[str, t.Any]) -> str:
    return _notice.selection_hint(errors, "Look.")


def test_a_hint_where_it_fits() -> None:
    assert _hint(_error("not_found"), _error("not_found", "y")) == "Look."
    assert _hint(_error("ambiguous", "Two", "{1}", "{2}")) == "GPOs that share a name are selected by GUID."
    assert _hint(_error("not_found"), _error("ambiguous")) == "Look. GPOs that share a name are selected by GUID."
    assert _hint(_error("no_backup"), _error("eclipse"), _error("other_domain")) == ""
    # Where the failure behind it has a fix of its own, the spelling is right.
    assert _hint(_error("unreadable", "{1}", hresult=-2147016656, message="")) == "Look."
    assert _hint(_error("unreadable", "{1}", **DENIED)) == ""


def test_near_names() -> None:
    known = ("Default Domain Policy", "Default Domain Controllers Policy", "Kiosk")
    assert _hint(_error("not_found", "kisk", *known)) == "Did you mean 'Kiosk'?"
    assert _hint(_error("not_found", "dfault domain polici", *known)) == (
        "Did you mean 'Default Domain Policy' or 'Default Domain Controllers Policy'?"
    )
    assert _hint(_error("not_found", "Printers", *known)) == "Look."
    assert _hint(_error("not_found", "Kiosk, Printers")).startswith("Look. A text is one entry, commas included: ")


def test_what_a_lock_file_says_may_be_anything() -> None:
    assert _notice.lock_holder({}, "me").startswith("another program has its file .gpvault\\lock open")
    assert _notice.lock_holder({"gpo": "x"}, "me") == (
        "another run (unknown) is at work on an unknown host, process unknown, since an unknown time"
    )
    assert _notice.lock_holder({"run_id": "me", "gpo": {"name": "x"}}, "me").startswith("an earlier trip of this task")
