# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an execution environment is built from: what the collection needs, and the example of a definition.

The format is that of ansible-builder's documentation, version 3. Neither it nor PyPI need be here.
"""

from __future__ import annotations

import re
import typing as t

import checkout
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

Format = t.Union[type, tuple[type, ...], dict[str, "Format"]]

TEXTS = (str, list)
"""A text, or a list of them; where a file is meant, its name."""

STEPS = [f"{when}_{stage}" for stage in ("base", "galaxy", "builder", "final") for when in ("prepend", "append")]
VERSION_3: dict[str, Format] = {
    "version": int,
    "images": {"base_image": {"name": str, "signature_original_name": str}},
    "dependencies": {
        "python": TEXTS,
        "galaxy": (str, list, dict),
        "system": TEXTS,
        "python_interpreter": {"package_system": str, "python_path": str},
        "ansible_core": {"package_pip": str},
        "ansible_runner": {"package_pip": str},
    },
    "build_arg_defaults": dict.fromkeys(
        ("ANSIBLE_GALAXY_CLI_COLLECTION_OPTS", "ANSIBLE_GALAXY_CLI_ROLE_OPTS", "PKGMGR_PRESERVE_CACHE"), str
    ),
    "additional_build_steps": dict.fromkeys(STEPS, TEXTS),
    "additional_build_files": list,
    "options": dict,
}

BINDEP = re.compile(r"[a-z0-9.+-]+( \[(compile )?platform:(rpm|dpkg)\])?")


def lines_of(name: str) -> list[str]:
    """The lines of a file that are no comments, as ansible-builder takes them."""
    lines = (checkout.ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def faults(value: t.Any, form: Format, where: str = "") -> t.Iterator[str]:
    """Where a definition is not as the format has it."""
    if not isinstance(form, dict):
        if not isinstance(value, form):
            yield f"{where} is {type(value).__name__}"
    elif not isinstance(value, dict):
        yield f"{where} is {type(value).__name__}"
    else:
        for key, part in value.items():
            if key in form:
                yield from faults(part, form[key], f"{where}.{key}")
            else:
                yield f"{where}.{key} is unknown"


def definitions() -> list[str]:
    return [str(file) for file in checkout.project_files() if file.name == "execution-environment.yml"]


@pytest.mark.parametrize("name", definitions())
def test_a_definition_is_as_the_format_has_it(name: str) -> None:
    definition = yaml.safe_load((checkout.ROOT / name).read_text(encoding="utf-8"))
    assert list(faults(definition, VERSION_3, name)) == [] and definition["version"] == 3
    if not name.startswith("meta/"):
        assert definition["images"]["base_image"]["name"]
        names = [entry["name"] for entry in definition["dependencies"]["galaxy"]["collections"]]
        assert "gpvault.gpmc" in names


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "3"}, {"images": {"base": {}}}, {"dependencies": {"ansible_core": "ansible-core"}},
        {"additional_build_steps": {"prepend": []}}, {"dependencies": []},
    ],
)  # fmt: skip
def test_the_check_finds_what_is_wrong(wrong: dict[str, t.Any]) -> None:
    assert list(faults(wrong, VERSION_3))


def test_what_using_needs_is_named_without_a_limit() -> None:
    """Certification wants it so: several collections share an execution environment."""
    needed = [Requirement(line) for line in lines_of("meta/ee-requirements.txt")]
    assert {canonicalize_name(one.name): one.extras for one in needed} == {
        "pywinrm": {"credssp", "kerberos"}, "pypsrp": {"credssp", "kerberos"},
    }  # fmt: skip
    assert all(spec.operator == ">=" for one in needed for spec in one.specifier)


def test_tests_run_with_what_users_may_have() -> None:
    """The versions that are pinned for tests are not older than what is asked for."""
    pinned = dict(line.split("==") for line in lines_of("test-requirements.txt"))
    for one in map(Requirement, lines_of("meta/ee-requirements.txt")):
        assert pinned[one.name] in one.specifier, one.name


def test_system_packages_are_lines_that_bindep_reads() -> None:
    lines = lines_of("meta/ee-bindep.txt")
    assert [line for line in lines if not BINDEP.fullmatch(line)] == []
    for platform in ("rpm", "dpkg"):
        assert any(line.startswith("krb5") and line.endswith(f"[platform:{platform}]") for line in lines)
