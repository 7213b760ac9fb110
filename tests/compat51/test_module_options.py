# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An option is the same in its documentation, in the action plugin, and in the module on the host."""

from __future__ import annotations

import importlib
import json
import re
import typing as t

import pytest
import yaml
from ansible_collections.gpvault.gpmc.plugins.doc_fragments.gpmc import ModuleDocFragment
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _options as opt

from compat51 import MODULES, ROOT, names

Spec = dict[str, t.Any]

TYPES: t.Mapping[t.Callable[[t.Any], t.Any], Spec] = {
    opt.read_bool: {"type": "bool"},
    opt.read_comment: {"type": "str"},
    opt.read_controller_path: {"type": "str"},
    opt.read_count: {"type": "int"},
    opt.read_duration: {"type": "str"},
    opt.read_exclude_list: {"type": "list", "elements": "str"},
    opt.read_gpo_list: {"type": "list", "elements": "str"},
    opt.read_gpo_name: {"type": "str"},
    opt.read_guid: {"type": "str"},
    opt.read_host_name: {"type": "str"},
    opt.read_domain_controller: {"type": "str"},
    opt.read_migration_entries: {"type": "list", "elements": "dict"},
    opt.read_path: {"type": "str"},
    opt.read_state: {"type": "str"},
    opt.read_time: {"type": "str"},
}
"""What is documented of an option with this reader. Those with choices say them when they refuse."""

ONE_OF = re.compile(r"Accepted: one of (.*)\.$")
SOME_OF = re.compile(r"Accepted: a list of some of (.*)\.$")

OPTIONS_OF_A_TRIP = re.compile(r"(?:\w+\.)?(?:options|params)\.(\w+)", re.IGNORECASE)
"""$options.x, $Context.options.x and $Module.Params.x, with the key in brackets as well."""


def documented(module: str) -> dict[str, Spec]:
    """The options of a module's documentation, those of the fragments included."""
    page = yaml.safe_load((ROOT / "plugins" / "modules" / f"{module}.yml").read_text(encoding="utf-8"))["DOCUMENTATION"]
    options = dict(page["options"])
    for fragment in page.get("extends_documentation_fragment", ()):
        parts = fragment.split(".")
        if parts[:3] == ["gpvault", "gpmc", "gpmc"]:
            text = getattr(ModuleDocFragment, parts[3].upper() if parts[3:] else "DOCUMENTATION")
            options = {**yaml.safe_load(text)["options"], **options}
    return options


def in_action(module: str) -> t.Mapping[str, opt.Option]:
    plugin = importlib.import_module(f"ansible_collections.gpvault.gpmc.plugins.action.{module}")
    return t.cast("t.Mapping[str, opt.Option]", plugin.ActionModule.OPTIONS)


def on_host(module: str) -> dict[str, Spec]:
    (spec,) = [table["Value"] for table in names()[f"{module}.ps1"]["Tables"] if table["Variable"] == "spec"]
    return t.cast("dict[str, Spec]", spec["options"])


def essence(option: Spec) -> Spec:
    """What a documented option, and one of a module's argument spec, say alike."""
    said = {key: option[key] for key in ("elements", "choices", "default") if option.get(key) is not None}
    inner = {name: essence(part) for name, part in option.get("options", option.get("suboptions", {})).items()}
    return {"type": option["type"], "required": option.get("required", False), **said, "options": inner}


def kind_of(option: opt.Option) -> Spec:
    """The type of an option of an action plugin, and its choices."""
    if option.read in TYPES:
        return dict(TYPES[option.read])
    with pytest.raises(opt.OptionError) as refused:
        opt.validate({"x": option}, {"x": {}})
    one, some = ONE_OF.search(str(refused.value)), SOME_OF.search(str(refused.value))
    assert one or some, f"TYPES lacks {option.read}"
    if one:
        return {"type": "str", "choices": one[1].split(", ")}
    return {"type": "list", "elements": "str", "choices": some[1].split(", ")}


def has_default(name: str, option: opt.Option, page: Spec) -> bool:
    """Whether an option that the task leaves out is what the documentation says."""
    (taken,) = opt.validate({name: option}, {}).values()
    if page.get("default") is None:
        return taken in (None, "")
    (read,) = opt.validate({name: option}, {name: page["default"]}).values()
    return bool((list(taken) if isinstance(taken, tuple) else taken) == read)


def parts(script: str) -> list[t.Any]:
    """The names in a script and in the modules that it may require."""
    return [found for file, found in names().items() if file == script or file.endswith(".psm1")]


def reached(script: str) -> set[str]:
    """The functions that a script's trip may call, and the script itself: ''."""
    called: dict[str, set[str]] = {}
    for part in parts(script):
        for call in part["Calls"]:
            called.setdefault(call["Function"], set()).add(call["Command"])
    functions: set[str] = set()
    new = {""}
    while new:
        functions |= new
        new = {command for function in new for command in called.get(function, ())} - functions
    return functions


def read_on_host(script: str) -> set[str]:
    """The options that a script's trip may read."""
    functions = reached(script)
    members = [member for part in parts(script) for member in part["Members"] if member["Function"] in functions]
    return {match[1] for member in members if (match := OPTIONS_OF_A_TRIP.match(member["Path"]))}


@pytest.mark.parametrize("module", [file.stem for file in MODULES])
def test_options_are_the_same_everywhere(module: str) -> None:
    pages, options, host = documented(module), in_action(module), on_host(module)
    assert set(pages) == set(options) and not any(name.startswith("_") for name in pages)
    for name, page in pages.items():
        option = options[name]
        kind = {key: page[key] for key in ("type", "elements", "choices") if key in page}
        assert (name, kind_of(option), option.required) == (name, kind, page.get("required", False))
        assert option.required or has_default(name, option, page), name
    assert {name: essence(spec) for name, spec in host.items()} == {name: essence(page) for name, page in pages.items()}


def sent_beside(module: str) -> set[str]:
    """What the action plugin sends beside the options, in any recorded trip."""
    recordings = (ROOT / "tests/unit/action_plugins/recordings" / module).glob("*.json")
    trips = [trip for file in recordings for trip in json.loads(file.read_text(encoding="utf-8"))["trips"]]
    return {name for trip in trips for name in trip["sent"] if name.startswith("_")}


@pytest.mark.parametrize("module", [file.stem for file in MODULES])
def test_the_host_is_told_what_it_reads(module: str) -> None:
    """What the action plugin alone reads is in the argument spec, because it is documented, but is not sent.

    Unless it is required: the AnsibleModule refuses to go without it.
    """
    options = in_action(module)
    required = {name for name, option in options.items() if option.required}
    sent = {name for name, option in options.items() if option.on_host} | sent_beside(module)
    assert sent - required - read_on_host(f"{module}.ps1") == set(), "never read on the host"
