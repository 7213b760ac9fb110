# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a domain on disk consists of; tests/lab/README.md describes the files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, TypeVar

from .errors import LabError

COMPUTER = "computer"
USER = "user"
HALVES = (COMPUTER, USER)

USER_HALF_DISABLED = 1
COMPUTER_HALF_DISABLED = 2

_GUID = re.compile(r"\{?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}?")


def gpo_guid(text: str) -> str:
    """A GPO's GUID as the directory has it: upper case, in braces."""
    match = _GUID.fullmatch(text.strip())
    if not match:
        raise LabError(f"not a GUID: {text!r}")
    return "{" + match.group(1).upper() + "}"


def filter_guid(text: str) -> str:
    """A WMI filter's GUID as GPMC writes it: lower case, in braces."""
    return gpo_guid(text).lower()


def is_guid(text: str) -> bool:
    return bool(_GUID.fullmatch(text.strip()))


def timestamp(moment: datetime | None = None) -> str:
    """A time as the domain's files have it; now, when none is given."""
    return (moment or datetime.now(timezone.utc)).astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def pack_version(user: int, computer: int) -> int:
    """The versionNumber attribute, and the number in GPT.INI: the user half in the high word."""
    return (user & 0xFFFF) << 16 | computer & 0xFFFF


def unpack_version(version: int) -> tuple[int, int]:
    """(user, computer) of a version number."""
    return version >> 16 & 0xFFFF, version & 0xFFFF


def bumped(version: int, half: str) -> int:
    """The version number after one edit of a half; a half wraps around, as a 16-bit number does."""
    user, computer = unpack_version(version)
    if half == USER:
        return pack_version(user + 1, computer)
    return pack_version(user, computer + 1)


@dataclass
class Gpo:
    """A GPO's object in the directory (groupPolicyContainer)."""

    id: str
    display_name: str
    created: str
    modified: str
    version: int
    flags: int
    machine_extensions: str
    user_extensions: str
    wmi_filter: str | None
    security_descriptor: str
    owner: str
    visible: bool = True
    #: Name of its wireless policy, a setting of the computer half that lies in the directory alone; or empty.
    wireless: str = ""

    @property
    def status(self) -> str:
        return (
            "all settings enabled",
            "user settings disabled",
            "computer settings disabled",
            "all settings disabled",
        )[self.flags & 3]


@dataclass
class Link:
    """A GPO's link to a site, the domain or an OU."""

    gpo: str
    domain: str
    enabled: bool = True
    enforced: bool = False


@dataclass
class Som:
    """A scope of management: the domain, an OU or a site. Its first link has order 1, the highest precedence."""

    path: str
    name: str
    type: str
    inheritance_blocked: bool = False
    links: list[Link] = field(default_factory=list)

    @classmethod
    def load(cls, value: dict[str, Any], source: object) -> Som:
        """A scope from its JSON object."""
        try:
            return cls(**{**value, "links": [Link(**link) for link in value.get("links", [])]})
        except TypeError as error:
            raise LabError(f"{source}: not what a scope of management looks like: {error}") from error


@dataclass
class WmiFilter:
    """A WMI filter; each query is `namespace;WQL`."""

    id: str
    name: str
    description: str
    queries: list[str]


@dataclass
class Principal:
    """What a SID is called."""

    name: str
    domain: str
    dns_domain: str
    type: str


@dataclass
class DomainInfo:
    """The domain itself, and how the stand-in for GPMC shall behave in it."""

    name: str
    netbios: str
    guid: str
    sid: str
    forest: str
    pdc: str
    dcs: list[str]
    computer: str
    #: The site of the host and of all domain controllers.
    site: str = "Default-First-Site-Name"
    #: Those of `dcs` that are read-only.
    read_only_dcs: list[str] = field(default_factory=list)
    #: What Windows' locator of domain controllers answers: 0 if it finds them, else its error.
    locator: int = 0
    #: Seconds that the domain controllers' clocks are ahead; None if they do not tell the time.
    clock: float | None = None
    #: Mebibytes that are free on each of the host's disks; None for what is free there.
    free_space: int | None = None
    #: The host's folders in which, and below which, the account may not "write" or "delete".
    denied: dict[str, list[str]] = field(default_factory=dict)
    #: What each backup and each directory call takes longer, in milliseconds.
    costs: dict[str, int] = field(default_factory=lambda: {"backup_ms": 0, "call_ms": 0})
    #: "locked-fails": a manifest.xml that another process has open makes the call fail; else it is waited for.
    manifest: str = "normal"
    #: Whether GPMC's DATE values are "utc" or "local" time.
    dates: str = "utc"
    #: Whether GPMC writes paths beyond 260 characters.
    long_paths: bool = False
    #: Whether GPMC finds a backup that manifest.xml does not list.
    search_without_manifest: bool = False
    #: What a restore does with the version numbers: "keep" those of the backup, or "raise" them above all.
    restore_versions: str = "keep"
    #: Whether a restore or an import brings files back "exact", or security templates "rewritten".
    restore_files: str = "exact"
    #: What Invoke tells of a failure: the HRESULT in "numbers", or besides (EXCEPINFO) a description in "words".
    errors: str = "numbers"
    #: How an asynchronous operation ends: a "result" with the last Status; the same, but "null" for no result; "late",
    #: in a Status behind the last; or "early", a failure that is told before the steps are all done.
    async_end: str = "result"

    @property
    def distinguished_name(self) -> str:
        return ",".join(f"DC={part}" for part in self.name.split("."))


Record = TypeVar("Record", Gpo, Link, WmiFilter, Principal, DomainInfo)


def load_record(kind: type[Record], value: dict[str, Any], source: object) -> Record:
    """A record from its JSON object; the error names where the object came from."""
    try:
        return kind(**value)
    except TypeError as error:
        raise LabError(f"{source}: not what a {kind.__name__} looks like: {error}") from error
