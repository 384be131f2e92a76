"""What the courier sees of the lines comes into the log when it changes: once, soon, and never too often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.node.worlds import EXERCISE, Worlds

from laurel.core.instrument import Desk
from laurel.instruments.line.links import LinkHistory, LinksAsk, NoteLinks, note_links
from laurel.instruments.line.records import LinkChanged
from laurel.node.asked import Asked
from laurel.node.carry.link import Link, LinkState
from laurel.node.keep.reader import Reader
from laurel.node.lines import APART, AUTHOR, FIRST_WORD, SETTLE, Lookout

T0 = datetime(2026, 8, 18, 3, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HEALTHY, PATH_DOWN, NEVER = LinkState.HEALTHY, LinkState.PATH_DOWN, LinkState.NEVER


def links(state: LinkState, since: datetime = T0, via: str = "") -> Mapping[str, Link]:
    return {"KOR": Link(state, since, None, None, via)}


def said_over(lookout: Lookout, states: Sequence[LinkState | None]) -> list[tuple[int, str]]:
    """What is said when the line is seen so, second by second."""
    said: list[tuple[int, str]] = []
    for second, state in enumerate(states):
        now = T0 + second * SECOND
        words = lookout.look({} if state is None else links(state), now)
        lookout.note(words, now)
        said += [(second, one.state) for one in words]
    return said


def test_a_change_is_said_once_when_it_has_held() -> None:
    seen = [HEALTHY] * 20 + [PATH_DOWN] * 20 + [HEALTHY] * 20
    assert said_over(Lookout(), seen) == [(3, "healthy"), (23, "path-down"), (43, "healthy")]


def test_what_lasts_a_moment_is_not_said() -> None:
    seen = [HEALTHY] * 20 + [PATH_DOWN] * 2 + [HEALTHY] * 20
    assert said_over(Lookout(), seen) == [(3, "healthy")]


def test_a_peer_that_was_never_heard_is_given_time_after_our_start() -> None:
    assert said_over(Lookout(), [NEVER] * 5 + [HEALTHY] * 10) == [(8, "healthy")]
    assert said_over(Lookout(), [NEVER] * 30) == [(FIRST_WORD // SECOND, "never")]


def test_a_line_that_is_closed_is_gone_and_one_opened_again_is_told_of_again() -> None:
    seen = [HEALTHY] * 20 + [None] * 20 + [HEALTHY] * 20
    assert said_over(Lookout(), seen) == [(3, "healthy"), (23, "gone"), (43, "healthy")]


def test_the_first_word_after_a_start_says_when_this_node_was_alive_before() -> None:
    lookout = Lookout(T0 - timedelta(minutes=7))
    words = [lookout.look(links(HEALTHY, T0 - SECOND), T0 + second * SECOND) for second in range(5)][-1]
    assert words == (LinkChanged("KOR", "healthy", T0 - SECOND, "", T0 - timedelta(minutes=7)),)
    lookout.note(words, T0 + 5 * SECOND)
    later = T0 + timedelta(minutes=1)
    lookout.look(links(HEALTHY, via="USA"), later)
    [detour] = lookout.look(links(HEALTHY, via="USA"), later + SETTLE)
    assert (detour.via, detour.alive_before) == ("USA", None)


@given(st.lists(st.sampled_from([HEALTHY, PATH_DOWN, NEVER, None]), max_size=300))
def test_however_it_comes_and_goes_it_is_said_six_times_a_minute_at_most(seen: list[LinkState | None]) -> None:
    said = said_over(Lookout(), seen)
    assert all(later - earlier >= APART // SECOND for (earlier, _), (later, _) in pairwise(said))
    assert all(before != after for (_, before), (_, after) in pairwise(said))


def test_it_stands_in_our_own_log_alone_and_is_looked_up_newest_first(worlds: Worlds) -> None:
    world = worlds.open("JPN")
    words = (LinkChanged("KOR", "path-down", T0), LinkChanged("USA", "healthy", T0, "KOR"))
    said = world.say(Asked(AUTHOR, "line/note-links", NoteLinks(words), "links:1"))
    with world.store.reading() as from_:
        records = [Reader(from_).record(one) for one in said.records]
    assert [one.label.rel_to for one in records if one is not None] == [("JPN",), ("JPN",)]
    shown: LinkHistory = world.judge("line/links", LinksAsk())
    assert [(one.peer, one.state, one.via) for one in shown.links] == [
        ("USA", "healthy", "KOR"),
        ("KOR", "path-down", ""),
    ]
    of_korea: LinkHistory = world.judge("line/links", LinksAsk(peer="KOR"))
    assert [one.peer for one in of_korea.links] == ["KOR"]


def test_an_exercise_keeps_no_history_of_lines(worlds: Worlds) -> None:
    world = worlds.open("JPN")
    with world.store.reading() as from_:
        desk = Desk(EXERCISE, "JPN", "node", T0, ("JPN", "KOR"))
        assert note_links(NoteLinks((LinkChanged("KOR", "healthy", T0),)), Reader(from_), desk) == ()
