r"""
---
title: Links, held to what Python finds
summary: >
  The share of names that lead to their definition, and whether they lead to the right
  one, found by importing the modules and looking.
---

# Links, held to what Python finds

Run it with `make bench`. sidelit resolves names without running anything; here the
modules are imported, and every use of a name is looked up in them as Python would:
`nn.Linear` from the globals of its module, `self.forward` from its class. If that finds
a module, class or function that the pages document, the name is *resolvable*, and the
place of the object is the truth: a link that leads anywhere else is wrong, and a name
without a link is missed. For names of others, the object has to be the one that their
dotted name leads to. What Python itself cannot tell, such as where a number was bound,
is not counted, nor are modules that cannot be imported here.

At the end stands a sample of links for a person to judge.
"""

import functools
import importlib
import inspect
import os
import random
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "utils"), str(ROOT)]

from sidelit.build import Pipeline  # noqa: E402
from sidelit.cache import Memory  # noqa: E402
from sidelit.config import load  # noqa: E402
from sidelit.names.resolve import Resolver, Thing  # noqa: E402
from sidelit.steps.prepared import Prepared  # noqa: E402
from sidelit.syntax import Use  # noqa: E402

_NOTHING = object()
SAMPLE = 200


class Judged(NamedTuple):
    """A use of a name: where it stands, where it leads, and what there is to say."""

    place: str
    text: str
    target: str
    verdict: str


def main() -> int:
    os.chdir(ROOT)
    library = Path(sysconfig.get_path("stdlib"))
    found: list[Judged] = []
    for source in (ROOT / "labml_nn", library / "asyncio"):
        found += measure(source)
    linked = [one for one in found if one.target]
    print(f"\n{SAMPLE} of {len(linked)} links")
    for one in sorted(random.Random(0).sample(linked, SAMPLE)):
        print(f"{one.place}: {one.text} > {one.target}")
    return 1 if any(one.verdict == "wrong" for one in found) else 0


def measure(source: Path) -> list[Judged]:
    """Judge the links of a package and print the shares."""
    config, _ = load({"sources": [str(source)]})
    prepared = Pipeline(Memory()).prepare(config)
    found = list(judged(prepared))
    counts = Counter(one.verdict for one in found)
    resolvable = counts["right"] + counts["missed"] + counts["wrong"]
    files = len(prepared.resolved.links)
    print(f"\n{source.name}: {files} files, {resolvable} resolvable names")
    print(f"  right   {counts['right']:6} {counts['right'] / resolvable:8.2%}")
    print(f"  missed  {counts['missed']:6} {counts['missed'] / resolvable:8.2%}")
    print(f"  wrong   {counts['wrong']:6}")
    print(f"  linked, and not for Python to judge: {counts['unknown']}")
    for verdict in ("wrong", "missed"):
        for one in [one for one in found if one.verdict == verdict][:20]:
            print(f"  {verdict}: {one.place}: {one.text} > {one.target or 'nothing'}")
    return found


def judged(prepared: Prepared) -> Iterator[Judged]:
    """What is to be said of each use of a name in the code of a site."""
    resolver = prepared.answers.resolver
    for url, document in prepared.documents.items():
        if document.syntax is None:
            continue
        try:
            imported = importlib.import_module(document.source.module)
        except Exception as error:
            print(f"{document.source.path} cannot be imported: {error}")
            continue
        links = prepared.resolved.links[url]
        targets = {(line, start): target for line, start, target in links.targets}
        for use in document.syntax.module.names:
            if use.kind != "import" and (
                use.scope < 0 or use.binds or use.text in ("self", "cls")
            ):
                continue
            target = targets.get((use.line, use.start), "")
            seen = look_up(resolver, url, imported, use)
            thing = (
                resolver.imported(url, use.text)
                if use.kind == "import"
                else resolver.find(url, use.scope, use.text)
            )
            verdict = judge(resolver, target, thing, seen)
            if verdict:
                place = f"{document.source.path}:{use.line}"
                yield Judged(place, use.text, target, verdict)


def look_up(resolver: Resolver, url: str, imported: ModuleType, use: Use) -> Any:
    """The object that a name stands for when the module has been imported."""
    if use.kind == "import":
        module, _, name = use.text.partition(":")
        holder = sys.modules.get(module, _NOTHING)
        if not name or holder is _NOTHING:
            return holder
        return member(holder, name, sys.modules.get(f"{module}.{name}", _NOTHING))
    root, *rest = use.text.split(".")
    table = resolver.modules[url].tables[use.scope]
    if table.kind == "class" and root in ("self", "cls", "super()"):
        holder = along(imported, table.qualname.split("."))
        if root == "super()" and isinstance(holder, type):
            following = holder.__mro__[1:]
            named = (one for one in following if rest[0] in vars(one))
            holder = next(named, _NOTHING)
        return along(holder, rest)
    if table.kind == "class":
        return along(imported, [*table.qualname.split("."), root, *rest])
    if table.kind == "function":
        # What a function has imported or defined is gone when it has returned.
        return _NOTHING
    return along(imported, [root, *rest])


def along(holder: Any, names: list[str]) -> Any:
    for name in names:
        if holder is _NOTHING:
            break
        holder = member(holder, name, _NOTHING)
    return holder


def member(holder: Any, name: str, otherwise: Any) -> Any:
    """An attribute, before a property or a class makes something else of it."""
    if isinstance(holder, type):
        if name.startswith("__") and not name.endswith("__"):
            name = f"_{holder.__name__.lstrip('_')}{name}"
        return inspect.getattr_static(holder, name, otherwise)
    return getattr(holder, name, otherwise)


def judge(resolver: Resolver, target: str, thing: Thing | None, seen: Any) -> str:
    """`right`, `wrong`, `missed` or `unknown`, or nothing for what leads nowhere."""
    if thing and thing.kind == "outside" and target:
        return (
            "right" if seen is _NOTHING or same(outside(thing.name), seen) else "wrong"
        )
    truth = place_of(resolver, seen)
    if truth is None:
        return "unknown" if target else ""
    if not target or thing is None:
        return "missed"
    if thing.kind == "variable":
        # `A = B` is bound where it is bound, and also an object of some other name.
        return "unknown"
    return "right" if truth == (thing.url, thing.scope) else "wrong"


def outside(name: str) -> Any:
    """What a dotted name of others leads to, its modules imported on the way."""
    root, *rest = name.split(".")
    held: Any = importlib.import_module(root)
    for count, part in enumerate(rest, 1):
        following = getattr(held, part, _NOTHING)
        if following is _NOTHING:
            following = importlib.import_module(".".join([root, *rest[:count]]))
        held = following
    return held


def same(one: Any, other: Any) -> bool:
    return one is other or one == other


def place_of(resolver: Resolver, seen: Any) -> tuple[str, int] | None:
    """The page of an object and the number of its scope, if the site has it."""
    while True:
        if isinstance(seen, staticmethod | classmethod):
            seen = seen.__func__
        elif isinstance(seen, property):
            seen = seen.fget
        elif isinstance(seen, functools.cached_property):
            seen = seen.func
        elif hasattr(seen, "__wrapped__"):
            seen = seen.__wrapped__
        else:
            break
    if isinstance(seen, ModuleType):
        url = resolver.page_of("", seen.__name__)
        return (url, 0) if url else None
    if not isinstance(seen, type) and not inspect.isfunction(seen):
        return None
    url = resolver.page_of("", seen.__module__)
    if not url:
        return None
    name = seen.__qualname__.replace("<locals>.", "")
    tables = [one for one in resolver.modules[url].tables if one.qualname == name]
    if isinstance(seen, type):
        return (url, tables[0].key) if len(tables) == 1 else None
    first = seen.__code__.co_firstlineno
    return next(((url, one.key) for one in tables if one.begin == first), None)


if __name__ == "__main__":
    sys.exit(main())
