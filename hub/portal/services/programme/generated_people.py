"""Invented people and companies of a generated programme. Nobody real: no telephone number can be called (010-0...),
and all addresses end in ``.example``, which is reserved for examples."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from hub.portal.models import CompanySize, Track
from hub.portal.services.programme.identifiers import business_check_digit

SUPPORTED = 30
_FAMILY = {"김": 21, "이": 15, "박": 8, "최": 5, "정": 5, "강": 2, "조": 2, "윤": 2, "장": 2, "임": 2}
_FAMILY |= dict.fromkeys("한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민류나진지엄채원천방공", 1)
_FIRST, _SECOND = "민서지도하예준시수현은태재윤동승유나성주", "준연우윤호진서은아현민원희영빈훈석경린솔"
_COMPANY_FIRST = ("한빛", "대성", "창원", "진주", "동남", "미래", "세원", "태광", "삼우", "경남", "해원", "우진")
_COMPANY_SECOND = ("정밀", "테크", "기계", "산업", "금속", "모빌리티", "에어로", "중공업", "시스템", "엔지니어링")
_REGIONS = {"changwon": 35, "gimhae": 16, "jinju": 12, "yangsan": 10, "geoje": 6, "sacheon": 5, "tongyeong": 3}
_REGIONS |= {"miryang": 3, "haman": 3, "other": 2} | dict.fromkeys(("geochang", "changnyeong", "goseong", "hadong"), 1)
_REGIONS |= dict.fromkeys(("uiryeong", "namhae", "sancheong", "hamyang", "hapcheon"), 1)
_TRACKS = {Track.STUDENT: 45, Track.EMPLOYEE: 35, Track.JOB_SEEKER: 15, Track.CEO: 5}
_AGES = {Track.STUDENT: (20, 27), Track.EMPLOYEE: (24, 55), Track.JOB_SEEKER: (22, 38), Track.CEO: (38, 64)}
_SIZES = {CompanySize.SMALL_OR_MEDIUM: 80, CompanySize.MID_SIZED: 15, CompanySize.LARGE: 5}
#: One in so many was entered a second time, with another telephone number: what a list of duplicates has to find.
_TYPED_TWICE = 100


@dataclass(frozen=True)
class NewCompany:
    """A company; ``business_number`` has the right check digit."""

    name: str
    business_number: str
    size: CompanySize
    region: str
    is_supported: bool


@dataclass(frozen=True)
class NewPerson:
    """A trainee. ``number`` counts from 1; ``company`` is an index, None for those without an employer."""

    number: int
    name: str
    birth_date: date
    phone: str
    track: Track
    home_region: str
    company: int | None


def pick(random: Random, weights: dict[str, int]) -> str:
    """Choose a key by its weight."""
    return random.choices(list(weights), list(weights.values()))[0]


def make_name(random: Random) -> str:
    """Return a name as Koreans have them: one family syllable, two given ones."""
    return pick(random, _FAMILY) + random.choice(_FIRST) + random.choice(_SECOND)


def make_companies(random: Random, trainees: int) -> list[NewCompany]:
    """Return companies for so many trainees; the first 30 are small or medium and supported."""
    count = min(max(40, trainees // 6), 3000)
    numbers: set[str] = set()
    return [_company(random, index, numbers) for index in range(count)]


def _company(random: Random, index: int, taken: set[str]) -> NewCompany:
    first, rest = _COMPANY_FIRST[index % 12], index // 12
    branch = f" {rest // 10 + 1}공장" if rest >= 10 else ""
    is_supported = index < SUPPORTED
    size = CompanySize.SMALL_OR_MEDIUM if is_supported else random.choices(list(_SIZES), list(_SIZES.values()))[0]
    return NewCompany(
        name=f"{first}{_COMPANY_SECOND[(index + rest) % 10]}{branch}",
        business_number=_business_number(random, taken),
        size=size,
        region=pick(random, _REGIONS),
        is_supported=is_supported,
    )


def _business_number(random: Random, taken: set[str]) -> str:
    while True:
        nine = f"{random.randrange(101, 620)}{random.randrange(81, 90)}{random.randrange(10_000):04d}"
        number = f"{nine}{business_check_digit(nine)}"
        if number not in taken:
            taken.add(number)
            return number


def make_people(random: Random, count: int, companies: int, today: date) -> list[NewPerson]:
    """Return ``count`` people; some are others typed twice, with another number to call."""
    phones = random.sample(range(10_000_000), count)
    people: list[NewPerson] = []
    for index, digits in enumerate(phones):
        phone = f"0100{digits:07d}"
        if index % _TYPED_TWICE == _TYPED_TWICE - 1:
            twin = people[random.randrange(len(people))]
            people.append(replace(twin, number=index + 1, phone=phone))
        else:
            people.append(_person(random, index + 1, phone, companies, today))
    return people


def _person(random: Random, number: int, phone: str, companies: int, today: date) -> NewPerson:
    track = random.choices(list(_TRACKS), list(_TRACKS.values()))[0]
    youngest, oldest = _AGES[track]
    days = random.randrange(youngest * 365 + 10, oldest * 365)
    works = track in (Track.EMPLOYEE, Track.CEO)
    return NewPerson(
        number=number,
        name=make_name(random),
        birth_date=today - timedelta(days=days),
        phone=phone,
        track=track,
        home_region=pick(random, _REGIONS),
        company=_employer(random, companies) if works else None,
    )


def _employer(random: Random, companies: int) -> int:
    """Half of the employed come from the supported companies, the others from any."""
    return random.randrange(min(SUPPORTED, companies)) if random.random() < 0.5 else random.randrange(companies)
