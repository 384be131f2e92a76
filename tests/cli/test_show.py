"""How verbs print for people: tables, what stands within a row below, times to the second."""

from __future__ import annotations

import json

import pytest

from laurel.cli.show import WITHIN_A_ROW, show

SPAN = {"state": "healthy", "since": "2026-11-22T06:04:59.123456Z", "until": None}
CHECK = {"id": None, "slot": 7, "text": "one\ntwo\nthree", "waits_for_us": True, "office": None}
LINES = {
    "at": "2026-11-22T06:05:00Z",
    "lines": [
        {"member": "KOR", "alarm": False, "via": "", "worst_delay_s": 0.0211, "history": [SPAN] * 7, "checks": [CHECK]}
    ],
}


def test_what_stands_within_a_row_is_printed_below_it_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    show(LINES, as_json=False)
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split() == ["at", "2026-11-22", "06:05:00Z"]
    [head] = [line for line in printed if "member" in line]
    assert head.split() == ["member", "alarm", "worst_delay_s"]
    start = printed.index("KOR history")
    assert printed[start + 1] == "  state healthy  since 2026-11-22 06:04:59Z"
    assert printed[start + WITHIN_A_ROW + 1] == "  and 2 more: --json"
    start = printed.index("KOR checks")
    assert printed[start + 1 : start + 5] == ["  slot 7  waits_for_us", "    one", "    two", "    three"]


def test_json_is_the_whole_answer(capsys: pytest.CaptureFixture[str]) -> None:
    show(LINES, as_json=True)
    assert json.loads(capsys.readouterr().out) == LINES


@pytest.mark.parametrize(("value", "printed"), [([], "nothing"), (["a", "b"], "a b"), ("said", "said")])
def test_what_is_no_table_is_printed_as_it_is(value: object, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    show(value, as_json=False)
    assert capsys.readouterr().out.split() == printed.split()


def test_what_people_wrote_is_printed_in_a_table_as_they_wrote_it(capsys: pytest.CaptureFixture[str]) -> None:
    show([{"n": 1, "words": "close [/x] it :smile: [red]now"}], as_json=False)
    assert "close [/x] it :smile: [red]now" in capsys.readouterr().out
