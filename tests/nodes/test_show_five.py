"""Show 1 of the hotline: from an alert to an adopted joint statement, through the terminal, at three live nodes.

The Republic of Korea is cut off while the silence ends: the others wait for it, and say so. Afterwards the three logs
hold one story.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.nodes.paths import paths_between
from tests.nodes.roads import now
from tests.nodes.screen import message, stream
from tests.nodes.three import EVERYONE, LIVE, MEMBERS, Node, client, laurel, make_three, released_to, run_nodes, seen

from laurel.core.instrument import Role
from laurel.core.record import Precedence, Record, decode
from laurel.gateways.demo.find import find_scenario
from laurel.instruments.exercise.scenario import parse
from laurel.instruments.exercise.simulate import scans, solve
from laurel.node.doorstep import people
from laurel.node.keep.ledger import export

ROLES = (Role.WATCH_OFFICER, Role.PRINCIPAL, Role.RELEASE_AUTHORITY, Role.ADMINISTRATOR)
SCENARIO, RADAR = "2022-10-04-overflight", "NOTIONAL-OMINATO"
IN_FLIGHT = timedelta(seconds=240)
SILENCE = timedelta(seconds=20)
CONFIRMED = {
    (instrument["name"], verb["name"])
    for instrument in json.loads((files("laurel.cli") / "commands.json").read_text())
    for verb in instrument["verbs"]
    if verb["confirm"]
}

WARNING = "日本海上空に飛翔体を探知。発射警報を参照し、直ちに確認の上、応答願いたい。"
TEXT = {
    "en": "The members condemn the launch and share warning data without delay.",
    "ja": "加盟国は発射を非難し、警報情報を遅滞なく共有する。",
    "ko": "회원국은 발사를 규탄하고 경보 자료를 지체 없이 공유한다.",
}
EDITS = (
    ("en", "condemn the launch", "strongly condemn the launch"),
    ("ja", "発射を非難し", "発射を強く非難し"),
    ("ko", "발사를 규탄하고", "발사를 강력히 규탄하고"),
)


@dataclass(frozen=True)
class Capital:
    """One member's terminal: every word of the story goes through it."""

    node: Node
    token: Path

    @property
    def member(self) -> str:
        return self.node.member

    async def says(self, instrument: str, verb: str, **ask: Any) -> str:
        """The id of the record that it makes."""
        said = await laurel(*self._verb(instrument, verb, ask))
        return said["records"][0]

    async def is_refused(self, instrument: str, verb: str, **ask: Any) -> str:
        return await laurel(*self._verb(instrument, verb, ask), fails=True)

    async def sees(self, instrument: str, query: str, **ask: Any) -> Any:
        return await laurel(*self._verb(instrument, query, ask))

    async def until(self, holds: Callable[[Any], bool], instrument: str, query: str, **ask: Any) -> Any:
        """What it sees once that holds."""
        found: list[Any] = []

        async def looks() -> bool:
            found.append(await self.sees(instrument, query, **ask))
            return holds(found[-1])

        await seen(looks, f"{instrument} {query} at {self.member}")
        return found[-1]

    def _verb(self, instrument: str, verb: str, ask: Mapping[str, Any]) -> list[str | Path]:
        yes = ["--yes"] if (instrument, verb) in CONFIRMED else []
        written = msgspec.json.encode(ask).decode()
        door = ["--url", self.node.live.url, "--token", self.token, "--json"]
        return [instrument, verb, "--ask", written, *door, *yes]

    def records(self) -> dict[str, Record[Any]]:
        """What its log holds, by id, in its order."""
        exported = io.BytesIO()
        export(self.node.made.layout, LIVE, exported)
        payloads = [base64.b64decode(json.loads(line)["payload"]) for line in exported.getvalue().splitlines()[1:]]
        return {hashlib.sha256(one).hexdigest(): decode(one) for one in payloads}

    def story(self) -> set[str]:
        """Of what the hotline and the consultation said to all three."""
        return {
            name
            for name, one in self.records().items()
            if one.kind.startswith(("hotline.", "consult.")) and one.label.rel_to == MEMBERS
        }


async def in_flight(capital: Capital, folder: Path) -> str:
    """A notional radar of that member follows a missile; the alert that its node says."""
    scenario = parse(find_scenario(SCENARIO).read_bytes())
    radars = tuple(one for one in scenario.sensors["JPN"] if one.name == RADAR)
    scenario = replace(scenario, starts_at=now() - IN_FLIGHT, sensors={"JPN": radars})
    looks = [one for one in scans(scenario, solve(scenario), "JPN") if one.at <= now()]
    source, credential = folder / "scans.ndjson", folder / "radar.credential"
    source.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in looks))
    credential.write_text(people(capital.node.made.layout).credential(RADAR))
    await capital.says("warning", "register-sensor", **msgspec.to_builtins(radars[0]))
    await capital.says("warning", "release-tracks", release=released_to(*MEMBERS), reason="the standing release")
    world, url = LIVE.name, capital.node.live.url.rpartition("/")[0]
    await laurel("feed", source, "--to", url, "--world", world, "--credential", credential, "--json")
    alerts = (await capital.until(lambda seen: seen["alerts"], "warning", "alerts"))["alerts"]
    return alerts[-1]["id"]


def capital(node: Node, folder: Path) -> Capital:
    """That member's terminal, with a token in a file."""
    token = folder / f"{node.member}.token"
    token.write_text(node.token(*ROLES))
    return Capital(node, token)


def options(consultation: Any, option: str) -> list[Any]:
    """That option, as the page of a consultation shows it; none when it is not there."""
    return [one for one in consultation["options"] if one["id"] == option]


def of_japan(option: Any) -> list[Any]:
    """What forbids Japan its part in it."""
    return [one for one in option["forbidden"] if one["member"] == "JPN"]


def at(consultation: Any, text: str) -> Any:
    """One text of a consultation, as its page shows it; None when it is not there."""
    return next((one for one in consultation["texts"] if one["id"] == text), None)


def story_of(consultation: Any) -> Any:
    """What is the same for everybody, whatever the hour."""
    texts = [
        (
            *(text[name] for name in ("id", "state", "round", "text_hash", "versions", "waits_for", "stances")),
            sorted((vote["member"], vote["vote"], vote["record"]) for vote in text["votes"]),
            sorted((one["member"], one["what"], one["words"]) for one in text["remarks"]),
        )
        for text in sorted(consultation["texts"], key=lambda text: text["id"])
    ]
    same = {name: consultation[name] for name in ("options", "actions", "statement", "departed", "closed_by")}
    return {**same, "stage": consultation["row"]["stage"], "texts": texts}


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_an_alert_becomes_a_joint_statement_and_three_logs_tell_one_story(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        nodes = make_three(tmp_path, await stack.enter_async_context(client()))
        layouts = {member: node.made.layout for member, node in nodes.items()}
        ways = [
            await stack.enter_async_context(paths_between(layouts[other], layouts["KOR"])) for other in ("JPN", "USA")
        ]
        await stack.enter_async_context(run_nodes(*nodes.values()))
        jpn, kor, usa = everybody = [capital(nodes[member], tmp_path) for member in MEMBERS]

        # An alert, and a FLASH about it, which two offices acknowledge.
        alert = await in_flight(jpn, tmp_path)
        flash = await jpn.says(
            "hotline",
            "send",
            classification="SECRET",
            precedence=Precedence.FLASH,
            language="ja",
            text=WARNING,
            subject="飛翔体の探知",
            to=["KOR", "USA"],
            about=[alert],
        )
        for one, office in ((kor, "국가위기관리센터"), (usa, "National Military Command Center")):
            await one.until(lambda board: any(call["message"] == flash for call in board["calls"]), "hotline", "board")
            await one.says("hotline", "shown", messages=[flash])
            await one.says("hotline", "acknowledge", message=flash, office=office)
        read = await jpn.until(
            lambda seen: (
                {one["reached"] for one in seen["messages"][0]["reach"] if one["office"]} == {"acknowledged"}
                and len([one for one in seen["messages"][0]["reach"] if one["office"]]) == 2
            ),
            *("hotline", "conversation"),
            id=flash,
        )
        assert read["messages"][0]["text"] == WARNING

        # The consultation is filled in from the alert: no fact is typed again.
        ask = await jpn.sees("consult", "ready", record=alert, language="ja")
        assert [one["record"] for one in ask["sources"]] == [alert]
        assert ask["label"]["rel_to"] == list(MEMBERS)
        called = await jpn.says("consult", "request", **ask)
        for one, language, words in ((kor, "ko", "협의에 응한다."), (usa, "en", "We will consult.")):
            await one.until(lambda seen: seen["consultations"], "consult", "consultations")
            await one.says(
                "consult", "respond", consultation=called, office="Duty office", language=language, text=words
            )
        await jpn.until(
            lambda seen: all(one["text"] for one in seen["responses"] if one["member"] != "JPN"),
            *("consult", "consultation"),
            consultation=called,
        )
        await jpn.says("consult", "convene", consultation=called, convening=ask["convening"][0])
        await jpn.says("consult", "assess", consultation=called, language="ja", text="発射は挑発である。")

        # A caveat takes one option from one member, and is cited.
        for one in everybody:
            await one.says("consult", "declare-charter-caveats", label=EVERYONE)
        begins_at = now() + timedelta(days=1)
        strike = await usa.says(
            "consult",
            "offer-option",
            consultation=called,
            title="Answer with force",
            field="defensive",
            language="en",
            text="All members answer with force.",
            parts=[{"member": one, "activities": ["use-of-force"], "where": ["high-seas"]} for one in ("JPN", "USA")],
            begins_at=begins_at,
        )
        share = await usa.says(
            "consult",
            "offer-option",
            consultation=called,
            title="Say it together and share warning",
            field="diplomatic",
            language="en",
            text="One statement; warning data at once.",
            parts=[{"member": one, "activities": ["statement", "information-sharing"]} for one in MEMBERS],
            begins_at=begins_at,
        )
        for one in everybody:
            found = await one.until(
                lambda seen: any(of_japan(row) for row in options(seen, strike)) and options(seen, share),
                *("consult", "consultation"),
                consultation=called,
            )
            (forbidden,) = options(found, strike)
            assert "JPN" not in forbidden["available_to"]
            assert "article 9" in of_japan(forbidden)[0]["source"]
            assert options(found, share)[0]["available_to"] == list(MEMBERS)

        # A text is proposed and amended: it is broken, and what was thought of it is thought of nothing else.
        text = {"consultation": called, "purpose": "response", "options": [share], "least_s": 2}
        versions = [{"language": language, "text": words} for language, words in TEXT.items()]
        first = await usa.says(
            "consult", "propose-text", **text, versions=versions, deadline=now() + timedelta(minutes=10)
        )
        for one in (jpn, kor):
            await one.until(lambda seen: at(seen, first), "consult", "consultation", consultation=called)
            await one.says("consult", "shown-text", text=first, office="Duty office")
        await jpn.says(
            "consult", "take-stance", consultation=called, on=first, position="supports", language="ja", reason="賛成"
        )
        edits = [{"language": language, "old": old, "new": new} for language, old, new in EDITS]
        amendment = await kor.says(
            "consult", "amend", text=first, edits=edits, language="ko", reason="더 분명히 말해야 한다."
        )
        for one in everybody:
            found = await one.until(
                lambda seen: at(seen, first) and at(seen, first)["state"] == "broken" and at(seen, first)["stances"],
                *("consult", "consultation"),
                consultation=called,
            )

        # The next round ends while one member is cut off: the others wait for it, and for it alone.
        for way in ways:
            way.cut()
        deadline = now() + SILENCE
        second = await usa.says("consult", "take-up", amendment=amendment, deadline=deadline)
        await jpn.until(lambda seen: at(seen, second), "consult", "consultation", consultation=called)
        await jpn.says("consult", "shown-text", text=second, office="外務省 北東アジア課")
        for one in (jpn, usa):
            found = await one.until(
                lambda seen: at(seen, second)["state"] == "provisional" and at(seen, second)["waits_for"] == ["KOR"],
                *("consult", "consultation"),
                consultation=called,
            )
            assert at(found, second)["stances"] == []
            assert "provisional, waiting for KOR" in found["row"]["state"]
            door = one.node.live
            async with stream(door, **door.headers) as socket:
                (row,) = (await message(socket, "consultations"))["consultations"]["consultations"]
            assert "provisional, waiting for KOR" in row["state"]
            assert datetime.fromisoformat(at(found, second)["deadline"]) == deadline
        assert at(await kor.sees("consult", "consultation", consultation=called), second) is None

        # It is healed: the text comes, is read, and adopted with a reservation.
        for way in ways:
            way.mend()
        await kor.until(lambda seen: at(seen, second), "consult", "consultation", consultation=called)
        reservation = "이 문안은 국내법상 새로운 의무를 만들지 않는다."
        await kor.says("consult", "remark", text=second, what="reservation", language="ko", words=reservation)
        await kor.says("consult", "shown-text", text=second, office="외교부 북미국")
        for one in everybody:
            found = await one.until(
                lambda seen: at(seen, second)["state"] == "adopted", "consult", "consultation", consultation=called
            )
            assert [(row["member"], row["words"]) for row in at(found, second)["remarks"]] == [("KOR", reservation)]

        # What follows: commitments by office and date, and one statement of all.
        due_at = now() + timedelta(days=30)
        for one in everybody:
            words = f"{one.member} shares its warning data at once"
            await one.says(
                "consult", "act", consultation=called, office="Policy bureau", words=words, due_at=due_at, option=share
            )
            await one.says("consult", "issue-statement", consultation=called, text_hash=at(found, second)["text_hash"])
        promised = [
            (await one.until(lambda seen: len(seen["commitments"]) == 3, "dialogue", "commitments"))["commitments"]
            for one in everybody
        ]
        assert promised[0] == promised[1] == promised[2]
        assert {(row["member"], row["office"]) for row in promised[0]} == {(one, "Policy bureau") for one in MEMBERS}
        told = [
            await one.until(
                lambda seen: seen["statement"] and not seen["statement"]["missing"] and len(seen["actions"]) == 3,
                *("consult", "consultation"),
                consultation=called,
            )
            for one in everybody
        ]

        # Three logs, one story.
        async def settled() -> bool:
            return jpn.story() == kor.story() == usa.story()

        await seen(settled, "one story in three logs")
        assert {flash, called, strike, share, first, amendment, second} <= jpn.story()
        assert story_of(told[0]) == story_of(told[1]) == story_of(told[2])
        for one in everybody:
            await laurel("log", "verify", one.node.made.layout.folder)
