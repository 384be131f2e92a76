"""What became of the objects that a TAXII client added (4.3), kept for a day beside the world's database."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
from msgspec import Struct

from laurel.core.errors import BadField, Nothing
from laurel.gateways.taxii import Resource, stamp
from laurel.node.home.layout import PRIVATE_FILE, make_folder, write_file

KEPT_FOR = timedelta(days=1)
STATUS_ID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
INTERRUPTED = (
    "the node stopped before it could say what became of this; add it again: what was taken is not taken twice"
)


class Detail(Struct, frozen=True):
    """One object: which, and what came of it."""

    id: str
    version: str
    message: str


class Status(Struct, frozen=True):
    """All objects of one envelope. While `pending` are not none, the node is at work."""

    id: str
    author: str
    requested_at: datetime
    successes: tuple[Detail, ...] = ()
    failures: tuple[Detail, ...] = ()
    pending: tuple[Detail, ...] = ()

    @property
    def resource(self) -> Resource:
        """As the standard has it."""
        counts = {"success": self.successes, "failure": self.failures, "pending": self.pending}
        lists = {"successes": self.successes, "failures": self.failures, "pendings": self.pending}
        return {
            "id": self.id,
            "status": "pending" if self.pending else "complete",
            "request_timestamp": stamp(self.requested_at),
            "total_count": sum(map(len, counts.values())),
            **{f"{name}_count": len(of) for name, of in counts.items()},
            **{name: of for name, of in lists.items() if of},
        }


class Statuses:
    """A file for each, in a folder of the world. `running` are those that this process is at work on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.running: dict[str, Status] = {}

    def begin(self, author: str, pending: Sequence[Detail], now: datetime) -> Status:
        """A new one, written down. Raises CannotWrite, DiskFull."""
        begun = Status(str(UUID(bytes=secrets.token_bytes(16), version=4)), author, now, pending=tuple(pending))
        make_folder(self._folder)
        self._forget(now)
        self._write(begun)
        self.running[begun.id] = begun
        return begun

    def end(self, ended: Status) -> None:
        """It is complete. Raises CannotWrite, DiskFull."""
        try:
            self._write(ended)
        finally:
            # Not before: between the two it would look like one that another process left undone.
            self.running.pop(ended.id, None)

    def find(self, status_id: str, author: str) -> Status:
        """The one of that id which this author began. Raises BadField, Nothing."""
        if not STATUS_ID.fullmatch(status_id):
            raise BadField(field="status", value=status_id[:80], must_be="a UUID")
        found = self.running.get(status_id) or self._read(status_id)
        if found is None or found.author != author:
            raise Nothing(status=status_id)
        if found.pending and status_id not in self.running:
            failed = (msgspec.structs.replace(one, message=INTERRUPTED) for one in found.pending)
            return msgspec.structs.replace(found, pending=(), failures=(*found.failures, *failed))
        return found

    def _read(self, status_id: str) -> Status | None:
        try:
            return msgspec.json.decode((self._folder / f"{status_id}.json").read_bytes(), type=Status)
        except FileNotFoundError:
            return None

    def _write(self, status: Status) -> None:
        write_file(self._folder / f"{status.id}.json", msgspec.json.encode(status), PRIVATE_FILE)

    def _forget(self, now: datetime) -> None:
        for file in self._folder.glob("*.json"):
            # Another request may be forgetting the same ones.
            with suppress(FileNotFoundError):
                if file.stat().st_mtime < (now - KEPT_FOR).timestamp():
                    file.unlink()
