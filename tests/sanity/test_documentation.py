# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds the collection's parts and its documentation together."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import checkout

pytestmark = pytest.mark.docs

MODULES = sorted(file.stem for file in (checkout.ROOT / "plugins" / "modules").glob("*.ps1"))
ROLES = sorted(folder.parent.name for folder in (checkout.ROOT / "roles").glob("*/tasks"))
PAGES = [file for file in checkout.project_files() if file.suffix == ".md"]

# The files of the project, as pages name them that are also shown without the others.
OURS = re.compile("https://github.com/gpvault/gpvault.gpmc/(?:blob|tree)/main/")

# [text](target "title"), outside of `code`; and a heading.
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)[^)]*\)")
CODE = re.compile(r"```.*?```|~~~.*?~~~|`[^`]*`", re.DOTALL)
HEADING = re.compile(r"^#+\s+(.*?)\s*#*$", re.MULTILINE)


def load(name: str) -> dict[str, object]:
    return yaml.safe_load((checkout.ROOT / name).read_text(encoding="utf-8"))


def ansible_doc(collection: Path, *arguments: str) -> dict[str, object]:
    done = subprocess.run(
        ["ansible-doc", "--json", *arguments],
        cwd=collection,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collection.parents[2]), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0 and "ERROR" not in done.stderr, done.stderr
    return json.loads(done.stdout)


def anchors(page: Path) -> set[str]:
    """The anchors that a rendered page has for its headings."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in HEADING.findall(text)}


def test_every_module_has_documentation_and_an_action_plugin() -> None:
    plugins = checkout.ROOT / "plugins"
    assert MODULES
    assert sorted(file.stem for file in (plugins / "modules").glob("*.yml")) == MODULES
    assert sorted(file.stem for file in (plugins / "action").glob("gpo_*.py")) == MODULES


def test_nothing_is_excused_from_sanity_tests() -> None:
    """But for what certification permits: releases before 2.18 did not see the documentation beside a module."""
    files = sorted((checkout.ROOT / "tests/sanity").glob("ignore-*.txt"))
    ignored = {file.stem: file.read_text(encoding="utf-8").splitlines() for file in files}
    assert set(ignored) == {f"ignore-2.{minor}" for minor in range(16, 23)}
    for name, lines in ignored.items():
        excused = [line.partition(" #")[0] for line in lines]
        old = name in ("ignore-2.16", "ignore-2.17")
        assert excused == [f"plugins/action/{module}.py action-plugin-docs" for module in MODULES if old], name


def test_the_action_group_names_every_module() -> None:
    groups = load("meta/runtime.yml")["action_groups"]
    assert sorted(groups["gpmc"]) == MODULES


def test_all_modules_of_an_action_group_take_the_options_that_its_documentation_names(collection: Path) -> None:
    """A default for a group that one of them does not know makes that one fail."""
    groups = load("meta/runtime.yml")["action_groups"]
    page = (checkout.ROOT / "docs/connecting.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `group/gpvault\.gpmc\.(\w+)` \| [^|]* \| ([^|]*) \|$", page, re.MULTILINE))
    assert set(rows) == set(groups)
    names = [f"gpvault.gpmc.{module}" for module in MODULES]
    options = {name: set(shown["doc"]["options"]) for name, shown in ansible_doc(collection, *names).items()}
    for group, members in groups.items():
        common = set.intersection(*(options[f"gpvault.gpmc.{module}"] for module in members))
        named = set(re.findall(r"`(\w+)`", rows[group]))
        assert named and named <= common, group


@pytest.mark.parametrize("module", MODULES)
def test_ansible_doc_shows_the_module(module: str, collection: Path) -> None:
    name = f"gpvault.gpmc.{module}"
    shown = ansible_doc(collection, "--type", "module", name)[name]
    assert shown["doc"]["attributes"] and shown["examples"] and shown["return"]


def test_ansible_doc_shows_every_role(collection: Path) -> None:
    names = [f"gpvault.gpmc.{role}" for role in ROLES]
    assert not names or set(names) == set(ansible_doc(collection, "--type", "role", *names))


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    text = CODE.sub("", (checkout.ROOT / page).read_text(encoding="utf-8"))
    broken = []
    for target in LINK.findall(text):
        path, _hash, anchor = target.partition("#")
        if OURS.match(path):
            file = checkout.ROOT / OURS.sub("", path)
        elif re.match(r"[a-z]+:", path):
            continue
        else:
            file = (checkout.ROOT / page).parent / path if path else checkout.ROOT / page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(target)
    assert not broken


def is_installed(file: Path) -> bool:
    """Whether the tarball has a file of the project: neither it nor a folder that it is in is ignored."""
    ignored = load("galaxy.yml")["build_ignore"]
    return not any(fnmatch.fnmatch(str(part), pattern) for part in (file, *file.parents) for pattern in ignored)


@pytest.mark.parametrize("page", [page for page in PAGES if is_installed(page)], ids=str)
def test_links_lead_to_what_users_have(page: Path) -> None:
    """The tarball has no tests, and Automation Hub shows the README without the other files."""
    text = CODE.sub("", (checkout.ROOT / page).read_text(encoding="utf-8"))
    targets = [target.partition("#")[0] for target in LINK.findall(text) if not re.match(r"[a-z]+:", target)]
    if page == Path("README.md"):
        assert not targets
    assert all(is_installed(Path(os.path.normpath(page.parent / target))) for target in targets)


def test_the_readme_has_the_sections_of_certified_collections() -> None:
    """docs.ansible.com, partner certification requirements: README."""
    text = (checkout.ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE) == [
        "Description", "Requirements", "Installation", "Use cases", "Testing", "Contributing", "Support",
        "Release notes and roadmap", "Related information", "License information",
    ]  # fmt: skip
    assert "pip install ansible" not in text


# The cmdlets of the module GroupPolicy (Windows Server 2025) that have to do with backups, with their parameters, and
# the others; GPMC's sample scripts. Both as Microsoft's reference pages have them.
ON_EACH = "-Domain -Server -WhatIf -Confirm"
GPO_CMDLETS = {
    "Backup-GPO": "-Name -Guid -All -Path -Comment",
    "Copy-GPO": "-SourceName -SourceGuid -SourceDomain -SourceDomainController -TargetName -TargetDomain "
    "-TargetDomainController -MigrationTable -CopyAcl",
    "Get-GPO": "-Name -Guid -All",
    "Get-GPOReport": "-Name -Guid -All -ReportType -Path",
    "Import-GPO": "-Path -BackupId -BackupGpoName -TargetName -TargetGuid -CreateIfNeeded -MigrationTable",
    "Restore-GPO": "-Path -BackupId -Name -Guid -All",
}
OTHER_CMDLETS = """
    Get-GPInheritance Get-GPPermission Get-GPPrefRegistryValue Get-GPRegistryValue Get-GPResultantSetOfPolicy
    Get-GPStarterGPO Invoke-GPUpdate New-GPLink New-GPO New-GPStarterGPO Remove-GPLink Remove-GPO
    Remove-GPPrefRegistryValue Remove-GPRegistryValue Rename-GPO Set-GPInheritance Set-GPLink Set-GPPermission
    Set-GPPrefRegistryValue Set-GPRegistryValue
"""
SCRIPTS = """
    BackupAllGPOs BackupGPO CopyGPO CreateEnvironmentFromXML CreateGPO CreateMigrationTable CreateXMLFromEnvironment
    DeleteGPO DumpGPOInfo DumpSOMInfo FindDisabledGPOs FindDuplicateNamedGPOs FindGPOsByPolicyExtension
    FindGPOsBySecurityGroup FindGPOsWithNoSecurityFiltering FindOrphanGPOsInSYSVOL FindSOMsWithExternalGPOLinks
    FindUnlinkedGPOs GetReportsForAllGPOs GetReportsForGPO GrantPermissionOnAllGPOs ImportAllGPOs ImportGPO ListAllGPOs
    ListSOMPolicyTree QueryBackupLocation RestoreAllGPOs RestoreGPO SetGPOCreationPermissions SetGPOPermissions
    SetGPOPermissionsBySOM SetSOMPermissions
"""


def table_rows(text: str) -> list[list[str]]:
    """The cells of the tables of a page."""
    lines = (line for line in text.splitlines() if line.startswith("| "))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_who_comes_from_backup_gpo_finds_each_cmdlet_parameter_and_script() -> None:
    page = (checkout.ROOT / "docs/from-backup-gpo.md").read_text(encoding="utf-8")
    cmdlets, parameters, scripts = re.split(r"^## ", page, flags=re.MULTILINE)[1:4]
    named = [name for row in table_rows(cmdlets) for name in re.findall(r"`(\w+-GP\w+)`", row[0])]
    assert sorted(named) == sorted([*GPO_CMDLETS, *OTHER_CMDLETS.split()])
    told: dict[str, list[str]] = {}
    cmdlet = ""
    for row in table_rows(parameters)[1:]:
        cmdlet = row[0].strip("`") or cmdlet
        told.setdefault(cmdlet, []).extend(re.findall(r"`(-\w+)`", row[1]))
    wanted = {"all of these": ON_EACH, **GPO_CMDLETS}
    assert {name: sorted(names) for name, names in told.items()} == {
        name: sorted(names.split()) for name, names in wanted.items()
    }
    found = set(re.findall(r"`(\w+)\.wsf`", "".join(row[0] for row in table_rows(scripts))))
    assert found - {"FindOrphanedGPOsInSYSVOL"} == set(SCRIPTS.split())


def test_who_comes_from_backup_gpo_is_told_of_options_that_there_are(collection: Path) -> None:
    page = (checkout.ROOT / "docs/from-backup-gpo.md").read_text(encoding="utf-8")
    names = [f"gpvault.gpmc.{module}" for module in MODULES]
    shown = ansible_doc(collection, *names).values()
    known = {option for one in shown for option in one["doc"]["options"]} | {"check_mode", "diff", "destination_option"}
    cells = " ".join(row[-1] for row in table_rows(page))
    # Keys of results, and values, are no options.
    told = set(re.findall(r"`(\w+)(?:: [\w]+)?`", cells)) - {"inaccessible", "status", "name", "permissions", "links"}
    assert told - set(MODULES) <= known


def test_the_design_names_each_file_once() -> None:
    page = (checkout.ROOT / "docs/design.md").read_text(encoding="utf-8")
    rows = "".join(line for line in page.splitlines() if line.startswith("| "))
    folders = [checkout.ROOT / "plugins" / name for name in ("module_utils", "plugin_utils")]
    files = sorted(file.name for folder in folders for file in folder.glob("_*.*"))
    assert sorted(re.findall(r"\b_\w+\.(?:py|psm1|cs)\b", rows)) == files


def test_changelog_fragments() -> None:
    """Each fragment is a mapping from known sections to lists of sentences; antsibull-changelog looks closer."""
    known = {name for name, _title in load("changelogs/config.yaml")["sections"]} | {"release_summary", "trivial"}
    fragments = sorted((checkout.ROOT / "changelogs" / "fragments").glob("*"))
    for fragment in fragments:
        content = load(str(fragment.relative_to(checkout.ROOT)))
        assert fragment.suffix in (".yml", ".yaml") and set(content) <= known, fragment.name
        for name, entries in content.items():
            assert isinstance(entries, str if name == "release_summary" else list), fragment.name
            assert name == "release_summary" or all(isinstance(entry, str) for entry in entries), fragment.name


def test_changelog_as_antsibull_sees_it() -> None:
    pytest.importorskip("antsibull_changelog")
    done = subprocess.run(
        [sys.executable, "-m", "antsibull_changelog", "lint"],
        cwd=checkout.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
