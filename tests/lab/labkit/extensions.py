# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of client-side extensions, as the attributes gPCMachineExtensionNames and gPCUserExtensionNames hold them.

The syntax is [{extension}{tool}…][…] in ascending order of the extension's GUID (MS-GPOL 2.2.4); the numbers are
those of MS-GPREG, MS-GPSB, MS-GPSCR and of the genuine backups.
"""

from __future__ import annotations

import re

from .domain_model import COMPUTER, USER

_GROUP = re.compile(r"\[((?:\{[0-9A-Fa-f-]{36}\})+)\]")
_GUID = re.compile(r"\{[0-9A-Fa-f-]{36}\}")

REGISTRY = {
    COMPUTER: "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]",
    USER: "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F73-3407-48AE-BA88-E8213C6761F1}]",
}
SECURITY = "[{827D319E-6EAC-11D2-A4EA-00C04F79F83A}{803E14A0-B4FB-11D0-A0D0-00A0C90F574B}]"
AUDIT = "[{F3CCC681-B74C-4060-9F26-CD84525DCA2A}{0F3F3735-573D-9804-99E4-AB2A69BA5FD4}]"
SCRIPTS = {
    COMPUTER: "[{42B5FAAE-6536-11D2-AE5A-0000F87571E3}{40B6664F-4972-11D1-A7CA-0000F87571E3}]",
    USER: "[{42B5FAAE-6536-11D2-AE5A-0000F87571E3}{40B66650-4972-11D1-A7CA-0000F87571E3}]",
}
# MS-GPWL 1.9.
WIRELESS = "[{0ACDD40C-75AC-47AB-BAA0-BF6DE7E7FE63}{2DA6AA7F-8C88-4194-A558-0D36E7FD3E64}]"


def with_extension(names: str, group: str) -> str:
    """The list with one more group; tools of an extension that is there already are merged into its group."""
    groups: dict[str, list[str]] = {}
    for match in _GROUP.finditer(names + group):
        extension, *tools = (guid.upper() for guid in _GUID.findall(match.group(1)))
        known = groups.setdefault(extension, [])
        known.extend(tool for tool in tools if tool not in known)
    return "".join(f"[{extension}{''.join(groups[extension])}]" for extension in sorted(groups))


def without_extension(names: str, group: str) -> str:
    """The list without the extension of a group."""
    extension = _GUID.findall(group)[0].upper()
    kept = [match.group(0) for match in _GROUP.finditer(names) if _GUID.findall(match.group(1))[0].upper() != extension]
    return "".join(kept)
