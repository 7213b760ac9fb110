# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a piece of marked-up text can be."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple


class PartType(Enum):
    ERROR = "error"
    TEXT = "text"
    FORMAT = "format"  # I(), B(), C(), E(), V() and R(): nothing in them is checked
    HORIZONTAL_LINE = "horizontal line"
    URL = "url"
    LINK = "link"
    MODULE = "module"
    PLUGIN = "plugin"
    OPTION_NAME = "option name"
    RETURN_VALUE = "return value"


class PluginIdentifier(NamedTuple):
    fqcn: str
    type: str


@dataclass
class Part:
    """One piece. Which of the fields are filled depends on the type."""

    type: PartType
    source: str
    message: str = ""
    text: str = ""
    url: str = ""
    fqcn: str = ""
    plugin: PluginIdentifier | None = None
    entrypoint: str | None = None
    name: str = ""
    value: str | None = None
    link: list[str] = field(default_factory=list)
