# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools of the test suite itself: the tally of results, and the stand-in for the markup parser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import checkout
import stand_ins

sys.path.extend(stand_ins.FOLDERS)

from antsibull_docs_parser import dom, parser  # noqa: E402  (a stand-in's folder must be on the path first)

for_the_stand_in = pytest.mark.skipif(not stand_ins.FOLDERS, reason="the genuine parser is installed")

PLUGIN = dom.PluginIdentifier("gpvault.gpmc.gpo_backup", "module")
RESULTS = """<testsuites><testsuite>
<testcase name="a"/>
<testcase name="b"><failure/></testcase>
<testcase name="c"><skipped/></testcase>
<testcase name="d"><error/></testcase>
</testsuite></testsuites>"""


def tally(folder: Path, *failed_sections: str) -> tuple[int, str]:
    command = [sys.executable, str(checkout.ROOT / "tests" / "tally.py"), str(folder), *failed_sections]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip()


def test_the_tally_adds_up(tmp_path: Path) -> None:
    (tmp_path / "one.xml").write_text(RESULTS, encoding="utf-8")
    (tmp_path / "two.xml").write_text("<testsuites><testcase name='e'/></testsuites>", encoding="utf-8")
    assert tally(tmp_path, "one") == (1, "2 passed, 2 failed, 1 skipped")


@pytest.mark.parametrize("content", [None, "<testsuites><testcase name='a'/></testsuites>", "<cut sho"])
def test_a_section_that_broke_counts_as_a_failure(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "one.xml").write_text(content, encoding="utf-8")
    status, line = tally(tmp_path, "one")
    assert status == 1 and "1 failed" in line


def test_a_clean_run_succeeds(tmp_path: Path) -> None:
    (tmp_path / "one.xml").write_text("<testsuites><testcase name='a'/></testsuites>", encoding="utf-8")
    assert tally(tmp_path) == (0, "1 passed, 0 failed, 0 skipped")


def parts(text: str) -> list[dom.Part]:
    context = parser.Context(current_plugin=PLUGIN)
    (paragraph,) = parser.parse(text, context, errors="message", strict=True, add_source=True)
    return [part for part in paragraph if part.type != dom.PartType.TEXT]


@for_the_stand_in
@pytest.mark.parametrize(
    ("text", "link", "plugin"),
    [
        ("O(path)", ["path"], PLUGIN),
        ("say O(path=D:\\\\GPO\\)), then", ["path"], PLUGIN),
        ("O(backups[].gpo.id)", ["backups", "gpo", "id"], PLUGIN),
        ("O(ansible.windows.win_file#module:path)", ["path"], ("ansible.windows.win_file", "module")),
        ("O(ignore:path)", ["path"], None),
    ],
)
def test_markup_names_an_option(text: str, link: list[str], plugin: tuple[str, str] | None) -> None:
    (part,) = parts(text)
    assert (part.type, list(part.link), part.plugin) == (dom.PartType.OPTION_NAME, link, plugin)


@for_the_stand_in
@pytest.mark.parametrize("text", ["O(path", "L(no comma)", "P(no.type.here)", "V(a\\b)"])
def test_markup_that_cannot_be_read_is_an_error(text: str) -> None:
    assert [part.type for part in parts(text)] == [dom.PartType.ERROR]


@for_the_stand_in
def test_markup_of_all_kinds() -> None:
    text = "M(a.b.c) U(https://a.example) L(text, https://a.example) RV(msg) P(a.b.c#module)"
    assert [part.type for part in parts(text)] == [
        dom.PartType.MODULE,
        dom.PartType.URL,
        dom.PartType.LINK,
        dom.PartType.RETURN_VALUE,
        dom.PartType.PLUGIN,
    ]


def test_set_up_says_that_it_is_still_at_it(tmp_path: Path) -> None:
    """A build of minutes without a word looks like one that hangs."""
    script = """
        set -euo pipefail
        . tests/setup/lib.sh
        long() { printf 'first\\rsecond'; sleep 1; return "$1"; }
        logged well long 0 && echo "it is well"
        logged ill long 7 || echo "it is $?"
        """
    (tmp_path / "log").mkdir()
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=checkout.ROOT,
        env={**os.environ, "build": str(tmp_path), "GPVAULT_PROGRESS": "0.1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.search(r"^set-up: well: at it for \d+ s: second$.*^it is well$", done.stdout, re.M | re.S)
    assert re.search(r"^set-up: ill: at it for .*^it is 1$", done.stdout, re.M | re.S)
    assert "ill failed; the end of" in done.stderr and "first" in done.stderr
