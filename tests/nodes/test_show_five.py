"""Show 1 of the hotline: from an alert to an adopted joint statement, through the terminal, at three live nodes.

The Republic of Korea is cut off while the silence ends: the others wait for it, and say so. Afterwards the three logs
hold one story.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.nodes.capital import Capital, capital
from tests.nodes.paths import Paths, paths_between
from tests.nodes.roads import now
from tests.nodes.screen import message, stream
from tests.nodes.three import EVERYONE, LIVE, MEMBERS, client, laurel, make_three, released_to, run_nodes, seen

from laurel.core.record import Precedence
from laurel.gateways.demo.find import find_scenario
from laurel.instruments.exercise.scenario import parse
from laurel.instruments.exercise.simulate import scans, solve
from laurel.node.doorstep import people

SCENARIO, RADAR = "2022-10-04-overflight", "NOTIONAL-OMINATO"
IN_FLIGHT = timedelta(seconds=240)
SILENCE = timedelta(seconds=20)

WARNING = "日本海上空に飛翔体を探知。発射警報を参照し、直ちに確認の上、応答願いたい。"
TEXT = {
    "en": "The members condemn the launch and share warning data without delay.",
    "ja": "加盟国は発射を非難し、警報情報を遅滞なく共有する。",
    "ko": "회원국은 발사를 규탄하고 경보 정보를 지체 없이 공유한다.",
}
RESERVATION = "이 문안은 국내법상 새로운 의무를 만들지 않는다."
EDITS = (
    ("en", "condemn the launch", "strongly condemn the launch"),
    ("ja", "発射を非難し", "発射を強く非難し"),
    ("ko", "발사를 규탄하고", "발사를 강력히 규탄하고"),
)


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


def acknowledged(conversation: Any) -> dict[str, str]:
    """By which office each member acknowledged the first message."""
    reach = conversation["messages"][0]["reach"]
    return {one["member"]: one["office"] for one in reach if one["reached"] == "acknowledged"}


def option(consultation: Any, called: str) -> Any:
    """That option, as the page of a consultation shows it; nothing when it is not there."""
    return next((one for one in consultation["options"] if one["id"] == called), dict[str, Any]())


def forbidden(consultation: Any, called: str) -> list[Any]:
    """What forbids Japan its part in that option."""
    return [one for one in option(consultation, called).get("forbidden", ()) if one["member"] == "JPN"]


def text(consultation: Any, called: str) -> Any:
    """That text, as the page of a consultation shows it; nothing when it is not there."""
    return next((one for one in consultation["texts"] if one["id"] == called), dict[str, Any]())


def waits(text: Any) -> bool:
    """Whether its deadline has passed, and Korea's word alone is not here."""
    return (text["state"], text["waits_for"]) == ("provisional", ["KOR"])


def followed_up(consultation: Any) -> bool:
    """Whether every member has acted, and has said the statement."""
    statement = consultation["statement"]
    return len(consultation["actions"]) == len(MEMBERS) and bool(statement) and not statement["missing"]


def verdicts(consultation: Any) -> dict[str, Any]:
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


@dataclass
class Story:
    """The three capitals, the ways to and from Korea, and the records that the story is about."""

    three: Sequence[Capital]
    ways: Sequence[Paths]
    consultation: str = ""

    async def shows(self, one: Capital, holds: Callable[[Any], Any]) -> Any:
        """The consultation as that capital sees it, once that holds."""
        return await one.until(holds, "consult", "consultation", consultation=self.consultation)

    async def warn(self, alert: str) -> str:
        """A FLASH in Japanese about an alert, acknowledged by two offices."""
        jpn, kor, usa = self.three
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
            await one.until(lambda seen: any(call["message"] == flash for call in seen["calls"]), "hotline", "board")
            await one.says("hotline", "shown", messages=[flash])
            await one.says("hotline", "acknowledge", message=flash, office=office)
        read = await jpn.until(lambda seen: len(acknowledged(seen)) == 2, "hotline", "conversation", id=flash)
        assert acknowledged(read) == {"KOR": "국가위기관리센터", "USA": "National Military Command Center"}
        assert read["messages"][0]["text"] == WARNING
        return flash

    async def request(self, alert: str) -> None:
        """A consultation, filled in from the alert: no fact is typed again."""
        jpn, kor, usa = self.three
        ask = await jpn.sees("consult", "ready", records=[alert], language="ja")
        assert [one["record"] for one in ask["sources"]] == [alert]
        assert ask["label"]["rel_to"] == list(MEMBERS)
        self.consultation = await jpn.says("consult", "request", **ask)
        own = {"consultation": self.consultation}
        for one, language, words in ((kor, "ko", "협의에 응한다."), (usa, "en", "We will consult.")):
            await one.until(lambda seen: seen["consultations"], "consult", "consultations")
            await one.says("consult", "respond", **own, office="Duty office", language=language, text=words)
        await self.shows(jpn, lambda seen: all(one["text"] for one in seen["responses"] if one["member"] != "JPN"))
        await jpn.says("consult", "convene", **own, convening=ask["convening"][0])
        await jpn.says("consult", "assess", **own, language="ja", text="発射は挑発である。")

    async def offer(self) -> tuple[str, str]:
        """Two options: a caveat takes one of them from one member, and is cited."""
        usa = self.three[2]
        for one in self.three:
            await one.says("consult", "declare-charter-caveats", label=EVERYONE)
        offered = {"consultation": self.consultation, "language": "en", "begins_at": now() + timedelta(days=1)}
        abroad = {"member": "JPN", "activities": ["deployment"], "where": ["KOR"]}
        rear = [{"member": one, "activities": ["logistical-support"]} for one in ("KOR", "USA")]
        told = [{"member": one, "activities": ["statement", "information-sharing"]} for one in MEMBERS]
        deploy = await usa.says(
            *("consult", "offer-option"),
            **offered,
            title="Deploy together",
            field="defensive",
            text="Forces of Japan in the Republic of Korea.",
            parts=[abroad, *rear],
        )
        share = await usa.says(
            *("consult", "offer-option"),
            **offered,
            title="Say it together",
            field="diplomatic",
            text="One statement, and warning data at once.",
            parts=told,
        )
        for one in self.three:
            found = await self.shows(one, lambda seen: forbidden(seen, deploy) and option(seen, share))
            assert option(found, deploy)["available_to"] == ["KOR", "USA"]
            assert any("article 9" in why["source"] for why in forbidden(found, deploy))
            assert option(found, share)["available_to"] == list(MEMBERS)
        return deploy, share

    async def amend(self, share: str) -> tuple[str, str]:
        """A text and an amendment: the text is broken, whatever anybody thought of it."""
        jpn, kor, usa = self.three
        first = await usa.says(
            *("consult", "propose-text"),
            consultation=self.consultation,
            purpose="response",
            options=[share],
            versions=[{"language": language, "text": words} for language, words in TEXT.items()],
            deadline=now() + timedelta(minutes=10),
            least_s=2,
        )
        for one in (jpn, kor):
            await self.shows(one, lambda seen: text(seen, first))
            await one.says("consult", "shown-text", text=first, office="Duty office")
        stance = {"consultation": self.consultation, "on": first, "position": "supports"}
        await jpn.says("consult", "take-stance", **stance, language="ja", reason="賛成する。")
        edits = [{"language": language, "old": old, "new": new} for language, old, new in EDITS]
        why = {"language": "ko", "reason": "더 분명히 말해야 한다."}
        amendment = await kor.says("consult", "amend", text=first, edits=edits, **why)
        for one in self.three:
            found = await self.shows(one, lambda seen: text(seen, first).get("state") == "broken")
            assert text(found, first)["waits_for"] == []
        return first, amendment

    async def wait_for_one(self, amendment: str) -> str:
        """The next round ends while Korea is cut off: the others wait for it, and for it alone."""
        jpn, kor, usa = self.three
        for way in self.ways:
            way.cut()
        second = await usa.says("consult", "take-up", amendment=amendment, deadline=now() + SILENCE)
        await self.shows(jpn, lambda seen: text(seen, second))
        await jpn.says("consult", "shown-text", text=second, office="外務省 北東アジア第一課")
        for one in (jpn, usa):
            found = await self.shows(one, lambda seen: waits(text(seen, second)))
            # What somebody thought of the text before is thought of this one by nobody.
            assert text(found, second)["stances"] == []
            assert text(found, second)["versions"][0]["text"].startswith("The members strongly condemn")
            assert "provisional, waiting for KOR" in found["row"]["state"]
            async with stream(one.node.live, **one.node.live.headers) as socket:
                (row,) = (await message(socket, "consultations"))["consultations"]["consultations"]
            assert "provisional, waiting for KOR" in row["state"]
        cut_off = await kor.sees("consult", "consultation", consultation=self.consultation)
        assert text(cut_off, second) == {}
        return second

    async def adopt(self, second: str) -> str:
        """The paths are healed: the text comes, is read, and is adopted with a reservation. The text's hash."""
        kor = self.three[1]
        for way in self.ways:
            way.mend()
        await self.shows(kor, lambda seen: text(seen, second))
        reserved = {"what": "reservation", "language": "ko", "words": RESERVATION}
        await kor.says("consult", "remark", text=second, **reserved)
        await kor.says("consult", "shown-text", text=second, office="외교부 북미국")
        hashes: set[str] = set()
        for one in self.three:
            found = text(await self.shows(one, lambda seen: text(seen, second).get("state") == "adopted"), second)
            assert [(row["member"], row["words"]) for row in found["remarks"]] == [("KOR", RESERVATION)]
            hashes.add(found["text_hash"])
        (text_hash,) = hashes
        return text_hash

    async def follow_up(self, share: str, text_hash: str) -> list[Any]:
        """Each member acts, and says the statement: commitments by office and date. What each sees in the end."""
        own, due_at = {"consultation": self.consultation}, now() + timedelta(days=30)
        for one in self.three:
            act = {"office": "Policy bureau", "words": f"{one.member} shares its warning data", "due_at": due_at}
            await one.says("consult", "act", **own, **act, option=share)
            await one.says("consult", "issue-statement", **own, text_hash=text_hash)
        promised = [
            (await one.until(lambda seen: len(seen["commitments"]) == 3, "dialogue", "commitments"))["commitments"]
            for one in self.three
        ]
        assert promised[0] == promised[1] == promised[2]
        assert {(row["member"], row["office"]) for row in promised[0]} == {(one, "Policy bureau") for one in MEMBERS}
        return [await self.shows(one, followed_up) for one in self.three]


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_an_alert_becomes_a_joint_statement_and_three_logs_tell_one_story(tmp_path: Path) -> None:
    async with client() as to, AsyncExitStack() as stack:
        nodes = make_three(tmp_path, to)
        layouts = {member: node.made.layout for member, node in nodes.items()}
        pairs = [(layouts[other], layouts["KOR"]) for other in ("JPN", "USA")]
        ways = [await stack.enter_async_context(paths_between(*pair)) for pair in pairs]
        await stack.enter_async_context(run_nodes(*nodes.values()))
        story = Story([capital(nodes[member], tmp_path) for member in MEMBERS], ways)

        alert = await in_flight(story.three[0], tmp_path)
        flash = await story.warn(alert)
        await story.request(alert)
        deploy, share = await story.offer()
        first, amendment = await story.amend(share)
        second = await story.wait_for_one(amendment)
        text_hash = await story.adopt(second)
        told = await story.follow_up(share, text_hash)

        jpn, kor, usa = story.three

        async def settled() -> bool:
            return jpn.story("hotline", "consult") == kor.story("hotline", "consult") == usa.story("hotline", "consult")

        await seen(settled, "one story in three logs")
        assert {flash, story.consultation, deploy, share, first, amendment, second} <= jpn.story("hotline", "consult")
        assert verdicts(told[0]) == verdicts(told[1]) == verdicts(told[2])
        assert verdicts(told[0])["stage"] == "followed-up"
        for one in story.three:
            await laurel("log", "verify", one.node.made.layout.folder)
