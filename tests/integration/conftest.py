# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Labs for the tests: brought up once, taken down at the end."""

from __future__ import annotations

import contextlib
import functools
import os
import pathlib
import sys
import typing as t

import pytest

_HERE = pathlib.Path(__file__).resolve().parent

# The helpers beside this file, and the lab's own package, `labkit`.
sys.path[:0] = [str(_HERE), str(_HERE.parent / "lab")]

from harness import ROOT, Lab  # noqa: E402  pylint: disable=wrong-import-position


def _up(name: str, *args: str) -> t.Iterator[Lab]:
    # tests/run runs parts of the tests at once, each with labs of its own.
    lab = Lab(name + os.environ.get("GPVAULT_TEST_LABS", ""))
    lab("up", "--fresh", *args)
    try:
        yield lab
    finally:
        lab("down")


@pytest.fixture(scope="session")
def labs() -> t.Iterator[t.Callable[[str], Lab]]:
    """For each culture that a test asks for, one host with the lab's own domain."""
    up = contextlib.contextmanager(_up)
    with contextlib.ExitStack() as stack:
        yield functools.cache(
            lambda culture: stack.enter_context(up(f"test-{culture}", "--culture", culture, "--domain", "corp.example"))
        )


@pytest.fixture
def culture(request: pytest.FixtureRequest) -> str:
    """The regional format of the lab's host."""
    return getattr(request, "param", "en-US")


@pytest.fixture
def lab(labs: t.Callable[[str], Lab], culture: str) -> t.Iterator[Lab]:
    """The lab as it was made: no faults, the seed's domain, an empty drive D: and empty shares."""
    with labs(culture).restored() as shared_lab:
        yield shared_lab


@pytest.fixture(scope="session")
def fleet() -> t.Iterator[Lab]:
    """Four hosts, each with a domain of its own."""
    yield from _up("fleet", "--hosts", "4", "--domain", "corp.example", "--pool", "0")


@pytest.fixture
def short_paths_lab() -> t.Iterator[Lab]:
    """One host on which .NET reaches no path beyond MAX_PATH by itself."""
    yield from _up("short-paths", "--short-paths", "--domain", "corp.example")


@pytest.fixture(scope="session")
def genuine_backups() -> pathlib.Path:
    """The folder of genuine backups."""
    folder = pathlib.Path(os.environ.get("GPVAULT_GENUINE_BACKUPS", ROOT.parent / "shared/gpo-backups"))
    if not folder.is_dir():
        pytest.skip("no genuine backups")
    return folder


@pytest.fixture(scope="session")
def genuine_lab(genuine_backups: pathlib.Path) -> t.Iterator[Lab]:
    """One host whose domain is seeded from the genuine backups."""
    yield from _up("genuine", "--hosts", "1", "--domain", "corp.example", "--seed", str(genuine_backups))
