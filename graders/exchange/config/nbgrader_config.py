"""nbgrader on a notebook server of this platform: the exchange is the portal.

Jupyter finds this folder through JUPYTER_CONFIG_PATH and runs the file with ``c`` defined.
"""

import os
from pathlib import Path

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - given by traitlets

# One folder for all courses, whatever directory a terminal stands in: <home>/<course>/<assignment>.
c.Exchange.assignment_dir = os.environ.get("JUPYTERHUB_ROOT_DIR") or str(Path.home())

c.ExchangeFactory.exchange = "graders.exchange.plugin.PortalExchange"
c.ExchangeFactory.list = "graders.exchange.list_plugin.PortalList"
c.ExchangeFactory.fetch_assignment = "graders.exchange.student_plugins.PortalFetchAssignment"
c.ExchangeFactory.fetch_feedback = "graders.exchange.student_plugins.PortalFetchFeedback"
c.ExchangeFactory.submit = "graders.exchange.student_plugins.PortalSubmit"
c.ExchangeFactory.release_assignment = "graders.exchange.staff_plugins.PortalReleaseAssignment"
c.ExchangeFactory.release_feedback = "graders.exchange.staff_plugins.PortalReleaseFeedback"
c.ExchangeFactory.collect = "graders.exchange.staff_plugins.PortalCollect"
