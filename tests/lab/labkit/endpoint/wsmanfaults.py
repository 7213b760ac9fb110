# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The faults a WinRM service answers with.

The codes are those of ``wsmerror.h`` of the Windows SDK, the subcodes and detail URIs those of the WS-Management
specification (DMTF DSP0226, "Faults and fault messages").
"""

from __future__ import annotations

import dataclasses

_DETAIL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/"

# Names as in wsmerror.h without ERROR_WSMAN_; the last three are ordinary Windows errors.
RESOURCE_NOT_FOUND = 2150858752
INVALID_ACTIONURI = 2150858753
MESSAGE_INFORMATION_HEADER_REQUIRED = 2150858769
OPERATION_TIMEDOUT = 2150858793
INVALID_PARAMETER = 2150858810
SCHEMA_VALIDATION_ERROR = 2150858817
INVALID_XML = 2150858819
SERVER_ENVELOPE_LIMIT = 2150858825
UNEXPECTED_SELECTORS = 2150858843
MIN_ENVELOPE_SIZE = 2150858878
INVALID_TIMEOUT_HEADER = 2150858881
SHELL_INVALID_INPUT_STREAM = 2150859147
QUOTA_MAX_SHELLS = 2150859173
QUOTA_MAX_OPERATIONS = 2150859174
QUOTA_MAX_COMMANDS_PER_SHELL = 2150859241
OPERATION_ABORTED = 995
RPC_S_CALL_FAILED = 1726
INVALID_DIRECTORY = 2147942667


@dataclasses.dataclass(eq=False)
class WSManFault(Exception):
    """A fault to answer with. ``message`` is the provider's text where it says more than the reason."""

    code: int
    subcode: str
    reason: str
    message: str | None = None
    detail: str | None = None
    sender: bool = False
    wmi_error: bool = False

    def __str__(self) -> str:
        return self.message or self.reason


def timed_out() -> WSManFault:
    """The operation took longer than its OperationTimeout (the normal end of a Receive without output)."""
    return WSManFault(
        OPERATION_TIMEDOUT, "w:TimedOut",
        "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.")


def shell_not_found(shell_id: str) -> WSManFault:
    """No such shell: never made, deleted, or expired."""
    return _selectors(
        f"The request for the Windows Remote Shell with ShellId {shell_id} failed because the shell was not found on "
        "the server. Possible causes are: the specified ShellId is incorrect or the shell no longer exists on the "
        "server. Provide the correct ShellId or create a new shell and retry the operation.")


def command_not_found() -> WSManFault:
    """No such command in this shell."""
    return _selectors(
        "The Windows Remote Shell received a request to perform an operation on a command identifier that does not "
        "exist. Either the command has completed execution or the client specified an invalid command identifier.")


def _selectors(message: str) -> WSManFault:
    return WSManFault(
        UNEXPECTED_SELECTORS, "w:InvalidSelectors",
        "The WS-Management service cannot process the request because the request contained invalid selectors for "
        "the resource.",
        message, _DETAIL + "UnexpectedSelectors", sender=True)


def resource_not_found(uri: str) -> WSManFault:
    """A resource URI that this service does not know (session configurations of somebody's own among them)."""
    return WSManFault(
        RESOURCE_NOT_FOUND, "a:DestinationUnreachable",
        "The WS-Management service cannot process the request. The service cannot find the resource identified by "
        "the resource URI and selectors.",
        f"The resource URI {uri} is not supported: this endpoint has WinRS and Microsoft.PowerShell.",
        _DETAIL + "InvalidResourceURI", sender=True)


def action_not_supported(action: str) -> WSManFault:
    """An action that the resource does not know."""
    return WSManFault(
        INVALID_ACTIONURI, "a:ActionNotSupported",
        "The WS-Management action URI is not supported by the service.",
        f"The action {action} is not supported for this resource.", sender=True)


def header_required(name: str) -> WSManFault:
    """A header without which a request cannot be understood."""
    return WSManFault(
        MESSAGE_INFORMATION_HEADER_REQUIRED, "a:MessageInformationHeaderRequired",
        f"A required header is missing: {name}.", sender=True)


def invalid_xml(why: str) -> WSManFault:
    """The request is not well-formed, or uses what SOAP forbids (a DTD)."""
    return WSManFault(
        INVALID_XML, "w:SchemaValidationError",
        f"The WS-Management service cannot process the request because the XML is invalid: {why}", sender=True)


def schema_violation(why: str) -> WSManFault:
    """Well-formed XML that is not what the action needs."""
    return WSManFault(
        SCHEMA_VALIDATION_ERROR, "w:SchemaValidationError",
        f"The SOAP XML in the message does not match the corresponding XML schema definition: {why}", sender=True)


def invalid_timeout(text: str) -> WSManFault:
    """An OperationTimeout or IdleTimeOut that is no duration."""
    return WSManFault(
        INVALID_TIMEOUT_HEADER, "w:InvalidParameter",
        f"The WS-Management service cannot process the request because {text!r} is not a valid duration.", sender=True)


def envelope_too_large(limit: int) -> WSManFault:
    """The request is larger than MaxEnvelopeSizekb allows."""
    return WSManFault(
        SERVER_ENVELOPE_LIMIT, "w:EncodingLimit",
        "The WS-Management service cannot process the request because the SOAP message exceeds the maximum envelope "
        f"size of the service ({limit} bytes).",
        None, _DETAIL + "ServiceEnvelopeLimit", sender=True)


def envelope_limit_too_small() -> WSManFault:
    """The client asks for answers so small that no fault would fit."""
    return WSManFault(
        MIN_ENVELOPE_SIZE, "w:EncodingLimit",
        "The WS-Management service cannot process the request because the requested MaxEnvelopeSize is below 8192.",
        None, _DETAIL + "MinimumEnvelopeLimit", sender=True)


def invalid_stream(name: str) -> WSManFault:
    """Input for a stream that a cmd shell does not have."""
    return WSManFault(
        SHELL_INVALID_INPUT_STREAM, "w:InvalidParameter", f"{name!r} is not an input stream of this shell.",
        sender=True)


def invalid_directory(path: str) -> WSManFault:
    """The shell's working directory does not exist (Windows error 267)."""
    return WSManFault(INVALID_DIRECTORY, "w:InternalError", "The directory name is invalid.", f"{path}: The directory "
                      "name is invalid.")


def aborted() -> WSManFault:
    """The command or its shell ended while a Receive was waiting (Windows error 995)."""
    return WSManFault(
        OPERATION_ABORTED, "w:InternalError",
        "The I/O operation has been aborted because of either a thread exit or an application request.")


def host_process_died() -> WSManFault:
    """The process that serves a PowerShell shell (wsmprovhost.exe) is gone: Windows error 1726, of its RPC."""
    return WSManFault(
        RPC_S_CALL_FAILED, "w:InternalError",
        "The WSMan provider host process did not return a proper response. A provider in the host process may have "
        "behaved improperly.")


def too_many_shells(limit: int) -> WSManFault:
    """MaxShellsPerUser."""
    return _quota(
        QUOTA_MAX_SHELLS,
        f"The WS-Management service cannot process the request. This user is allowed a maximum number of {limit} "
        "concurrent shells, which has been exceeded. Close existing shells or raise the quota for this user.")


def too_many_processes(limit: int) -> WSManFault:
    """MaxProcessesPerShell."""
    return _quota(
        QUOTA_MAX_COMMANDS_PER_SHELL,
        "The WS-Management service cannot process the request. The maximum number of concurrent commands per shell "
        f"({limit}) has been exceeded.")


def too_many_operations(limit: int) -> WSManFault:
    """MaxConcurrentOperationsPerUser: told as a WMI error, which is what Ansible's winrm plugin looks for."""
    fault = _quota(
        QUOTA_MAX_OPERATIONS,
        f"The WS-Management service cannot process the request. This user is allowed a maximum number of {limit} "
        "concurrent operations, which has been exceeded. Close existing operations for this user, or raise the quota "
        "for this user.")
    fault.subcode = "w:InternalError"
    fault.wmi_error = True
    return fault


def _quota(code: int, reason: str) -> WSManFault:
    return WSManFault(code, "w:QuotaLimit", reason)


def internal_error(why: str) -> WSManFault:
    """Something went wrong inside the service."""
    return WSManFault(INVALID_PARAMETER, "w:InternalError", "The service cannot comply with the request.", why)
