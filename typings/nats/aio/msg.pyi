"""What Laurel uses of nats-py, typed; the package leaves much of it unknown."""

class Msg:
    subject: str
    reply: str
    data: bytes
    headers: dict[str, str] | None

    async def ack(self) -> None: ...
    async def nak(self, delay: float | None = None) -> None: ...
