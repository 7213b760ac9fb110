# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of all tasks: the same in the action plugin, the module and its documentation."""

from __future__ import annotations

import re
import typing as t

import exchanges
import pytest
import yaml
from ansible_collections.gpvault.gpmc.plugins.doc_fragments.gpmc import ModuleDocFragment

MODULES = sorted(path.stem for path in exchanges.MODULES.glob("*.yml"))


def _documented(module: str) -> dict[str, t.Any]:
    """Return the documented options, those of the fragments included."""
    documentation = yaml.safe_load((exchanges.MODULES / f"{module}.yml").read_text("utf-8"))["DOCUMENTATION"]
    options = {}
    for fragment in documentation["extends_documentation_fragment"]:
        part = fragment.removeprefix("gpvault.gpmc.gpmc").lstrip(".").upper() or "DOCUMENTATION"
        options.update(yaml.safe_load(getattr(ModuleDocFragment, part)).get("options", {}))
    return options | documentation["options"]


@pytest.mark.parametrize("module", MODULES)
def test_the_action_plugin_reads_what_is_documented(module: str) -> None:
    options = exchanges.action_of(module).OPTIONS
    documented = _documented(module)
    assert set(options) == set(documented)
    for name, option in options.items():
        default = documented[name].get("default")
        if default is None:
            assert not option.default, name
        else:
            own = list(option.default) if isinstance(option.default, tuple) else option.default
            assert option.read(default) == own, name
        assert documented[name].get("required", False) is option.required, name
        for choice in documented[name].get("choices", ()):
            assert option.read(choice) in (choice, [choice]), name


@pytest.mark.parametrize("module", MODULES)
def test_the_module_takes_what_is_sent_and_nothing_else(module: str) -> None:
    spec = exchanges.MODULES.joinpath(f"{module}.ps1").read_text("utf-8")
    taken = set(re.findall(r"^ {8}(\w+) = @\{", spec, re.MULTILINE))
    sent = {name for name, option in exchanges.action_of(module).OPTIONS.items() if option.on_host}
    assert {name for name in taken if not name.startswith("_")} == sent


_READ_HERE = {
    "gpo_backup": {"path": "D:\\GPO", "all": True, "detail": "summary", "lock_timeout": "1m"},
    "gpo_backup_info": {"path": "D:\\GPO", "states": "damaged"},
    "gpo_backup_prune": {
        "path": "D:\\GPO", "keep_last": 1, "keep_within": "1d", "keep_daily": 2, "keep_weekly": 3, "keep_monthly": 4,
        "detail": "changed", "lock_timeout": "1m",
    },
    "gpo_import": {
        "path": "D:\\GPO", "gpo": "x", "backup_id": "31B2F340-016D-11D2-945F-00C04FB984F9", "lock_timeout": "1m",
    },
    "gpo_info": {"all": True, "inaccessible": "fail"},
    "gpo_report": {"all": True, "inaccessible": "fail", "dest": "D:\\x\\"},
    "gpo_restore": {"path": "D:\\GPO", "all": True, "lock_timeout": "1m"},
}  # fmt: skip


@pytest.mark.parametrize("module", MODULES)
def test_what_the_controller_alone_reads_stays_here(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """A host whose log shows the module's arguments shows no more than it has to know."""
    kept = {name for name, option in exchanges.action_of(module).OPTIONS.items() if not option.on_host}
    assert kept and kept <= set(_READ_HERE[module])
    died = {"received": {"failed": True, "msg": "It died."}}
    _result, player = exchanges.play(monkeypatch, _READ_HERE[module], [died, died], module=module)
    assert not kept & set(player.sent[0])


@pytest.mark.parametrize("module", MODULES)
def test_a_task_that_is_refused_goes_by_the_defaults(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """Whatever else it gives, read or not: which option is refused first is no reason for another result."""
    given = {**_READ_HERE[module], "domain": "corp.example", "trip_time": "never"}
    result, player = exchanges.play(monkeypatch, given, [], module=module)
    assert player.sent == [] and "'trip_time' has the value 'never'" in result["msg"]
    bare, _player = exchanges.play(monkeypatch, {"trip_time": "never"}, [], module=module)
    same = (set(result) | set(bare)) - {"msg", "run_id", "path", "invocation"}
    assert {name: result.get(name) for name in same} == {name: bare.get(name) for name in same}
    assert result.get("path") == given.get("path") and result.get("domain") is None
