"""The exceptions that leave the hook.

    DllguardError(Exception)            .diagnosis, the text
    |-- DllImportError(…, ImportError)
    |-- DllOSError(…, OSError)
    |   |-- DllFileNotFoundError(…, FileNotFoundError)
    |   `-- DllPermissionError(…, PermissionError)
    `-- DllRuntimeError(…, RuntimeError)

One class cannot be ImportError and OSError at once (their memory layouts differ),
and turning one into the other would change which `except` clause catches it. So
what leaves is a subclass of what came in; for any other type it is made on demand.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._model import Diagnosis

_KEPT = (
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

    def explain(self, text: str, diagnosis: Diagnosis) -> None:
        """Attach an explanation.

        :param text: what `str()` of the exception shows.
        :param diagnosis: the facts behind it.
        """
        self._text = text
        self.diagnosis = diagnosis

    def __str__(self) -> str:
        return super().__str__() if self._text is None else self._text

    def __reduce__(self) -> tuple[object, ...]:
        # OSError and ImportError rebuild themselves from `args` alone, which loses
        # the text and, on another system, winerror.
        kept = {n: getattr(self, n) for n in _KEPT if hasattr(self, n)}
        return _rebuild, (origin_of(type(self)), self.args, kept, self.__dict__)


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
        body = {"__module__": "dllguard", "__doc__": DllguardError.__doc__}
        form = type(f"Dll{origin.__name__}", (DllguardError, origin), body)
        _FORMS[origin] = form
    return form


def origin_of(form: type[DllguardError]) -> type[Exception]:
    """Return the exception type that `form` was made for."""
    for origin, candidate in _FORMS.items():
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
    kept = {name: getattr(original, name) for name in _KEPT if hasattr(original, name)}
    error = _rebuild(type(original), original.args, kept, original.__dict__)
    error.explain(text, diagnosis)
    return error


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
        # winerror exists on Windows alone, and an unpickled one is kept all the same.
        setattr(error, name, value)
    error.__dict__.update(state)
    return error
