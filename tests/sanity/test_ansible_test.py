# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-test's own sanity tests, on a copy of the project.

ansible-test wants to build a venv with pip for some of them, which needs PyPI. Those are run here without ansible-test
around them, by calling the script that it would call: validate-modules, yamllint, runtime-metadata, pep8.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import checkout
import stand_ins

SCRIPTS = "ansible_test/_util/controller/sanity"

# Those that `ansible-test sanity` runs without a venv. Not here: import, pylint and pslint, which it
# cannot; changelog, which test_documentation.py sees to.
OFFLINE_TESTS = (
    "action-plugin-docs",
    "compile",
    "empty-init",
    "ignores",
    "line-endings",
    "no-assert",
    "no-get-exception",
    "no-illegal-filenames",
    "no-smart-quotes",
    "replace-urlopen",
    "shebang",
    "shellcheck",
    "symlinks",
    "use-argspec-type-path",
    "use-compat-six",
)
DOCUMENTATION_TESTS = ("action-plugin-docs",)


def run(command: list[str | Path], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def sanity_script(name: str) -> Path:
    """Where ansible-test keeps the script behind one of its tests."""
    import ansible_test

    script = Path(ansible_test.__file__).parent.parent / SCRIPTS / name
    if not script.is_file():
        pytest.skip(f"this ansible-core has no {name}")
    return script


def is_ignored(collection: Path, file: str, test: str) -> bool:
    """Whether the ignore file of this ansible-core excuses a file from a test (`name:code`)."""
    from ansible.release import __version__

    series = ".".join(__version__.split(".")[:2])
    ignores = collection / "tests" / "sanity" / f"ignore-{series}.txt"
    lines = ignores.read_text(encoding="utf-8").splitlines() if ignores.is_file() else []
    return [file, test] in [line.split("#")[0].split() for line in lines]


def files_in(collection: Path, *patterns: str) -> list[str]:
    """Files of the copy that match, as paths relative to it."""
    return sorted({str(file.relative_to(collection)) for pattern in patterns for file in collection.glob(pattern)})


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.docs] if name in DOCUMENTATION_TESTS else []) for name in OFFLINE_TESTS],
)
def test_ansible_test(name: str, collection: Path) -> None:
    python_version = f"{sys.version_info.major}.{sys.version_info.minor}"
    done = run(
        ["ansible-test", "sanity", "--color", "no", "--python", python_version, "--test", name],
        collection,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.docs
def test_runtime_metadata(collection: Path) -> None:
    pytest.importorskip("voluptuous")
    done = run([sys.executable, sanity_script("code-smell/runtime-metadata.py"), "meta/runtime.yml"], collection)
    assert done.returncode == 0 and not done.stdout, done.stdout + done.stderr


def test_yaml_as_ansible_test_sees_it(collection: Path) -> None:
    """Also looks into the YAML that Python plugins hold in their docstrings."""
    pytest.importorskip("yamllint")
    files = files_in(collection, "**/*.yml", "**/*.yaml", "plugins/**/*.py")
    done = run([sys.executable, sanity_script("yamllint/yamllinter.py"), *files], collection)
    assert done.returncode == 0, done.stderr
    messages = json.loads(done.stdout)["messages"]
    assert not messages, "\n".join(f"{m['path']}:{m['line']}: {m['message']}" for m in messages)


@pytest.mark.docs
def test_validate_modules(collection: Path) -> None:
    """Documentation, option by option, against the argument spec that the module itself gives."""
    pytest.importorskip("voluptuous")
    script = sanity_script("validate-modules/validate.py")
    modules = files_in(collection, "plugins/modules/*.ps1", "plugins/modules/*.py")
    done = run(
        [sys.executable, script, "--format", "json", "--arg-spec", "--collection", "ansible_collections/gpvault/gpmc"]
        + modules,
        collection,
        PATH=f"{checkout.BUILD / 'pwsh'}:{os.environ['PATH']}",
        PYTHONPATH=os.pathsep.join(stand_ins.FOLDERS),
        ANSIBLE_COLLECTIONS_PATH=str(collection.parents[2]),
    )
    assert done.stdout.startswith("{"), done.stdout + done.stderr
    findings = [
        f"{file}:{error.get('line', 0)}: {error['code']}: {error['msg']}"
        for file, result in json.loads(done.stdout).items()
        for error in result["errors"]
        if not is_ignored(collection, file, f"validate-modules:{error['code']}")
    ]
    assert not findings, "\n".join(findings)
