# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The WS-Management actions of shells ([MS-WSMV] section 3.1.4), from request to answer.

A cmd shell runs command lines. A PowerShell shell ([MS-PSRP] section 3.1.5.3) carries fragments of messages: the first
come with its creation, those of a pipeline with its command, whose id is the pipeline's.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import time
import typing as t
import xml.etree.ElementTree as ET

from . import wsman, wsmanfaults
from .faults import PlantedFaults
from .psrp import RunspacePool
from .shells import Gone, Shell, ShellTable
from .wsman import NS, Request, escape

SHELL_URI = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
CMD_URI = SHELL_URI + "/cmd"
POWERSHELL_URI = "http://schemas.microsoft.com/powershell/Microsoft.PowerShell"
CONFIG_URI = "http://schemas.microsoft.com/wbem/wsman/1/config"
_TRANSFER = NS["x"]

# What an answer to Receive holds besides the output: headers, state, tags.
_RECEIVE_OVERHEAD = 2048


class CutConnection(Exception):
    """A planted fault: close the connection without an answer, after a delay in seconds."""

    def __init__(self, delay: float) -> None:
        super().__init__(delay)
        self.delay = delay


@dataclasses.dataclass(frozen=True)
class Caller:
    """Who sent a request, and over which connection."""

    user: str
    connection: int
    still_there: t.Callable[[], bool]
    #: What the processes of this logon find in their environment, whatever the client asks for.
    environment: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Answer:
    """An answer and what the access log tells about it."""

    status: int
    body: bytes
    log: dict[str, t.Any]


class Operations:
    """Answers request envelopes."""

    def __init__(self, shells: ShellTable, faults: PlantedFaults) -> None:
        self._shells = shells
        self._faults = faults
        self._limits = shells.services.config.limits
        self._machine = shells.services.config.machine
        self._actions: dict[str, t.Callable[[Request, Caller, dict[str, t.Any]], str]] = {
            _TRANSFER + "/Create": self._create,
            _TRANSFER + "/Delete": self._delete,
            SHELL_URI + "/Command": self._command,
            SHELL_URI + "/Send": self._send,
            SHELL_URI + "/Receive": self._receive,
            SHELL_URI + "/Signal": self._signal,
        }

    def handle(self, message: bytes, caller: Caller) -> Answer:
        """Answer one envelope; CutConnection and Gone mean that there is no answer."""
        log: dict[str, t.Any] = {}
        message_id = None
        try:
            if len(message) > self._limits.max_envelope:
                raise wsmanfaults.envelope_too_large(self._limits.max_envelope)
            request = wsman.parse_request(message)
            message_id = request.message_id
            log["action"] = request.action.rpartition("/")[2]
            body = self._dispatch(request, caller, log)
            return Answer(200, wsman.response(request, body), log)
        except wsmanfaults.WSManFault as fault:
            return self._fault(fault, message_id, log)
        except (Gone, CutConnection):
            raise
        except Exception as error:  # the service must answer whatever goes wrong inside
            return self._fault(wsmanfaults.internal_error(f"{type(error).__name__}: {error}"), message_id, log)

    def _fault(self, fault: wsmanfaults.WSManFault, message_id: str | None, log: dict[str, t.Any]) -> Answer:
        log["fault"] = fault.code
        return Answer(500, wsman.fault_response(fault, message_id, self._machine), log)

    def _dispatch(self, request: Request, caller: Caller, log: dict[str, t.Any]) -> str:
        if request.resource_uri.startswith(CONFIG_URI):
            return self._config(request)
        if request.resource_uri not in (CMD_URI, POWERSHELL_URI):
            raise wsmanfaults.resource_not_found(request.resource_uri)
        action = self._actions.get(request.action)
        if action is None:
            raise wsmanfaults.action_not_supported(request.action)
        if request.action == _TRANSFER + "/Create":
            return action(request, caller, log)
        log["shell"] = request.shell_id
        with self._shells.get(request.shell_id).in_use():
            return action(request, caller, log)

    def _config(self, request: Request) -> str:
        if request.action != _TRANSFER + "/Get":
            raise wsmanfaults.action_not_supported(request.action)
        # pypsrp asks for this to know how much it may send.
        return (f'<cfg:Config xmlns:cfg="{CONFIG_URI}">'
                f"<cfg:MaxEnvelopeSizekb>{self._limits.max_envelope_kb}</cfg:MaxEnvelopeSizekb></cfg:Config>")

    def _create(self, request: Request, caller: Caller, log: dict[str, t.Any]) -> str:
        shell = _element(request.body, "rsp:Shell")
        env = {
            variable.get("Name", ""): variable.text or ""
            for variable in shell.iterfind("rsp:Environment/rsp:Variable", NS)
        }
        idle = shell.findtext("rsp:IdleTimeOut", None, NS)
        idle_timeout = wsman.parse_duration(idle) if idle else None
        directory = shell.findtext("rsp:WorkingDirectory", None, NS)
        given = (self._shells.services, caller.user, env | caller.environment, directory, idle_timeout)
        made: Shell
        if request.resource_uri == POWERSHELL_URI:
            made = RunspacePool(*given, _decoded(_element(shell, "ps:creationXml").text))
        else:
            made = Shell(*given)
        self._shells.add(made)
        log["shell"] = made.shell_id
        log["idle_timeout"] = made.idle_timeout
        return (
            "<x:ResourceCreated>"
            f"<a:Address>http://localhost/wsman</a:Address><a:ReferenceParameters>"
            f"<w:ResourceURI>{request.resource_uri}</w:ResourceURI>"
            f'<w:SelectorSet><w:Selector Name="ShellId">{made.shell_id}</w:Selector></w:SelectorSet>'
            "</a:ReferenceParameters></x:ResourceCreated>"
            f"<rsp:Shell><rsp:ShellId>{made.shell_id}</rsp:ShellId>"
            f"<rsp:ResourceUri>{request.resource_uri}</rsp:ResourceUri>"
            f"<rsp:Owner>{escape(caller.user)}</rsp:Owner><rsp:ClientIP>127.0.0.1</rsp:ClientIP>"
            f"<rsp:IdleTimeOut>PT{made.idle_timeout:.3f}S</rsp:IdleTimeOut>"
            f"<rsp:InputStreams>{made.INPUT}</rsp:InputStreams><rsp:OutputStreams>{made.OUTPUT}</rsp:OutputStreams>"
            "</rsp:Shell>"
        )

    def _delete(self, request: Request, caller: Caller, log: dict[str, t.Any]) -> str:
        del caller, log
        self._shells.delete(request.shell_id)
        return ""

    def _command(self, request: Request, caller: Caller, log: dict[str, t.Any]) -> str:
        del caller
        line = _element(request.body, "rsp:CommandLine")
        words = [line.findtext("rsp:Command", "", NS)]
        words += [argument.text or "" for argument in line.iterfind("rsp:Arguments", NS)]
        skip_cmd = request.options.get("WINRS_SKIP_CMD_SHELL", "").upper() in ("TRUE", "1")
        text = " ".join(word for word in words if word).strip()
        if not text:
            raise wsmanfaults.schema_violation("the command line is empty")
        if "\0" in text:
            raise wsmanfaults.schema_violation("the command line has a null character")
        command = self._shells.get(request.shell_id).start(text, line.get("CommandId"), skip_cmd)
        log["command"] = command.command_id
        return f"<rsp:CommandResponse><rsp:CommandId>{command.command_id}</rsp:CommandId></rsp:CommandResponse>"

    def _send(self, request: Request, caller: Caller, log: dict[str, t.Any]) -> str:
        del caller
        shell = self._shells.get(request.shell_id)
        for stream in _element(request.body, "rsp:Send").iterfind("rsp:Stream", NS):
            command = shell.command(stream.get("CommandId", ""))
            log["command"] = command.command_id
            if stream.get("Name") not in shell.INPUT.split():
                raise wsmanfaults.invalid_stream(stream.get("Name", ""))
            data = _decoded(stream.text)
            command.sends += 1
            self._strike("cut_send", command.sends)
            end = stream.get("End", "").lower() in ("true", "1")
            log["data"] = log.get("data", 0) + len(data)
            command.send(data, end, request.operation_timeout)
        return "<rsp:SendResponse/>"

    def _receive(self, request: Request, caller: Caller, log: dict[str, t.Any]) -> str:
        desired = _element(request.body, "rsp:Receive/rsp:DesiredStream")
        command = self._shells.get(request.shell_id).command(desired.get("CommandId", ""))
        log["command"] = command.command_id
        if command.command_id:
            command.receives += 1
            self._strike_receive(command.receives)
        limit = min(self._limits.max_envelope, request.max_envelope or self._limits.max_envelope)
        # Base64 makes four bytes of three.
        room = (limit - _RECEIVE_OVERHEAD) // 4 * 3
        taken, exit_code = command.receive(room, request.operation_timeout, caller.still_there)
        log["data"] = sum(len(data) for _stream, data in taken)
        log["exit_code"] = exit_code
        return _receive_response(command.command_id, taken, exit_code)

    def _strike_receive(self, count: int) -> None:
        fault = self._faults.strike("restart", count)
        if fault is not None:
            time.sleep(fault.delay_ms / 1000)
            self._shells.end_all()
            raise CutConnection(0)
        self._strike("cut_receive", count)

    def _strike(self, kind: str, count: int) -> None:
        fault = self._faults.strike(kind, count)
        if fault is not None:
            raise CutConnection(fault.delay_ms / 1000)

    def _signal(self, request: Request, caller: Caller, log: dict[str, t.Any]) -> str:
        del caller
        signal = _element(request.body, "rsp:Signal")
        code = signal.findtext("rsp:Code", "", NS).strip().rpartition("/")[2].lower()
        shell = self._shells.get(request.shell_id)
        command = shell.command(signal.get("CommandId", ""))
        log["command"] = command.command_id
        log["signal"] = code
        if code in ("ctrl_c", "ctrl_break", "crtl_c"):  # the last is a PowerShell shell's, and spelt so
            command.interrupt()
        elif code == "terminate":
            shell.terminate(command.command_id)
        else:
            raise wsmanfaults.schema_violation(f"unknown signal {code!r}")
        return "<rsp:SignalResponse/>"


def _receive_response(command_id: str, taken: list[tuple[str, bytes]], exit_code: int | None) -> str:
    of_command = f' CommandId="{command_id}"' if command_id else ""
    parts = [
        f'<rsp:Stream Name="{stream}"{of_command}>{base64.b64encode(data).decode()}</rsp:Stream>'
        for stream, data in taken
    ]
    if not command_id:
        # What a PowerShell shell itself says.
        return f"<rsp:ReceiveResponse>{''.join(parts)}</rsp:ReceiveResponse>"
    if exit_code is None:
        state = f'<rsp:CommandState CommandId="{command_id}" State="{SHELL_URI}/CommandState/Running"/>'
    else:
        parts += [f'<rsp:Stream Name="{name}" CommandId="{command_id}" End="true"/>' for name in ("stdout", "stderr")]
        state = (f'<rsp:CommandState CommandId="{command_id}" State="{SHELL_URI}/CommandState/Done">'
                 f"<rsp:ExitCode>{exit_code}</rsp:ExitCode></rsp:CommandState>")
    return f"<rsp:ReceiveResponse>{''.join(parts)}{state}</rsp:ReceiveResponse>"


def _element(body: ET.Element, path: str) -> ET.Element:
    element = body.find(path, NS)
    if element is None:
        raise wsmanfaults.schema_violation(f"the body has no {path}")
    return element


def _decoded(text: str | None) -> bytes:
    try:
        return base64.b64decode("".join((text or "").split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise wsmanfaults.schema_violation("a stream is not base64") from error
