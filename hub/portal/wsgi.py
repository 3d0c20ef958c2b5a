"""What gunicorn serves: ``hub.portal.wsgi:app``, configured from the environment."""

from __future__ import annotations

from hub.portal.app import create_app
from hub.settings import Settings

app = create_app(Settings())
