# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Registry.pol, the file of the administrative templates.

The format is MS-GPREG 2.2.1: the signature "PReg", version 1, then entries [key;value;type;size;data] in UTF-16LE.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Iterable

SIGNATURE = b"PReg\x01\x00\x00\x00"

REG_SZ = 1
REG_EXPAND_SZ = 2
REG_BINARY = 3
REG_DWORD = 4
REG_MULTI_SZ = 7

_OPEN, _SEPARATOR, _CLOSE = ("[".encode("utf-16-le"), ";".encode("utf-16-le"), "]".encode("utf-16-le"))


class RegistryPolError(ValueError):
    """The bytes are not a Registry.pol."""


@dataclass(frozen=True)
class Setting:
    """One registry value that a policy sets."""

    key: str
    name: str
    type: int
    data: bytes

    def to_bytes(self) -> bytes:
        fields = (
            (self.key + "\0").encode("utf-16-le"),
            (self.name + "\0").encode("utf-16-le"),
            struct.pack("<I", self.type),
            struct.pack("<I", len(self.data)),
            self.data,
        )
        return _OPEN + _SEPARATOR.join(fields) + _CLOSE


def dword(key: str, name: str, value: int) -> Setting:
    return Setting(key, name, REG_DWORD, struct.pack("<I", value))


def string(key: str, name: str, value: str) -> Setting:
    return Setting(key, name, REG_SZ, (value + "\0").encode("utf-16-le"))


def multi_string(key: str, name: str, values: Iterable[str]) -> Setting:
    return Setting(key, name, REG_MULTI_SZ, ("".join(value + "\0" for value in values) + "\0").encode("utf-16-le"))


def build(settings: Iterable[Setting]) -> bytes:
    """The whole file."""
    return SIGNATURE + b"".join(setting.to_bytes() for setting in settings)


def parse(data: bytes) -> list[Setting]:
    """The settings of a file, in its order."""
    if not data.startswith(SIGNATURE):
        raise RegistryPolError("no PReg signature of version 1")
    settings = []
    position = len(SIGNATURE)
    while position < len(data):
        position = _expect(data, position, _OPEN)
        key, position = _read_string(data, position)
        position = _expect(data, position, _SEPARATOR)
        name, position = _read_string(data, position)
        position = _expect(data, position, _SEPARATOR)
        number, position = _read_number(data, position)
        position = _expect(data, position, _SEPARATOR)
        size, position = _read_number(data, position)
        position = _expect(data, position, _SEPARATOR)
        content = data[position:position + size]
        position = _expect(data, position + size, _CLOSE)
        settings.append(Setting(key, name, number, content))
    return settings


def with_setting(data: bytes | None, setting: Setting) -> bytes:
    """The file with one value set: in its place if it was there (names are case-insensitive), else at the end."""
    settings = parse(data) if data else []
    wanted = (setting.key.casefold(), setting.name.casefold())
    for index, old in enumerate(settings):
        if (old.key.casefold(), old.name.casefold()) == wanted:
            settings[index] = setting
            break
    else:
        settings.append(setting)
    return build(settings)


def _expect(data: bytes, position: int, mark: bytes) -> int:
    if data[position:position + 2] != mark:
        raise RegistryPolError(f"{mark.decode('utf-16-le')!r} expected at offset {position}")
    return position + 2


def _read_string(data: bytes, position: int) -> tuple[str, int]:
    end = position
    while data[end:end + 2] != b"\0\0":
        if end + 2 > len(data):
            raise RegistryPolError(f"a string at offset {position} has no end")
        end += 2
    return data[position:end].decode("utf-16-le"), end + 2


def _read_number(data: bytes, position: int) -> tuple[int, int]:
    try:
        return struct.unpack_from("<I", data, position)[0], position + 4
    except struct.error as error:
        raise RegistryPolError(f"a number at offset {position} is cut short") from error
