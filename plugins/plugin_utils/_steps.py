# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of a trip and of its items: what it means that one failed, and what helps.

The host names the step in hand with whatever goes wrong. This is the only place that has words for it.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ._hresult import DOUBLE_HOP
from ._words import INDEX

_BACKUP_RIGHTS = (
    "Give the account read access to the GPO and write access to the backup directory; "
    "on a UNC path both the share's and the folder's permissions count."
)
_READ = "Give the account read access to the GPO, in the directory and in SYSVOL."
_EDIT = "Give the account the rights to edit the GPO, delete it and modify its security; for a new one, to create GPOs."
_LINK = "Give the account the right to link GPOs at that site, domain or OU."
_ON_A_SHARE = (
    "on a UNC path both the share's and the folder's permissions count, and the logon on the host must be able to "
    "reach a second machine (see the double hop in the documentation)."
)
_WRITE = f"Give the account write access to the directory; {_ON_A_SHARE}"
_READ_OR_WRITE = f"Give the account read access to the directory, and to back up write access; {_ON_A_SHARE}"
_NO_DIRECTORY = "Check the option path: it names a directory on the host, or a share that the host reaches."
_READ_BACKUPS = f"Give the account read access to the backup directory; {_ON_A_SHARE}"
_CHECK_ID = "Check the option backup_id: gpo_backup_info lists what is there."
_WHAT_IS_THERE = "gpo_backup_info tells what is in the directory, and what is wrong with it."
_DANGLING = (
    "Something in the path is a link that leads nowhere or back to itself: remove the link (.gpvault, or lock in it). "
    "Only backups of the catalog it led to are affected."
)
_NO_SPACE = "Free space on the volume of the backup directory, and run it again."
_TEMPORARY = "See to it that the account can write there, and that there is room."
_BY_HAND = "Delete the GPO by hand."
_NO_FOLDER = "Create the folder first, or end dest with a backslash to have it created."

_ACCESS_DENIED = 0x80070005
_LOGON_FAILURE = 0x8007052E
_NO_RIGHTS = 0x80072098
_NO_FILE = 0x80070002
_NO_PATH = 0x80070003
NOT_THERE = frozenset((_NO_FILE, _NO_PATH))
"""What a file or a directory that is not there gives."""
_NO_TARGET = 0x80070781

_DENIED = (_ACCESS_DENIED, _NO_RIGHTS)


@dataclasses.dataclass(frozen=True)
class Step:
    """What is told when a step fails."""

    text: str
    """Without a full stop: why it failed follows, if that is known."""

    of_trip: str = ""
    """What is told instead when it is the trip that failed, where items have the step, too."""

    about: str = ""
    """What of the task a trip failed with: path, or domain. It is named then."""

    fix: str = ""
    """What helps, whatever the reason. A reason with a fix of its own has that."""

    fixes: t.Mapping[int, str] = dataclasses.field(default_factory=dict)
    """What helps, by HRESULT, where that depends on the step."""

    host_says: bool = False
    """Whether what the host said of the HRESULT is told as well: it says which of many."""

    says_all: bool = False
    """Whether no HRESULT, its own or that of a call before, adds what people would want to read."""

    alters: bool = False
    """Whether it changes what is there, so that it may have done so when it is given up."""


_FILES_DENIED: dict[int, str] = dict.fromkeys(_DENIED, _WRITE)
_BACKUP_FILES = {**dict.fromkeys(_DENIED, _READ_BACKUPS), _LOGON_FAILURE: DOUBLE_HOP}
_PUT_BACK = "The settings are there, but {} could not be put back"
_DOUBLE_HOPS: dict[int, str] = dict.fromkeys((*_DENIED, _LOGON_FAILURE), DOUBLE_HOP)
_DIRECTORY = {
    **dict.fromkeys(NOT_THERE, _NO_DIRECTORY),
    **dict.fromkeys(_DENIED, _READ_OR_WRITE),
    _LOGON_FAILURE: DOUBLE_HOP,
}

STEPS: t.Mapping[str, Step] = {
    # Of a trip.
    "gpmc": Step(
        "GPMC could not be started on the host",
        fixes=dict.fromkeys(
            _DENIED, "Look whether the host lets the account use GPMC: gpmgmt.dll, its registration, AppLocker or WDAC."
        ),
    ),
    "host_domain": Step(
        "The domain of the host could not be found out",
        fix="Give it with the option domain.",
        fixes=dict.fromkeys(
            _DENIED, "Give it with the option domain, or give the account Remote Enable on WMI's root\\cimv2."
        ),
    ),
    "connect": Step("The domain could not be reached through GPMC", about="domain", fixes=_DOUBLE_HOPS),
    "select": Step("The GPOs could not be read from the domain", about="domain", fixes=_DOUBLE_HOPS),
    "path": Step("The backup directory cannot be used", about="path", fixes=_DIRECTORY),
    "catalog": Step("The catalog in the backup directory cannot be used", about="path", fixes=_FILES_DENIED),
    "lock": Step(
        "The backup directory could not be locked: its file .gpvault\\lock cannot be opened for writing",
        about="path",
        fixes={
            **dict.fromkeys((*NOT_THERE, _NO_TARGET), _DANGLING),
            **dict.fromkeys(_DENIED, f"Take the attribute read-only off the file, if it is set. {_WRITE}"),
            _LOGON_FAILURE: DOUBLE_HOP,
        },
    ),
    "backup_id": Step(
        "The backup could not be opened",
        fixes={
            **_BACKUP_FILES,
            **dict.fromkeys((*NOT_THERE, 0x80070057, 0x80070490), _CHECK_ID),
        },
    ),
    "list": Step("The backups in the directory could not be listed", about="path", fixes=_DIRECTORY),
    "unfit": Step("The directory is left alone", fix="Check the option path."),
    "index": Step(
        "The manifest.xml of the directory could not be written", about="path", fixes=_FILES_DENIED, alters=True
    ),
    "logon": Step("Who the task is on the host could not be told"),
    "clock": Step(
        "The domain controller was not asked what time it is",
        fix="Let the host reach it over NTP (UDP port 123), or compare the two clocks by hand.",
    ),
    "space": Step("The free space could not be told", about="path", fixes=_DIRECTORY),
    "path_length": Step("The files of the GPOs could not be listed in SYSVOL", fixes=_DOUBLE_HOPS),
    # Of an item. Some are those of a call: their fixes are also told when the call itself says that it failed.
    "open": Step("The GPO could not be opened", fixes=dict.fromkeys(_DENIED, _READ)),
    "read": Step("The GPO could not be read", fixes=dict.fromkeys(_DENIED, _READ)),
    "compare": Step(
        "The GPO's present state could not be compared with its backup",
        fixes={**dict.fromkeys(_DENIED, _READ), _LOGON_FAILURE: DOUBLE_HOP},
    ),
    "backup": Step(
        "The GPO could not be backed up",
        fixes={
            _NO_FILE: "Check that the GPO's folder in SYSVOL is whole.",
            _NO_PATH: "Check that the backup directory is still there, and that the GPO's folder in SYSVOL is whole.",
            **dict.fromkeys(_DENIED, _BACKUP_RIGHTS),
        },
    ),
    "record": Step(
        "The backup was made, but it could not be recorded in the catalog, so it will not be used",
        fixes=_FILES_DENIED,
    ),
    "gpo_timeout": Step("It took longer than gpo_timeout and was cancelled", says_all=True),
    "given_up": Step(
        "It took longer than gpo_timeout. GPMC did not stop when it was cancelled, and the process was ended",
        says_all=True,
    ),
    "step_timeout": Step(
        "For as long as the option step_timeout says nothing moved on the host, so the process there was ended. In "
        "hand was the step",
        fix="See whether the domain controller, SYSVOL and the backup directory answer; raise step_timeout for work "
        "that takes longer.",
    ),
    "no_result": Step("GPMC reported success but returned no backup"),
    "source": Step(
        "The backup (its bkupInfo.xml, or its entry in the catalog) could not be read",
        fixes={**_BACKUP_FILES, **dict.fromkeys(NOT_THERE, _CHECK_ID)},
    ),
    "no_backup": Step(
        "The catalog (.gpvault in the backup directory) has no intact backup of this GPO",
        fix="gpo_backup_info with verify: full tells what is wrong with each; backup_id restores one of them.",
    ),
    "damaged": Step("The backup is damaged", fix="Use another one, or this one as it is with force: true."),
    "table": Step(
        "The migration table cannot be used, so nothing was changed",
        fixes={
            **dict.fromkeys(NOT_THERE, "Check the option migration_table: it is a file on the host."),
            **dict.fromkeys(_DENIED, f"Give the account read access to the file; {_ON_A_SHARE}"),
            _LOGON_FAILURE: DOUBLE_HOP,
        },
        host_says=True,
    ),
    "safety": Step(
        "No safety copy could be taken, so nothing was changed",
        fix="With backup_first: false the task goes without.",
        fixes=dict.fromkeys(_DENIED, _BACKUP_RIGHTS),
    ),
    "open_backup": Step(
        "GPMC cannot open the backup",
        fixes={**_BACKUP_FILES, **dict.fromkeys((*NOT_THERE, 0x8007000D, 0x80070490), _WHAT_IS_THERE)},
    ),
    "not_listed": Step(
        "GPMC cannot open the backup: the manifest.xml of the directory does not list it, or cannot be used",
        fix=f"{INDEX}.",
    ),
    "manifest": Step(
        "The manifest.xml of the directory cannot be used, so GPMC could not add a backup", fix=f"{INDEX}."
    ),
    "create": Step("The GPO could not be made", fixes=dict.fromkeys(_DENIED, _EDIT), alters=True),
    "remove": Step(
        "The settings could not be imported, and the GPO that was made for them could not be deleted again",
        fix=_BY_HAND,
        fixes=dict.fromkeys(_DENIED, f"{_BY_HAND} {_EDIT}"),
        alters=True,
    ),
    "leftover": Step(
        "What drills before have left could not be looked for", about="path", fixes=_FILES_DENIED, alters=True
    ),
    "drill_record": Step(
        "What the drill was about to make could not be recorded, so nothing was made", fixes=_FILES_DENIED
    ),
    "temporary": Step(
        "The GPO that was made for the drill could not be deleted again",
        fix="The next drill on this directory tries again.",
        fixes=dict.fromkeys(_DENIED, _EDIT),
        alters=True,
    ),
    "deviating": Step("GPMC reported success, but what came out is not what the backup has"),
    "outdated": Step(
        "Newer backups of it are damaged, or their entries in the catalog are; the one that was drilled is good, but "
        "older",
        fix="Back it up again; gpo_backup_info with verify: full tells what is wrong with those.",
    ),
    "restore": Step("The GPO could not be restored", fixes=dict.fromkeys(_DENIED, _EDIT), alters=True),
    "import": Step("The settings could not be imported", fixes=dict.fromkeys(_DENIED, _EDIT), alters=True),
    "nothing_there": Step(
        "GPMC reported success, but of the files that the backup has not one is there",
        fix="See whether the account can write to SYSVOL on that domain controller, and whether something there takes "
        "files away, such as a virus scanner or DFS replication. The next run brings the settings again.",
    ),
    "note": Step(
        "The settings are there, but what came out could not be noted in the catalog, so the next run may bring them "
        "again",
        fixes=_FILES_DENIED,
    ),
    "complete": Step(
        "The settings are there, but not all that belongs to them", fixes=dict.fromkeys(_DENIED, _EDIT), alters=True
    ),
    "links": Step(_PUT_BACK.format("the links"), fixes=dict.fromkeys(_DENIED, _LINK)),
    "wmi_filter": Step(_PUT_BACK.format("the WMI filter"), fixes=dict.fromkeys(_DENIED, _EDIT)),
    "permissions": Step(_PUT_BACK.format("the permissions"), fixes=dict.fromkeys(_DENIED, _EDIT)),
    "withheld": Step(
        "It was not linked, because its permissions or its WMI filter are not as the task asks: it would apply to "
        "others than it is for",
        fix="See to what the warnings say, or set permissions or wmi_filter to false.",
    ),
    "report": Step("The report could not be made", fixes=dict.fromkeys(_DENIED, _READ)),
    "dest": Step(
        "The report was made, but it could not be compared with dest or written there",
        of_trip="The destination cannot be used",
        fixes={
            **dict.fromkeys(NOT_THERE, _NO_FOLDER),
            **_FILES_DENIED,
            _LOGON_FAILURE: DOUBLE_HOP,
            0x80070070: "Free space on the volume that holds the reports.",
            0x800700CE: "Use a shorter dest.",
        },
    ),
    "saved_report": Step(
        "The settings report of the backup (its gpreport.xml) could not be read",
        fix="gpo_report makes one of the backup, if GPMC can.",
        fixes={**dict.fromkeys(_DENIED, _READ_BACKUPS), _LOGON_FAILURE: DOUBLE_HOP},
    ),
    "no_state": Step(
        "There is neither of the two states that are to be compared: the GPO is not there, or there is no such backup"
    ),
    "settings": Step("The two settings reports could not be compared"),
    "delete": Step("The backup could not be deleted", fixes=_FILES_DENIED, alters=True),
    "copy": Step("The backup could not be copied", fixes={**_FILES_DENIED, 0x80070070: _NO_SPACE}),
    "archive": Step(
        "The archive in which backups travel, in the account's temporary folder on the host, could not be used",
        fix=_TEMPORARY,
        fixes=dict.fromkeys(_DENIED, _TEMPORARY),
    ),
    "vault": Step("The copies could not be written on the controller"),
    # Its message says it all.
    "lost": Step(""),
}

OF_THE_CONTROLLER = frozenset(("lost", "vault", "settings"))
"""Steps that no host names."""


def step_of(name: str) -> Step:
    """Return the step with this name. One that is not known is shown as it is."""
    return STEPS.get(name) or Step(name)
