"""The words of supply that stand in records: sorts, bases, units."""

from __future__ import annotations

from enum import StrEnum


class ProviderSort(StrEnum):
    """Whether a provider is a firm, or a country of which a source gives one number."""

    FIRM = "firm"
    COUNTRY = "country"


class Counts(StrEnum):
    """What a source says that it counts for a country: what its firms sell, or what is made there."""

    HEADQUARTERS = "headquarters"
    SITE = "site"


class Basis(StrEnum):
    """Whose shares a set holds. Sets of two bases are never mixed."""

    FIRM = "firm"
    """Each firm by itself. Never leaves the house."""
    HEADQUARTERS = "headquarters"
    """Countries by where firms have their headquarters: the shares of the firms in the data, summed."""
    STATED_HEADQUARTERS = "stated-headquarters"
    """Countries as the source states them, by headquarters."""
    SITE = "site"
    """Countries as the source states them, by where it is made."""
    UNSTATED = "unstated"
    """Countries as the source states them, where it does not say whether by headquarters or by site."""


STATED = (Basis.STATED_HEADQUARTERS, Basis.SITE, Basis.UNSTATED)
"""Sets over countries that stand in the data as such."""


class EdgeSort(StrEnum):
    """How one input stands to another."""

    GOES_INTO = "goes-into"
    IS_TYPE_OF = "is-type-of"


class Fails(StrEnum):
    """What a what-if takes away."""

    COUNTRY = "country"
    FIRM = "firm"
    INPUT = "input"


class MeasureSort(StrEnum):
    """What kind of measure a member tells the others of."""

    EXPORT_CONTROL = "export-control"
    INVESTMENT_SCREENING = "investment-screening"
