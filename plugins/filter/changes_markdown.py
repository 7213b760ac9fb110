# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter changes_markdown. Its documentation: changes_markdown.yml."""

from __future__ import annotations

import re
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.gpvault.gpmc.plugins.plugin_utils._change_list import Raw, groups_of, value, where
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._terminal import printable
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._words import counted

_HEADER = "| Change | Where | Setting | Before | After |\n|---|---|---|---|---|\n"

_SIGNIFICANT = re.compile(r"[\\`*_{}\[\]#~!]")
"""What Markdown gives a meaning to within a line. A backslash takes it away."""

_REPLACED = re.compile("[&<>|@]|:(?=//)|(?<=www)[.]", re.IGNORECASE)
"""What is markup, the end of a cell, or makes a link or a mention of somebody without any markup."""


def changes_markdown(given: t.Any, limit: t.Any = 200) -> str:
    """Return as Markdown what changed, setting by setting: for each GPO a heading and a table."""
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise AnsibleFilterError(f"changes_markdown has a limit of at least 1, not {limit!r}")
    groups = groups_of(given, "changes_markdown")
    if not groups:
        return "No setting differs.\n"
    left = limit
    parts = []
    for group in groups:
        shown = group.changes[:left]
        left -= len(shown)
        if shown:
            heading = f"### {_text(group.gpo)}\n\n" if group.gpo else ""
            parts.append(heading + _HEADER + "".join(map(_row, shown)))
    more = sum(len(group.changes) for group in groups) - limit
    if more > 0:
        parts.append(f"And {counted(more, 'more change')}.\n")
    return "\n".join(parts)


def _row(change: Raw) -> str:
    kind = str(change["kind"])
    cells = (
        kind, where(change), str(change["name"]), value(change["before"], kind), value(change["after"], kind)
    )  # fmt: skip
    return f"| {' | '.join(map(_text, cells))} |\n"


def _text(text: str) -> str:
    """Return a text that is nothing but text in Markdown."""
    text = _REPLACED.sub(lambda sign: f"&{ord(sign[0])};", printable(text))
    return _SIGNIFICANT.sub(r"\\\g<0>", text).replace("&", "&#")


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"changes_markdown": changes_markdown}
