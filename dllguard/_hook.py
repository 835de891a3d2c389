"""The finder at the front of `sys.meta_path`.

It asks every finder behind it, and wraps the loader that one of them names. The wrapper
gives way to the original before any code of the module runs, so that nothing that
looks at a module or its spec can tell a difference. All that explains a failure is
imported when there is one.
"""

from __future__ import annotations

import sys
from _thread import _local

from ._errors import DllguardError, explained, note_problem, trimmed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import Any, NoReturn

    from typing_extensions import Self

    from ._verdict import Diagnosis

_RECOGNISED = (ImportError, OSError, RuntimeError, AttributeError)

# `_conventions.SWALLOWED` without its import: this is asked after every import.
_SWALLOWING = frozenset({"torchvision"})


class _State(_local):
    """What one thread is in the middle of."""

    depth = 0
    explaining = False

    def __init__(self) -> None:
        self.swallowed: list[Diagnosis] = []


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

    def __exit__(self, *exception: object) -> None:
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
    package has no loader; one that lacks a method is left to importlib.
    """
    return (
        not isinstance(loader, type)
        # A finder may name one spec twice.
        and type(loader) is not GuardedLoader
        and hasattr(loader, "create_module")
        and hasattr(loader, "exec_module")
    )


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


class Finder:
    """Finds what the finders behind it find, with a guarded loader."""

    @_cut_from_tracebacks
    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Ask the other finders in turn (importlib.abc.MetaPathFinder)."""
        finders = iter(sys.meta_path)
        # Those in front were asked already; to ask them again would never end where
        # one of them does the same.
        any(finder is self for finder in finders)
        for finder in finders:
            find = getattr(finder, "find_spec", None)
            if find is None:
                if _finds_the_old_way(finder, name, path):
                    return None
                continue
            spec: ModuleSpec | None = find(name, path, target)
            if spec is not None:
                loader = getattr(spec, "loader", None)
                if not _state.explaining and should_guard(loader):
                    spec.loader = GuardedLoader(loader, spec)  # type: ignore[assignment]
                return spec
        return None


def _finds_the_old_way(finder: object, name: str, path: Sequence[str] | None) -> bool:
    # Up to Python 3.11, importlib asks such a finder too, in its turn.
    find: Any = getattr(finder, "find_module", None)
    return sys.version_info < (3, 12) and bool(find) and find(name, path) is not None


class GuardedLoader:
    """A loader that explains what it cannot load; anything else it passes on."""

    def __init__(self, loader: Any, spec: ModuleSpec) -> None:
        self._loader = loader
        self._spec = spec

    def __getattr__(self, name: str) -> Any:
        if name == "get_code":
            # runpy runs the code itself, and gives `__main__` this spec.
            self._give_way(self._spec)
        return getattr(self._loader, name)

    def __eq__(self, other: object) -> bool:
        other = other._loader if type(other) is GuardedLoader else other
        return bool(self._loader == other)

    def __hash__(self) -> int:
        return hash(self._loader)

    def __repr__(self) -> str:
        return repr(self._loader)

    def __reduce_ex__(self, protocol: Any) -> Any:
        # A copy is one of the original.
        return self._loader.__reduce_ex__(protocol)

    @property
    def __class__(self) -> type:
        # What asks find_spec() for a loader may test its type.
        return type(self._loader)

    @__class__.setter
    def __class__(self, value: type) -> NoReturn:
        raise TypeError("__class__ of a guarded loader is that of the original")

    def _give_way(self, spec: Any) -> bool:
        # Not where another loader, LazyLoader for one, has been put around this one.
        in_place = getattr(spec, "loader", None) is self
        if in_place:
            spec.loader = self._loader
        return in_place

    @_cut_from_tracebacks
    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Load an extension module's DLLs (importlib.abc.Loader)."""
        # An extension with single-phase initialisation runs its code in here.
        gave_way = self._give_way(spec)
        try:
            module: ModuleType | None = self._loader.create_module(spec)
        except _RECOGNISED as error:
            explanation = _explained(error, spec.name)
            if explanation is None:
                raise
            raise explanation from trimmed(error)
        if gave_way:
            spec.loader = self  # type: ignore[assignment]
        return module

    @_cut_from_tracebacks
    def exec_module(self, module: ModuleType) -> None:
        """Run a module's code (importlib.abc.Loader)."""
        loader, spec = self._loader, getattr(module, "__spec__", None)
        # The code may change both, and the module need not be a module.
        name: str = getattr(spec or module, "name" if spec else "__name__", "")
        self._give_way(spec)
        if getattr(module, "__loader__", None) is self:
            module.__loader__ = loader
        _state.depth += 1
        try:
            loader.exec_module(module)
        except _RECOGNISED as error:
            explanation = _explained(error, name)
            if explanation is None:
                raise
            raise explanation from trimmed(error)
        finally:
            _state.depth -= 1
            if not _state.depth:
                swallowed, _state.swallowed = _state.swallowed, []
        if not _state.depth and swallowed:
            _warn_of(swallowed, name)
        if name in _SWALLOWING:
            _warn_of(_unloaded(module, name), name)


def _explained(error: Exception, module: str) -> DllguardError | None:
    """Return the exception that explains another one; never fail."""
    # A module that is not there is what most failed imports of a healthy program are.
    if _state.explaining or isinstance(error, (DllguardError, ModuleNotFoundError)):
        return None
    _state.explaining = True
    try:
        if not _is_failed_load(error, module):
            return None
        from ._explain import explain

        diagnosis = explain(error, module)
        if diagnosis is None:
            return None
        explanation = explained(error, str(diagnosis), diagnosis)
    except Exception as problem:  # noqa: BLE001  Python's own error must come out
        note_problem(error, problem)
        return None
    else:
        if _state.depth and diagnosis not in _state.swallowed:
            _state.swallowed.append(diagnosis)
        return explanation
    finally:
        _state.explaining = False


def _is_failed_load(error: Exception, module: str) -> bool:
    try:
        from ._failure import recognise

        return recognise(error, module) is not None
    except Exception:  # noqa: BLE001  an error of any other kind must come out as it is
        return False


def _unloaded(module: ModuleType, name: str) -> list[Diagnosis]:
    """Explain the files that a package failed to load by ctypes, and did not tell."""
    if _state.explaining:
        return []
    _state.explaining = True
    try:
        import os

        from ._swallowed import unloaded_files

        site = os.path.dirname(os.path.dirname(str(module.__file__)))
        diagnoses = []
        for path in unloaded_files(name, site):
            from ._explain import explain_unloaded

            diagnoses.append(explain_unloaded(name, path))
        return [diagnosis for diagnosis in diagnoses if diagnosis]
    except Exception:  # noqa: BLE001  the import was a success, and stays one
        return []
    finally:
        _state.explaining = False


def _warn_of(diagnoses: list[Diagnosis], module: str) -> None:
    try:
        from ._swallowed import warn_of

        warn_of(diagnoses, module)
    except Exception:  # noqa: BLE001  the import was a success, and stays one
        return
