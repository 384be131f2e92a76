"""The rules of the border in plain Python, written from their words: what Cedar decides is held against them."""

from __future__ import annotations

from dataclasses import dataclass, field

ORDER = ("UNCLASSIFIED", "RESTRICTED", "CONFIDENTIAL", "SECRET", "TOP SECRET")
RECEIPTS = {"line.receipt-given.v1", "line.honoured.v1"}
OWN_KEYS = {"line.key-changed.v1", "line.sealing-key-changed.v1"}


@dataclass(frozen=True)
class Case:
    """One record's header, and where it is looked at."""

    kind: str
    origin: str
    world: str
    classification: str
    rel_to: frozenset[str]
    caveats: frozenset[str]
    me: str = "JPN"
    here: str = "camp-david"
    ceiling: str = "SECRET"
    clearances: dict[str, str] = field(default_factory=dict[str, str])
    standings: dict[str, str] = field(default_factory=dict[str, str])
    known_caveats: frozenset[str] = frozenset({"NOFORN", "ORCON"})

    def higher(self, than: str) -> bool:
        """Whether it is classified above that."""
        return ORDER.index(self.classification) > ORDER.index(than)

    def speaks(self, member: str) -> bool:
        """Whether that other member belongs now."""
        return member != self.me and self.standings.get(member) in {"member", "reader"}


def kept_by_caveat(case: Case, member: str) -> bool:
    """Whether a caveat keeps the record from that member."""
    for word in case.caveats:
        if word.endswith(" EYES ONLY"):
            if member not in word.removesuffix(" EYES ONLY").split("/"):
                return True
        elif word.startswith("NO ") and len(word) == 6:
            if word[3:] == member:
                return True
        elif word == "NOFORN" or word not in case.known_caveats:
            return True
    return False


def may_leave(case: Case, member: str) -> bool:
    """Whether that member may have the record itself."""
    if case.origin != case.me or case.world != case.here or member == case.me or member not in case.standings:
        return False
    if not (case.speaks(member) or case.kind.startswith("line.standing-")):
        return False
    if member not in case.rel_to or case.kind.startswith("office."):
        return False
    if case.higher(case.ceiling) or case.higher(case.clearances.get(member, case.ceiling)):
        return False
    if case.standings[member] == "reader" and ".coarse-" not in case.kind and not case.kind.startswith("line."):
        return False
    return not kept_by_caveat(case, member)


def may_be_derived(case: Case, member: str) -> bool:
    """Whether the house lets something be derived of it for that member; a member's own policy must want it too."""
    if case.origin != case.me or case.world != case.here or not case.speaks(member):
        return False
    if case.kind.startswith("office.") or "ORCON" in case.caveats:
        return False
    return not kept_by_caveat(case, member)


def may_enter(case: Case) -> bool:
    """Whether we may take the record from its origin."""
    if case.world != case.here or not case.speaks(case.origin) or case.higher(case.ceiling):
        return False
    if not {case.me, case.origin} <= case.rel_to or case.kind.startswith("office."):
        return False
    return case.standings[case.origin] != "reader" or case.kind in RECEIPTS | OWN_KEYS
