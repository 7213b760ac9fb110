# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Style of what ansible-test does not look at: shell scripts without a suffix, Python outside plugins/."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import checkout


def is_shell_script(name: str) -> bool:
    file = checkout.ROOT / name
    if file.suffix == ".sh":
        return True
    if file.is_symlink() or file.suffix:
        return False
    first_line = file.open("rb").readline()
    return first_line.startswith(b"#!") and first_line.split()[-1].rsplit(b"/", 1)[-1] in (b"sh", b"bash")


def lines_of(command: list[str]) -> str:
    done = subprocess.run(
        command, cwd=checkout.ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    return done.stdout + done.stderr


def test_shell_scripts() -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed")
    scripts = [str(file) for file in checkout.project_files() if is_shell_script(str(file))]
    found = lines_of(["shellcheck", "--external-sources", "--source-path=.", "--format=gcc", *scripts])
    assert not found, found


def test_ansible_lint(collection: Path) -> None:
    """The profile that certification asks for. It takes the copy for a project: the folder of a collection."""
    if shutil.which("ansible-lint") is None:
        pytest.skip("ansible-lint is not installed: set-up has it from PyPI or from Debian")
    folders = (collection.parents[2], checkout.BUILD / "collections")
    done = subprocess.run(
        ["ansible-lint", "--offline", "--nocolor", "-p", "--profile", "production"],
        cwd=collection,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(map(str, folders)), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # It says so at last; where it found nothing to look at, it says something else.
    assert "Passed: 0 failure(s), 0 warning(s) on" in done.stderr, done.stderr


def test_python() -> None:
    """PEP 8; W503 contradicts what PEP 8 says today, E203 is wrong about slices."""
    pytest.importorskip("pycodestyle")
    sources = [str(file) for file in checkout.project_files() if file.suffix == ".py"]
    found = lines_of(
        [sys.executable, "-m", "pycodestyle", "--max-line-length=120", "--ignore=E203,E402,W503", *sources]
    )
    assert not found, found


def test_types() -> None:
    """The plugins' annotations hold, as pyright reads them, for the oldest Python that the collection runs on."""
    pyright = checkout.BUILD / "pyright/node_modules/.bin/pyright"
    if not pyright.exists():
        pytest.skip("pyright is not installed: it comes from npm")
    collections = checkout.BUILD / "collections"
    # Paths in its configuration are relative to that, and it follows no link that it was not told of.
    config = checkout.BUILD / "pyright/pyrightconfig.json"
    config.write_text(
        json.dumps(
            {
                "include": ["../collections/ansible_collections/gpvault/gpmc/plugins"],
                "exclude": [],
                "extraPaths": [str(collections)],
                "pythonVersion": "3.11",
                "typeCheckingMode": "standard",
            }
        ),
        "utf-8",
    )
    found = lines_of([str(pyright), "--project", str(config), "--pythonpath", sys.executable])
    assert re.search(r"^0 errors, 0 warnings", found, re.M), found


def test_yaml() -> None:
    pytest.importorskip("yamllint")
    sources = [str(file) for file in checkout.project_files() if file.suffix in (".yml", ".yaml")]
    config = str(checkout.ROOT / "tests" / "sanity" / "yamllint.yml")
    found = lines_of([sys.executable, "-m", "yamllint", "--strict", "--format=parsable", "-c", config, *sources])
    assert not found, found
