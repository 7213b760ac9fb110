# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why an item failed, or a trip ended, if not for what a call of GPMC returned."""

from __future__ import annotations

import dataclasses
import typing as t

from ._status import Status
from ._steps import step_of

UNKNOWN = ". Whether it was done, wholly or in part, is unknown: look at what is there"
"""What is told of a change without an end."""


@dataclasses.dataclass(frozen=True)
class Trouble:
    """A step that failed. Its words are in _steps.py."""

    step: str
    status: Status | None = None
    message: str = ""
    """What says more where no status stands behind."""

    known_fix: str = ""
    """What helps, where that was found out with the trouble."""

    @classmethod
    def read(cls, raw: t.Mapping[str, t.Any] | None) -> Trouble | None:
        """Return the trouble that the host sent, if any."""
        return None if raw is None else cls(raw["step"], Status.behind(raw), raw["message"] or "", raw.get("fix", ""))

    @property
    def may_have_changed(self) -> bool:
        """Whether a step was given up, its message, that may have changed what is there all the same."""
        return self.step == "step_timeout" and step_of(self.message).alters

    @property
    def fix(self) -> str:
        """What helps, or an empty text."""
        return self.known_fix or (self.status.fix(self.step) if self.status else "") or step_of(self.step).fix

    def shown(self) -> dict[str, t.Any]:
        """Return the trouble as results show it."""
        code = self.status.code() if self.status else {"hresult": None, "name": None, "message": self.message}
        return {
            "step": self.step,
            "hresult": code["hresult"],
            "name": code["name"],
            "message": self._told(step_of(self.step).text, code["message"]) + self._host_says(),
            "fix": self.fix or None,
        }

    def sentence(self, of_trip: bool = False) -> str:
        """Return the trouble in one line, with the fix where one is known."""
        step = step_of(self.step)
        why = self.message
        if self.status:
            code = self.status.code()
            why = f"{code['hresult']} {code['name']}: {code['message']}"
        told = self._told(step.of_trip if of_trip and step.of_trip else step.text, why)
        if self.fix:
            told = f"{told if told.endswith('.') else f'{told}.'} {self.fix}"
        return told + self._host_says()

    def _told(self, text: str, why: str) -> str:
        """Return what failed, and why."""
        why = " ".join(why.split())
        if not why or step_of(self.step).says_all:
            return f"{text}."
        if self.may_have_changed:
            why += UNKNOWN
        return f"{text}: {why}" if text else why

    def _host_says(self) -> str:
        """Return what the host said, where that says more: a text with a path in it names the file."""
        said = self.status.host_text if self.status else ""
        return f" (The host said: {said})" if "\\" in said or (said and step_of(self.step).host_says) else ""
