"""Settings: from the environment, checked, with the variable's name in every complaint."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.settings import PREFIX, Settings
from service.store.store import Store
from triage import InputError


def test_defaults_are_safe() -> None:
    settings = Settings.from_environment({})
    assert settings.host == "127.0.0.1"
    assert settings.cors_origins == ()
    assert settings.model is None


def test_variables_are_read_and_arguments_go_first() -> None:
    environ = {"TRIAGE_PORT": "8100", "TRIAGE_MODEL": "models/a", "TRIAGE_QUEUE": "3", "TRIAGE_ENCODER": " "}
    settings = Settings.from_environment(environ, port=8200, host=None, model=None)
    assert (settings.port, settings.model, settings.queue) == (8200, Path("models/a"), 3)
    assert settings.encoder is None, "an empty variable counts as unset"


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_MAX_SUGGESTIONS", "7")
    assert Settings.from_environment().max_suggestions == 7


def test_origins_are_a_list_with_commas() -> None:
    settings = Settings.from_environment({"TRIAGE_CORS_ORIGINS": "https://oa.example, http://localhost:3000"})
    assert settings.cors_origins == ("https://oa.example", "http://localhost:3000")


@pytest.mark.parametrize("origin", ["*", "oa.example", "https://oa.example/", "https://*.example", "ftp://oa.example"])
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(InputError, match=r"TRIAGE_CORS_ORIGINS.*is no origin; write each as https://host"):
        Settings.from_environment({"TRIAGE_CORS_ORIGINS": origin})


def test_every_wrong_variable_is_named_with_its_value() -> None:
    with pytest.raises(InputError) as caught:
        Settings.from_environment({"TRIAGE_PORT": "http", "TRIAGE_MAX_SUGGESTIONS": "0", "TRIAGE_WORKERS": "2"})
    lines = str(caught.value).splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["TRIAGE_PORT", "TRIAGE_MAX_SUGGESTIONS"]
    assert "'http'" in lines[0]
    assert "greater than or equal to 1" in lines[1]


def test_a_misspelt_variable_is_said(caplog: pytest.LogCaptureFixture) -> None:
    Settings.from_environment({"TRIAGE_MAX_SUGESTIONS": "7"})
    assert "TRIAGE_MAX_SUGESTIONS is no setting of the service" in caplog.text


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]


def test_every_setting_says_what_it_is() -> None:
    assert PREFIX == "TRIAGE_"
    for name, field in Settings.model_fields.items():
        assert field.description, name


def test_no_message_shows_the_database_with_its_password() -> None:
    with pytest.raises(InputError) as caught:
        Settings.from_environment({}, database=["postgresql://triage:geheim@db/triage"], port=-1)
    assert "TRIAGE_DATABASE (database): (not shown)" in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert "geheim" not in repr(Settings(database="postgresql://triage:geheim@db/triage"))


def test_nobody_is_told_a_password_by_a_url_that_cannot_be_read() -> None:
    for url in ("postgresql://u:geheim@h:port/x", "mysql://u:geheim@h/x", "geheim"):
        with pytest.raises(InputError) as caught:
            Store(Settings(database=url).database_url)
        assert "geheim" not in str(caught.value)


def test_a_file_stands_under_the_environment_and_the_options(tmp_path: Path) -> None:
    file = tmp_path / "triage.toml"
    lines = ['model = "bundles/a"', "port = 8100", "queue = 5", 'cors_origins = ["https://oa.example"]', "rate = 7"]
    file.write_text("\n".join(lines), encoding="utf-8")
    settings = Settings.from_environment(
        {"TRIAGE_CONFIG": str(file), "TRIAGE_PORT": "8200", "TRIAGE_QUEUE": "6"}, queue=9
    )
    assert (settings.port, settings.queue, settings.rate) == (8200, 9, 7)
    assert settings.model == tmp_path / "bundles" / "a"
    assert settings.cors_origins == ("https://oa.example",)
    assert Settings.from_environment({}, config=file).port == 8100
    assert Settings.from_environment({"TRIAGE_CONFIG": "other.toml"}, config=file).config == file


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"prot = 8100", r"'prot' is no setting; allowed are body_seconds"),
        (b"port = ", r"cannot be read as settings"),
        (b"\xff\xfe", r"cannot be read as settings"),
        (b"port = 99999", r"TRIAGE_PORT \(port\): 99999"),
        (b'config = "x.toml"', r"'config' is no setting"),
    ],
)
def test_a_file_that_is_wrong_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "triage.toml").write_bytes(content)
    with pytest.raises(InputError, match=said):
        Settings.from_environment({}, config=tmp_path / "triage.toml")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.toml: cannot be read as settings \(No such file"):
        Settings.from_environment({}, config=tmp_path / "none.toml")


def test_the_database_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://triage:geheim@db/triage\n", encoding="utf-8")
    (tmp_path / "triage.toml").write_text('database_file = "url"', encoding="utf-8")
    file = Settings.from_environment({"TRIAGE_DATABASE_FILE": str(tmp_path / "url")})
    assert file.database_url == "postgresql://triage:geheim@db/triage"
    assert Settings.from_environment({}, config=tmp_path / "triage.toml").database_url == file.database_url
    nearer = Settings.from_environment({"TRIAGE_DATABASE": "sqlite:///b.db"}, config=tmp_path / "triage.toml")
    assert nearer.database_url == "sqlite:///b.db"
    with pytest.raises(InputError, match=r"TRIAGE_DATABASE_FILE: .*cannot be read \(No such file"):
        Settings.from_environment({"TRIAGE_DATABASE_FILE": str(tmp_path / "none")})


def test_stateless_goes_before_a_memory_that_is_named() -> None:
    assert Settings.from_environment({"TRIAGE_DATA": "memory", "TRIAGE_STATELESS": "true"}).database_url == ""
    assert Settings.from_environment({"TRIAGE_DATA": "memory"}).database_url.endswith("memory/service.db")
