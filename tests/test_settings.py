"""Settings: read once, checked as a whole, refused in words that help."""

from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from arena.domain.reveal import RevealPolicy
from arena.domain.visibility import Visibility
from arena.settings import LogFormat, RevealPace, Settings, SettingsError, load_settings


def faults(environment: dict[str, str], **flags: Any) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(environment, **flags)
    return str(caught.value).splitlines()


def test_without_any_variable_the_arena_is_open_on_this_machine_alone() -> None:
    settings = load_settings({})
    assert settings == Settings()
    assert settings.loopback
    assert settings.anybody_may_annotate


def test_every_variable_is_read() -> None:
    assert load_settings(
        {
            "ARENA_DATABASE_URL": "sqlite:///elsewhere.sqlite3",
            "ARENA_MODELS": "mine.yaml",
            "ARENA_CONFIG": "words.yaml",
            "ARENA_HOST": "0.0.0.0",
            "ARENA_PORT": " 8080 ",
            "ARENA_ROOT_PATH": "/lab7",
            "ARENA_ADMIN_PASSWORD": "long enough",
            "ARENA_OPEN_ANNOTATORS": "Yes",
            "ARENA_SESSION_HOURS": "1.5",
            "ARENA_LEADERBOARD_VISIBLE": "public",
            "ARENA_REVEAL_PACE": "complete",
            "ARENA_READING_PACE": "90",
            "ARENA_REVEAL": "never",
            "ARENA_ASK_REASONS": "on",
            "ARENA_PROMPT_LIMIT": "500",
            "ARENA_CONVERSATION_LIMIT": "2000",
            "ARENA_REATTACH_SECONDS": "3",
            "ARENA_ABANDON_HOURS": "12",
            "ARENA_SHUTDOWN_SECONDS": "0",
            "ARENA_LOG_FORMAT": "json",
            "ARENA_LOG_PROMPTS": "true",
            "ARENA_METRICS_TOKEN": "nobody-guesses-this",
            "ARENA_SECURE_COOKIES": "1",
            "ARENA_ALLOWED_HOSTS": "Arena.example.org, arena",
            "ARENA_TRUSTED_PROXIES": "127.0.0.1, 10.1.2.3/8,::1",
            "ARENA_SIGN_ON_HEADER": "X-Forwarded-User",
            "ARENA_GUESTS_PER_ADDRESS": "10/hour",
            "ARENA_TURNS_PER_ADDRESS": "30/minute; 300/hour",
            "ARENA_VOTES_PER_ADDRESS": "20 per minute",
            "ARENA_TURNS_PER_PERSON": "5/minute",
            "ARENA_VOTES_PER_PERSON": "6/minute",
        }
    ) == Settings(
        database_url="sqlite:///elsewhere.sqlite3",
        models=Path("mine.yaml"),
        config=Path("words.yaml"),
        host="0.0.0.0",
        port=8080,
        root_path="/lab7",
        admin_password="long enough",
        open_annotators=True,
        session_hours=1.5,
        leaderboard_visible=Visibility.PUBLIC,
        reveal_pace=RevealPace.COMPLETE,
        reading_pace=90,
        reveal=RevealPolicy.NEVER,
        ask_reasons=True,
        prompt_limit=500,
        conversation_limit=2000,
        reattach_seconds=3,
        abandon_hours=12,
        shutdown_seconds=0,
        log_format=LogFormat.JSON,
        log_prompts=True,
        metrics_token="nobody-guesses-this",
        secure_cookies=True,
        allowed_hosts=("arena.example.org", "arena"),
        trusted_proxies=("127.0.0.1/32", "10.0.0.0/8", "::1/128"),
        sign_on_header="x-forwarded-user",
        guests_per_address="10/hour",
        turns_per_address="30/minute; 300/hour",
        votes_per_address="20 per minute",
        turns_per_person="5/minute",
        votes_per_person="6/minute",
    )


def test_other_programs_variables_are_none_of_our_business() -> None:
    others = {"PATH": "/bin", "PORT": "1", "GRADIO_SERVER_PORT": "x", "ARENA_ENGINE_TOKEN": "t"}
    assert load_settings(others) == Settings()


def test_what_the_process_inherits_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARENA_PORT", "1")
    assert Settings().port == load_settings({}).port == 7860


def test_they_cannot_be_changed_after_the_start() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_settings({}).port = 1  # type: ignore[misc]


def test_a_flag_wins_over_its_variable_and_none_does_not() -> None:
    settings = load_settings({"ARENA_PORT": "1", "ARENA_HOST": "localhost"}, port=2, host=None)
    assert (settings.port, settings.host) == (2, "localhost")


def test_defaults_of_a_folder_give_way_to_variables_and_flags() -> None:
    defaults = {"models": Path("/etc/arena/models.yaml"), "port": 1}
    assert load_settings({}, defaults=defaults).models == defaults["models"]
    settings = load_settings({"ARENA_PORT": "2", "ARENA_MODELS": "mine.yaml"}, defaults=defaults)
    assert (settings.port, settings.models) == (2, Path("mine.yaml"))
    assert load_settings({}, defaults=defaults, port=3).port == 3


class TestFaults:
    @pytest.mark.parametrize(
        ("variable", "meant"),
        [
            ("ARENA_ADMIN_PASWORD", "ARENA_ADMIN_PASSWORD"),
            ("ARENA_DATABASE", "ARENA_DATABASE_URL"),
            ("ARENA_REVEALPACE", "ARENA_REVEAL_PACE"),
        ],
    )
    def test_an_unknown_variable_is_refused_with_a_suggestion(
        self, variable: str, meant: str
    ) -> None:
        (fault,) = faults({variable: "x"})
        assert fault == f"{variable} is not a setting: did you mean {meant}?"

    def test_without_anything_near_there_is_no_suggestion(self) -> None:
        assert faults({"ARENA_ZZZ": "x"}) == ["ARENA_ZZZ is not a setting"]

    @pytest.mark.parametrize(
        ("variable", "value", "help_"),
        [
            ("ARENA_PORT", "70000", "0 to 65535"),
            ("ARENA_PORT", "http", "0 to 65535"),
            ("ARENA_ROOT_PATH", "lab7", "slash at its end: /lab7"),
            ("ARENA_ROOT_PATH", "/lab7/", "slash at its end: /lab7"),
            ("ARENA_ROOT_PATH", "/../lab7", "slash at its end: /lab7"),
            ("ARENA_ROOT_PATH", "//lab7", "slash at its end: /lab7"),
            ("ARENA_OPEN_ANNOTATORS", "maybe", "true or false"),
            ("ARENA_SESSION_HOURS", "0", "above 0"),
            ("ARENA_SESSION_HOURS", "nan", "above 0"),
            ("ARENA_ABANDON_HOURS", "inf", "above 0"),
            ("ARENA_REATTACH_SECONDS", "soon", "above 0"),
            ("ARENA_SHUTDOWN_SECONDS", "-1", "from 0 up"),
            ("ARENA_PROMPT_LIMIT", "0", "from 1 up"),
            ("ARENA_PROMPT_LIMIT", "many", "from 1 up"),
            ("ARENA_ALLOWED_HOSTS", "https://arena.example.org", "arena.example.org,arena"),
            ("ARENA_ALLOWED_HOSTS", "arena.example.org:443", "arena.example.org,arena"),
            ("ARENA_ALLOWED_HOSTS", " , ", "arena.example.org,arena"),
            ("ARENA_TRUSTED_PROXIES", "nginx", "127.0.0.1,10.0.0.0/8"),
            ("ARENA_TRUSTED_PROXIES", " , ", "127.0.0.1,10.0.0.0/8"),
            ("ARENA_SIGN_ON_HEADER", "X Forwarded", "X-Forwarded-User"),
            ("ARENA_SIGN_ON_HEADER", "", "X-Forwarded-User"),
            ("ARENA_GUESTS_PER_ADDRESS", "many", "200/minute;600/hour"),
            ("ARENA_TURNS_PER_ADDRESS", "100", "200/minute;600/hour"),
            ("ARENA_VOTES_PER_ADDRESS", "", "200/minute;600/hour"),
            ("ARENA_LOG_FORMAT", "xml", "text or json"),
            ("ARENA_LEADERBOARD_VISIBLE", "everyone", "admins, annotators or public"),
            ("ARENA_REVEAL_PACE", "fast", "together or complete"),
        ],
    )
    def test_a_value_that_cannot_be_read_is_refused_with_what_is_expected(
        self, variable: str, value: str, help_: str
    ) -> None:
        (fault,) = faults({variable: value})
        assert fault.startswith(f"{variable}='{value}' cannot be read")
        assert fault.endswith(help_)

    def test_all_faults_come_at_once(self) -> None:
        found = faults({"ARENA_PROT": "1", "ARENA_PORT": "x", "ARENA_PROMPT_LIMIT": "0"})
        assert len(found) == 3


class TestPublicHost:
    @pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.7", "::", "arena.example.org"])
    def test_it_needs_a_password_of_the_operators_own(self, host: str) -> None:
        (fault,) = faults({"ARENA_HOST": host})
        assert "ARENA_ADMIN_PASSWORD" in fault
        assert faults({"ARENA_HOST": host, "ARENA_ADMIN_PASSWORD": ""})
        assert faults({}, host=host)

    @pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "::1"])
    def test_this_machine_alone_needs_none(self, host: str) -> None:
        assert load_settings({"ARENA_HOST": host}).anybody_may_annotate

    def test_annotators_need_to_be_let_in_there_on_purpose(self) -> None:
        public = {"ARENA_HOST": "0.0.0.0", "ARENA_ADMIN_PASSWORD": "long enough"}
        assert not load_settings(public).anybody_may_annotate
        assert load_settings(public, open_annotators=True).anybody_may_annotate

    def test_a_closed_arena_stays_closed_on_this_machine(self) -> None:
        assert not load_settings({"ARENA_OPEN_ANNOTATORS": "no"}).anybody_may_annotate


class TestReachedByOthers:
    """Loopback is no promise where a setting says that a proxy is in front."""

    @pytest.mark.parametrize(
        "setting",
        [
            {"ARENA_ALLOWED_HOSTS": "arena.example.org"},
            {"ARENA_TRUSTED_PROXIES": "127.0.0.1"},
            {"ARENA_SECURE_COOKIES": "true"},
        ],
    )
    def test_a_password_of_ones_own_is_needed_behind_a_proxy_too(
        self, setting: dict[str, str]
    ) -> None:
        (name,) = setting
        (fault,) = faults(setting)
        assert name in fault
        assert "set ARENA_ADMIN_PASSWORD" in fault
        found = load_settings({**setting, "ARENA_ADMIN_PASSWORD": "long enough"})
        assert not found.anybody_may_annotate
        assert load_settings({}, admin_password="long enough").anybody_may_annotate

    @pytest.mark.parametrize("password", ["changeme", "password1", "admin123", "12345678"])
    def test_the_first_passwords_that_everybody_tries_are_refused(self, password: str) -> None:
        (fault,) = faults({"ARENA_HOST": "0.0.0.0", "ARENA_ADMIN_PASSWORD": password})
        assert "set another one" in fault
        assert password not in fault
        assert load_settings({"ARENA_ADMIN_PASSWORD": password}).loopback

    def test_a_password_that_no_account_may_have_is_refused_everywhere(self) -> None:
        (fault,) = faults({"ARENA_ADMIN_PASSWORD": "short"})
        assert fault == "ARENA_ADMIN_PASSWORD needs at least 8 characters"

    @pytest.mark.parametrize("token", ["secret", "metrics", "0" * 40])
    def test_a_token_that_can_be_guessed_is_refused_in_public(self, token: str) -> None:
        public = {"ARENA_HOST": "0.0.0.0", "ARENA_ADMIN_PASSWORD": "long enough"}
        (fault,) = faults({**public, "ARENA_METRICS_TOKEN": token})
        assert "ARENA_METRICS_TOKEN" in fault
        assert load_settings({"ARENA_METRICS_TOKEN": token}).metrics_token == token

    def test_all_secrets_are_named_at_once(self) -> None:
        assert len(faults({"ARENA_HOST": "0.0.0.0", "ARENA_METRICS_TOKEN": "x"})) == 2


class TestSingleSignOn:
    OWN: ClassVar = {"ARENA_ADMIN_PASSWORD": "long enough", "ARENA_SIGN_ON_HEADER": "Remote-User"}

    @pytest.mark.parametrize("proxies", ["", "*", "10.0.0.0/8,*"])
    def test_it_needs_proxies_that_are_named(self, proxies: str) -> None:
        named = {"ARENA_TRUSTED_PROXIES": proxies} if proxies else {}
        (fault,) = faults({**self.OWN, **named})
        assert "ARENA_TRUSTED_PROXIES" in fault

    def test_with_them_it_starts(self) -> None:
        found = load_settings({**self.OWN, "ARENA_TRUSTED_PROXIES": "10.0.0.7"})
        assert found.sign_on_header == "remote-user"


def test_uvicorns_own_variable_for_proxies_is_not_silently_dropped() -> None:
    (fault,) = faults({"FORWARDED_ALLOW_IPS": "10.0.0.7"})
    assert "ARENA_TRUSTED_PROXIES" in fault
    both = {
        "FORWARDED_ALLOW_IPS": "10.0.0.7",
        "ARENA_TRUSTED_PROXIES": "10.0.0.7",
        "ARENA_ADMIN_PASSWORD": "long enough",
    }
    assert load_settings(both).trusted_proxies == ("10.0.0.7/32",)


@pytest.mark.parametrize(
    ("host", "shown"), [("::1", "[::1]"), ("127.0.0.1", "127.0.0.1"), ("localhost", "localhost")]
)
def test_addresses_write_ipv6_in_brackets(host: str, shown: str) -> None:
    assert Settings(host=host).host_in_addresses == shown
