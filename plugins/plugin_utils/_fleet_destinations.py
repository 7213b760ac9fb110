# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of the copies that the role passes on from the controller, by a loop of gpo_backup_push."""

from __future__ import annotations

import typing as t

from ._words import some

Result = t.Mapping[str, t.Any]


def destinations(loop: Result | None) -> dict[str, Result]:
    """Return the result for each host, by its name. There is none where the loop was left out."""
    done = (one for one in (loop or {}).get("results") or () if not one.get("skipped"))
    return {one[one["ansible_loop_var"]]: one for one in done}


def lacking(results: t.Mapping[str, Result]) -> str:
    """Return which hosts do not have all copies, and why, or an empty text."""
    told = [f"{host}: {' '.join(str(one.get('msg')).split())}" for host, one in results.items() if is_bad(one)]
    return f"Not all copies are on {len(told)} of {len(results)} further hosts: {some(told, ' | ')}" if told else ""


def told_of(results: t.Mapping[str, Result]) -> list[str]:
    """Return what was done on each host."""
    return [f"{host}: {one.get('msg')}" for host, one in results.items()]


def is_bad(result: Result) -> bool:
    """Return whether a host does not have all copies."""
    return bool(result.get("failed") or result.get("unreachable"))
