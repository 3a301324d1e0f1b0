"""Tables and `--set` become dataclasses strictly: names, types and words; and back again."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.config import apply_settings, build, read_recipe, setting_names, table_of
from dragoman.errors import ConfigError


@dataclass(frozen=True, kw_only=True, slots=True)
class Inner:
    depth: int = 1
    on: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Outer:
    count: int
    share: float = 0.5
    name: str = "x"
    maybe: int | None = None
    word: str | None = None
    kind: Literal["red", "green"] = "red"
    pair: tuple[str, str] | None = None
    many: tuple[float, ...] = ()
    path: Path | None = None
    inner: Inner = field(default_factory=Inner)


def outer(**table: Any) -> Outer:
    return build(Outer, {"count": 1} | table, "outer")


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        ({}, Outer(count=1)),
        ({"share": 2}, Outer(count=1, share=2.0)),
        ({"maybe": 3}, Outer(count=1, maybe=3)),
        ({"maybe": None}, Outer(count=1)),
        ({"maybe": "none"}, Outer(count=1)),  # TOML has no null
        ({"word": "none"}, Outer(count=1, word="none")),  # which a text may be
        ({"kind": "green"}, Outer(count=1, kind="green")),
        ({"pair": ["a", "b"]}, Outer(count=1, pair=("a", "b"))),
        ({"many": [1, 2.5]}, Outer(count=1, many=(1.0, 2.5))),
        ({"many": []}, Outer(count=1)),
        ({"path": "a/b"}, Outer(count=1, path=Path("a/b"))),
        ({"inner": {"depth": 2}}, Outer(count=1, inner=Inner(depth=2))),
    ],
)
def test_a_table_becomes_a_dataclass(table, wanted):
    found = outer(**table)
    assert found == wanted and type(found.share) is float


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"cuont": 1}, "no setting outer.cuont; did you mean outer.count?"),
        ({"zzz": 1}, "no setting outer.zzz; allowed: outer.count, outer.share,"),
        ({"count": 1.0}, "outer.count=1.0: a whole number is wanted"),
        ({"count": True}, "outer.count=True: a whole number is wanted"),
        ({"count": "1"}, "outer.count='1': a whole number is wanted"),
        ({"count": None}, "outer.count=None: a whole number is wanted"),
        ({"count": "none"}, "outer.count='none': a whole number is wanted"),
        ({"share": True}, "outer.share=True: a number is wanted"),
        ({"share": "much"}, "outer.share='much': a number is wanted"),
        ({"share": 10**400}, "a number is wanted"),
        ({"name": 3}, "outer.name=3: text is wanted"),
        ({"maybe": "3"}, "outer.maybe='3': a whole number is wanted"),
        ({"kind": "gren"}, "outer.kind='gren' is not known; did you mean green?"),
        ({"kind": 3}, "outer.kind=3 is not known; allowed: red, green"),
        ({"kind": ["red"]}, "is not known"),
        ({"pair": ["a"]}, "outer.pair=['a']: 2 values are wanted"),
        ({"pair": "ab"}, "outer.pair='ab': a list is wanted"),
        ({"pair": ["a", 2]}, "outer.pair=2: text is wanted"),
        ({"many": ["x"]}, "outer.many='x': a number is wanted"),
        ({"path": 5}, "outer.path=5: a path is wanted"),
        ({"inner": 3}, "outer.inner=3: a table of settings is wanted"),
        ({"inner": {"dept": 2}}, "no setting outer.inner.dept; did you mean outer.inner.depth?"),
        ({"inner": {"on": 1}}, "outer.inner.on=1: true or false is wanted"),
    ],
)
def test_what_does_not_fit_is_refused_with_words(table, words):
    with pytest.raises(ConfigError) as refused:
        outer(**table)
    assert words in str(refused.value)


def test_what_is_missing_is_named():
    with pytest.raises(ConfigError, match=r"outer\.count is not given; write it in the table \[outer\]"):
        build(Outer, {}, "outer")


values = st.builds(
    Outer,
    count=st.integers(-(2**40), 2**40),
    share=st.floats(allow_nan=False, allow_infinity=False),
    name=st.text(),
    maybe=st.none() | st.integers(),
    word=st.none() | st.text(),
    kind=st.sampled_from(["red", "green"]),
    pair=st.none() | st.tuples(st.text(), st.text()),
    many=st.lists(st.floats(allow_nan=False, allow_infinity=False)).map(tuple),
    inner=st.builds(Inner, depth=st.integers(), on=st.booleans()),
)


@given(values)
def test_a_dataclass_goes_to_json_and_back(value):
    assert build(Outer, json.loads(json.dumps(table_of(value))), "outer") == value


@given(st.dictionaries(st.sampled_from(setting_names(Outer)), st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)))  # fmt: skip
def test_any_table_is_taken_or_refused_in_one_line(table):
    try:
        found = build(Outer, table, "outer")
    except ConfigError as error:
        assert str(error).startswith(("outer", "no setting outer"))
    else:
        assert type(found.count) is int and type(found.share) is float and isinstance(found.inner, Inner)


NAMES = {"model": ["heads", "norm", "experiment"], "train": ["steps", "seed", "rate"], "data": ["source"]}


@pytest.mark.parametrize(
    ("setting", "wanted"),
    [
        ("model.heads=8", {"model": {"heads": 8}}),
        (" model.heads = 8 ", {"model": {"heads": 8}}),
        ("train.rate=1e-3", {"train": {"rate": 1e-3}}),
        ("model.norm=post", {"model": {"norm": "post"}}),
        ('model.norm="post"', {"model": {"norm": "post"}}),
        ("model.norm=", {"model": {"norm": ""}}),
        ("data.source=a=b.txt", {"data": {"source": "a=b.txt"}}),
        ("data.source=C:\\new", {"data": {"source": "C:\\new"}}),
        ("data.source=1\nsteps = 3", {"data": {"source": "1\nsteps = 3"}}),
        ("train.steps=true", {"train": {"steps": True}}),
        ("model.experiment={residual = false}", {"model": {"experiment": {"residual": False}}}),
    ],
)
def test_a_setting_is_put_into_its_table(setting, wanted):
    before = {"train": {"seed": 5}}
    found = apply_settings(before, [setting], NAMES)
    assert found == {"train": {"seed": 5} | wanted.get("train", {})} | {k: v for k, v in wanted.items() if k != "train"}
    assert before == {"train": {"seed": 5}}


def test_the_later_setting_wins():
    found = apply_settings({"train": {"seed": 1, "steps": 3}}, ["train.seed=2", "train.seed=3"], NAMES)
    assert found == {"train": {"seed": 3, "steps": 3}}


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("model.head=3", "no setting model.head; did you mean model.heads?"),
        ("modle.heads=3", "--set modle.heads=3: no table modle; did you mean model?"),
        ("model.heads", "--set model.heads: write --set TABLE.NAME=VALUE"),
        ("heads=3", "--set heads=3: write --set TABLE.NAME=VALUE"),
        ("", "--set : write --set"),
        ('model.experiment=["encoder.*"', 'model.experiment=["encoder.*": not TOML'),
        ("model.experiment=[encoder.*]", 'write it as ["a", "b"], in quotes'),
        ("model.experiment={residual: false}", "model.experiment={residual: false}: not TOML"),
        ("model.experiment.residual=false", "no setting model.experiment.residual; did you mean model.experiment?"),
    ],
)
def test_a_misspelt_setting_is_refused_with_words(setting, words):
    with pytest.raises(ConfigError) as refused:
        apply_settings({}, [setting], NAMES)
    assert words in str(refused.value)


def test_a_recipe_is_read(tmp_path):
    (tmp_path / "r.toml").write_text('[train]\nseed = 2\n[model]\nnorm = "post"\n', encoding="utf-8")
    assert read_recipe(tmp_path / "r.toml", ["model", "train"]) == {"train": {"seed": 2}, "model": {"norm": "post"}}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[train]\nseed = = 2\n", "r.toml: not valid TOML: .*line 2"),
        (b"\xff\xfe", "r.toml: not valid TOML"),
        (b"[train]\nseed = " + b"9" * 5000, "r.toml: not valid TOML"),
        (b"[trian]\nseed = 2\n", r"r.toml: no table \[trian\]; did you mean train\?"),
        (b"train = 2\n", r"r.toml: train stands outside a table; put it under one of \[model\], \[train\]"),
        (b"seed = 2\n", r"r.toml: no table \[seed\]"),
    ],
)
def test_a_bad_recipe_is_refused_with_words(tmp_path, content, words):
    (tmp_path / "r.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=words):
        read_recipe(tmp_path / "r.toml", ["model", "train"])


def test_a_recipe_that_is_not_there_is_refused_with_words(tmp_path):
    with pytest.raises(ConfigError, match=r"no\.toml: no such recipe; write the path of a \.toml file"):
        read_recipe(tmp_path / "no.toml", ["train"])
    with pytest.raises(ConfigError, match="cannot be read"):
        read_recipe(tmp_path, ["train"])
