# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine's server of the remoting protocol writes, on its way to clients of psrp."""

from __future__ import annotations

import base64

from labkit.endpoint.psrp import Packets

_SHELL = "00000000-0000-0000-0000-000000000000"
_PIPELINE = "812caa18-8457-4d92-900b-340c8028a899"


def _data(guid: str, fragment: bytes) -> bytes:
    return f"<Data Stream='Default' PSGuid='{guid}'>{base64.b64encode(fragment).decode()}</Data>\n".encode()


def test_fragments_keep_their_order_and_stay_whole() -> None:
    """However the pipe cuts them; each pipeline has its own, and an answer holds what fits, but at least one."""
    packets = Packets()
    said = _data(_PIPELINE, b"one") + _data(_SHELL, b"state") + _data(_PIPELINE.upper(), b"two")
    said += _data(_PIPELINE, b"3")
    for at in range(0, len(said), 7):
        packets.put("stdout", said[at:at + 7])
    assert packets.await_fragments(_PIPELINE, 0)
    assert [packets.fragments(_PIPELINE, limit) for limit in (1, 5, 5)] == [b"one", b"two3", b""]
    assert packets.fragments(_SHELL, 100) == b"state"


def test_an_acknowledgement_counts_once_and_only_where_it_belongs() -> None:
    packets = Packets()
    packets.put("stdout", f"<DataAck PSGuid='{_PIPELINE}' />\r\n".encode())
    assert not packets.await_ack("DataAck", _SHELL, 0) and not packets.await_ack("CloseAck", _PIPELINE, 0)
    assert packets.await_ack("DataAck", _PIPELINE, 0) and not packets.await_ack("DataAck", _PIPELINE, 0)


def test_the_end_of_the_server_ends_every_wait() -> None:
    """Without a time-out, what it had said before can still be fetched."""
    packets = Packets()
    packets.put("stdout", b"pshost-serving\n" + _data(_PIPELINE, b"last"))
    packets.finish(1)
    assert packets.serving and packets.over
    assert packets.await_fragments(_PIPELINE, 60) and packets.fragments(_PIPELINE, 100) == b"last"
    assert not packets.await_fragments(_PIPELINE, 60) and not packets.await_ack("DataAck", _SHELL, 60)
