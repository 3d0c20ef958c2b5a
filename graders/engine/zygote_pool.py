"""The warm processes of one worker: one for each list of modules that assignments ask for, one for the tests."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import Self

from graders.engine.trusted import TrustedZygote
from graders.engine.zygote import Zygote, ZygoteError

#: How many lists of modules are kept warm at once; the least recently used one makes room.
MAX_WARM = 2


log = logging.getLogger(__name__)


class WarmProcesses:
    """Starts warm processes when they are first asked for, restarts dead ones, ends all at once."""

    def __init__(self) -> None:
        self._students: OrderedDict[tuple[str, ...], Zygote] = OrderedDict()
        self._tests: OrderedDict[tuple[str, ...], TrustedZygote] = OrderedDict()

    def for_students(self, modules: Sequence[str]) -> Zygote:
        """Return the warm process with ``modules`` imported."""
        key = tuple(modules)
        warm = self._students.pop(key, None)
        if warm is not None and not warm.alive:
            warm.close()
            warm = None
        self._students[key] = warm or _start(key)
        _close_oldest(self._students)
        return self._students[key]

    def for_tests(self, modules: Sequence[str]) -> TrustedZygote:
        """Return the warm process of trusted tests with ``modules`` imported; it may still be importing them."""
        key = tuple(modules)
        warm = self._tests.pop(key) if key in self._tests else TrustedZygote(key)
        self._tests[key] = warm
        _close_oldest(self._tests)
        return self._tests[key]

    def forget_tests(self) -> None:
        """End the warm processes of tests: the next request starts a fresh one."""
        _close_oldest(self._tests, keep=0)

    def close(self) -> None:
        """End all of them."""
        self.forget_tests()
        _close_oldest(self._students, keep=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _close_oldest(
    warm: OrderedDict[tuple[str, ...], Zygote] | OrderedDict[tuple[str, ...], TrustedZygote], keep: int = MAX_WARM
) -> None:
    while len(warm) > keep:
        warm.popitem(last=False)[1].close()


def _start(modules: tuple[str, ...]) -> Zygote:
    """Start a warm process; a module that can't be imported there (it starts threads) is left to the cells."""
    try:
        return Zygote(modules)
    except ZygoteError:
        if not modules:
            raise
        log.warning("the warm process of %s did not come up; its cells will import them", ", ".join(modules))
        return Zygote(())
