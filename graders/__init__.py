"""How work is scored: intake, release, the isolated engine, runners and the nbgrader exchange plug-ins."""
