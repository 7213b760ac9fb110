# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds what the host sends, with every key: a trip's reply, an item of it. What they mean: docs/design.md."""

from __future__ import annotations

import typing as t

GPO = {"id": "{56FBAA13-1A1B-5C8A-B6BC-49705916AFED}", "name": "Kiosk", "domain": "corp.example"}

OK = {"hresult": 0, "message": ""}
DENIED = {"hresult": -2147024891, "message": "no"}
INVALID_DATA = {"hresult": -2147024883, "message": ""}
DISK_FULL = {"hresult": -2147024784, "message": ""}
CANCELLED = {"hresult": -2147023673, "message": ""}
NO_HRESULT = {"hresult": None, "message": ""}


def reply(*items: t.Mapping[str, t.Any], **changes: t.Any) -> dict[str, t.Any]:
    """Return the reply of a trip that told of these items."""
    return {
        "domain": "corp.example", "domain_controller": "dc1.corp.example", "selected": len(items),
        "selection_errors": [], "unmatched_patterns": [], "inaccessible": [], "inaccessible_errors": [], "problems": [],
        "path_created": False, "locked": False, "locked_by": None, "suspect": None, "stopped": False, "remaining": [],
        "cursor": None, "surroundings": None, "entries": list(items), "trouble": None, "warnings": [],
        "milliseconds": {"select": 1, "compare": 2, "work": 3, "catalog": 4, "whole": 1234}, **changes,
    }  # fmt: skip


def received(*items: t.Mapping[str, t.Any], **changes: t.Any) -> dict[str, t.Any]:
    """Return the module's result with such a reply, as exchanges.play takes it."""
    return {"received": {"changed": False, "trip": reply(*items, **changes)}}


def item(outcome: str, **changes: t.Any) -> dict[str, t.Any]:
    """Return an item of which nothing but its outcome is known."""
    return {
        "id": GPO["id"], "gpo": dict(GPO), "outcome": outcome, "changed": False, "milliseconds": 100, "trouble": None,
        "call_status": None, "overall_status": None, "status_messages": [], **changes,
    }  # fmt: skip


def trouble(step: str, status: t.Mapping[str, t.Any] = NO_HRESULT, **changes: t.Any) -> dict[str, t.Any]:
    """Return the trouble of an item, or of a trip."""
    return {"step": step, **status, **changes}
