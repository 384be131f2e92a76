from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from laurel.node.carry.link import SILENCE, LinkState, Seen, judge

T0 = datetime(2026, 8, 18, 3, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def test_a_peer_that_was_never_reached_is_told_from_one_that_was_lost() -> None:
    fresh = Seen(T0, trouble="connection refused")
    assert judge(fresh, after(3_600)).state is LinkState.NEVER
    assert judge(fresh, after(3_600)).since == T0
    assert judge(fresh, after(3_600)).trouble == "connection refused"
    lost = replace(fresh, lost_at=after(5), heard_at=after(4))
    assert judge(lost, after(6)).state is LinkState.PATH_DOWN
    assert judge(lost, after(6)).since == after(5)


def test_a_line_is_healthy_for_as_long_as_its_node_speaks() -> None:
    seen = Seen(T0, reached_at=after(1), heard_at=after(2), healthy_at=after(2))
    assert judge(seen, after(2) + SILENCE).state is LinkState.HEALTHY
    assert judge(seen, after(2) + SILENCE).since == after(2)


def test_a_server_that_answers_for_a_silent_node_is_a_dead_node() -> None:
    seen = Seen(T0, reached_at=after(1), heard_at=after(2), healthy_at=after(2))
    silent = judge(seen, after(28))
    assert (silent.state, silent.since) == (LinkState.NODE_DOWN, after(2))
    never_spoke = judge(Seen(T0, reached_at=after(1)), after(27))
    assert (never_spoke.state, never_spoke.since) == (LinkState.NODE_DOWN, after(1))


def test_a_line_just_mended_is_not_called_healthy_before_its_node_speaks() -> None:
    seen = Seen(T0, reached_at=after(100), lost_at=after(50), heard_at=after(49), healthy_at=after(2))
    assert judge(seen, after(101)).state is LinkState.PATH_DOWN
    assert judge(replace(seen, heard_at=after(102), healthy_at=after(102)), after(103)).since == after(102)


def test_a_server_just_reached_for_the_first_time_has_time_to_speak() -> None:
    assert judge(Seen(T0, reached_at=after(1)), after(2)).state is LinkState.NEVER
