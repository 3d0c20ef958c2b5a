"""The reference profile: what the reference solution did at the bridge, so that students are held to it.

It is recorded when an assignment is published, by running the reference through the same bridge, and stored as
JSON with the assignment. At grading an operator that would show the test's value to a student's object, or take
that object's word for a result, is carried out only where the reference needed it at the same place of the test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

#: Raised with every change of the recorder, the labels or the rules: older profiles are recorded anew. A fact that
#: older profiles lack and whose absence is the stricter rule needs no new version.
PROFILE_VERSION = 1

_LABELS_MAX = 20_000
_LABEL_LENGTH = 160


class ProfileError(ValueError):
    """A stored profile is not one that this version can read."""


@dataclass
class CellProfile:
    """Facts of one test cell. Labels say where a value came from, as in ``model.predict()``."""

    kinds: dict[str, set[str]] = field(default_factory=dict)
    operators: set[tuple[str, str]] = field(default_factory=set)
    claims: dict[str, set[str]] = field(default_factory=dict)
    rebound: set[str] = field(default_factory=set)
    mutated: set[str] = field(default_factory=set)
    shows: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, in a fixed order."""
        return {
            "version": PROFILE_VERSION,
            "kinds": {label: sorted(kinds) for label, kinds in sorted(self.kinds.items())},
            "operators": sorted(map(list, self.operators)),
            "claims": {label: sorted(claims) for label, claims in sorted(self.claims.items())},
            "rebound": sorted(self.rebound),
            "mutated": sorted(self.mutated),
            **({"shows": True} if self.shows else {}),
        }


def load_profile(data: Any) -> CellProfile:
    """Read what ``CellProfile.to_json`` wrote; ``ProfileError`` if it is of another version."""
    if not isinstance(data, Mapping) or data.get("version") != PROFILE_VERSION:
        raise ProfileError("this profile was recorded by another version: check the assignment again")
    return CellProfile(
        kinds={label: set(kinds) for label, kinds in data["kinds"].items()},
        operators={(label, operator) for label, operator in data["operators"]},
        claims={label: set(claims) for label, claims in data["claims"].items()},
        rebound=set(data["rebound"]),
        mutated=set(data["mutated"]),
        shows=data.get("shows") is True,
    )


def shorten(label: str) -> str:
    """Bound a label: long chains (a linked list) keep their last part."""
    return label if len(label) <= _LABEL_LENGTH else "…" + label[-_LABEL_LENGTH:]


class Guard(Protocol):
    """What the bridge asks at each step; a recorder and a stored profile answer."""

    def saw_kind(self, label: str, kind: str) -> None:
        """A value of this kind (``data`` or a handle's kind) arrived."""

    def allows(self, label: str, operator: str) -> bool:
        """Whether ``operator`` may be carried out on the student's object at ``label``."""

    def claims(self, label: str, library_name: str) -> bool:
        """Whether what the student gives at ``label`` may count as this library's own object."""

    def may_rebind(self, name: str) -> bool:
        """Whether student code may rebind a name that the test bound."""

    def mutated(self, label: str) -> bool:
        """Whether the reference changes an argument of this call in place."""

    def may_show(self) -> bool:
        """Whether the cell may end with a value that can't be meant as points, such as a tuple or a frame."""


class Recorder:
    """Allows and writes down everything: for the reference solution only."""

    def __init__(self) -> None:
        self.profile = CellProfile()

    def saw_kind(self, label: str, kind: str) -> None:
        """Write down the kind."""
        if len(self.profile.kinds) < _LABELS_MAX:
            self.profile.kinds.setdefault(label, set()).add(kind)

    def allows(self, label: str, operator: str) -> bool:
        """Write down the operator."""
        if len(self.profile.operators) < _LABELS_MAX:
            self.profile.operators.add((label, operator))
        return True

    def claims(self, label: str, library_name: str) -> bool:
        """Write down which library object it is."""
        self.profile.claims.setdefault(label, set()).add(library_name)
        return True

    def may_rebind(self, name: str) -> bool:
        """Write down the name."""
        self.profile.rebound.add(name)
        return True

    def mutated(self, label: str) -> bool:
        """Write down the call."""
        self.profile.mutated.add(label)
        return True

    def may_show(self) -> bool:
        """Write down that the cell shows something instead of giving points."""
        self.profile.shows = True
        return True


class Enforcer:
    """Holds a student to the recorded profile; without one (None) nothing that reveals a value is allowed."""

    def __init__(self, profile: CellProfile | None) -> None:
        self.profile = profile or CellProfile()
        self.is_known = profile is not None

    def saw_kind(self, label: str, kind: str) -> None:
        """Nothing to do: rules apply where the value is used."""

    def allows(self, label: str, operator: str) -> bool:
        """Only what the reference needed here. Plain calls of names need no profile: every test makes them."""
        if not self.is_known and operator == "call":
            return True
        return (label, operator) in self.profile.operators

    def claims(self, label: str, library_name: str) -> bool:
        """Only what the reference gave here."""
        return library_name in self.profile.claims.get(label, ())

    def may_rebind(self, name: str) -> bool:
        """Only what the reference rebound."""
        return name in self.profile.rebound

    def mutated(self, label: str) -> bool:
        """Only where the reference did it."""
        return label in self.profile.mutated

    def may_show(self) -> bool:
        """Only where the reference's value was none either: else a student's tuple in place of points would pass."""
        return self.profile.shows
