# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters that show changes."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.gpvault.gpmc.plugins.filter.changes_markdown import changes_markdown
from ansible_collections.gpvault.gpmc.plugins.filter.changes_table import changes_table


def _change(**other: t.Any) -> dict[str, t.Any]:
    return {
        "half": "computer", "extension": "Administrative Templates", "kind": "changed", "place": ["System", "Logon"],
        "name": "Always wait", "before": "Disabled", "after": "Enabled", **other,
    }  # fmt: skip


def _entry(name: str | None, *changes: dict[str, t.Any]) -> dict[str, t.Any]:
    return {"gpo": {"name": name, "id": "{1}"}, "changes": list(changes)}


def test_a_table_of_changes() -> None:
    of_gpo = _change(half=None, extension="GPO", kind="added", place=[], before=None, after="")
    assert changes_table([_change(), of_gpo]) == [
        "CHANGE   WHERE                                                 SETTING      BEFORE    AFTER",
        "-------  ----------------------------------------------------  -----------  --------  -------",
        "changed  Computer / Administrative Templates / System / Logon  Always wait  Disabled  Enabled",
        "added    GPO                                                   Always wait  -         (there)",
    ]


@pytest.mark.parametrize("filter_of", [changes_table, changes_markdown])
def test_whatever_has_changes_is_taken(filter_of: t.Callable[[t.Any], t.Any]) -> None:
    entry = _entry("Kiosk", _change())
    expected = filter_of(entry)
    assert "Kiosk" in "".join(expected)
    for given in (
        [entry], {"comparisons": [entry, _entry("Same")]}, {"backups": [entry]}, {"restores": [entry]},
        {"results": [{"comparisons": [entry]}, {"skipped": True}, {"failed": True, "msg": "undefined"}]},
    ):  # fmt: skip
        assert filter_of(given) == expected


@pytest.mark.parametrize("filter_of", [changes_table, changes_markdown])
@pytest.mark.parametrize("given", [3, "text", [1], [{"kind": "added"}], {"msg": "x"}, [{"changes": []}]])
def test_what_has_no_changes_is_refused(filter_of: t.Callable[[t.Any], t.Any], given: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="takes a list of changes"):
        filter_of(given)


def test_nothing_changed() -> None:
    assert changes_markdown([]) == "No setting differs.\n"
    assert len(changes_table({"comparisons": [_entry("Same")]})) == 2


def test_markdown_has_a_heading_and_a_table_for_each_gpo() -> None:
    assert changes_markdown([_entry("Kiosk", _change()), _entry(None, _change(kind="removed", after=None))]) == (
        "### Kiosk\n\n"
        "| Change | Where | Setting | Before | After |\n|---|---|---|---|---|\n"
        "| changed | Computer / Administrative Templates / System / Logon | Always wait | Disabled | Enabled |\n\n"
        "### {1}\n\n".replace("{1}", r"\{1\}")
        + "| Change | Where | Setting | Before | After |\n|---|---|---|---|---|\n"
        "| removed | Computer / Administrative Templates / System / Logon | Always wait | Disabled | - |\n"
    )


def test_markdown_says_how_many_more_there_are() -> None:
    text = changes_markdown([_entry("A", *[_change()] * 3), _entry("B", *[_change()] * 3)], 4)
    assert text.count("| changed |") == 4 and text.endswith("\nAnd 2 more changes.\n")
    assert "### B" not in changes_markdown([_entry("A", *[_change()] * 3), _entry("B", _change())], 3)
    for limit in (0, True, "4"):
        with pytest.raises(AnsibleFilterError, match="limit"):
            changes_markdown([_change()], limit)


_HOSTILE = (
    "a|b", "\\|", "`c`", "<script>alert(1)</script>", "[x](http://evil.example)", "![x](y)", "https://evil.example",
    "WWW.evil.example", "@everyone", "&lt;", "&#60;", "# title", "*b* _i_ ~~s~~", "line\nbreak\r\n| new | row |",
    "\x1b[2Jgone", "\u202ereversed", "- [ ] todo", "\ud800", "{{ 1 + 1 }}",
)  # fmt: skip


@pytest.mark.parametrize("name", _HOSTILE)
def test_hostile_names_stay_text_in_markdown(name: str) -> None:
    text = changes_markdown([_entry(name, _change(name=name, before=name, after=name, place=[name]))])
    heading, blank, _header, _rule, row, end = text.split("\n")
    assert (heading[:4], blank, end) == ("### ", "", "")
    cells = row.removeprefix("| ").removesuffix(" |").split(" | ")
    assert len(cells) == 5
    for cell in (heading[4:], *cells[2:]):
        bare = re.sub(r"\\[\\`*_{}\[\]#~!]", "", cell)
        assert not re.search(r"[\\`*_{}\[\]~!<>|@]|://|www\.|(?<!&)#", bare, re.IGNORECASE)
        assert cell.isprintable()
        assert _as_text(cell) == re.sub("[\x00-\x1f\u202e\ud800]", "\ufffd", name)


def _as_text(markdown: str) -> str:
    """Return what is shown of a text without markup: entities are replaced, and a backslash goes."""
    return re.sub(
        r"\\([!-/:-@\[-`{-~])|&#(\d+);", lambda found: found[1] or chr(int(found[2])), markdown
    )


@pytest.mark.parametrize("name", _HOSTILE)
def test_hostile_names_stay_in_their_line_of_a_table(name: str) -> None:
    lines = changes_table([_entry(name, _change(name=name, before=name, after=None))])
    assert len(lines) == 3 and all(line.isprintable() for line in lines)
