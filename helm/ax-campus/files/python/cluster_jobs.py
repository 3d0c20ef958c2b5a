"""Background jobs in a pod: ``axcampus jobs`` with the cluster's addresses, which stand in mail and certificates."""

from __future__ import annotations

from pathlib import Path

from cluster_settings import KEYS_FOLDER, ClusterSettings, take_keys

from hub import jobs
from hub.settings import ensure_folders

#: A Secret with the mail server's password, if there is one; AXCAMPUS_SMTP_PASSWORD_FILE names the copy.
MAIL_FOLDER = Path("/run/axcampus/smtp")

if __name__ == "__main__":
    settings = ClusterSettings()
    ensure_folders(settings)
    take_keys(KEYS_FOLDER, settings.secrets)
    if MAIL_FOLDER.is_dir():
        take_keys(MAIL_FOLDER, settings.secrets)
    # The command reads its settings by this name; it has no parameter for them.
    vars(jobs)["Settings"] = ClusterSettings
    jobs.jobs()
