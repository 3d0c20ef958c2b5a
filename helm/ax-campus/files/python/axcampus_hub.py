"""Read by zero-to-jupyterhub's configuration as its last file. It only wires: what is set stands in cluster_hub."""

from __future__ import annotations

from cluster_hub import cluster_configuration
from cluster_settings import KEYS_FOLDER, SETTINGS_FOLDER, ClusterSettings, take_keys
from traitlets.config import get_config

from hub.keys import ensure_keys
from hub.settings import ensure_folders

settings = ClusterSettings(_secrets_dir=SETTINGS_FOLDER)
ensure_folders(settings)
take_keys(KEYS_FOLDER, settings.secrets)
configuration = get_config()
# Nothing of that chart's idea of a notebook server may leak into our pods: its traits would be inherited.
for class_name in ("KubeSpawner", "Spawner"):
    configuration.pop(class_name, None)
for class_name, traits in cluster_configuration(settings, ensure_keys(settings.secrets)).items():
    configuration[class_name].update(traits)
