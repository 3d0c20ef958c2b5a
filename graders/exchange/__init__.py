"""nbgrader exchange plug-ins that speak HTTP to the portal."""
