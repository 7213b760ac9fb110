# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logons by CredSSP at the WinRM endpoint, by pywinrm and by pyspnego's client: over HTTPS, and with credentials."""

from __future__ import annotations

import base64
import importlib.util
import json
import sys
import typing as t

import pytest
import requests
import spnego
import winrm
from test_endpoint import LAB, PASSWORD, USER, Endpoint, Starter, certificate, run, shared, start  # noqa: F401

if importlib.util.find_spec("requests_credssp") is None:
    sys.path.append(str(LAB / "credssp"))

import requests_credssp  # noqa: E402  pylint: disable=wrong-import-position

_ALONE = "powershell env LAB_LOGON_WITHOUT_CREDENTIALS"


@pytest.fixture
def by_credssp(monkeypatch: pytest.MonkeyPatch) -> None:
    """pywinrm has the library, though it was loaded without."""
    monkeypatch.setattr(winrm.transport, "HAVE_CREDSSP", True)
    monkeypatch.setattr(winrm.transport, "HttpCredSSPAuth", requests_credssp.HttpCredSSPAuth, raising=False)


def _client(endpoint: Endpoint, **settings: t.Any) -> winrm.Protocol:
    return endpoint.client(True, transport="credssp", **settings)


def _log_on(endpoint: Endpoint, client: spnego.ContextProxy) -> requests.Response:
    """A logon token by token; the last answer."""
    session = requests.Session()
    session.verify = False
    session.trust_env = False
    token, answer = client.step(), None
    while token:
        answer = session.post(endpoint.secure_url, data=b"", timeout=5, headers={
            "Authorization": "CredSSP " + base64.b64encode(token).decode()})
        scheme, _blank, reply = answer.headers.get("WWW-Authenticate", "").partition(" ")
        token = client.step(base64.b64decode(reply)) if scheme == "CredSSP" else None
    assert answer is not None
    return answer


@pytest.mark.usefixtures("by_credssp")
def test_command(shared: Endpoint) -> None:
    assert run(_client(shared), "powershell echo hello") == (b"hello", b"", 0)
    logon = shared.events("auth")[-1]
    assert (logon["ok"], logon["scheme"], logon["mechanism"]) == (True, "CredSSP", "ntlm")


@pytest.mark.usefixtures("by_credssp")
@pytest.mark.parametrize(("user", "password"), [(USER, "wrong"), ("nobody", PASSWORD)])
def test_wrong_credentials(shared: Endpoint, user: str, password: str) -> None:
    """The client is told so in a token, and raises what its library raises then."""
    before = len(shared.events("wsman"))
    with pytest.raises(Exception, match="0xC000006D|SpnegoError|NTStatus"):
        _client(shared, username=user, password=password).open_shell()
    logon = shared.events("auth")[-1]
    assert (logon["ok"], logon["scheme"], logon["why"]) == (False, "CredSSP", "wrong user or password")
    assert len(shared.events("wsman")) == before


@pytest.mark.parametrize(("user", "password", "status"), [
    (USER, PASSWORD, 200), ("HOST1\\" + USER, PASSWORD, 200), (USER, "another", 401),
    ("nobody", PASSWORD, 401),
])
def test_what_is_delegated_is_looked_at(shared: Endpoint, user: str, password: str, status: int) -> None:
    """Who logs on rightly may still send credentials with which the host could not go on."""
    inside = spnego.client(USER, PASSWORD, protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
    client = spnego.client(user, password, protocol="credssp", credssp_negotiate_context=inside)
    assert _log_on(shared, client).status_code == status
    logon = shared.events("auth")[-1]
    assert logon["ok"] is (status == 200) and ("delegates" in logon.get("why", "")) is (status == 401)


def test_over_https_alone(shared: Endpoint) -> None:
    offered = {url: requests.post(url, data=b"", timeout=5, verify=False).headers["WWW-Authenticate"]
               for url in (shared.url, shared.secure_url)}
    assert "CredSSP" in offered[shared.secure_url] and "CredSSP" not in offered[shared.url]
    token = base64.b64encode(spnego.client(USER, PASSWORD, protocol="credssp").step() or b"").decode()
    answer = requests.post(shared.url, data=b"", timeout=5, headers={"Authorization": f"CredSSP {token}"})
    assert answer.status_code == 401 and shared.events("auth")[-1]["why"] == "unknown scheme"


@pytest.mark.parametrize("token", ["", "!!!", "AAAA", base64.b64encode(b"\x16\x03\x01\x00\x05hello").decode()])
def test_a_token_that_is_none(shared: Endpoint, token: str) -> None:
    answer = requests.post(shared.secure_url, data=b"", timeout=5, verify=False,
                           headers={"Authorization": f"CredSSP {token}"})
    assert answer.status_code == 401 and "Negotiate" in answer.headers["WWW-Authenticate"]


@pytest.mark.usefixtures("by_credssp")
def test_the_double_hop(start: Starter) -> None:
    """Where it is minded, a logon by NTLM has nothing to go on with; one by CredSSP has."""
    endpoint = start(basic=True)
    # requests sends Latin-1 where Windows and this endpoint expect UTF-8.
    basic = endpoint.client(True, transport="basic", password=PASSWORD.encode())
    clients = {"ntlm": endpoint.client(), "credssp": _client(endpoint), "basic": basic}
    assert {name: run(client, _ALONE)[0] for name, client in clients.items()} == dict.fromkeys(clients, b"")
    endpoint.faults.write_text(json.dumps([{"id": "f1", "kind": "double_hop", "times": None}]))
    assert {name: run(client, _ALONE)[0] for name, client in clients.items()} == {
        "ntlm": b"1", "credssp": b"", "basic": b""}
