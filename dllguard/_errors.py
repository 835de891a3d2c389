"""The exceptions that leave the hook.

    DllguardError(Exception)            .diagnosis, the text
    |-- DllImportError(…, ImportError)
    |-- DllOSError(…, OSError)
    |   |-- DllFileNotFoundError(…, FileNotFoundError)
    |   `-- DllPermissionError(…, PermissionError)
    `-- DllRuntimeError(…, RuntimeError)

One class cannot be ImportError and OSError at once (their memory layouts differ),
and turning one into the other would change which `except` clause catches it. So
what leaves is a subclass of what came in; for any other type it is made on demand,
below the form of the nearest of these.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._verdict import Diagnosis

_KEPT = (
    "msg",
    "name",
    "path",
    "name_from",
    "errno",
    "strerror",
    "filename",
    "filename2",
    "winerror",
    "obj",
)


class DllguardError(Exception):
    """A DLL load failure with its explanation."""

    __module__ = "dllguard"

    diagnosis: Diagnosis | None = None
    """The facts behind the text; None on an exception that was made by hand."""

    _text: str | None = None
    _said: str | None = None

    def explain(self, text: str, diagnosis: Diagnosis) -> None:
        """Attach an explanation.

        :param text: what `str()` of the exception shows.
        :param diagnosis: the facts behind it.
        """
        self._text = text
        self._said = super().__str__()
        self.diagnosis = diagnosis

    def __str__(self) -> str:
        said = super().__str__()
        if self._text is None:
            return said
        # Who catches it may set `args` or `msg`, to tell what it was imported for.
        return self._text if said == self._said else f"{said}\n\n{self._text}"

    def __reduce__(self) -> tuple[object, ...]:
        # OSError and ImportError rebuild themselves from `args` alone, which loses
        # the text and, on another system, winerror.
        kept = _kept(self)
        # Any object at all, which need not pickle; CPython leaves it out as well.
        kept.pop("obj", None)
        state = self.__dict__
        if self._text is not None:
            # Python's own words are made anew there, and differ between systems.
            state = {**state, "_text": str(self)}
        return _rebuild, (origin_of(type(self)), self.args, kept, state)


class DllImportError(DllguardError, ImportError):
    """An extension module whose DLLs do not load."""

    __module__ = "dllguard"


class DllOSError(DllguardError, OSError):
    """A DLL that ctypes, torch or cffi could not load."""

    __module__ = "dllguard"


class DllFileNotFoundError(DllOSError, FileNotFoundError):
    """ctypes' form of a DLL that, or an import of which, was not found."""

    __module__ = "dllguard"


class DllPermissionError(DllOSError, PermissionError):
    """A DLL that may not be read or executed."""

    __module__ = "dllguard"


class DllRuntimeError(DllguardError, RuntimeError):
    """A missing operator whose library failed to load earlier, without a word."""

    __module__ = "dllguard"


class DllguardWarning(UserWarning):
    """A DLL failed to load during an import that succeeded otherwise."""

    __module__ = "dllguard"


_FORMS: dict[type[Exception], type[DllguardError]] = {
    ImportError: DllImportError,
    OSError: DllOSError,
    FileNotFoundError: DllFileNotFoundError,
    PermissionError: DllPermissionError,
    RuntimeError: DllRuntimeError,
}


def form_of(origin: type[Exception]) -> type[DllguardError]:
    """Return the DllguardError that every `except` clause for `origin` catches."""
    form = _FORMS.get(origin)
    if form is None:
        nearest = (_FORMS[kind] for kind in origin.__mro__ if kind in _FORMS)
        base = next(nearest, DllguardError)
        body = {"__module__": "dllguard", "__doc__": base.__doc__}
        form = type(f"Dll{origin.__name__}", (base, origin), body)
        # Another thread may have been faster, and two forms would not be one type.
        form = _FORMS.setdefault(origin, form)
    return form


def origin_of(form: type[DllguardError]) -> type[Exception]:
    """Return the exception type that `form` was made for."""
    for origin, candidate in tuple(_FORMS.items()):
        if candidate is form:
            return origin
    return form


def explained(original: Exception, text: str, diagnosis: Diagnosis) -> DllguardError:
    """Make the exception that replaces `original`, keeping all that it carried.

    :param original: the exception as Python raised it.
    :param text: what `str()` of the new exception shows.
    :param diagnosis: the facts behind the text.
    :returns: an instance of a subclass of `type(original)`; raise it `from` the
        original.
    """
    state = original.__dict__
    error = _rebuild(type(original), original.args, _kept(original), state)
    error.explain(text, diagnosis)
    return error


def trimmed(error: Exception) -> Exception:
    """Drop importlib's frames, which CPython cuts from what arrives alone."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        if not traceback.tb_frame.f_code.co_filename.startswith("<frozen importlib"):
            break
        traceback = traceback.tb_next
    return error.with_traceback(traceback)


def note_problem(error: BaseException, problem: BaseException) -> None:
    """Note on an exception, where that can be, why it comes without explanation."""
    try:
        reason = f"{type(problem).__name__}: {problem}".partition("\n")[0]
        note = (
            f"dllguard could not explain this failure ({reason}); "
            "the error is Python's own."
        )
        if sys.version_info >= (3, 11):
            error.add_note(note)
    except Exception:  # noqa: BLE001  a problem without text, an error without notes
        return


def _kept(error: Exception) -> dict[str, object]:
    # An OSError tells None from nothing: given None it reads "[Errno None] None".
    values = ((name, getattr(error, name, None)) for name in _KEPT)
    return {name: value for name, value in values if value is not None}


def _rebuild(
    origin: type[Exception],
    args: tuple[object, ...],
    kept: dict[str, object],
    state: dict[str, object],
) -> DllguardError:
    form = origin if issubclass(origin, DllguardError) else form_of(origin)
    error = form.__new__(form, *args)
    error.args = args
    for name, value in kept.items():
        # A property of the package's own works on what __dict__ holds. winerror exists
        # on Windows alone, and an unpickled one is kept all the same.
        if not isinstance(getattr(form, name, None), property):
            setattr(error, name, value)
    error.__dict__.update(state)
    text, diagnosis = state.get("_text"), error.diagnosis
    if isinstance(text, str) and diagnosis is not None:
        error.explain(text, diagnosis)
    notes = state.get("__notes__")
    if isinstance(notes, list):
        # A note on the one must not show on the other.
        error.__dict__["__notes__"] = notes.copy()
    return error
