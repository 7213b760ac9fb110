# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The targets that are for real domains, run by ansible-test as it runs them there, against the lab."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import typing as t

import pytest
import yaml
from harness import BUILD, ROOT, Lab, tree

sys.path.append(str(ROOT / "tests/sanity"))

import checkout  # noqa: E402  pylint: disable=wrong-import-position
from extent import in_whole

_MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.ps1"))
# In each `make test`: those of which nothing else there has the whole story.
_FIRST_MODULES = {"gpo_backup", "gpo_backup_index", "gpo_diff", "gpo_import", "gpo_preflight", "gpo_restore"}
_OU = "OU=Staging,DC=corp,DC=example"


@pytest.fixture(scope="module")
def tokyo() -> t.Iterator[Lab]:
    """One host, which is not in UTC: there nobody could tell UTC from local time."""
    lab = Lab("targets" + os.environ.get("GPVAULT_TEST_LABS", ""))
    lab.env["TZ"] = "Asia/Tokyo"
    lab("up", "--fresh", "--hosts", "1", "--domain", "corp.example")
    try:
        yield lab
    finally:
        lab("down")


@pytest.fixture(scope="module")
def collection() -> pathlib.Path:
    """A copy of the collection where ansible-test wants it, beside the one that the targets use."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ansible-test wants ssh-keygen")
    copy = checkout.copy_project("targets")
    (copy.parents[1] / "ansible").symlink_to(BUILD / "collections/ansible_collections/ansible")
    # A script of win_powershell that throws hangs in the lab, and what follows it is to clean up all the same.
    (copy / "tests/integration/windows-integration.cfg").write_text("[defaults]\ntask_timeout = 90\n", "utf-8")
    return copy


def _inventory(lab: Lab, variables: t.Mapping[str, str]) -> str:
    """Return the lab's inventory in the format of inventory.winrm, with more variables."""
    group = yaml.safe_load((lab.state / "inventory.yml").read_text("utf-8"))["windows"]
    ((name, host),) = group["hosts"].items()
    values = {**group["vars"], "ansible_port": host["ansible_port"], **variables}
    return "\n".join(["[windows]", name, "[windows:vars]", *(f"{key}={value!r}" for key, value in values.items())])


def _ansible_test(
    collection: pathlib.Path, folder: pathlib.Path, *args: str | pathlib.Path
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["ansible-test", "windows-integration", "--color", "no", *args],
        cwd=collection,
        # It makes an SSH key in the home folder, whether a host is reached by SSH or not.
        env={**os.environ, "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


def _run(
    lab: Lab, collection: pathlib.Path, folder: pathlib.Path, target: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a target, and see that the host is as it was."""
    inventory = folder / "inventory.winrm"
    inventory.write_text(_inventory(lab, {"gpmc_test_ou": _OU, **variables}), "utf-8")
    before = _domain(lab)
    done = _ansible_test(collection, folder, "--inventory", inventory, target)
    assert _domain(lab) == before
    assert not list((lab.host_dir() / "prefix/drive_c/users").rglob("gpvault-test-*"))
    return done


def _domain(lab: Lab) -> dict[str, t.Any]:
    """Return the domain: every object of the directory, and every file in SYSVOL."""
    return {
        path: json.loads(content) if content and path.endswith(".json") else content
        for path, content in tree(lab.host_dir() / "domain").items()
        if not path.startswith("faults")
    }


def test_there_is_a_target_for_each_module(collection: pathlib.Path, tmp_path: pathlib.Path) -> None:
    done = _ansible_test(collection, tmp_path, "--list-targets")
    assert done.stdout.split() == ["facts", *_MODULES], done.stderr


@pytest.mark.parametrize(
    "target", [pytest.param(name, marks=() if name in _FIRST_MODULES else in_whole) for name in _MODULES]
)
def test_target(tokyo: Lab, collection: pathlib.Path, tmp_path: pathlib.Path, target: str) -> None:
    done = _run(tokyo, collection, tmp_path, target)
    assert done.returncode == 0, done.stdout + done.stderr


@in_whole
def test_a_target_that_fails_cleans_up(tokyo: Lab, collection: pathlib.Path, tmp_path: pathlib.Path) -> None:
    # The first search for links is the module's. A script of win_powershell that throws would hang in the lab.
    tokyo("fault", "add", "refuse_search", "--times", "1")
    try:
        done = _run(tokyo, collection, tmp_path, "gpo_info")
    finally:
        tokyo("fault", "clear")
    assert done.returncode != 0
    tasks = re.findall(r"^TASK \[\w+ : (.*?)\]", done.stdout, re.M)
    assert tasks[1:] == [
        "Make a GPO, and ask GPMC about it",
        "Read it, and the Default Domain Policy, in check mode",
        "What the module tells is what GPMC says",
        "Delete the test GPOs, their links, and the folder",
    ], done.stdout


def _facts(table: str) -> dict[str, str]:
    """Return the values in the table, by name."""
    rows = [re.split(r" {2,}", line) for line in table.splitlines()]
    assert {len(row) for row in rows} == {3}, table
    return {name: value for name, value, _how in rows[1:]}


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        (
            {"--dates": "utc", "--restore-versions": "keep", "--search-without-manifest": "off"},
            {
                "zone of CreationTime": "UTC",
                "zone of ModificationTime": "UTC",
                "zone of Timestamp of a backup": "UTC",
                "Timestamp against BackupTime": "00:00:00",
                "versions after a restore": "those of the backup",
                "SearchBackups finds an unlisted backup": "no",
                "GetBackup finds an unlisted backup": "no: 0x80070002",
                "SearchBackups without a manifest": "0 of 2 found",
            },
        ),
        pytest.param(
            {"--dates": "local", "--restore-versions": "raise", "--search-without-manifest": "on"},
            {
                "zone of CreationTime": "local time of the host",
                "zone of ModificationTime": "local time of the host",
                "zone of Timestamp of a backup": "local time of the host",
                "Timestamp against BackupTime": "09:00:00",
                "versions after a restore": "4 of 4 are higher than both",
                "SearchBackups finds an unlisted backup": "yes",
                "GetBackup finds an unlisted backup": "yes",
                "SearchBackups without a manifest": "2 of 2 found",
                "a GPO whose WMI filter is gone": "0x80072030, COMException: 0x80072030",
            },
            marks=in_whole,
        ),
    ],
    ids=["the lab's choices", "the other ones"],
)  # fmt: skip
def test_facts(
    tokyo: Lab,
    collection: pathlib.Path,
    tmp_path: pathlib.Path,
    switches: dict[str, str],
    expected: dict[str, str],
) -> None:
    tokyo("domain", *(word for switch in switches.items() for word in switch))
    if "a GPO whose WMI filter is gone" in expected:
        tokyo("gpo", "delete-filter", "Laptops only")
    file = tmp_path / "facts.txt"
    done = _run(tokyo, collection, tmp_path, "facts", facts_file=str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    facts = _facts(file.read_text("utf-8"))
    assert facts.items() >= expected.items()
    assert "" not in facts.values()
