# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's PowerShell and C# against Windows PowerShell 5.1; and proof that the checker sees what it should.

A bad fixture says in its first comment what must be found in it: `# expect: RULE: TEXT`. It holds that one fault.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from compat51 import HERE, MODULE_UTILS, PRODUCT, run

BAD = sorted(file for file in (HERE / "fixtures" / "bad").iterdir() if file.is_file())
GOOD = sorted(file for file in (HERE / "fixtures" / "good").iterdir() if file.is_file())


class Finding(NamedTuple):
    rule: str
    text: str


Findings = dict[Path, list[Finding]]


def check(files: list[Path], allowed: list[Path]) -> Findings:
    findings: Findings = {file: [] for file in files}
    for found in run("--json", files, allowed):
        place = f"{found['File']}:{found['Line']}:{found['Column']}"
        findings[Path(found["File"])].append(Finding(found["Rule"], f"{place}: {found['Rule']}: {found['Message']}"))
    return findings


@pytest.fixture(scope="module")
def fixture_findings() -> Findings:
    return check(BAD + GOOD, allowed=[])


@pytest.fixture(scope="module")
def product_findings() -> Findings:
    return check(PRODUCT, allowed=MODULE_UTILS)


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.name)
def test_a_fault_is_found(file: Path, fixture_findings: Findings) -> None:
    first_line = file.read_text(encoding="utf-8").splitlines()[0]
    rule, text = first_line.partition("expect: ")[2].split(": ", 1)
    found = fixture_findings[file]
    assert {finding.rule for finding in found} == {rule}, found
    assert any(text in finding.text for finding in found), found


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.name)
def test_nothing_is_found_where_nothing_is_wrong(file: Path, fixture_findings: Findings) -> None:
    assert fixture_findings[file] == []


def test_every_rule_has_a_bad_fixture(fixture_findings: Findings) -> None:
    source = "\n".join(file.read_text(encoding="utf-8") for file in (HERE / "tool").rglob("*.cs"))
    seen = {finding.rule for findings in fixture_findings.values() for finding in findings}
    named = {rule for rule in RULES if f'"{rule}"' in source}
    assert named == set(RULES) == seen


RULES = (
    "alias",
    "argument",
    "assembly",
    "com",
    "command",
    "csharp",
    "errorpreference",
    "escape",
    "file",
    "length",
    "literal",
    "member",
    "ordinal",
    "parameter",
    "parse",
    "positional",
    "split",
    "strictmode",
    "syntax",
    "type",
    "variable",
    "verb",
)


def test_scripts_require_what_their_csharp_names() -> None:
    """Ansible compiles what scripts ask for; a class that another one names is not asked for by that."""
    sources = {file.stem: file.read_text(encoding="utf-8") for file in MODULE_UTILS if file.suffix == ".cs"}
    checked = 0
    for file in PRODUCT:
        text = file.read_text(encoding="utf-8")
        required = set(re.findall(r"(?m)^#AnsibleRequires -CSharpUtil \.\.module_utils\.(\w+)", text))
        for name in required:
            others = {other for other in sources if other != name and re.search(rf"\b{other}\.\w", sources[name])}
            assert others <= required, (file.name, name)
            checked += len(others)
    assert checked


@pytest.mark.parametrize("file", PRODUCT, ids=lambda file: file.name)
def test_the_collection(file: Path, product_findings: Findings) -> None:
    assert not product_findings[file], "\n".join(finding.text for finding in product_findings[file])
