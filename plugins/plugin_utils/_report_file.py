# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports on the controller: unpacked, compared, written. What _ReportFile.psm1 does on the host, for files here."""

from __future__ import annotations

import base64
import binascii
import codecs
import errno
import os
import re
import secrets
import typing as t
import zlib

DIFF_LENGTH = 65536
"""Characters of a report that a diff shows."""

_LARGEST = 512 * 1024 * 1024
"""Bytes of a report. What unpacks to more is none."""

_NAME = re.compile(r"[^/\\\x00-\x1f]{1,61}_\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}\.(?:xml|html)")

_READ_TIME = {
    "xml": (re.compile("<ReadTime>[^<]*</ReadTime>"), ""),
    "html": (re.compile('(<td id="?dtstamp"?[^>]*>)[^<]*', re.IGNORECASE | re.ASCII), r"\1"),
}
"""What tells the time at which a report was made, and what is left of it. _ReportFile.psm1 has the same rule; both keep
to tests/unit/same_report.json."""

_FIXES = {
    errno.ENOENT: "Create the folder first, or end dest with a slash to have it created.",
    errno.ENOSPC: "Free space on the volume that holds the reports.",
    errno.ENAMETOOLONG: "Use a shorter dest.",
    **dict.fromkeys(
        (errno.EACCES, errno.EPERM), "Give the user that runs Ansible write access to the folder on the controller."
    ),
}


def unpack(content: str, largest: int | None = None) -> bytes:
    """Return the report that the host sent, compressed with gzip and in Base64.

    Raises ValueError for anything else, and for more than *largest* bytes.
    """
    try:
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        report = unpacker.decompress(base64.b64decode(content, validate=True), largest or _LARGEST)
    except (binascii.Error, zlib.error) as error:
        raise ValueError(f"what the host sent is no report: {error}") from error
    if not unpacker.eof:
        raise ValueError("what the host sent is no whole report")
    return report


def file_name(name: str) -> str:
    """Return *name*, which a host gave, if it is that of a report in the folder in hand. Raises ValueError if not."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"what the host sent is no name of a report: '{name}'")
    return name


def text_of(report: bytes, kind: str) -> str:
    """Return the text of a report of that *kind*, xml or html, without the time at which it was made."""
    if report.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = report.decode("utf-16", "surrogatepass")
    else:
        # Byte by byte, so that no difference is lost.
        text = report.decode("latin-1")
    pattern, left = _READ_TIME[kind]
    return pattern.sub(left, text, count=1)


def compare(before: bytes | None, after: bytes, kind: str) -> dict[str, t.Any] | None:
    """Return None when a report is as it was but for its time, else the texts C(before) and C(after) for a diff.

    Both are None where there is none to show. *before* is None where there was no file.
    """
    is_now = text_of(after, kind)
    try:
        was = "" if before is None else text_of(before, kind)
    except UnicodeDecodeError:
        # A file that was none of ours.
        was = ""
    if before is not None and was == is_now:
        return None
    if kind != "xml" or max(len(was), len(is_now)) > DIFF_LENGTH:
        return {"before": None, "after": None}
    return {"before": was, "after": is_now}


def save(path: str, report: bytes) -> None:
    """Write a report whole, or not at all."""
    part = f"{path}.{secrets.token_hex(4)}.tmp"
    try:
        with open(part, "xb") as file:
            file.write(report)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        if os.path.exists(part):
            os.unlink(part)
        raise


def trouble(error: OSError | ValueError, path: str) -> dict[str, t.Any]:
    """Return why a report is not at *path*, as an item's trouble. No HRESULT stands behind."""
    message, fix = str(error), ""
    if isinstance(error, OSError):
        # Its own text names the file that is written beside the report first.
        message, fix = f"{error.strerror or error}: {path}", _FIXES.get(error.errno or 0, "")
    return {"step": "dest", "hresult": None, "message": message, "fix": fix}
