# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The status of a call: an HRESULT, and what the host said of it."""

from __future__ import annotations

import dataclasses
import typing as t

from ._hresult import MASK, Meaning, describe, is_of_dotnet
from ._steps import step_of


@dataclasses.dataclass(frozen=True)
class Status:
    """What a call returned. Decisions are made on it; results show it at the end."""

    hresult: int
    """Signed, as it travels, or unsigned."""

    said: str = ""
    """What the host said of it, in its own language."""

    @classmethod
    def read(cls, raw: t.Mapping[str, t.Any] | None) -> Status | None:
        """Return a status that the host sent, or None where no call stands behind."""
        return None if raw is None or raw["hresult"] is None else cls(raw["hresult"], raw["message"] or "")

    @classmethod
    def behind(cls, raw: t.Mapping[str, t.Any]) -> Status | None:
        """Return the status behind a trouble that the host sent, or None where its text says all.

        The number of a .NET exception tells no more than its type, and the collection's own errors are some.
        """
        status = cls.read(raw)
        return None if status and status.said and is_of_dotnet(status.hresult) else status

    @property
    def failed(self) -> bool:
        """Whether the HRESULT is one of failure."""
        return bool(self.hresult & 0x80000000)

    @property
    def meaning(self) -> Meaning:
        """What the HRESULT means."""
        return describe(self.hresult, self.said)

    @property
    def host_text(self) -> str:
        """What the host said of it in one line, if that is not what it means anyway."""
        said = " ".join(self.said.split())
        return "" if said.rstrip(".") == self.meaning.message.rstrip(".") else said

    def code(self) -> dict[str, t.Any]:
        """Return the status as status messages show it: hresult, name, message."""
        meaning = self.meaning
        return {"hresult": f"0x{self.hresult & MASK:08X}", "name": meaning.name, "message": meaning.message}

    def shown(self) -> dict[str, t.Any]:
        """Return the status as results show it."""
        return {"succeeded": not self.failed, **self.code()}

    def fix(self, step: str = "") -> str:
        """Return what helps, or an empty text. It may depend on the step that met with the status."""
        return step_of(step).fixes.get(self.hresult & MASK, self.meaning.fix)

    def sentence(self, step: str = "") -> str:
        """Return the status in one line, with the fix where one is known."""
        code = self.code()
        said = f"{code['hresult']} {code['name']}: {code['message']}"
        fix = self.fix(step)
        return f"{said} {fix}" if fix else said


def why(raw: t.Mapping[str, t.Any], step: str = "") -> str:
    """Return why something failed that the host told of as a status, in one line, or an empty text."""
    status = Status.behind(raw)
    return status.sentence(step) if status else " ".join((raw["message"] or "").split())


class Shown(t.Protocol):
    """A status, or what has one."""

    def shown(self) -> dict[str, t.Any]:
        """Return it as results show it."""
        ...


def shown(what: Shown | None) -> dict[str, t.Any] | None:
    """Return a status, or a trouble, as results show it, or None where there is none."""
    return None if what is None else what.shown()
