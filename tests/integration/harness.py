# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs tasks and playbooks against a lab of the tests' own, and reads what came of them."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import typing as t

from steps import step

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GPVAULT_BUILD", ROOT / "build"))
PLAYBOOKS = pathlib.Path(__file__).parent / "playbooks"
DEFAULT_DOMAIN_POLICY = "{31B2F340-016D-11D2-945F-00C04FB984F9}"


@dataclasses.dataclass
class Run:
    """What one ansible-playbook did."""

    code: int
    output: str
    results: list[dict[str, t.Any]]

    def of(self, task: str, host: str | None = None) -> list[dict[str, t.Any]]:
        """Return the results of the task of that name, in order."""
        return [
            line["result"] for line in self.results if line["task"] == task and host in (None, line["host"])
        ]

    @property
    def warnings(self) -> list[str]:
        """Return the warnings. Ansible shows the same one once."""
        return [line for line in self.output.splitlines() if line.startswith("[WARNING]")]


class Lab:
    """A lab with a state folder of its own."""

    def __init__(self, name: str) -> None:
        self.state = BUILD / f"lab-{name}"
        self.env = {**os.environ, "GPVAULT_LAB": str(self.state), "GPVAULT_BUILD": str(BUILD)}

    def __call__(self, *args: str | pathlib.Path, check: bool = True) -> str:
        """Run the lab command and return what it printed."""
        done = subprocess.run(
            [ROOT / "tests/lab/lab", *args], env=self.env, capture_output=True, text=True, check=False, timeout=300
        )
        if check and done.returncode:
            raise AssertionError(f"lab {' '.join(map(str, args))} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def command(self, name: str, *args: str) -> dict[str, t.Any]:
        """Return a task that runs the lab command, between others of a play."""
        argv = [str(ROOT / "tests/lab/lab"), *args]
        # The controller's own Python, whose environment is this lab's.
        return {"name": name, "ansible.builtin.command": {"argv": argv}, "delegate_to": "localhost"}

    def host_dir(self, host: str = "host1") -> pathlib.Path:
        """Return the folder of a host."""
        return self.state / "hosts" / host

    def drive_d(self, host: str = "host1") -> pathlib.Path:
        """Return the host's drive D: as the lab's machine sees it."""
        return self.host_dir(host) / "d"

    @property
    def shares(self) -> pathlib.Path:
        """Return the folder of the lab's shares, \\\\backup\\<name> to every host."""
        return self.state / "shares"

    def gpos(self, host: str = "host1") -> list[dict[str, t.Any]]:
        """Return the GPOs of the host's domain, as they are on disk."""
        return list(json.loads(self("gpo", "list", "--json", "--host", host)))

    def gpo(self, name: str) -> dict[str, t.Any]:
        """Return everything about a GPO of the first host's domain."""
        return dict(json.loads(self("gpo", "show", name, "--json")))

    def access_log(self, host: str = "host1") -> list[dict[str, t.Any]]:
        """Return the events of the host's access log."""
        path = self.host_dir(host) / "access.jsonl"
        if not path.exists():
            return []
        # Without a last line that is being written.
        whole = path.read_text("utf-8").rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    @contextlib.contextmanager
    def logged(self, host: str = "host1") -> t.Iterator[list[dict[str, t.Any]]]:
        """Collect what the host's access log gains while the block runs."""
        before = len(self.access_log(host))
        gained: list[dict[str, t.Any]] = []
        yield gained
        gained.extend(self.access_log(host)[before:])

    @contextlib.contextmanager
    def counted(self) -> t.Iterator[collections.Counter[str]]:
        """Count the calls of GPMC by interface and method while the block runs."""
        calls: collections.Counter[str] = collections.Counter()
        self("calls", "on")
        try:
            yield calls
            calls.update(call["call"] for call in json.loads(self("calls", "show", "--json")))
        finally:
            self("calls", "off")

    @contextlib.contextmanager
    def without_gpmc(self) -> t.Iterator[None]:
        """Take GPMC off the first host while the block runs."""
        key = r"HKLM:\Software\Classes\GPMgmt."
        self("run", "-c", "host1", f"Rename-Item -LiteralPath '{key}GPM' -NewName 'GPMgmt.Gone'")
        try:
            yield
        finally:
            self("run", "-c", "host1", f"Rename-Item -LiteralPath '{key}Gone' -NewName 'GPMgmt.GPM'")

    @contextlib.contextmanager
    def tidied(self, host: str = "host1") -> t.Iterator[None]:
        """End what the block leaves running on the host, as Windows does once a shell has been idle for long.

        A payload whose connection was cut goes on writing: into folders that are being deleted, or the next test's.
        """
        with self.logged(host) as events:
            yield
        left = unended(events)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                # The endpoint makes each process the leader of a group.
                os.killpg(pid, signal.SIGKILL)
        wait_until(lambda: not any(map(alive, left)), 30, f"killed processes are still there: {left}")

    @contextlib.contextmanager
    def restored(self) -> t.Iterator[Lab]:
        """Leave the lab as it was made once the block has run: no faults, the seed's domain, empty disks and shares."""
        try:
            with self.tidied():
                yield self
        finally:
            self("fault", "clear")
            self("gpo", "reset")
            for folder in (self.drive_d(), self.shares / "gpo"):
                for path in folder.iterdir():
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

    def playbook(
        self,
        path: pathlib.Path,
        *args: str,
        timeout: float = 900,
        **how: t.Any,
    ) -> Run:
        """Run a playbook against the lab, with the keywords of start()."""
        with self.start(path, *args, **how) as running:
            return running.wait(timeout)

    @contextlib.contextmanager
    def start(
        self,
        path: pathlib.Path,
        *args: str,
        inventory: str = "inventory.yml",
        env: t.Mapping[str, str] | None = None,
        program: t.Sequence[str | pathlib.Path] = (BUILD / "venv/bin/ansible-playbook",),
    ) -> t.Iterator[Running]:
        """Start a playbook, so that others can be started beside it."""
        with tempfile.TemporaryDirectory(prefix="gpvault-") as folder:
            record = pathlib.Path(folder, "results.jsonl")
            record.touch()
            process = subprocess.Popen(
                [*program, "-i", self.state / inventory, *args, path],
                env={
                    **self.env,
                    "ANSIBLE_COLLECTIONS_PATH": str(BUILD / "collections"),
                    "ANSIBLE_CALLBACK_PLUGINS": str(pathlib.Path(__file__).parent / "callback_plugins"),
                    "ANSIBLE_CALLBACKS_ENABLED": "record",
                    "ANSIBLE_NOCOLOR": "1",
                    "ANSIBLE_LOCALHOST_WARNING": "0",
                    "ANSIBLE_RETRY_FILES_ENABLED": "0",
                    "GPVAULT_RECORD": str(record),
                    **(env or {}),
                },
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                # Where the tests run in the background it is ignored, and a child would inherit that.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
            running = Running(process, record)
            try:
                yield running
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()

    def task(self, **given: t.Any) -> dict[str, t.Any]:
        """Run one gpo_backup task on the first host and return its result."""
        return self.tasks([step("It", **given)]).of("It")[0]

    def tasks(
        self, tasks: t.Sequence[t.Mapping[str, t.Any]], *args: str, hosts: str = "host1", **how: t.Any
    ) -> Run:
        """Run a play of these tasks."""
        with self.play_file(tasks, hosts=hosts) as path:
            return self.playbook(path, *args, **how)

    @contextlib.contextmanager
    def play_file(self, tasks: t.Sequence[t.Mapping[str, t.Any]], hosts: str = "host1") -> t.Iterator[pathlib.Path]:
        """Write a play of these tasks to a file. JSON is YAML, and its quoting leaves nothing to chance.

        It has a folder of its own, where relative paths on the controller lead.
        """
        play = [{"hosts": hosts, "gather_facts": False, "tasks": list(tasks)}]
        with tempfile.TemporaryDirectory(prefix="gpvault-play-") as folder:
            path = pathlib.Path(folder, "play.yml")
            path.write_text(json.dumps(play), "utf-8")
            yield path


def wait_until(condition: t.Callable[[], object], seconds: float, otherwise: str) -> None:
    """Wait until a condition holds; *otherwise* is what is wrong if it does not in so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


class Running:
    """A playbook that runs."""

    def __init__(self, process: subprocess.Popen[str], record: pathlib.Path) -> None:
        self.process = process
        self._record = record

    def until(self, condition: t.Callable[[], object], timeout: float = 300) -> bool:
        """Wait until a condition holds; return whether it does, or the play has ended without it."""
        deadline = time.monotonic() + timeout
        while True:
            ended = self.process.poll() is not None
            if condition():
                return True
            if ended:
                return False
            assert time.monotonic() < deadline, "the play hangs"
            time.sleep(0.02)

    def wait(self, timeout: float = 900) -> Run:
        """Wait for its end."""
        output, _ = self.process.communicate(timeout=timeout)
        results = [json.loads(line) for line in self._record.read_text("utf-8").splitlines()]
        return Run(self.process.returncode, output, results)


def assert_refused(
    lab: Lab, module: str, cases: t.Sequence[tuple[t.Mapping[str, t.Any], str]], items: str, keys: t.Collection[str]
) -> None:
    """Assert that a task with any of these sets of options fails before there is a connection, and what it says.

    *items* is the key of its result under which the items are, *keys* what else must be there.
    """
    with lab.logged() as events:
        run = lab.tasks([step(f"Case {number}", module, **options) for number, (options, _said) in enumerate(cases)])
    assert run.code == 0, run.output
    assert [event for event in events if "connection" in event["event"] or "auth" in event["event"]] == []
    for number, (options, said) in enumerate(cases):
        (result,) = run.of(f"Case {number}")
        assert result["failed"] is True, (options, result)
        assert re.search(said, result["msg"]), (options, result["msg"])
        assert set(keys) <= set(result), options
        assert (result["changed"], result[items], result["overall_status"]) == (False, [], None), options


def trips(events: t.Iterable[t.Mapping[str, t.Any]]) -> int:
    """Return how many PowerShell processes a host was asked to run: each is one trip."""
    return sum(event["event"] == "process_start" and event["kind"] == "powershell" for event in events)


def alive(pid: int) -> bool:
    """Return whether a process runs. One that nobody has reaped does not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill_with_children(pid: int) -> None:
    """Kill a process and those that it has forked, at once: none is told."""
    doomed = [pid]
    for one in doomed:
        with contextlib.suppress(OSError):
            for task in pathlib.Path(f"/proc/{one}/task").iterdir():
                doomed.extend(map(int, (task / "children").read_text("ascii").split()))
    for one in doomed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


def unended(events: t.Iterable[t.Mapping[str, t.Any]]) -> set[int]:
    """Return the processes that a host started and that have not ended."""
    pids: set[int] = set()
    for event in events:
        if event["event"] == "process_start":
            pids.add(event["pid"])
        elif event["event"] == "process_exit":
            pids.discard(event["pid"])
    return pids


def tree(folder: pathlib.Path) -> dict[str, bytes | None]:
    """Return every file below *folder* with its content, and every folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")
    }


def files(folder: pathlib.Path, but: str = "") -> dict[str, bytes]:
    """Return the files below *folder*, but for those of one name, by path in lower case: it is all one to Windows."""
    return {
        str(path.relative_to(folder)).lower(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != but
    }
