"""The portal's pages: a view reads input, calls one service and renders."""

from __future__ import annotations

from flask import Flask

from hub.portal.views import (
    access_log,
    account,
    authentication,
    certificates,
    companies,
    completion,
    completion_files,
    completion_rules,
    coordinator,
    duplicates,
    errors,
    exports,
    extensions,
    home,
    instructor,
    invitations,
    kpi,
    my_data,
    my_path,
    people,
    receipts,
    rosters,
    student,
    teams,
    workbench_deadlines,
    workbench_gradebook,
    workbench_marking,
    workbench_publish,
    workbench_regrade,
)

MODULES = (
    access_log,
    account,
    authentication,
    certificates,
    companies,
    completion,
    completion_files,
    completion_rules,
    coordinator,
    duplicates,
    exports,
    extensions,
    home,
    instructor,
    invitations,
    kpi,
    my_data,
    my_path,
    people,
    receipts,
    rosters,
    student,
    teams,
    workbench_deadlines,
    workbench_gradebook,
    workbench_marking,
    workbench_publish,
    workbench_regrade,
)


def install_views(app: Flask) -> None:
    """Register every page and the pages of errors."""
    for module in MODULES:
        app.register_blueprint(module.blueprint)
    errors.install_errors(app)
