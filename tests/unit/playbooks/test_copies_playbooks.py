# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks that keep copies in git and in restic: what comes out again is what went in, and can be pushed."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import signal
import subprocess
import typing as t

import backup_folder
import pytest
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _copy_plan, _vault

_HOSTS = ("host1", "host2")
_HOSTILE = 'a ]]> b "$(touch evil)" \x9b2J # {{ 7 * 7 }}\u202ex'

# Line ends of both kinds, what git replaces by itself, and names that users have git ignore.
_DELICATE = {
    "DomainSysvol\\GPO\\Machine\\both.txt": b"$Id$\r\nunix\nlone\r",
    "DomainSysvol\\GPO\\Machine\\binary.log": bytes(range(256)),
    "DomainSysvol\\GPO\\User\\Documents & Settings\\note.orig": "\ufeffUTF-16".encode("utf-16"),
}


@pytest.fixture
def copies(tmp_path: pathlib.Path) -> pathlib.Path:
    """Copies of two hosts' backups."""
    folder = tmp_path / "copies"
    for host in _HOSTS:
        for number in (1, 2):
            _add(folder / host, number)
        (folder / host / ".gpvault/.incoming").mkdir()
        (folder / host / ".gpvault/.incoming/half").write_text("half")
    return folder


def _add(folder: pathlib.Path, number: int, name: str = "Kiosk") -> None:
    backup_folder.put(folder, number, name=name, more=_DELICATE)
    vault = _vault.Vault(str(folder))
    with vault.locked(0, lambda _text: None):
        vault.write_index()


def _run(playbook: str, folder: pathlib.Path, given: t.Mapping[str, t.Any], *args: str, **env: str) -> tuple[int, str]:
    """Run a playbook of the collection; return its exit code and what it said."""
    variables = folder / "variables.json"
    variables.write_text(json.dumps(given))
    windows = {
        "ansible_connection": "winrm", "ansible_become": True, "ansible_become_method": "runas",
        "ansible_shell_type": "powershell", "ansible_python_interpreter": "/nonexistent",
    }  # fmt: skip
    (folder / "inventory.json").write_text(json.dumps({"all": {"hosts": {"h1": {}}, "vars": windows}}))
    done = subprocess.run(
        ["ansible-playbook", f"gpvault.gpmc.{playbook}", "-i", "inventory.json", "-e", f"@{variables}", *args],
        env={**os.environ, "HOME": str(folder), "ANSIBLE_NOCOLOR": "1", **env},
        cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def _assert_same(found: pathlib.Path, copies: pathlib.Path) -> None:
    """Assert that what came out is a source for gpo_backup_push, every byte as it was."""
    for host in _HOSTS:
        was, now = backup_folder.tree(copies / host), backup_folder.tree(found / host)
        wanted = {path: content for path, content in was.items() if content is not None and ".incoming" not in path}
        assert {path: content for path, content in now.items() if content is not None} == wanted
        plan = _copy_plan.plan_push([], _vault.Vault(str(found / host)), "", False, "D:\\GPO")
        assert [one.outcome for one in plan.backups] == ["copied"] * len(plan.backups) and len(plan.backups) >= 2
        assert plan.warnings == []


class Git:
    """A repository of copies, whose user has settings that would spoil them."""

    def __init__(self, folder: pathlib.Path, copies: pathlib.Path) -> None:
        self.folder = folder
        self.copies = copies
        (folder / "ignored").write_text("*.pol\n*.log\n*.orig\n")
        (folder / "attributes").write_text("*.xml filter=upper\n*.txt text ident eol=crlf\n")
        (folder / "template/hooks").mkdir(parents=True)
        hook = folder / "template/hooks/pre-commit"
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
        (folder / "gitconfig").write_text(
            f"[core]\nautocrlf = true\nsafecrlf = true\nexcludesFile = {folder}/ignored\n"
            f"attributesFile = {folder}/attributes\n[init]\ntemplateDir = {folder}/template\n"
            "[filter \"upper\"]\nclean = tr a-z A-Z\nsmudge = tr a-z A-Z\n[commit]\ncleanup = strip\n"
        )
        self.env = {"GIT_CONFIG_GLOBAL": str(folder / "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1"}

    def keep(self, **variables: str) -> tuple[int, str]:
        """Run the playbook."""
        # As the role takes it.
        given = {"gpo_vault_collect_dest": f"~/{self.copies.name}", **variables}
        return _run("git", self.folder, given, **self.env)

    def __call__(self, *args: str | pathlib.Path, where: pathlib.Path | None = None) -> str:
        """Run git there, with the user's settings."""
        return subprocess.run(
            ["git", *args], cwd=where or self.copies, env={**os.environ, **self.env}, check=True, capture_output=True,
            text=True,
        ).stdout  # fmt: skip


@pytest.fixture
def git(tmp_path: pathlib.Path, copies: pathlib.Path) -> Git:
    """Copies that are to be kept in git."""
    return Git(tmp_path, copies)


def test_what_git_has_is_what_was_copied(git: Git) -> None:
    git("init", "--quiet", "--bare", git.folder / "remote", where=git.folder)
    there = {"gpo_vault_git_remote": str(git.folder / "remote"), "gpo_vault_git_name": "Backup <Operator>"}
    code, said = git.keep(**there)
    assert code == 0, said
    assert git("log", "--format=%an: %B").split("\n\n") == ["Backup Operator: 4 new backups of Kiosk", "Kiosk", ""]
    assert git("status", "--porcelain") == "" and "changed=5" in said

    code, said = git.keep(**there)
    assert code == 0 and "changed=0" in said, said
    assert len(git("log", "--format=%h").split()) == 1

    # A name is data, in the shell, in the message and on the terminal.
    _add(git.copies / "host1", 3, name=_HOSTILE)
    code, said = git.keep(**there)
    shown = 'a ]]> b "$(touch evil)" ?2J # {{ 7 * 7 }}?x'
    assert code == 0 and not list(git.folder.rglob("evil"))
    assert git("log", "-1", "--format=%B").split("\n\n")[:2] == [f"1 new backup of {shown}", shown]

    # Out of it again, from here and from the other side, with the same user's settings.
    for number, source in enumerate((git.copies, git.folder / "remote")):
        git("clone", "--quiet", "--branch=main", source, git.folder / f"clone{number}", where=git.folder)
        _assert_same(git.folder / f"clone{number}", git.copies)


def test_what_git_would_not_keep_is_refused(git: Git) -> None:
    """Before anything is committed: a copy of which something is missing is none."""
    name = "DomainSysvol\\GPO\\Machine\\.GitAttributes"
    backup_folder.put(git.copies / "host1", 3, more={name: b"* text eol=crlf"})
    code, said = git.keep()
    assert code == 2 and f"host1/{backup_folder.backup_id(3)}/DomainSysvol/GPO/Machine/.GitAttributes" in said
    assert "Keep these copies in restic." in said and not (git.copies / ".git").exists()


@pytest.mark.parametrize("playbook", ["git", "restic"])
def test_a_directory_without_copies_is_refused(tmp_path: pathlib.Path, playbook: str) -> None:
    (tmp_path / "empty").mkdir()
    for given in ({"gpo_vault_collect_dest": str(tmp_path / "empty")}, {}):
        code, said = _run(playbook, tmp_path, given)
        assert code == 2 and "Give gpo_vault_collect_dest, the absolute path" in " ".join(said.split()), said
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_limit_that_leaves_the_controller_out_is_refused(tmp_path: pathlib.Path) -> None:
    code, said = _run("git", tmp_path, {}, "--limit", "h1")
    assert code == 2 and "which --limit has left out" in said


class Restic:
    """A repository of restic's, still to be made."""

    def __init__(self, folder: pathlib.Path, copies: pathlib.Path) -> None:
        self.folder = folder
        self.variables: dict[str, t.Any] = {
            "gpo_vault_collect_dest": str(copies),
            "gpo_vault_restic_repository": str(folder / "repository"),
            "gpo_vault_restic_password_file": str(folder / "password"),
        }
        (folder / "password").write_text("correct horse")
        self.env = {
            "RESTIC_REPOSITORY": str(folder / "repository"), "RESTIC_PASSWORD_FILE": str(folder / "password"),
            "RESTIC_CACHE_DIR": str(folder / "cache"),
        }  # fmt: skip

    def keep(self, *args: str, **variables: t.Any) -> tuple[int, str]:
        """Run the playbook."""
        cache = {"RESTIC_CACHE_DIR": self.env["RESTIC_CACHE_DIR"]}
        return _run("restic", self.folder, {**self.variables, **variables}, *args, **cache)

    def __call__(self, *args: str) -> str:
        """Run restic on the repository."""
        return subprocess.run(
            ["restic", *args], cwd=self.folder, env={**os.environ, **self.env}, check=True, capture_output=True,
            text=True,
        ).stdout  # fmt: skip

    def leave_a_lock(self) -> None:
        """Do what a job that was killed does."""
        command = ["restic", "backup", "--stdin"]
        env = {**os.environ, **self.env}
        with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
            while not list((self.folder / "repository/locks").iterdir()):
                assert process.poll() is None
            process.send_signal(signal.SIGKILL)

    def snapshots(self) -> list[dict[str, t.Any]]:
        """Return the snapshots, the oldest first."""
        return list(json.loads(self("snapshots", "--json")))


@pytest.fixture
def restic(tmp_path: pathlib.Path, copies: pathlib.Path) -> Restic:
    """Copies that are to be kept in restic."""
    if not shutil.which("restic"):
        pytest.skip("no restic")
    return Restic(tmp_path, copies)


def test_what_restic_has_is_what_was_copied(restic: Restic, copies: pathlib.Path) -> None:
    code, said = restic.keep(gpo_vault_restic_init=False)
    assert code == 2 and "Is there a repository at" in said and not (restic.folder / "repository").exists()
    code, said = restic.keep()
    assert code == 0 and len(restic.snapshots()) == 1, said
    # Somebody else's in the same repository; and a run that was killed.
    restic("backup", "--host=gpvault", "--quiet", str(restic.folder / "password"))
    restic("backup", "--tag=gpvault", "--host=other", "--quiet", str(restic.folder / "password"))
    restic.leave_a_lock()
    _add(copies / "host1", 3, name=_HOSTILE)
    code, said = restic.keep(gpo_vault_restic_keep={"last": 1}, gpo_vault_restic_read="100%")
    assert code == 0, said
    found = restic.snapshots()
    assert [(one["hostname"], one.get("tags")) for one in found] == [
        ("gpvault", None), ("other", ["gpvault"]), ("gpvault", ["gpvault"]),
    ]  # fmt: skip
    restic("restore", "latest", "--tag=gpvault", "--host=gpvault", f"--target={restic.folder}/recovered")
    _assert_same(pathlib.Path(f"{restic.folder}/recovered{copies}"), copies)

    # A wrong password is no reason to begin anew.
    before = sorted((restic.folder / "repository/keys").iterdir())
    (restic.folder / "password").write_text("wrong")
    code, said = restic.keep()
    assert code == 2 and "wrong password" in said
    assert sorted((restic.folder / "repository/keys").iterdir()) == before


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"gpo_vault_restic_keep": {"newest": 3}}, "gpo_vault_restic_keep knows last, hourly"),
        ({"gpo_vault_restic_repository_file": "x"}, "Give gpo_vault_restic_repository, or"),
        ({"gpo_vault_restic_repository": "rest:https://me:secret@x/"}, "Put an address with a password in it into"),
        ({"gpo_vault_restic_password_file": ""}, "Give gpo_vault_restic_password_file."),
    ],
)
def test_what_restic_would_take_for_something_else(restic: Restic, given: dict[str, t.Any], said: str) -> None:
    code, told = restic.keep(**given)
    assert code == 2 and said in told and not (restic.folder / "repository").exists()


def test_secrets_are_shown_nowhere(restic: Restic) -> None:
    (restic.folder / "place").write_text("rest:http://me:hunter2@127.0.0.1:1/")
    given = {"gpo_vault_restic_repository": "", "gpo_vault_restic_repository_file": str(restic.folder / "place")}
    code, said = restic.keep("-vvvv", **given, gpo_vault_restic_init=False)
    assert code == 2 and "me:***@127.0.0.1" in said and "hunter2" not in said and "correct horse" not in said
