r"""
---
title: Which names mean the same
summary: >
  Resolves the names of a Python file as Python does, scope by scope, so that a page can
  show where else a variable is used and not where else a word is.
---

# Which names mean the same

The `x` of one function is not the `x` of the next. To light up the uses of a variable,
a page has to know which of the words are that variable, and Python's rules for that are
short: a name belongs to the function that binds it, or to the nearest function around
that does, or to the module. The names in the body of a class are seen by that body and
not by the methods in it. `self.x` is one thing in all methods of a class.
"""

from dataclasses import dataclass, field


@dataclass(eq=False, slots=True)
class Scope:
    """
    ## A scope

    What binds names: the module, a class, a function, or a part of one. `key` is its
    number if it has a name, and otherwise -1.
    """

    kind: str
    outer: "Scope | None"
    key: int = -1
    # For a method, its first parameter: an instance of its class, or the class itself.
    receiver: str = ""
    bound: set[str] = field(default_factory=set)
    elsewhere: dict[str, str] = field(default_factory=dict)
    # For the body of a class, the last line of what binds a name for the first time,
    # and that line for the statement that is being read.
    since: dict[str, int] = field(default_factory=dict)
    line: int = 0
    # The numbers of variables by the names that mean them here.
    known: dict[str, int] = field(default_factory=dict)

    def bind(self, name: str) -> None:
        """Note that the scope binds a name, unless it says that another one does."""
        if name not in self.elsewhere:
            if self.kind == "class" and name not in self.bound:
                self.since[name] = self.line
            self.bound.add(name)

    def holder(self, name: str) -> "Scope | None":
        """The scope that a name in this one belongs to."""
        if name in self.bound and name not in self.elsewhere:
            return self
        # What stands between the brackets of a generic method still sees its class.
        nearest: Scope | None = self
        while nearest and nearest.kind == "type":
            nearest = nearest.outer
        scope: Scope | None = self
        while scope:
            hidden = scope.kind == "class" and scope is not nearest
            rule = None if hidden else scope.elsewhere.get(name)
            if rule == "global":
                return scope.module()
            if name in scope.bound and not hidden and not rule:
                return scope
            scope = scope.outer
        return None

    def module(self) -> "Scope":
        scope = self
        while scope.outer:
            scope = scope.outer
        return scope

    def class_around(self) -> "Scope | None":
        """The class whose method this is, or whose method holds this."""
        scope: Scope | None = self
        while scope and scope.kind != "class":
            scope = scope.outer
        return scope

    def class_of(self, name: str) -> "Scope | None":
        """The class that `self` or `cls` is about, if a method receives it."""
        mine = name in self.bound and name not in self.elsewhere
        holder = self if mine else self.holder(name)
        received = holder and holder.receiver == name
        return holder.class_around() if holder and received else None


# A name where it stands: the scope that it stands in, its line and column, and whether
# it gets a value there.
Seen = tuple[Scope, str, int, int, bool]
