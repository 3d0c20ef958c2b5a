"""What can go wrong when the platform is started, said so that a person knows what to do."""

from __future__ import annotations


class StartError(Exception):
    """The platform can't start; carries the sentence in both languages."""

    def __init__(self, ko: str, en: str) -> None:
        super().__init__(f"{ko}\n{en}")
        self.ko, self.en = ko, en
