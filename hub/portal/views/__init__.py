"""The portal's pages: a view reads input, calls one service and renders."""

from __future__ import annotations

from flask import Flask

from hub.portal.views import (
    account,
    authentication,
    completion,
    completion_files,
    completion_rules,
    coordinator,
    errors,
    extensions,
    home,
    instructor,
    invitations,
    my_path,
    receipts,
    rosters,
    student,
    teams,
    workbench_marking,
    workbench_regrade,
)

MODULES = (
    account,
    authentication,
    completion,
    completion_files,
    completion_rules,
    coordinator,
    extensions,
    home,
    instructor,
    invitations,
    my_path,
    receipts,
    rosters,
    student,
    teams,
    workbench_marking,
    workbench_regrade,
)


def install_views(app: Flask) -> None:
    """Register every page and the pages of errors."""
    for module in MODULES:
        app.register_blueprint(module.blueprint)
    errors.install_errors(app)
