# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Galaxy that has one collection, for ansible-galaxy to install it from: its API is a folder of files here."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import http.server
import json
import pathlib
import threading
import typing as t


class _Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: t.Any) -> None:  # noqa: A002  pylint: disable=redefined-builtin
        """Say nothing."""


@contextlib.contextmanager
def serving(tarball: pathlib.Path, folder: pathlib.Path) -> t.Iterator[str]:
    """Return the address of a Galaxy that has the collection of this tarball. *folder* is where its pages are made."""
    files = functools.partial(_Files, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), files) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        _write(folder, tarball, url)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"{url}/api/"
        finally:
            server.shutdown()


def _write(folder: pathlib.Path, tarball: pathlib.Path, url: str) -> None:
    """Write what Galaxy's API (v3) answers to each request, as the index of a folder of that path."""
    namespace, name, version = tarball.name.removesuffix(".tar.gz").split("-")
    content = tarball.read_bytes()
    (folder / tarball.name).write_bytes(content)
    collection = f"/api/v3/collections/{namespace}/{name}/"
    versions = f"{collection}versions/"
    listed = {"version": version, "href": f"{versions}{version}/"}
    pages: dict[str, dict[str, t.Any]] = {
        "/api/": {"available_versions": {"v3": "v3/"}},
        collection: {"namespace": namespace, "name": name},
        versions: {"meta": {"count": 1}, "links": {"next": None}, "data": [listed]},
        listed["href"]: {
            **listed,
            "namespace": {"name": namespace}, "collection": {"name": name}, "metadata": {"dependencies": {}},
            "download_url": f"{url}/{tarball.name}", "signatures": [],
            "artifact": {"filename": tarball.name, "sha256": hashlib.sha256(content).hexdigest()},
        },
    }  # fmt: skip
    for path, page in pages.items():
        index = folder / path.strip("/") / "index.html"
        index.parent.mkdir(parents=True, exist_ok=True)
        index.write_text(json.dumps(page), "utf-8")
