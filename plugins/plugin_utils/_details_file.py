# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file on the controller that has a task's whole result, where the task's own leaves most of it out.

It begins with its format, so that one of these is told from any other file without reading all of it.
"""

from __future__ import annotations

import json
import os
import typing as t

from . import _report_file

FORMAT = "gpvault.gpmc details 1"

_BEGIN = f'{{"format": "{FORMAT}"'.encode()


def save(path: str, result: t.Mapping[str, t.Any]) -> None:
    """Write a result whole, or not at all. Raises OSError, and ValueError where another file is in the place."""
    try:
        with open(path, "rb") as file:
            if file.read(len(_BEGIN)) != _BEGIN:
                raise ValueError(f"{path} is a file of another kind, and is left as it is.")
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), mode=0o750, exist_ok=True)
    _report_file.save(path, json.dumps({"format": FORMAT, "result": result}).encode())


def read(path: str) -> dict[str, t.Any] | None:
    """Return the result of a file, or None where there is no file of the kind that could be read."""
    try:
        with open(path, "rb") as file:
            document = json.load(file)
        return dict(document["result"]) if document["format"] == FORMAT else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
