# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a trip tells beside its items: what could not be selected, what it did without, who has the lock."""

from __future__ import annotations

import typing as t

from ._status import Status, why
from ._words import INDEX, did_you_mean

Raw = t.Mapping[str, t.Any]

PROBLEMS: t.Mapping[str, str] = {
    "permissions": "The permissions of '{0}' could not be read, so whether they changed is unknown and it is backed up",
    "files": "The files of '{0}' in SYSVOL could not be listed, so whether they changed is unknown and it is backed up",
    "links": "The links of the domain and its OUs could not be read and are left out",
    "sites": "The links of the sites could not be read and are left out",
    "filters": "The WMI filters could not be read, and their definitions are left out",
    "changes": "What changed in '{0}' cannot be told",
    "unrecorded": "What changed could not be recorded for the history, beside the entry of the backup {0}",
    "locator": "Windows located no domain controller that can be written to, so the PDC emulator {0} is used",
    "catalog": "The catalog entry {0} cannot be used and counts as absent",
    "left_off": (
        "An import that was ended in the midst has left '{0}' disabled; this one puts its links right and enables it"
    ),
    "stays_off": (
        "An import that was ended in the midst has left '{0}' disabled, and so it stays, since one of its links may be "
        "enabled that is not to be. Run the import with links: true, or enable the GPO by hand"
    ),
    "rebuilt": "The bkupInfo.xml of the backup {0} was lost and has been rebuilt from its Backup.xml",
    "drill": "The record {0} of what a drill may have left cannot be used, and stays",
    "manifest": (
        f"The manifest.xml of the directory cannot be used ({INDEX}), so whether it lists the backups is unknown"
    ),
    "unlisted": (
        f"The manifest.xml of the directory does not list {{0}} of the backups that are still good ({INDEX}), so GPMC "
        "may not find them"
    ),
    "baseline": "The backup {0} is left out of what is compared with, since its bkupInfo.xml cannot be used",
}
"""What the host had trouble with, but could do without. {0} is what it is about."""

SELECTION_ERRORS: t.Mapping[str, str] = {
    "not_found": "No GPO '{entry}' was found {place}.",
    "ambiguous": "The name '{entry}' is that of several GPOs: {matches}.",
    "unreadable": "No GPO '{entry}' could be opened",
    "no_backup": "There is no backup {entry} in the directory that could be read",
    "no_info": (
        "The backup {entry} has lost its bkupInfo.xml, or the file is empty. With force: true it is rebuilt from the "
        "backup's Backup.xml."
    ),
    "gpo_id": (
        "{entry} is the ID of the GPO {matches!r}, and not of a backup. With gpos the newest backup of a GPO is "
        "restored; gpo_backup_info lists the IDs of its backups."
    ),
    "other_source": "The backup {entry} is of the domain {matches}. Name that in source_domain.",
    "other_domain": (
        "The backup {entry} is of the domain {matches}. GPMC restores into that domain only; "
        "gpo_import brings its settings into a GPO of another one."
    ),
}
"""What cannot be selected. Those without a full stop are followed by a status."""

_STEPS = {"unreadable": "select", "no_backup": "backup_id"}
"""The steps whose fixes help."""

_ONE_OF_SEVERAL = "GPOs that share a name are selected by GUID."
_COMMAS = "A text is one entry, commas included: several names are a list in YAML."


def problem_sentence(problem: Raw) -> str:
    """Return a problem in one line. A kind that is not known is shown as it is."""
    kind, subject = problem["kind"], problem["subject"]
    told = PROBLEMS[kind].format(subject) if kind in PROBLEMS else f"{kind} {subject}".rstrip()
    reason = why(problem)
    return f"{told}: {reason}" if reason else f"{told}."


def selection_sentence(error: Raw, place: str) -> str:
    """Return why an entry of the selection cannot be. *place* is where it was looked for."""
    kind, entry, matches = error["kind"], error["entry"], ", ".join(error["matches"])
    if kind in SELECTION_ERRORS:
        told = SELECTION_ERRORS[kind].format(entry=entry, matches=matches, place=place)
    else:
        told = " ".join(filter(None, (kind, f"'{entry}'", matches)))
    reason = why(error, _STEPS.get(kind, ""))
    return f"{told}: {reason}" if reason else told


_KEPT: t.Mapping[str, str] = {
    "renamed": "it has another name today",
    "linked": "it is linked",
    "edited": "it is not as the drill left it, or that cannot be told",
    "ambiguous": "several GPOs have its name, and which of them is the drill's is not on record",
    "links_unread": "whether it is linked could not be read",
}
"""Why a GPO that a drill has left is not deleted."""


def leftover_sentence(raw: Raw, gpo: str, check_mode: bool) -> str:
    """Return in one line what became of what a drill before has left."""
    if raw["outcome"] == "removed":
        verb = "would be" if check_mode else "has been"
        return f"A drill that was broken off had left {gpo}; it {verb} deleted."
    forget = f"Its record is {raw['file']}: without that file no drill looks for it any more."
    if raw["reason"] == "other_controller":
        return (
            f"A drill that was broken off may have left {gpo}: it worked on the domain controller {raw['controller']}, "
            f"and this one does not know of it. Run once with that domain_controller. {forget}"
        )
    if raw["reason"] == "unnamed":
        return (
            "A drill was broken off when it was about to make a GPO. If there is a new one with the name that GPMC "
            "gives each (in English New Group Policy Object), linked nowhere, and nobody knows it, delete it by hand."
        )
    why = _KEPT.get(raw["reason"]) or why_not(raw)
    return f"A drill that was broken off has left {gpo}. It stays, because {why}. Delete it by hand, or not. {forget}"


def why_not(raw: Raw) -> str:
    """Return why a GPO that a drill has left could not be deleted."""
    status = Status.read(raw["status"])
    return status.sentence("temporary").rstrip(".") if status else str(raw["reason"])


def selection_hint(errors: t.Iterable[Raw], not_found: str) -> str:
    """Return what helps with GPOs that cannot be selected, or an empty text.

    *not_found* is what helps with one that is not there, of which no other name is like its own.
    """
    hints = dict.fromkeys(hint for error in errors for hint in _hints(error, not_found))
    return " ".join(hints)


def _hints(error: Raw, not_found: str) -> t.Iterator[str]:
    kind = error["kind"]
    if kind == "ambiguous":
        yield _ONE_OF_SEVERAL
    status = Status.behind(error)
    if kind == "not_found" or (kind == "unreadable" and not (status and status.fix(_STEPS[kind]))):
        yield did_you_mean(error["entry"], error["matches"]) or not_found
        if "," in error["entry"]:
            yield _COMMAS


def lock_holder(holder: Raw, run_id: str) -> str:
    """Return in words whose lock it is. What the file says may be anything."""
    if not holder:
        return "another program has its file .gpvault\\lock open, or another run has just begun"
    if holder.get("run_id") == run_id:
        who = "an earlier trip of this task, whose reply was lost, is still at work"
    else:
        who = f"another run ({holder.get('run_id') or 'unknown'}) is at work"
    said = f"{who} on {holder.get('host') or 'an unknown host'}, process {holder.get('process') or 'unknown'}"
    gpo = holder.get("gpo")
    if isinstance(gpo, dict):
        said += f", backing up '{gpo.get('name')}'"
    return f"{said}, since {holder.get('since') or 'an unknown time'}"


def unmatched(pattern: str) -> str:
    """Return that a pattern matches nothing."""
    return f"The pattern '{pattern}' matches no GPO."
