"""The attempt to explain a failed import, which makes nothing worse.

What goes wrong in here, of whatever type, stays in here, and leaves a note at most.
Out goes only what is not of here: Ctrl+C, and what a handler of a signal raises, for
without dllguard it would have come a moment later.
"""

from __future__ import annotations

import os
from types import ModuleType, TracebackType
from typing import Final

from ._deadline import limited
from ._errors import explained, note_problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._verdict import Diagnosis

_TAKES_ANY: Final = 0x04
"""CO_VARARGS ("inspect" in the Python documentation)."""


def attempt(error: Exception, module: str) -> Exception | None:
    """Return the exception that explains another one.

    :param error: what an import has ended in.
    :param module: name of the module that was being imported.
    :returns: None where there is no failed load behind it; the error itself where
        there is no explanation, so that nobody asks again.
    """
    recognised, traceback = False, error.__traceback__
    try:
        with limited():
            from ._failure import recognise

            recognised = recognise(error, module) is not None
            if not recognised:
                return None
            from ._explain import explain

            diagnosis = explain(error, module)
            if diagnosis is None:
                return error
            return explained(error, str(diagnosis), diagnosis)
    except BaseException as problem:
        if goes_out(problem):
            raise
        error.__traceback__ = traceback
        # An error of any other kind must come out as it is.
        if not recognised:
            return None
        note_problem(error, problem)
        return error


def diagnosed(error: BaseException) -> Diagnosis | None:
    """Explain an exception that somebody has caught.

    :param error: the exception; its causes are looked at too.
    :returns: None where there is no failed load behind it, or no explanation.
    """
    try:
        with limited():
            from ._explain import explain

            return explain(error)
    except BaseException as problem:
        if goes_out(problem):
            raise
        note_problem(error, problem)
        return None


def unloaded(module: ModuleType, name: str) -> list[Diagnosis]:
    """Explain the files that a package failed to load by ctypes, and did not tell.

    :param module: what was imported without an error.
    :param name: its name.
    """
    try:
        with limited():
            from ._swallowed import unloaded_files

            site = os.path.dirname(os.path.dirname(str(module.__file__)))
            found = []
            for path in unloaded_files(name, site):
                from ._explain import explain_unloaded

                found.append(explain_unloaded(name, path))
            return [diagnosis for diagnosis in found if diagnosis]
    except BaseException as problem:
        if goes_out(problem):
            raise
        return []


def warn(diagnoses: list[Diagnosis] | None, module: str) -> None:
    """Warn of failed loads inside an import that was a success, and stays one.

    :param diagnoses: one a failed load.
    :param module: what was imported.
    """
    try:
        from ._swallowed import warn_of

        warn_of(diagnoses or (), module)
    except BaseException as problem:
        if goes_out(problem):
            raise


def goes_out(problem: BaseException) -> bool:
    """Tell whether an exception is no affair of the attempt in which it was raised."""
    if isinstance(problem, KeyboardInterrupt) or _of_a_signal(problem.__traceback__):
        return True
    # A module that is imported here may be another one of that name, with a
    # `sys.exit()`, say; otherwise who raises such a thing wants to end the program.
    return not isinstance(problem, Exception) and not _of_a_module(
        problem.__traceback__
    )


def _of_a_signal(traceback: TracebackType | None) -> bool:
    """Tell whether a handler of a signal has raised.

    It is called with the frame that it interrupts, which is the one that it appears to
    be called by ("signal" in the Python documentation).
    """
    while traceback is not None and traceback.tb_next is not None:
        interrupted = traceback.tb_frame
        traceback = traceback.tb_next
        code = traceback.tb_frame.f_code
        if code.co_argcount or code.co_flags & _TAKES_ANY:
            for value in tuple(traceback.tb_frame.f_locals.values()):
                given = value if type(value) is tuple else (value,)
                if any(one is interrupted for one in given):
                    return True
    return False


def _of_a_module(traceback: TracebackType | None) -> bool:
    """Tell whether code of a module that was being imported has raised."""
    while traceback is not None:
        if traceback.tb_frame.f_code.co_name == "<module>":
            return True
        traceback = traceback.tb_next
    return False
