"""The programs that the chart mounts into pods: the platform's own parts with the cluster's addresses."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from cluster_hub import OF_THE_CHART, cluster_configuration
from cluster_settings import ClusterSettings, take_keys
from cluster_tables import main, newest, present, wait

from helm.chart import CHART
from hub.auth import CampusAuthenticator
from hub.keys import Keys, ensure_keys, load_key
from hub.portal.app import create_app
from hub.portal.database import migrate

PYTHON = CHART / "files" / "python"
PORTAL = "http://axcampus-portal.axcampus:8000"
HUB = "http://hub.axcampus:8081"
PROJECT = CHART.parents[1]


def variables(home: Path, **more: str) -> dict[str, str]:
    return {
        "AXCAMPUS_HOME": str(home),
        "AXCAMPUS_PORTAL_HOST": "campus.example.org",
        "AXCAMPUS_NOTEBOOK_HOST": "notebooks.example.org",
        "AXCAMPUS_PUBLIC_PORTAL_URL": "https://campus.example.org",
        "AXCAMPUS_PUBLIC_HUB_URL": "https://notebooks.example.org",
        "AXCAMPUS_INSIDE_PORTAL_URL": PORTAL,
        "AXCAMPUS_INSIDE_HUB_URL": HUB,
        "AXCAMPUS_NOTEBOOKS_RUN_AS": "pods",
        **more,
    }


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in variables(tmp_path / "home").items():
        monkeypatch.setitem(os.environ, name, value)
    return tmp_path


def mounted_keys(folder: Path) -> dict[str, str]:
    """Write keys as a Secret volume shows them: links into a hidden folder, readable by a group."""
    values = {name: digit * 64 for name, digit in (("portal_service_token", "a"), ("seed_key", "b"))}
    data = folder / "..data"
    data.mkdir(parents=True)
    for name, value in values.items():
        (data / name).write_text(f"{value}\n")
        (data / name).chmod(0o440)
        (folder / name).symlink_to(data / name)
    return values


def test_addresses_are_those_of_services_and_public_hosts(cluster: Path) -> None:

    settings = ClusterSettings()
    assert (settings.portal_url, settings.hub_url) == ("https://campus.example.org", "https://notebooks.example.org/")
    assert settings.portal_api_url == settings.inside_portal_api_url == f"{PORTAL}/api/v1"
    assert settings.hub_api_url == f"{HUB}/hub/api"


def test_settings_are_read_from_a_mounted_folder(tmp_path: Path) -> None:

    for name, value in variables(tmp_path / "home", AXCAMPUS_ACCOUNTS="provider").items():
        (tmp_path / name).write_text(value)
    settings = ClusterSettings(_secrets_dir=tmp_path)
    assert (settings.portal_url, settings.accounts) == ("https://campus.example.org", "provider")


def test_keys_are_taken_as_the_platform_wants_them(tmp_path: Path) -> None:

    values = mounted_keys(tmp_path / "mounted")
    for _ in range(2):  # a container that starts again finds its own copies
        take_keys(tmp_path / "mounted", tmp_path / "secrets")
    assert {name: load_key(tmp_path / "secrets" / name) for name in values} == values
    assert stat.S_IMODE((tmp_path / "secrets" / "seed_key").stat().st_mode) == 0o600
    assert ensure_keys(tmp_path / "secrets").seed_key == values["seed_key"]


def keys() -> Keys:
    return Keys(*("c" * 64 for _ in range(8)))


def test_the_hub_keeps_what_the_chart_below_knows_better(cluster: Path) -> None:

    found = cluster_configuration(ClusterSettings(), keys())
    assert not OF_THE_CHART & found["JupyterHub"].keys()
    assert "ConfigurableHTTPProxy" not in found
    assert found["JupyterHub"]["authenticator_class"] is CampusAuthenticator
    assert found["JupyterHub"]["public_url"] == "https://notebooks.example.org/"
    assert found["JupyterHub"]["services"][0]["oauth_redirect_uri"] == "https://campus.example.org/auth/callback"
    assert found["CampusPodSpawner"]["portal_api_url"] == f"{PORTAL}/api/v1"


def test_with_a_provider_the_site_says_who_signs_people_in(cluster: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setitem(os.environ, "AXCAMPUS_ACCOUNTS", "provider")
    found = cluster_configuration(ClusterSettings(), keys())
    assert "authenticator_class" not in found["JupyterHub"]
    assert "CampusAuthenticator" not in found


#: What zero-to-jupyterhub's configuration has set before ours is read.
BELOW = """
import sys
from pathlib import Path
from traitlets.config import Config, get_config
import traitlets.config.loader as loader
import cluster_settings
cluster_settings.SETTINGS_FOLDER = Path(sys.argv[1])
cluster_settings.KEYS_FOLDER = Path(sys.argv[2])
c = Config()
c.KubeSpawner.image = "not-ours"
c.Spawner.cmd = "not-ours"
c.JupyterHub.hub_bind_url = "http://:8081"
c.ConfigurableHTTPProxy.api_url = "http://proxy-api:8001"
import traitlets.config
traitlets.config.get_config = lambda: c
exec(compile(Path(sys.argv[3]).read_text(), "axcampus_hub.py", "exec"))
assert "KubeSpawner" not in c and "Spawner" not in c, c
assert c.JupyterHub.hub_bind_url == "http://:8081"
assert c.ConfigurableHTTPProxy.api_url == "http://proxy-api:8001"
assert c.JupyterHub.spawner_class == "hub.pods.spawner.CampusPodSpawner"
assert c.CampusPodSpawner.namespace == "axcampus-users"
print(c.JupyterHub.services[0]["api_token"])
"""


def run(code: list[str], environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AXCAMPUS_")}
    paths = os.pathsep.join((str(PYTHON), str(PROJECT)))
    command = [sys.executable, *code]
    return subprocess.run(
        command,
        env={**kept, **(environment or {}), "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
def test_the_hub_s_last_file_drops_the_other_chart_s_notebooks_and_keeps_its_addresses(tmp_path: Path) -> None:
    (tmp_path / "settings").mkdir()
    for name, value in variables(tmp_path / "home").items():
        (tmp_path / "settings" / name).write_text(value)
    values = mounted_keys(tmp_path / "keys")
    done = run(
        ["-c", BELOW, str(tmp_path / "settings"), str(tmp_path / "keys"), str(PYTHON / "axcampus_hub.py")],
        {"AXCAMPUS_HOME": str(tmp_path / "home")},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == values["portal_service_token"]


def test_the_portal_answers_under_its_service_s_name_and_its_public_one(cluster: Path) -> None:

    settings = ClusterSettings()
    migrate_home(settings.home, settings.database)
    client = create_app(settings).test_client()
    inside = {"Host": "axcampus-portal.axcampus"}  # as the probes ask
    assert client.get("/api/v1/health", headers=inside).status_code == 200
    assert client.get("/", headers={"Host": "campus.example.org"}).status_code in (200, 302)
    assert client.get("/", headers={"Host": "notebooks.example.org"}).status_code == 400


def migrate_home(home: Path, database: str) -> None:
    home.mkdir(parents=True, exist_ok=True)
    migrate(database)


@pytest.fixture
def database(cluster: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database, and a catalogue without courses: what is looked at here are tables."""
    (cluster / "courses").mkdir()
    shutil.copy(PROJECT / "courses" / "partners.yaml", cluster / "courses")
    url = f"sqlite:///{cluster}/campus.db"
    settings = {"AXCAMPUS_DATABASE_URL": url, "AXCAMPUS_DEMO": "0", "AXCAMPUS_COURSES": str(cluster / "courses")}
    for name, value in settings.items():
        monkeypatch.setitem(os.environ, name, value)
    return url


def test_a_migration_may_run_twice_and_pods_wait_for_it(database: str) -> None:

    assert present(database) is None
    assert wait(database, 0) is False
    assert (main(["migrate"]), main(["migrate"])) == (0, 0)
    assert present(database) == newest()
    assert main(["wait"]) == 0


def test_pods_wait_while_tables_are_those_of_an_older_version(tmp_path: Path) -> None:

    url = f"sqlite:///{tmp_path}/campus.db"
    migrate(url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
    assert wait(url, 0) is False


def test_a_database_that_is_away_is_no_reason_to_start(tmp_path: Path) -> None:

    assert present("postgresql://nobody@127.0.0.1:9/none") is None


def test_another_word_is_refused(database: str) -> None:

    assert main(["drop"]) == 2
    assert present(database) is None
