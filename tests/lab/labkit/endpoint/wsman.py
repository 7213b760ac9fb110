# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""WS-Management envelopes: requests read without DTDs or entities, answers and faults written."""

from __future__ import annotations

import dataclasses
import re
import uuid
import xml.etree.ElementTree as ET
from xml.parsers import expat
from xml.sax import saxutils

from . import wsmanfaults
from .wsmanfaults import WSManFault

NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "rsp": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
    "ps": "http://schemas.microsoft.com/powershell",
}
_FAULT_NS = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
_WMI_NS = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError"
_WSMAN_FAULT_ACTION = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
_ADDRESSING_FAULT_ACTION = "http://schemas.xmlsoap.org/ws/2004/08/addressing/fault"

MIN_ENVELOPE = 8192
_MAX_DEPTH = 64
_DURATION = re.compile(r"^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$")


@dataclasses.dataclass(frozen=True)
class Request:
    """A request envelope, as far as a shell needs it."""

    action: str
    resource_uri: str
    message_id: str
    operation_timeout: float
    max_envelope: int | None
    selectors: dict[str, str]
    options: dict[str, str]
    body: ET.Element

    @property
    def shell_id(self) -> str:
        """The shell the request is for; the empty string when it names none."""
        return self.selectors.get("ShellId", "").upper()


def parse_xml(data: bytes) -> ET.Element:
    """Parse XML that may be hostile: no DTD (so no entities either), no deep nesting.

    SOAP 1.2 forbids DTDs in messages (part 1, section 5), so nothing is lost.
    """
    builder = ET.TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    depth = 0

    def qualified(name: str) -> str:
        return "{" + name if "}" in name else name

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MAX_DEPTH:
            raise wsmanfaults.invalid_xml("its elements are nested too deeply")
        builder.start(qualified(name), {qualified(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(qualified(name))

    def doctype(*_ignored: object) -> None:
        raise wsmanfaults.invalid_xml("it has a document type declaration")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
        return builder.close()
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise wsmanfaults.invalid_xml(str(error)) from error


def parse_duration(text: str) -> float:
    """Seconds of an xs:duration such as ``PT20S``."""
    match = _DURATION.match(text.strip())
    if not match or not any(match.groups()):
        raise wsmanfaults.invalid_timeout(text)
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def parse_request(data: bytes) -> Request:
    """Read a request envelope; a WSManFault says what is wrong with it."""
    envelope = parse_xml(data)
    if envelope.tag != f"{{{NS['s']}}}Envelope":
        raise wsmanfaults.schema_violation("not a SOAP 1.2 envelope")
    header = envelope.find("s:Header", NS)
    body = envelope.find("s:Body", NS)
    if header is None or body is None:
        raise wsmanfaults.schema_violation("an envelope needs a Header and a Body")
    timeout = header.findtext("w:OperationTimeout", None, NS)
    size = header.findtext("w:MaxEnvelopeSize", None, NS)
    try:
        max_envelope = int(size) if size else None
    except ValueError as error:
        raise wsmanfaults.schema_violation("MaxEnvelopeSize is not a number") from error
    if max_envelope is not None and max_envelope < MIN_ENVELOPE:
        raise wsmanfaults.envelope_limit_too_small()
    return Request(
        action=_required(header, "a:Action"),
        resource_uri=_required(header, "w:ResourceURI"),
        message_id=_required(header, "a:MessageID"),
        # MaxTimeoutms, the service's default when a client names no time, is a minute.
        operation_timeout=parse_duration(timeout) if timeout else 60.0,
        max_envelope=max_envelope,
        selectors=_named(header, "w:SelectorSet/w:Selector"),
        options=_named(header, "w:OptionSet/w:Option"),
        body=body,
    )


def _required(header: ET.Element, name: str) -> str:
    text = (header.findtext(name, None, NS) or "").strip()
    if not text:
        raise wsmanfaults.header_required(name)
    return text


def _named(header: ET.Element, path: str) -> dict[str, str]:
    return {element.get("Name", ""): (element.text or "").strip() for element in header.iterfind(path, NS)}


def response(request: Request, body: str) -> bytes:
    """The envelope of a successful answer."""
    return _envelope(request.action + "Response", request.message_id, body)


def fault_response(fault: WSManFault, message_id: str | None, machine: str) -> bytes:
    """The envelope of a fault."""
    addressing = fault.subcode.startswith("a:")
    detail = f"<w:FaultDetail>{fault.detail}</w:FaultDetail>" if fault.detail else ""
    detail += _wmi_error(fault) if fault.wmi_error else _wsman_fault(fault, machine)
    body = (
        "<s:Fault><s:Code>"
        f"<s:Value>s:{'Sender' if fault.sender else 'Receiver'}</s:Value>"
        f"<s:Subcode><s:Value>{fault.subcode}</s:Value></s:Subcode>"
        "</s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{escape(fault.reason)}</s:Text></s:Reason>'
        f"<s:Detail>{detail}</s:Detail></s:Fault>"
    )
    return _envelope(_ADDRESSING_FAULT_ACTION if addressing else _WSMAN_FAULT_ACTION, message_id, body)


def _wsman_fault(fault: WSManFault, machine: str) -> str:
    return (
        f'<f:WSManFault xmlns:f="{_FAULT_NS}" Code="{fault.code}" Machine={saxutils.quoteattr(machine)}>'
        f"<f:Message>{escape(fault.message or fault.reason)}</f:Message></f:WSManFault>"
    )


def _wmi_error(fault: WSManFault) -> str:
    return (
        f'<p:MSFT_WmiError xmlns:p="{_WMI_NS}">'
        f"<p:Message>{escape(fault.message or fault.reason)}</p:Message>"
        f"<p:MessageID>HRESULT 0x{fault.code:08x}</p:MessageID>"
        f"<p:error_Code>{fault.code}</p:error_Code><p:error_Type>HRESULT</p:error_Type>"
        f"</p:MSFT_WmiError>"
    )


def _envelope(action: str, relates_to: str | None, body: str) -> bytes:
    namespaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NS.items())
    related = f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo>" if relates_to else ""
    return (
        f'<s:Envelope xml:lang="en-US" {namespaces}><s:Header>'
        f"<a:Action>{escape(action)}</a:Action>"
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID>"
        f"<a:To>{NS['a']}/role/anonymous</a:To>{related}"
        f"</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def escape(text: str) -> str:
    """Text as element content; characters that XML cannot hold become U+FFFD."""
    clean = re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
    return saxutils.escape(clean, {'"': "&quot;"})
