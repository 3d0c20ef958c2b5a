from __future__ import annotations

from pathlib import Path

import pytest

from hub.configure import Traits, hub_configuration
from hub.keys import Keys, ensure_keys
from hub.settings import PORTAL_CLIENT_ID, Settings


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return ensure_keys(tmp_path / "secrets")


@pytest.fixture
def traits(tmp_path: Path, keys: Keys) -> Traits:
    return hub_configuration(Settings(home=tmp_path, port=9000), keys)


def scopes_of(traits: Traits, name: str) -> set[str]:
    return {scope for role in traits["JupyterHub"]["load_roles"] if role["name"] == name for scope in role["scopes"]}


def test_the_hub_leaves_proxy_and_notebooks_alone_when_it_ends(traits: Traits) -> None:
    hub = traits["JupyterHub"]
    assert (hub["cleanup_servers"], hub["cleanup_proxy"]) == (False, False)
    assert traits["ConfigurableHTTPProxy"]["should_start"] is False


def test_sign_in_without_pkce_is_refused(traits: Traits) -> None:
    assert traits["JupyterHub"]["oauth_require_pkce"] is True


def test_the_portal_comes_back_to_its_own_host(traits: Traits) -> None:
    portal = traits["JupyterHub"]["services"][0]
    assert portal["oauth_client_id"] == PORTAL_CLIENT_ID
    assert portal["oauth_redirect_uri"] == "http://localhost:9000/auth/callback"


def test_the_portal_can_neither_act_as_a_person_nor_make_one(traits: Traits) -> None:
    scopes = scopes_of(traits, "portal-service")
    assert not {"tokens", "admin:users", "admin:servers", "inherit", "access:servers", "shares"} & scopes


def test_everybody_may_enter_the_portal_and_nobody_administers_the_hub(traits: Traits) -> None:
    assert "access:services!service=portal" in scopes_of(traits, "user")
    assert "admin_users" not in traits["CampusAuthenticator"]


def test_the_demo_has_a_token_of_its_own(traits: Traits, keys: Keys) -> None:
    tokens = {service["name"]: service["api_token"] for service in traits["JupyterHub"]["services"]}
    assert tokens["demo"] == keys.demo_service_token
    assert len(set(tokens.values())) == len(tokens)


def test_the_supervisor_may_only_have_routes_checked(traits: Traits) -> None:
    assert scopes_of(traits, "supervisor-service") == {"proxy"}


def test_nothing_of_the_hub_s_environment_reaches_a_server(traits: Traits) -> None:
    assert traits["CampusSpawner"]["env_keep"] == []


def test_failed_starts_never_end_the_hub(traits: Traits) -> None:
    assert traits["CampusSpawner"]["consecutive_failure_limit"] == 0
