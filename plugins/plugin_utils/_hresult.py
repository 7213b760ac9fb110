# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HRESULTs in words: symbolic name, one plain sentence and, where one is known whatever the step, the fix.

The table lives on the controller so that it does not travel with every trip. Names and numbers are those of
winerror.h; the sentences are ours, and say what the code means when Group Policy returns it.
"""

from __future__ import annotations

import dataclasses

MASK = 0xFFFFFFFF


@dataclasses.dataclass(frozen=True)
class Meaning:
    """What an HRESULT means."""

    name: str
    message: str
    fix: str = ""


DOUBLE_HOP = (
    "The logon on the host has no credentials for a second machine (the double hop). Connect with Kerberos and "
    "delegation or with CredSSP, or run the task with become: true and become_method: runas."
)
_DC = "Check that the domain controller is up and reachable from the host, or name another with domain_controller."
_NAMES = "Check the spelling, and that the host's DNS finds the domain."
_INSTALL = "Install it: Install-WindowsFeature GPMC on a server, the RSAT Group Policy capability on a client."
_NETWORK = "Try again; if it stays, check the network between the host and that server."
_PASSWORD = "Change the account's password, and give the new one to Ansible."

_MEANINGS: dict[int, Meaning] = {
    0x00000000: Meaning("S_OK", "The operation succeeded."),
    0x00000001: Meaning("S_FALSE", "The operation succeeded and had nothing to do."),
    0x80004001: Meaning("E_NOTIMPL", "The call is not implemented on this host."),
    0x80004002: Meaning("E_NOINTERFACE", "The object does not support the interface."),
    0x80004003: Meaning("E_POINTER", "A pointer passed to the call is not valid."),
    0x80004004: Meaning("E_ABORT", "The operation was aborted."),
    0x80004005: Meaning("E_FAIL", "The component failed without saying why."),
    0x8000FFFF: Meaning("E_UNEXPECTED", "The component failed in a way that it did not expect."),
    0x80020009: Meaning("DISP_E_EXCEPTION", "The automation call raised an exception."),
    0x80040154: Meaning(
        "REGDB_E_CLASSNOTREG",
        "The Group Policy Management Console is not installed on the host.",
        _INSTALL,
    ),
    0x80070002: Meaning("ERROR_FILE_NOT_FOUND", "The file or folder was not found."),
    0x80070003: Meaning("ERROR_PATH_NOT_FOUND", "The path was not found."),
    0x80070005: Meaning("E_ACCESSDENIED", "Access is denied."),
    0x80070006: Meaning("E_HANDLE", "The handle is not valid."),
    0x8007000D: Meaning("ERROR_INVALID_DATA", "What was read is damaged, or is not what it should be."),
    0x8007000E: Meaning("E_OUTOFMEMORY", "The host has not enough memory."),
    0x8007000F: Meaning(
        "ERROR_INVALID_DRIVE",
        "The drive does not exist on the host.",
        "Check the letter: a drive that a user has mapped does not exist in a remote logon; give the UNC path instead.",
    ),
    0x80070013: Meaning("ERROR_WRITE_PROTECT", "The medium is write-protected."),
    0x80070015: Meaning("ERROR_NOT_READY", "The drive is not ready."),
    0x80070020: Meaning(
        "ERROR_SHARING_VIOLATION",
        "A file is in use by another process.",
        "Another backup into the same directory, a virus scanner or an open console may hold it: try again.",
    ),
    0x80070021: Meaning("ERROR_LOCK_VIOLATION", "A part of a file is locked by another process."),
    0x80070032: Meaning("ERROR_NOT_SUPPORTED", "The host, or the server, does not support this."),
    0x80070035: Meaning(
        "ERROR_BAD_NETPATH",
        "The network path was not found.",
        "Check the server's name in the UNC path, and that the host reaches it by SMB.",
    ),
    0x8007003B: Meaning("ERROR_UNEXP_NET_ERR", "An unexpected network error occurred.", _NETWORK),
    0x80070040: Meaning("ERROR_NETNAME_DELETED", "The network connection was closed by the other side.", _NETWORK),
    0x80070041: Meaning(
        "ERROR_NETWORK_ACCESS_DENIED", "Access over the network is denied.", DOUBLE_HOP
    ),
    0x80070043: Meaning(
        "ERROR_BAD_NET_NAME", "The share was not found on the server.", "Check the share's name in the UNC path."
    ),
    0x80070050: Meaning("ERROR_FILE_EXISTS", "The file exists already."),
    0x80070057: Meaning("E_INVALIDARG", "An argument of the call is not valid."),
    0x8007006E: Meaning("ERROR_OPEN_FAILED", "The file or device could not be opened."),
    0x80070070: Meaning("ERROR_DISK_FULL", "The disk is full.", "Free space on the volume that holds the backups."),
    0x80070079: Meaning("ERROR_SEM_TIMEOUT", "The other side of the network did not answer in time.", _NETWORK),
    0x8007007B: Meaning("ERROR_INVALID_NAME", "The name of a file or folder is not valid."),
    0x80070091: Meaning("ERROR_DIR_NOT_EMPTY", "The folder is not empty."),
    0x800700B7: Meaning("ERROR_ALREADY_EXISTS", "The object exists already."),
    0x800700CE: Meaning(
        "ERROR_FILENAME_EXCED_RANGE",
        "A path is longer than the host can write.",
        "Use a shorter backup directory: GPMC adds some 120 characters and more to it for each backup's files.",
    ),
    0x8007010B: Meaning("ERROR_DIRECTORY", "The path is not a directory."),
    0x80070422: Meaning("ERROR_SERVICE_DISABLED", "A service that the call needs is disabled."),
    0x80070490: Meaning("ERROR_NOT_FOUND", "The element was not found."),
    0x800704C3: Meaning(
        "ERROR_SESSION_CREDENTIAL_CONFLICT",
        "The host is connected to that server with other credentials.",
        "End that connection on the host (net use), or name the server differently in the path.",
    ),
    0x800704C7: Meaning("ERROR_CANCELLED", "The operation was cancelled."),
    0x800704CF: Meaning("ERROR_NETWORK_UNREACHABLE", "The network location cannot be reached."),
    0x800704D3: Meaning("ERROR_REQUEST_ABORTED", "The request was aborted."),
    0x8007051F: Meaning(
        "ERROR_NO_LOGON_SERVERS", "No domain controller was there to check the logon.", f"{_DC} {DOUBLE_HOP}"
    ),
    0x80070522: Meaning("ERROR_PRIVILEGE_NOT_HELD", "The account lacks a privilege that the call needs."),
    0x80070525: Meaning("ERROR_NO_SUCH_USER", "The account does not exist."),
    0x8007052E: Meaning("ERROR_LOGON_FAILURE", "The user name or password is wrong."),
    0x80070532: Meaning("ERROR_PASSWORD_EXPIRED", "The account's password has expired.", _PASSWORD),
    0x80070533: Meaning("ERROR_ACCOUNT_DISABLED", "The account is disabled."),
    0x80070534: Meaning("ERROR_NONE_MAPPED", "A name or SID could not be resolved."),
    0x80070542: Meaning("ERROR_BAD_IMPERSONATION_LEVEL", "The logon may not act for the account here.", DOUBLE_HOP),
    0x8007054B: Meaning(
        "ERROR_NO_SUCH_DOMAIN", "The domain does not exist or could not be contacted.", f"{_NAMES} {DOUBLE_HOP}"
    ),
    0x80070569: Meaning("ERROR_LOGON_TYPE_NOT_GRANTED", "The account may not log on to the host in this way."),
    0x80070570: Meaning("ERROR_FILE_CORRUPT", "The file or directory is damaged and cannot be read."),
    0x800705AA: Meaning("ERROR_NO_SYSTEM_RESOURCES", "The host has not enough system resources."),
    0x800705B4: Meaning("ERROR_TIMEOUT", "The operation timed out."),
    0x800706BA: Meaning(
        "RPC_S_SERVER_UNAVAILABLE", "The RPC server is unavailable.", "Check that the server is up and its firewall."
    ),
    0x800706BE: Meaning("RPC_S_CALL_FAILED", "The remote procedure call failed."),
    0x80070721: Meaning("RPC_S_SEC_PKG_ERROR", "The security package failed.", DOUBLE_HOP),
    0x80070773: Meaning("ERROR_PASSWORD_MUST_CHANGE", "The account's password has to be changed first.", _PASSWORD),
    0x80070775: Meaning("ERROR_ACCOUNT_LOCKED_OUT", "The account is locked out.", "Have it unlocked, or wait."),
    0x80071128: Meaning("ERROR_INVALID_REPARSE_DATA", "The data of a reparse point is not valid."),
    0x80072020: Meaning("ERROR_DS_OPERATIONS_ERROR", "The directory refused the operation.", DOUBLE_HOP),
    0x80072021: Meaning("ERROR_DS_PROTOCOL_ERROR", "A protocol error occurred in the directory."),
    0x80072027: Meaning("ERROR_DS_AUTH_METHOD_NOT_SUPPORTED", "The directory does not support the logon method."),
    0x80072028: Meaning("ERROR_DS_STRONG_AUTH_REQUIRED", "The directory requires a signed or sealed connection."),
    0x8007202B: Meaning(
        "ERROR_DS_REFERRAL",
        "The directory answered with a referral to another server.",
        "Name a domain controller of the GPOs' own domain with domain_controller, and the domain with domain.",
    ),
    0x80072030: Meaning("ERROR_DS_NO_SUCH_OBJECT", "The object does not exist in the directory, or is not visible."),
    0x80072032: Meaning("ERROR_DS_INVALID_DN_SYNTAX", "A distinguished name is not valid."),
    0x80072035: Meaning("ERROR_DS_UNWILLING_TO_PERFORM", "The directory server is unwilling to do this."),
    0x8007203A: Meaning("ERROR_DS_SERVER_DOWN", "The domain controller does not answer.", _DC),
    0x8007203B: Meaning("ERROR_DS_LOCAL_ERROR", "A local error occurred in the directory client.", DOUBLE_HOP),
    0x80072098: Meaning("ERROR_DS_INSUFF_ACCESS_RIGHTS", "The account has not enough rights in the directory."),
    0x800401F3: Meaning(
        "CO_E_CLASSSTRING", "The Group Policy Management Console is not registered on the host.", _INSTALL
    ),
    0x80080005: Meaning("CO_E_SERVER_EXEC_FAILURE", "The COM server could not be started."),
    0x8009030E: Meaning("SEC_E_NO_CREDENTIALS", "No credentials are available.", DOUBLE_HOP),
    0x80090311: Meaning("SEC_E_NO_AUTHENTICATING_AUTHORITY", "No authority could be contacted for authentication."),
    0x80131500: Meaning("COR_E_EXCEPTION", "A .NET exception occurred on the host."),
    0x80131501: Meaning("COR_E_SYSTEM", "A .NET exception occurred on the host."),
    0x80131620: Meaning("COR_E_IO", "A file could not be read or written on the host."),
    0x80131621: Meaning("COR_E_FILELOAD", "A file could not be opened on the host."),
    # ADSI's own, of adserr.h.
    0x80005000: Meaning("E_ADS_BAD_PATHNAME", "The path of an object in the directory is not valid.", _NAMES),
    0x80005001: Meaning("E_ADS_INVALID_DOMAIN_OBJECT", "The domain is unknown to the directory.", _NAMES),
    0x80005002: Meaning("E_ADS_INVALID_USER_OBJECT", "The user is unknown to the directory."),
    0x80005003: Meaning("E_ADS_INVALID_COMPUTER_OBJECT", "The computer is unknown to the directory."),
    0x80005004: Meaning("E_ADS_UNKNOWN_OBJECT", "The object is unknown to the directory."),
    0x80005005: Meaning("E_ADS_PROPERTY_NOT_SET", "An attribute of the object is not set."),
    0x80005006: Meaning("E_ADS_PROPERTY_NOT_SUPPORTED", "The directory does not support an attribute of the object."),
    0x80005007: Meaning("E_ADS_PROPERTY_INVALID", "The value of an attribute is not valid."),
    0x80005008: Meaning("E_ADS_BAD_PARAMETER", "The directory refused a value that it was given."),
    0x80005009: Meaning("E_ADS_OBJECT_UNBOUND", "The object has not been read from the directory."),
    0x8000500C: Meaning("E_ADS_CANT_CONVERT_DATATYPE", "The value of an attribute could not be converted."),
    0x8000500D: Meaning("E_ADS_PROPERTY_NOT_FOUND", "The object does not have an attribute, or it is not visible."),
    0x8000500E: Meaning("E_ADS_OBJECT_EXISTS", "The object exists already."),
    0x8000500F: Meaning("E_ADS_SCHEMA_VIOLATION", "The directory's schema does not allow this."),
    0x80005014: Meaning("E_ADS_INVALID_FILTER", "The directory refused a search."),
}

# Codes that say no more than that something failed: what the host said of it says more.
_GENERIC = frozenset((0x80004005, 0x8000FFFF, 0x80020009, 0x80131500, 0x80131501, 0x80131620, 0x80131621))

_WHOLE_XML = (
    "gpo_backup_info finds damaged files in a backup directory; if a migration table is used, open it in its editor."
)

_MSXML = range(0xC00CE000, 0xC00CF000)
"""MSXML's codes: GPMC reads bkupInfo.xml, manifest.xml, Backup.xml and migration tables with it. Source: the list of
its error messages in the reference of MSXML."""

_FACILITIES = {
    0: "FACILITY_NULL", 1: "FACILITY_RPC", 2: "FACILITY_DISPATCH", 3: "FACILITY_STORAGE", 4: "FACILITY_ITF",
    7: "FACILITY_WIN32", 8: "FACILITY_WINDOWS", 9: "FACILITY_SSPI", 10: "FACILITY_CONTROL", 11: "FACILITY_CERT",
    12: "FACILITY_INTERNET", 19: "FACILITY_URT", 25: "FACILITY_HTTP", 32: "FACILITY_BACKGROUNDCOPY",
}  # fmt: skip


def is_of_dotnet(hresult: int) -> bool:
    """Return whether an HRESULT is one that .NET gives its exceptions, FACILITY_URT."""
    return (hresult >> 16) & 0x7FF == 19


def describe(hresult: int, message: str = "") -> Meaning:
    """Return what *hresult* (signed or unsigned) means.

    A code that the table does not know is named by its facility and number. Such a code, and one that says no more
    than that something failed, is described by *message*, what the host itself said of it, if it said anything.
    """
    code = hresult & MASK
    said = " ".join(message.split())
    known = _MEANINGS.get(code)
    if known is not None:
        return dataclasses.replace(known, message=said) if said and code in _GENERIC else known
    if code in _MSXML:
        # Mostly of the parser; which of a thousand it is, its own text tells.
        return Meaning("MSXML", said or "A file is not the XML that it should be.", _WHOLE_XML)
    facility = _FACILITIES.get((code >> 16) & 0x7FF, f"facility {(code >> 16) & 0x7FF}")
    return Meaning(f"{facility}, code {code & 0xFFFF}", said or "No description of this code is known.")
