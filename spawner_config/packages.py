"""A folder that notebooks import our packages from, holding exactly what they may see.

The clone itself can't be listed from a notebook server (it holds the courses' solutions), and Python finds nothing in
a folder that it can't list. So a folder of links stands in for it.
"""

from __future__ import annotations

from pathlib import Path

from spawner_config.walls import course_modules


def package_links(project: Path) -> dict[str, Path]:
    """Return what lies in the folder: relative path -> target in the clone."""
    modules = {f"courses/{path.name}": path for path in course_modules(project)}
    return {"graders": project / "graders", "courses/simulators": project / "courses" / "simulators", **modules}


def ensure_packages(folder: Path, project: Path) -> None:
    """Make the folder, with links that are right and no others."""
    links = package_links(project)
    (folder / "courses").mkdir(parents=True, exist_ok=True)
    for path in (folder, folder / "courses"):
        path.chmod(0o755)
    for path in [*folder.iterdir(), *(folder / "courses").iterdir()]:
        if path.is_symlink() and links.get(path.relative_to(folder).as_posix()) != path.readlink():
            path.unlink()
    for name, target in links.items():
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(target)
