"""The learners' secret seeds: derived, so that nothing needs to be stored and nobody can ask for another's."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from graders.contract import LEARNER_FILE
from graders.files import FileSet, canonical_json

SEED_BYTES = 8


@dataclass(frozen=True)
class SeedSubject:
    """Whose seed, for what. Names, not row ids, where there are any: a restored database gives the same seeds.

    The members of a team work on the same data: with a ``team_id`` the person does not matter.
    """

    person_id: int
    assignment: str
    version: int
    team_id: int | None = None

    @property
    def learner(self) -> int | str:
        """What stands for the learner in the derivation."""
        return self.person_id if self.team_id is None else f"team-{self.team_id}"


@dataclass(frozen=True, repr=False)
class SeedKeys:
    """The two secrets from which seeds are made; never shown, not even in a traceback."""

    learner: bytes
    hidden: bytes

    @classmethod
    def from_hex(cls, learner: str, hidden: str) -> SeedKeys:
        """Read the keys as the files in ``secrets/`` hold them."""
        return cls(bytes.fromhex(learner), bytes.fromhex(hidden))

    def learner_seed(self, subject: SeedSubject) -> int:
        """Seed of the data that the learner works on."""
        return _derive(self.learner, subject)

    def hidden_seed(self, subject: SeedSubject) -> int:
        """Seed of the data that hidden tests make."""
        return _derive(self.hidden, subject)


def _derive(key: bytes, subject: SeedSubject) -> int:
    message = canonical_json([subject.learner, subject.assignment, subject.version])
    return int.from_bytes(hmac.digest(key, message, "sha256")[:SEED_BYTES], "big")


def with_learner_file(files: FileSet, seed: int) -> FileSet:
    """Return the files with ``learner.json`` holding ``seed``; a file of that name is replaced."""
    return FileSet({**files.files, LEARNER_FILE: canonical_json({"seed": seed})})
