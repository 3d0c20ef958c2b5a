"""Who takes part in the demonstration programme: students of the four partner universities, and staff in every role."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoPerson:
    """Somebody with an account. ``role`` is student, instructor, coordinator or administrator.

    ``university`` is a code of courses/partners.yaml; None for those who work for all universities.
    """

    username: str
    name_ko: str
    name_en: str
    role: str
    university: str | None


PEOPLE = (
    DemoPerson("minji.kim", "김민지", "Kim Minji", "student", "gnu"),
    DemoPerson("junho.lee", "이준호", "Lee Junho", "student", "gnu"),
    DemoPerson("seoyeon.park", "박서연", "Park Seoyeon", "student", "cwnu"),
    DemoPerson("dohyun.choi", "최도현", "Choi Dohyun", "student", "cwnu"),
    DemoPerson("haeun.jung", "정하은", "Jung Haeun", "student", "kyungnam"),
    DemoPerson("siwoo.kang", "강시우", "Kang Siwoo", "student", "kyungnam"),
    DemoPerson("jiwoo.yoon", "윤지우", "Yoon Jiwoo", "student", "inje"),
    DemoPerson("yujin.han", "한유진", "Han Yujin", "student", "inje"),
    DemoPerson("prof.song", "송재현", "Song Jaehyun", "instructor", "gnu"),
    DemoPerson("prof.lim", "임수정", "Lim Sujung", "instructor", "cwnu"),
    DemoPerson("coord.oh", "오지영", "Oh Jiyoung", "coordinator", None),
    DemoPerson("admin.seo", "서동욱", "Seo Dongwook", "administrator", None),
)
