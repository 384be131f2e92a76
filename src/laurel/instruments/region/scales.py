"""The words in which sources and assessments are weighed, and what each means.

The Admiralty code: NATO STANAG 2511 and AJP-2.1. Confidence: Intelligence Community Directive 203 (ODNI). The words of
severity are the house's own.
"""

from __future__ import annotations

from collections.abc import Mapping

from laurel.instruments.region.board_types import Word
from laurel.instruments.region.records import Confidence, Severity

RELIABILITY: Mapping[str, str] = {
    "A": "completely reliable",
    "B": "usually reliable",
    "C": "fairly reliable",
    "D": "not usually reliable",
    "E": "unreliable",
    "F": "reliability cannot be judged",
}
CREDIBILITY: Mapping[str, str] = {
    "1": "confirmed by other sources",
    "2": "probably true",
    "3": "possibly true",
    "4": "doubtful",
    "5": "improbable",
    "6": "truth cannot be judged",
}
SEVERITIES = (
    Word(Severity.NONE, "no harm, and nobody was put at risk"),
    Word(Severity.MINOR, "a rule was broken or someone was put at risk, without lasting harm"),
    Word(Severity.SERIOUS, "people, territory or vital services were put in danger, or harmed in part"),
    Word(Severity.GRAVE, "lives were lost, territory was struck, or that is likely to follow"),
)
CONFIDENCES = (
    Word(Confidence.LOW, "the information is scant, questionable or fragmented, or its sources are doubted"),
    Word(Confidence.MODERATE, "credibly sourced and plausible, yet not enough, or not confirmed enough, for more"),
    Word(Confidence.HIGH, "good information from several sources; the assessment may be wrong all the same"),
)


def grade_means(grade: str) -> str:
    """`usually reliable, probably true` for B2."""
    return f"{RELIABILITY[grade[0]]}, {CREDIBILITY[grade[1]]}"
