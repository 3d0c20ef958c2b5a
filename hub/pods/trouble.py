"""Watches a pod that does not come up and decides when it is no use to wait: a pure clock over pure causes."""

from __future__ import annotations

from typing import Any

from hub.pods.problems import PodProblem, explain_container, explain_unschedulable, unschedulable_words

#: Causes that somebody has to mend; the others may still pass.
LASTING = frozenset({PodProblem.IMAGE, PodProblem.REFUSED, PodProblem.ENDED})


class Trouble:
    """Remembers since when a pod has been in the same trouble. Times are seconds of any monotonic clock."""

    def __init__(self, patience_seconds: float, *, wants_gpu: bool) -> None:
        self._patience, self._wants_gpu = patience_seconds, wants_gpu
        self._problem: PodProblem | None = None
        self._since = 0.0

    def look(self, pod: dict[str, Any] | None, now: float) -> PodProblem | None:
        """Return the trouble once it has lasted longer than patience, else None."""
        problem = None if pod is None else trouble_of(pod, wants_gpu=self._wants_gpu)
        if problem is not self._problem:
            self._problem, self._since = problem, now
        return problem if problem and now - self._since >= self._patience else None


def trouble_of(pod: dict[str, Any], *, wants_gpu: bool) -> PodProblem | None:
    """Return what is wrong with a pod at this moment; None for one that is merely on its way."""
    if words := unschedulable_words(pod):
        return explain_unschedulable(words, wants_gpu=wants_gpu)
    if pod.get("status", {}).get("phase") == "Failed":
        return PodProblem.ENDED
    problem = explain_container(pod)
    return problem if problem in LASTING else None
