# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""As much of AWX's API as the modules of awx.awx ask for: it keeps objects, finds them again, and associates them.

It listens on the loopback interface. What AWX itself would make of a job template or an RRULE it does not know. Under
/api/controller/ it is what the gateway of Automation Platform has there.
"""

from __future__ import annotations

import collections
import http.server
import json
import re
import threading
import typing as t
import urllib.parse

TOKEN = "lab-token"

_RELATED = (
    "always_nodes", "children", "credentials", "failure_nodes", "hosts", "instance_groups", "labels",
    "notification_templates_error", "notification_templates_started", "notification_templates_success", "success_nodes",
    "survey_spec",
)  # fmt: skip

_PRODUCTS = {"/api/v2/": "AWX", "/api/controller/v2/": "Red Hat Ansible Automation Platform"}

_PATH = re.compile(r"(?P<root>/api/(?:controller/)?v2/)(?P<kind>\w+)/(?:(?P<id>\d+)/(?:(?P<related>\w+)/)?)?")

_UNIFIED = ("job_templates", "workflow_job_templates")

Object = dict[str, t.Any]


class AwxStandIn(http.server.ThreadingHTTPServer):
    """Begins with what an AWX that was just installed has."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, dict[int, Object]] = collections.defaultdict(dict)
        self.related: dict[tuple[str, int, str], t.Any] = collections.defaultdict(list)
        self.changes: list[str] = []
        self.asked: list[str] = []
        self._last_id = 0
        self.create("organizations", {"name": "Default"})
        self.create("credential_types", {"name": "Machine"})
        self.changes.clear()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def create(self, kind: str, fields: Object) -> Object:
        """Keep a new object."""
        self._last_id += 1
        url = f"/api/v2/{kind}/{self._last_id}/"
        self.objects[kind][self._last_id] = {
            **({"scm_revision": ""} if kind == "projects" else {}),
            **fields,
            "id": self._last_id, "type": kind.rstrip("s"), "url": url, "summary_fields": {},
            "related": {name: f"{url}{name}/" for name in _RELATED},
        }  # fmt: skip
        self.changes.append(f"create {kind} {fields.get('name') or fields.get('identifier')}")
        return self.objects[kind][self._last_id]

    def find(self, kind: str, wanted: t.Mapping[str, str]) -> list[Object]:
        """Return the objects that have these fields."""
        kinds = _UNIFIED if kind == "unified_job_templates" else (kind,)
        every = [one for kind in kinds for one in self.objects[kind].values()]
        return [one for one in every if all(str(one.get(key)) == value for key, value in wanted.items())]

    def named(self, kind: str, name: str) -> Object:
        """Return the one object of this name."""
        (found,) = self.find(kind, {"name": name})
        return found

    def names(self, kind: str, name: str, related: str) -> list[str]:
        """Return the names of what is associated with an object."""
        return [self.anything(one)["name"] for one in self.related[(kind, self.named(kind, name)["id"], related)]]

    def anything(self, wanted: int) -> Object:
        """Return the object with this ID, of whatever kind."""
        (found,) = (one for objects in self.objects.values() for key, one in objects.items() if key == wanted)
        return found


class _Handler(http.server.BaseHTTPRequestHandler):
    server: AwxStandIn
    root = "/api/v2/"

    def log_message(self, format: str, *args: t.Any) -> None:  # noqa: A002
        """Say nothing."""

    def _answer(self, status: int, body: t.Any = None) -> None:
        data = b"" if body is None else json.dumps(body).replace('"/api/v2/', f'"{self.root}').encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-API-Product-Name", _PRODUCTS[self.root])
        self.send_header("X-API-Product-Version", "24.6.1")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        url = urllib.parse.urlsplit(self.path)
        match = _PATH.fullmatch(url.path)
        self.root = match["root"] if match else "/api/v2/"
        self.server.asked.append(self.root)
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._answer(401, {"detail": "no token"})
        elif match is None:
            self._answer(404, {"detail": f"no such endpoint: {self.path}"})
        elif match["related"]:
            self._relate((match["kind"], int(match["id"]), match["related"]), body)
        elif match["id"]:
            self._change(match["kind"], int(match["id"]), body)
        elif self.command == "POST":
            self._answer(201, _told(self.server.create(match["kind"], body)))
        else:
            found = self.server.find(match["kind"], dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True)))
            self._answer(200, {"count": len(found), "next": None, "results": [_told(one) for one in found]})

    do_GET = do_POST = do_PATCH = _handle

    def _change(self, kind: str, wanted: int, body: Object) -> None:
        one = self.server.objects[kind].get(wanted)
        if one is None:
            self._answer(404, {"detail": "no such object"})
            return
        if self.command == "PATCH":
            one.update(body)
            self.server.changes.append(f"change {kind} {one.get('name')} {sorted(body)}")
        self._answer(200, _told(one))

    def _relate(self, key: tuple[str, int, str], body: Object) -> None:
        related = self.server.related
        if self.command == "GET":
            results = [{"id": one} for one in related[key]]
            self._answer(200, related[key] or {} if key[2] == "survey_spec" else {
                "count": len(results), "next": None, "results": results,
            })  # fmt: skip
            return
        self.server.changes.append(f"relate {key}")
        if key[2] == "survey_spec":
            related[key] = body
            self._answer(200, {})
            return
        related[key] = [one for one in related[key] if one != body["id"]]
        if not body.get("disassociate"):
            related[key].append(body["id"])
        self._answer(204)


def _told(one: Object) -> Object:
    """Return an object as AWX tells of it: no secret comes back."""
    inputs = one.get("inputs")
    return {**one, "inputs": {**inputs, "password": "$encrypted$"}} if inputs else one
