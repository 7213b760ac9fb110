# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logons by Kerberos at the WinRM endpoint, with tickets of the lab's own KDC and a client of the machine's GSSAPI."""

from __future__ import annotations

import base64
import os
import pathlib
import subprocess
import typing as t

import pytest
import requests
from test_endpoint import PASSWORD, TRANSFER, USER, Endpoint, envelope

from labkit.domain import Domain
from labkit.endpoint import encryption, gss
from labkit.host import Account, Host
from labkit.kerberos import realm
from labkit.paths import LabPaths
from labkit.seed_default import make_default_domain

gssapi = pytest.importorskip("gssapi")
pytestmark = pytest.mark.skipif(not realm.is_there(), reason="no KDC to be had here")

_KERBEROS = "application/HTTP-Kerberos-session-encrypted"
_REQUEST = envelope(TRANSFER + "/Get", uri="http://schemas.microsoft.com/wbem/wsman/1/config").encode()
_ANSWER = b"<cfg:MaxEnvelopeSizekb>500<"
_FLAGS = gssapi.RequirementFlag


class Site(t.NamedTuple):
    """A realm, a host in it, and the host's endpoint."""

    realm: realm.Realm
    host: Host
    endpoint: Endpoint

    def tickets(self, *options: str, user: str = USER) -> str:
        """Log on, and return where the tickets are."""
        cache = f"FILE:{self.host.lab.kerberos}/{user}{''.join(options)}"
        subprocess.run([self.host.lab.kerberos / "kinit", *options, "-c", cache, user], check=True, text=True,
                       input=PASSWORD + "\n", capture_output=True)
        return cache

    def client(self, cache: str, delegate: bool = False, binding: bytes | None = None) -> gssapi.SecurityContext:
        """A client's side of a logon."""
        flags = _FLAGS.mutual_authentication | _FLAGS.confidentiality | _FLAGS.integrity
        if delegate:
            flags |= _FLAGS.delegate_to_peer
        bindings = gssapi.raw.ChannelBindings(application_data=binding) if binding else None
        name = gssapi.Name(f"HTTP@{realm.service(self.host)}", gssapi.NameType.hostbased_service)
        return gssapi.SecurityContext(
            name=name, creds=gssapi.Credentials(usage="initiate", store={"ccache": cache}), flags=flags,
            channel_bindings=bindings, usage="initiate")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    """A realm whose host answers; this process is in the realm, too."""
    lab = LabPaths(tmp_path_factory.mktemp("lab"))
    host = Host(lab, "host1")
    make_default_domain(Domain(host.paths.domain).root, "corp.example", "host1")
    made = realm.Realm(lab, [host])
    before = os.environ.get("KRB5_CONFIG")
    made.start(Account(USER, PASSWORD))
    os.environ["KRB5_CONFIG"] = str(lab.kerberos / "krb5.conf")
    folder = tmp_path_factory.mktemp("endpoint")
    certificate = str(folder / "cert.pem"), str(folder / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-sha256", "-nodes", "-days", "2", "-subj", "/CN=host1",
         "-keyout", certificate[1], "-out", certificate[0]], check=True, capture_output=True)
    endpoint = Endpoint(folder, certificate, keytab=str(host.paths.keytab), realm=str(lab.kerberos))
    try:
        yield Site(made, host, endpoint)
    finally:
        endpoint.close()
        made.stop()
        os.environ.pop("KRB5_CONFIG")
        if before is not None:
            os.environ["KRB5_CONFIG"] = before


def _log_on(url: str, client: gssapi.SecurityContext, scheme: str = "Negotiate") -> requests.Response:
    """Authenticate a connection, and return the last answer, whose connection its session keeps."""
    session = requests.Session()
    session.verify = False
    session.trust_env = False
    token = client.step()
    answer = session.post(url, data=b"", timeout=5, headers={
        "Authorization": f"{scheme} {base64.b64encode(token).decode()}"})
    if answer.status_code == 200:
        client.step(base64.b64decode(answer.headers["WWW-Authenticate"].partition(" ")[2]))
        assert client.complete
    answer.session = session  # type: ignore[attr-defined]
    return answer


class _Sealing:
    """A client's context as encryption.py wants it."""

    def __init__(self, context: gssapi.SecurityContext) -> None:
        self._sealing = gss.KerberosContext.__new__(gss.KerberosContext)
        self._sealing.__dict__.update(_raw=gssapi.raw, _context=context)
        self.wrap_winrm = self._sealing.wrap_winrm
        self.unwrap_winrm = self._sealing.unwrap_winrm


@pytest.mark.parametrize("scheme", ["Negotiate", "Kerberos"])
def test_encrypted_messages_over_http(site: Site, scheme: str) -> None:
    client = site.client(site.tickets())
    answer = _log_on(site.endpoint.url, client, scheme)
    assert answer.status_code == 200
    sealing = _Sealing(client)
    kind = {"Content-Type": encryption.content_type(_KERBEROS)}
    body = encryption.encrypt(_REQUEST, sealing, _KERBEROS)
    answered = answer.session.post(site.endpoint.url, data=body, headers=kind, timeout=5)
    assert _KERBEROS in answered.headers["Content-Type"] and _ANSWER not in answered.content
    assert _ANSWER in encryption.decrypt(answered.content, sealing)
    broken = encryption.encrypt(_REQUEST, sealing, _KERBEROS).replace(b"--Encrypted Boundary--", b"")[:-3]
    assert answer.session.post(
        site.endpoint.url, data=broken + b"x--Encrypted Boundary--\r\n", headers=kind, timeout=5).status_code == 400
    assert answer.session.post(site.endpoint.url, data=_REQUEST, timeout=5).status_code == 500


@pytest.mark.filterwarnings("ignore:Unverified HTTPS")
def test_https_is_bound_to_the_channel(site: Site) -> None:
    """A logon that was meant for another TLS server is refused; one that is bound to none is taken, as by default."""
    cache = site.tickets()
    right = gss.end_point_binding(str(site.endpoint.folder / "cert.pem"))
    for binding, status in ((right, 200), (None, 200), (b"tls-server-end-point:" + b"\0" * 32, 401)):
        answer = _log_on(site.endpoint.secure_url, site.client(cache, binding=binding))
        assert answer.status_code == status
        if status == 200:
            answered = answer.session.post(site.endpoint.secure_url, data=_REQUEST, timeout=5)
            assert _ANSWER in answered.content


@pytest.mark.parametrize("ticket, asks, delegated", [
    (("-f",), True, True),
    (("-f",), False, False),
    # Not forwardable: the client's library drops the wish.
    ((), True, False),
])
def test_what_is_delegated(site: Site, ticket: tuple[str, ...], asks: bool, delegated: bool) -> None:
    server = gss.KerberosContext(site.host.paths.keytab, None)
    server.step(site.client(site.tickets(*ticket), asks).step())
    assert server.complete and server.client_principal == f"{USER}@CORP.EXAMPLE"
    assert server.delegated is delegated


def test_an_account_that_may_not_be_delegated(site: Site) -> None:
    """The KDC gives it no ticket that could be forwarded, as a domain controller does ("sensitive")."""
    site.realm.admin("addprinc", "-pw", PASSWORD, "-allow_forwardable", "guarded")
    server = gss.KerberosContext(site.host.paths.keytab, None)
    server.step(site.client(site.tickets("-f", user="guarded"), True).step())
    assert server.complete and not server.delegated


def test_an_account_that_is_not_the_hosts(site: Site) -> None:
    site.realm.admin("addprinc", "-pw", PASSWORD, "other")
    assert _log_on(site.endpoint.url, site.client(site.tickets(user="other"))).status_code == 401
    assert site.endpoint.events("auth")[-1]["why"] == "not an account of the host"


def test_without_a_key_there_is_no_kerberos(site: Site, tmp_path: pathlib.Path) -> None:
    client = site.client(site.tickets())
    keytab = site.host.paths.keytab.rename(tmp_path / "keytab")
    try:
        assert _log_on(site.endpoint.url, client).status_code == 401
    finally:
        keytab.rename(site.host.paths.keytab)


def test_a_token_that_is_none(site: Site) -> None:
    token = base64.b64encode(b"\x60\x20" + bytes.fromhex("06092a864886f712010202") + b"\x01\x00" + b"x" * 20).decode()
    assert requests.post(site.endpoint.url, data=b"", timeout=5, headers={
        "Authorization": f"Negotiate {token}"}).status_code == 401
