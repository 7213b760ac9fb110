# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that stand in PowerShell and in Python, or in several PowerShell files: both sides know the same ones."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _notice, _steps

from compat51 import MODULE_UTILS, SCRIPTS, names


class Shared(t.NamedTuple):
    """Texts that the host sends and the controller has sentences for."""

    sent_as: frozenset[str]
    """The names that they are given to on the host, as `compat51 --names` has them."""

    told: t.Mapping[str, t.Any]
    """The controller's sentences."""

    handed_on: frozenset[str]
    """Functions that hand on what others gave them."""


SHARED = {
    "steps": Shared(
        frozenset(("$step", "-Step", "=step")),
        {step: text for step, text in _steps.STEPS.items() if step not in _steps.OF_THE_CONTROLLER},
        frozenset(("New-GpmTrouble", "Invoke-GpmCheck", "Invoke-GpmDrillBackup", "Invoke-GpmItem", "Invoke-GpmTrip")),
    ),
    "problems": Shared(frozenset(("-Kind",)), _notice.PROBLEMS, frozenset()),
    "selection errors": Shared(frozenset(("-Fault",)), _notice.SELECTION_ERRORS, frozenset()),
}

CONTEXT_KEYS = re.compile(r"^#     (\w+(?:, \w+)*)(?:   *\S|$)", re.MULTILINE)


@pytest.mark.parametrize("shared", SHARED.values(), ids=SHARED)
def test_the_controller_has_a_sentence_for_what_the_host_sends(shared: Shared) -> None:
    sent: dict[str, str] = {}
    unknown = []
    for file, found in names().items():
        for text in found["Texts"]:
            if text["Name"] in shared.sent_as:
                place = f"{file}:{text['Line']}"
                if text["Value"] is not None:
                    sent.setdefault(text["Value"], place)
                elif text["Function"] not in shared.handed_on:
                    unknown.append(place)
    assert not unknown, "a text that cannot be told from the script"
    assert {text: place for text, place in sent.items() if text not in shared.told} == {}, "without a sentence"
    assert set(shared.told) - set(sent) == set(), "a sentence for what is never sent"


def context_keys() -> set[str]:
    """The keys that the context of a trip is made with."""
    (table,) = [table for table in names()["_Trip.psm1"]["Tables"] if table["Variable"] == "context"]
    return set(table["Value"])


def test_the_context_of_a_trip_has_the_keys_that_its_header_names() -> None:
    (file,) = [file for file in MODULE_UTILS if file.name == "_Trip.psm1"]
    header = file.read_text(encoding="utf-8").partition("#AnsibleRequires")[0]
    assert {name for line in CONTEXT_KEYS.findall(header) for name in line.split(", ")} == context_keys()


@pytest.mark.parametrize("file", [file.name for file in SCRIPTS])
def test_only_keys_of_the_context_are_used(file: str) -> None:
    strange = []
    for member in names()[file]["Members"]:
        variable, key = member["Path"].split(".")[:2]
        if variable.lower() == "context" and key not in context_keys():
            strange.append(f"{file}:{member['Line']}: {member['Path']}")
    assert not strange
