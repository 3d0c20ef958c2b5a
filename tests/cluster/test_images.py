"""The images as the cluster runs them: an ordinary user, a read-only root, everything importable, nothing too much."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.cluster.conftest import Namespace

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

#: Imports every module of the named packages and says what failed. Modules that act when imported are no libraries, and
#: those about a library that a course may bring along are imported only where it is.
IMPORT_ALL = """
import importlib, json, pkgutil, sys
failed = {}
for package in PACKAGES:
    for found in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        acts = ("__main__", ".wsgi", ".jupyterhub_config", ".migrations.env")
        if found.name.endswith(acts) or ".versions." in found.name:
            continue
        try:
            importlib.import_module(found.name)
        except ModuleNotFoundError as error:
            if error.name.partition(".")[0] not in OPTIONAL:
                failed[found.name] = str(error)
        except ImportError as error:
            failed[found.name] = str(error)
"""

#: What an operator of a cluster asks of any image; prints one line of JSON.
ASK = """
import os, pathlib
def is_refused(path):
    try:
        pathlib.Path(path).write_text("")
    except OSError:
        return True
    return False
facts = {
    "user": os.getuid(),
    "read_only": all(map(is_refused, ["/x", "/opt/axcampus/x", "/srv/axcampus/x", "/usr/local/bin/x"])),
    "failed": failed,
}
"""

EXPORT = """
import nbformat
from nbconvert import HTMLExporter
book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# 제목 $x^2$"), nbformat.v4.new_code_cell("1")])
facts["html"] = "제목" in HTMLExporter().from_notebook_node(book)[0]
"""

SAY = "\nprint('FACTS' + json.dumps(facts))\n"

HUB = """
import importlib.util
import jupyterhub_idle_culler, oauthenticator, psycopg, kubespawner
facts["portal"] = importlib.util.find_spec("flask") is not None
"""

NOTEBOOK = """
import importlib.util, subprocess
import matplotlib, numpy, pandas, pyarrow, scipy, sklearn
import courses.runtime
facts["solutions"] = [str(p) for p in pathlib.Path("/srv/axcampus/courses").rglob("*") if "solution" in str(p)]
facts["portal"] = importlib.util.find_spec("flask") is not None
from jupyter_core.paths import jupyter_config_path
from jupyter_server.extension.config import ExtensionConfigManager
# As the server looks for them; the command that lists extensions leaves JUPYTER_CONFIG_PATH out.
enabled = ExtensionConfigManager(read_config_path=jupyter_config_path()).get_jpserver_extensions()
facts["extensions"] = enabled.get("graders.exchange.panel_server", False)
labels = subprocess.run(["jupyter", "labextension", "list"], capture_output=True, text=True)
login = subprocess.run(["bash", "-lc", "command -v nbgrader"], capture_output=True, text=True)
facts["terminal"] = login.stdout.strip()
facts["panel"] = "axcampus" in labels.stdout + labels.stderr
"""

CAMPUS = """
import subprocess
facts["command"] = subprocess.run(["axcampus", "--help"], capture_output=True).returncode
"""


def smoke_pod(name: str, image: str, code: str) -> dict[str, Any]:
    """A pod as the ``restricted`` level wants it, with a read-only root and nothing but /tmp to write to."""
    container = {
        "name": "smoke",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "args": ["python", "-c", code],
        "env": [{"name": name, "value": "/tmp"} for name in ("HOME", "TMPDIR")],
        "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "50m", "memory": "256Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "readOnlyRootFilesystem": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    }
    spec = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "containers": [container],
        "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "100Mi"}}],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


#: Values of these libraries cross between student and test where the image has them; a notebook speaks to no cluster.
#: With tep_studio authors make the data that are stored with the course.
COURSES_OWN = ["networkx", "sympy", "torch", "tep_studio"]
CODE = {
    "hub": "PACKAGES, OPTIONAL = ['spawner_config', 'hub.pods', 'hub.culling'], []" + IMPORT_ALL + ASK + HUB + SAY,
    "campus": f"PACKAGES, OPTIONAL = ['graders', 'courses', 'hub.portal'], {COURSES_OWN}"
    + IMPORT_ALL
    + ASK
    + EXPORT
    + CAMPUS
    + SAY,
    "notebook": f"PACKAGES, OPTIONAL = ['graders', 'courses.simulators'], {[*COURSES_OWN, 'kubernetes_asyncio']}"
    + IMPORT_ALL
    + ASK
    + EXPORT
    + NOTEBOOK
    + SAY,
}


@pytest.fixture(scope="module")
def facts(make_namespace: Callable[..., Namespace], images: dict[str, str]) -> dict[str, dict[str, Any]]:
    """What each image says of itself; all run side by side."""
    namespace = make_namespace("images")
    namespace.apply(*(smoke_pod(name, images[name], code) for name, code in CODE.items()))
    found = {}
    for name in CODE:
        namespace.kubectl(
            "wait", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=150s", f"pod/{name}", seconds=160
        )
        found[name] = json.loads(namespace.kubectl("logs", name).split("FACTS", 1)[1])
    return found


@pytest.mark.parametrize("image", CODE)
def test_an_image_runs_as_an_ordinary_user_on_a_read_only_root(facts: dict[str, Any], image: str) -> None:
    assert (facts[image]["user"], facts[image]["read_only"]) == (1000, True)


@pytest.mark.parametrize("image", CODE)
def test_every_module_of_ours_can_be_imported(facts: dict[str, Any], image: str) -> None:
    assert facts[image]["failed"] == {}


@pytest.mark.parametrize("image", ["campus", "notebook"])
def test_notebooks_are_exported_as_html(facts: dict[str, Any], image: str) -> None:
    assert facts[image]["html"]


def test_the_notebook_image_has_no_solution_and_no_portal(facts: dict[str, Any]) -> None:
    assert (facts["notebook"]["solutions"], facts["notebook"]["portal"]) == ([], False)


def test_the_notebook_image_has_our_extensions(facts: dict[str, Any]) -> None:
    assert (facts["notebook"]["extensions"], facts["notebook"]["panel"]) == (True, True)


def test_a_terminal_of_the_notebook_image_finds_nbgrader(facts: dict[str, Any]) -> None:
    assert facts["notebook"]["terminal"] == "/opt/axcampus/bin/nbgrader"


def test_the_hub_image_has_no_portal(facts: dict[str, Any]) -> None:
    assert facts["hub"]["portal"] is False


def test_the_campus_image_has_the_command(facts: dict[str, Any]) -> None:
    assert facts["campus"]["command"] == 0
