# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that edit a domain as an administrator would: lab gpo ….

`reset` gives the host the domain it was seeded with, or a new one; everything else changes one GPO, a link or a filter.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import prefix, registry_pol
from .cli_output import print_json, print_table
from .descriptor import LEVELS
from .domain import HALF_FOLDER, Domain
from .domain_model import COMPUTER, HALVES, USER, Gpo, WmiFilter, filter_guid, unpack_version
from .errors import LabError
from .host import Host
from .laboratory import Laboratory, make_domain, replace_domain
from .seed_default import make_new_domain

#: Where `lab gpo edit` writes when it is not told what to change.
EDIT_KEY = r"Software\Policies\Contoso\Lab"
EDIT_VALUE = "Edits"

_Action = Callable[[Domain, argparse.Namespace], None]


def add_commands(commands: Any) -> None:
    gpo = commands.add_parser("gpo", help="edit the GPOs of a host's domain", description=(
        "Edit the GPOs of a host's domain as an administrator would. GPO is a GUID or a display name."))
    actions = gpo.add_subparsers(metavar="ACTION", required=True)
    _add_reading(actions)
    _add_settings(actions)
    _add_properties(actions)
    _add_links_and_filters(actions)
    _add_life(actions)


def _command(actions: Any, name: str, action: _Action, text: str, with_gpo: bool = True) -> argparse.ArgumentParser:
    """A subcommand with --host, and a GPO where it is about one."""
    parser = actions.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    parser.add_argument("--host", help="default: the first")
    if with_gpo:
        parser.add_argument("gpo", metavar="GPO")
    parser.set_defaults(action=lambda options: action(_domain(options), options))
    return parser


def _host(options: argparse.Namespace) -> Host:
    return Laboratory().host(options.host)


def _domain(options: argparse.Namespace) -> Domain:
    return _host(options).domain


# -- reading -----------------------------------------------------------------------------------------------------


def _add_reading(actions: Any) -> None:
    listing = _command(actions, "list", _list, "list the GPOs", with_gpo=False)
    listing.add_argument("--json", action="store_true", help="as JSON")
    show = _command(actions, "show", _show, "show everything about a GPO")
    show.add_argument("--json", action="store_true", help="as JSON")


def _versions(number: int) -> str:
    user, computer = unpack_version(number)
    return f"computer {computer}, user {user}"


def _describe(domain: Domain, gpo: Gpo) -> dict[str, Any]:
    folder = domain.sysvol_dir(gpo.id)
    principals = domain.principals()
    return {
        **asdict(gpo),
        "status": gpo.status,
        "description": domain.description(gpo.id),
        "sysvol_version": domain.sysvol_version(gpo.id),
        "sysvol_dir": str(folder),
        "links": [
            {"som": som.path, "type": som.type, "order": order, "enabled": link.enabled, "enforced": link.enforced}
            for som, order, link in domain.links_of(gpo.id)
        ],
        "permissions": [
            {**asdict(ace), "mask": f"0x{ace.mask:08x}", "denied": ace.denied,
             "name": principals[ace.sid].name if ace.sid in principals else ""}
            for ace in domain.descriptor(gpo.id).aces
        ],
        "files": [
            {"path": path.relative_to(folder).as_posix(), "size": path.stat().st_size}
            for path in sorted(folder.rglob("*")) if path.is_file()
        ],
    }


def _list(domain: Domain, options: argparse.Namespace) -> None:
    gpos = domain.gpos()
    if options.json:
        print_json([_describe(domain, gpo) for gpo in gpos])
        return
    print_table(["ID", "NAME", "COMPUTER", "USER", "LINKS", "NOTES"], [
        [gpo.id, gpo.display_name, unpack_version(gpo.version)[1], unpack_version(gpo.version)[0],
         len(domain.links_of(gpo.id)), _notes(domain, gpo)] for gpo in gpos])


def _notes(domain: Domain, gpo: Gpo) -> str:
    notes = [gpo.status] if gpo.flags else []
    if not gpo.visible:
        notes.append("hidden from the account")
    if gpo.wmi_filter:
        notes.append("WMI filter")
    if domain.sysvol_version(gpo.id) != gpo.version:
        notes.append(f"SYSVOL has {_versions(domain.sysvol_version(gpo.id))}")
    return ", ".join(notes)


def _show(domain: Domain, options: argparse.Namespace) -> None:
    facts = _describe(domain, domain.find_gpo(options.gpo))
    if options.json:
        print_json(facts)
        return
    for name, value in facts.items():
        if name in ("links", "permissions", "files", "security_descriptor"):
            continue
        print(f"{name + ':':<20} {value!r}")
    for name in ("links", "permissions", "files"):
        print(f"{name}:")
        for entry in facts[name]:
            print("  " + ", ".join(f"{key} {value!r}" for key, value in entry.items() if value not in (None, "")))


# -- settings ----------------------------------------------------------------------------------------------------


def _add_settings(actions: Any) -> None:
    edit = _command(actions, "edit", _edit, "edit a registry setting, which raises the version of its half")
    edit.add_argument("--half", choices=HALVES, default=COMPUTER)
    edit.add_argument("--key", default=EDIT_KEY)
    edit.add_argument("--value", default=EDIT_VALUE, metavar="NAME", help="the registry value's name")
    edit.add_argument("--data", help="a number (0x… too) or a text; default: the next version number")

    wireless = _command(actions, "wireless", _wireless,
                        "give a GPO a wireless policy, which is in no file and raises the computer half's version")
    choice = wireless.add_mutually_exclusive_group(required=True)
    choice.add_argument("name", nargs="?", metavar="NAME", help="of the policy")
    choice.add_argument("--none", action="store_true", help="take it away")

    edit_file = _command(actions, "edit-file", _edit_file,
                         "write a file of a GPO in SYSVOL by hand, which raises no version")
    edit_file.add_argument("path", metavar="PATH", help="inside the GPO's folder: Machine/Scripts/Startup/a.cmd")
    content = edit_file.add_mutually_exclusive_group()
    content.add_argument("--text", help="the new content; default: one more line at the end of the old one")
    content.add_argument("--from", dest="source", type=Path, metavar="FILE", help="the new content is this file's")
    content.add_argument("--delete", action="store_true", help="delete the file")

    bump = _command(actions, "bump", _bump, "raise the version of a half and change nothing else")
    bump.add_argument("--half", choices=HALVES, default=COMPUTER)
    bump.add_argument("--directory-only", action="store_true",
                      help="leave GPT.INI, so that directory and SYSVOL disagree")


def _registry_data(text: str | None, key: str, name: str, default: int) -> registry_pol.Setting:
    if text is None:
        return registry_pol.dword(key, name, default)
    try:
        number = int(text, 0)
    except ValueError:
        return registry_pol.string(key, name, text)
    if not 0 <= number < 1 << 32:
        raise LabError(f"--data: {text} does not fit into a DWORD")
    return registry_pol.dword(key, name, number)


def _edit(domain: Domain, options: argparse.Namespace) -> None:
    gpo = domain.find_gpo(options.gpo)
    user, computer = unpack_version(gpo.version)
    following = (user if options.half == USER else computer) + 1
    setting = _registry_data(options.data, options.key, options.value, following)
    gpo = domain.set_registry_value(gpo.id, options.half, setting)
    print(f"{gpo.id}: {_versions(gpo.version)}")


def _wireless(domain: Domain, options: argparse.Namespace) -> None:
    gpo = domain.set_wireless(domain.find_gpo(options.gpo).id, "" if options.none else options.name)
    print(f"{gpo.id}: {_versions(gpo.version)}")


def _edit_file(domain: Domain, options: argparse.Namespace) -> None:
    gpo = domain.find_gpo(options.gpo)
    if options.delete:
        print(f"deleted {domain.delete_sysvol_file(gpo.id, options.path)}")
        return
    if options.text is not None:
        content = options.text.encode("utf-8")
    elif options.source:
        try:
            content = options.source.read_bytes()
        except OSError as error:
            raise LabError(f"--from: {options.source}: {error.strerror}") from error
    else:
        content = domain.read_sysvol_file(gpo.id, options.path) + b"; edited by hand\r\n"
    print(f"wrote {domain.write_sysvol_file(gpo.id, options.path, content)}")


def _bump(domain: Domain, options: argparse.Namespace) -> None:
    gpo = domain.find_gpo(options.gpo)
    gpo = domain.bump_version(gpo.id, options.half, sysvol=not options.directory_only)
    print(f"{gpo.id}: {_versions(gpo.version)}")


# -- properties --------------------------------------------------------------------------------------------------


def _add_properties(actions: Any) -> None:
    rename = _command(actions, "rename", _rename, "give a GPO another display name")
    rename.add_argument("name", metavar="NAME")

    describe = _command(actions, "describe", _set_description, "set a GPO's description; an empty one takes it away")
    describe.add_argument("text", metavar="TEXT")

    permit = _command(actions, "permit", _permit, "give a trustee a permission level on a GPO")
    permit.add_argument("trustee", metavar="TRUSTEE", help="a SID, a name, or DOMAIN\\name")
    right = permit.add_mutually_exclusive_group(required=True)
    right.add_argument("level", nargs="?", choices=list(LEVELS))
    right.add_argument("--mask", type=lambda text: int(text, 0), metavar="0x…",
                       help="an access mask, as of a permission that GPMC calls custom")

    account = _command(actions, "rename-account", _rename_account, "call an account otherwise; its SID stays",
                       with_gpo=False)
    account.add_argument("trustee", metavar="TRUSTEE", help="a SID, a name, or DOMAIN\\name")
    account.add_argument("name", metavar="NAME", help="a name, or DOMAIN\\name")

    for name, text in (("disable", "disable a half of a GPO, or all of it"),
                       ("enable", "enable a half of a GPO, or all of it")):
        parser = _command(actions, name, _set_half, text)
        parser.add_argument("--half", choices=[*HALVES, "all"], default="all")
        parser.set_defaults(enabled=name == "enable")

    for name, text in (("hide", "make a GPO invisible to the lab's account"),
                       ("unhide", "make a GPO visible again")):
        _command(actions, name, _set_visible, text).set_defaults(visible=name == "unhide")


def _rename(domain: Domain, options: argparse.Namespace) -> None:
    gpo = domain.rename(domain.find_gpo(options.gpo).id, options.name)
    print(f"{gpo.id}: {gpo.display_name}")


def _set_description(domain: Domain, options: argparse.Namespace) -> None:
    domain.describe(domain.find_gpo(options.gpo).id, options.text)


def _permit(domain: Domain, options: argparse.Namespace) -> None:
    level = options.level if options.mask is None else options.mask
    domain.permit(domain.find_gpo(options.gpo).id, options.trustee, level)


def _rename_account(domain: Domain, options: argparse.Namespace) -> None:
    print(f"{domain.rename_account(options.trustee, options.name)}: {options.name}")


def _set_half(domain: Domain, options: argparse.Namespace) -> None:
    gpo = domain.set_half(domain.find_gpo(options.gpo).id, options.half, options.enabled)
    print(f"{gpo.id}: {gpo.status}")


def _set_visible(domain: Domain, options: argparse.Namespace) -> None:
    domain.set_visible(domain.find_gpo(options.gpo).id, options.visible)


# -- links and filters -------------------------------------------------------------------------------------------


def _add_links_and_filters(actions: Any) -> None:
    link = _command(actions, "link", _link, "link a GPO to a site, the domain or an OU, or change its link")
    link.add_argument("som", metavar="SOM", help="a distinguished name, or a name that only one of them has")
    link.add_argument("--enforced", action="store_true")
    link.add_argument("--disabled", action="store_true")
    link.add_argument("--order", type=int, default=0, metavar="N", help="1 is the first; default: the last")

    unlink = _command(actions, "unlink", _unlink, "take a link away")
    unlink.add_argument("som", metavar="SOM")

    wmi_filter = _command(actions, "wmi-filter", _hang_filter, "hang a WMI filter on a GPO, or take it off")
    choice = wmi_filter.add_mutually_exclusive_group(required=True)
    choice.add_argument("filter", nargs="?", metavar="FILTER", help="GUID or name")
    choice.add_argument("--none", action="store_true", help="take it off")

    _command(actions, "list-soms", _list_soms, "list the sites, the domain and its OUs with their links",
             with_gpo=False)
    _command(actions, "list-filters", _list_filters, "list the WMI filters", with_gpo=False)

    add_filter = _command(actions, "add-filter", _add_filter, "make a WMI filter, or replace one", with_gpo=False)
    add_filter.add_argument("name", metavar="NAME")
    add_filter.add_argument("queries", nargs="+", metavar="QUERY", help="NAMESPACE;WQL")
    add_filter.add_argument("--id", help="default: a new one, or that of the filter with this name")
    add_filter.add_argument("--description", default="")

    delete_filter = _command(actions, "delete-filter", _delete_filter,
                             "delete a WMI filter; GPOs keep their reference to it", with_gpo=False)
    delete_filter.add_argument("name", metavar="FILTER", help="GUID or name")


def _link(domain: Domain, options: argparse.Namespace) -> None:
    if options.order < 0:
        raise LabError("--order: 1 is the first")
    domain.link(domain.find_gpo(options.gpo).id, options.som, not options.disabled, options.enforced, options.order)


def _unlink(domain: Domain, options: argparse.Namespace) -> None:
    domain.unlink(domain.find_gpo(options.gpo).id, options.som)


def _hang_filter(domain: Domain, options: argparse.Namespace) -> None:
    domain.set_wmi_filter(domain.find_gpo(options.gpo).id, None if options.none else options.filter)


def _list_soms(domain: Domain, _options: argparse.Namespace) -> None:
    names = {gpo.id: gpo.display_name for gpo in domain.gpos()}
    for som in domain.soms():
        print(f"{som.type} {som.path}{' (inheritance blocked)' if som.inheritance_blocked else ''}")
        for order, link in enumerate(som.links, start=1):
            notes = [note for note, on in (("enforced", link.enforced), ("disabled", not link.enabled)) if on]
            print(f"  {order}. {names.get(link.gpo, link.gpo)}{' (' + ', '.join(notes) + ')' if notes else ''}")


def _list_filters(domain: Domain, _options: argparse.Namespace) -> None:
    for value in domain.wmi_filters():
        print(f"{value.id} {value.name}")
        for query in value.queries:
            print(f"  {query}")


def _add_filter(domain: Domain, options: argparse.Namespace) -> None:
    same_name = [known.id for known in domain.wmi_filters() if known.name.casefold() == options.name.casefold()]
    guid = filter_guid(options.id) if options.id else next(iter(same_name), None) or domain.new_filter_guid()
    if any(";" not in query for query in options.queries):
        raise LabError(r"a query is NAMESPACE;WQL, such as root\CIMv2;SELECT * FROM Win32_OperatingSystem")
    print(domain.add_wmi_filter(WmiFilter(guid, options.name, options.description, options.queries)).id)


def _delete_filter(domain: Domain, options: argparse.Namespace) -> None:
    domain.delete_wmi_filter(options.name)


# -- life --------------------------------------------------------------------------------------------------------


def _add_life(actions: Any) -> None:
    add = _command(actions, "add", _add, "make a GPO, or many", with_gpo=False)
    add.add_argument("name", nargs="?", default="Bulk", metavar="NAME")
    add.add_argument("--id", help="its GUID; default: a random one")
    add.add_argument("--count", type=int, metavar="N", help="make N, called NAME 00001, NAME 00002, …")
    add.add_argument("--files", type=int, default=0, metavar="N", help="give each N files of --file-size bytes")
    add.add_argument("--file-size", type=int, default=2048, metavar="BYTES")

    delete = _command(actions, "delete", _delete, "delete a GPO, its SYSVOL folder and its links")
    delete.add_argument("--keep-links", action="store_true", help="leave the links behind, dangling")

    reset = actions.add_parser("reset", help="give a host the domain it began with", description=(
        "Give a host the domain it began with; planted faults go too. With --new, a domain that was just made, in "
        "which there are no GPOs but the two default policies."))
    reset.add_argument("--host", help="default: the first")
    reset.add_argument("--new", metavar="NAME", help=(
        "DNS name of a domain that is made anew, such as one that another host has lost; until the next reset the host "
        "is a member of this one"))
    reset.set_defaults(action=_reset)


def _add(domain: Domain, options: argparse.Namespace) -> None:
    if options.count is None:
        gpo = domain.add_gpo(options.name, options.id)
        _fill(domain, gpo, options)
        print(gpo.id)
        return
    if options.count < 1 or options.id:
        raise LabError("--count: at least 1, and not together with --id")
    for number in range(1, options.count + 1):
        _fill(domain, domain.add_gpo(f"{options.name} {number:05}"), options)
    print(f"made {options.count} GPOs; there are {len(domain.gpos())} now")


def _fill(domain: Domain, gpo: Gpo, options: argparse.Namespace) -> None:
    """Some content: one registry setting, and as many files as are asked for."""
    domain.set_registry_value(gpo.id, COMPUTER, registry_pol.dword(EDIT_KEY, EDIT_VALUE, 1))
    folder = domain.sysvol_dir(gpo.id) / HALF_FOLDER[COMPUTER] / "Scripts" / "Startup"
    if options.files:
        folder.mkdir(parents=True)
    for number in range(1, options.files + 1):
        text = f"rem {gpo.id} file {number}\r\n".encode("ascii")
        content = (text * (options.file_size // len(text) + 1))[:options.file_size]
        (folder / f"file{number:05}.cmd").write_bytes(content)


def _delete(domain: Domain, options: argparse.Namespace) -> None:
    domain.delete_gpo(domain.find_gpo(options.gpo).id, options.keep_links)


def _reset(options: argparse.Namespace) -> int:
    laboratory = Laboratory()
    host = laboratory.host(options.host)
    state = laboratory.require_state()
    costs = host.domain.info.costs if host.domain.exists else None
    if options.new:
        domain = replace_domain(host, lambda root: make_new_domain(root, options.new, host.name))
        prefix.link_unc_paths(host.paths, domain.info, host.lab.shares)
    else:
        domain = make_domain(host, state.hosts[host.name], Path(state.seed) if state.seed else None)
    host.paths.endpoint_faults.unlink(missing_ok=True)
    if costs:
        info = domain.info
        info.costs = costs
        domain.save_info(info)
    print(f"{host.name}: {len(domain.gpos())} GPOs")
    return 0
