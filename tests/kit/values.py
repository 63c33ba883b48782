"""Values that people may really give, odd ones among them, made from a seed: the same seed gives the same values."""

import random
from collections.abc import Sequence
from typing import Any

from comity.common.v1 import party_pb2
from comity.intake.v1 import intake_service_pb2, matter_pb2

_COMMON = "王李张刘陈杨赵黄周吴样本有限公司电器商贸市区路号"
_RARE = "㐂㛃䶮𠮷𡛟𣇉龘靐齉堃喆囍𪚥𫖮龵"
_LATIN = "O'Brien-José Ångström Müller Łódź d’Été e\u0301 n\u0303 &<b>\"/\\%{}#()·—"
_PUNCTUATION = "·-—'’()（）&.,、"
_DIGITS = "0123456789"
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
_UNFIT = "\t\u202e\u200b\ue000\n"


class Values:
    """A stream of values. ``unfit`` of them hold, now and then, a character that nothing prints."""

    def __init__(self, seed: int, *, unfit: float = 0.05) -> None:
        self._random = random.Random(seed)
        self._unfit = unfit

    def name(self) -> str:
        """1 to 100 characters: Chinese with rare ones, Latin with marks, punctuation only, spaces at the ends."""
        pool = self._one(_COMMON, _COMMON + _RARE, _LATIN, _PUNCTUATION)
        text = self._text(pool, self._one(1, 2, 3, 12, 63, 64, 65, 100))
        return (f" {text} " if self._random.random() < 0.2 else text)[:100]

    def text(self, most: int) -> str:
        pool = self._one(_COMMON + "，。", _COMMON + _RARE + "，。\n", _LATIN + "\n", _PUNCTUATION + _DIGITS)
        return self._text(pool, self._one(1, 7, 200, most)) or "文"

    def chinese(self, most: int) -> str:
        """As ``text``, of what a court takes."""
        return self._text(self._one(_COMMON + "，。", _COMMON + _RARE + "，。\n"), self._one(1, 7, 200, most)) or "文"

    def particulars(self, kind: int) -> party_pb2.PartyParticulars:
        return party_pb2.PartyParticulars(
            display_name=self.name(),
            kind=kind,  # type: ignore[arg-type]
            identity_number=self._one(
                self._text(_CAPITALS, self._one(0, 1, 8, 18, 32), unfit=False), "320102 19550101 002x", "A123456(7)"
            ),
            address=self.text(300),
            region_code=self._one("", "320102", "999999"),
            email=self._one("", "a@b.cn", "A+b.c_d＠Example.com", "a@例子.中国", f"{'x' * 64}@{'y' * 60}.example"),
            phone=self._one("", "+8613800000001", "+1234567", "+123456789012345", "139 0000 0001", "010-12345678转801"),
            locale=self._one("zh", "en"),
            sex=self._one(*party_pb2.Sex.values()),
            ethnic_group=self._one("", "汉族", "维吾尔族"),
            birth_date=self._one("", "1955-01-01", "2000-02-29"),
            occupation=self._one("", "教师", "Teacher"),
            nationality=self._one("", "VN", "US"),
            identity_paper=self._one(*party_pb2.IdentityPaper.values()),
            latin_name=self._one("", "Nguyen Thi Anh", "Lukasz"),
            organisation_form=self._one(*party_pb2.OrganisationForm.values()),
            legal_representative=self._one("", "样本人"),
            legal_representative_duty=self._one("", "董事长"),
            trade_name=self._one("", "样本小吃店"),
            printed_name=self._one("", "王样本"),
        )

    def filing(self, organisation: str, request_id: str) -> intake_service_pb2.FileMatterRequest:
        return intake_service_pb2.FileMatterRequest(
            request_id=request_id,
            organisation=organisation,
            kind=matter_pb2.MATTER_KIND_DISPUTE,
            channel=matter_pb2.CHANNEL_WEB,
            subject_matter="CONSUMER",
            facts=self.text(20_000),
            request=self.text(5_000),
            complainant=self.particulars(party_pb2.PARTY_KIND_NATURAL_PERSON),
            respondent=self.particulars(party_pb2.PARTY_KIND_ORGANISATION),
            sample=True,
            source_facts={self._text(_COMMON, 5, unfit=False): self.text(4_000)},
        )

    def file(self, kinds: Sequence[bytes]) -> bytes:
        """A file that begins like one of a kind; what follows is nothing that a program of that kind would read."""
        return bytes(self._one(*kinds)) + self._random.randbytes(self._one(1, 100, 500_000))

    def amount(self) -> int:
        return self._one(1, 99, 100, 70_700, 10**12)

    def day(self) -> str:
        return self._one("2026-04-30", "2028-02-29", "2099-12-31", "9999-12-31")

    def _one(self, *values: Any) -> Any:
        return self._random.choice(values)

    def _text(self, pool: str, length: int, *, unfit: bool = True) -> str:
        text = "".join(self._random.choice(pool) for _ in range(length))
        if unfit and text and self._random.random() < self._unfit:
            text = text[:-1] + self._random.choice(_UNFIT)
        return text
