"""The 18 cities and counties (시군) of Gyeongnam, by which people are counted; ``other`` is elsewhere."""

from __future__ import annotations

#: Code -> (Korean, English). The codes are ours: the official ones change when areas merge.
REGIONS = {
    "changwon": ("창원시", "Changwon"),
    "jinju": ("진주시", "Jinju"),
    "tongyeong": ("통영시", "Tongyeong"),
    "sacheon": ("사천시", "Sacheon"),
    "gimhae": ("김해시", "Gimhae"),
    "miryang": ("밀양시", "Miryang"),
    "geoje": ("거제시", "Geoje"),
    "yangsan": ("양산시", "Yangsan"),
    "uiryeong": ("의령군", "Uiryeong"),
    "haman": ("함안군", "Haman"),
    "changnyeong": ("창녕군", "Changnyeong"),
    "goseong": ("고성군", "Goseong"),
    "namhae": ("남해군", "Namhae"),
    "hadong": ("하동군", "Hadong"),
    "sancheong": ("산청군", "Sancheong"),
    "hamyang": ("함양군", "Hamyang"),
    "geochang": ("거창군", "Geochang"),
    "hapcheon": ("합천군", "Hapcheon"),
    "other": ("경남 밖", "outside Gyeongnam"),
}


def find_region(text: str) -> str | None:
    """Code of a region by its name, with or without 시/군 and the province in front; None if it is not one."""
    word = text.strip().removeprefix("경상남도").removeprefix("경남").strip()
    for code, (korean, english) in REGIONS.items():
        if word in (korean, korean[:-1]) or word.lower() in (code, english.lower()):
            return code
    return "other" if text.strip() in ("경남 밖", "기타") else None
