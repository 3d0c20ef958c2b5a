"""The file that JupyterHub reads. It only wires: what is set and why stands in ``hub.configure``."""

from __future__ import annotations

from traitlets.config import get_config

from hub.configure import hub_configuration
from hub.keys import ensure_keys
from hub.settings import PROJECT_ROOT, Settings, ensure_folders
from spawner_config.packages import ensure_packages

settings = Settings()
ensure_folders(settings)
ensure_packages(settings.notebook_packages, PROJECT_ROOT)
c = get_config()
for class_name, traits in hub_configuration(settings, ensure_keys(settings.secrets)).items():
    c[class_name].update(traits)
