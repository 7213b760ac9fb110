# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection packs, installs and shows its documentation."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import tarfile

import yaml
from harness import BUILD, ROOT

_BIN = BUILD / "venv/bin"


def _run(*args: str | pathlib.Path, **how: object) -> str:
    done = subprocess.run(args, capture_output=True, text=True, check=False, **how)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_tarball_installs_and_holds_what_users_need_alone(tmp_path: pathlib.Path) -> None:
    _run(_BIN / "ansible-galaxy", "collection", "build", "--output-path", tmp_path, ROOT)
    (tarball,) = tmp_path.glob("gpvault-gpmc-*.tar.gz")
    with tarfile.open(tarball) as archive:
        names = archive.getnames()
    assert {name.split("/")[0] for name in names} == {
        ".ansible-lint", "MANIFEST.json", "FILES.json", "README.md", "LICENSE", "CHANGELOG.rst", "changelogs", "docs",
        "ee", "extensions", "meta", "playbooks", "plugins", "roles", "tests",
    }  # fmt: skip
    # Automation Hub runs ansible-test's sanity tests, and looks into what is excused from them.
    tests = [name for name in names if name.startswith("tests")]
    assert all(re.fullmatch(r"tests(/sanity(/ignore-2\.\d+\.txt)?)?", name) for name in tests) and len(tests) == 9
    assert tarball.stat().st_size < 1_000_000

    # Of its own: where the search path of the test run already holds the collection, `install` installs nothing.
    installed = tmp_path / "collections"
    env = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(installed), "PAGER": "cat"}
    env.pop("PYTHONPATH", None)
    _run(_BIN / "ansible-galaxy", "collection", "install", tarball, "-p", installed, env=env, cwd=tmp_path)
    shown = _run(_BIN / "ansible-doc", "gpvault.gpmc.gpo_backup", env=env, cwd=tmp_path)
    assert "BACK" in shown.upper() and str(installed) in shown and "inaccessible" in shown
    shown = _run(_BIN / "ansible-doc", "-t", "filter", "gpvault.gpmc.backup_table", env=env, cwd=tmp_path)
    assert "backup_table" in shown

    # What ansible-builder's introspection of what is installed finds: a mapping of kinds to files below the collection.
    root = installed / "ansible_collections/gpvault/gpmc"
    needs = yaml.safe_load((root / "meta/execution-environment.yml").read_text("utf-8"))["dependencies"]
    listed = {kind: (root / file).read_text("utf-8") for kind, file in needs.items()}
    assert set(listed) == {"python", "system"} and "pypsrp[" in listed["python"] and "krb5-devel" in listed["system"]
    assert "ansible-core" not in [line.split("=")[0] for line in listed["python"].splitlines()]
