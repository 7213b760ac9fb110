# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a settings report of GPMC, gpreport.xml, into settings, one element after the other.

A report may be that of a backup, which anybody may have written: DTDs and entities are refused before anything is
parsed, and size and depth are bounded.
"""

from __future__ import annotations

import codecs
import typing as t
import xml.etree.ElementTree as ET
from xml.parsers import expat

from ._settings_families import settings_of
from ._settings_gpo import half_enabled, settings_of_gpo
from ._settings_model import Setting, part
from ._settings_xml import TYPE, child_text, local, parts_of

SETTINGS = "http://www.microsoft.com/GroupPolicy/Settings"

LARGEST = 256 * 1024 * 1024
"""Bytes of a report. The largest known have some ten million."""

_DEEPEST = 100
"""Levels of a report. GPMC's have some twenty."""

_CHUNK = 1 << 20

_HALVES = {f"{{{SETTINGS}}}Computer": "computer", f"{{{SETTINGS}}}User": "user"}


class ReportError(ValueError):
    """What was given is no settings report that can be compared."""


def read_settings(report: t.BinaryIO) -> list[Setting]:
    """Return all settings of a report, and what else it tells of the GPO. Raises ReportError for what is no report."""
    reader = _Reader()
    parser = ET.XMLPullParser(("start", "end", "start-ns", "end-ns"))
    try:
        _refuse_dtd(report)
        for text in _texts(report):
            parser.feed(text)
            reader.take(parser.read_events())
        parser.close()
        reader.take(parser.read_events())
    except (ET.ParseError, expat.ExpatError, UnicodeError) as error:
        raise ReportError(f"It is no whole XML: {error}.") from None
    return reader.settings


def identifier_of(report: t.BinaryIO) -> str:
    """Return the ID of the GPO that a report is of, in upper case; empty where it does not tell before its settings."""
    parser = ET.XMLPullParser(("start", "end"))
    try:
        _refuse_dtd(report)
        # It is among the first elements.
        for text in _texts(report, 4096):
            parser.feed(text)
            for event, what in t.cast("t.Iterator[tuple[str, ET.Element]]", parser.read_events()):
                if event == "start" and what.tag in _HALVES:
                    return ""
                if event == "end" and local(what) == "Identifier" and not len(what):
                    return (what.text or "").strip().upper()
    except (ET.ParseError, expat.ExpatError, UnicodeError):
        # Whoever reads all of it tells what is wrong.
        return ""
    return ""


def _texts(report: t.BinaryIO, at_once: int = _CHUNK) -> t.Iterator[str]:
    """Return a report as text, so many bytes after the other. It is read as text, whatever its declaration says."""
    report.seek(0)
    decoder = codecs.getincrementaldecoder(_encoding(report.read(4)))()
    report.seek(0)
    size = 0
    while chunk := report.read(at_once):
        size += len(chunk)
        if size > LARGEST:
            raise ReportError(f"It has more than {LARGEST} bytes.")
        yield decoder.decode(chunk)
    yield decoder.decode(b"", True)


def _encoding(start: bytes) -> str:
    """Return the encoding by the first bytes: the declaration still says UTF-16 where a script saved it as UTF-8."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(start[:2], "utf-8-sig")


class _RootReached(Exception):
    """Nothing but the prolog has to be looked at."""


def _refuse_dtd(report: t.BinaryIO) -> None:
    """Raise ReportError when there is a DTD. One can stand before the root only, and entities in one only."""

    def refuse(*_declared: t.Any) -> t.NoReturn:
        raise ReportError("It has a DTD, which no report of GPMC's has.")

    def stop(*_root: t.Any) -> t.NoReturn:
        raise _RootReached

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = stop
    try:
        for text in _texts(report):
            parser.Parse(text, False)
    except _RootReached:
        pass


class _Reader:
    """Follows the elements. Of the tree there is never more than the way to the element in hand, and that one."""

    def __init__(self) -> None:
        self.settings: list[Setting] = []
        self._path: list[ET.Element] = []
        self._spaces: list[tuple[str, str]] = []
        self._half: str | None = None
        self._extension = ""

    def take(self, events: t.Iterable[t.Any]) -> None:
        """Follow the next events of the parser."""
        path = self._path
        for event, what in events:
            if event == "start":
                path.append(what)
                if len(path) < 5 or len(path) > _DEEPEST:
                    self._start(what, len(path) - 1)
            elif event == "end":
                path.pop()
                if len(path) < 5:
                    self._end(what, len(path))
            elif event == "start-ns":
                self._spaces.append(what)
            else:
                self._spaces.pop()

    def _start(self, element: ET.Element, depth: int) -> None:
        if depth == 0 and element.tag != f"{{{SETTINGS}}}GPO":
            raise ReportError("It is no settings report of GPMC's.")
        if depth == 1:
            self._half = _HALVES.get(element.tag)
        elif depth == 3 and self._half and local(element) == "Extension":
            self._extension = self._schema(element.get(TYPE) or "")
        elif depth >= _DEEPEST:
            raise ReportError(f"Its elements are nested more than {_DEEPEST} levels deep.")

    def _schema(self, name: str) -> str:
        """Return the schema of a type, without what all of GPMC's have in common, or the type where that has none."""
        prefix, _colon, own = name.rpartition(":")
        space = next((uri for known, uri in reversed(self._spaces) if known == prefix), "")
        return space.removeprefix(SETTINGS).lstrip("/") or own

    def _end(self, element: ET.Element, depth: int) -> None:
        if depth == 1 and self._half is None:
            self.settings += settings_of_gpo(element)
        elif depth == 2 and self._half:
            self._end_of_child(self._half, element)
        elif depth == 3 and self._half and local(element) == "Extension":
            self._end_of_extension(self._half, element)
            return
        elif depth == 4 and self._half and local(self._path[3]) == "Extension":
            self.settings += settings_of(self._half, self._extension, element)
        elif depth != 1:
            return
        # What has been read is not needed any more.
        self._path[-1].remove(element)

    def _end_of_extension(self, half: str, extension: ET.Element) -> None:
        """Read what is in the extension itself. There is nothing in any that is known."""
        told = [one for one in parts_of(extension, skip=(TYPE,)) if one.value.strip()]
        if told:
            self.settings.append(Setting(half, self._extension, (), "", (self._extension,), tuple(told)))

    def _end_of_child(self, half: str, element: ET.Element) -> None:
        if local(element) != "ExtensionData":
            self.settings += half_enabled(half, element)
            return
        for one in element:
            if local(one) == "Error":
                # Never silently: what could not be told may well differ.
                name = child_text(element, "Name")
                told = tuple(parts_of(one)) or (part("", ""),)
                self.settings.append(Setting(half, name, (), "could not be reported", ("Error",), told))
