# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The WinRM endpoint, seen by the genuine client (pywinrm) and, for what it must refuse, by bare sockets.

Most tests run commands natively (``fake_standby.py`` in place of the PowerShell host), which is fast and tests
every line but the launcher. Those at the end use Wine and the lab's PowerShell host where they are built.
"""

from __future__ import annotations

import base64
import concurrent.futures
import contextlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import typing as t
import uuid
import xml.etree.ElementTree as ET

import pytest
import requests
import requests_ntlm
import spnego
import urllib3
import winrm
from winrm import exceptions

HERE = pathlib.Path(__file__).resolve().parent
LAB = HERE.parent
ROOT = LAB.parent.parent
BUILD = pathlib.Path(os.environ.get("GPVAULT_BUILD", ROOT / "build"))
FAKE = HERE / "fake_standby.py"
USER = "vagrant"
PASSWORD = "corréct horse Battery"
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
_SPNEGO = "application/HTTP-SPNEGO-session-encrypted"

sys.path.insert(0, str(LAB))

from labkit.endpoint import config as endpoint_config  # noqa: E402  pylint: disable=wrong-import-position
from labkit.endpoint import encryption, launcher, streams, translate, wsman, wsmanfaults  # noqa: E402

urllib3.disable_warnings()


class Endpoint:
    """An endpoint process and what a test wants of it."""

    def __init__(self, folder: pathlib.Path, certificate: tuple[str, str], **settings: t.Any) -> None:
        self.folder = folder
        self.access_log = folder / "access.jsonl"
        self.faults = folder / "faults-endpoint.json"
        self.state_file = folder / "endpoint.state.json"
        values: dict[str, t.Any] = {
            "host": "host1", "user": USER, "password": PASSWORD, "cert": certificate[0], "key": certificate[1],
            "launcher": "native", "powershell": str(FAKE), "workdir": str(folder), "pool": 0,
            "access_log": str(self.access_log), "faults": str(self.faults), "state": str(self.state_file),
        }
        values.update(settings)
        self.config_file = folder / "endpoint.json"
        self.config_file.write_text(json.dumps(values), encoding="utf-8")
        self.config_file.chmod(0o600)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "labkit.endpoint", "--config", str(self.config_file)],
            env=os.environ | {"PYTHONPATH": str(LAB)}, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.state = json.loads(self.process.stdout.readline())

    def close(self) -> int:
        """Stop it in order."""
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    @property
    def url(self) -> str:
        """The HTTP address."""
        return f"http://127.0.0.1:{self.state['http_port']}/wsman"

    @property
    def secure_url(self) -> str:
        """The HTTPS address."""
        return f"https://127.0.0.1:{self.state['https_port']}/wsman"

    def client(self, secure: bool = False, **settings: t.Any) -> winrm.Protocol:
        """A genuine client; over HTTP it authenticates by NTLM and encrypts."""
        values: dict[str, t.Any] = {
            "endpoint": self.secure_url if secure else self.url, "transport": "ntlm", "username": USER,
            "password": PASSWORD, "server_cert_validation": "ignore", "proxy": None,
        }
        values.update(settings)
        return winrm.Protocol(**values)

    def events(self, name: str | None = None) -> list[dict[str, t.Any]]:
        """What the access log holds."""
        entries = [json.loads(line) for line in self.access_log.read_text(encoding="utf-8").splitlines()]
        return [entry for entry in entries if name in (None, entry["event"])]

    def wait_for(self, name: str, count: int = 1, timeout: float = 10.0) -> list[dict[str, t.Any]]:
        """Wait until the access log holds so many events of a kind."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            found = self.events(name)
            if len(found) >= count:
                return found
            time.sleep(0.02)
        raise AssertionError(f"no {count} {name} in {self.events()}")

    def children(self) -> dict[int, str]:
        """Its child processes and their states."""
        found = {}
        for file in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                number, _name, rest = re.fullmatch(r"(\d+) \((.*)\) (.*)", file.read_text(), re.S).groups()
                if rest.split()[1] == str(self.process.pid):
                    found[int(number)] = rest.split()[0]
        return found


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A self-signed certificate and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    cert, key = str(folder / "cert.pem"), str(folder / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=host1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
        check=True, capture_output=True)
    return cert, key


Starter = t.Callable[..., Endpoint]


@pytest.fixture
def start(tmp_path: pathlib.Path, certificate: tuple[str, str]) -> t.Iterator[Starter]:
    """Starts endpoints with settings of the test's own."""
    started: list[Endpoint] = []

    def _start(**settings: t.Any) -> Endpoint:
        folder = tmp_path / str(len(started))
        folder.mkdir()
        started.append(Endpoint(folder, certificate, **settings))
        return started[-1]

    yield _start
    for endpoint in started:
        endpoint.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, certificate: tuple[str, str]) -> t.Iterator[Endpoint]:
    """One endpoint for all tests that leave it as they found it."""
    endpoint = Endpoint(tmp_path_factory.mktemp("shared"), certificate)
    yield endpoint
    assert endpoint.close() == 0


def run(client: winrm.Protocol, line: str, stdin: bytes | None = None, **shell: t.Any) -> tuple[bytes, bytes, int]:
    """One command in a shell of its own."""
    shell_id = client.open_shell(**shell)
    command_id = client.run_command(shell_id, line)
    if stdin is not None:
        client.send_command_input(shell_id, command_id, stdin, end=True)
    result = client.get_command_output(shell_id, command_id)
    client.cleanup_command(shell_id, command_id)
    client.close_shell(shell_id)
    return result


def fault_code(call: t.Callable[[], t.Any]) -> int | None:
    """The code of the WSMan fault that a call ends in."""
    with pytest.raises(exceptions.WSManFaultError) as caught:
        call()
    return caught.value.wsman_fault_code or caught.value.wmierror_code


def envelope(action: str, body: str = "", uri: str = SHELL + "/cmd", header: str = "") -> str:
    """A request written by hand."""
    return (
        f'<s:Envelope xmlns:s="{wsman.NS["s"]}" xmlns:a="{wsman.NS["a"]}" xmlns:w="{wsman.NS["w"]}" '
        f'xmlns:rsp="{SHELL}"><s:Header><a:Action>{action}</a:Action><w:ResourceURI>{uri}</w:ResourceURI>'
        f"<a:MessageID>uuid:{uuid.uuid4()}</a:MessageID>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>")


def post(endpoint: Endpoint, body: str | bytes, **settings: t.Any) -> requests.Response:
    """A bare request over HTTPS, authenticated by NTLM."""
    values: dict[str, t.Any] = {
        "auth": requests_ntlm.HttpNtlmAuth(USER, PASSWORD), "verify": False, "timeout": 20,
        "headers": {"Content-Type": "application/soap+xml;charset=UTF-8"},
    }
    values.update(settings)
    data = body.encode() if isinstance(body, str) else body
    return requests.post(values.pop("url", endpoint.secure_url), data=data, **values)


def raw(endpoint: Endpoint, data: bytes) -> bytes:
    """Send bytes over HTTP and read until the endpoint closes or has nothing more to say."""
    with socket.create_connection(("127.0.0.1", endpoint.state["http_port"]), timeout=2) as connection:
        answer = b""
        # It may have had enough before it has read all.
        with contextlib.suppress(OSError):
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            while piece := connection.recv(65536):
                answer += piece
        return answer


# The way of a command


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_command(shared: Endpoint, secure: bool) -> None:
    """Output and exit code, with NTLM and message encryption over HTTP, and over HTTPS."""
    assert run(shared.client(secure), "powershell echo hello world") == (b"hello world", b"", 0)
    entry = [event for event in shared.events("wsman") if event["action"] == "Receive"][-1]
    assert entry["encrypted"] is not secure
    assert entry["tls"] is secure


@pytest.mark.parametrize(("line", "expected"), [
    ("powershell exit 0", (b"", b"", 0)),
    ("powershell exit 3", (b"", b"", 3)),
    ("PowerShell.exe exit 300", (b"", b"", 300)),
    ("pwsh exit -1", (b"", b"", 4294967295)),
    ("powershell err oops", (b"", b"oops", 0)),
    (r'"C:\Program Files\PowerShell\7\pwsh.exe" args "a b" "c\"d" e\\f', (b'["a b", "c\\"d", "e\\\\\\\\f"]', b"", 0)),
    ("sh -c 'exit 7'", None),
    ('sh -c "echo out; echo err >&2; exit 7"', (b"out\n", b"err\n", 7)),
    ('sh -c "kill -9 $$"', (b"", b"", 1)),
])
def test_results(shared: Endpoint, line: str, expected: tuple[bytes, bytes, int] | None) -> None:
    """Exit codes, stderr, arguments by the rules of Windows; a single quote is no quote there."""
    result = run(shared.client(), line)
    if expected is None:
        assert result[2] != 7
    else:
        assert result == expected


def test_big_stdin(shared: Endpoint) -> None:
    """Megabytes in pieces of the size that Ansible uses."""
    client = shared.client()
    shell_id = client.open_shell()
    command_id = client.run_command(shell_id, "powershell count")
    for number in range(10):
        client.send_command_input(shell_id, command_id, b"x" * 200_000, end=number == 9)
    assert client.get_command_output(shell_id, command_id) == (b"2000000", b"", 0)
    client.close_shell(shell_id)


def test_stdin_arrives_unchanged(shared: Endpoint) -> None:
    """Every byte value, there and back, over both transports."""
    data = random.Random(7).randbytes(300_000)
    for secure in (False, True):
        assert run(shared.client(secure), "powershell cat", stdin=data) == (data, b"", 0)


def test_big_stdout(shared: Endpoint) -> None:
    """5 MB arrive whole, in answers no larger than the client wants."""
    out, _err, code = run(shared.client(), "powershell out 5000000")
    assert code == 0
    assert out == b"".join(b"%07d\n" % number for number in range(625_000))
    sizes = [event["bytes_out"] for event in shared.events("wsman") if event.get("data", 0) > 50_000]
    assert sizes and max(sizes) <= 153_600


def test_slow_reader_holds_the_process(shared: Endpoint) -> None:
    """A client that does not fetch makes the process wait and not the endpoint grow; nothing is lost."""
    client = shared.client()
    shell_id = client.open_shell()
    command_id = client.run_command(shell_id, "powershell out 20000000")
    time.sleep(1.0)
    with open(f"/proc/{shared.process.pid}/status", encoding="ascii") as file:
        resident = int(next(line for line in file if line.startswith("VmRSS")).split()[1])
    assert resident < 150_000
    assert len(client.get_command_output(shell_id, command_id)[0]) == 20_000_000
    client.close_shell(shell_id)


def test_stdin_that_nobody_reads(shared: Endpoint) -> None:
    """Input for a process that does not read times out and is kept; input for one that ended is dropped."""
    client = shared.client(operation_timeout_sec=1, read_timeout_sec=10)
    shell_id = client.open_shell()
    command_id = client.run_command(shell_id, "powershell sleep 30")
    with pytest.raises(exceptions.WinRMOperationTimeoutError):
        for _number in range(8):
            client.send_command_input(shell_id, command_id, b"x" * 300_000)
    client.cleanup_command(shell_id, command_id)
    command_id = client.run_command(shell_id, "powershell exit 4")
    shared.wait_for("process_exit", len(shared.events("process_start")))
    client.send_command_input(shell_id, command_id, b"late", end=True)
    assert client.get_command_output(shell_id, command_id) == (b"", b"", 4)
    client.close_shell(shell_id)


def test_environment_and_directory(shared: Endpoint) -> None:
    """A shell's variables and working directory reach its commands; the endpoint's own secrets do not."""
    client = shared.client()
    assert run(client, "powershell env COLOUR", env_vars={"COLOUR": "b l ü"})[0] == "b l ü".encode()
    assert run(client, "powershell cwd", working_directory="/usr")[0] == b"/usr"
    assert run(client, 'sh -c "pwd; echo $COLOUR"', working_directory="/usr", env_vars={"COLOUR": "red"})[0] == \
        b"/usr\nred\n"
    assert b"NTLM" not in run(client, "env")[0]
    assert run(client, 'sh -c "echo $LD_PRELOAD$HOME"', env_vars={"LD_PRELOAD": "x", "HOME": "y"})[0] != b"xy\n"
    shell_id = client.open_shell(working_directory="/no/such/place")
    assert fault_code(lambda: client.run_command(shell_id, "powershell cwd")) == 2147942667
    client.close_shell(shell_id)


def test_module_from_a_file(start: Starter) -> None:
    """``type FILE | powershell …``, which Ansible uses when it keeps remote files."""
    endpoint = start()
    file = endpoint.folder / "module.ps1"
    file.write_bytes(b"script")
    assert run(endpoint.client(), f'type "{file}" | powershell cat') == (b"script", b"", 0)
    client = endpoint.client()
    shell_id = client.open_shell()
    with pytest.raises(exceptions.WSManFaultError, match="cannot be read|cannot comply"):
        client.run_command(shell_id, 'type "/no/such" | powershell cat')
    client.close_shell(shell_id)


# Long polls, signals, ends


def test_output_arrives_at_once(shared: Endpoint) -> None:
    """Receive answers with the first output and does not wait for the rest."""
    client = shared.client()
    shell_id = client.open_shell()
    command_id = client.run_command(shell_id, "powershell sleep 60")
    began = time.monotonic()
    out, _err, _code, done = client.get_command_output_raw(shell_id, command_id)
    assert (out, done) == (b"begin", False)
    assert time.monotonic() - began < 10
    client.close_shell(shell_id)


def test_long_poll_times_out(shared: Endpoint) -> None:
    """Without output a Receive ends by the fault 2150858793 after OperationTimeout, and the command goes on."""
    client = shared.client(operation_timeout_sec=1, read_timeout_sec=20)
    shell_id = client.open_shell()
    command_id = client.run_command(shell_id, "powershell cat")
    began = time.monotonic()
    with pytest.raises(exceptions.WinRMOperationTimeoutError):
        client.get_command_output_raw(shell_id, command_id)
    assert time.monotonic() - began > 0.9
    assert shared.events("wsman")[-1]["fault"] == 2150858793
    client.send_command_input(shell_id, command_id, b"on", end=True)
    assert client.get_command_output(shell_id, command_id) == (b"on", b"", 0)
    client.close_shell(shell_id)


def signal_command(client: winrm.Protocol, shell_id: str, command_id: str, code: str) -> bytes:
    """Send a signal by its short name."""
    request = {"env:Envelope": client.build_wsman_header(SHELL + "/Signal", SHELL + "/cmd", shell_id)}
    request["env:Envelope"]["env:Body"] = {
        "rsp:Signal": {"@CommandId": command_id, "rsp:Code": f"{SHELL}/signal/{code}"}}
    return client.send_message(winrm.protocol.xmltodict.unparse(request))


def test_signals(shared: Endpoint) -> None:
    """Ctrl+C ends a process whose output can still be fetched; terminate also forgets the command."""
    client = shared.client()
    shell_id = client.open_shell()
    command_id = client.run_command(shell_id, "powershell sleep 60")
    client.get_command_output_raw(shell_id, command_id)
    signal_command(client, shell_id, command_id, "ctrl_c")
    assert client.get_command_output(shell_id, command_id) == (b"", b"", 0xC000013A)
    assert fault_code(lambda: signal_command(client, shell_id, command_id, "whistle")) == 2150858817
    signal_command(client, shell_id, command_id, "terminate")
    assert fault_code(lambda: client.get_command_output_raw(shell_id, command_id)) == 2150858843
    assert fault_code(lambda: signal_command(client, shell_id, command_id, "terminate")) == 2150858843
    client.close_shell(shell_id)


def test_delete_ends_everything(start: Starter) -> None:
    """Delete ends the shell's processes with what they started, and a waiting Receive; no zombie stays."""
    endpoint = start()
    client = endpoint.client()
    shell_id = client.open_shell()
    command_id = client.run_command(shell_id, 'sh -c "sleep 61 & echo $! $$; wait"')
    pids = client.get_command_output_raw(shell_id, command_id)[0].split()
    with concurrent.futures.ThreadPoolExecutor() as threads:
        waiting = threads.submit(fault_code, lambda: endpoint.client().get_command_output_raw(shell_id, command_id))
        endpoint.wait_for("auth", 2)
        time.sleep(0.5)
        client.close_shell(shell_id)
        assert waiting.result(5) == 995
    endpoint.wait_for("process_exit")
    assert not any(alive(int(pid)) for pid in pids)
    assert not endpoint.children()
    assert endpoint.events("shell_deleted")[0]["shell"] == shell_id
    assert fault_code(lambda: endpoint.client().run_command(shell_id, "powershell echo")) == 2150858843


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_no_zombies(shared: Endpoint) -> None:
    """Processes that ended are gone, fetched or not."""
    client = shared.client()
    shell_id = client.open_shell()
    for _number in range(5):
        client.run_command(shell_id, "powershell exit 1")
    shared.wait_for("process_exit", len(shared.events("process_start")))
    assert "Z" not in shared.children().values()
    client.close_shell(shell_id)


@pytest.mark.parametrize("by_client", [True, False], ids=["client's IdleTimeOut", "configured"])
def test_idle_shell_expires(start: Starter, by_client: bool) -> None:
    """A shell that sees no request ends with its process; a Receive that waits keeps it."""
    endpoint = start(idle_timeout=60 if by_client else 1.5)
    client = endpoint.client(operation_timeout_sec=2, read_timeout_sec=10)
    shell_id = client.open_shell(idle_timeout="PT1.5S" if by_client else None)
    command_id = client.run_command(shell_id, "powershell sleep 60")
    client.get_command_output_raw(shell_id, command_id)
    with pytest.raises(exceptions.WinRMOperationTimeoutError):
        client.get_command_output_raw(shell_id, command_id)
    assert not endpoint.events("shell_expired")
    endpoint.wait_for("shell_expired")
    endpoint.wait_for("process_exit")
    assert not endpoint.children()
    assert fault_code(lambda: client.get_command_output_raw(shell_id, command_id)) == 2150858843


def test_vanished_client(start: Starter) -> None:
    """A client that dies in a Receive takes no output with it; its shell lives until it has been idle."""
    endpoint = start(idle_timeout=2)
    client = endpoint.client()
    shell_id = client.open_shell()
    command_id = client.run_command(shell_id, "powershell cat")
    vanishing = endpoint.client()
    vanishing.read_timeout_sec = vanishing.transport.read_timeout_sec = 1
    with pytest.raises(requests.exceptions.ReadTimeout):
        vanishing.get_command_output_raw(shell_id, command_id)
    vanishing.transport.close_session()
    client.send_command_input(shell_id, command_id, b"for the living", end=True)
    assert client.get_command_output(shell_id, command_id) == (b"for the living", b"", 0)
    client.transport.close_session()
    endpoint.wait_for("client_gone")
    endpoint.wait_for("shell_expired")


def test_stop_ends_everything(start: Starter) -> None:
    """SIGTERM ends all processes, the pool's too, and takes the state file away."""
    endpoint = start(pool=1)
    assert json.loads(endpoint.state_file.read_text()) == endpoint.state
    assert endpoint.state["pid"] == endpoint.process.pid
    endpoint.wait_for("standby_ready")
    client = endpoint.client()
    client.run_command(client.open_shell(), "powershell sleep 60")
    endpoint.wait_for("standby_ready", 2)
    children = endpoint.children()
    assert len(children) == 2
    assert endpoint.close() == 0
    assert not any(alive(pid) for pid in children)
    assert not endpoint.state_file.exists()


# Who may come in


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize(("user", "password"), [(USER, "wrong"), ("nobody", PASSWORD), (USER, PASSWORD + " ")])
def test_wrong_credentials(shared: Endpoint, secure: bool, user: str, password: str) -> None:
    """401, and a line in the log."""
    before = len([event for event in shared.events("auth") if not event["ok"]])
    with pytest.raises(exceptions.InvalidCredentialsError):
        shared.client(secure, username=user, password=password).open_shell()
    assert len([event for event in shared.events("auth") if not event["ok"]]) > before


@pytest.mark.parametrize("user", [USER, "VAGRANT", "HOST1\\vagrant"])
def test_spellings_of_the_user(shared: Endpoint, user: str) -> None:
    """Names are compared as Windows does, with or without the host's name."""
    assert run(shared.client(username=user), "powershell echo x")[0] == b"x"


def test_plain_body_is_refused_over_http(shared: Endpoint) -> None:
    """AllowUnencrypted=false: an authenticated request without encryption gets status 500 and no word."""
    request = envelope(TRANSFER + "/Create", "<rsp:Shell/>")
    answer = post(shared, request, url=shared.url)
    assert (answer.status_code, answer.content) == (500, b"")
    assert "Negotiate" in requests.post(shared.url, data=b"", timeout=5).headers["WWW-Authenticate"]
    with pytest.raises(exceptions.WinRMTransportError, match="500"):
        shared.client(message_encryption="never").open_shell()


def test_basic(shared: Endpoint, start: Starter) -> None:
    """Never over HTTP; over HTTPS only where configured, and then with the right password."""
    allowed = start(basic=True)
    token = (USER.encode() + b":" + PASSWORD.encode())
    header = {"Authorization": "Basic " + base64.b64encode(token).decode()}
    for endpoint in (shared, allowed):
        answer = requests.post(endpoint.url, data=b"", headers=header, timeout=5)
        assert answer.status_code == 401
        assert "Basic" not in answer.headers["WWW-Authenticate"]
    with pytest.raises(exceptions.InvalidCredentialsError):
        shared.client(True, transport="basic").open_shell()
    # requests sends Latin-1 where Windows and this endpoint expect UTF-8.
    basic = {"transport": "basic", "password": PASSWORD.encode()}
    assert run(allowed.client(True, **basic), "powershell echo x")[0] == b"x"
    with pytest.raises(exceptions.InvalidCredentialsError):
        allowed.client(True, transport="basic", password="wrong").open_shell()


def test_authentication_is_per_connection(shared: Endpoint) -> None:
    """A second connection starts from nothing, and a stray or broken token never opens one."""
    for value in ("Negotiate", "Negotiate !!!", "Negotiate TlRMTVNTUAADAAAA", "NTLM " + "A" * 4000, "Kerberos x", "x"):
        answer = requests.post(shared.url, data=b"", headers={"Authorization": value}, timeout=5)
        assert answer.status_code == 401
    session = requests.Session()
    session.auth = requests_ntlm.HttpNtlmAuth(USER, PASSWORD)
    assert session.post(shared.url, data=b"", timeout=5).status_code == 200
    session.auth = None
    assert session.post(shared.url, data=b"", timeout=5).status_code == 200
    assert requests.post(shared.url, data=b"", timeout=5).status_code == 401


def test_spnego(shared: Endpoint) -> None:
    """NTLM inside SPNEGO, as pypsrp and Windows itself send it, where pywinrm sends NTLM alone."""
    client = spnego.client(USER, PASSWORD, protocol="negotiate", options=spnego.NegotiateOptions.use_negotiate)
    session = requests.Session()
    token = client.step()
    while token:
        answer = session.post(shared.url, data=b"", timeout=5, headers={
            "Authorization": "Negotiate " + base64.b64encode(token).decode()})
        reply = answer.headers.get("WWW-Authenticate", "").partition(" ")[2]
        token = client.step(base64.b64decode(reply)) if reply else None
    assert answer.status_code == 200
    assert client.complete
    request = envelope(TRANSFER + "/Get", uri="http://schemas.microsoft.com/wbem/wsman/1/config").encode()
    answer = session.post(shared.url, data=encryption.encrypt(request, client, _SPNEGO), timeout=5,
                          headers={"Content-Type": encryption.content_type(_SPNEGO)})
    assert b"<cfg:MaxEnvelopeSizekb>500<" in encryption.decrypt(answer.content, client)


def test_encrypted_body_of_another_connection(shared: Endpoint) -> None:
    """400, as Windows answers, and Ansible's winrm plugin expects."""
    session = requests.Session()
    session.auth = requests_ntlm.HttpNtlmAuth(USER, PASSWORD)
    assert session.post(shared.url, data=b"", timeout=5).status_code == 200
    sealed = (
        b'--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n'
        b'\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=%d\r\n--Encrypted Boundary\r\n'
        b'\tContent-Type: application/octet-stream\r\n\x10\x00\x00\x00' + b"s" * 16 + b"%s--Encrypted Boundary--\r\n")
    kind = {"Content-Type": encryption.content_type(_SPNEGO)}
    for length, text in ((6, b"sealed"), (9, b"sealed"), (99999999, b"sealed"), (0, b"")):
        body = sealed % (length, text)
        assert session.post(shared.url, data=body, headers=kind, timeout=5).status_code == 400
    for body in (b"x", b"--Encrypted Boundary\r\n", sealed[:70], sealed.replace(b"\x10\0\0\0", b"\xff\xff\xff\xff")):
        assert session.post(shared.url, data=body, headers=kind, timeout=5).status_code == 400


# What is refused, and that the endpoint lives on


def test_unknown_shell_and_command(shared: Endpoint) -> None:
    """The fault 2150858843, with the genuine texts."""
    client = shared.client()
    nobody = str(uuid.uuid4()).upper()
    with pytest.raises(exceptions.WSManFaultError) as caught:
        client.run_command(nobody, "powershell echo")
    assert caught.value.wsman_fault_code == 2150858843
    assert f"Windows Remote Shell with ShellId {nobody} failed" in caught.value.response
    assert caught.value.fault_subcode == "w:InvalidSelectors"
    shell_id = client.open_shell()
    assert fault_code(lambda: client.get_command_output_raw(shell_id, nobody)) == 2150858843
    assert fault_code(lambda: client.send_command_input(shell_id, nobody, b"x")) == 2150858843
    client.close_shell(shell_id)
    assert fault_code(lambda: client.close_shell(shell_id)) == 2150858843


def test_envelope_limits(shared: Endpoint) -> None:
    """A request beyond 500 KB is refused by a fault, a huge one before it is read; the largest is taken."""
    client = shared.client()
    shell_id = client.open_shell()
    command_id = client.run_command(shell_id, "powershell count")
    assert fault_code(lambda: client.send_command_input(shell_id, command_id, b"x" * 400_000)) == 2150858825
    # Ansible's copy sends 250,000 bytes, encoded twice.
    client.send_command_input(shell_id, command_id, b"x" * 333_336, end=True)
    assert client.get_command_output(shell_id, command_id)[0] == b"333336"
    client.close_shell(shell_id)
    assert b" 413 " in raw(shared, b"POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
    small = envelope(TRANSFER + "/Create", "<rsp:Shell/>", header="<w:MaxEnvelopeSize>4096</w:MaxEnvelopeSize>")
    assert b'Code="2150858878"' in post(shared, small).content
    tiny = envelope(TRANSFER + "/Create", "<rsp:Shell/>", header="<w:MaxEnvelopeSize>many</w:MaxEnvelopeSize>")
    assert b'Code="2150858817"' in post(shared, tiny).content


def test_quotas(start: Starter) -> None:
    """Shells, processes and operations, each with its fault; what ends makes room, operations do not."""
    endpoint = start(limits={"max_shells": 2, "max_processes_per_shell": 2, "max_operations_per_shell": 4})
    client = endpoint.client()
    first, second = client.open_shell(), client.open_shell()
    assert fault_code(client.open_shell) == 2150859173
    client.close_shell(second)
    client.close_shell(client.open_shell())
    commands = [client.run_command(first, "powershell sleep 60") for _number in range(2)]
    assert fault_code(lambda: client.run_command(first, "powershell echo")) == 2150859241
    client.cleanup_command(first, commands[0])
    endpoint.wait_for("process_exit")
    client.cleanup_command(first, client.run_command(first, "powershell echo"))
    endpoint.wait_for("process_exit", 2)
    client.cleanup_command(first, client.run_command(first, "powershell echo"))
    with pytest.raises(exceptions.WSManFaultError) as caught:
        client.run_command(first, "powershell echo")
    # The form that Ansible's winrm plugin answers by making a new shell.
    assert caught.value.wmierror_code == 0x803381A6


def test_connection_limit(start: Starter) -> None:
    """One connection too many is reset; another may come when one has gone."""
    endpoint = start(limits={"max_connections": 2})
    address = ("127.0.0.1", endpoint.state["http_port"])
    held = [socket.create_connection(address) for _number in range(2)]
    endpoint.wait_for("connection_opened", 2)
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.post(endpoint.url, data=b"", timeout=5)
    for connection in held:
        connection.close()
    endpoint.wait_for("connection_closed", 2)
    assert requests.post(endpoint.url, data=b"", timeout=5).status_code == 401


ENTITIES = "".join(f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 9))
BOMB = f'<!DOCTYPE b [<!ENTITY a0 "ha">{ENTITIES}]><s:Envelope>&a8;</s:Envelope>'


@pytest.mark.parametrize("body", [
    BOMB,
    '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>',
    BOMB.encode("utf-16"),
    "not xml", "<a><b></a>", "<x/>", b"\xff\xfe\x00", "<a>" * 5000 + "</a>" * 5000, "<" * 100_000,
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"/>',
    f'<s:Envelope xmlns:s="{wsman.NS["s"]}"><s:Header/><s:Body/></s:Envelope>',
    '<?xml version="1.0" encoding="no-such"?><x/>',
], ids=lambda body: str(body[:20]))
def test_hostile_xml(shared: Endpoint, body: str | bytes) -> None:
    """Refused by a fault, at once, and the endpoint goes on."""
    began = time.monotonic()
    answer = post(shared, body)
    assert answer.status_code == 500
    fault = ET.fromstring(answer.content)
    code = int(fault.find(".//{http://schemas.microsoft.com/wbem/wsman/1/wsmanfault}WSManFault").get("Code"))
    assert code in (2150858819, 2150858817, 2150858769)
    assert time.monotonic() - began < 3
    assert run(shared.client(), "powershell echo alive")[0] == b"alive"


@pytest.mark.parametrize(("request_envelope", "code"), [
    (envelope(TRANSFER + "/Create", "<rsp:Shell/>", uri="http://schemas.microsoft.com/powershell/Mine"),
     2150858752),
    (envelope(TRANSFER + "/Enumerate"), 2150858753),
    (envelope(TRANSFER + "/Create"), 2150858817),
    (envelope(TRANSFER + "/Create", "<rsp:Shell/>", header="<w:OperationTimeout>soon</w:OperationTimeout>"),
     2150858881),
    (envelope(TRANSFER + "/Create", "<rsp:Shell><rsp:IdleTimeOut>60</rsp:IdleTimeOut></rsp:Shell>"), 2150858881),
    (envelope(SHELL + "/Command", "<rsp:CommandLine/>"), 2150858843),
], ids=["configuration", "unknown action", "no shell", "bad timeout", "bad idle timeout", "no selector"])
def test_faults_of_requests(shared: Endpoint, request_envelope: str, code: int) -> None:
    """Well-formed requests that cannot be served."""
    assert f'Code="{code}"'.encode() in post(shared, request_envelope).content


def test_faults_inside_a_shell(shared: Endpoint) -> None:
    """Bodies that do not say what they must."""
    shell_id = shared.client(True).open_shell()
    header = f'<w:SelectorSet><w:Selector Name="ShellId">{shell_id}</w:Selector></w:SelectorSet>'
    command_id = re.search(rb"<rsp:CommandId>([^<]+)", post(shared, envelope(
        SHELL + "/Command", "<rsp:CommandLine><rsp:Command>powershell</rsp:Command><rsp:Arguments>cat</rsp:Arguments>"
        "</rsp:CommandLine>", header=header)).content)[1].decode()
    stream = f'<rsp:Send><rsp:Stream Name="{{}}" CommandId="{command_id}">{{}}</rsp:Stream></rsp:Send>'
    for action, body, code in (
        ("Command", "<rsp:CommandLine><rsp:Command> </rsp:Command></rsp:CommandLine>", 2150858817),
        ("Send", stream.format("stdin", "n&#233;"), 2150858817),
        ("Send", stream.format("pr", "eA=="), 2150859147),
        ("Receive", "", 2150858817),
        ("Signal", f'<rsp:Signal CommandId="{command_id}"/>', 2150858817),
        ("Connect", "", 2150858753),
    ):
        assert f'Code="{code}"'.encode() in post(shared, envelope(f"{SHELL}/{action}", body, header=header)).content
    assert post(shared, envelope(TRANSFER + "/Delete", header=header)).status_code == 200


def test_configuration_can_be_asked_for(shared: Endpoint) -> None:
    """What pypsrp reads to know how much it may send."""
    answer = post(shared, envelope(TRANSFER + "/Get", uri="http://schemas.microsoft.com/wbem/wsman/1/config"))
    assert b"<cfg:MaxEnvelopeSizekb>500<" in answer.content


@pytest.mark.parametrize("data", [
    b"\x00\x01\x02\x03" * 1000,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET /wsman HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /other HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
    b"POST /wsman HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: \xb2\r\n\r\n",
    b"POST /wsman HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nshort",
    b"POST /wsman HTTP/9.9\r\n\r\n", b"POST\r\n\r\n", b"\r\n\r\n", b"POST /wsman HTTP/1.1\r\n" + b"A: b\r\n" * 500,
    b"A" * 100_000,
], ids=lambda data: str(data[:24]))
def test_junk(shared: Endpoint, data: bytes) -> None:
    """Bytes that are no request of ours get an error or nothing, never a 200."""
    answer = raw(shared, data)
    assert b" 200 " not in answer.split(b"\r\n")[0]
    assert requests.post(shared.url, data=b"", timeout=5).status_code == 401


def test_junk_for_tls(shared: Endpoint) -> None:
    """A peer that does not speak TLS, or says nothing, keeps nobody else waiting."""
    address = ("127.0.0.1", shared.state["https_port"])
    with socket.create_connection(address) as silent, socket.create_connection(address) as junk:
        junk.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert run(shared.client(True), "powershell echo x")[0] == b"x"
        assert silent.fileno() > 0


def test_only_loopback(shared: Endpoint) -> None:
    """Nobody else can reach it."""
    for port in (shared.state["http_port"], shared.state["https_port"]):
        needle = f"{port:04X}"
        lines = pathlib.Path("/proc/net/tcp").read_text().splitlines()
        listening = [line.split()[1] for line in lines if line.split()[3] == "0A" and line.split()[1].endswith(needle)]
        assert listening == [f"0100007F:{needle}"]


# Many at once


def test_twenty_connections(shared: Endpoint) -> None:
    """Twenty clients with a shell each, all served."""
    def work(number: int) -> tuple[bytes, bytes, int]:
        return run(shared.client(number % 2 == 0), "powershell cat", stdin=b"%d" % number * 1000)

    with concurrent.futures.ThreadPoolExecutor(20) as threads:
        results = list(threads.map(work, range(20)))
    assert results == [(b"%d" % number * 1000, b"", 0) for number in range(20)]


def test_many_commands_in_one_shell(shared: Endpoint) -> None:
    """Commands of one shell run side by side and do not mix."""
    client = shared.client()
    shell_id = client.open_shell()
    commands = [client.run_command(shell_id, f"powershell echo {number}") for number in range(8)]
    outputs = [client.get_command_output(shell_id, command)[0] for command in commands]
    assert outputs == [b"%d" % number for number in range(8)]
    client.close_shell(shell_id)


# Planted faults


def test_cut_receive(start: Starter) -> None:
    """The second Receive loses its connection; the command and its output do not."""
    endpoint = start()
    endpoint.faults.write_text(json.dumps([{"id": "f1", "kind": "cut_receive", "times": 1, "after": 1}]))
    client = endpoint.client()
    shell_id = client.open_shell()
    command_id = client.run_command(shell_id, "powershell cat")
    client.send_command_input(shell_id, command_id, b"one")
    assert client.get_command_output_raw(shell_id, command_id)[0] == b"one"
    with pytest.raises(requests.exceptions.ConnectionError):
        client.get_command_output_raw(shell_id, command_id)
    again = endpoint.client()
    again.send_command_input(shell_id, command_id, b"two", end=True)
    assert again.get_command_output(shell_id, command_id) == (b"two", b"", 0)
    again.close_shell(shell_id)
    assert len(endpoint.events("connection_cut")) == 1


def test_restart(start: Starter) -> None:
    """Shells and processes are gone, and the endpoint is there for new ones."""
    endpoint = start()
    endpoint.faults.write_text(json.dumps([{"id": "f1", "kind": "restart", "times": 1}]))
    client = endpoint.client()
    shell_id = client.open_shell()
    command_id = client.run_command(shell_id, "powershell cat")
    with pytest.raises(requests.exceptions.ConnectionError):
        client.get_command_output_raw(shell_id, command_id)
    again = endpoint.client()
    with pytest.raises(exceptions.WSManFaultError, match="invalid selectors"):
        again.close_shell(shell_id)
    endpoint.wait_for("process_exit")
    other = endpoint.client()
    shell_id = other.open_shell()
    assert other.get_command_output(shell_id, other.run_command(shell_id, "powershell echo here"))[0] == b"here"
    other.close_shell(shell_id)


def test_cut_send_and_refuse_connect(start: Starter) -> None:
    """Faults can be planted and taken away while the endpoint runs."""
    endpoint = start()
    client = endpoint.client()
    shell_id = client.open_shell()
    command_id = client.run_command(shell_id, "powershell count")
    endpoint.faults.write_text(json.dumps([{"id": "s", "kind": "cut_send", "times": None, "after": 0}]))
    with pytest.raises(requests.exceptions.ConnectionError):
        client.send_command_input(shell_id, command_id, b"x", end=True)
    endpoint.faults.write_text(json.dumps([{"id": "c", "kind": "refuse_connect", "times": 2, "after": 1}]))
    assert requests.post(endpoint.url, data=b"", timeout=5).status_code == 401
    for _number in range(2):
        with pytest.raises(requests.exceptions.ConnectionError):
            requests.post(endpoint.url, data=b"", timeout=5)
    assert requests.post(endpoint.url, data=b"", timeout=5).status_code == 401
    endpoint.faults.write_text("[{")
    assert requests.post(endpoint.url, data=b"", timeout=5).status_code == 401
    endpoint.faults.unlink()
    again = endpoint.client()
    again.send_command_input(shell_id, command_id, b"xy", end=True)
    assert again.get_command_output(shell_id, command_id)[0] == b"2"


# The pool


def test_pool(start: Starter) -> None:
    """A warm host is taken, and replaced after a while though its command still runs; until then a cold one starts."""
    endpoint = start(pool=1, pool_delay=2)
    endpoint.wait_for("standby_ready")
    client = endpoint.client()
    shell_id = client.open_shell()
    client.run_command(shell_id, "powershell sleep 60")
    assert run(endpoint.client(), "powershell echo two") == (b"two", b"", 0)
    assert [event["source"] for event in endpoint.events("process_start")] == ["pool", "cold"]
    endpoint.wait_for("standby_ready", 2)
    assert run(endpoint.client(), "powershell echo three") == (b"three", b"", 0)
    assert endpoint.events("process_start")[-1]["source"] == "pool"


def test_host_is_replaced_when_its_command_ends(start: Starter) -> None:
    """However long the delay is."""
    endpoint = start(pool=1, pool_delay=600)
    endpoint.wait_for("standby_ready")
    assert run(endpoint.client(), "powershell echo one") == (b"one", b"", 0)
    endpoint.wait_for("standby_ready", 2)


def test_warming_host_is_waited_for(start: Starter) -> None:
    """It is further than a new one; only one command waits for it."""
    endpoint = start(pool=1, env={"FAKE_STANDBY_WARMUP": "1"})
    client = endpoint.client()
    shell_id = client.open_shell()
    with concurrent.futures.ThreadPoolExecutor() as threads:
        commands = list(threads.map(
            lambda number: endpoint.client().run_command(shell_id, f"powershell echo {number}"), range(2)))
    assert sorted(client.get_command_output(shell_id, command)[0] for command in commands) == [b"0", b"1"]
    assert sorted(event["source"] for event in endpoint.events("process_start")) == ["cold", "pool"]


def test_dead_standby_is_replaced(start: Starter) -> None:
    """A host that died while it waited is not given a command."""
    endpoint = start(pool=1)
    os.killpg(endpoint.wait_for("standby_ready")[0]["pid"], signal.SIGKILL)
    assert run(endpoint.client(), "powershell echo x") == (b"x", b"", 0)


def test_broken_standby(start: Starter) -> None:
    """Hosts that cannot start are told of, and not started again and again."""
    endpoint = start(pool=1, env={"FAKE_STANDBY_BROKEN": "1"})
    endpoint.wait_for("standby_failed")
    _out, err, code = run(endpoint.client(), "powershell echo x")
    assert code == 1
    assert b"without running its command" in err
    assert len(endpoint.events("standby_failed")) == 1


@pytest.mark.parametrize("pool", [0, 1])
@pytest.mark.parametrize(("code", "expected"), [(0, 3221226505), (5, 5)])
def test_missing_sentinel(start: Starter, pool: int, code: int, expected: int) -> None:
    """A host that ends without having said that it ran everything never counts as success."""
    endpoint = start(pool=pool)
    if pool:
        endpoint.wait_for("standby_ready")
    out, err, reported = run(endpoint.client(), f"powershell crash {code}")
    assert (out, reported) == (b"half", expected)
    assert b"without running its command" in err
    assert endpoint.wait_for("process_exit")[0]["sentinel"] is False


# The access log


def test_access_log(start: Starter) -> None:
    """It tells the whole story of a command, and no secret."""
    endpoint = start()
    client = endpoint.client()
    run(client, "powershell args hidden-argument", stdin=b"hidden-input")
    with pytest.raises(exceptions.InvalidCredentialsError):
        endpoint.client(password="hidden-password").open_shell()
    endpoint.wait_for("connection_closed", 2)
    text = endpoint.access_log.read_text(encoding="utf-8")
    for secret in (PASSWORD, "hidden", json.dumps(PASSWORD)[1:-1], base64.b64encode(b"hidden-input").decode()):
        assert secret not in text
    story = [event["event"] if event["event"] != "wsman" else event["action"]
             for event in endpoint.events() if event.get("connection", 0) == 0]
    assert story[:3] == ["started", "connection_opened", "auth"]
    for step in ("Create", "process_start", "Command", "Send", "process_exit", "Receive", "Signal", "shell_deleted",
                 "Delete", "connection_closed"):
        assert step in story
    command = next(event for event in endpoint.events("process_start"))
    assert (command["kind"], command["source"]) == ("powershell", "cold")
    end = next(event for event in endpoint.events("process_exit"))
    assert (end["code"], end["sentinel"], end["command"]) == (0, True, command["command"])
    logons = [(event["ok"], event.get("user")) for event in endpoint.events("auth")]
    assert logons == [(True, USER), (False, None)]
    assert endpoint.access_log.stat().st_mode & 0o077 == 0


# Parts


@pytest.mark.parametrize(("line", "expected"), [
    ("", []),
    ("  a  b\tc ", ["a", "b", "c"]),
    (r'"C:\Program Files\x.exe" -a', [r"C:\Program Files\x.exe", "-a"]),
    (r'C:\dir\x.exe "a b" c', [r"C:\dir\x.exe", "a b", "c"]),
    (r'x a\\b "c\\" d', ["x", r"a\\b", "c\\", "d"]),
    (r'x \"a\" \\\"b', ["x", '"a"', '\\"b']),
    (r'x "a""b" ""', ["x", 'a"b', ""]),
    (r'x a"b c"d', ["x", "ab cd"]),
    ("x 'a b'", ["x", "'a", "b'"]),
    (r'x "a b\\\\" c', ["x", "a b\\\\", "c"]),
    ('x "open end', ["x", "open end"]),
    ("x é☃ \U0001f600", ["x", "é☃", "\U0001f600"]),
])
def test_split(line: str, expected: list[str]) -> None:
    """The rules of "Parsing C command-line arguments"."""
    assert translate.split(line) == expected


@pytest.mark.parametrize(("line", "kind"), [
    ("PowerShell -NoProfile", "powershell"), ("POWERSHELL.EXE", "powershell"), ("pwsh -c x", "powershell"),
    (r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe -File x", "powershell"),
    ('powershell -Command "a | b > c & d"', "powershell"),
    ("powershell -Command a | more", "other"), ("powershell a & b", "other"), ("powershell a ^& b", "powershell"),
    ("ipconfig /all", "other"), ("powershelly", "other"), ("", "other"), (r"echo powershell", "other"),
])
def test_kind(line: str, kind: str) -> None:
    """Which lines go to the PowerShell host."""
    assert translate.translate(line).kind == kind


@pytest.mark.parametrize(("text", "seconds"), [
    ("PT20S", 20), ("PT0.5S", 0.5), ("PT1H2M3S", 3723), ("P1DT1S", 86401), ("P1D", 86400), (" PT5S ", 5),
])
def test_durations(text: str, seconds: float) -> None:
    """xs:duration as far as WinRM clients use it."""
    assert wsman.parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "P", "PT", "20", "PT-5S", "PTS", "P1Y", "PT5S junk"])
def test_bad_durations(text: str) -> None:
    """Everything else is a fault."""
    with pytest.raises(wsmanfaults.WSManFault):
        wsman.parse_duration(text)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_sentinel_in_pieces(size: int) -> None:
    """However the stream is cut, the sentinel is found, and nothing else is lost."""
    text = (b"before\x1e not it\n\x1epshost-ran other 1\nerror\x1e" + b"x" * 300
            + b"\n\x1epshost-ran abc -5\nafter\x1eend")
    watch = streams.Sentinel("abc")
    out = b"".join(watch.feed(text[start:start + size]) for start in range(0, len(text), size)) + watch.finish()
    assert watch.exit_code == 4294967291
    assert out == text.replace(b"\x1epshost-ran abc -5\n", b"")


@pytest.mark.parametrize("size", [1, 5, 100])
@pytest.mark.parametrize(("text", "expected"), [
    (b"pshost-ready\nrest", b"rest"), (b"pshost-ready\n", b""), (b"pshost-rea", b"pshost-rea"),
    (b"pshost-reality", b"pshost-reality"), (b"output", b"output"), (b"", b""),
    (b"pshost-ready\npshost-ready\n", b"pshost-ready\n"),
])
def test_ready_line_in_pieces(text: bytes, expected: bytes, size: int) -> None:
    """The ready line is taken out once, at the beginning only."""
    watch = streams.ReadyLine()
    out = b"".join(watch.feed(text[start:start + size]) for start in range(0, len(text), size)) + watch.finish()
    assert out == expected


@pytest.mark.parametrize(("change", "message"), [
    ({"prefixx": "x"}, "prefixx"), ({"launcher": "vm"}, "launcher"), ({"password": "a:b"}, "password"),
    ({"user": ""}, "user"), ({"cert": "x"}, "cert, key"), ({"launcher": "wine"}, "prefix"), ({"pool": -1}, "pool"),
    ({"limits": {"x": 1}}, "unknown or missing"), ({"idle_timeout": 0}, "idle_timeout"),
    ({"http_port": None}, "http_port"),
])
def test_configuration_errors(change: dict[str, t.Any], message: str) -> None:
    """Each names its field."""
    good = {"host": "h", "user": "u", "password": "p", "access_log": "a", "state": "s", "launcher": "native"}
    assert endpoint_config.parse(good).limits.max_envelope == 512_000
    with pytest.raises(endpoint_config.ConfigError, match=message):
        endpoint_config.parse(good | change)


def test_configuration_must_be_private(tmp_path: pathlib.Path) -> None:
    """The file holds a password."""
    file = tmp_path / "endpoint.json"
    file.write_text("{}")
    file.chmod(0o644)
    answer = subprocess.run([sys.executable, "-m", "labkit.endpoint", "--config", str(file)], check=False,
                            env=os.environ | {"PYTHONPATH": str(LAB)}, capture_output=True, text=True)
    assert answer.returncode == 1
    assert "0600" in answer.stderr


def test_client_environment() -> None:
    """Variables that would reach Wine or the loader are not for clients."""
    reserved = {"WINEPREFIX": "/", "wineDebug": "x", "LD_PRELOAD": "x", "PATH": "x"}
    impossible = {"": "x", "B=C": "x", "D": "\0"}
    assert launcher.client_environment({"A": "1"} | reserved | impossible) == {"A": "1"}


# With Wine


wine = pytest.mark.skipif(
    not os.path.exists("/usr/lib/wine/wine64") or not (BUILD / "prefix" / "drive_c").is_dir(),
    reason="needs wine64 and the prefix template (make setup)")
pshost = pytest.mark.skipif(
    not (BUILD / "pshost" / "powershell.exe").exists(), reason="needs the PowerShell host (make setup)")


def _copy(source: str, target: str) -> None:
    """Link what is only read."""
    if "/drive_c/windows/" in source:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory, certificate: tuple[str, str]) -> t.Iterator[Endpoint]:
    """An endpoint on a Wine prefix of its own."""
    folder = tmp_path_factory.mktemp("windows")
    prefix = folder / "prefix"
    # Wine writes its registry and the users' folders; Windows' own files it only reads.
    shutil.copytree(
        BUILD / "prefix", prefix, symlinks=True,
        copy_function=_copy)
    host = prefix / "drive_c" / "pshost"
    if not host.exists() and not host.is_symlink():
        host.symlink_to(BUILD / "pshost")
    endpoint = Endpoint(
        folder, certificate, launcher="wine", prefix=str(prefix), powershell=r"C:\pshost\powershell.exe", workdir=None,
        pool=1)
    yield endpoint
    assert endpoint.close() == 0
    shutil.rmtree(prefix, ignore_errors=True)


def encoded(script: str) -> str:
    """A PowerShell command line as Ansible writes it."""
    return "PowerShell -NoProfile -NonInteractive -ExecutionPolicy Unrestricted -EncodedCommand " + \
        base64.b64encode(script.encode("utf-16-le")).decode()


@wine
@pytest.mark.parametrize(("line", "expected"), [
    ("echo hello", (b"hello\r\n", b"", 0)),
    ('echo "a b"', (b'"a b"\r\n', b"", 0)),
    ("exit 3", (b"", b"", 3)),
    ("echo oops>&2", (b"", b"oops\r\n", 0)),
    ("echo %COLOUR%&cd", (b"red\r\nC:\\users\\vagrant\r\n", b"", 0)),
    ('cd "C:\\Program Files" && cd', (b"C:\\Program Files\r\n", b"", 0)),
])
def test_cmd(windows: Endpoint, line: str, expected: tuple[bytes, bytes, int]) -> None:
    """Other lines run in cmd.exe."""
    assert run(windows.client(), line, env_vars={"COLOUR": "red"}) == expected


@wine
@pshost
def test_powershell(windows: Endpoint) -> None:
    """The lab's PowerShell host, warm and cold: output, stdin, exit code, environment."""
    windows.wait_for("standby_ready", timeout=60)
    client = windows.client()
    shell_id = client.open_shell(codepage=65001, env_vars={"COLOUR": "réd"})

    def command(script: str, stdin: bytes | None = None) -> tuple[bytes, bytes, int]:
        command_id = client.run_command(shell_id, encoded(script))
        if stdin is not None:
            client.send_command_input(shell_id, command_id, stdin, end=True)
        result = client.get_command_output(shell_id, command_id)
        client.cleanup_command(shell_id, command_id)
        return result

    out, err, code = command("$env:COLOUR; $PWD.Path; [Console]::Error.WriteLine('oops'); exit 7")
    assert (out.decode().lower().split(), err.split(), code) == (["réd", "c:\\users\\vagrant"], [b"oops"], 7)
    lengths = command("foreach ($line in $input) { $line.Length }", stdin=b"x" * 100_000 + b"\r\ny")
    assert lengths == (b"100000\r\n1\r\n", b"", 0)
    assert command("'a' * 300000")[0] == b"a" * 300_000 + b"\r\n"
    client.close_shell(shell_id)
    starts = [event["source"] for event in windows.events("process_start") if event["kind"] == "powershell"]
    assert starts[0] == "pool"
    assert all(event["sentinel"] for event in windows.events("process_exit") if event["kind"] == "powershell")


@wine
@pshost
def test_killed_powershell(windows: Endpoint) -> None:
    """A command that is terminated ends, and leaves the Wine session as it was."""
    client = windows.client()
    shell_id = client.open_shell()
    command_id = client.run_command(shell_id, encoded("'begin'; [Threading.Thread]::Sleep(60000)"))
    assert client.get_command_output_raw(shell_id, command_id)[0] == b"begin\r\n"
    exits = len(windows.events("process_exit"))
    client.cleanup_command(shell_id, command_id)
    windows.wait_for("process_exit", exits + 1, timeout=5)
    client.close_shell(shell_id)
    assert run(windows.client(), "echo still here")[0] == b"still here\r\n"
