"""The finder at the front of `sys.meta_path`.

It asks every other finder, and wraps the loader that one of them names. The wrapper
gives way to the original before any code of the module runs, so that nothing that
looks at a module or its spec can tell a difference. All that explains a failure is
imported when there is one.
"""

from __future__ import annotations

import sys
from _thread import _local

from ._errors import DllguardError, DllguardWarning, explained

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType, TracebackType
    from typing import Any, NoReturn

    from typing_extensions import Self

    from ._model import Diagnosis

_RECOGNISED = (ImportError, OSError, RuntimeError, AttributeError)

# `_conventions.SWALLOWED` without its import: this is asked after every import.
_SWALLOWING = frozenset({"torchvision"})


class _State(_local):
    """What one thread is in the middle of."""

    depth = 0
    explaining = False

    def __init__(self) -> None:
        self.swallowed: list[DllguardError] = []


_state = _State()


class Handle:
    """What `install` returns; `uninstall` undoes that one call."""

    def __init__(self, finder: Finder | None) -> None:
        self._finder = finder

    def uninstall(self) -> None:
        """Take the finder away; a second call does nothing."""
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        self._finder = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.uninstall()


def install(*, force: bool = False) -> Handle:
    """Put the finder at the front of `sys.meta_path`.

    :param force: also where this is not Windows, for tests.
    :returns: a handle with `uninstall()`, usable in `with`. Where a finder is
        installed already, the handle has nothing to undo.
    """
    windows = sys.platform == "win32"
    if not (windows or force) or any(isinstance(f, Finder) for f in sys.meta_path):
        return Handle(None)
    finder = Finder()
    sys.meta_path.insert(0, finder)
    return Handle(finder)


def uninstall() -> None:
    """Take every finder of dllguard from `sys.meta_path`."""
    sys.meta_path[:] = [f for f in sys.meta_path if not isinstance(f, Finder)]


def should_guard(loader: object) -> bool:
    """Tell whether a module's loader can end in a failed DLL load.

    Built-in and frozen modules (their loaders are classes) cannot; a namespace
    package has no loader; one without `exec_module` is left to importlib.
    """
    return not isinstance(loader, type) and hasattr(loader, "exec_module")


class Finder:
    """Finds what the other finders find, with a guarded loader."""

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Ask the other finders in turn (importlib.abc.MetaPathFinder)."""
        for finder in tuple(sys.meta_path):
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec: Any = find(name, path, target) if find else None
            if spec is not None:
                if not _state.explaining and should_guard(spec.loader):
                    spec.loader = GuardedLoader(spec.loader)
                found: ModuleSpec = spec
                return found
        return None


def _cut_from_tracebacks(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let CPython leave a frame out of tracebacks, as it does with importlib's own.

    It goes by these two names (Python/import.c, remove_importlib_frames); otherwise
    each import statement in a traceback would drag four more lines along.
    """
    code: CodeType = function.__code__
    function.__code__ = code.replace(
        co_filename="<frozen importlib._bootstrap>",
        co_name="_call_with_frames_removed",
    )
    return function


class GuardedLoader:
    """A loader that explains what it cannot load; anything else it passes on."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    @property
    def __class__(self) -> type:
        # What asks find_spec() for a loader may test its type.
        return type(self._loader)

    @__class__.setter
    def __class__(self, value: type) -> NoReturn:
        raise TypeError("__class__ of a guarded loader is that of the original")

    @_cut_from_tracebacks
    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Load an extension module's DLLs (importlib.abc.Loader)."""
        create = getattr(self._loader, "create_module", None)
        if create is None:
            return None
        # An extension with single-phase initialisation runs its code in here.
        spec.loader = self._loader
        try:
            module: ModuleType | None = create(spec)
        except _RECOGNISED as error:
            explanation = _explained(error, spec.name)
            if explanation is None:
                raise
            raise explanation from _trimmed(error)
        spec.loader = self  # type: ignore[assignment]
        return module

    @_cut_from_tracebacks
    def exec_module(self, module: ModuleType) -> None:
        """Run a module's code (importlib.abc.Loader)."""
        loader, spec = self._loader, module.__spec__
        guard: Any = self
        if spec is not None and spec.loader is guard:
            spec.loader = loader
        if getattr(module, "__loader__", None) is self:
            module.__loader__ = loader
        _state.depth += 1
        try:
            loader.exec_module(module)
        except _RECOGNISED as error:
            explanation = _explained(error, module.__name__)
            if explanation is None:
                raise
            raise explanation from _trimmed(error)
        finally:
            _state.depth -= 1
            if not _state.depth:
                swallowed, _state.swallowed = _state.swallowed, []
        if not _state.depth and swallowed:
            _warn_of(swallowed, module.__name__)
        if module.__name__ in _SWALLOWING:
            _look_for_unloaded(module)


def _explained(error: Exception, module: str) -> DllguardError | None:
    """Return the exception that explains another one; never fail."""
    if isinstance(error, DllguardError) or _state.explaining:
        return None
    _state.explaining = True
    try:
        from ._failure import recognise

        if recognise(error, module) is None:
            return None
        from ._explain import explain

        diagnosis = explain(error, module)
        if diagnosis is None:
            return None
        explanation = explained(error, str(diagnosis), diagnosis)
    except Exception as problem:  # noqa: BLE001  Python's own error must come out
        _note(error, problem)
        return None
    else:
        if _state.depth:
            _state.swallowed.append(explanation)
        return explanation
    finally:
        _state.explaining = False


def _trimmed(error: Exception) -> Exception:
    """Drop importlib's frames, which CPython cuts from what arrives alone."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        if not traceback.tb_frame.f_code.co_filename.startswith("<frozen importlib"):
            break
        traceback = traceback.tb_next
    return error.with_traceback(traceback)


def _note(error: Exception, problem: Exception) -> None:
    note = (
        "dllguard could not explain this failure "
        f"({type(problem).__name__}: {problem}); the error is Python's own."
    )
    if sys.version_info >= (3, 11):
        error.add_note(note)


def _warn_of(swallowed: list[DllguardError], module: str) -> None:
    """Warn of extension modules that failed inside an import that succeeded."""
    for error in swallowed:
        if error.diagnosis is not None:
            _warn(error.diagnosis, module)


def _look_for_unloaded(module: ModuleType) -> None:
    """Warn of files that a package failed to load by ctypes, and did not tell."""
    if _state.explaining:
        return
    _state.explaining = True
    try:
        import os

        from ._swallowed import unloaded_files

        site = os.path.dirname(os.path.dirname(str(module.__file__)))
        for path in unloaded_files(module.__name__, site):
            from ._explain import explain_unloaded

            diagnosis = explain_unloaded(module.__name__, path)
            if diagnosis is not None:
                _warn(diagnosis, module.__name__)
    except Exception:  # noqa: BLE001  the import was a success, and stays one
        return
    finally:
        _state.explaining = False


def _warn(diagnosis: Diagnosis, module: str) -> None:
    import warnings

    chain = " -> ".join(link.name for link in diagnosis.chain)
    ending = f" {diagnosis.chain_end}" if diagnosis.chain_end else ""
    text = f"{chain}{ending}; import {module} went on without it\n\n{diagnosis}"
    try:
        warnings.warn(DllguardWarning(text), stacklevel=3)
    except DllguardWarning:
        # -W error: the import succeeds without dllguard, so it must with it.
        print(f"DllguardWarning: {text}", file=sys.stderr)
