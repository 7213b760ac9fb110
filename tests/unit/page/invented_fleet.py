# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An invented fleet, night after night: what the steps of the role would have returned of it, always the same.

Names of domains are those that are kept for examples; everything else is made up as well.
"""

from __future__ import annotations

import pathlib
import random
import typing as t
import uuid

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _details_file, _fleet, _fleet_history

NOW = 1_780_000_000
DAY = 86_400

_DOMAINS = ("corp", "emea", "apac", "lab", "retail", "plant", "dmz", "legal")
_SUBJECTS = (
    "Default Domain Policy", "Default Domain Controllers Policy", "Kiosk", "Screen Lock", "Drive Maps", "Printers",
    "BitLocker", "Windows Update", "Firewall", "Edge Settings", "Office Macros", "Local Administrators", "Audit Policy",
    "Remote Desktop", "Power Plan", "Folder Redirection", "Certificates", "AppLocker", "Time Service", "SMB Signing",
)  # fmt: skip
_TEMPLATES = "Administrative Templates"
_SETTINGS = (
    ("Computer", _TEMPLATES, ["Windows Components", "Windows Update"], "Configure Automatic Updates", "3", "4"),
    ("Computer", "Security", ["Account Policies", "Password Policy"], "Minimum password length", "8", "14"),
    ("Computer", _TEMPLATES, ["System", "Logon"], "Turn off picture password sign-in", "Disabled", "Enabled"),
    ("User", "Drive Maps", [], "Home (H:)", r"\\fs1\home", r"\\fs2\home"),
    ("Computer", "Windows Firewall", ["Domain Profile"], "Inbound connections", "Allow", "Block"),
)
_DENIED = {"succeeded": False, "hresult": "0x80070005", "name": "E_ACCESSDENIED", "message": "Access is denied."}
_COMMENTS = ("Nightly", "Nightly", "Nightly", "Before the change CHG-1042")


class Fleet:
    """Domains with GPOs, which people change."""

    def __init__(self, folder: pathlib.Path, domains: int, gpos: int, *, now: float = NOW, seed: int = 7) -> None:
        self.folder = folder
        self.random = random.Random(seed)
        self.hosts = [self._host(number) for number in range(domains)]
        self.gpos: dict[str, list[dict[str, t.Any]]] = {
            host: [self._gpo(host, number) for number in range(gpos)] for host in self.hosts
        }
        self.now = int(now)
        self.at = self.now

    def nights(self, number: int, changed: float = 0.02) -> list[dict[str, t.Any]]:
        """Let nights go by, the last of them now. Returns the records of that, which is not in the history yet."""
        path = self.folder / "history.json"
        history = _fleet_history.read(str(path))
        records: list[dict[str, t.Any]] = []
        for night in range(number):
            self.at = self.now - (number - 1 - night) * DAY
            if records:
                history = self._kept(history, records, self.at - DAY)
            # The first backs up everything, as it is long before.
            records = [self._record(host, changed if night else 1.0) for host in self.hosts]
        path.write_text(_fleet_history.dump(history), "utf-8")
        return records

    def keep(self, records: t.Sequence[dict[str, t.Any]]) -> str:
        """Put a run into the history, as the role does, and return it."""
        path = self.folder / "history.json"
        history = self._kept(_fleet_history.read(str(path)), records, self.at)
        path.write_text(_fleet_history.dump(history), "utf-8")
        return path.read_text("utf-8")

    def _kept(
        self, history: dict[str, t.Any], records: t.Sequence[dict[str, t.Any]], at: int
    ) -> dict[str, t.Any]:
        domains = _fleet.fleet_of(records, self.hosts)["domains"]
        backups, told = str(self.folder / "backups"), _fleet.utc(at)
        return _fleet_history.after_run(history, domains, backups, "", told)

    def _host(self, number: int) -> str:
        name = _DOMAINS[number % len(_DOMAINS)]
        return f"{name}{number // len(_DOMAINS) or ''}.example"

    def _id(self) -> str:
        return f"{{{uuid.UUID(int=self.random.getrandbits(128), version=4)}}}".upper()

    def _gpo(self, host: str, number: int) -> dict[str, t.Any]:
        subject = _SUBJECTS[number % len(_SUBJECTS)]
        round_ = number // len(_SUBJECTS)
        name = f"{subject} {round_ + 1}" if round_ else subject
        return {"id": self._id(), "name": name, "domain": host, "status": "all_settings_enabled", "backup": None}

    def _record(self, host: str, changed: float) -> dict[str, t.Any]:
        """Return the record of a night in a domain, and write the file that a backup leaves."""
        roll = self.random.random()
        began = self.at - 40
        given = {"host": host, "via": host, "domain": host, "path": "D:\\GPO", "began": began, "now": self.at}
        if changed < 1 and (roll < 0.03 or self.at == self.now and host in self.hosts[2:3]):
            lost = {"unreachable": True, "msg": "Connection refused"}
            return _fleet.record_of({"backup": lost}, {**given, "error": _fleet.fault_of(lost)})
        result = self._backup(host, changed)
        _details_file.save(str(self.folder / f"backups/{host}.json"), {**result, "whole": True})
        drill = self._drill(host)
        bad = [one["msg"] for one in (result, drill) if one and one["summary"]["failed"]]
        return _fleet.record_of({"backup": result, "drill": drill}, {**given, "error": bad[0] if bad else None})

    def _drill(self, host: str) -> dict[str, t.Any]:
        """Once a week all domains but the last drill their recovery. In one a GPO cannot be recovered."""
        if (self.now - self.at) // DAY % 7 != 3 or host == self.hosts[-1]:
            return {}
        number, failed = len(self.gpos[host]), int(host in self.hosts[3:4])
        summary = {"selected": number, "drilled": number - failed, "failed": failed, "not_attempted": 0}
        recovery = {"gpos": number - failed, "seconds": number * 1.7}
        return {"summary": summary, "recovery": recovery, "drills": [], "msg": f"{failed} of {number} GPOs failed."}

    def _backup(self, host: str, changed: float) -> dict[str, t.Any]:
        gpos = self.gpos[host]
        if changed < 1 and self.random.random() < 0.15:
            gpos.pop(self.random.randrange(len(gpos)))
        if changed < 1 and self.random.random() < 0.15:
            gpos.append({**self._gpo(host, 0), "name": f"Pilot {self.random.randrange(100)}"})
        # On the last night two of one domain cannot be backed up.
        refused = gpos[2:4] if changed < 1 and self.at == self.now and host in self.hosts[4:5] else []
        items = [self._item(gpo, changed, gpo in refused) for gpo in gpos]
        outcomes = [one["outcome"] for one in items]
        names = ("created", "unchanged", "failed", "cancelled", "not_attempted")
        summary = {"selected": len(items), **{name: outcomes.count(name) for name in names}, "inaccessible": 0}
        times = [one["backup"]["timestamp"] for one in items if one["backup"]]
        first = {"id": gpos[0]["id"], "name": gpos[0]["name"]}
        return {
            "run_id": str(uuid.UUID(int=self.random.getrandbits(128))),
            "domain": host, "domain_controller": f"dc1.{host}",
            "summary": summary, "inaccessible": [], "backups": items, "check_mode": False,
            "oldest": {"timestamp": min(times), "gpo": first} if times else None,
            "msg": f"{summary['created']} of {len(items)} GPOs backed up, {summary['unchanged']} unchanged.",
        }  # fmt: skip

    def _item(self, gpo: dict[str, t.Any], changed: float, refused: bool) -> dict[str, t.Any]:
        about = {key: gpo[key] for key in ("id", "name", "domain", "status")}
        item: dict[str, t.Any] = {"gpo": about, "outcome": "unchanged", "reasons": [], "backup": gpo["backup"]}
        roll = self.random.random()
        if refused or (changed < 1 and gpo["backup"] and roll > 0.9995):
            return {**item, "outcome": "failed", "backup": None, "call_status": _DENIED}
        if gpo["backup"] and roll >= changed:
            return item
        # The first ones are as old as they would be.
        old = int(self.random.paretovariate(0.6) * DAY) % (700 * DAY)
        made = self.at - (30 if gpo["backup"] or changed < 1 else old)
        item["reasons"] = ["computer_settings"] if gpo["backup"] else ["first_backup"]
        if gpo["backup"]:
            chosen = self.random.sample(_SETTINGS, self.random.randrange(1, 4))
            item["changes"] = [self._change(*setting) for setting in chosen]
        gpo["backup"] = {"id": self._id(), "path": "", "timestamp": _fleet.utc(made),
                         "comment": self.random.choice(_COMMENTS)}  # fmt: skip
        return {**item, "outcome": "created", "backup": gpo["backup"]}

    def _change(
        self, half: str, extension: str, place: list[str], name: str, before: str, after: str
    ) -> dict[str, t.Any]:
        kind = self.random.choice(("changed", "changed", "added", "removed"))
        return {
            "half": half, "extension": extension, "place": place, "name": name, "kind": kind,
            "before": None if kind == "added" else before, "after": None if kind == "removed" else after,
        }  # fmt: skip
