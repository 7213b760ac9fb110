# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HRESULTs in words."""

from __future__ import annotations

import pathlib
import re

import pytest
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _hresult as hr

_HEADERS = pathlib.Path("/usr/share/mingw-w64/include")

# The codes that people meet with Group Policy; each deserves a name and a sentence of its own.
_MET = [
    0x80070005, 0x80070003, 0x80070035, 0x80070043, 0x80070070, 0x80070020, 0x80072030, 0x80072020, 0x8007203A,
    0x8007054B, 0x8007052E, 0x80070721, 0x800704C7, 0x80004004, 0x80070490, 0x80040154, 0x80070057, 0x800706BA,
    0x8007000D, 0x80070542, 0x8007051F, 0x80070532, 0x80070773, 0x80070775, 0x800704C3, 0x8007003B, 0x80070079,
    0x80070091, 0x80070032, 0x80131620, 0x80131621, 0x8007202B, 0x80005000, 0x80005004, 0x8000500D, 0xC00CE223,
]  # fmt: skip


@pytest.mark.parametrize("code", _MET, ids=hex)
def test_codes_that_people_meet_are_known(code: int) -> None:
    meaning = hr.describe(code)
    assert re.fullmatch(r"[A-Z_]+[A-Z0-9_]*", meaning.name)
    assert meaning.message.endswith(".")


def test_names_and_numbers_are_those_of_the_headers() -> None:
    if not _HEADERS.is_dir():
        pytest.skip("the MinGW-w64 headers are not installed")
    text = "".join((_HEADERS / name).read_text("latin-1") for name in ("winerror.h", "corerror.h", "adserr.h"))
    for code, meaning in hr._MEANINGS.items():
        define = re.search(rf"#define\s+{meaning.name}\s+(\S.*)", text)
        assert define is not None, meaning.name
        number = int(re.findall(r"0x[0-9a-fA-F]+|\d+", define[1])[-1], 0)
        if "EMAKEHR" in define[1]:
            number |= 0x80130000
        elif number and number < 0x10000 and code > 1:
            number |= 0x80070000
        assert number == code, meaning.name


def test_unknown_code_shows_its_facility_and_what_the_host_said() -> None:
    meaning = hr.describe(0x80071234 - 2**32, "Something\r\n odd.")
    assert meaning == hr.Meaning("FACILITY_WIN32, code 4660", "Something odd.")
    assert hr.describe(0x87FF0001).name == "facility 2047, code 1"
    assert hr.describe(0x87FF0001).message == "No description of this code is known."


def test_what_helps_whatever_the_step() -> None:
    assert "Install-WindowsFeature GPMC" in hr.describe(0x80040154).fix == hr.describe(0x800401F3).fix
    for code in (0x8007054B, 0x80072020, 0x80070542, 0x8007051F, 0x80070721):
        assert "double hop" in hr.describe(code).fix


def test_xml_that_gpmc_cannot_read() -> None:
    """MSXML has a thousand codes, and its own text says which it is."""
    assert hr.describe(0xC00CE56D, "End tag 'a' does not match\r\n 'b'.") == hr.Meaning(
        "MSXML", "End tag 'a' does not match 'b'.", hr.describe(0xC00CE56D).fix
    )
    assert hr.describe(0xC00CE56D).fix and hr.describe(0xC00CF000).name == "FACILITY_INTERNET, code 61440"


def test_a_code_that_says_nothing_is_described_by_the_host() -> None:
    assert hr.describe(0x80131501, "The host is not a member of a domain.").message.startswith("The host is not")
    assert hr.describe(0x80004005).message == "The component failed without saying why."
    assert hr.describe(0x80070005, "Zugriff verweigert").message == "Access is denied."
