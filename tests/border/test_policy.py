"""Policies as files: what is refused at load and where, what decides, what is kept of decisions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from laurel.border.cedar import MAX_POLICIES, MAX_POLICY_BYTES, MAX_STEPS, BadPolicy, statements
from laurel.border.policy import KEEP_DECISIONS, NO_PERMIT, NO_TERMS, Asking, Header, Policies, strictest
from laurel.core.instrument import Role, Terms
from laurel.core.label import Classification, label
from laurel.core.record import World
from laurel.core.roster import Roster, Standing
from laurel.node.policies import house

HOUSE = house(Classification.SECRET)
LIVE = World("camp-david")
MEMBERS = ("JPN", "KOR", "USA")
US = Roster(LIVE, "JPN", dict.fromkeys(MEMBERS, Standing.MEMBER) | {"THA": Standing.READER}, {})
NOTE = Header("notebook.note.v1", "JPN", label(Classification.SECRET, set(MEMBERS)), LIVE)

FORBID = 'forbid (principal, action == Action::"release", resource)'
SANITISE = 'permit (principal, action == Action::"sanitise", resource)'


def policies(text: str = "", **more: str) -> Policies:
    return Policies(HOUSE, ({"a.cedar": text} if text else {}) | {f"{name}.cedar": one for name, one in more.items()})


def noted(effect: str = FORBID, **notes: str) -> str:
    notes = {"id": "mine", "why": "because"} | notes
    return "\n".join(f'@{name}("{text}")' for name, text in notes.items() if text) + f"\n{effect};\n"


def condition(text: str) -> str:
    return noted(f"{FORBID} when {{ {text} }}")


# What does not hold

BAD: dict[str, tuple[str, int, str]] = {
    "cut off": ('// first\n\n  @id("a") permit (principal', 3, "a policy ends with a semicolon"),
    "no policy at all": ("\nhello;", 2, "unexpected"),
    "an unknown action": (noted('forbid (principal, action == Action::"relase", resource)'), 1, "relase"),
    "an unknown attribute": ("\n\n" + condition("resource.secrecy > 3"), 3, "attribute `secrecy` on entity type"),
    "an unknown fact of the context": (condition("context.weather == 1"), 1, "weather"),
    "a wrong type": (condition('resource.classification == "SECRET" && resource.classification > "x"'), 1, "type"),
    "what may be missing": (condition("resource.eyes.isEmpty()"), 1, "optional attribute `eyes`"),
    "a template": (noted("forbid (principal == ?principal, action, resource)"), 1, "without blanks"),
    "two ids": ('@id("a") @id("b") @why("c") ' + FORBID + ";", 1, "duplicate"),
    "no name": (noted(id=""), 1, "@id"),
    "a name in capitals": (noted(id="Mine"), 1, "@id"),
    "no reason": (noted(why=""), 1, "@why"),
    "a blank reason": (noted(why="  "), 1, "@why"),
    "a reason with an unknown fact": (noted(why="of {salt}"), 1, "{salt}"),
    "an annotation misspelt": (noted(delays="5"), 1, "@delays"),
    "a caveat in small letters": (noted(caveat="kage"), 1, "@caveat"),
    "a name of the house": (noted(id="rel-to"), 1, "rel-to in house/releasability.cedar"),
    "terms on a forbid": (noted(coarsen_m="1000"), 1, "terms stand on a permit"),
    "terms on every action": (noted("permit (principal, action, resource)", delay_s="5"), 1, "terms stand on a permit"),
    "terms without a delay": (noted(SANITISE, coarsen_m="1000", classification="SECRET"), 1, "@delay_s"),
    "terms without a classification": (noted(SANITISE, coarsen_m="1000", delay_s="0"), 1, "@classification"),
    "an unknown classification": (
        noted(SANITISE, coarsen_m="1000", delay_s="0", classification="COSMIC"),
        1,
        "@classification is one of UNCLASSIFIED",
    ),
    "a grid too fine": (noted(SANITISE, coarsen_m="1", delay_s="0", classification="SECRET"), 1, "@coarsen_m is a"),
    "a delay back in time": (
        noted(SANITISE, coarsen_m="1000", delay_s="-5", classification="SECRET"),
        1,
        "@delay_s is",
    ),
    "a policy nobody reads": (condition(" && ".join(["true"] * 300)), 1, f"more than {MAX_STEPS} steps"),
}


@pytest.mark.parametrize(("text", "line", "why"), BAD.values(), ids=BAD.keys())
def test_a_policy_that_does_not_hold_is_refused_with_its_file_and_line(text: str, line: int, why: str) -> None:
    with pytest.raises(BadPolicy) as refused:
        policies(text, b=noted(id="another"))
    assert refused.value.facts["file"] == "own/a.cedar"
    assert refused.value.facts["line"] == line
    assert why in str(refused.value.facts["why"])
    assert "laurel policy test" in str(refused.value)


DEEP = {
    "and": " && ".join(["true"] * 20_000),
    "brackets": "(" * 20_000 + "true" + ")" * 20_000,
    "not": "(!" * 20_000 + "true" + ")" * 20_000,
    "if": "if true then true else " * 5_000 + "true",
    "sums": " + ".join(["1"] * 20_000) + " == 1",
    "attributes": "context" + ".me" * 20_000 + " == 1",
    "indices": "context" + '["me"]' * 20_000 + " == 1",
    "sets": "[" * 20_000 + "]" * 20_000 + " == 1",
    "records": "{a: " * 20_000 + "1" + "}" * 20_000 + " == 1",
}


@pytest.mark.attack("bomb")
@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
def test_a_policy_that_would_exhaust_the_stack_is_refused_before_cedar_sees_it(text: str) -> None:
    with pytest.raises(BadPolicy):
        policies(condition(text[: MAX_POLICY_BYTES - 1_000]))


def test_a_policy_as_long_as_may_be_is_read_and_decides() -> None:
    assert policies(condition(" && ".join(["true"] * (MAX_STEPS // 2)))).release(NOTE, "KOR", US).policy == "mine"


@pytest.mark.attack("bomb")
def test_a_megabyte_of_policies_is_refused_by_its_size() -> None:
    with pytest.raises(BadPolicy, match="too large"):
        policies("// " + "x" * 1_000_000)
    with pytest.raises(BadPolicy, match="too large"):
        policies('@why("' + "화" * (MAX_POLICY_BYTES // 2) + '")')


def test_more_policies_than_anybody_reads_are_refused() -> None:
    many = "".join(f'@id("a{one}")@why("b")permit(principal,action,resource);' for one in range(MAX_POLICIES))
    with pytest.raises(BadPolicy, match="1000 at most"):
        policies(many)


def test_two_files_cannot_share_a_rule_but_one_file_may_say_it_in_two_policies() -> None:
    with pytest.raises(BadPolicy, match="there is a rule mine in own/a"):
        policies(noted(), b=noted())
    assert policies(noted() + noted()).release(NOTE, "KOR", US).policy == "mine"


def test_words_of_any_script_stand_in_sentences_and_comments() -> None:
    why = "日本の方針; 한국은 제외 // {member}"
    found = policies(f'// 秘密; "\n{noted(why=why)}').release(NOTE, "KOR", US)
    assert (found.allowed, found.why) == (False, "日本の方針; 한국은 제외 // KOR")


def test_policies_are_cut_where_they_end_and_not_in_strings_and_comments() -> None:
    text = 'a "x;y\\"z;" // ; \n b;\n\n  c;'
    assert list(statements("f", text)) == [(1, 'a "x;y\\"z;"  \nb;'), (4, "c;")]


# What decides


def test_any_forbid_wins_over_every_permit_and_all_that_decided_are_named() -> None:
    own = noted("permit (principal, action, resource)", id="all") + noted() + noted(id="other", why="{kind} stays")
    found = policies(own).release(NOTE, "KOR", US)
    assert (found.allowed, found.policy, found.why) == (False, "mine, other", "because; notebook.note.v1 stays")


def test_without_a_permit_the_answer_is_no() -> None:
    bare = Policies(replace(HOUSE, files={}), {})
    assert bare.release(NOTE, "KOR", US).policy == NO_PERMIT
    assert not bare.admit(replace(NOTE, origin="KOR"), US).allowed


@pytest.mark.attack("widen")
def test_a_forbid_that_cannot_be_worked_out_is_a_no() -> None:
    """Cedar leaves a policy out that fails: what fails might have forbidden."""
    found = policies(condition("resource.classification * 9223372036854775807 > 5")).release(NOTE, "KOR", US)
    assert (found.allowed, found.policy) == (False, "no-decision")
    assert "overflow" in found.why


def test_facts_that_do_not_fit_the_schema_are_a_no() -> None:
    odd: Any = 5
    assert policies().release(replace(NOTE, world=World(odd)), "KOR", US).policy == "no-decision"


@pytest.mark.parametrize(
    ("caveats", "member", "policy"),
    [
        (("NOFORN",), "USA", "noforn"),
        (("ORCON",), "USA", "rel-to"),
        (("USA EYES ONLY",), "USA", "rel-to"),
        (("USA EYES ONLY",), "KOR", "eyes-only"),
        (("KOR/USA EYES ONLY",), "KOR", "rel-to"),
        (("KOR EYES ONLY", "USA EYES ONLY"), "KOR", "eyes-only"),
        (("NO KOR",), "KOR", "not-to"),
        (("NO KOR",), "USA", "rel-to"),
        (("KAGE",), "USA", "unknown-caveat"),
        (("usa eyes only",), "USA", "unknown-caveat"),
        (("NO KOREA",), "USA", "unknown-caveat"),
    ],
)
def test_a_caveat_does_what_its_words_say(caveats: tuple[str, ...], member: str, policy: str) -> None:
    marked = replace(NOTE, label=label(Classification.SECRET, set(MEMBERS), frozenset(caveats)))
    assert policies().release(marked, member, US).policy == policy


def test_a_caveat_that_a_policy_names_is_known() -> None:
    marked = replace(NOTE, label=label(Classification.SECRET, set(MEMBERS), frozenset({"KAGE", "TSURU"})))
    own = policies(noted(id="k", caveat="KAGE, TSURU", effect=FORBID + ' when { principal == Member::"KOR" }'))
    assert own.release(marked, "USA", US).allowed
    assert own.release(marked, "KOR", US).policy == "k"


def test_a_member_gets_nothing_above_its_clearance_nor_anybody_above_the_ceiling() -> None:
    cleared = Policies(replace(HOUSE, clearances={"KOR": Classification.CONFIDENTIAL}), {})
    assert cleared.release(NOTE, "KOR", US).policy == "clearance"
    assert cleared.release(NOTE, "USA", US).allowed
    top = replace(NOTE, label=label(Classification.TOP_SECRET, set(MEMBERS)))
    assert cleared.release(top, "USA", US).policy == "ceiling, clearance"
    assert cleared.admit(replace(top, origin="USA"), US).policy == "ceiling"


@pytest.mark.attack("reader")
@pytest.mark.parametrize(
    "kind", ["hotline.message.v1", "line.forked.v1", "warning.alert.v1", "warning.coarse-alert.v1"]
)
def test_a_reader_that_speaks_into_the_compact_is_refused(kind: str) -> None:
    spoken = Header(kind, "THA", label(Classification.RESTRICTED, {"THA", "JPN"}), LIVE)
    assert policies().admit(spoken, US).policy == "readers-say-receipts"
    receipt = replace(spoken, kind="line.receipt-given.v1")
    assert policies().admit(receipt, US).allowed


@pytest.mark.attack("speak-for-another")
@pytest.mark.parametrize("kind", ["office.policy-put.v1", "office.approved.v1"])
def test_a_peer_that_offers_us_our_own_business_is_refused(kind: str) -> None:
    offered = Header(kind, "KOR", label(Classification.SECRET, {"JPN", "KOR"}), LIVE)
    assert policies().admit(offered, US).policy == "home-business"
    assert policies().release(replace(offered, origin="JPN"), "KOR", US).policy == "home-business"


ASKING = Asking("officer:sato", frozenset({Role.ANALYST}), "warning/cancel-alert", frozenset({Role.WATCH_OFFICER}), 1)


@pytest.mark.attack("roles")
def test_a_policy_that_permits_everything_gives_nobody_a_role() -> None:
    own = policies(noted("permit (principal, action, resource)"))
    assert own.ask(ASKING, US).policy == "roles"
    assert own.ask(ASKING, US).why == "it needs the role watch-officer"
    assert own.ask(replace(ASKING, roles=frozenset({Role.WATCH_OFFICER})), US).allowed


def test_a_policy_may_keep_an_officer_from_what_the_role_would_let_him_ask() -> None:
    own = policies(noted('forbid (principal == Author::"officer:sato", action == Action::"ask", resource)'))
    watch = replace(ASKING, roles=frozenset({Role.WATCH_OFFICER}))
    assert own.ask(watch, US).policy == "mine"
    assert own.ask(replace(watch, author="officer:kim"), US).allowed


# Terms

TERMS = {"coarsen_m": "5000", "delay_s": "60", "drop": "launch, impact", "classification": "RESTRICTED"}


def test_a_permit_to_sanitise_states_its_terms_and_the_strictest_of_several_hold() -> None:
    own = policies(noted(SANITISE, **TERMS) + noted(SANITISE, id="b", **{**TERMS, "coarsen_m": "200", "delay_s": "90"}))
    home = replace(NOTE, label=label(Classification.SECRET, {"JPN"}))
    found = own.sanitise(home, "THA", US)
    assert found.allowed
    assert found.policy == "mine, b"
    assert found.terms == Terms(5_000, 90, ("impact", "launch"), Classification.RESTRICTED)
    assert strictest([]) is None


def test_a_permit_without_terms_lets_nothing_be_derived() -> None:
    assert policies(noted("permit (principal, action, resource)")).sanitise(NOTE, "THA", US).policy == NO_TERMS
    assert policies().sanitise(NOTE, "THA", US).policy == NO_PERMIT


@pytest.mark.parametrize("caveat", ["ORCON", "NOFORN", "NO THA", "KOR EYES ONLY", "KAGE"])
def test_no_terms_open_a_caveat(caveat: str) -> None:
    marked = replace(NOTE, label=label(Classification.SECRET, {"JPN"}, frozenset({caveat})))
    assert not policies(noted(SANITISE, **TERMS)).sanitise(marked, "THA", US).allowed


# Names and keeping


def test_the_digest_names_exactly_these_policies() -> None:
    first = policies(noted())
    assert first.digest == policies(noted()).digest
    others = [
        policies(),
        policies(noted(why="else")),
        policies(b=noted()),
        Policies(replace(HOUSE, ceiling=Classification.RESTRICTED), {"a.cedar": noted()}),
        Policies(replace(HOUSE, clearances={"KOR": Classification.SECRET}), {"a.cedar": noted()}),
        Policies(replace(HOUSE, files={**HOUSE.files, "z.cedar": noted(id="z")}), {"a.cedar": noted()}),
    ]
    assert len({first.digest, *(one.digest for one in others)}) == len(others) + 1


@pytest.mark.attack("flood")
def test_decisions_are_kept_but_never_more_than_a_bound() -> None:
    own = policies()
    assert own.release(NOTE, "KOR", US) is own.release(replace(NOTE), "KOR", US)
    for number in range(KEEP_DECISIONS + 10):
        own.ask(replace(ASKING, author=f"officer:{number}"), US)
    assert 0 < own.kept <= KEEP_DECISIONS


@pytest.mark.attack("flood")
def test_a_peer_that_fills_headers_does_not_fill_our_memory() -> None:
    own = policies()
    for number in range(20):
        swollen = replace(NOTE, origin="KOR", kind=f"x.{number}" + "y" * 50_000)
        assert own.admit(swollen, US).allowed
    assert own.kept == 0


def test_a_standing_that_changes_is_another_question() -> None:
    own = policies()
    assert own.release(NOTE, "KOR", US).allowed
    gone = replace(US, standings={**US.standings, "KOR": Standing.SUSPENDED})
    assert own.release(NOTE, "KOR", gone).policy == "members-only"
    assert own.admit(replace(NOTE, origin="KOR"), gone).policy == "members-only"
