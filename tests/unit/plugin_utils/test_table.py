# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables for the terminal."""

from __future__ import annotations

from ansible_collections.gpvault.gpmc.plugins.plugin_utils._table import table


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert table(("A", "NAME"), [("long one", "x"), ("", "yy")]) == [
        "A         NAME", "--------  ----", "long one  x", "          yy"
    ]  # fmt: skip


def test_wide_characters_take_two_columns() -> None:
    assert table(("N", "B"), [("策略", "x")])[2] == "策略  x"
    assert table(("N", "B"), [("策略", "x")])[0] == "N     B"


def test_names_cannot_move_the_cursor() -> None:
    assert table(("N",), [("\x1b[2J\n\u202e!",)])[2] == "\ufffd[2J\ufffd\ufffd!"
