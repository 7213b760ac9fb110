# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rounds of random edits: what is backed up, and why, is what the domain on disk says has changed.

The expectation is computed here a second time, from the lab's files and what the newest backup was made of.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import random
import typing as t

from backups import edit, newest
from extent import LONG, in_whole
from harness import Lab
from labkit.domain import Domain
from labkit.domain_model import unpack_version
from steps import outcomes, reasons, step

_SEED = 20260301
_ROUNDS = 220 if LONG else 2

_TEXTS = [
    "plain", "  two  blanks ", "It's \"quoted\" & <b> ]]> %PATH% $(x) `n", "上海 \U0001f510 \u202e", "a\r\nb\tc",
    "[x]*?~1",
    "{31B2F340-016D-11D2-945F-00C04FB984F9}",
    "é vs. e\u0301", "Keys", "null", "\ufffd\ue000", "x" * 300,
]  # fmt: skip
_SOMS = ["corp.example", "Domain Controllers", "Servers", "Finance", "Clients", "Staging", "Shanghai"]
_FILES = ["Machine/a.cmd", "Machine/Deep/er/b c.txt", "User/a.cmd", "User/上海 [1].txt", "note.txt", "$x.dat"]
_TRUSTEES = ["Helpdesk", "Contractors", "GPO Editors", "Authenticated Users", "Prüfer & \"Gäste\" 审计"]
_MASKS = ["0x000200b4", "0x000200b5", "0x00020014", "0x80000000"]
_LEVELS = ["read", "apply", "edit", "full", "deny-apply", "none"]


@dataclasses.dataclass
class State:
    """What a backup of a GPO is made of, as far as it decides whether there has to be a new one."""

    name: str
    description: str
    flags: int
    versions: dict[str, tuple[int, int]]
    wmi_filter: str | None
    definition: object
    permissions: str
    files: dict[str, tuple[int, int]]
    links: dict[str, tuple[bool, bool, list[str]]] | None
    damaged: bool = False


def states(domain: Domain) -> dict[str, State]:
    """Return the state of every GPO that the account can see, read from the lab's files."""
    filters = {value.id.lower(): value for value in domain.wmi_filters()}
    soms = domain.soms()
    found = {}
    for gpo in domain.gpos():
        if not gpo.visible:
            continue
        folder = domain.sysvol_dir(gpo.id)
        known = filters.get((gpo.wmi_filter or "").lower())
        # One that is gone can be told from none, but not from another that is gone.
        filter_id = None if gpo.wmi_filter is None else known.id if known else "gone"
        halves = zip(unpack_version(gpo.version), unpack_version(domain.sysvol_version(gpo.id)))
        user, computer = ((directory, sysvol) for directory, sysvol in halves)
        found[gpo.id] = State(
            name=gpo.display_name,
            description=domain.description(gpo.id),
            flags=gpo.flags & 3,
            versions={"computer": computer, "user": user},
            wmi_filter=filter_id,
            definition=dataclasses.astuple(known) if known else None,
            permissions=gpo.security_descriptor,
            files={
                str(path.relative_to(folder)).lower(): (path.stat().st_size, path.stat().st_mtime_ns // 100)
                for path in folder.rglob("*")
                if path.is_file()
            },
            links={
                som.path: (link.enabled, link.enforced, [other.gpo for other in som.links])
                for som in soms
                for link in som.links
                if link.gpo == gpo.id
            },
        )
    return found


def _place(gpo: str, order: list[str], other: list[str]) -> int:
    """Return how many GPOs stand above one, of those that are linked there before and after."""
    return sum(neighbour in other for neighbour in order[: order.index(gpo)])


def _same_links(gpo: str, was: State, now: State) -> bool:
    if now.links is None:
        return True
    if was.links is None or was.links.keys() != now.links.keys():
        return False
    for som, (enabled, enforced, order) in now.links.items():
        old_enabled, old_enforced, old_order = was.links[som]
        if (enabled, enforced) != (old_enabled, old_enforced):
            return False
        if _place(gpo, order, old_order) != _place(gpo, old_order, order):
            return False
    return True


def expected_reasons(gpo: str, was: State | None, now: State) -> list[str]:
    """Return why a GPO has to be backed up."""
    if was is None:
        return ["first_backup"]
    why = [f"{half}_settings" for half in ("computer", "user") if was.versions[half] != now.versions[half]]
    explained = tuple(
        prefix
        for reason, prefixes in (
            ("computer_settings", ("machine/", "gpt.ini")), ("user_settings", ("user/", "gpt.ini"))
        )
        if reason in why
        for prefix in prefixes
    )  # fmt: skip
    if was.description != now.description:
        explained += ("gpo.cmt",)
    differing = {path for path in was.files.keys() | now.files.keys() if was.files.get(path) != now.files.get(path)}
    if any(not path.startswith(explained) for path in differing):
        why.append("files")
    for reason, differs in {
        "name": was.name != now.name,
        "description": was.description != now.description,
        "status": was.flags != now.flags,
        "wmi_filter": was.wmi_filter != now.wmi_filter
        or (now.definition is not None and was.definition != now.definition),
        "permissions": was.permissions != now.permissions,
        "links": not _same_links(gpo, was, now),
        "backup_damaged": was.damaged,
    }.items():
        if differs:
            why.append(reason)
    return why


class Editor:
    """Makes random edits, and writes down which."""

    def __init__(self, lab: Lab, folder: pathlib.Path, numbers: random.Random) -> None:
        self.lab = lab
        self.folder = folder
        self.numbers = numbers
        self.done: list[list[str]] = []
        self.domain = Domain(lab.host_dir() / "domain")

    def __call__(self, *words: str) -> None:
        """Make one edit."""
        self.done.append(list(words))
        edit(self.lab, *words)

    def any_of(self, texts: t.Sequence[str]) -> str:
        """Return one of them."""
        return self.numbers.choice(texts)

    def make_one(self, gpo: str) -> None:
        """Make a random edit of a GPO, or of what hangs on it."""
        half = ["--half", self.any_of(["computer", "user"])]
        linked = [som.path for som, _order, _link in self.domain.links_of(gpo)]
        file = self.any_of(_FILES)
        choices: list[list[str]] = [
            ["edit", gpo, *half],
            ["bump", gpo, *half],
            ["bump", gpo, *half, "--directory-only"],
            ["describe", gpo, self.any_of([*_TEXTS, ""])],
            ["rename", gpo, f"{self.any_of(_TEXTS)}{self.numbers.randrange(3)}"],
            [self.any_of(["enable", "disable"]), gpo, "--half", self.any_of(["computer", "user", "all"])],
            ["permit", gpo, self.any_of(_TRUSTEES), "--mask", self.any_of(_MASKS)],
            ["permit", gpo, self.any_of(_TRUSTEES), self.any_of(_LEVELS)],
            ["link", gpo, self.any_of(_SOMS), "--order", str(self.numbers.randrange(4))],
            ["link", gpo, self.any_of(_SOMS), self.any_of(["--enforced", "--disabled"])],
            ["unlink", gpo, self.any_of(linked)] if linked else ["wmi-filter", gpo, "--none"],
            ["edit-file", gpo, file],
            ["edit-file", gpo, file, "--text", self.any_of(["", "same size"])],
            ["wmi-filter", gpo, "--none"],
        ]
        if (self.domain.sysvol_dir(gpo) / file).is_file():
            choices.append(["edit-file", gpo, file, "--delete"])
        filters = [value.name for value in self.domain.wmi_filters()]
        if filters:
            choices.append(["wmi-filter", gpo, self.any_of(filters)])
        self(*self.numbers.choice(choices))

    def make_some(self, backed_up: t.Collection[str]) -> set[str]:
        """Make several random edits; return the GPOs whose newest backup was damaged."""
        damaged = set()
        for _ in range(self.numbers.randrange(1, 9)):
            gpos = [gpo.id for gpo in self.domain.gpos() if gpo.visible]
            gpo = self.any_of(gpos)
            kind = self.numbers.randrange(20)
            if kind == 0:
                query = f"root\\CIMv2;SELECT * FROM Win32_Fan WHERE Speed > {self.numbers.randrange(3)}"
                self("add-filter", self.any_of(["Laptops only", "Another"]), query)
            elif kind == 1 and self.domain.wmi_filters():
                self("delete-filter", self.domain.wmi_filters()[-1].name)
            elif kind == 2 and len(gpos) < 16:
                self("add", "--", f"{self.any_of(_TEXTS)} new")
            elif kind == 3 and len(gpos) > 8:
                self("delete", gpo, *self.any_of(["", "--keep-links"]).split())
            elif kind == 4 and len(gpos) > 8:
                self("hide", gpo)
            elif kind == 5:
                for hidden in self.domain.gpos():
                    if not hidden.visible:
                        self("unhide", hidden.id)
            elif kind == 6 and gpo in backed_up and gpo not in damaged:
                self.done.append(["damage", gpo])
                (self.folder / newest(self.folder, gpo)["backup"]["id"] / "Backup.xml").write_bytes(b"short")
                damaged.add(gpo)
            else:
                self.make_one(gpo)
        return damaged


@in_whole
def test_random_edits(lab: Lab) -> None:
    """Check mode and the real run both find exactly what differs from the newest backups, each round anew."""
    folder = lab.drive_d() / "GPO"
    numbers = random.Random(_SEED)
    editor = Editor(lab, folder, numbers)
    known: dict[str, State] = {}
    count = 0
    for turn in range(_ROUNDS):
        editor.done.clear()
        if turn:
            for gpo in editor.make_some(known):
                known[gpo].damaged = True
        options: dict[str, t.Any] = {"all": True, "inaccessible": "ignore"}
        live = states(editor.domain)
        if numbers.randrange(5) == 0:
            options["include_links"] = False
            for state in live.values():
                state.links = state.definition = None
        expected = {gpo: why for gpo, now in live.items() if (why := expected_reasons(gpo, known.get(gpo), now))}
        run = lab.tasks([step("Check", check_mode=True, diff=True, **options), step("Real", **options)])
        about = f"seed {_SEED}, round {turn}, {options}: {json.dumps(editor.done, ensure_ascii=False)}"
        for name in ("Check", "Real"):
            (result,) = run.of(name)
            assert not result.get("failed"), (about, result["msg"])
            assert reasons(result) == expected, (name, about)
            assert outcomes(result) == {gpo: "created" if gpo in expected else "unchanged" for gpo in live}, about
        count += len(expected)
        for gpo in expected:
            known[gpo] = live[gpo]
        entries = json_entries(folder)
        assert len(entries) == count, about
    # Those that were damaged on purpose are no longer the newest, and what is left is whole.
    for of_gpo in newest_of_each(folder).values():
        assert (folder / of_gpo["backup"]["id"]).is_dir()


def json_entries(folder: pathlib.Path) -> list[pathlib.Path]:
    """Return the entries of the catalog."""
    return list((folder / ".gpvault").glob("*/*/*}.json"))


def newest_of_each(folder: pathlib.Path) -> dict[str, dict[str, t.Any]]:
    """Return the newest entry of each GPO."""
    return {path.name: newest(folder, path.name) for path in (folder / ".gpvault/corp.example").iterdir()}
