"""A meeting as a page to print: its agenda, its minutes in each language, what was agreed and what is open still."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from laurel.core.label import Label, join
from laurel.gateways.dossier_page import cited, milestones, there
from laurel.gateways.page import Html, document, language, marked, pairs, part, table, tag, text, utc, words
from laurel.instruments.consult.records import Version
from laurel.instruments.dialogue.commitment_types import CommitmentRow
from laurel.instruments.dialogue.meeting_types import AgendaRow, MinutesRow, PaperRow, WholeMeeting
from laurel.instruments.dialogue.records import AgendaItem

AGENDA = (("en", "Agenda"), ("ja", "議題"), ("ko", "의제"))
MINUTES = (("en", "Minutes"), ("ja", "議事録"), ("ko", "회의록"))
ACTIONS = (("en", "Agreed to be done"), ("ja", "合意された措置"), ("ko", "합의된 조치"))
CARRIED = (("en", "Open from earlier meetings"), ("ja", "前回までの継続事項"), ("ko", "이전 회의의 미결 사항"))
PAPERS = (("en", "Papers"), ("ja", "資料"), ("ko", "자료"))
NOTE = "All times are UTC. The first version of each text is the original; it alone is authoritative."


def minutes_page(whole: WholeMeeting, compact: str, exercise: str | None) -> str:
    """The page, under the strictest label of all that stands on it. Papers are named; their texts are not on it."""
    meeting = whole.meeting
    facts = [
        ("Series", meeting.series_title),
        ("When", there(meeting.begins_at, meeting.ends_at, meeting.time_zone)),
        ("Where", meeting.place),
        ("Host", meeting.host or "none of us"),
        ("Convened by", meeting.convener),
        ("State", f"{meeting.state}. {meeting.reason}".strip()),
        ("World", compact if exercise is None else f"{compact}, exercise {exercise}"),
        *cited(meeting.source),
        ("Follows", meeting.previous or "no earlier meeting"),
        ("Record", meeting.id),
    ]
    body = [
        tag("h1", text(meeting.title), lang=meeting.language),
        pairs(facts),
        tag("small", text(NOTE)),
        *part(AGENDA, [] if whole.agenda is None else _agenda(whole.agenda)),
        *part(MINUTES, [] if whole.minutes is None else _minutes(whole.minutes)),
        *part(ACTIONS, [_promise(one) for one in whole.actions]),
        *part(CARRIED, [_promise(one) for one in whole.carried]),
        *part(PAPERS, [_papers(whole.papers)] if whole.papers else []),
    ]
    return document(meeting.title, marked(exercise, label_of_page(whole)), body)


def label_of_page(whole: WholeMeeting) -> Label:
    """The strictest of the labels of what stands on the page."""
    said = (whole.agenda, whole.minutes, *whole.papers, *whole.actions, *whole.carried)
    return reduce(join, (one.label for one in said if one is not None), whole.meeting.label)


def _agenda(agenda: AgendaRow) -> list[Html]:
    points = "".join(tag("li", _point(one)) for one in agenda.items)
    return [tag("small", text(f"Set {utc(agenda.said_at)}. {agenda.banner}")), tag("ol", points)]


def _point(one: AgendaItem) -> Html:
    under = " ".join(filter(None, (one.summary, f"Records: {', '.join(one.records)}" if one.records else "")))
    return words(one.title, one.language) + (tag("small", text(under)) if under else "")


def _minutes(minutes: MinutesRow) -> list[Html]:
    taken = tag(
        "small", text(f"Taken by {minutes.author}, {utc(minutes.said_at)}. {minutes.banner}. Record {minutes.id}")
    )
    return [taken, *(_version(one, first=number == 0) for number, one in enumerate(minutes.versions))]


def _version(one: Version, *, first: bool) -> Html:
    mark = tag("small", text(f"{'Original' if first else 'Version'} in {language(one.language)}"))
    return tag("div", mark + words(one.text, one.language, "text original" if first else "text"))


def _promise(one: CommitmentRow) -> Html:
    judged = "; ".join(f"{row.member} {row.score:+d}" for row in one.reviews)
    facts = [
        ("Office", f"{one.bound_to or one.office}, {one.member}"),
        ("Due", "no day" if one.due_at is None else utc(one.due_at)),
        ("State", f"{one.state}, OVERDUE" if one.overdue else one.state),
        *([("Reviews", judged)] if judged else []),
        *cited(one.citation),
        ("Label", one.banner),
        ("Record", one.id),
    ]
    return tag("article", words(one.words, one.language) + pairs(facts) + milestones(one.milestones, one.reached))


def _papers(papers: Sequence[PaperRow]) -> Html:
    rows = ((one.title, one.member, utc(one.said_at), one.banner, one.id) for one in papers)
    return table(("Paper", "From", "Filed", "Label", "Record"), rows)
