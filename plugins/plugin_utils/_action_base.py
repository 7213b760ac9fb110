# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base of every action plugin of the collection: options, trips, progress.

A task is a series of trips. Each runs the module of the same name on the host once, for a limited time, and brings
back what was done and what remains. The subclass has the options and the result; this class makes the trips.
"""

from __future__ import annotations

import abc
import os
import re
import time
import typing as t
import uuid

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.release import __version__ as core_version
from ansible.utils.display import Display

from ._begun import may_have_begun
from ._bounded import bounded
from ._options import Option, OptionError, defaults, read_duration, validate
from ._task_result import TaskResult
from ._terminal import displayable, printable
from ._words import first, shortened

display = Display()

_OLDEST_CORE = (2, 16)
"""That of meta/runtime.yml, of which Ansible itself only warns."""

_SAID_AT_MOST = 300
"""Characters of what an exception or a dying process said that are repeated in the result."""


_LOCK_SLICE = 10
"""Seconds that a trip waits for another run before it comes back to say so."""

_LINE_AT_MOST = 900
"""Characters of a displayed line: AWX's list of events shows 1,024 of each, Ansible's own words around it included."""

_TROUBLES_AT_MOST = 20
"""Items that failed of which the terminal is told one by one. The message has their number."""

_HIDDEN = "The task failed. Why is not told, because it has no_log."

_PAUSE = 3.0
"""Seconds before a trip is made again: a network that hiccups needs a moment."""


_CONSTRAINED = re.compile("Constrained ?Language|core types in this language mode", re.IGNORECASE)
"""What PowerShell says where WDAC or AppLocker confine it, and what it names such errors, in any language."""

_NO_FULL_LANGUAGE = (
    "PowerShell on the host is confined to the Constrained Language Mode, by WDAC or AppLocker, and no module that "
    "brings utilities of its own can run there. Use another host, or have the policy let Ansible's scripts run in full."
)

_NOT_FOUND_CODE = 127
"""What a POSIX shell ends with when there is no such command."""

_NO_POWERSHELL = (
    "There is no PowerShell on the host, so nothing was done ({said}). Tasks of this collection run on a Windows host: "
    "check the host, and its ansible_connection (winrm, psrp, or ssh with ansible_shell_type: powershell)."
)


class TripLost(Exception):
    """A trip ended without a reply: what it did on the host is unknown.

    *begun*: there was a connection, so the trip may have done something, unless it is certain that it has not *worked*.
    *final*: no use to try again.
    """

    def __init__(self, why: str, begun: bool = True, final: bool = False, worked: bool = True) -> None:
        super().__init__(why)
        self.begun = begun
        self.final = final
        self.worked = worked


class GpmcAction(ActionBase, abc.ABC):
    """Validates the task's options before any connection, then lets the subclass work."""

    _supports_check_mode = True
    _supports_async = False

    MODULE: t.ClassVar[str]
    """Full name of the module, whatever short name the task uses."""

    OPTIONS: t.ClassVar[t.Mapping[str, Option]]

    _is_given_up = False
    """Whether a call that was given up goes on in the host's process, and the next trip would be made in the same one:
    by psrp a connection has one process for all of them."""

    @abc.abstractmethod
    def check(self, options: t.Mapping[str, t.Any]) -> None:
        """Raise OptionError for a combination of options that makes no sense."""

    @abc.abstractmethod
    def new_result(self, options: t.Mapping[str, t.Any]) -> TaskResult:
        """Return the task's result before its first trip. A task that is refused has the options' defaults."""

    def finish(self, result: TaskResult) -> None:
        """Do what is left to do after the last trip, whatever came of it."""

    def common(self, options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """Return what the result of every task on a backup directory is made with."""
        return {
            "path": str(self._task.args.get("path") or ""),
            "run_id": str(uuid.uuid4()),
            "check_mode": self._task.check_mode,
            "show_diff": self._task.diff,
            "domain": options["domain"],
            "domain_controller": options["domain_controller"],
        }

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task."""
        shown = super().run(tmp, task_vars)
        self._task_vars = task_vars or {}
        self._parent = os.getppid()
        try:
            _check_core()
            options = validate(self.OPTIONS, self._task.args)
            self.check(options)
        except OptionError as error:
            result = self.new_result(defaults(self.OPTIONS))
            result.error = str(error)
            shown.update(displayable(result.shown()))
        else:
            shown.update(displayable(self.work(options)))
        self.show(shown["msg"])
        if self._task.no_log:
            self._hide(shown)
        # The module's own record would show the internal options, and only those of the last trip.
        shown["invocation"] = {"module_args": dict(self._task.args)}
        return shown

    @staticmethod
    def _hide(shown: dict[str, t.Any]) -> None:
        """Take out of a task's result what Ansible shows even under no_log: ours names GPOs."""
        shown.pop("warnings", None)
        if shown.get("failed") or shown.get("unreachable"):
            shown["msg"] = _HIDDEN

    def work(self, options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """Make trips until nothing remains, and return the task's result."""
        result = self.new_result(options)
        progress = Progress()
        patience = options.get("lock_timeout", 0)
        begun = False
        waited = 0
        while True:
            wait = min(_LOCK_SLICE, patience - waited)
            try:
                trip = self._trip(options, result, wait)
            except TripLost as lost:
                begun = begun or lost.begun
                result.lose_trip(str(lost), begun, lost.worked)
            else:
                begun = True
                result.add(trip)
                self._show_details(trip)
            if not result.unfinished:
                break
            if self._run_is_over():
                result.error = "The run was ended in the midst of the task."
                break
            is_locked = result.locked_by is not None
            waited = waited + wait if is_locked else 0
            if is_locked and waited >= patience:
                result.give_up_waiting(waited)
                break
            if is_locked:
                self.show(f"waiting for the backup directory: {result.holder}")
            else:
                self.show(progress.line(result))
        if begun and not self._run_is_over():
            self.finish(result)
        if result.selected:
            self.show(progress.line(result))
        for line in first(result.troubles(), _TROUBLES_AT_MOST):
            self.show(line)
        shown = bounded(result.shown()) if result.detail == "summary" else result.shown()
        if not begun:
            # Ansible drops an unreachable host from the play; one that may have done work is told of as a failure.
            del shown["failed"]
            shown["unreachable"] = True
        return shown

    def _trip(self, options: t.Mapping[str, t.Any], result: TaskResult, wait: int) -> dict[str, t.Any]:
        """Make one trip: the first with the user's selection, the others with what remains, on the same DC.

        One whose reply is lost is made again, once: what it finished is known to the catalog by the run's ID.
        """
        args = {name: _as_sent(options[name], option) for name, option in self.OPTIONS.items() if option.on_host}
        if "lock_timeout" in options:
            args["_lock_wait"] = str(wait)
        try:
            if self._is_given_up:
                self.reconnect()
            return self.make_trip(**{**args, **result.trip_args()})
        except TripLost as lost:
            result.doubt()
            if lost.final or not result.may_try_again or self._run_is_over():
                raise
            self.show(f"{str(lost).rstrip('.')}. Trying once more.")
        self.reconnect()
        try:
            return self.make_trip(**{**args, **result.trip_args()})
        except TripLost as lost:
            # Whatever became of the second trip, the first may have done something.
            lost.begun = lost.worked = True
            raise

    def _run_is_over(self) -> bool:
        """Return whether Ansible was killed, as a job that is cancelled is: whoever did that wants no further trip.

        From ansible-core 2.19 on the process of a task is in a session of its own, and outlives the others.
        """
        return os.getppid() != self._parent

    def make_trip(self, **module_args: t.Any) -> dict[str, t.Any]:
        """Run the module on the host once and return its reply, the module's result C(trip).

        Raises TripLost when the connection or the process on the host broke, or the reply is none of ours.
        """
        return self.run_module(self.MODULE, module_args)

    def run_module(self, name: str, module_args: dict[str, t.Any]) -> dict[str, t.Any]:
        """Run a module of the collection on the host once and return its reply, as make_trip does."""
        try:
            result = self._execute_module(module_name=name, module_args=module_args, task_vars=self._task_vars)
        except AnsibleConnectionFailure as error:
            # Without any connection yet it is a wrong name or password: once more would only lock the account.
            begun = may_have_begun(self._connection, error)
            raise TripLost(f"The connection to the host failed: {_one_line(error)}", begun, final=not begun) from error
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as error:  # pylint: disable=broad-exception-caught
            # Connection plugins raise whatever their libraries do, and the task's timeout is no Exception: what earlier
            # trips did must not be lost.
            begun = isinstance(error, AnsibleError) or may_have_begun(self._connection, error)
            raise _lost("The trip to the host", error, begun) from error
        trip = result.get("trip")
        if result.get("failed") or not isinstance(trip, dict):
            if _CONSTRAINED.search(f"{result.get('module_stderr')} {result.get('exception')} {result.get('msg')}"):
                raise TripLost(_NO_FULL_LANGUAGE, final=True, worked=False)
            if result.get("rc") == _NOT_FOUND_CODE:
                raise TripLost(_NO_POWERSHELL.format(said=_said(result)), final=True, worked=False)
            raise TripLost(_without_result(result))
        trip["warnings"] = [str(warning) for warning in result.get("warnings") or ()]
        self._is_given_up = self._connection.transport == "psrp" and any(
            entry.get("trouble") and entry["trouble"]["step"] == "given_up" for entry in trip["entries"]
        )
        return trip

    def reconnect(self) -> None:
        """Pause, and let the connection begin anew, so that a trip can be made, again or in another process."""
        self._is_given_up = False
        try:
            time.sleep(_PAUSE)
            self._connect_anew()
        except AnsibleError as error:
            raise TripLost(f"The connection to the host failed: {_one_line(error)}") from error
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as error:  # pylint: disable=broad-exception-caught
            raise _lost("The connection to the host", error) from error

    def _connect_anew(self) -> None:
        """Close the connection and open it, or make it forget what it cannot close."""
        connect = self._connection._connect  # pylint: disable=protected-access
        try:
            # Not reset(): winrm's leaves its shell open, and a host allows an account but 30 of them.
            self._connection.close()
        except Exception as error:  # pylint: disable=broad-exception-caught
            # Broken as it is, it may not close in order; libraries raise what they like. It still counts as connected,
            # and would go on with a shell that the host, restarted say, knows nothing of: reset() makes it forget.
            display.vvvv(f"The broken connection could not be closed: {_one_line(error)}")
            connect = self._connection.reset
        connect()

    def _show_details(self, trip: t.Mapping[str, t.Any]) -> None:
        """Show at C(-vv) where the trip's time went, and how far GPMC said that it came with each GPO."""
        for item in trip["entries"]:
            if item.get("progress"):
                step = item["progress"]
                steps = f"step {step['numerator']} of {step['denominator']}"
                self.show(f"{item['gpo']['name']}: {steps}, {item['outcome']}", verbosity=2)
        times = ", ".join(f"{name} {spent / 1000:.2f} s" for name, spent in sorted(trip["milliseconds"].items()))
        self.show(f"time on the host: {times}", verbosity=2)

    def show(self, text: str, verbosity: int = 0) -> None:
        """Show a line of progress for the host, unless the task has no_log."""
        if not self._task.no_log and display.verbosity >= verbosity:
            host = self._task_vars.get("inventory_hostname", "?")
            line = f"[{host}] {self.MODULE}: {printable(text)}"
            # On stdout it would stand in the midst of what a callback such as json writes for other programs.
            display.display(shortened(line, _LINE_AT_MOST), stderr=True)


def _check_core() -> None:
    """Refuse an ansible-core that nothing of this was tried with."""
    if tuple(map(int, core_version.split(".")[:2])) < _OLDEST_CORE:
        oldest = ".".join(map(str, _OLDEST_CORE))
        raise OptionError(f"This is ansible-core {core_version}, and the collection needs {oldest} or later.")


def _lost(what: str, error: BaseException, begun: bool = True) -> TripLost:
    """Return how a trip is lost by what a connection's library has raised, or by the end of the task's time.

    One that has not *begun* is not made again: a password that is wrong would only lock the account.
    """
    is_timeout = not isinstance(error, Exception)
    said = f"{what} failed: {type(error).__name__}: {_one_line(error)}"
    return TripLost(said, begun or is_timeout, final=is_timeout or not begun)


def _as_sent(value: t.Any, option: Option) -> t.Any:
    """Return an option's value as the module takes it: durations as texts, tuples as lists."""
    if option.read is read_duration:
        return None if value is None else str(value)
    return list(value) if isinstance(value, tuple) else value


def _without_result(result: t.Mapping[str, t.Any]) -> str:
    """Return why a module ended without its reply, as far as it can be told."""
    code = f" (exit code {result['rc']})" if result.get("rc") else ""
    return f"PowerShell on the host ended without a result{code}: {_said(result)}"


def _said(result: t.Mapping[str, t.Any]) -> str:
    """Return what a process on the host said at its end, in one line."""
    # What the dying process wrote says more than Ansible's complaint about its missing JSON.
    said = str(result.get("module_stderr") or "").strip() or str(result.get("msg") or "").strip()
    return _one_line(said.partition("\n")[0]) or "no word"


def _one_line(said: object) -> str:
    return " ".join(str(said).split())[:_SAID_AT_MOST]


class Progress:
    """Words for how far a task is: done / total, rate, failures so far."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def line(self, result: TaskResult) -> str:
        """Return the line for what *result* has so far."""
        elapsed = max(time.monotonic() - self._started, 0.001)
        rate = f"{result.done / elapsed:.1f}/s"
        return f"{result.done}/{result.selected} {result.NOUN}s, {rate}, {result.failures} failed"
