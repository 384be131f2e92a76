"""What a joint text is made of: its hash, the changes that lead from one draft to the next, when it is whole. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from laurel.core.errors import BadAsk, BadField
from laurel.instruments.consult.clauses import words_of
from laurel.instruments.consult.records import Edit, JointText, Version
from laurel.instruments.consult.words import Purpose

LONGEST = 40_000
"""Characters of one version."""


class EditDoesNotFit(BadAsk):
    """A change is made in one place, which everybody can find."""

    says = "the words to be changed do not stand exactly once in that version"
    remedy = "give more of the words around them, as they stand in the text (after the edits before this one)"


def hash_of(purpose: Purpose, versions: Sequence[Version], options: Sequence[str], clauses: str) -> str | None:
    """SHA-256 of what is adopted, the clauses' own words included; None when the clauses are not known here.

    Over a JSON array of strings and arrays, UTF-8, without spaces: anyone can compute it again.
    """
    words = words_of(clauses)
    if words is None:
        return None
    said = [purpose.value, _pairs(versions), list(options), clauses, _pairs(words)]
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def _pairs(versions: Sequence[Version]) -> list[list[str]]:
    return [[one.language, one.text] for one in versions]


def is_whole(text: JointText, at: datetime) -> bool | None:
    """Whether a text said at that time can be adopted at all, by itself alone; None if its clauses are unknown here.

    Its hash is that of its words, it has one version a language, the first round amends nothing and every later one
    does, and from its own time to its deadline is no less than the silence that it asks for.
    """
    found = hash_of(text.purpose, text.versions, text.options, text.clauses)
    fits = (
        len({one.language for one in text.versions}) == len(text.versions)
        and (text.amends is None) == (text.round == 1)
        and text.deadline >= at + timedelta(seconds=text.least_s)
    )
    return None if fits and found is None else fits and found == text.text_hash


def edited(versions: Sequence[Version], edits: Sequence[Edit]) -> tuple[Version, ...]:
    """The versions with these edits made, one after the other. Raises EditDoesNotFit, BadField."""
    texts = {one.language: one.text for one in versions}
    for edit in edits:
        if edit.language not in texts:
            raise BadField(field="edits.language", value=edit.language, must_be=f"one of {', '.join(texts)}")
        before = texts[edit.language]
        # By both ends: `count` does not see that "aa" stands in "aaa" twice.
        at = before.find(edit.old)
        if at < 0 or at != before.rfind(edit.old) or edit.old == edit.new:
            raise EditDoesNotFit(language=edit.language, words=edit.old[:200], stand_there=at >= 0)
        texts[edit.language] = before[:at] + edit.new + before[at + len(edit.old) :]
    for language, text in texts.items():
        if not 1 <= len(text) <= LONGEST:
            raise BadField(field="edits", language=language, must=f"leave 1 to {LONGEST} characters")
    return tuple(Version(one.language, texts[one.language]) for one in versions)
