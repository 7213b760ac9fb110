# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An item of a task's result: what became of a GPO, or of a backup."""

from __future__ import annotations

import dataclasses
import typing as t

from . import _status
from ._status import Status
from ._steps import step_of
from ._trouble import Trouble
from ._words import some

Raw = t.Mapping[str, t.Any]
"""What the host sent."""

BAD_OUTCOMES = frozenset(("failed", "cancelled"))

_GPO_KEYS = ("id", "name", "domain", "description", "status", "wmi_filter", "versions", "created", "modified")


@dataclasses.dataclass(frozen=True)
class Message:
    """A status message of GPMC."""

    raw: Raw
    error: Status
    operation: Status

    @classmethod
    def read(cls, raw: Raw) -> Message:
        """Return a message that the host sent."""
        codes = (Status(raw[name]["hresult"], raw[name]["message"]) for name in ("error", "operation"))
        return cls(raw, *codes)

    @property
    def says_why(self) -> bool:
        """Whether it is about something that went wrong."""
        return bool(self.error.hresult or self.operation.hresult)

    @property
    def text(self) -> str:
        """What it says, or else what the code means that tells of something wrong."""
        code = self.error if self.error.failed or not self.operation.hresult else self.operation
        return str(self.raw["message"] or code.meaning.message)

    def shown(self) -> dict[str, t.Any]:
        """Return the message as results show it."""
        return {
            **{key: self.raw[key] for key in ("object_path", "extension", "setting", "message")},
            "error": self.error.code(),
            "operation": self.operation.code(),
        }


@dataclasses.dataclass
class Item:
    """What became of a GPO, or of a backup."""

    gpo: dict[str, t.Any]
    outcome: str
    changed: bool
    """Whether something was changed, or would be in check mode."""

    call_status: Status | None
    overall_status: Status | None
    messages: list[Message]
    trouble: Trouble | None
    duration: float
    details: dict[str, t.Any]
    """What the task tells of it besides."""

    @classmethod
    def read(cls, raw: Raw, gpo: Raw, details: dict[str, t.Any]) -> Item:
        """Return an item that the host sent. One that was made here has less, and nothing came of it."""
        trouble = Trouble.read(raw.get("trouble"))
        return cls(
            gpo={key: gpo.get(key) for key in _GPO_KEYS},
            outcome=raw["outcome"],
            changed=raw.get("changed", False) or bool(trouble and trouble.may_have_changed),
            call_status=Status.read(raw.get("call_status")),
            overall_status=Status.read(raw.get("overall_status")),
            messages=[Message.read(message) for message in raw.get("status_messages") or ()],
            trouble=trouble,
            duration=raw.get("milliseconds", 0) / 1000,
            details=details,
        )

    @property
    def failed(self) -> bool:
        """Whether it failed, or was cancelled."""
        return self.outcome in BAD_OUTCOMES

    @property
    def failure(self) -> Status | None:
        """The first status that tells of a failure."""
        return _first_failed(self.call_status, self.overall_status, self.trouble and self.trouble.status)

    def why(self, step: str) -> str:
        """Return why it failed, in one line with the fix, and the first message of GPMC that says more.

        *step* is that of the call: it decides which fix is told.
        """
        call = _first_failed(self.call_status, self.overall_status)
        of_call = self._of_call(call, step) if call else ""
        if self.trouble is None:
            return of_call or "The host did not say why."
        if not of_call or step_of(self.trouble.step).says_all:
            # Before the call was made, they can be of nothing else.
            of_step = [] if self.call_status else [message.text for message in self.messages if message.text]
            return _with(self.trouble.sentence(), of_step)
        # What was to be done after the call had failed has failed, too.
        return f"{self.trouble.sentence().rstrip('.')}. {step_of(step).text}: {of_call}"

    def _of_call(self, failure: Status, step: str) -> str:
        return _with(failure.sentence(step), [message.text for message in self.messages if message.says_why][:1])

    def shown(self) -> dict[str, t.Any]:
        """Return the item as results show it."""
        return {
            "gpo": self.gpo,
            "outcome": self.outcome,
            **self.details,
            "trouble": _status.shown(self.trouble),
            "call_status": _status.shown(self.call_status),
            "overall_status": _status.shown(self.overall_status),
            "status_messages": [message.shown() for message in self.messages],
            "duration": self.duration,
        }


def _with(said: str, messages: t.Sequence[str]) -> str:
    """Return why something failed, and what GPMC said of it."""
    return f"{said} (GPMC said: {some(messages, ' | ')})" if messages else said


def _first_failed(*statuses: Status | None) -> Status | None:
    return next((status for status in statuses if status is not None and status.failed), None)
