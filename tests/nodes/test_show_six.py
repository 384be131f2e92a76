"""Show 1 of the promise in first form: a report, an intrusion and a shortage become one consultation and its promises.

Told through the terminal at three live nodes: what was agreed stands on the agenda of the foreign ministers, and the
office that changes hands hands it on.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.nodes.capital import ROLES, Capital, capital
from tests.nodes.roads import now
from tests.nodes.three import EVERYONE, MEMBERS, client, laurel, make_three, run_nodes, seen

from laurel.node.doorstep import people

RESTRICTED = {"classification": "RESTRICTED", "rel_to": list(MEMBERS), "caveats": []}
FIRM = "Kestrelwick Quartzworks"
OFFICES = {
    "JPN": "外務省 北東アジア第一課",
    "KOR": "외교부 북미국",
    "USA": "Office of Northeast Asian Affairs",
}
ARTICLE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Cable cut off the western islands</title>
<meta property="og:site_name" content="Example Gazette (test data)"></head><body><article>
<h1>Cable cut off the western islands</h1>
<p>An undersea cable between two islands stopped carrying traffic on Tuesday night, its operator said. This is a text
that was written for a test: no such cable, operator or newspaper exists. A repair ship is expected within the week,
and offices on both islands went back to radio links for the time being, which carry a tenth of the traffic.</p>
<p>Fishermen had reported a vessel that crossed the cable's route several times with its transponder switched off. The
coast guard has asked whoever saw it to come forward, and has told ships to keep one nautical mile away.</p>
</article></body></html>
"""
TEXT = {
    "en": "The members protect their cables, share what they see, and lend each other quartz.",
    "ja": "加盟国は海底ケーブルを守り、見たものを共有し、石英を融通し合う。",
    "ko": "회원국은 해저 케이블을 보호하고, 본 것을 공유하며, 석영을 서로 융통한다.",
}
INDICATOR = "indicator--6f1c2d3e-4a5b-4c6d-8e7f-901234567890"


def identity(member: str) -> str:
    return f"identity--00000000-0000-4000-8000-{ord(member[0]):012x}"


def bundle(*objects: dict[str, Any]) -> str:
    """A STIX bundle, as any tool writes it."""
    return json.dumps({"type": "bundle", "id": "bundle--11111111-2222-4333-8444-555555555555", "objects": [*objects]})


def stix(called: str, member: str, at: datetime, **said: Any) -> dict[str, Any]:
    text = f"{at:%Y-%m-%dT%H:%M:%S}.000Z"
    common = {"type": called.partition("--")[0], "spec_version": "2.1", "id": called, "created": text, "modified": text}
    return {**common, "created_by_ref": identity(member), **said}


@dataclass
class Story:
    """The three capitals, and what one of them requested."""

    three: Sequence[Capital]
    folder: Path
    consultation: str = ""

    async def report(self) -> str:
        """A saved article becomes a graded source, and that an incident, which each member assesses for itself."""
        jpn, kor, usa = self.three
        article = self.folder / "article.html"
        article.write_text(ARTICLE)
        filed = await laurel(
            *("region", "read-article", article, "--url", jpn.url, "--token", jpn.token, "--json"),
            *("--file", "--grade", "B2", "--label", "RESTRICTED//REL TO USA, JPN, KOR"),
        )
        report = filed["report"]
        at = now() - timedelta(hours=9)
        incident = await jpn.says(
            "region",
            "report-incident",
            label=RESTRICTED,
            incident={
                "type": "maritime",
                "title": "西方諸島沖で海底ケーブルが切断",
                "language": "ja",
                "text": "西方諸島沖の海底ケーブルが不通となった。",
                "when": {"begins_at": at, "ends_at": at + timedelta(hours=2)},
                "reports": [report],
            },
        )
        for one, severity, text in ((kor, "minor", "경미하다."), (usa, "serious", "It may be deliberate.")):
            await one.until(lambda seen: seen["incidents"], "region", "incidents")
            await one.says(
                *("region", "assess-incident"),
                incident=incident,
                severity=severity,
                confidence="moderate",
                language="ko" if one is kor else "en",
                text=text,
                label=RESTRICTED,
            )
        for one in self.three:
            found = await one.until(lambda seen: len(seen["assessments"]) == 2, "region", "incident", incident=incident)
            assert {(each["member"], each["severity"]) for each in found["assessments"]} == {
                ("KOR", "minor"),
                ("USA", "serious"),
            }
        return incident

    async def see(self) -> str:
        """An indicator is told by one, and seen in two countries: the event's subject on the docket."""
        jpn, kor, usa = self.three
        at = now() - timedelta(days=1)
        pattern = {
            "pattern": "[domain-name:value = 'quartz.example']",
            "pattern_type": "stix",
            "valid_from": f"{at:%FT%TZ}",
        }
        told = (
            (usa, bundle(stix(INDICATOR, "USA", at, name="A host that asks for quartz", **pattern))),
            (jpn, self.sighting("JPN", "sighting--00000000-0000-4000-8000-00000000aaaa")),
            (kor, self.sighting("KOR", "sighting--00000000-0000-4000-8000-00000000bbbb")),
        )
        for one, text in told:
            file = self.folder / f"{one.member}.json"
            file.write_text(text)
            shared = await laurel(
                *("cyber", "share-bundle", file, "--to", ",".join(MEMBERS), "--classification", "RESTRICTED"),
                *("--tlp", "TLP:AMBER", "--url", one.url, "--token", one.token, "--json"),
            )
            assert len(shared["records"]) >= 1
        subjects: set[str] = set()
        for one in self.three:
            (event,) = (await one.until(lambda seen: seen["events"], "cyber", "events"))["events"]
            assert event["members"] == ["JPN", "KOR"]
            subjects.add(event["subject"])
        (subject,) = subjects
        return subject

    def sighting(self, member: str, called: str) -> str:
        at = now() - timedelta(hours=1)
        return bundle(stix(called, member, at, sighting_of_ref=INDICATOR, count=3))

    async def run_short(self) -> str:
        """A supply notice, whose firms stay at home."""
        kor = self.three[1]
        notice = await kor.says(
            "supply",
            "file-notice",
            reference="quartz-1",
            title="고순도 석영 공급 중단",
            language="ko",
            summary="고순도 석영의 공급이 절반으로 줄어든다.",
            cause="홍수",
            begins_at=now(),
            sectors=["semiconductors"],
            inputs=["High-purity quartz"],
            help_wanted="석영 20톤",
            office=OFFICES["KOR"],
            label=RESTRICTED,
            meeting=True,
            least_days=30,
            most_days=90,
            firms=[{"name": FIRM, "country": "KOR", "text": "The only mine."}],
        )
        for one in self.three:
            (row,) = (await one.until(lambda seen: seen["notices"], "supply", "notices"))["notices"]
            assert (row["id"], row["meeting"]) == (notice, "waits")
            assert [firm["name"] for firm in row["firms"]] == ([FIRM] if one is kor else [])
        return notice

    async def consult(self, *items: str) -> None:
        """One consultation about all three, filled in from the docket, and a text that all adopt."""
        jpn, kor, usa = self.three
        ask = await usa.sees("consult", "ready", items=list(items), language="en")
        assert {one["kind"].partition(".")[0] for one in ask["sources"]} == {"region", "cyber", "supply"}
        assert ask["label"]["rel_to"] == list(MEMBERS)
        self.consultation = await usa.says("consult", "request", **ask)
        own = {"consultation": self.consultation}
        for one, language, words in ((jpn, "ja", "協議に応じる。"), (kor, "ko", "협의에 응한다.")):
            await one.until(lambda seen: seen["consultations"], "consult", "consultations")
            await one.says("consult", "respond", **own, office=OFFICES[one.member], language=language, text=words)
        text = await usa.says(
            *("consult", "propose-text"),
            **own,
            purpose="response",
            versions=[{"language": language, "text": words} for language, words in TEXT.items()],
            deadline=now() + timedelta(seconds=20),
            least_s=1,
        )
        for one in self.three:
            await one.until(
                lambda seen: any(row["id"] == text for row in seen["texts"]), "consult", "consultation", **own
            )
            if one is not usa:
                await one.says("consult", "shown-text", text=text, office=OFFICES[one.member])
        for one in self.three:
            await one.until(
                lambda seen: [row["state"] for row in seen["texts"]] == ["adopted"], "consult", "consultation", **own
            )

    async def promise(self) -> dict[str, str]:
        """Each member's office promises its part, by a date. The commitments by member."""
        promised: dict[str, str] = {}
        for one in self.three:
            office = OFFICES[one.member]
            await one.says("dialogue", "open-office", office=office, label=EVERYONE)
            act = {"office": office, "words": f"{one.member} does its part", "due_at": now() + timedelta(days=40)}
            promised[one.member] = await one.says("consult", "act", consultation=self.consultation, **act)
        for one in self.three:
            seen_here = await one.until(
                lambda seen: self.named(seen) >= set(promised.values()), "dialogue", "commitments"
            )
            rows = {row["id"]: row for row in seen_here["commitments"]}
            for member, called in promised.items():
                assert (rows[called]["member"], rows[called]["office"]) == (member, OFFICES[member])
                assert rows[called]["due_at"] is not None
        return promised

    def named(self, commitments: Any) -> set[str]:
        return {row["id"] for row in commitments["commitments"]}

    async def meet(self, promised: dict[str, str], open_still: set[str]) -> str:
        """The next meeting of the foreign ministers has them on its agenda, at every node."""
        jpn = self.three[0]
        await jpn.says("dialogue", "declare-charter", label=EVERYONE)
        ready = await jpn.sees("dialogue", "ready-meeting", series="foreign-ministers")
        meeting = await jpn.says("dialogue", "convene", **{**ready, "place": "Tokyo", "time_zone": "Asia/Tokyo"})
        draft = await jpn.sees("dialogue", "ready-agenda", meeting=meeting)
        on_it = {record for item in draft["items"] for record in item["records"]}
        assert set(promised.values()) <= on_it
        # What is open still is on it as well; the consultation is followed up, and is named by what came of it.
        assert open_still <= on_it
        await jpn.says("dialogue", "set-agenda", **draft["ask"])
        for one in self.three:
            whole = await one.until(
                lambda seen: bool(seen) and seen["agenda"] is not None, "dialogue", "meeting", meeting=meeting
            )
            assert set(promised.values()) <= {record for item in whole["agenda"]["items"] for record in item["records"]}
        return meeting

    async def hand_over(self, promised: dict[str, str]) -> None:
        """The holder of one office changes: the dossier lists what it promised, and both sign for exactly that."""
        kor = self.three[1]
        office = OFFICES["KOR"]
        home = {"classification": "RESTRICTED", "rel_to": ["KOR"], "caveats": []}
        await kor.says("dialogue", "hold-office", office=office, label=home, holder="Officer A")
        dossier = await kor.sees("dialogue", "dossier", office=office)
        (listed,) = [row for row in dossier["dossier"]["commitments"] if row["id"] == promised["KOR"]]
        assert (listed["office"], listed["words"]) == (office, "KOR does its part")
        token = self.folder / "coming.token"
        token.write_text(people(kor.node.made.layout).program("coming", ROLES))
        for one, part, holder in ((kor, "leaving", "Officer A"), (replace(kor, token=token), "coming", "Officer B")):
            sign = {"office": office, "part": part, "holder": holder, "sha256": dossier["sha256"]}
            await one.says("dialogue", "sign-dossier", **sign)
        await kor.says("dialogue", "hold-office", office=office, label=home, holder="Officer B")
        signed = await kor.sees("dialogue", "dossier", office=office, sha256=dossier["sha256"])
        assert [(one["part"], one["holder"]) for one in signed["signatures"]] == [
            ("leaving", "Officer A"),
            ("coming", "Officer B"),
        ]
        # The promise is the office's: whoever holds it.
        held = await kor.sees("dialogue", "commitments", member="KOR", office=office)
        assert self.named(held) == {promised["KOR"]}


def bytes_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_a_report_an_intrusion_and_a_shortage_become_promises_that_outlast_who_made_them(tmp_path: Path) -> None:
    async with client() as to:
        nodes = make_three(tmp_path, to)
        async with run_nodes(*nodes.values()):
            story = Story([capital(nodes[member], tmp_path) for member in MEMBERS], tmp_path)
            incident = await story.report()
            event = await story.see()
            notice = await story.run_short()
            await story.consult(incident, event, notice)
            promised = await story.promise()
            await story.meet(promised, {incident, notice})
            await story.hand_over(promised)

            async def settled() -> bool:
                first, second, third = (
                    one.story("region", "cyber", "supply", "consult", "dialogue") for one in story.three
                )
                return first == second == third

            await seen(settled, "one story in three logs")
            for one in story.three:
                await laurel("log", "verify", one.node.made.layout.folder)
        # The firm is at home alone: on no other disk, not even sealed in what was on its way.
        canary = FIRM.encode()
        assert canary in bytes_of(nodes["KOR"].made.layout.folder)
        assert canary not in bytes_of(nodes["JPN"].made.layout.folder)
        assert canary not in bytes_of(nodes["USA"].made.layout.folder)
