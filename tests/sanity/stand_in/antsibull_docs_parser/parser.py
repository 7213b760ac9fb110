# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads marked-up text into parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from . import dom


@dataclass
class Context:
    """Where the text stands: names in O() and RV() without a plugin mean this one."""

    current_plugin: dom.PluginIdentifier | None = None
    role_entrypoint: str | None = None


class MarkupError(Exception):
    """The markup cannot be read; the text says why."""


# A command with parentheses, or the one without, not inside a word.
COMMAND = re.compile(r"\b(?:(HORIZONTALLINE)\b|(RV|[IBCMULRPEVO])\()")

# Their content ends at the first `)`; they know no escapes.
PLAIN_COMMANDS = frozenset("IBCMULR")

# `name.space.plugin#type:` before a name; `ignore:` says that the name is nobody's.
PLUGIN_PREFIX = re.compile(r"^([a-z0-9_]+\.[a-z0-9_.]+)#([a-z]+):(.*)$", re.DOTALL)
PLUGIN = re.compile(r"^([^#]+)#([a-z]+)$")
IGNORE_PREFIX = "ignore:"


def parse(text: str | Iterable[str], context: Context, **_options: object) -> list[list[dom.Part]]:
    """One list of parts for each paragraph. The options of the genuine function change nothing here."""
    paragraphs = [text] if isinstance(text, str) else text
    return [list(_parse_paragraph(paragraph, context)) for paragraph in paragraphs]


def _parse_paragraph(text: str, context: Context) -> Iterable[dom.Part]:
    position = 0
    while match := COMMAND.search(text, position):
        if match.start() > position:
            yield dom.Part(dom.PartType.TEXT, text[position : match.start()])
        if match.group(1):
            position = match.end()
            yield dom.Part(dom.PartType.HORIZONTAL_LINE, match.group(0))
            continue
        command = match.group(2)
        try:
            content, position = _read_content(text, match.end(), escapes=command not in PLAIN_COMMANDS)
            yield READERS[command](content, text[match.start() : position], context)
        except MarkupError as error:
            source = text[match.start() : match.end()]
            message = f'While parsing "{source}" at index {match.start() + 1}: {error}'
            position = max(position, match.end())
            yield dom.Part(dom.PartType.ERROR, source, message=message)
    if position < len(text):
        yield dom.Part(dom.PartType.TEXT, text[position:])


def _read_content(text: str, start: int, escapes: bool) -> tuple[str, int]:
    """What is between the parentheses, unescaped, and the position behind them."""
    content = []
    position = start
    while position < len(text):
        character = text[position]
        if character == ")":
            return "".join(content), position + 1
        if escapes and character == "\\":
            position += 1
            if text[position : position + 1] not in (")", "\\", ","):
                raise MarkupError("a backslash must stand before a backslash, a comma or a parenthesis")
            character = text[position]
        content.append(character)
        position += 1
    raise MarkupError("the closing parenthesis is missing")


def _read_format(content: str, source: str, _context: Context) -> dom.Part:
    return dom.Part(dom.PartType.FORMAT, source, text=content)


def _read_module(content: str, source: str, _context: Context) -> dom.Part:
    return dom.Part(dom.PartType.MODULE, source, fqcn=content.strip())


def _read_url(content: str, source: str, _context: Context) -> dom.Part:
    return dom.Part(dom.PartType.URL, source, url=content.strip())


def _read_link(content: str, source: str, _context: Context) -> dom.Part:
    text, comma, target = content.rpartition(",")
    if not comma:
        raise MarkupError("two parts with a comma between them are needed")
    return dom.Part(dom.PartType.LINK, source, text=text.strip(), url=target.strip())


def _read_reference(content: str, source: str, context: Context) -> dom.Part:
    link = _read_link(content, source, context)
    return dom.Part(dom.PartType.FORMAT, source, text=link.text)


def _read_plugin(content: str, source: str, _context: Context) -> dom.Part:
    match = PLUGIN.match(content.strip())
    if not match:
        raise MarkupError("a plugin is written as name.space.plugin#type")
    return dom.Part(dom.PartType.PLUGIN, source, plugin=dom.PluginIdentifier(*match.groups()))


def _name_reader(part_type: dom.PartType) -> Callable[[str, str, Context], dom.Part]:
    """A reader for O() and RV(): [plugin#type:][entry point:]name[=value], or ignore:name."""

    def read(content: str, source: str, context: Context) -> dom.Part:
        name, equals, value = content.partition("=")
        plugin, entrypoint = context.current_plugin, context.role_entrypoint
        if prefixed := PLUGIN_PREFIX.match(name):
            plugin, entrypoint, name = dom.PluginIdentifier(*prefixed.groups()[:2]), None, prefixed.group(3)
        elif name.startswith(IGNORE_PREFIX):
            plugin, entrypoint, name = None, None, name.removeprefix(IGNORE_PREFIX)
        if plugin is not None and plugin.type == "role" and ":" in name:
            entrypoint, _colon, name = name.partition(":")
        if ":" in name or "#" in name:
            raise MarkupError(f'"{name}" is not a name')
        return dom.Part(
            part_type,
            source,
            plugin=plugin,
            entrypoint=entrypoint,
            name=name,
            value=value if equals else None,
            link=re.sub(r"\[[^\]]*\]", "", name).split("."),
        )

    return read


READERS: dict[str, Callable[[str, str, Context], dom.Part]] = {
    "I": _read_format,
    "B": _read_format,
    "C": _read_format,
    "E": _read_format,
    "V": _read_format,
    "M": _read_module,
    "U": _read_url,
    "L": _read_link,
    "R": _read_reference,
    "P": _read_plugin,
    "O": _name_reader(dom.PartType.OPTION_NAME),
    "RV": _name_reader(dom.PartType.RETURN_VALUE),
}
