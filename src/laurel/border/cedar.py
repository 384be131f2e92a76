"""Cedar files read: each policy with the line it begins on, and what its annotations say.

Every policy names its rule (`@id`) and says in a sentence why it decides as it does (`@why`); the sentence may use
the facts of the case, such as `{member}`. A rule may take several policies, all in one file. Cedar:
https://docs.cedarpolicy.com.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import cedarpy
from cedarpy import pst

from laurel.core.errors import BadAsk
from laurel.core.instrument import Terms
from laurel.core.label import Classification

MAX_POLICY_BYTES = 150_000
"""All files of a member together: they go into one record."""
MAX_POLICIES = 1_000
MAX_STEPS = 200
"""Operators, brackets and dots in one policy. Nobody reads more, and Cedar, which reads by recursion, dies of them."""
FINEST_GRID_M, WIDEST_GRID_M = 100, 1_000_000
LONGEST_DELAY_S = 30 * 86_400

FACTS = frozenset(
    ("member", "origin", "kind", "banner", "classification", "caveats", "world", "here", "author", "needs", "command")
)
TERMS = frozenset({"coarsen_m", "delay_s", "classification", "drop"})
ANNOTATIONS = frozenset({"id", "why", "caveat", *TERMS})
PLACE = re.compile(r"\{(\w*)\}")

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_CAVEAT = re.compile(r"[A-Z0-9][A-Z0-9 /.-]{0,59}")
_NUMBER = re.compile(r"[0-9]{1,9}")
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|;|\s+|[^\s;"/]+|.', re.DOTALL)
_STEP = re.compile(r"&&|\|\||[-+*!.(\[{]|\bif\b")


class BadPolicy(BadAsk):
    """Nothing is put in force unless all of it holds."""

    says = "a policy does not hold"
    remedy = "mend the line it names and try the folder with laurel policy test; the policies in force stay in force"


@dataclass(frozen=True)
class Rule:
    """One policy: where it stands, which rule it is of, how it speaks, what it demands of a derived record."""

    file: str
    line: int
    text: str
    id: str
    permits: bool
    why: str
    caveats: frozenset[str]
    terms: Terms | None


def read_rules(files: Mapping[str, str], schema: cedarpy.Schema) -> tuple[Rule, ...]:
    """Every policy of these files, in the order of file names, checked against the schema. Raises BadPolicy."""
    rules: list[Rule] = []
    for file in sorted(files):
        for line, text in statements(file, files[file]):
            try:
                rules.append(_rule(file, line, text, schema))
            except BadPolicy as wrong:
                raise BadPolicy(file=file, line=line, **wrong.facts) from None
    if len(rules) > MAX_POLICIES:
        raise BadPolicy(why=f"{len(rules)} policies; {MAX_POLICIES} at most")
    files_of: dict[str, str] = {}
    for rule in rules:
        other = files_of.setdefault(rule.id, rule.file)
        if other != rule.file:
            raise BadPolicy(file=rule.file, line=rule.line, why=f"there is a rule {rule.id} in {other} already")
    return tuple(rules)


def statements(file: str, text: str) -> Iterator[tuple[int, str]]:
    """Each policy of a file, with the line that it begins on. Raises BadPolicy for one that does not end."""
    line, began, steps, parts = 1, 1, 0, list[str]()
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token.isspace() or token.startswith("//"):
            parts += ["\n" * token.count("\n") or " "] if parts else []
        else:
            began = began if parts else line
            parts.append(token)
            steps += 0 if token.startswith('"') else len(_STEP.findall(token))
        line += token.count("\n")
        if steps > MAX_STEPS:
            raise BadPolicy(file=file, line=began, why=f"it takes more than {MAX_STEPS} steps: make several of it")
        if token == ";":
            yield began, "".join(parts)
            steps, parts = 0, []
    if "".join(parts).strip():
        raise BadPolicy(file=file, line=began, why="it does not end: a policy ends with a semicolon")


def _rule(file: str, line: int, text: str, schema: cedarpy.Schema) -> Rule:
    try:
        parsed = cedarpy.policies_to_pst(text)
    except ValueError as error:
        raise BadPolicy(why=str(error)) from None
    if len(parsed.static_policies) != 1 or parsed.templates:
        raise BadPolicy(why="one whole policy is wanted, without blanks to be filled in")
    for found in cedarpy.validate_policies(text, schema).errors:
        raise BadPolicy(why=found.error.removeprefix("for policy `policy0`, "))
    (policy,) = parsed.static_policies.values()
    notes = dict(policy.annotations)
    _check_notes(notes)
    permits = policy.effect == "permit"
    terms = None
    if notes.keys() & TERMS:
        sanitises = isinstance(policy.action, pst.ActionEq) and policy.action.entity.id == "sanitise"
        if not (permits and sanitises):
            raise BadPolicy(why='terms stand on a permit of action == Action::"sanitise" alone')
        terms = _terms(notes)
    return Rule(file, line, text, notes["id"], permits, notes["why"], frozenset(_listed(notes, "caveat")), terms)


def _check_notes(notes: Mapping[str, str]) -> None:
    unknown = notes.keys() - ANNOTATIONS
    if unknown:
        raise BadPolicy(why=f"no annotation is called @{min(unknown)}; there are @{', @'.join(sorted(ANNOTATIONS))}")
    if not _ID.fullmatch(notes.get("id", "")):
        raise BadPolicy(why="it needs a name of small letters, digits and hyphens: @id")
    if not notes.get("why", "").strip():
        raise BadPolicy(why="it needs a sentence that says why: @why")
    strange = set(PLACE.findall(notes["why"])) - FACTS
    if strange:
        raise BadPolicy(why=f"@why knows no fact {{{min(strange)}}}; it knows {', '.join(sorted(FACTS))}")
    if not all(map(_CAVEAT.fullmatch, _listed(notes, "caveat"))):
        raise BadPolicy(why="@caveat names caveats as labels have them, in capitals")


def _terms(notes: Mapping[str, str]) -> Terms:
    """No term has a default: what is sanitised is sanitised on purpose."""
    missing = TERMS - {"drop"} - notes.keys()
    if missing:
        raise BadPolicy(why=f"a permit to sanitise states @{min(missing)}")
    try:
        classification = Classification(notes["classification"])
    except ValueError:
        raise BadPolicy(why=f"@classification is one of {', '.join(Classification)}") from None
    return Terms(
        coarsen_m=_between(notes, "coarsen_m", FINEST_GRID_M, WIDEST_GRID_M),
        delay_s=_between(notes, "delay_s", 0, LONGEST_DELAY_S),
        drop=tuple(sorted(set(_listed(notes, "drop")))),
        classification=classification,
    )


def _between(notes: Mapping[str, str], name: str, least: int, most: int) -> int:
    number = int(notes[name]) if _NUMBER.fullmatch(notes[name]) else -1
    if not least <= number <= most:
        raise BadPolicy(why=f"@{name} is a whole number from {least} to {most}")
    return number


def _listed(notes: Mapping[str, str], name: str) -> list[str]:
    return [one.strip() for one in notes.get(name, "").split(",") if one.strip()]
