# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of gpo_preflight: what the host found, judged."""

from __future__ import annotations

import dataclasses
import typing as t

from ._hresult import MASK
from ._item import Raw
from ._status import Status
from ._status import why
from ._steps import NOT_THERE, step_of
from ._task_result import SUMMARY_AT_MOST, TaskResult
from ._trouble import Trouble
from ._words import counted, gpos, some

VERDICTS = ("ok", "warning", "failed")

CHECKS = (
    "connection", "language", "logon", "gpmc", "domain", "gpos", "clock", "path", "rights", "space", "path_length",
)  # fmt: skip
"""All checks, in the order in which they are told."""

_OF_PATH = ("path", "rights", "space", "path_length")

_WARN_ONLY = ("logon", "clock", "space", "path_length")
"""Checks that only help: where they cannot be made, a backup may be possible all the same."""

_KERBEROS_SKEW = 300
"""Seconds that two clocks may differ by: beyond it Kerberos refuses a logon (Maximum tolerance for computer clock
synchronization, default)."""

_NOTICEABLE_SKEW = 60

_DENIED = 0x80070005

_LONGEST = 259
"""Characters of a path that GPMC can write: MAX_PATH without the zero at its end."""

_SHORTEST_PATH = len("D:\\G")
"""Characters of the shortest backup directory."""

_SHORT_OF_LONGEST = 20
"""Characters left below which it warns: a script with a longer name is soon added."""

_MIB = 1024 * 1024

Verdict = tuple[str, str, str]
"""A verdict, what was found, and what helps if that is known."""


@dataclasses.dataclass
class PreflightResult(TaskResult):
    """Checks, each with a verdict."""

    CHANGES = False

    create_path: bool = False
    min_free: int = 0
    _checks: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)

    def trip_args(self) -> dict[str, t.Any]:
        """Return the arguments of the trip that are not the user's own: none, there is but one."""
        return {}

    def add(self, trip: Raw) -> None:
        """Judge what the trip found."""
        # What it says of GPOs and links is part of a check here, not a warning beside it.
        super().add({**trip, "inaccessible": (), "inaccessible_errors": ()})
        self._tell("connection", ("ok", "The host was reached.", ""))
        self._tell("language", ("ok", "PowerShell runs in Full Language Mode.", ""))
        for raw in trip.get("checks") or ():
            verdict = self._of_failure(raw) if raw["step"] else self._judge(raw["check"], raw["found"])
            self._tell(raw["check"], verdict, raw)

    def lose_trip(self, why: str, begun: bool, worked: bool = True) -> None:
        """Record that the trip ended without a reply: there is no connection, or no PowerShell to run it."""
        if begun and not worked:
            self._tell("connection", ("ok", "The host was reached.", ""))
            self._tell("language", ("failed", why, ""))
            self.error = why
        elif begun:
            self.error = why
        else:
            fix = "Check name, port, transport and account of the connection, and that the host is up."
            self._tell("connection", ("failed", why, fix))

    def shown(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""
        checks = sorted(self._checks, key=lambda check: CHECKS.index(check["check"]))
        made = {check["check"] for check in checks}
        wanted = [name for name in CHECKS if self.path or name not in _OF_PATH]
        count = {verdict: sum(check["verdict"] == verdict for check in checks) for verdict in VERDICTS}
        # Where none was made there is another reason, and the message tells it.
        left_out = [name for name in wanted if name not in made] if made else []
        result = {
            **self.common(()),
            "path": self.path or None,
            "summary": count,
            "checks": [check for check in checks if self.detail == "all" or check["verdict"] != "ok"],
            "not_checked": left_out,
        }
        failed = [check for check in checks if check["verdict"] == "failed"]
        if failed:
            result["failed"] = True
            result["msg"] = self._failure(failed)
            statuses = [check["detail"]["status"] for check in failed if check["detail"]["status"]]
            result["overall_status"] = statuses[0] if statuses else None
        result["msg"] = result["msg"] or (
            f"{counted(len(checks), 'check')}: {count['ok']} ok, {counted(count['warning'], 'warning')}."
        )
        return result

    def _failure(self, failed: t.Sequence[Raw]) -> str:
        """Return what ended the trip, if anything did, and which checks failed beside it."""
        told = [" ".join(filter(None, (check["message"], check["fix"]))) for check in failed]
        rest = [one for one in told if one != self.error]
        checks = f"{counted(len(rest), 'check')} failed: {some(rest, ' | ')}" if rest else ""
        return " ".join(filter(None, (self.error, checks)))

    def _tell(self, name: str, verdict: Verdict, raw: Raw | None = None) -> None:
        status = Status.behind(raw) if raw and raw["step"] else None
        found = raw["found"] if raw else None
        self._checks.append({
            "check": name,
            "verdict": verdict[0],
            "message": verdict[1],
            "fix": verdict[2] or None,
            "detail": {"status": status.shown() if status else None, "found": found and _first_of_lists(found)},
        })

    def _of_failure(self, raw: Raw) -> Verdict:
        """Return the verdict on a check that could not be made to its end, with the step's words."""
        trouble = Trouble(raw["step"], Status.behind(raw), raw["message"] or "")
        missing = trouble.step == "path" and trouble.status and trouble.status.hresult & MASK in NOT_THERE
        if missing and not self.create_path:
            trouble = dataclasses.replace(trouble, known_fix="Create the directory first, or set create_path: true.")
        shown = trouble.shown()
        message = f"{shown['message']} ({shown['hresult']} {shown['name']})" if shown["hresult"] else shown["message"]
        return ("warning" if raw["check"] in _WARN_ONLY else "failed", message, trouble.fix)

    def _judge(self, name: str, found: Raw) -> Verdict:
        judge: t.Callable[[Raw], Verdict] = getattr(self, f"_judge_{name}")
        return judge(found)

    def _judge_logon(self, found: Raw) -> Verdict:
        kinds = ", ".join(kind.replace("_", " ") for kind in found["kinds"]) or "unknown"
        return ("ok", f"{found['user']}, logon: {kinds}, by {found['authentication'] or 'an unknown package'}.", "")

    def _judge_gpmc(self, found: Raw) -> Verdict:
        return ("ok", "GPMC is installed, and can be started.", "")

    def _judge_domain(self, found: Raw) -> Verdict:
        return ("ok", f"{found['domain']} was reached through {found['domain_controller']}.", "")

    def _judge_gpos(self, found: Raw) -> Verdict:
        visible, hidden = found["visible"], found["inaccessible"]
        if not visible:
            return ("failed", "The account can see no GPO of the domain.", step_of("read").fixes[_DENIED])
        seen = f"The account can see {gpos(visible)}"
        if hidden:
            return (
                "warning",
                f"{seen}, and not {gpos(len(hidden))} with a folder in SYSVOL or a link: {some(hidden)}.",
                "Give the account read access; remove what a deleted GPO left behind; or exclude it.",
            )
        if found["unsure"]:
            reasons = " ".join(why(status) for status in found["unsure"])
            return ("warning", f"{seen}. Whether there are others could not be told for sure: {reasons}", "")
        return ("ok", f"{seen}, and there is no other.", "")

    def _judge_clock(self, found: Raw) -> Verdict:
        offset = float(found["offset"])
        side = "ahead of" if offset > 0 else "behind"
        apart = f"The domain controller's clock is {abs(offset):.0f} s {side} the host's"
        fix = "Have both follow the time of the domain: w32tm /resync on the host, w32tm /query /status on both."
        if abs(offset) >= _KERBEROS_SKEW:
            return ("failed", f"{apart}. Kerberos refuses logons where it is {_KERBEROS_SKEW} s or more.", fix)
        if abs(offset) >= _NOTICEABLE_SKEW:
            return ("warning", f"{apart}.", fix)
        return ("ok", f"{apart}.", "")

    def _judge_path(self, found: Raw) -> Verdict:
        return ("ok", "The directory is there." if found["exists"] else "The directory is not there yet.", "")

    def _judge_rights(self, found: Raw) -> Verdict:
        if found["delete"] is False:
            return (
                "warning",
                "The account may write in the directory, but not delete what is in it, so gpo_backup_prune will fail.",
                "Give the account the right to modify the directory, what is in it included.",
            )
        return ("ok", f"The account may write in {found['folder']}.", "")

    def _judge_space(self, found: Raw) -> Verdict:
        free = int(found["free"]) // _MIB
        fix = "Free space on the volume that holds the backups, or say with min_free what is enough."
        said = f"{free:,} MiB are free"
        if free < self.min_free:
            return ("failed", f"{said}, less than the {self.min_free:,} of min_free.", fix)
        if free < 2 * self.min_free:
            return ("warning", f"{said}, less than twice the {self.min_free:,} of min_free.", fix)
        return ("ok", f"{said}.", "")

    def _judge_path_length(self, found: Raw) -> Verdict:
        left = _LONGEST - found["length"]
        longest = f"'{found['file']}' of {found['gpo']}" if found["file"] else "no file"
        most = len(self.path) + left
        fix = f"Use a backup directory of at most {most} characters, or shorten the file's name in SYSVOL."
        if most < _SHORTEST_PATH:
            fix = "Shorten the file's name in SYSVOL: no backup directory is short enough."
        said = f"The longest path, with {longest}, has {found['length']} of {_LONGEST} characters"
        if left < 0:
            # Of one GPO, so it is no reason to back up none.
            return ("warning", f"{said}, so its GPO cannot be backed up.", fix)
        if found["unread"]:
            names = some(found["unread"])
            return ("warning", f"{said}. {names} cannot be listed.", step_of("read").fixes[_DENIED])
        if left < _SHORT_OF_LONGEST:
            return ("warning", f"{said}, so {left} are left.", fix)
        if not found["whole"]:
            first = f"{said} among the first {gpos(found['policies'])}"
            return ("warning", f"{first}; then trip_time was over.", "Raise trip_time.")
        return ("ok", f"{said}.", "")


def _first_of_lists(found: Raw) -> dict[str, t.Any]:
    """Return what was found, with no list longer than the result has room for."""
    return {key: value[:SUMMARY_AT_MOST] if isinstance(value, list) else value for key, value in found.items()}
