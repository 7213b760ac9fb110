# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the acceptor's sides of logons have in common."""

from __future__ import annotations

import typing as t


class Acceptor:
    """The acceptor's side of a logon, whose steps a library takes."""

    def __init__(self, context: t.Any) -> None:
        self._context = context

    def step(self, token: bytes) -> bytes | None:
        """Take a token of the client's, and return the answer."""
        return t.cast("bytes | None", self._context.step(token))

    @property
    def complete(self) -> bool:
        """Whether the client is known, and has sent what it has to."""
        return bool(self._context.complete)
