from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.keys import ensure_key, ensure_keys, load_key


def test_keys_are_made_once_and_differ(tmp_path: Path) -> None:
    keys = ensure_keys(tmp_path)
    assert ensure_keys(tmp_path) == keys
    assert len(set(vars(keys).values())) == len(vars(keys))


def test_key_files_are_for_the_owner_alone(tmp_path: Path) -> None:
    ensure_keys(tmp_path)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_keys_do_not_show_in_a_traceback(tmp_path: Path) -> None:
    keys = ensure_keys(tmp_path)
    assert keys.seed_key not in repr(keys)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "session_key"
    ensure_key(path)
    path.chmod(0o644)
    with pytest.raises(PermissionError, match="chmod 600"):
        load_key(path)


def test_a_truncated_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "session_key"
    ensure_key(path)
    path.write_text("abcd")
    with pytest.raises(ValueError, match="holds no key"):
        load_key(path)


@pytest.mark.parametrize("attempt", range(20))
def test_threads_that_start_together_get_the_same_key(tmp_path: Path, attempt: int) -> None:
    path = tmp_path / f"key{attempt}"
    together = threading.Barrier(8)

    def make() -> str:
        together.wait(timeout=10)
        return ensure_key(path)

    with ThreadPoolExecutor(8) as pool:
        found = [future.result() for future in [pool.submit(make) for _ in range(8)]]
    assert len(set(found)) == 1
    assert [left.name for left in tmp_path.iterdir()] == [path.name]
