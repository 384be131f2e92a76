"""What the audit room shows: real pages of a real chain, of lines that are made up. In `lost` somebody wrote in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection
from tests.browser.docket import CONSULTATION, CONVERSATION
from tests.browser.talk import MINE

from laurel.api.audit import ID_LETTERS, RecordStory, WantedPage
from laurel.core.errors import NotPermitted
from laurel.node.keep import audit_pages, schema
from laurel.node.keep.audit import Line, encoded, link
from laurel.node.keep.inquiry import full_id
from laurel.node.keep.story import story

DENIED, BROKEN = "raid", "lost"
ABE, HILL = "officer:abe", "officer:hill"
KINDS = {
    MINE: "hotline.message.v1",
    CONVERSATION: "hotline.message.v1",
    CONSULTATION: "consult.requested.v1",
}
HOSTILE = "<img src=x onerror=alert(1)>"
DIGEST = "5e" * 32

# minutes ago, decision, member, author, record, policy, why
LATELY = (
    (55, "signed-in", "", ABE, "", "passkey", ""),
    (54, "stream-opened", "", ABE, "", "stream", ""),
    (48, "admitted", "KOR", "", CONVERSATION, "", ""),
    (47, "saw", "", ABE, "", "hotline/conversation", "as of position 214"),
    (41, "release", "KOR", "", MINE, "rel-to", ""),
    (41, "withheld", "USA", "", MINE, "rel-to", "USA is not in REL TO"),
    (36, "duplicate", "KOR", "", CONVERSATION, "", ""),
    (29, "asked-refused", "JPN", ABE, "", "warning/issue-public-alert", "this author may not do that"),
    (21, "release", "USA", "", CONSULTATION, "rel-to", ""),
    (17, "held", "KOR", "", "7d" * 32, "", "number 412 is missing"),
    (12, "refused", "KOR", "", "8e" * 32, "", "the signature does not hold"),
    (8, "sign-in-refused", "", HOSTILE, "", "password", "<b>not bold</b>"),
    (5, "fork", "KOR", "", "9f" * 32, "", "number 414 was another record before"),
    (2, "exported", "", HILL, "", "audit/export", ""),
)


def answer(scene: str, name: str, given: Mapping[str, str]) -> Struct | None:
    """What an auditor is answered; None when that is not asked of an audit. Raises NotPermitted in `raid`."""
    if scene == DENIED:
        raise NotPermitted(author=ABE, needs="auditor")
    held = _written(scene)
    match name.split("/"):
        case [""]:
            wanted = msgspec.convert(dict(given), WantedPage, strict=False)
            page = audit_pages.page(held, wanted, None, wanted.until)
            return msgspec.structs.replace(page, kinds=KINDS)
        case ["stand"]:
            return audit_pages.stand(held)
        case ["hours"]:
            return audit_pages.hours(held, datetime.now(UTC))
        case ["check"]:
            return audit_pages.check(held, int(given["after"]), given["chain"])
        case ["record", record]:
            whole = record if len(record) == ID_LETTERS else full_id(held, record)
            return RecordStory(whole, tuple(story(held, whole)))
        case _:
            return None


@cache
def _written(scene: str) -> Connection:
    """Where its lines stand, each chained to the one before."""
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False})
    schema.metadata.create_all(engine)
    held, chain = engine.connect(), ""
    for line in _lines(datetime.now(UTC)):
        chain = link(chain, encoded(line))
        held.execute(sa.insert(schema.audit), {**msgspec.structs.asdict(line), "chain": chain})
    if scene == BROKEN:
        held.execute(sa.update(schema.audit).where(schema.audit.c.line == 40).values(policy="other"))
    return held


def _lines(now: datetime) -> Iterator[Line]:
    """A day of what went out, hour by hour, and the last hour in full."""
    day = ((60 * hours + 3 * n, *_sent(hours, n)) for hours in range(23, 0, -1) for n in range(hours * 7 % 5, -1, -1))
    for number, (ago_min, decision, member, author, record, policy, why) in enumerate((*day, *LATELY), 1):
        at = (now - timedelta(minutes=ago_min)).isoformat()
        yield Line(number, at, decision, member, author, record, policy, DIGEST, why)


def _sent(hours: int, n: int) -> tuple[str, str, str, str, str, str]:
    member = ("KOR", "USA")[n % 2]
    decision, why = ("withheld", f"{member} is not in REL TO") if hours % 4 == n else ("release", "")
    return decision, member, "", f"{hours:02x}{n:02x}" * 16, "rel-to", why
