"""The process in which nbgrader's InstantiateTests runs; see ``graders.autotest``. JSON in, one line of JSON out."""

from __future__ import annotations

import json
import sys
from typing import Any

import psutil
from nbclient.exceptions import CellExecutionError
from nbconvert.exporters.exporter import ResourcesDict
from nbgrader.preprocessors import InstantiateTests
from traitlets.config import Config

from graders.notebook_json import format_library


def main() -> None:
    """Read the task, run the preprocessor, write the notebook or the error; end every process that it left."""
    task = json.load(sys.stdin)
    try:
        answer = {"notebook": _instantiate(task)}
    except CellExecutionError as error:
        answer = {"error": f"{error.ename}: {error.evalue}"}
    except Exception as error:  # noqa: BLE001 - nbgrader raises bare Exception; the text goes to the author
        answer = {"error": f"{type(error).__name__}: {error}"}
    finally:
        _end_kernels()
    sys.stdout.write("\n" + json.dumps(answer) + "\n")


def _instantiate(task: dict[str, Any]) -> Any:
    step = InstantiateTests(config=Config({"InstantiateTests": task["settings"]}))
    notebook = format_library.from_dict(task["notebook"])
    changed, _ = step.preprocess(notebook, ResourcesDict(metadata={"path": task["folder"]}))
    return changed


def _end_kernels() -> None:
    """Kill what is still there: nbgrader shuts its kernel down only when every cell succeeded."""
    for process in psutil.Process().children(recursive=True):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


if __name__ == "__main__":
    main()
