# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a task, checked on the controller before any connection is made.

An action plugin declares its options as a mapping of name to L(Option). The checks here, rather than those of the
module on the host, are what the user meets: they name the option, the value and what is accepted, and a typing error
costs no connection.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import typing as t

from ._as_typed import show, trap
from ._duration import ACCEPTED as DURATION_ACCEPTED
from ._duration import parse_duration
from ._words import did_you_mean

COMMENT_LIMIT = 2047
"""UTF-16 units in a backup's comment. Source: IGPMGPO::Backup, parameter bstrComment."""

COUNT_LIMIT = 100000
"""The most that an option that counts something may be."""

_TRUE = frozenset(("y", "yes", "on", "1", "true", "t"))
_FALSE = frozenset(("n", "no", "off", "0", "false", "f"))

# What an XML 1.0 document cannot hold, not even escaped (XML 1.0, production 2): a backup's comment and a GPO's name
# are written into bkupInfo.xml. A lone surrogate cannot be encoded at all.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

# Characters that no file name on Windows can hold (Naming Files, Paths, and Namespaces), but for the backslash.
_NOT_IN_PATH = re.compile('[\x00-\x1f<>"|?*/\ud800-\udfff]')
_LOCAL_PATH = re.compile(r"[A-Za-z]:\\")
_UNC_PATH = re.compile(r"\\\\[^\\:.?][^\\:]*\\[^\\:]+")

_DEVICE = re.compile(r"(?:CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(?:\..*)?", re.IGNORECASE)

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

_DNS_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST_NAME = re.compile(rf"{_DNS_LABEL}(?:\.{_DNS_LABEL})*\.?")

# IPv4 in its many forms. Windows refuses a computer name of digits alone.
_NUMBERS = re.compile(r"(?:0[xX][0-9A-Fa-f]+|[0-9]+)(?:\.(?:0[xX][0-9A-Fa-f]+|[0-9]+))*\.?")

_GUID = re.compile(r"\{?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}?")


class OptionError(ValueError):
    """An option, or a combination of options, that is refused. The text is meant for the user."""


@dataclasses.dataclass(frozen=True)
class Option:
    """One option: how its value is read, and what it is when the task does not give it."""

    read: t.Callable[[t.Any], t.Any]
    default: t.Any = None
    required: bool = False
    on_host: bool = True
    """Whether the module on the host is given it. What the controller alone reads stays here."""


class _Refused(Exception):
    """What is accepted instead of the value in hand."""


def validate(options: t.Mapping[str, Option], args: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the value of every option of *options*, read from the task's *args*.

    An option that is left out, or given as C(null) as Ansible's own modules allow, has its default.
    Raises OptionError for the first option that is unknown, missing or wrong.
    """
    for name in args:
        if name not in options or name.startswith("_"):
            known = sorted(name for name in options if not name.startswith("_"))
            near = f" {did_you_mean(str(name), known)}".rstrip()
            raise OptionError(f"Unknown option '{name}'.{near} Accepted: {', '.join(known)}.")
    values: dict[str, t.Any] = {}
    for name, option in options.items():
        given = _decrypted(args.get(name))
        if given is None:
            if option.required:
                raise OptionError(f"The option '{name}' is required.")
            values[name] = option.default
            continue
        try:
            values[name] = option.read(given)
        except _Refused as refused:
            hint = f" {trap(given, _acceptor(option))}".rstrip()
            raise OptionError(f"The option '{name}' has the value {show(given)}. Accepted: {refused}.{hint}") from None
    return values


def _acceptor(option: Option) -> t.Callable[[t.Any], bool]:
    """Return what tells whether an option accepts a value."""

    def accepts(value: t.Any) -> bool:
        try:
            option.read(value)
        except _Refused:
            return False
        return True

    return accepts


def defaults(options: t.Mapping[str, Option]) -> dict[str, t.Any]:
    """Return the value of every option when a task gives none: what a task that is refused goes by."""
    return {name: option.default for name, option in options.items()}


def _decrypted(value: t.Any) -> t.Any:
    """Return a value of !vault as text. From ansible-core 2.19 on it is text already; before, it is no str."""
    if isinstance(value, list):
        return [_decrypted(entry) for entry in value]
    if isinstance(value, dict):
        return {key: _decrypted(entry) for key, entry in value.items()}
    return str(value) if getattr(value, "__ENCRYPTED__", False) else value


def utf16_units(text: str) -> int:
    """Return the length of *text* as Windows counts it: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def read_bool(value: t.Any) -> bool:
    """Read a boolean as Ansible does: yes/no, on/off, true/false, 1/0."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, str)):
        word = str(value).strip().lower()
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
    raise _Refused("true or false")


def read_choice(*choices: str) -> t.Callable[[t.Any], str]:
    """Return a reader for one of *choices*."""

    def read(value: t.Any) -> str:
        if isinstance(value, str) and value in choices:
            return value
        raise _Refused(f"one of {', '.join(choices)}")

    return read


def read_choices(*choices: str) -> t.Callable[[t.Any], list[str]]:
    """Return a reader for a list of some of *choices*. A bare string is one entry."""

    def read(value: t.Any) -> list[str]:
        entries = value if isinstance(value, (list, tuple)) else [value]
        if not all(isinstance(entry, str) and entry in choices for entry in entries):
            raise _Refused(f"a list of some of {', '.join(choices)}")
        return [choice for choice in choices if choice in entries]

    return read


def read_count(value: t.Any) -> int:
    """Read a whole number from 1 to COUNT_LIMIT."""
    text = str(value).strip()
    if isinstance(value, (int, str)) and not isinstance(value, bool) and re.fullmatch("[0-9]{1,6}", text):
        if 1 <= int(text) <= COUNT_LIMIT:
            return int(text)
    raise _Refused(f"a whole number from 1 to {COUNT_LIMIT}")


def read_duration(value: t.Any) -> int:
    """Read a duration into whole seconds."""
    try:
        return parse_duration(value)
    except ValueError:
        raise _Refused(DURATION_ACCEPTED) from None


def read_comment(value: t.Any) -> str:
    """Read the comment of a backup."""
    text = _text(value, "a string")
    if utf16_units(text) > COMMENT_LIMIT:
        raise _Refused(f"at most {COMMENT_LIMIT} UTF-16 units, of which this value has {utf16_units(text)}")
    if _NOT_XML.search(text):
        raise _Refused("text without control characters or lone surrogates, which XML 1.0 cannot hold")
    return text


def read_path(value: t.Any) -> str:
    """Read an absolute Windows path, local or UNC. It is returned as it is: nothing in it is expanded."""
    accepted = r"an absolute Windows path, local such as D:\GPO or UNC such as \\server\share\GPO"
    if not isinstance(value, str):
        raise _Refused(accepted)
    if "/" in value:
        raise _Refused(f"{accepted}, written with backslashes")
    if _NOT_IN_PATH.search(value):
        raise _Refused(f'{accepted}, without < > " | ? * or control characters')
    if not (_LOCAL_PATH.match(value) or _UNC_PATH.match(value)):
        raise _Refused(accepted)
    segments = value[2:].split("\\")
    # What comes of one backslash too many in YAML's or JSON's quotes.
    if "\\\\" in value[2:]:
        raise _Refused(f"{accepted}, with single backslashes between folders")
    if any(":" in segment for segment in segments):
        raise _Refused(f"{accepted}, with no colon but that of the drive")
    # Windows drops a trailing blank or dot, so the directory would silently be another one.
    if any(segment.endswith((".", " ")) for segment in segments):
        raise _Refused(f"{accepted}, in which no folder's name ends in a blank or a dot")
    if any(_DEVICE.fullmatch(segment) for segment in segments):
        raise _Refused(f"{accepted}, without the name of a device (CON, NUL, COM1 and the like)")
    return value


def read_guid(value: t.Any) -> str:
    """Read a GUID, with or without braces, into upper case with braces."""
    match = _GUID.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise _Refused("a GUID such as {31B2F340-016D-11D2-945F-00C04FB984F9}, with or without braces")
    return f"{{{match[1].upper()}}}"


def read_time(value: t.Any) -> str:
    """Read a point in time, in ISO 8601; without a zone it is UTC. Returned in UTC, as digits from year to second.

    A date alone is its last second: what was there on that day. Digits, because PowerShell 7 would take ISO 8601 in a
    module's JSON for a date, and change its form.
    """
    accepted = "a time in ISO 8601 such as 2026-03-02, 2026-03-02T16:20:11Z or 2026-03-02T17:20+01:00"
    text = value.isoformat() if isinstance(value, datetime.date) else value
    if not isinstance(text, str):
        raise _Refused(accepted)
    try:
        moment = datetime.datetime.fromisoformat(text.strip())
    except ValueError:
        raise _Refused(accepted) from None
    if _DATE.fullmatch(text.strip()):
        moment = moment.replace(hour=23, minute=59, second=59)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    return moment.astimezone(datetime.timezone.utc).strftime("%Y%m%d%H%M%S")


STATES = ("live", "newest", "previous", "approved")


def read_state(value: t.Any) -> str:
    """Read a state of a GPO: one of STATES, the ID of a backup, or a time, which read_guid and read_time return."""
    if isinstance(value, str) and value in STATES:
        return value
    for read in (read_guid, read_time):
        try:
            return read(value)
        except _Refused:
            pass
    raise _Refused(f"{', '.join(STATES)}, the ID of a backup, or a time in ISO 8601 such as 2026-03-02T16:20:11Z")


def read_controller_path(value: t.Any) -> str:
    """Read a path on the controller."""
    if isinstance(value, str) and value.strip() and "\0" not in value:
        return value
    raise _Refused("the path of a file or folder")


def read_host_name(value: t.Any) -> str:
    """Read the DNS name of a domain, or the DNS or NetBIOS name of a domain controller."""
    if isinstance(value, str) and len(value) <= 255 and _HOST_NAME.fullmatch(value):
        return value.rstrip(".")
    raise _Refused("a host or domain name such as dc1.corp.example: letters, digits, hyphens, underscores and dots")


def read_domain_controller(value: t.Any) -> str:
    """Read the name of a domain controller. An address is no name: Kerberos and Hardened UNC Paths go by the name."""
    if isinstance(value, str) and (_NUMBERS.fullmatch(value.strip()) or ":" in value):
        raise _Refused("the DNS or NetBIOS name of a domain controller, not its IP address: Kerberos needs the name")
    return read_host_name(value)


def read_gpo_list(value: t.Any) -> list[str]:
    """Read a selection of GPOs that must name at least one."""
    entries = read_exclude_list(value)
    if not entries:
        raise _Refused("at least one GUID, display name or pattern")
    return entries


def read_exclude_list(value: t.Any) -> list[str]:
    """Read a list of GUIDs, display names and patterns. A bare string is one entry, commas and all."""
    entries = value if isinstance(value, (list, tuple)) else [value]
    return [_gpo_entry(entry) for entry in entries]


def read_gpo_name(value: t.Any) -> str:
    """Read the GUID or display name of one GPO."""
    text = _gpo_entry(value)
    if any(sign in text for sign in "*?"):
        raise _Refused("the GUID or display name of one GPO, no pattern")
    return text


ENTRY_TYPES = ("user", "computer", "local_group", "global_group", "universal_group", "unc_path", "unknown")
DESTINATION_OPTIONS = ("set", "same_as_source", "none", "by_relative_name")


def read_migration_entries(value: t.Any) -> list[dict[str, str | None]]:
    """Read the entries of a migration table."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(entry, dict) for entry in value):
        raise _Refused("a list of entries, each with source, type and destination")
    return [_migration_entry(entry) for entry in value]


def _migration_entry(entry: t.Mapping[str, t.Any]) -> dict[str, str | None]:
    known = {"source", "type", "destination", "destination_option"}
    if set(entry) - known or not {"source", "type"} <= set(entry):
        raise _Refused("entries with source and type, and destination or destination_option")
    option = entry.get("destination_option") or "set"
    destination = entry.get("destination")
    if entry["type"] not in ENTRY_TYPES:
        raise _Refused(f"entries whose type is one of {', '.join(ENTRY_TYPES)}")
    if option not in DESTINATION_OPTIONS:
        raise _Refused(f"entries whose destination_option is one of {', '.join(DESTINATION_OPTIONS)}")
    if (option == "set") is (destination is None):
        raise _Refused("entries with a destination, or with a destination_option other than set")
    texts = [entry["source"]] + ([] if destination is None else [destination])
    if not all(isinstance(text, str) and text.strip() and not _NOT_XML.search(text) for text in texts):
        raise _Refused("entries whose source and destination are texts without control characters")
    return {
        "source": str(entry["source"]),
        "type": str(entry["type"]),
        "destination": None if destination is None else str(destination),
        "destination_option": str(option),
    }


def _gpo_entry(value: t.Any) -> str:
    text = _text(value, "GUIDs, display names or patterns with * or ?, each a string")
    if not text.strip():
        raise _Refused("GUIDs, display names or patterns, none of them empty")
    if _NOT_XML.search(text):
        raise _Refused("GUIDs, display names or patterns without control characters or lone surrogates")
    return text


def _text(value: t.Any, accepted: str) -> str:
    """Return *value* as text. A number is taken as YAML users expect; what YAML may have changed on the way is not."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, (bool, float)):
        raise _Refused(f"{accepted} (put it in quotes, or YAML reads it as something else)")
    raise _Refused(accepted)


def check_selection(options: t.Mapping[str, t.Any]) -> None:
    """Raise OptionError unless exactly one of C(gpos) and C(all) says which GPOs."""
    if bool(options["gpos"]) == options["all"]:
        raise OptionError("Exactly one of the options 'gpos' (a selection) and 'all' (true) is needed.")


DOMAIN: t.Mapping[str, Option] = {
    "domain": Option(read_host_name, ""),
    "domain_controller": Option(read_domain_controller, ""),
    "dc_locator": Option(read_choice("pdc", "any"), "pdc"),
}
"""The options of every task that works with a domain. Documented in the fragment C(gpvault.gpmc.gpmc)."""


def check_backup_choice(options: t.Mapping[str, t.Any]) -> None:
    """Refuse a task that does not say from which backups GPOs are recovered, or says it twice."""
    given = [name for name in ("backup_id", "gpos", "all") if options[name]]
    if len(given) != 1:
        raise OptionError(
            "Exactly one of the options 'backup_id' (one backup), 'gpos' (a selection) and 'all' (true) is needed."
        )
    for name in ("as_of", "approved", "exclude", "uncatalogued"):
        if options["backup_id"] and options.get(name):
            raise OptionError(f"The option '{name}' chooses among backups, and 'backup_id' names one already.")


def check_migration_table(options: t.Mapping[str, t.Any]) -> None:
    """Refuse migration tables that contradict each other."""
    has_table = bool(options["migration_table"])
    has_entries = bool(options["migration_entries"])
    if has_table and has_entries:
        raise OptionError("Only one of the options 'migration_table' and 'migration_entries' can be given.")
    if options["migration_table_only"] and not has_table and not has_entries:
        raise OptionError(
            "The option 'migration_table_only' needs one of the options 'migration_table' and 'migration_entries'."
        )
