"""The campus panel of JupyterLab: hand-written scripts below ``share/jupyter``, found through JUPYTER_PATH."""
