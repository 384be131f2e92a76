"""A port of ours, or the clear word that it is not."""

from __future__ import annotations

import socket

from laurel.core.errors import Broken


class PortInUse(Broken):
    """Two programs cannot answer at one port."""

    says = "the port is taken by another program"
    remedy = "stop that program, or set another http_port in node.toml"


def listen(host: str, port: int) -> socket.socket:
    """A socket bound there. Raises PortInUse."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # By its protocol asyncio knows that what is said here must not wait for more to say (TCP_NODELAY).
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise PortInUse(host=host, port=port, why=error.strerror) from None
    return listening
