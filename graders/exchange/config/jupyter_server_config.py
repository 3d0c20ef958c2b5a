"""Notebook servers load the campus panel of JupyterLab from this installation, not from a share/ folder.

Jupyter finds this folder through JUPYTER_CONFIG_PATH and runs the file with ``c`` defined.
"""

from pathlib import Path

c = get_config()  # noqa: F821 - given by traitlets

c.LabServerApp.extra_labextensions_path = [str(Path(__file__).resolve().parents[3] / "hub" / "lab" / "labextensions")]
c.LabApp.extra_labextensions_path = c.LabServerApp.extra_labextensions_path
