# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The extensions that are known, by the schemas of their settings, and what reads them.

GPMC's schemas are below http://www.microsoft.com/GroupPolicy/Settings. Preferences have many; their items are known by
what they have in common. What is not known is told all the same, by the names of its elements.
"""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

from ._settings_applocker import applocker_settings
from ._settings_firewall import firewall_settings
from ._settings_items import generic_setting, item_settings, leaf_settings
from ._settings_model import Setting
from ._settings_preferences import is_preferences, preference_items
from ._settings_public_key import public_key_settings
from ._settings_registry import registry_settings
from ._settings_security import audit_settings, security_settings
from ._settings_xml import words

Reader = t.Callable[[str, str, ET.Element], t.Iterable[Setting]]
"""Reads what is directly below an extension: half, name of the extension, element."""

_KNOWN: dict[str, tuple[str, Reader]] = {
    "Registry": ("Administrative Templates", registry_settings),
    "Security": ("Security Settings", security_settings),
    "Auditing": ("Advanced Audit Policy Configuration", audit_settings),
    "Scripts": ("Scripts", item_settings),
    "FolderRedirection": ("Folder Redirection", item_settings),
    "SoftwareInstallation": ("Software Installation", item_settings),
    "PublicKey": ("Public Key Policies", public_key_settings),
    "WindowsFirewall": ("Windows Firewall", firewall_settings),
    "SRPV2": ("AppLocker", applocker_settings),
    "SoftwareRestriction": ("Software Restriction Policies", item_settings),
    "WLanSvc": ("Wireless Network Policies", leaf_settings),
    "Dot3Svc": ("Wired Network Policies", leaf_settings),
    "LanSvc": ("Wired Network Policies", leaf_settings),
    "Printers": ("Deployed Printers", item_settings),
    "PushedPrinterConnections": ("Deployed Printers", item_settings),
    "DeployedPrinterConnections": ("Deployed Printers", item_settings),
    "IE": ("Internet Explorer Maintenance", leaf_settings),
    "InternetExplorerMaintenance": ("Internet Explorer Maintenance", leaf_settings),
}


def settings_of(half: str, schema: str, element: ET.Element) -> t.Iterable[Setting]:
    """Return the settings in an element directly below an extension of that schema."""
    if is_preferences(element):
        return preference_items(half, schema, element)
    title, reader = _KNOWN.get(schema, (words(schema.rpartition("/")[2]), generic_setting))
    return reader(half, title, element)
