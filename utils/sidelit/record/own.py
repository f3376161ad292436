r"""
---
title: Whose code it is
summary: >
  Tells the recorder's code from the program's, in tracebacks, in exceptions and among
  the sources to watch.
---

# Whose code it is

The recorder runs inside the program that it watches. Three things depend on knowing
which frames are its own: a traceback shows the program's frames alone, as it would
without the recorder; an error of the recorder must not end the program, while an
exception that is the program's must reach it; and the recorder must not watch itself.

Its code is recognised by its folder, so code may move freely between the modules of
this wing. Whatever the recorder calls outside this folder while the program runs counts
as the program's.
"""

import os

_FOLDER = os.path.dirname(__file__)
# Code objects hold the path that Python imported, and a source may be a link to it.
_FOLDERS = {_FOLDER, os.path.realpath(_FOLDER)}


def is_own(file: str) -> bool:
    return os.path.dirname(file) in _FOLDERS


def is_own_error(error: BaseException) -> bool:
    """
    Whether the recorder raised an exception. If it did not, a signal handler that
    interrupted the recorder did, and the exception is for the program.
    """
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return trace is None or is_own(trace.tb_frame.f_code.co_filename)


def hide_own_frames(error: BaseException) -> None:
    """Remove the recorder's frames from the top of a traceback."""
    trace = error.__traceback__
    while trace and is_own(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    error.__traceback__ = trace
