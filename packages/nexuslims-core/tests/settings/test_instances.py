from __future__ import annotations

import pickle
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pytest
from nexuslims_core.plugin_settings import PluginSettings
from nexuslims_core.settings import plugin_instances
from pydantic import AfterValidator, BaseModel, Field, SecretStr, model_validator


class Server(PluginSettings):
    env_prefix: ClassVar[str] = "NX_NEMO_"

    address: str = Field(description="root of the API")
    token: SecretStr
    tz: str | None = None
    strftime_fmt: str = "%Y"


class Free(PluginSettings):
    env_prefix: ClassVar[str] = "NX_FREE_"

    folder: Path | None = None


class Numbers(PluginSettings):
    env_prefix: ClassVar[str] = "NX_NUM_"

    port: int = 1
    port_2: int = 2
    sha256: str = ""


class Part(BaseModel):
    name: str


class Typed(PluginSettings):
    env_prefix: ClassVar[str] = "NX_T_"

    names: tuple[str, ...] = ()
    numbers: list[int] = Field(default_factory=list)
    either: list[str] | None = None
    annotated: Annotated[frozenset[str], Field(min_length=1)] = frozenset({"x"})
    table: dict[str, int] = Field(default_factory=dict)
    part: Part | None = None
    on: bool = False
    limit: int | None = None
    mode: Literal["a", "b"] = "a"
    aliased: str = Field(default="", alias="otherName")


def only(model, source):
    (instance,) = plugin_instances(model, source)
    return instance


def test_unnumbered_variables_are_one_instance(source):
    instance = only(Server, source(NX_NEMO_ADDRESS="https://n", NX_NEMO_TOKEN="t"))
    assert (instance.number, instance.suffix) == (None, "")
    assert instance.settings.address == "https://n"
    assert instance.settings.token.get_secret_value() == "t"
    assert instance.problems == ()


def test_each_number_is_an_instance_and_gaps_are_allowed(source):
    instances = plugin_instances(
        Server,
        source(
            NX_NEMO_ADDRESS_10="https://ten",
            NX_NEMO_TOKEN_10="t10",
            NX_NEMO_ADDRESS_2="https://two",
            NX_NEMO_TOKEN_2="t2",
            NX_NEMO_TZ_2="Europe/Berlin",
            NX_NEMO_ADDRESS="https://none",
            NX_NEMO_TOKEN="t",
        ),
    )
    assert [
        (each.number, each.suffix, each.settings.address) for each in instances
    ] == [
        (None, "", "https://none"),
        (2, "_2", "https://two"),
        (10, "_10", "https://ten"),
    ]
    assert [each.settings.tz for each in instances] == [None, "Europe/Berlin", None]


def test_a_plugin_without_variables_is_not_configured(source):
    assert plugin_instances(Server, source(NX_NEM_ADDRESS="x", NX_WORKERS="1")) == ()


def test_a_variable_without_a_value_configures_nothing(source):
    assert plugin_instances(Server, source(NX_NEMO_ADDRESS="")) == ()


def test_a_plugin_that_requires_nothing_is_always_configured(source):
    assert only(Free, source()).settings == Free()


def test_a_plugin_that_requires_nothing_keeps_its_unnumbered_instance(source):
    first, second = plugin_instances(Free, source(NX_FREE_FOLDER_3="/srv"))
    assert (first.number, first.settings.folder) == (None, None)
    assert (second.number, second.settings.folder) == (3, Path("/srv"))


def test_a_missing_partner_is_a_problem_of_that_instance_alone(source):
    first, second = plugin_instances(
        Server,
        source(
            NX_NEMO_ADDRESS_1="https://one",
            NX_NEMO_ADDRESS_2="https://two",
            NX_NEMO_TOKEN_2="t",
        ),
    )
    assert first.settings is None
    (problem,) = first.problems
    assert str(problem) == (
        "NX_NEMO_TOKEN_1 is not set: required beside NX_NEMO_ADDRESS_1"
    )
    assert second.settings.address == "https://two"


def test_an_instance_takes_nothing_from_the_unnumbered_one(source):
    _, numbered = plugin_instances(
        Server,
        source(NX_NEMO_ADDRESS="a", NX_NEMO_TOKEN="t", NX_NEMO_ADDRESS_1="b"),
    )
    assert [each.variable for each in numbered.problems] == ["NX_NEMO_TOKEN_1"]


def test_a_missing_variable_is_described(source):
    (problem,) = only(Server, source(NX_NEMO_TOKEN_4="t")).problems
    assert problem.expected == "required beside NX_NEMO_TOKEN_4 (root of the API)"


def test_fields_that_end_in_digits_are_told_from_numbers(source):
    given = source(
        NX_NUM_PORT="10",
        NX_NUM_PORT_2="20",
        NX_NUM_PORT_3="30",
        NX_NUM_PORT_2_3="23",
        NX_NUM_SHA256="abc",
        NX_NUM_SHA256_3="def",
    )
    first, third = plugin_instances(Numbers, given)
    assert first.settings == Numbers(port=10, port_2=20, sha256="abc")
    assert third.settings == Numbers(port=30, port_2=23, sha256="def")
    assert third.number == 3


def test_a_prefix_that_begins_with_another_s_is_kept_apart(source):
    class Zones(PluginSettings):
        env_prefix: ClassVar[str] = "NX_NEMO_TZ_"
        name: str

    given = source(
        NX_NEMO_ADDRESS_1="a",
        NX_NEMO_TOKEN_1="t",
        NX_NEMO_TZ_1="Europe/Berlin",
        NX_NEMO_TZ_NAME_1="zone",
    )
    assert only(Server, given).settings.tz == "Europe/Berlin"
    assert only(Zones, given).settings.name == "zone"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("names", '["a", "b,c"]', ("a", "b,c")),
        ("names", "a, b", ("a", "b")),
        ("names", "a", ("a",)),
        ("numbers", "[1, 2]", [1, 2]),
        ("numbers", "1,2", [1, 2]),
        ("either", "a,b", ["a", "b"]),
        ("annotated", "a,b,a", frozenset({"a", "b"})),
        ("table", '{"a": 1}', {"a": 1}),
        ("part", '{"name": "tip"}', Part(name="tip")),
        ("on", "true", True),
        ("on", "off", False),
        ("limit", "5", 5),
        ("mode", "b", "b"),
        ("aliased", "by its own name", "by its own name"),
    ],
)
def test_text_becomes_what_the_field_is(name, text, value, source):
    instance = only(Typed, source(**{f"NX_T_{name.upper()}": text}))
    assert getattr(instance.settings, name) == value


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("names", "[a", "expected a JSON list such as"),
        ("numbers", "1,x", "expected a valid integer"),
        ("table", "a=1", "expected a JSON object such as"),
        ("part", "{}", "Field required"),
        ("on", "perhaps", "expected a valid boolean"),
        ("mode", "c", "expected 'a' or 'b'"),
    ],
)
def test_text_that_does_not_fit_is_a_problem(name, text, expected, source):
    variable = f"NX_T_{name.upper()}_7"
    _, instance = plugin_instances(Typed, source(**{variable: text}))
    (problem,) = instance.problems
    assert (problem.variable, problem.value) == (variable, text)
    assert expected in problem.expected


def refuse(value):
    msg = f"{value.get_secret_value()} is too short"
    raise ValueError(msg)


class Strict(PluginSettings):
    env_prefix: ClassVar[str] = "NX_STRICT_"

    token: Annotated[SecretStr, AfterValidator(refuse)]


def test_a_problem_does_not_show_the_secret_that_a_validator_quotes(source):
    (problem,) = only(Strict, source(NX_STRICT_TOKEN="s3cr3t")).problems
    assert str(problem) == (
        "NX_STRICT_TOKEN is '***' (from the environment): *** is too short"
    )


class Pair(PluginSettings):
    env_prefix: ClassVar[str] = "NX_PAIR_"

    user: str = ""
    password: SecretStr | None = None

    @model_validator(mode="after")
    def _together(self):
        if self.user and not self.password:
            msg = "expected a password beside the user name"
            raise ValueError(msg)
        if self.password and not self.user:
            msg = f"whose is {self.password.get_secret_value()}?"
            raise KeyError(msg)
        return self


def test_a_check_of_several_fields_names_those_that_are_set(source):
    _, instance = plugin_instances(Pair, source(NX_PAIR_USER_2="me"))
    (problem,) = instance.problems
    assert str(problem) == (
        "NX_PAIR_USER_2 (from the environment): "
        "expected a password beside the user name"
    )


def test_a_mistake_in_a_validator_costs_that_instance_alone(source):
    first, second = plugin_instances(Pair, source(NX_PAIR_PASSWORD_2="s3cr3t"))
    assert first.settings == Pair()
    (problem,) = second.problems
    assert "its validator failed: KeyError" in problem.expected
    assert "s3cr3t" not in str(problem)


def test_an_instance_shows_no_secret(source):
    instances = (
        *plugin_instances(Server, source(NX_NEMO_TOKEN_1="s3cr3t")),
        *plugin_instances(
            Server, source(NX_NEMO_TOKEN_1="s3cr3t", NX_NEMO_ADDRESS_1="a")
        ),
    )
    assert "s3cr3t" not in repr(instances)


def test_an_instance_can_be_sent_to_another_process(source):
    instance = only(Free, source(NX_FREE_FOLDER="/srv"))
    again = pickle.loads(pickle.dumps(instance))
    assert again.settings.model_dump() == instance.settings.model_dump()


def test_pydantic_quotes_no_value_of_a_plugin_s_settings():
    with pytest.raises(ValueError, match="validation error") as caught:
        Server(address="a", token=["s3cr3t"])
    assert "s3cr3t" not in str(caught.value)
