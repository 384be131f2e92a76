"""The words that records of a consultation choose from."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """Who is to talk."""

    WORKING = "working"
    ADVISER = "adviser"
    MINISTER = "minister"
    LEADER = "leader"


class Ground(StrEnum):
    """What the commitment of 18 August 2023 names."""

    CHALLENGE = "challenge"
    PROVOCATION = "provocation"
    THREAT = "threat"


class Means(StrEnum):
    """How members meet."""

    HOTLINE = "hotline"
    VOICE = "voice"
    VIDEO = "video"
    IN_PERSON = "in-person"


class Field(StrEnum):
    """In which field a response acts."""

    DIPLOMATIC = "diplomatic"
    ECONOMIC = "economic"
    INFORMATIONAL = "informational"
    DEFENSIVE = "defensive"
    HUMANITARIAN = "humanitarian"
    CYBER = "cyber"


class Activity(StrEnum):
    """What a member would do in an option: what caveats speak of."""

    STATEMENT = "statement"
    SANCTIONS = "sanctions"
    EXPORT_MEASURES = "export-measures"
    INFORMATION_SHARING = "information-sharing"
    SURVEILLANCE = "surveillance"
    CYBER_DEFENCE = "cyber-defence"
    EVACUATION = "evacuation"
    HUMANITARIAN_RELIEF = "humanitarian-relief"
    LOGISTICAL_SUPPORT = "logistical-support"
    MISSILE_DEFENCE = "missile-defence"
    EXERCISE = "exercise"
    DEPLOYMENT = "deployment"
    USE_OF_FORCE = "use-of-force"


class Position(StrEnum):
    """What a member thinks of an option or a text, before any procedure."""

    SUPPORTS = "supports"
    ACCEPTS = "accepts"
    ABSTAINS = "abstains"
    OPPOSES = "opposes"


class Binds(StrEnum):
    """Whose part a caveat speaks of: its own member's, or that of the others."""

    OWN = "own"
    OTHERS = "others"


class Purpose(StrEnum):
    """What a joint text is."""

    ASSESSMENT = "assessment"
    RESPONSE = "response"


class RemarkKind(StrEnum):
    """What a member says beside an assent."""

    RESERVATION = "reservation"
    INTERPRETATION = "interpretation"
