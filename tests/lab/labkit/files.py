# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files as the lab needs them: whole or not at all, and found without regard to case."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any, Iterable

from .errors import LabError


def write_bytes(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file so that a reader sees either the old or the new content, never half of one.

    The stand-in reads the domain's files while the lab command changes them.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def write_text(path: Path, text: str, mode: int = 0o644) -> None:
    write_bytes(path, text.encode("utf-8"), mode)


def write_json(path: Path, value: Any, mode: int = 0o644) -> None:
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n", mode)


def read_json(path: Path, default: Any = None) -> Any:
    """The content of a JSON file, or the default when there is no such file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default
    except ValueError as error:
        raise LabError(f"{path} is not valid JSON: {error}") from error


def existing_child(folder: Path, name: str) -> Path | None:
    """The entry of a folder that Windows would take for `name`: the exact one, else one that differs in case."""
    exact = folder / name
    if os.path.lexists(exact):
        return exact
    try:
        entries = sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return None
    wanted = name.casefold()
    return next((folder / entry for entry in entries if entry.casefold() == wanted), None)


def resolve_any_case(folder: Path, parts: Iterable[str]) -> Path:
    """`folder/parts…`, where each existing part is found without regard to case and each missing one is kept as it is.

    Linux would otherwise hold `Microsoft` and `microsoft` side by side, of which Wine sees only one.
    """
    path = folder
    for part in parts:
        path = existing_child(path, part) or path / part
    return path
