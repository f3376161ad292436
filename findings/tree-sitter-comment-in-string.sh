#!/usr/bin/env bash
# Assumed: a grammar tells strings from comments, so a tool that takes comments from
# tree-sitter's tree is right where one that looks for `/*` is not, and the tree says
# `has_error` where it could not read a file.
#
# tree-sitter 0.25.2 and tree-sitter-c 0.24.2 from PyPI, Python 3.11: the text of a
# `#define` is read without its strings. A path with a star in it, such as
# "refs/remotes/*", opens a comment there, which goes on to the end of the next real
# comment. All declarations in between are gone, and `has_error` is false. Seen here: one
# comment of four lines in place of one of one line, and no `int lost`.
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check tree-sitter==0.25.2 tree-sitter-c==0.24.2

venv/bin/python - <<'PY'
import sys

import tree_sitter
import tree_sitter_c

SOURCE = b"""#define REMOTES "refs/remotes/*"
int lost;

/* What comes next is kept. */
int kept;
"""
tree = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c.language())).parse(SOURCE)
waiting, comments, declared = [tree.root_node], [], []
while waiting:
    node = waiting.pop()
    waiting += node.children
    text = SOURCE[node.start_byte : node.end_byte].decode()
    if node.type == "comment":
        comments.append(text)
    if node.type == "declaration":
        declared.append(text)
print("comments:", comments)
print("declarations:", declared)
print("has_error:", tree.root_node.has_error)
expected = ['/*"\nint lost;\n\n/* What comes next is kept. */'], ["int kept;"], False
sys.exit((comments, declared, tree.root_node.has_error) != expected)
PY
