# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures and markers of the sanity checks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import checkout


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "docs: a check about documentation")


@pytest.fixture(scope="session")
def collection() -> Path:
    """The copy of the collection that ansible-test works in; each part of the tests has its own (tests/run)."""
    return checkout.copy_project("sanity" + os.environ.get("GPVAULT_TEST_LABS", ""))
