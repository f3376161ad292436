"""What is found in prose, how it is told, silenced and mended."""

import ast
import dataclasses
import functools
import json
import re
import types
import zlib
from importlib import metadata

import pytest

from sidelit import __version__
from sidelit.__main__ import main
from sidelit.build import Pipeline, build
from sidelit.cache import Memory
from sidelit.check.check import FAMILIES, check
from sidelit.check.external import Addresses
from sidelit.check.fixes import mend
from sidelit.check.report import report, rule_pages
from sidelit.check.rules import RULES
from sidelit.check.subject import subjects
from sidelit.config import load
from sidelit.model import SidelitError
from sidelit.prose.sources import digests
from sidelit.read.discover import discover
from sidelit.read.functions import functions
from sidelit.record.claims import claims, parse
from sidelit.record.shapes import judge
from sidelit.write import write_site
from tests import program
from tests.conftest import ROOT

FRONT = '"""\n---\ntitle: A page\nsummary: A page that is long enough to be told about in a sentence or two.\n---\n\n# A page\n"""\n'


@pytest.fixture
def verdicts(split_text):
    """The verdicts on the claims of a function, given what calls of it have shown."""

    def run(text, *calls):
        document = split_text(text)
        found = functions(document.text)
        seen = {found[-1].qualname: list(calls)}
        return [
            (one.claim.text, one.claim.name, one.kind)
            for one in judge(claims(document, found), seen)
        ]

    return run


@pytest.fixture
def project_of(project, tmp_path, monkeypatch):
    """The configuration of a project made of files in `src`."""

    def run(files, **settings):
        monkeypatch.chdir(tmp_path)
        project({"pyproject.toml": "[tool.sidelit]\nsources = ['src']\n"})
        project({f"src/{name}": text for name, text in files.items()})
        config, _ = load({"select": ["ALL"], **settings})
        return config

    return run


def rules(findings):
    return [one.rule for one in findings if one.rule not in ("FRM104", "FRM108")]


def test_a_family_reports_its_own_rules(project_of, tmp_path):
    text = """
x_size = 1
# See [a](no.md), `no_such_name`, {{ run:r.x }} and $$q$$
def f(x):
    \"\"\"`x` has shape `[a]`.\"\"\"
"""
    (tmp_path / "r.json").write_text('{"x": 1, "sources": {"gone.py": "0"}}')
    built = build(project_of({"a.py": text}, results=["*.json"]))
    (subject,) = subjects(built, ())
    found = {
        family.__module__.rpartition(".")[2]: {one.rule[:3] for one in family(subject)}
        for family in FAMILIES
    }
    assert found == {
        "form": {"FRM"},
        "formulas": {"TEX"},
        "links": {"LNK"},
        "names": {"NAM"},
        "numbers": {"NUM"},
        "shapes": {"SHP"},
    }


# ## Claims
def call(lines=None, **entry):
    return {
        "entry": {key.replace("__", "."): value for key, value in entry.items()},
        "lines": lines or {},
    }


FORWARD = '''
def forward(self, x, key, value):
    """
    {}
    """
    # {}
    y = self.linear(x)
    y = y.transpose(1, 2)
    return y
'''


def test_sequence_first_is_not_batch_first(verdicts):
    text = FORWARD.format(
        "`x` has shape `[tokens, batch, d_model]`.",
        "`y` has shape `[batch, heads, tokens, d_k]`.",
    )
    seen = call(
        {"0": {"y": ["float32[4, 65, 3, 64]"]}, "1": {"y": ["float32[4, 3, 65, 64]"]}},
        x="float32[4, 65, 192]",
        self__heads=3,
    )
    assert verdicts(text, seen) == [
        ("`[tokens, batch, d_model]`", "x", "ok"),
        ("`[batch, heads, tokens, d_k]`", "y", "size"),
    ]
    right = text.replace("[tokens, batch, d_model]", "[batch, tokens, d_model]")
    assert [kind for *_, kind in verdicts(right, seen)] == ["ok", "ok"]


@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("`x` has shape `[batch, heads * d_k]`.", "ok"),
        ("`x` has shape `[batch, 2 + d_k]`.", "ok"),
        ("`x` has shape `[batch, 3 + d_k]`.", "size"),
        ("`x` has shape `[batch, 30]`.", "ok"),
        ("`x` has shape `[batch, 31]`.", "size"),
        ("`x` has shape `[..., d_model]`.", "ok"),
        ("`x` has shape `[batch, *]`.", "ok"),
        ("`x` has shape `[batch, ..., tokens, d_model]`.", "rank"),
        ("`x` has shape `[a, b, ..., c]`.", "rank"),
        ("`x` has shape `[d_model / heads, 30]`.", "ok"),
        ("`x` has shape `[batch, tokens, d_model]` or `[tokens, d_model]`.", "ok"),
        ("`x` has shape `(batch, d_model)`.", "ok"),
        ("`x` has shape `[batch]`.", "rank"),
        ("`x` has shape `[batch size, d_model]`.", "ok"),
    ],
)
def test_arithmetic(verdicts, prose, found):
    text = f'def f(self, x):\n    """{prose}"""\n'
    (_, name, kind), *_ = verdicts(
        text,
        call(
            x="float32[6, 30]",
            self__heads=5,
            self__d_model=30,
            d_k=28 if "2 +" in prose or "3 +" in prose else 6,
        ),
    )
    assert (name, kind) == ("x", found)


@pytest.mark.parametrize(
    ("prose", "names"),
    [
        ("* `x` is the input of shape `[a]`\n    * `key`: `[b]`", ["x", "key"]),
        ("`key` and `value` have shape `[a]`.", ["key", "value"]),
        (
            "`x` is looked at by `key` and `value`. They have shape `[a]`.",
            ["x", "key", "value"],
        ),
        ("`x` has shape `[a]`; the result has shape `[b]`.", ["x", "return"]),
        ("`x` has shape `[a]`, and so has the result.", ["x", "return"]),
        ("The weights of attention on `x`, of shape `[a, b]`.", ["return"]),
        ("Returns a tensor of shape `[a]`.", ["return"]),
        (":param key: is the gradient of the last output, of shape `[a]`", ["key"]),
        ("With `key` the shape of the output is `[a]`.", ["return"]),
        ("The result has the shape of `key`.", ["return"]),
        ("Shape of `value` is `[a, b]`.", ["value"]),
        (":param key: has shape `[a]`", ["key"]),
        ("Input has shape `[a]`.", [""]),
        ("The kernel accepts `x` of shape `[a]`.", [""]),
        ("Both have shape `[a]`.", [""]),
        ("The class token `[CLS]` in front.", []),
        ("See `[1, 2]` for a list.", []),
    ],
)
def test_subjects_in_docstrings(split_text, prose, names):
    document = split_text(FORWARD.format(prose, "Why."))
    assert [one.name for one in claims(document, functions(document.text))] == names


@pytest.mark.parametrize(
    ("prose", "bound"),
    [
        ("`y` has shape `[a]`.", ("y", (0, 1))),
        ("This gives `[a]` as its shape.", None),
        ("Rearrange to shape `[a, b]`.", ("y", (0, 1))),
        ("`x` has shape `[a]`.", ("x", (-1,))),
        ("From shape `[a]`", ("x", (-1,))),
        ("Now `y[0]`, where `y` has shape `[a]`.", ("y", (-1,))),
        ("All biases have shape `[a]`.", ("", ())),
    ],
)
def test_subjects_in_comments(split_text, prose, bound):
    document = split_text(FORWARD.format("Text.", prose))
    found = claims(document, functions(document.text))
    assert [(one.name, one.statements) for one in found] == ([bound] if bound else [])


BATCHES = '''
def batches(self, x):
    """
    Yields batches, `[batch, d_model]`. `x` has shape `[tokens, d_model]`.
    """
    for rows in self.order(x):
        # Of shape `[batch, d_model]`.
        yield x[rows]
        # This yields `[batch, 2]`. `got` has shape `[2, batch]`.
        got = yield rows
        yield got  # [batch]
'''


def test_what_generators_yield_is_spoken_of_as_a_result(verdicts, split_text):
    found = functions(BATCHES)
    said = claims(split_text(BATCHES), found)
    assert [(one.name, one.statements) for one in said] == [
        ("yield", (-1,)),
        ("x", (-1,)),
        ("yield", (1,)),
        ("yield", (2, 3)),
        ("got", (2,)),
        ("yield", (3,)),
    ]
    lines = {
        "1": {"yield": ["float32[4, 30]"]},
        "2": {"yield": ["float32[4, 3]"], "got": ["float32[2, 4]"]},
        "3": {"yield": ["float32[5]"]},
    }
    kinds = [one[2] for one in verdicts(BATCHES, call(lines, x="float32[9, 30]"))]
    assert kinds == ["rank", "ok", "ok", "size", "ok", "size"]


def test_a_comment_behind_a_line_speaks_of_what_it_binds(split_text):
    document = split_text(
        "def f(x):\n    y = x  # [batch, d]\n    z = 1  # see [x, y] there\n    return y  # [d]\n"
    )
    found = claims(document, functions(document.text))
    assert [(one.line, one.column, one.name) for one in found] == [
        (2, 14, "y"),
        (4, 17, "return"),
    ]


def test_what_a_loop_binds_may_differ_each_time(verdicts):
    text = "def f(x):\n    for y in x:\n        # `z` has shape `[n]`.\n        z = y\n"
    seen = call({"0": {"y": ["float32[1]"]}, "1": {"z": ["float32[1]", "float32[2]"]}})
    assert verdicts(text, seen) == [("`[n]`", "z", "ok")]


def test_every_call_counts(verdicts):
    text = 'def f(x):\n    """`x` has shape `[a, a]`."""\n'
    assert verdicts(text, call(x="float32[2, 2]"))[0][2] == "ok"
    assert (
        verdicts(text, call(x="float32[2, 2]"), call(x="float32[2, 3]"))[0][2] == "size"
    )
    assert verdicts(text)[0][2] == "unseen"


def test_what_is_no_list_of_sizes():
    assert [ast.unparse(one) for one in parse("[a, 2 * b, ...]")] == [
        "a",
        "2 * b",
        "...",
    ]
    for text in ("['a']", "[lambda: a]", "[f(x)]", "[a:b]", "[1.5]", "[a,, b]"):
        assert parse(text) is None, text


@pytest.mark.parametrize(
    "prose",
    [
        "The shape is not `[a, b]`.",
        "Unlike PyTorch, where inputs have shape `[a, b]`, we do as we like.",
        "A view of `(0, 1)`, whose size is in `[1, 10]`.",
        "`x` lies in `[low, high]`, changed to `[0, 1]`.",
    ],
)
def test_what_is_no_claim(split_text, prose):
    document = split_text(FORWARD.format(prose, "Why."))
    assert claims(document, functions(document.text)) == []


@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("the result has shape `[b]` if `flat`, else `[b, n]`.", ("return", "ok")),
        ("`x` is `None` or has shape `[b, n]`.", ("x", "ok")),
        ("`x` has shape `[b, h × d]`.", ("x", "ok")),
        ("`x` has shape `[b, h·e]`.", ("x", "size")),
        ("`x` has shape `[b, h x e]`.", ("x", "size")),
        ("`x` has shape `[b, 2h]`.", ("x", "ok")),
        ("`x` has shape `[b, 3h]`.", ("x", "size")),
        ("the result has shape `[b, x.shape[1]]`.", ("return", "ok")),
        ("the result has shape `[b, x.shape[0]]`.", ("return", "size")),
        ("the result has shape `[len(x), 6]`.", ("return", "ok")),
        ("`x` has shape `[b; n]`.", ("", "unbound")),
    ],
)
def test_ways_to_write_sizes(verdicts, prose, found):
    text = f'def f(x, h, d, e, flat=False):\n    """{prose}"""\n    return x\n'
    seen = call({"0": {"return": ["float32[4, 6]"]}}, x="float32[4, 6]", h=3, d=2, e=4)
    assert [one[1:] for one in verdicts(text, seen)] == [found]


def test_sizes_that_cannot_be_read_are_told(project_of):
    text = FRONT + 'def f(x):\n    """`x` has shape `[b, n**2]`."""\n    return x\n'
    (finding,) = check(project_of({"a.py": text}))
    assert finding.rule == "SHP104"
    assert finding.problem.message == "`[b, n**2]`: these sizes cannot be read"


def test_a_number_is_what_it_was_bound_to_last(verdicts):
    text = "def f(x):\n    n = len(x)\n    a = x  # [n, 3]\n    n = n + 1\n    b = grow(x)  # [n, 3]\n"
    lines = {"0": {"n": [2]}, "1": {"a": ["f[2, 3]"]}, "2": {"n": [3]}}
    seen = call(lines | {"3": {"b": ["f[3, 3]"]}}, x="f[2, 3]")
    assert [kind for *_, kind in verdicts(text, seen)] == ["ok", "ok"]
    seen = call(lines | {"3": {"b": ["f[2, 3]"]}}, x="f[2, 3]")
    assert [kind for *_, kind in verdicts(text, seen)] == ["ok", "size"]
    # More than ten statements are in the order of their numbers.
    text = "def f(x):\n" + "    n = n + 1\n" * 11 + "    b = grow(x)  # [n]\n"
    lines = {str(number): {"n": [number]} for number in range(11)}
    seen = call(lines | {"11": {"b": ["f[10]"]}}, x="f[2]")
    assert [kind for *_, kind in verdicts(text, seen)] == ["ok"]


def test_a_comment_behind_a_line_may_speak_of_a_shape_or_of_several(verdicts):
    text = "def f(x):\n    s = x.shape  # (2, 3)\n    q, k = x, x  # [2, 3]\n    b, n = s  # [2, 3]\n"
    lines = {"0": {"s": [[2, 3]]}, "2": {"b": [2], "n": [3]}}
    right = lines | {"1": {"q": ["f[2, 3]"], "k": ["f[2, 3]"]}}
    found = [kind for *_, kind in verdicts(text, call(right))]
    assert found == ["ok", "ok", "ok"]
    wrong = lines | {
        "0": {"s": [[2, 4]]},
        "1": {"q": ["f[2, 3]"], "k": ["f[2, 4]"]},
    }
    found = [kind for *_, kind in verdicts(text, call(wrong))]
    assert found == ["size", "size", "ok"]


def test_from_one_shape_to_another_speaks_of_what_the_line_reads(verdicts):
    text = "def f(x):\n    # From shape `[a, b]` to `[b, a]`.\n    y = x.T\n"
    seen = call({"0": {"y": ["f[3, 2]"]}}, x="f[2, 3]")
    assert verdicts(text, seen) == [
        ("`[a, b]`", "x", "ok"),
        ("`[b, a]`", "y", "ok"),
    ]


def test_a_class_says_what_its_methods_bind(split_text):
    text = (
        "class A:\n"
        '    """\n'
        "    * `weight` has shape `[a]`\n"
        "    * `size` has shape `[b]`\n"
        "    * `x` has shape `[c]`\n"
        "    * `nothing` has shape `[d]`\n"
        '    """\n'
        "    def __init__(self, size):\n"
        "        self.size = size\n"
        "        self.weight = size\n"
        "    def forward(self, x):\n"
        "        return self.size + x\n"
    )
    document = split_text(text)
    found = claims(document, functions(document.text))
    assert [
        (one.function and one.function.qualname, one.name, one.statements)
        for one in found
    ] == [
        ("A.__init__", "self.weight", (1,)),
        ("A.__init__", "size", (-1,)),
        ("A.forward", "x", (-1,)),
        (None, "", (-1,)),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("W = 8\nw = zeros(2, 8)  # [n, W]\n", [("", "w")]),
        ("def f(x):\n    y = x  # x: [n, 7]\n", [("f", "x")]),
        ("def f(x):\n    y = x  # y: shape [n, 7]\n", [("f", "y")]),
        ("def f(x):\n    y = x  # shape [n, 7]\n", [("f", "y")]),
        ("def f(x):\n    # x: [n, 7]\n    y = x\n", [("f", "x")]),
        ("def f(x):\n    y = g(  # [n]\n        x,\n    )\n", [("f", "y")]),
        ("def f(x):\n    y = g(\n        x,  # [n]\n    )\n", [("f", "x")]),
        ("def f(x):\n    y = g(\n        a=x,  # [n]\n    )\n", [("f", "x")]),
        ("def f(x):\n    y = g(\n        x + 1,  # [n]\n    )\n", [("f", "")]),
    ],
)
def test_places_of_a_comment_with_a_shape(split_text, text, found):
    document = split_text(text)
    said = claims(document, functions(document.text))
    assert [(one.function and one.function.qualname, one.name) for one in said] == found


def test_constants_of_the_module_are_sizes(split_text):
    document = split_text('WIDTH = 8\ndef f(x):\n    "`x` has shape `[n, WIDTH]`."\n')
    found = claims(document, functions(document.text))
    for size, kind in ((8, "ok"), (9, "size")):
        seen = {"": [call({"0": {"WIDTH": [8]}})], "f": [call(x=f"f[2, {size}]")]}
        assert [one.kind for one in judge(found, seen)] == [kind]


# ## Arguments
@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("* `x` is the input\n* `q` is gone\n* `factor` scales", ["NAM102"]),
        ("* `x` is the input\n* `factor` scales\n\nSteps:\n\n* `reshape` it", []),
        ("* `reshape` it\n* `factors` of it", ["NAM102"]),
        (":param x: the input\n:param factor: scales", []),
        (":param x: the input\n:param q: gone\n:param int factor: scales", ["NAM102"]),
        (":param x: the input", ["NAM103"]),
    ],
)
def test_bullets_about_arguments(project_of, prose, found):
    text = (
        FRONT + 'def f(x, factor):\n    """\n    {}\n    """\n    return x * factor\n'
    )
    prose = prose.replace("\n", "\n    ")
    assert rules(check(project_of({"a.py": text.format(prose)}))) == found


@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("Args:\n    x: the input\n    facter: scales\n    factor: too", [(4, 5)]),
        ("Args:\n    x: q\n    q: the `q`\n    factor: scales", [(4, 5)]),
        ("Parameters\n----------\nx, q : float\n    Two.\nfactor\n    A.", [(4, 4)]),
        (":param x: the input\n:param int q: gone\n:param factor: scales", [(3, 12)]),
        ("Args:\n    x, factor: both\n\nRaises:\n    other.Closed_now: late", []),
        (":param x: one\n:param factor: two\n:raises Closed_now: late\n:var q: no", []),
        ("Args:\n    x: one\n    factor: of\n\n        + `q`: a list", []),
        ("Returns\n-------\nq : float\n    The product.", []),
    ],
)
def test_fields_about_arguments(project_of, prose, found):
    text = (
        FRONT + 'def f(x, factor):\n    """\n    {}\n    """\n    return x * factor\n'
    )
    made = check(project_of({"a.py": text.format(prose.replace("\n", "\n    "))}))
    assert rules(made) == ["NAM102"] * len(found)
    start = FRONT.count("\n") + 1
    places = [(one.problem.line - start, one.problem.column - 4) for one in made]
    assert places == [(line, column) for line, column in found]


def test_fields_about_any_keyword(project_of):
    text = FRONT + (
        "def f(x, **options):\n"
        '    """\n'
        "    Scale `x`.\n\n"
        "    Args:\n"
        "        x: the input\n"
        "        {}: one of the `options`\n"
        '    """\n'
        "    return x\n"
    )
    assert rules(check(project_of({"a.py": text.format("depth_first")}))) == []
    (former,) = rules(check(project_of({"a.py": text.format("option")})))
    assert former == "NAM102"
    plain = text.replace("**options", "options")
    assert rules(check(project_of({"a.py": plain.format("depth_first")}))) == ["NAM102"]


def test_shapes_in_fields(verdicts):
    text = (
        "def forward(self, x, key):\n"
        '    """\n'
        "    Args:\n"
        "        x (Tensor): of shape `[batch, d_model]`\n"
        "        key (Tensor of shape (batch, d_model)): the keys\n"
        "\n"
        "    Returns:\n"
        "        a tensor of shape `[d_model]`\n"
        '    """\n'
        "    return x\n"
    )
    returned = {"0": {"return": ["float32[3, 4]"]}}
    seen = call(returned, x="float32[2, 4]", key="float32[2, 5]")
    assert verdicts(text, seen) == [
        ("`[batch, d_model]`", "x", "ok"),
        ("`(batch, d_model)`", "key", "size"),
        ("`[d_model]`", "return", "rank"),
    ]


def test_bullets_of_a_class_are_about_what_it_is_made_of(project_of):
    text = FRONT + (
        "class A:\n"
        '    """\n'
        "    * `size` and `{}` are its sizes\n"
        "    * `weight` is learnt\n"
        '    """\n\n'
        "    def __init__(self, size, n_heads):\n"
        "        self.weight = size * n_heads\n\n\n"
        "def f(heads):\n"
        "    return heads\n"
    )
    assert rules(check(project_of({"a.py": text.format("n_heads")}))) == []
    (finding,) = check(project_of({"a.py": text.format("heads")}))
    assert finding.rule == "NAM102"
    assert finding.problem.message.endswith("; did you mean `n_heads`?")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("droput", "dropout"),
        ("dropuot", "dropout"),
        ("patchs", "patches"),
        ("querry", "query"),
        ("drop", ""),
        ("dropouts", ""),
        ("patch", ""),
        ("string", ""),
        ("padded", ""),
        ("linear", ""),
        ("quer", ""),
        ("python", ""),
        ("mypath", ""),
    ],
)
def test_a_word_that_is_nearly_a_name(project_of, word, meant):
    text = f'''
"""
We padder it, `{word}`.
"""
def f(dropout, patches, query, pythons, mypaths):
    padde = linea = "linear"
    self.strin = dropout
'''
    found = check(project_of({"a.py": text}, names=["mypath"]))
    told = [one.problem.message for one in found if one.rule == "NAM104"]
    assert told == [f"there is no `{word}`; did you mean `{meant}`?"] * bool(meant)


def test_hints_are_names_of_the_module(project_of):
    text = FRONT + "# Like `list_s` and `model_size`.\nmodel_sizes = list\n"
    messages = [one.problem.message for one in check(project_of({"a.py": text}))]
    assert [one.partition("; ")[2] for one in messages] == [
        "",
        "did you mean `model_sizes`?",
    ]


# ## Silencers
SHOUT = FRONT + "def f(x):\n    '''Like `no_such_name`.'''\n    {}\n    return x{}\n"


def test_a_silencer_speaks_for_its_line_or_alone_for_its_row(project_of):
    silencer = "# sidelit: ok NAM101 because it is an example"
    assert rules(check(project_of({"a.py": SHOUT.format("x = 1", "")}))) == ["NAM101"]
    assert rules(check(project_of({"a.py": SHOUT.format(silencer, "")}))) == []
    assert rules(
        check(project_of({"a.py": SHOUT.format("x = 1", f"  {silencer}")}))
    ) == ["NAM101", "OKS101"]
    prose = (
        "Text `no_such_name`.\n<!-- sidelit: ok NAM101 because it is an example -->\n"
    )
    assert rules(check(project_of({"a.py": "", "b.md": prose}))) == []


def test_a_silencer_in_a_string_or_an_example_is_none(project_of):
    text = FRONT + "x = '# sidelit: ok NAM101'\n# Write `# sidelit: ok`.\ny = 1\n"
    assert rules(check(project_of({"a.py": text}))) == []


# ## Telling and mending
def test_forms_of_a_report(project_of):
    config = project_of({"a.md": "A `no_such_name`: 100%.\n\n$$q$$\n"})
    found = [one for one in check(config) if one.rule in ("NAM101", "TEX103")]
    message = "there is no `no_such_name` in this module or on the site"
    assert report(found, "text") == (
        f"src/a.md:1:4: NAM101 {message}\nsrc/a.md:3:3: TEX103 warning: $q$ is used here and explained nowhere\n"
    )
    assert json.loads(report(found, "json"))[0] == {
        "path": "src/a.md",
        "line": 1,
        "column": 4,
        "rule": "NAM101",
        "level": "error",
        "message": message,
    }
    assert report(found, "github").startswith(
        "::error file=src/a.md,line=1,col=4,title=NAM101::src/a.md:1:4: NAM101 "
        f"{message.replace('%', '%25')}\n::warning "
    )
    (run,) = json.loads(report(found, "sarif"))["runs"]
    driver = run["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == list(RULES)
    assert driver["semanticVersion"] == __version__
    # GitHub wants these of each rule, and sentences in them.
    for rule in driver["rules"]:
        texts = rule["fullDescription"]["text"], rule["help"]["text"]
        assert all(re.fullmatch(r"[A-Z].*\.", text) for text in texts)
        # Nobody knows where the pages of rules are published.
        assert not {"helpUri", "informationUri"} & {*rule, *driver}
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert (run["results"][0]["ruleId"], region) == (
        "NAM101",
        {"startLine": 1, "startColumn": 4},
    )


def test_a_source_of_another_language_is_called_by_its_file_name(project_of):
    text = '"""\nIt loads `kernel.c`, which includes `kernel.h`, not `shader.c`.\n"""\n'
    files = {"call.py": text, "c/kernel.c": "int x;\n", "c/kernel.h": "int y;\n"}
    (found,) = check(project_of(files, select=["NAM101"]))
    assert "there is no `shader.c` in this module" in found.problem.message


def test_reports_for_forges(project_of, tmp_path, monkeypatch):
    name = "a b,c:d%\u00fc.md"
    config = project_of({name: "`no_such_name`\n"})
    found = [one for one in check(config) if one.rule == "NAM101"]
    assert "file=src/a b%2Cc%3Ad%25\u00fc.md,line=1," in report(found, "github")
    (tmp_path / ".git").mkdir()
    (run,) = json.loads(report(found, "sarif"))["runs"]
    uri = "src/a%20b%2Cc%3Ad%25%C3%BC.md"
    (result,) = run["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": uri, "uriBaseId": "SRCROOT"}
    base = run["originalUriBaseIds"]["SRCROOT"]["uri"]
    assert base == f"{tmp_path.as_uri()}/"
    assert run["columnKind"] == "unicodeCodePoints"
    # From a folder in it, the paths stay those of the repository.
    monkeypatch.chdir(tmp_path / "src")
    moved = [
        dataclasses.replace(one, problem=dataclasses.replace(one.problem, path=name))
        for one in found
    ]
    assert json.loads(report(moved, "sarif"))["runs"] == [run]


def test_rules_have_the_addresses_of_their_pages(own_site, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    base_url = "https://a.example/b/"
    config, _ = load({})
    pages = rule_pages(
        {one.path: one.url for one in discover(config).sources}, base_url
    )
    assert set(pages) == set(RULES)
    for address in pages.values():
        assert (own_site / address.removeprefix(base_url)).is_file()
    assert rule_pages({"check/rules/nam101.md": "nam101.html"}, "") == {}
    (run,) = json.loads(report([], "sarif", pages))["runs"]
    first = run["tool"]["driver"]["rules"][0]
    assert first["helpUri"] == pages[first["id"]]
    assert first["helpUri"] in first["help"]["text"]
    assert first["helpUri"] in first["help"]["markdown"]


def test_reports_of_the_command_know_the_pages(project_of, monkeypatch, capsys):
    project_of(
        {
            "check/rules/nam101.md": "# NAM101\n",
            "xcheck/rules/nam102.md": "# Another\n",
            "a.md": "# A\n",
        }
    )
    main(["check", "--format", "sarif", "--base-url", "https://a.example/", "-q"])
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    rules = run["tool"]["driver"]["rules"]
    places = {one["id"]: one["helpUri"] for one in rules if "helpUri" in one}
    assert places == {"NAM101": "https://a.example/check/rules/nam101.html"}


@pytest.mark.parametrize(
    ("url", "folder", "linked"),
    [
        ("https://forge.example/a/b.git", "utils", "https://forge.example/a/b/blob/0a/utils/sidelit"),
        ("https://forge.example/a/b", "", "https://forge.example/a/b/blob/0a/sidelit"),
        ("ssh://git@forge.example/a/b", "utils", ""),
    ],
)  # fmt: skip
def test_reports_link_to_where_sidelit_came_from(
    project_of, monkeypatch, capsys, url, folder, linked
):
    """Another project has no pages of rules, and nobody has told where they are."""

    def rules(**noted):
        files = {"read_text": lambda name: json.dumps(noted)}
        installed = types.SimpleNamespace(**files)
        monkeypatch.setattr(metadata, "distribution", lambda _: installed)
        main(["check", "--format", "sarif", "-q"])
        (run,) = json.loads(capsys.readouterr().out)["runs"]
        return {one["id"]: one.get("helpUri") for one in run["tool"]["driver"]["rules"]}

    project_of({"a.md": "# A\n"})
    told = rules(url=url, subdirectory=folder, vcs_info={"commit_id": "0a"})
    page = f"{linked}/check/rules/nam101.md" if linked else None
    assert told["NAM101"] == page
    assert len({*told.values()}) == (len(RULES) if linked else 1)
    assert (ROOT / "utils" / "sidelit" / "check" / "rules" / "nam101.md").is_file()
    assert set(rules(url="file:///a/b", dir_info={}).values()) == {None}


INVENTORY = (
    b"# Sphinx inventory version 2\n# Project: x\n# Version: 1\n# zlib\n"
    + zlib.compress(
        b"numpy.einsum py:function 1 np.html#$ -\nos.path.join py:function 1 os.html#$ -\n"
    )
)


def test_what_others_document_exists(project_of, project):
    project({"x.inv": INVENTORY})
    files = {
        "a.py": '"""`np.einsum`, `numpy.einsum`, `numpy.core.x` and `os.path.join`."""\nimport numpy as np\n',
        "b.md": "`numpy.einsum`, `os.path.join()`, `torch.nn.Linear`\n",
        "c.md": "`pandas.DataFrame`\n",
    }
    config = project_of(files, select=["NAM"])
    config = config.replace(
        inventories=(("https://x.example/", f"{config.root}/x.inv"),),
        external=(("torch.*", "https://torch.example/{name}.html"),),
    )
    found = [one.problem for one in check(config)]
    assert [(one.path, one.line) for one in found] == [("src/c.md", 1)]
    # What exists is a link, in prose as well as in code.
    pages = build(config).files
    for url, names in (
        ("a.html", ["np.einsum", "numpy.einsum", "os.path.join"]),
        ("b.html", ["numpy.einsum", "os.path.join()"]),
    ):
        html = pages[url].decode()
        for name in names:
            link = rf'<a class="name" href="https://x\.example/[^"]*"[^>]*><code>{re.escape(name)}<'
            assert re.search(link, html), (url, name)


def test_what_an_import_is_called_by_itself_is_known(project_of):
    text = '"""`numpy.einsum`, `np.einsum`"""\nimport numpy.linalg as np\n'
    assert rules(check(project_of({"a.py": text}, select=["NAM"]))) == []


def test_types_of_fields_may_be_of_others(project_of):
    """As an error that nothing here defines."""
    tags = "@throws {RangeError} if `noSuch` is nought\n * @param {RegExp} x - any"
    files = {
        "a.js": f"/**\n * A.\n *\n * {tags}\n */\nf(x);\n",
        "b.kt": "/**\n * B.\n *\n * @throws NoArgumentException if so\n */\nval a = 1\n",
    }
    found = [one.problem.message for one in check(project_of(files, select=["NAM"]))]
    assert found == ["there is no `noSuch` in this module or on the site"]


def test_text_that_looks_like_an_identifier_is_no_anchor(project_of):
    page = (
        '# A\n\n[1](#e1), [2](#e2), [3](#e3), [4](#e4) in `<p id="e1">`, <x id="e2">.\n\n'
        '    <p id="e3">\n\n<p title="f > g" id="e4">H</p>\n'
    )
    found = check(project_of({"a.md": page}, select=["LNK102"]))
    assert [one.problem.message for one in found] == [
        f"a.html has no anchor #e{number}" for number in (1, 2, 3)
    ]


def test_a_file_outside_of_the_project_is_not_missing(project_of, project, tmp_path):
    (tmp_path.parent / f"{tmp_path.name}.svg").write_text("<svg/>")
    outside = f"../../{tmp_path.name}.svg"
    page = f"# A\n\n![a]({outside}) and [b]({outside}#x), ![c](../../none.svg)\n"
    found = [one.problem for one in check(project_of({"a.md": page}, select=["LNK"]))]
    said = f"{outside} lies outside the project {tmp_path}; copy it there"
    assert [(one.rule, one.message) for one in found] == [
        ("LNK103", said),
        ("LNK101", said),
        ("LNK103", "there is no image ../../none.svg"),
    ]


def test_the_hook_runs_whatever_has_changed():
    text = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    assert "  always_run: true\n  pass_filenames: false\n" in text
    assert "types" not in text


def test_sure_mends(project_of, tmp_path):
    config = project_of(
        {
            "a.md": "# A\n\n[one](B.md) and [two](b.md#Part-One), [three](c.md)\n",
            "b.md": "# B\n\n## Part one\n",
            "c.py": "x = 1  # sidelit: ok NAM101 because there was one\n",
        }
    )
    left = rules(mend(config, check(config)))
    assert (
        tmp_path / "src/a.md"
    ).read_text() == "# A\n\n[one](b.md) and [two](b.md#part-one), [three](c.md)\n"
    assert (tmp_path / "src/c.py").read_text() == "x = 1\n"
    assert left == rules(check(config)) == ["LNK101"]


def test_mending_leaves_the_rest_of_a_file_alone(project_of, tmp_path):
    silencer = "# sidelit: ok NAM101 because there was one"
    config = project_of({"a.py": "", "b.md": "# B\n"})
    for data, expected in (
        (f"x = 1  {silencer}\r\n\ty\r\n{silencer}\r\nz = 2", "x = 1\r\n\ty\r\nz = 2"),
        (f"\ufeffx = 'é'  {silencer}\n\n", "\ufeffx = 'é'\n\n"),
        (f"# coding: latin-1\nx = 'é'  {silencer}\n", "# coding: latin-1\nx = 'é'\n"),
    ):
        encoding = "latin-1" if "latin-1" in data else "utf-8"
        source = data.replace("\ty", "if x:\r\n\ty = 1")
        (tmp_path / "src/a.py").write_bytes(source.encode(encoding))
        mend(config, check(config))
        wanted = expected.replace("\ty", "if x:\r\n\ty = 1")
        assert (tmp_path / "src/a.py").read_bytes() == wanted.encode(encoding)


@pytest.fixture
def sidelit(tmp_path):
    return functools.partial(program.sidelit, "check", cwd=tmp_path)


def test_exit_status(sidelit, project_of):
    fine = "---\ntitle: A\nsummary: A page that is long enough to be told about in a sentence.\n---\n\n# A\n"
    project_of({"a.md": fine})
    result = sidelit()
    assert (result.returncode, result.stdout, result.stderr) == (
        0,
        "",
        "sidelit: nothing to mend\n",
    )
    project_of({"a.md": f"{fine}\n$$q$$\n"})
    assert sidelit("--select", "ALL").returncode == 0
    assert sidelit("--strict").returncode == 0
    assert sidelit("--strict", "--select", "TEX").returncode == 1
    project_of({"a.md": f"{fine}\n`no_such_name`\n"})
    result = sidelit()
    assert result.returncode == 1
    assert result.stderr.startswith("sidelit: 1 finding in 1 file\n")
    assert result.stdout.startswith("src/a.md:8:2: NAM101 ")
    assert sidelit("--format", "xml").returncode == 2
    assert sidelit("nowhere").returncode == 2
    project_of({"a.md": fine, "a.py": 'def f(x):\n    """`x` has shape `[a, b]`."""\n'})
    hint = "sidelit: there is no shapes.json; `sidelit record PROGRAM` makes it\n"
    assert sidelit("--select", "SHP").stderr.endswith(hint)


# ## Links to elsewhere
def test_addresses_are_asked_once_a_day_and_again_if_nobody_answers(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    clock, waits, asked = [1e9], [], []

    def wait(seconds):
        waits.append(seconds)
        clock[0] += seconds

    def answer(self, address):
        asked.append(address)
        return (
            ("answers 404 Not Found", True)
            if "gone" in address
            else ("cannot be reached: no", False)
            if "down" in address
            else ("", True)
        )

    monkeypatch.setattr(Addresses, "_answer", answer)
    addresses = Addresses(wait=wait, now=lambda: clock[0])
    assert addresses.fault("http://a.example/x#part") == ""
    assert addresses.fault("http://a.example/gone") == "answers 404 Not Found"
    assert waits == [pytest.approx(1.0)]
    assert addresses.fault("http://b.example/down") == "cannot be reached: no"
    assert asked.count("http://b.example/down") == 3
    assert (
        Addresses(wait=wait, now=lambda: clock[0]).fault("http://a.example/gone")
        == "answers 404 Not Found"
    )
    assert asked.count("http://a.example/gone") == 1
    clock[0] += 90_000
    addresses.fault("http://a.example/x")
    assert asked.count("http://a.example/x") == 2


def test_a_dead_address_is_a_finding_only_if_asked(project_of):
    config = project_of({"a.md": "[x](https://a.example/)\n"})
    assert rules(check(config)) == []
    assert rules(check(config, lambda url: "answers 404 Not Found")) == ["LNK104"]


def test_the_network_is_asked_in_full(monkeypatch, tmp_path):
    """Against a server on this machine: there, gone, and nobody at home."""
    import http.server
    import socket
    import threading

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response({"/there": 200, "/no": 403}.get(self.path, 404))
            self.end_headers()

        def log_message(self, *_):
            pass

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        addresses = Addresses(pause=0)
        assert addresses.fault(f"{base}/there") == addresses.fault(f"{base}/no") == ""
        assert addresses.fault(f"{base}/gone") == "answers 404 Not Found"
        server.shutdown()
    # A port that is taken, so nobody else listens on it either.
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert addresses.fault(address) == "cannot be reached: Connection refused"


def test_what_a_server_or_an_author_gets_wrong_is_told(monkeypatch, tmp_path):
    import socket
    import threading

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "sidelit").mkdir()
    (tmp_path / "sidelit/addresses.json").write_text('{"http://a.example/": [1]}')
    asked = []

    def serve():
        for reply in (b"nonsense\r\n\r\n", b"HTTP/1.1 200 " + b"x" * 70_000):
            connection, _ = server.accept()
            with connection:
                asked.append(connection.recv(1000).split(b" ")[1])
                connection.sendall(reply)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        monkeypatch.setattr("sidelit.check.external.TRIES", 1)
        base = f"http://127.0.0.1:{server.getsockname()[1]}"
        addresses = Addresses(pause=0)
        assert "cannot be reached" in addresses.fault(f"{base}/gr\u00fcn")
        assert "cannot be reached" in addresses.fault(f"{base}/long")
    assert asked == [b"/gr%C3%BCn", b"/long"]
    assert "is no address" in addresses.fault("http://[::1/")
    assert "cannot be reached" in addresses.fault("http://127.0.0.1:x/")


# ## Links
def test_links_are_mended_and_not_their_texts(project_of, tmp_path):
    wrong = (
        "# A\n\nSee [She.py](She.py), `(She.py)` and [o](She.py#top).\n\n"
        "[b](<D%C3%A9j%C3%A0 Vu.md>) [c][d]\n\n[d]: She.py\n"
    )
    config = project_of({"a.md": wrong, "she.py": "", "d\u00e9j\u00e0 vu.md": "# D\n"})
    (tmp_path / "src/a.md").chmod(0o755)
    (tmp_path / "src/a.md").rename(tmp_path / "real.md")
    (tmp_path / "src/a.md").symlink_to("../real.md")
    assert [one.rule for one in mend(config, check(config)) if "LNK" in one.rule] == []
    right = wrong.replace("](She", "](she").replace(": She", ": she")
    right = right.replace("D%C3%A9j%C3%A0 Vu", "d%C3%A9j%C3%A0%20vu")
    assert (tmp_path / "real.md").read_text() == right
    assert (tmp_path / "src/a.md").is_symlink()
    assert (tmp_path / "real.md").stat().st_mode & 0o777 == 0o755


def test_an_address_with_spaces_gets_brackets(project_of, tmp_path):
    wrong = (
        "[a](b c.md), ![d](e f.png) and [g](http://h.i/j k)\n\n"
        "f[i](see b c.md), `[a](b c.md)`, [a](<b c.md>), [a](b%20c.md)\n\n"
        "    [a](b c.md)\n"
    )
    files = {"a.md": wrong, "b c.md": "# B\n", "e f.png": ""}
    config = project_of(files, select=["LNK"])
    told = check(config)
    assert rules(told) == ["LNK101", "LNK103", "LNK101"]
    assert [one.problem.column for one in told] == [5, 19, 36]
    assert mend(config, told) == []
    right = wrong.replace("(b c.md), !", "(<b c.md>), !").replace(
        "e f.png", "<e f.png>"
    )
    right = right.replace("http://h.i/j k", "<http://h.i/j k>")
    assert (tmp_path / "src/a.md").read_text() == right


def test_silencers_of_rules_that_were_not_tried_stay(project_of):
    silencer = "<!-- sidelit: ok {} because it is so -->\n"
    config = project_of(
        {
            "a.md": "[x](https://a.example/)\n" + silencer.format("LNK104"),
            "b.py": "x = 1  # sidelit: ok SHP102 because it is so\n",
        }
    )
    assert rules(check(config)) == []
    assert rules(check(config, lambda url: "")) == ["OKS101"]
    assert rules(mend(config, check(config, lambda url: "is gone"))) == []


# ## The record
@pytest.mark.parametrize(
    "entry",
    [
        '{"source": "0", "calls": []}',
        '{"source": "0", "calls": [1]}',
        '{"source": "0", "calls": [{"entry": []}]}',
        '{"source": "0", "calls": [{"lines": {"0": {"x": 1}}}]}',
        '{"source": "0", "calls": [{"lines": {"x": {}}}]}',
        '{"source": "0", "calls": [{"entry": {"x": 1.5}}]}',
        "[" * 20_000,
    ],
)
def test_what_is_no_record_is_told(project_of, tmp_path, entry):
    config = project_of({"a.py": "def f(x):\n    return x\n"})
    text = f'{{"version": 1, "files": {{"src/a.py": {{"f": {entry}}}}}}}'
    (tmp_path / "shapes.json").write_text(text)
    assert rules(check(config)) == ["REC101"]


def test_a_part_of_the_sources_may_be_checked(project_of, tmp_path):
    config = project_of({"a.py": "", "b.py": ""}, sources=["src/a.py"])
    text = '{{"version": 1, "files": {{"src/{}.py": {{}}}}}}'
    for name, found in (("b", []), ("c", ["REC102"])):
        (tmp_path / "shapes.json").write_text(text.format(name))
        assert rules(check(config)) == found


# ## Form
@pytest.mark.parametrize(
    "above", ["", "#!/usr/bin/env python\n", "# coding: utf-8\n\n# \u00a9 Somebody\n"]
)
def test_front_matter_is_below_what_has_to_be_first(project_of, above):
    assert check(project_of({"a.py": above + FRONT})) == []
    without = above + '"""\n# A page\n"""\n'
    found = [one.rule for one in check(project_of({"a.py": without}))]
    assert found == ["FRM104", "FRM104"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One\n===\n\nText.\n\nTwo\n---\n\n### Three\n", []),
        ("# A\n\nOne\n===\n", ["FRM103"]),
        ("# A\n\n   # one\n", ["FRM103"]),
        ("# A\n\n  ### three\n", ["FRM102"]),
        ("# A\n\n- one\n---\n\nText\n\n---\n\n|a|\n|-|\n", []),
        ("# A\n\n[up](#top) and [up](#)\n", []),
        (
            "# A\n\n<img src='no.png' alt='A picture'> <a href='a.md'>a</a>\n",
            ["LNK103"],
        ),
        ("# A\n\n<a href='no.md'>a</a> and `<img src='no.png'>`\n", ["LNK101"]),
        ("# A\n\n> > <img src='no.png'\n> >   alt='A\n> >   picture'>\n", ["LNK103"]),
        ("# A\n\n> <img src='no.png'\n>   alt=''>\n", ["FRM105", "LNK103"]),
        (
            "# A\n\n$$e^{i \\pi} = \\int d x_{jk} d\\theta_\\text{no}$$ $x$ $\\theta$\n",
            [],
        ),
        ("# A\n\n$$d + \\psi$$\n", ["TEX103", "TEX103"]),
    ],
)
def test_form_of_a_page(project_of, text, found):
    assert rules(check(project_of({"a.md": text}))) == found


@pytest.mark.parametrize(
    ("link", "message"),
    [
        (
            "pkg.shapes.squere",
            "pkg.shapes has no squere; did you mean pkg.shapes.square?",
        ),
        (
            "pkg.shapes.Box.size",
            "pkg.shapes.Box has no size; did you mean pkg.shapes.Box.side?",
        ),
        ("pkg.Box.size", "pkg.Box has no size; did you mean pkg.Box.side?"),
        ("pkg.shapes.Box.side.x", "pkg.shapes.Box.side has no x"),
        ("pkg.nothing.at.all", "pkg has no nothing"),
        ("other.name", "there is no page or file other.name"),
        (
            "shapes.py",
            "there is no page or file shapes.py; did you mean ../pkg/shapes.py?",
        ),
        (
            "no/shapes.py",
            "there is no page or file no/shapes.py; did you mean ../pkg/shapes.py?",
        ),
        ("pkg.md", "there is no page or file pkg.md"),
        ("__init__.py", "there is no page or file __init__.py"),
        ("../pkg/", None),
        ("no/", "there is no page or file no/"),
    ],
)
def test_a_dead_link_says_what_is_near(project_of, link, message):
    files = {
        "notes/a.md": f"# A\n\n[a]({link})\n",
        "pkg/__init__.py": "from .shapes import Box\n",
        "pkg/shapes.py": "class Box:\n    def side(self): ...\n\n\ndef square(): ...\n",
        "two/__init__.py": "",
    }
    found = [one.problem.message for one in check(project_of(files, select=["LNK"]))]
    assert found == ([message] if message else [])


def test_what_an_earlier_build_made_is_no_image(project_of):
    config = project_of({"a.md": "# A\n\n![The icon](assets/favicon.svg)\n"})
    built = build(config)
    assert "assets/favicon.svg" in built.files
    for _ in range(2):
        assert rules(check(config)) == ["LNK103"]
        write_site(config.output, built.files)


def test_addresses_in_capitals_are_asked(project_of):
    config = project_of({"a.md": "[x](HTTP://a.example/)\n"})
    assert rules(check(config, lambda url: "answers 404 Not Found")) == ["LNK104"]


@pytest.mark.parametrize("value", ["NaN", "true", "null", "Infinity"])
def test_what_is_no_number_is_not_quoted(project_of, tmp_path, value):
    config = project_of({"a.md": "{{ run:r.x }}\n"}, results=["*.json"])
    (tmp_path / "r.json").write_text(f'{{"x": {value}}}')
    told = {
        one.problem.message for one in check(config) if one.problem.rule == "NUM101"
    }
    assert told == {f"x of r is {value}, no number"}


def test_a_number_is_old_when_its_code_has_changed(project_of, tmp_path):
    text = "It reaches {{ run:a.x }}, {{ run:b.x }} and again {{ run:*.x }}.\n"
    model = '"""Text."""\n\nWIDTH = 8  # wide\n'
    config = project_of(
        {"a.md": text, "model.py": model, "data.json": "[]"}, results=["*.json"]
    )
    table = digests(tmp_path, ["src/model.py", "src/data.json"])
    results = {
        "a": {"sources": table, "x": 1},
        "b": {"sources": table | {"src/gone.py": "0123456789abcdef"}, "x": 2},
        "c": {"sources": ["of another kind"], "x": 3},
    }
    for name, result in results.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(result))

    def found():
        problems = (one.problem for one in check(config) if one.rule == "NUM102")
        return [(one.column, one.message) for one in problems]

    gone = (27, "b.json was recorded before src/gone.py changed; record it again")
    assert found() == [gone]
    (tmp_path / "src/model.py").write_text("WIDTH = 8\n# and so on\n")
    assert found() == [gone]
    (tmp_path / "src/model.py").write_text("WIDTH = 9\n")
    (tmp_path / "src/data.json").write_text("[1]")
    both = "src/data.json and src/{}model.py changed; record it again"
    assert found() == [
        (12, f"a.json was recorded before {both.format('')}"),
        (27, f"b.json was recorded before {both.format('gone.py and src/')}"),
    ]
    with pytest.raises(FileNotFoundError):
        digests(tmp_path, ["src/gone.py"])


def test_symbols_and_methods_of_python_are_no_names_of_the_module(project_of):
    text = (
        "`k_i`, `v_A`, `uB`, `str.splitlines`, `dict.fromkeys()`, `str.nosuch`, `ab_c`"
    )
    found = [one.problem.message for one in check(project_of({"a.md": text}))]
    assert [one.split("`")[1] for one in found if "there is no" in one] == [
        "str.nosuch",
        "ab_c",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<video src="a.mp4"></video>', [(1, 1)]),
        ("See <video controls>\n<source src='a.mp4'></video>", [(1, 5)]),
        ('> <iframe title="a" src="//b.c">', [(1, 3)]),
        (
            '* <svg viewBox="0 0 9 9"></svg> <script src=a.js></script>',
            [(1, 3), (1, 33)],
        ),
        # These are code or words.
        ("`<video src=a>`\n\n    <video src=a>\n\n```\n<video src=a>\n```", []),
        ("<!-- <video src=a> --> \\<video src=a>", []),
        ("An <object at 0x7f> and <script> of <video-list src=a>", []),
    ],
)
def test_an_element_that_no_page_has_is_told(project_of, text, found):
    told = check(project_of({"a.md": text}, select=["FRM116"]))
    mine = [one.problem for one in told if "allowed" in one.problem.message]
    assert [(one.line, one.column) for one in mine] == found


# ## Which rules apply
FAULTS = f"{FRONT}# See `no_such_name`, `nor_this` and [gone](gone.md).\nx = 1\n"
LONG = f"# {'long ' * 30}\n"


def names_of(config):
    return sorted({f"{one.problem.path} {one.rule}" for one in check(config)})


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        # By default, only what is a mistake.
        ({"select": []}, ["LNK101", "NAM101"]),
        ({"select": ["ALL"]}, ["FRM103", "FRM107", "LNK101", "NAM101"]),
        ({"select": ["FRM"]}, ["FRM103", "FRM107"]),
        ({"select": ["FRM10"], "ignore": ["FRM107"]}, ["FRM103"]),
        # The longer name wins, and of two as long, the one that is ignored.
        ({"select": ["FRM107"], "ignore": ["FRM", "ALL"]}, ["FRM107"]),
        ({"select": ["FRM", "NAM"], "ignore": ["NAM"]}, ["FRM103", "FRM107"]),
        ({"select": ["ALL"], "ignore": ["FRM", "NAM101"]}, ["LNK101"]),
        ({"select": [], "ignore": ["LNK"]}, ["NAM101"]),
        ({"select": ["ALL"], "ignore": ["ALL"]}, []),
        ({"select": ["NUM"]}, []),
        # As ruff has it, one flag may have several.
        ({"select": ["FRM103,LNK", "NUM"]}, ["FRM103", "LNK101"]),
    ],
)
def test_rules_are_selected_as_by_ruff(project_of, settings, found):
    heading = '\n\ndef f():\n    """# Again"""\n'
    config = project_of({"a.py": FAULTS + LONG + heading}, **settings)
    assert names_of(config) == [f"src/a.py {rule}" for rule in found]


def test_what_is_not_read_is_told_whatever_is_selected(project_of):
    files = {"a.py": "x = (\n"}
    assert names_of(project_of(files, select=["LNK"])) == ["src/a.py SRC101"]
    assert names_of(project_of(files, select=["LNK"], ignore=["SRC101"])) == []


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        ({"src/a.py": ["NAM"]}, "a LNK101, b LNK101, b NAM101"),
        ({"b.py": ["ALL"]}, "a LNK101, a NAM101"),
        ({"src/sub": ["LNK101", "NAM101"]}, "a LNK101, a NAM101"),
        ({"src/s*/": ["LNK"], "**/*.py": ["NAM101"]}, "a LNK101"),
        ({"!src/a.py": ["LNK"]}, "a LNK101, a NAM101, b NAM101"),
        (
            {"a.py": ["FRM"], "sub/b.py": ["ALL"]},
            "a LNK101, a NAM101, b LNK101, b NAM101",
        ),
    ],
)
def test_rules_of_some_files(project_of, patterns, left):
    config = project_of({"a.py": FAULTS, "sub/b.py": FAULTS}, select=[])
    pairs = tuple((pattern, tuple(names)) for pattern, names in patterns.items())
    found = names_of(config.replace(per_file_ignores=pairs))
    assert (
        ", ".join(found).replace("src/sub/b.py", "b").replace("src/a.py", "a") == left
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("FRM999", "there is no rule `FRM999`; did you mean `FRM1"),
        ("LINK", "'LINK' is no rule; name one such as NAM101"),
        ("nam101", "'nam101' is no rule"),
        ("XYZ", "there is no rule `XYZ`; there are ALL, FRM, LNK, NAM"),
        ("", "'' is no rule"),
    ],
)
@pytest.mark.parametrize("setting", ["select", "ignore", "per-file-ignores"])
def test_rules_that_there_are_not(project_of, setting, name, words):
    value = {"*.py": [name]} if setting == "per-file-ignores" else [name]
    with pytest.raises(SidelitError) as error:
        check(project_of({"a.py": ""}, **{setting: value}))
    assert words in str(error.value)
    assert setting in str(error.value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"a": "FRM"}, "per-file-ignores.a must be a list of rules, not 'FRM'"),
        ({"a": [1]}, "per-file-ignores.a must be a list of rules, not [1]"),
        ({"!": ["FRM"]}, "the pattern of some files is empty"),
        (["FRM"], "must be a table such as {"),
    ],
)
def test_wrong_tables_of_rules(project_of, value, words):
    with pytest.raises(SidelitError) as error:
        project_of({"a.py": ""}, **{"per-file-ignores": value})
    assert words in str(error.value)


def test_flags_add_to_what_is_ignored_and_start_a_selection_anew(project_of, tmp_path):
    project_of({"a.py": FAULTS})
    text = "[tool.sidelit]\nsources = ['src']\nselect = ['ALL']\nignore = ['NAM']\n"
    (tmp_path / "pyproject.toml").write_text(text)
    assert load({"ignore": ["LNK"]})[0].ignore == ("NAM", "LNK")
    config, _ = load({"select": ["NAM"]})
    assert (config.select, config.ignore) == (("NAM",), ())
    config, _ = load({"select": ["NAM"], "ignore": ["NAM101"]})
    assert (config.select, config.ignore) == (("NAM",), ("NAM101",))


def test_a_silencer_of_a_rule_that_is_not_selected_may_be_needed(project_of):
    silenced = f"{FRONT}# A `no_such_name`.\n# sidelit: ok NAM101 because it will come\nx = 1\n"
    files = {"a.py": silenced}
    assert names_of(project_of(files, select=["OKS", "LNK"])) == []
    files = {"a.py": silenced.replace("no_such_name", "x")}
    assert names_of(project_of(files, select=["OKS", "NAM"])) == ["src/a.py OKS101"]


# ## The baseline
def test_an_old_repository_starts_clean(sidelit, project_of, tmp_path):
    """What was there is not told again, wherever it goes; what is new is."""
    page = tmp_path / "src" / "a.py"
    project_of({"a.py": FAULTS, "b.md": "# B\n\n`not_there_` and `not_there_`\n"})
    first = sidelit()
    assert (first.returncode, len(first.stdout.splitlines())) == (1, 5)
    noted = sidelit("--write-baseline")
    assert (noted.returncode, noted.stdout, noted.stderr) == (
        0,
        "",
        "sidelit: wrote sidelit-baseline.json with 5 findings\n",
    )
    baseline = tmp_path / "sidelit-baseline.json"
    known = baseline.read_bytes()
    assert json.loads(known) == {
        "src/a.py": {
            "LNK101": {"# See `no_such_name`, `nor_this` and [gone](gone.md).": 1},
            "NAM101": {"# See `no_such_name`, `nor_this` and [gone](gone.md).": 2},
        },
        "src/b.md": {"NAM101": {"`not_there_` and `not_there_`": 2}},
    }
    # It moves, in other bytes, and is still the same.
    page.write_bytes(("\n\n" + FAULTS).replace("\n", "\r\n").encode())
    assert sidelit().returncode == 0
    assert json.loads(sidelit("--format", "json").stdout) == []
    # What is new is told alone.
    page.write_text(f"{FAULTS}# Or `nobody_knows`.\ny = 2\n")
    result = sidelit()
    assert (result.returncode, result.stdout.count("\n")) == (1, 1)
    assert "nobody_knows" in result.stdout
    # A line that is edited is told again, and so is one more of a kind on it.
    page.write_text(FAULTS.replace("nor_this", "nor_that"))
    assert sidelit().stdout.count("\n") == 3
    page.write_text(FAULTS + FAULTS.removeprefix(FRONT))
    assert sidelit().stdout.count("\n") == 6
    # What was mended is told, and forgotten on request.
    page.write_text(FAULTS.replace("`nor_this`", "this"))
    (tmp_path / "src" / "b.md").unlink()
    result = sidelit()
    assert "sidelit: 5 findings of the baseline have gone; --write-b" in result.stderr
    sidelit("--write-baseline")
    assert len(json.loads(baseline.read_bytes())) == 1
    assert sidelit().returncode == 0


def test_a_baseline_that_is_a_link_stays_one(sidelit, project_of, tmp_path):
    project_of({"a/x.py": FAULTS})
    (tmp_path / "sidelit-baseline.json").symlink_to("elsewhere.json")
    assert sidelit("--write-baseline").returncode == 0
    assert (tmp_path / "sidelit-baseline.json").is_symlink()
    assert json.loads((tmp_path / "elsewhere.json").read_bytes())


def test_a_part_of_the_sources_forgets_nothing_of_the_others(
    sidelit, project_of, tmp_path
):
    project_of({"a/x.py": FAULTS, "b/y.py": FAULTS})
    sidelit("--write-baseline")
    before = (tmp_path / "sidelit-baseline.json").read_bytes()
    result = sidelit("src/a", "--write-baseline")
    told = "sidelit: wrote sidelit-baseline.json with 6 findings\n"
    assert (result.returncode, result.stderr) == (0, told)
    assert (tmp_path / "sidelit-baseline.json").read_bytes() == before
    assert sidelit("--baseline", "other.json", "--write-baseline").returncode == 0
    assert sidelit("--baseline", "other.json").returncode == 0


def test_a_baseline_of_nothing_is_one(sidelit, project_of, tmp_path):
    project_of({"a.md": "# A\n"})
    result = sidelit("--write-baseline")
    told = "sidelit: wrote sidelit-baseline.json with no findings\n"
    assert (result.returncode, result.stderr) == (0, told)
    assert (tmp_path / "sidelit-baseline.json").read_bytes() == b"{}\n"
    project_of({"a.md": "# A\n\n`no_such_name`\n"})
    result = sidelit("--write-baseline")
    assert result.stderr == told.replace("no findings", "1 finding")
    assert sidelit("--write-baseline", "-q").stderr == ""


def test_a_baseline_that_is_named_must_exist(sidelit, project_of):
    project_of({"a.py": FAULTS})
    result = sidelit("--baseline", "nosuch.json")
    assert (result.returncode, result.stdout, result.stderr) == (
        2,
        "",
        "sidelit: baseline: there is no file nosuch.json; `sidelit check "
        "--write-baseline --baseline nosuch.json` makes it\n",
    )


# ## A part of the sources
NEIGHBOURS = {
    "__init__.py": "",
    "a.py": "# `known_there`, [there](b.py#known_there), `nobody_knows` and [not"
    " there](b.py#nothing).\nx = 1\n",
    "b.py": "# See `not_here`.\ndef known_there():\n    pass\n",
    "c/d.md": "`known_there` and `nor_this`\n",
}
OF_A = ["src/a.py:1:46: NAM101", "src/a.py:1:76: LNK102"]


def places(output):
    return [" ".join(line.split()[:2]) for line in output.splitlines()]


@pytest.mark.parametrize("has_sources", [True, False])
def test_a_file_is_checked_by_what_its_whole_site_knows(
    sidelit, project_of, tmp_path, has_sources
):
    """Where no settings name the sources, its package is the site."""
    project_of(NEIGHBOURS)
    if not has_sources:
        (tmp_path / "pyproject.toml").unlink()
    assert places(sidelit("src/a.py").stdout) == OF_A
    if has_sources:
        assert places(sidelit("src/c").stdout) == ["src/c/d.md:1:20: NAM101"]
    found = json.loads(sidelit("src/a.py", "--format", "sarif").stdout)
    assert len(found["runs"][0]["results"]) == 2


def test_what_lies_beside_the_sources_knows_them(sidelit, project_of, tmp_path):
    project_of(NEIGHBOURS)
    (tmp_path / "notes.md").write_text("`known_there` and `nor_that`\n")
    found = ["notes.md:1:20: NAM101"]
    assert places(sidelit("notes.md").stdout) == found
    assert places(sidelit("notes.md", "src/a.py").stdout) == [*found, *OF_A]


def test_mending_a_file_leaves_the_others_as_they_are(sidelit, project_of, tmp_path):
    text = "[one](B.md), `known_there` and `nobody_knows`\n"
    project_of({"a.md": text, "b.md": text, "b.py": NEIGHBOURS["b.py"]})
    result = sidelit("src/a.md", "--fix")
    assert places(result.stdout) == ["src/a.md:1:33: NAM101"]
    assert (tmp_path / "src" / "a.md").read_text() == text.replace("B.md", "b.md")
    assert (tmp_path / "src" / "b.md").read_text() == text


def test_checking_a_file_renders_no_other_page(project_of, tmp_path):
    config = project_of(NEIGHBOURS)
    prepared = Pipeline(Memory()).prepare(config)
    built = prepared.build([str(tmp_path / "src" / "a.py")])
    assert [*built.destinations] == [*prepared.pages.rendered] == ["a.html"]
    # But any page can be asked for its anchors.
    assert b'id="known_there"' in built.html_of("b.html")


@pytest.mark.parametrize(
    "text", ["", "[1]", '{"a": 1}', '{"a": {"b": {"c": null}}}', "\0"]
)
def test_what_is_no_baseline_is_one_sentence(sidelit, project_of, tmp_path, text):
    project_of({"a.py": ""})
    (tmp_path / "sidelit-baseline.json").write_text(text)
    result = sidelit()
    assert result.returncode == 2
    assert result.stderr == (
        "sidelit: baseline: sidelit-baseline.json is no baseline; delete it, or name "
        "another file if it holds something else, and run `sidelit check "
        "--write-baseline`\n"
    )


def test_findings_are_summed_up_by_rule(sidelit, project_of):
    project_of({"a.py": FAULTS, "b.py": FAULTS, "c.md": "`no_such_name`\n"})
    assert sidelit().stderr == (
        "sidelit: 7 findings in 3 files\n"
        "      5  NAM101  a name in back-ticks exists\n"
        "      2  LNK101  a link leads to a page or a file\n"
    )
    assert sidelit("--format", "json").stderr == ""


# ## Tables
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("| a | b |\n|---|---|\n| 1 |\n| 1 | 2 |\n| `x|y` | 2 |", [(3, "1"), (5, "3")]),
        ("| a | b |\n|---|---|\n| `x \\| y` | $|z|$ |\n", []),
        ("> a | b\n> --|--\n> 1\n\nText | text", [(3, "a row of 1 cell in")]),
        ("> a | b\n> --|--\nText\n> 1", []),
        (">  > a | b\n> > --|--\n>> 1\n> Text\n", [(3, "1")]),
        ("* a | b\n  --|--\n  1 | 2 | 3", [(3, "3")]),
        ("a | b\n--|--\n1 | 2\nText that follows.\n\nc", [(4, "1")]),
        ("a | b\n--|--\n# Text", []),
        ("```\na | b\n--|--\n1\n```", []),
        ("| a | b | c |\n|---|---|\n| 1 | 2 |", [(2, "no table: 2 rules below 3")]),
        ("a || b is true", []),
    ],
)
def test_rows_with_other_numbers_of_cells_are_named(project_of, text, found):
    config = project_of({"a.md": text}, select=["FRM110"])
    told = [(one.problem.line, one.problem.message) for one in check(config)]
    assert [line for line, _ in told] == [line for line, _ in found]
    for (_, message), (_, words) in zip(told, found, strict=True):
        assert words in message


def test_the_row_of_a_comment_is_named_where_it_stands(project_of):
    text = "def f():\n    # | a | b |\n    # |---|---|\n    # | 1 |\n    x = 1\n"
    (finding,) = check(project_of({"a.py": text}, select=["FRM110"]))
    assert (finding.problem.line, finding.problem.column) == (4, 7)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Their variance goes back to\n1. Otherwise one wins.", [(2, 1)]),
        ("It is $a$\n- $b$, and no less.", [(2, 1)]),
        ("* The sum of $a$\n  + $b$ is odd.", [(2, 3)]),
        ("Two parts\n1. one\n2. two", []),
        ("Two parts\n\n1) one\n\n2) two", []),
        ("Parts\n- one\n  goes on\n- two", []),
        ("One part:\n1. this", []),
        ("A sentence.\n- an item", []),
        ("A line\n1.5 is no item", []),
        ("```\nback to\n1. x\n```", []),
        ("A heading\n-\nText", []),
        ("| a |\n|---|\n- one", []),
        ('He said "no."\n- Somebody', []),
        ("It is so (more or less.)\n1. This", []),
        ('He said "no"\n- Somebody', [(2, 1)]),
        # The rows of a formula.
        ("$$\na &= b\n+ c\n$$", []),
        ("* The sum\n  $$\n  a\n  - b\n  $$ is odd.", []),
        ("\\begin{align}\na\n+ b\n\\end{align}", []),
    ],
)
def test_a_list_in_the_middle_of_a_sentence_is_named(project_of, text, found):
    told = check(project_of({"a.md": text}, select=["FRM111"]))
    assert [(one.problem.line, one.problem.column) for one in told] == found


def test_a_field_below_words_is_no_list(project_of):
    text = "x;\n/**\n * Mix two\n * @returns it\n */\nf();\n"
    assert check(project_of({"a.js": text}, select=["FRM111"])) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("As\n\n\\begin{nosuch}\nx\n\\end{nosuch}", [(3, 1)]),
        ("In a line \\begin{nosuch}x_1\\end{nosuch} too.", [(1, 11)]),
        (
            "* \\begin{theorem}\n  \\begin{align} a \\end{align}\n  \\end{theorem}",
            [(1, 3)],
        ),
        ("\\begin{a}\n\\begin{b}\nx\n\\end{b}\n\\end{a}", [(1, 1)]),
        ("\\begin{displaymath}\nx\n\n\\end{displaymath}", [(1, 1)]),
        # A formula, code, and words about both commands.
        ("\\begin{align}a\\end{align} \\begin{math}a_1\\end{math}", []),
        ("`\\begin{nosuch}x_1\\end{nosuch}`", []),
        ("    \\begin{nosuch}\n    x\n    \\end{nosuch}", []),
        ("<!-- \\begin{nosuch}x_1\\end{nosuch} -->", []),
        ("It stands between \\begin{nosuch} and \\end{nosuch}.", []),
        ("\\begin{nosuch}\nx_1", []),
    ],
)
def test_an_environment_that_is_no_formula_is_told(project_of, text, found):
    told = check(project_of({"a.md": text}, select=["TEX107"]))
    assert [(one.problem.line, one.problem.column) for one in told] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$$\na\n\nText", [(1, 1)]),
        ("$$\na\n\nb\n$$\n\nText\n\n* $$\n  a\n\nText", [(1, 1), (9, 3)]),
        ("> $$\n> a\n>\n> b\n> $$", [(1, 3)]),
        ("So \\(x^2\\), \\(n\\) and \\(a_i\\)", [(1, 4), (1, 13), (1, 23)]),
        ("\\[\n\\frac{a}{b}\n\\]", [(1, 1)]),
        ("```math\na\n```\n\n> ~~~ {math}\n> b\n> ~~~", [(1, 1), (5, 3)]),
        # These are formulas, code or text.
        ("$$\na\n$$\n\n* $$\n  b\n  $$\n\nThe process $$", []),
        ("`\\(n\\)` and\n\n    $$\n    \\[a^2\\]\n\n```\n$$\n```", []),
        (
            "\\[see below\\] \\(or not\\) \\[an_option=1\\] \\\\(a^2\\\\) list\\(s\\)",
            [],
        ),
        ("````md\n```math\na\n```\n````\n\n```mathematica\nb\n```", []),
        ("$\\text{\\(n\\)}$ and \\[a^2\n\nb\\]", []),
    ],
)
def test_signs_of_formulas_that_are_text_are_told(project_of, text, found):
    told = check(project_of({"a.md": text}, select=["TEX108"]))
    assert [(one.problem.line, one.problem.column) for one in told] == found


# ## References
@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("See [the paper][vaswani].", ["[the paper][vaswani]"]),
        ("See [the paper][].", ["[the paper][]"]),
        ("A note.[^1] And one.[^more]", ["[^1]", "[^more]"]),
        ("[a][b]\n\n[b]: https://x.org", []),
        ("[A  b][]\n\n[a b]: https://x.org", []),
        ("A note.[^1]\n\n[^1]: Here.", []),
        ("> A note.[^1] [a][b]\n>\n> [^1]: Here.\n>\n> [b]: https://x.org", []),
        ("1. a\n\n   * A note.[^1]\n\n     [^1]: Here.", []),
        # The module defines this.
        ("[text][Shared] and [shared]", []),
        ("[the text][t] and [the text][t2]", ["[the text][t]", "[the text][t2]"]),
        # These are no references.
        ("`[a][bc]`, x[i][j], a[0][1], [0][1], [i][j], [ab](cd)[ef], \\\\[ab][cd]", []),
        ("$[ab][cd]$ and [^a-z] or [^/]", []),
        (
            "A word[^1] and an end.[^n] With[^two][^3]",
            ["[^1]", "[^n]", "[^two]", "[^3]"],
        ),
        ("A[^b]c, x[^n], `a`[^n]* and ab[^cd]+ or [^x]", []),
        ("^[a-z][a-z0-9]*$ and name [, mode=1][, ok=0]", []),
        ("[0, 1][last] and [key: str][name: str] and [x][:y]", []),
        ("``[the paper][vaswani]`` and ``` [a `b`][c] ```", []),
        ("```\n[the paper][vaswani]\n```", []),
    ],
)
def test_references_without_a_definition_are_named(project_of, prose, found):
    text = f"""r\"\"\"
A page.

[shared]: https://x.org
\"\"\"


def f():
    r\"\"\"
    First.

    {prose.replace(chr(10), chr(10) + "    ")}
    \"\"\"
"""
    config = project_of({"a.py": text}, select=["LNK105"])
    findings = check(config)
    lines = text.split("\n")
    for finding, written in zip(findings, found, strict=True):
        problem = finding.problem
        assert lines[problem.line - 1][problem.column - 1 :].startswith(written)
        assert written in problem.message


@pytest.mark.parametrize(
    ("file", "prose", "found"),
    [
        # A history is about what has gone.
        ("CHANGELOG.md", "`old_name` has gone", []),
        ("docs/release-notes.md", "`old_name` has gone", []),
        ("newspaper.md", "`old_name` has gone", ["old_name"]),
        ("history.py", "`old_name` has gone", ["old_name"]),
        # What everybody calls by its last name.
        (
            "a.md",
            "`OrderedDict`, `BytesIO` and `TypeGuard`; `OrderlyDict`",
            ["OrderlyDict"],
        ),
        (
            "a.md",
            "`setup.ini`, `key.pem`, `stubs.pyi` and `self.ini_file`",
            ["self.ini_file"],
        ),
        # What a block of code shows, the text around it may name.
        ("a.md", "```\nmy_part = 1\n```\n\n`my_part`, `my_port`", ["my_port"]),
        ("a.md", "As here:\n\n    my_part = 1\n\n`my_part`, `my_port`", ["my_port"]),
        ("a.md", "* x\n    * `my_part`\n\n`my_part`", ["my_part", "my_part"]),
        # Settings are strings somewhere.
        ("a.md", "`SERVER_PATH`, `SERVER_PORT`", ["SERVER_PORT"]),
    ],
)
def test_names_that_are_known_otherwise(project_of, file, prose, found):
    code = "def look(settings):\n    return settings['SERVER_PATH']\n"
    text = f'"""{prose}"""\n' if file.endswith(".py") else f"# A\n\n{prose}\n"
    config = project_of({file: text, "b.py": code}, select=["NAM101"])
    told = [one.problem.message.split("`")[1] for one in check(config)]
    assert told == found


def test_names_in_the_code_of_another_language_are_known(project_of):
    code = "// `ownName`, `goneName`\nexport declare const useStore: Store<typeof ownName>;\n"
    text = "# A\n\n`useStore`, `useStores`, `Store.ownName`, `StringIOs`\n"
    config = project_of({"a.md": text, "b.d.ts": code}, select=["NAM101"])
    told = [one.problem.message for one in check(config)]
    missing = "in this module or on the site"
    # Nothing of Python is meant there.
    assert told == [
        f"there is no `useStores` {missing}; did you mean `useStore`?",
        f"there is no `StringIOs` {missing}",
        f"there is no `goneName` {missing}; did you mean `ownName`?",
    ]


def test_what_sphinx_shows_by_its_last_name_has_an_owner(project_of):
    text = """import json


def f():
    \"\"\"Raises :exc:`~json.SoftError` and :exc:`~jason.HardError`, never `JustError`.\"\"\"
    json.dumps(1)
"""
    told = check(project_of({"a.py": text}, select=["NAM101"]))
    assert [one.problem.message.split("`")[1] for one in told] == [
        "HardError",
        "JustError",
    ]


def test_links_to_folders_are_no_mistake(project_of):
    """To the page of its readme, or to what the forge shows of it."""
    text = "# A\n\n[a](one) [b](./one/) [c](two) [d](.) [e](no)\n\n<!-- <a href='gone'> -->\n"
    files = {"a.md": text, "one/README.md": "# One\n", "two/data.bin": ""}
    config = project_of(
        files, select=["LNK"], **{"repository-url": "https://f.example/r"}
    )
    told = check(config)
    assert [one.problem.message for one in told] == ["there is no page or file no"]
    config = project_of(files, select=["LNK106"])
    assert [one.problem.message.partition(",")[0] for one in check(config)] == [
        "two has no page"
    ]


def test_a_name_that_others_document_is_no_mistake(project_of):
    text = (
        "# A\n\n[x][numpy.zeros], [`numpy.ones`][], [y][numpy.no.where], [z][json.no]"
    )
    config = project_of(
        {"a.md": text},
        select=["LNK105", "NAM101"],
        external={"numpy.*": "https://x.org/{name}"},
    )
    assert [one.problem.message.partition(" has ")[0] for one in check(config)] == [
        "[y][numpy.no.where]",
        "[z][json.no]",
    ]


@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("[a](javascript:b)", "1:5 LNK101"),
        ("<a href='VBScript:b'>a</a>", "1:10 LNK101"),
        ("![a](data:text/html,b)", "1:6 LNK103"),
        ("![a](data:image/png;base64,b) [b](mailto:c@d.e) [c](//d.e)", None),
        ("[`Vec`](std::vec::Vec)", None),
    ],
)
def test_addresses_that_are_left_out_of_a_page_are_named(project_of, prose, found):
    findings = check(project_of({"a.md": prose}, select=["LNK"]))
    told = [one.problem for one in findings]
    assert [f"{one.line}:{one.column} {one.rule}" for one in told] == [found][
        : len(told)
    ]
    assert bool(told) == bool(found)


def test_the_same_picture_in_markdown_and_in_html_keeps_its_place(project_of):
    text = '![a](a.svg)\n<img src="a.svg" alt="a">\n<img src=a.svg>\n![](a.svg)\n'
    config = project_of({"a.md": text, "a.svg": "<svg></svg>"}, select=["FRM105"])
    assert [one.problem.line for one in check(config)] == [3, 4]


def test_pictures_in_elements_are_looked_for(project_of, tmp_path):
    text = (
        '<picture><source srcset="a.svg, none.svg 2x"><img src="a.svg" srcset="no.svg 2x"'
        ' alt="A"></picture> <img src=un.svg alt=u> ![b](a.svg#part) ![c](q%231.svg) ![d](gone.svg?raw=true)\n'
    )
    files = {"a.md": text, "a.svg": "<svg></svg>", "q#1.svg": "<svg></svg>"}
    found = [one.problem.message for one in check(project_of(files, select=["LNK"]))]
    assert found == [
        "there is no image none.svg",
        "there is no image no.svg",
        "there is no image un.svg",
        "there is no image gone.svg?raw=true",
    ]


def test_what_is_in_a_package_of_the_site_is_asked_of_the_site(project_of):
    text = "# `pkg.m.x`, `pkg.nosuch` and `math.cosine` are names.\ny = 1\n"
    files = {
        "pkg/__init__.py": FRONT,
        "pkg/m.py": f"{FRONT}x = 1\n",
        "k.py": f"{FRONT}import math\n\nimport pkg.m\n\n{text}",
    }
    found = [one.problem for one in check(project_of(files)) if one.rule == "NAM101"]
    assert [one.message for one in found] == [
        "there is no `pkg.nosuch` in this module or on the site"
    ]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("> [!NOET]\n> A.", ["there is no directive [!NOET]; did you mean [!NOTE]?"]),
        (
            "> > [!FIGRE] a.js",
            ["there is no directive [!FIGRE]; did you mean [!FIGURE]?"],
        ),
        ("> [!VIDEO] a.mp4", ["there is no directive [!VIDEO]"]),
        ("> [!note]\n> A.\n\n> [!TAB] a\n> B.", []),
        ("> A.\n> [!VIDEO] a\n\n```\n> [!VIDEO] a\n```\n\n[!VIDEO]", []),
    ],
)
def test_a_quotation_names_what_there_is(project_of, text, messages):
    found = check(project_of({"a.md": f"{FRONT}# A\n\n{text}\n"}))
    found = [one.problem for one in found if one.rule == "FRM114"]
    assert [one.message for one in found] == messages
