"""Sharing objects: each under the stricter of what its officer says and what its markings say, and none twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta, Raw, Struct
from sqlalchemy import Row

from laurel.core.errors import BadAsk, BadField
from laurel.core.fields import Code, Sha256
from laurel.core.instrument import Command, Desk, Noun, Role, View
from laurel.core.label import Classification, Label
from laurel.core.record import Draft
from laurel.core.tables import label_of
from laurel.instruments.cyber import bundles, marks
from laurel.instruments.cyber.judge import Course, courses, loosens, told_to
from laurel.instruments.cyber.objects import sort_of, with_digests
from laurel.instruments.cyber.records import MAX_NAMED, StixId, StixObject, Tlp
from laurel.instruments.cyber.stix import MARKING, BadStix, Stix, compact, digest, read
from laurel.instruments.cyber.tlp import STRICTEST, label_under, ranked, stricter, tlp_among

MOST = 500
SHARERS = frozenset({Role.WATCH_OFFICER, Role.RELEASE_AUTHORITY, Role.PRINCIPAL, Role.ANALYST})


class Loosened(BadAsk):
    """Who got an object from another member keeps to that member's marking."""

    says = "another member marked this object more strictly"
    remedy = "keep to its marking; or, if your house made it, claim its author: laurel cyber claim-identity"


class ToldToFewer(BadAsk):
    """What a member told a few is not ours to tell others."""

    says = "another member told this object to fewer"
    remedy = "share it with those alone, or ask that member to share it further"


class Terms(Struct, frozen=True):
    """To whom and how. `tlp` is the least strict that any of it is passed on under.

    What is RED reaches those alone whom `red_to` names besides; nobody, when it names none.
    """

    label: Label
    tlp: Tlp
    red_to: tuple[Code, ...] = ()


class ShareObjectsAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Share these STIX objects, letter for letter. What was shared so before is not said again.

    An object whose own markings are stricter than `label` and `tlp` goes under the stricter. What is RED reaches those
    alone whom `red_to` names besides. One with a marking that nobody here understands stays at home.
    """

    label: Label
    tlp: Tlp
    objects: Annotated[tuple[Raw, ...], Meta(min_length=1, max_length=MOST)]
    red_to: Annotated[tuple[Code, ...], Meta(max_length=50)] = ()


class NameBundleAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Say that these objects, by their digests and in this order, came as one bundle: to each audience those it has."""

    bundle: StixId
    label: Label
    objects: Annotated[tuple[Sha256, ...], Meta(min_length=1, max_length=MAX_NAMED)]


class Finding(Struct, frozen=True):
    """What is wrong with one object of many: which, by its place among them and its id, and why."""

    place: int
    object: str
    why: str


@dataclass(frozen=True)
class Shared:
    """What sharing would come to: what is said and to whom, what is here so already, and what is wrong, by its place.

    `digests` are those of all that is not wrong.
    """

    said: Sequence[tuple[StixObject, Label]]
    held: Sequence[int]
    wrong: Sequence[tuple[int, BadAsk]]
    digests: Mapping[int, str]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong, in words."""
        return tuple(finding(place, error) for place, error in self.wrong)


def finding(place: int, error: BadAsk) -> Finding:
    """An error about one object, as a finding."""
    facts = {name: value for name, value in error.facts.items() if name != "object"}
    told = ", ".join(f"{name} {value}" for name, value in facts.items())
    return Finding(place, str(error.facts.get("object", ""))[:300], f"{error.says}: {told}" if told else error.says)


def sort_out(objects: Sequence[Raw], terms: Terms, view: View, member: str, members: Sequence[str]) -> Shared:
    """Each object under its own label, or why not. An object is said once, and not again if it was said before."""
    wrong: list[tuple[int, BadAsk]] = []
    good: dict[int, tuple[Raw, Stix]] = {}
    for place, raw in enumerate(objects):
        try:
            close = compact(raw)
            good[place] = (close, read(close))
        except BadStix as error:
            wrong.append((place, error))
    every = [stix for _, stix in good.values()]
    digests = {place: digest(stix.properties) for place, (_, stix) in good.items()}
    here = courses(view, {one.id for one in every})
    makers = marks.makers(view, {one.created_by for one in every})
    known = marks.levels(view, {one for stix in every for one in stix.foreign}, _definitions(every))
    before = with_digests(view, digests.values())
    said: dict[str, tuple[StixObject, Label]] = {}
    held: list[int] = []
    for place, (raw, stix) in good.items():
        level, told = _under(stix, terms, known, member, members)
        of = digests[place]
        if of in said or _is_told(before.get(of, ()), member, told, level):
            held.append(place)
            continue
        error = _forbidden(here.get(stix.id), stix, member, makers.get(stix.created_by), told, level)
        if error is None:
            said[of] = (StixObject(raw, level), told)
        else:
            wrong.append((place, error))
    for place, _ in wrong:
        digests.pop(place, None)
    return Shared(tuple(said.values()), held, wrong, digests)


def _under(
    stix: Stix, terms: Terms, known: Mapping[str, Tlp], member: str, members: Sequence[str]
) -> tuple[Tlp, Label]:
    """How far it may be passed on, and its label: the stricter of the terms and of each of its markings."""
    understood = all(marking in known for marking in stix.foreign)
    level = stricter(terms.tlp, stix.own_tlp) if understood else STRICTEST
    for marking in stix.foreign if understood else ():
        level = stricter(level, known[marking])
    told = label_under(level, terms.label, member, terms.red_to if understood else ())
    return stricter(level, tlp_among(told, members)), told


def _definitions(every: Sequence[Stix]) -> Mapping[str, set[str]]:
    """What markings are defined among these objects themselves, each in all its sorts."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one in every:
        if one.type == MARKING:
            found[one.id].add(sort_of(one))
    return found


def _is_told(rows: Sequence[Row[Any]], member: str, told: Label, level: Tlp) -> bool:
    """Whether an equal object was told: by us just so, or by another to all whom we would tell."""
    return any(
        label_of(row.label) == told and row.tlp == level.rank
        if row.by_member == member
        else told_to(row) >= set(told.rel_to) and row.tlp >= level.rank
        for row in rows
    )


def _forbidden(
    course: Course | None, stix: Stix, member: str, maker: str | None, told: Label, level: Tlp
) -> BadAsk | None:
    """Why we may not share an object so that others told us: its marking, or its audience, is not ours to widen."""
    if course is None or member in {course.maker, maker}:
        return None
    above = loosens(course, member, level)
    if above is not None:
        return Loosened(object=stix.id, marked=ranked(above.tlp), by=above.by_member, here=level)
    for row in course.versions:
        narrow = row.by_member != member and ranked(row.tlp).rank >= Tlp.AMBER.rank
        if narrow and not set(told.rel_to) <= told_to(row):
            return ToldToFewer(object=stix.id, by=row.by_member, to=", ".join(sorted(told_to(row))))
    return None


# Asked


def share_objects(ask: ShareObjectsAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say them. Raises BadField, and for the first that is wrong BadStix, Loosened, ToldToFewer."""
    check_terms(Terms(ask.label, ask.tlp, ask.red_to), desk.member)
    shared = sort_out(ask.objects, Terms(ask.label, ask.tlp, ask.red_to), view, desk.member, _members(desk))
    for _, error in shared.wrong:
        raise error
    return [Draft(body, told) for body, told in shared.said]


def _members(desk: Desk) -> tuple[str, ...]:
    return (desk.member, *(one for one in desk.members if one != desk.member))


def check_terms(terms: Terms, member: str) -> None:
    """Raises BadField."""
    if member not in terms.label.rel_to:
        raise BadField(field="label.rel_to", value=", ".join(terms.label.rel_to), must_be=f"with {member}")
    if not set(terms.red_to) <= set(terms.label.rel_to):
        must = f"among {', '.join(terms.label.rel_to)}"
        raise BadField(field="red_to", value=", ".join(terms.red_to), must_be=must)


def name_bundle(ask: NameBundleAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """One record for each audience that has some of them, unless it was said before. Raises BadField."""
    if not ask.bundle.startswith("bundle--"):
        raise BadField(field="bundle", value=ask.bundle, must_be="bundle--UUID")
    if desk.member not in ask.label.rel_to:
        raise BadField(field="label.rel_to", value=", ".join(ask.label.rel_to), must_be=f"with {desk.member}")
    rows = with_digests(view, ask.objects)
    grouped: defaultdict[tuple[tuple[str, ...], tuple[str, ...]], list[Row[Any]]] = defaultdict(list)
    for of in ask.objects:
        found = max(rows.get(of, ()), key=lambda row: _fit(row, ask.label, desk.member), default=None)
        if found is not None:
            label = label_of(found.label)
            to = tuple(sorted(set(label.rel_to) & set(ask.label.rel_to)))
            grouped[to, label.caveats].append(found)
    drafts: list[Draft] = []
    for (to, caveats), each in grouped.items():
        highest = max((label_of(row.label).classification for row in each), key=lambda one: one.rank)
        told = Label(_stricter(highest, ask.label.classification), to, tuple(sorted({*caveats, *ask.label.caveats})))
        body = bundles.body_of(ask.bundle, each)
        if not bundles.was_said(view, body, desk.member, told):
            drafts.append(Draft(body, told))
    return drafts


def _fit(row: Row[Any], label: Label, member: str) -> tuple[int, bool, str]:
    """Of several records of one object: the one that most of the audience has, ours before another's."""
    return len(set(label_of(row.label).rel_to) & set(label.rel_to)), row.by_member == member, row.id


def _stricter(first: Classification, second: Classification) -> Classification:
    return max(first, second, key=lambda one: one.rank)


NOUN = Noun(
    commands=(
        Command("share-objects", ShareObjectsAsk, share_objects, SHARERS),
        Command("name-bundle", NameBundleAsk, name_bundle, SHARERS),
    )
)
