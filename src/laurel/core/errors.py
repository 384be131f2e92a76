"""The error tree. Every error carries facts by name and says what to do.

`Untrusted` is another's fault at the border; `BadAsk` is the asker's; `Broken` is our own machine's.
"""

from __future__ import annotations

from typing import ClassVar


class LaurelError(Exception):
    """Something that a person can act on: `facts` say what and where, `remedy` says what to do."""

    says: ClassVar[str] = "something went wrong"
    remedy: ClassVar[str] = "read the facts, mend the cause, try again"

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(facts)

    @property
    def code(self) -> str:
        """The error's stable name, for programs."""
        return type(self).__name__

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.says} ({facts}). {self.remedy}" if facts else f"{self.says}. {self.remedy}"


class Untrusted(LaurelError):
    """What arrived at the border may not come in. Nothing changed."""


class Malformed(Untrusted):
    says = "these bytes are not a record"
    remedy = "the sender must mend its software; nothing was kept"


class TooLarge(Untrusted):
    says = "the record is larger than the limit"
    remedy = "the sender must split it"


class WrongWorld(Untrusted):
    says = "a record of one world was offered to another"
    remedy = "send it to the world it was said in; exercise and live never mix"


class UnknownMember(Untrusted):
    says = "the origin is not on the roster of this world"
    remedy = "exchange member cards first: laurel card, laurel admit"


class NotInStanding(Untrusted):
    says = "the origin is suspended, expelled or no member of this world"
    remedy = "nothing is taken from it; the members may agree to another standing: laurel line propose-standing"


class ReaderSpoke(Untrusted):
    says = "a reader said more than a receipt"
    remedy = "tell its officers: its border should have kept this at home"


class BadSignature(Untrusted):
    says = "the signature does not hold"
    remedy = "the record was altered or signed with another key; ask its origin"


class KeyEnded(Untrusted):
    says = "the key that signed this no longer signs at this place of the lane"
    remedy = "the key was replaced before; ask its origin whether the old one was stolen"


class KeyUnknown(UnknownMember):
    says = "this is signed with a key that the member has not told us of"
    remedy = "it comes again by itself once the member's word of its new key is here; if not, call the member"


class KeyGone(Untrusted):
    says = "this parcel is sealed with a key of ours that is no more"
    remedy = "nothing to do: its sender offers the records again, sealed with our present key"


class BrokenSeal(Untrusted):
    says = "the seal does not hold"
    remedy = "the parcel was altered or meant for another; whoever sent it offers its records again"


class NotForUs(Untrusted):
    says = "the label does not release this record to us"
    remedy = "the sender's border let it out by mistake; tell its officers"


class OtherCard(Malformed):
    says = "this is a member card of another version of Laurel"
    remedy = "ask the member for a card made now, with laurel card; both nodes run the same version"


class NotTaken(Untrusted):
    says = "our policies do not take this record"
    remedy = "laurel policy explain names the policy; its lane waits here until a policy takes it"


class BadLabel(Untrusted):
    says = "the label is not well formed"
    remedy = "rel_to must be a sorted set of member codes that includes the origin"


class BadAsk(LaurelError):
    """The asker can mend it."""


class NotPermitted(BadAsk):
    says = "this author may not do that"
    remedy = "sign in with the role it needs"


class NotReleasable(NotPermitted):
    says = "the label names a member whom the policies in force do not let have this"
    remedy = "leave that member out of rel_to, or have a release authority change the policy; nothing was said"


class SignInNeeded(BadAsk):
    says = "no one is signed in"
    remedy = "open a sign-in link (laurel officer link), or send a credential as a bearer token"


class SignInRefused(BadAsk):
    says = "this does not sign anyone in"
    remedy = "check name and password or use another passkey; the administrator can make a link: laurel officer link"


class SessionLocked(BadAsk):
    says = "the screen is locked: it shows the picture and takes no orders"
    remedy = "unlock it with your password, a passkey or a new sign-in link, then ask again"


class TooMany(BadAsk):
    says = "too many asks at once"
    remedy = "wait as long as the facts say, then ask again"


class CrossSite(BadAsk):
    says = "another page asked with this officer's session"
    remedy = "ask from the console of this node, or from a program with a token of its own"


class UnknownAsk(BadAsk):
    says = "there is no such command or query here"
    remedy = "see laurel --help for those there are"


class BadField(BadAsk):
    says = "a field does not hold what it must"
    remedy = "correct the field and ask again"


class AskReused(BadAsk):
    says = "this ask_id was used for another ask by the same author"
    remedy = "make a new ask_id for a new ask; repeat an old one only with the same content"


class Nothing(BadAsk):
    says = "there is no such thing"
    remedy = "check the name; list what there is first"


class Broken(LaurelError):
    """Our own machine, disk or set-up is at fault."""


class NewerDatabase(Broken):
    says = "the database was written by a newer Laurel"
    remedy = "upgrade Laurel on this node; the database was not touched"


class WorldInUse(Broken):
    says = "another process holds this world"
    remedy = "stop that process first; one world has one writer"


class DatabaseFailed(Broken):
    says = "the database could not be read or written; nothing was said or taken"
    remedy = "check the disk and the folder's rights; if the file is damaged, restore a backup"


class DiskFull(Broken):
    says = "the disk is full; nothing was said or taken"
    remedy = "free space, then ask again with the same ask_id"
