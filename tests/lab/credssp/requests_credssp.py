# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In place of the library requests-credssp, where it cannot be had: what pywinrm and pypsrp ask of it over HTTPS.

The protocol is pyspnego's, as in the genuine one; here is only what carries its tokens in HTTP headers.
"""

from __future__ import annotations

import base64
import typing as t

import requests
import spnego
from requests.auth import AuthBase


class HttpCredSSPAuth(AuthBase):
    """Logs on by CredSSP where a server answers that it wants a logon, and sends the request again."""

    def __init__(
        self, username: str, password: str, auth_mechanism: str = "auto", disable_tlsv1_2: bool = False,
        minimum_version: int = 2,
    ) -> None:
        if auth_mechanism == "kerberos" or disable_tlsv1_2:
            raise NotImplementedError("the lab's CredSSP is NTLM inside of TLS 1.2 or later")
        self._user = username
        self._password = password
        self._minimum_version = minimum_version

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.register_hook("response", self._answer)
        return request

    def _answer(self, response: requests.Response, **how: t.Any) -> requests.Response:
        offered = response.headers.get("WWW-Authenticate", "")
        if response.status_code != 401 or "credssp" not in offered.lower():
            return response
        client = spnego.client(
            self._user, self._password, protocol="credssp", options=spnego.NegotiateOptions.use_negotiate,
            credssp_min_protocol=self._minimum_version)
        token: bytes | None = None
        while not client.complete:
            token = client.step(token)
            response = _send_again(response, token, **how)
            token = _token(response)
            if token is None:
                break
        return response


def _send_again(response: requests.Response, token: bytes | None, **how: t.Any) -> requests.Response:
    """Send a response's request with another token, by the same connection, to which a logon belongs."""
    response.content  # pylint: disable=pointless-statement  # what is not read keeps the connection
    response.raw.release_conn()
    request = response.request.copy()
    request.headers["Authorization"] = "CredSSP " + base64.b64encode(token or b"").decode()
    again = response.connection.send(request, **how)  # type: ignore[attr-defined]
    again.history.append(response)
    return again


def _token(response: requests.Response) -> bytes | None:
    scheme, _blank, token = response.headers.get("WWW-Authenticate", "").partition(" ")
    return base64.b64decode(token) if scheme.lower() == "credssp" else None
