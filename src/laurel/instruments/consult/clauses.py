"""What stands in every text that is adopted, whatever it says: each keeps its freedom, and nobody is bound by law.

The sense of the Commitment to Consult of 18 August 2023, whose members "retain the freedom to take all appropriate
actions to uphold our security interests or sovereignty"; it infringes no treaty and is "not intended to give rise to
rights or obligations under international or domestic law".
https://japan.kantei.go.jp/101_kishida/diplomatic/202308/usarok.html

Words that were once adopted under a slug never change: other words get another slug.
"""

from __future__ import annotations

from collections.abc import Mapping

from laurel.instruments.consult.records import Version

FREEDOM = "freedom-and-no-obligation-1"

CLAUSES: Mapping[str, tuple[Version, ...]] = {
    FREEDOM: (
        Version(
            "en",
            "Each participating country retains the freedom to take all actions that it considers appropriate to uphold"
            " its security interests and its sovereignty. This text does not supersede or otherwise infringe on"
            " commitments arising from any treaty between participating countries. It is not intended to give rise to"
            " rights or obligations under international or domestic law.",
        ),
        Version(
            "ja",
            "各参加国は、自国の安全保障上の利益及び主権を守るために適切と認める全ての行動をとる自由を保持する。"
            "この文書は、参加国間のいかなる条約に基づく約束にも取って代わるものではなく、また、これを何ら害するものではない。"
            "この文書は、国際法上又は国内法上の権利又は義務を生じさせることを意図するものではない。",
        ),
        Version(
            "ko",
            "각 참가국은 자국의 안보 이익과 주권을 수호하기 위하여 적절하다고 판단하는 모든 조치를 취할 자유를 가진다."
            " 이 문서는 참가국 간의 어떠한 조약에 따른 공약도 대체하거나 달리 침해하지 아니한다."
            " 이 문서는 국제법 또는 국내법상의 권리나 의무를 발생시키려는 것이 아니다.",
        ),
    ),
}


def words_of(slug: str) -> tuple[Version, ...] | None:
    """These clauses in each language; None when this version of Laurel does not know them."""
    return CLAUSES.get(slug)
