"""What gunicorn serves in the portal's pod: ``cluster_portal:app``."""

from __future__ import annotations

from cluster_settings import KEYS_FOLDER, ClusterSettings, take_keys

from hub.portal.app import create_app
from hub.settings import ensure_folders

settings = ClusterSettings()
ensure_folders(settings)
take_keys(KEYS_FOLDER, settings.secrets)
app = create_app(settings)
