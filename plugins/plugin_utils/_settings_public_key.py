# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Public Key Policies: certificates by their contents, and the options beside them."""

from __future__ import annotations

import hashlib
import typing as t
import xml.etree.ElementTree as ET

from ._settings_items import leaf_settings
from ._settings_model import Setting, numbered
from ._settings_xml import child_text, local, parts_of, words


def public_key_settings(half: str, extension: str, element: ET.Element) -> t.Iterator[Setting]:
    """Return what an element of the extension tells."""
    kind = local(element)
    data = child_text(element, "Data")
    if not data:
        yield from leaf_settings(half, extension, element)
        return
    # A certificate that is renewed under the same name is another one.
    digest = hashlib.sha256(data.upper().encode()).hexdigest()
    name = child_text(element, "IssuedTo") or digest[:16]
    parts = parts_of(element, skip=("IssuedTo", "Data"))
    yield Setting(half, extension, (words(kind),), name, (kind, name, digest), numbered(parts))
