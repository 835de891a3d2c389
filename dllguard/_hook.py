"""The finder at the front of `sys.meta_path`.

It asks every finder behind it, and wraps the loader that one of them names. The wrapper
gives way to the original before any code of the module runs, so that nothing that
looks at a module or its spec can tell a difference. All that explains a failure is
imported when there is one.
"""

from __future__ import annotations

import sys
from _thread import _local

from ._errors import DllguardError, trimmed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import Any, NoReturn

    from typing_extensions import Self

    from ._verdict import Diagnosis

_RECOGNISED = (ImportError, OSError, RuntimeError, AttributeError)

# There is no room left to begin with an explanation.
_EXHAUSTED = (RecursionError, MemoryError)

# `_conventions.SWALLOWED` without its import: this is asked after every import.
_SWALLOWING = frozenset({"torchvision"})


class _State(_local):
    """What one thread is in the middle of."""

    depth = 0
    explaining = False
    in_vain: BaseException | None = None
    """What could not be explained, and is on its way through the imports around."""

    def __init__(self) -> None:
        self.swallowed: list[Diagnosis] = []


_state = _State()


class Handle:
    """What `install` returns; `uninstall` undoes that one call."""

    def __init__(self, finder: Finder | None) -> None:
        self._finder = finder

    def uninstall(self) -> None:
        """Take the finder away; a second call does nothing."""
        _keep(lambda finder: finder is not self._finder)
        self._finder = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.uninstall()


def install(*, force: bool = False) -> Handle:
    """Put the finder at the front of `sys.meta_path`.

    :param force: also where this is not Windows, for tests.
    :returns: a handle with `uninstall()`, usable in `with`. Where a finder is
        installed already, or none can be, the handle has nothing to undo.
    """
    windows = sys.platform == "win32"
    # Python itself takes any iterable, and sets it to None in the end.
    if not (windows or force) or not isinstance(sys.meta_path, list):
        return Handle(None)
    if any(type(finder) is Finder for finder in sys.meta_path):
        return Handle(None)
    # One that is left from before a reload would raise exceptions of other classes.
    uninstall()
    finder = Finder()
    sys.meta_path.insert(0, finder)
    return Handle(finder)


def uninstall() -> None:
    """Take every finder of dllguard from `sys.meta_path`."""
    _keep(lambda f: (type(f).__name__, type(f).__module__) != ("Finder", __name__))


def _keep(wanted: Callable[[object], bool]) -> None:
    if isinstance(sys.meta_path, list):
        sys.meta_path[:] = filter(wanted, sys.meta_path)


def should_guard(loader: object) -> bool:
    """Tell whether a module's loader can end in a failed DLL load."""
    # Those of built-in and frozen modules, which are classes, cannot; a namespace
    # package has none; one that lacks a method is left to importlib.
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
        # None in the end, in another thread perhaps.
        finders = sys.meta_path if isinstance(sys.meta_path, (list, tuple)) else ()
        # Those in front were asked already; to ask them again would never end where
        # one of them does the same, or this one stands there twice.
        place = len(finders)
        for number, finder in enumerate(finders):
            if finder is self:
                place = number + 1
        # One that is asked may put another behind itself.
        while place < len(finders):
            finder = finders[place]
            place += 1
            find = getattr(finder, "find_spec", None)
            if find is None:
                if _finds_the_old_way(finder, name, path):
                    return None
                continue
            spec: ModuleSpec | None = find(name, path, target)
            if spec is not None:
                if not _state.explaining:
                    _guard(spec)
                return spec
        return None


def _guard(spec: Any) -> None:
    """Put the wrapper around the loader of a spec, where the spec lets it."""
    try:
        loader = getattr(spec, "loader", None)
        if should_guard(loader):
            spec.loader = GuardedLoader(loader, spec)
    except Exception:  # noqa: BLE001  importlib may never look at what fails here
        return


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
            try:  # noqa: SIM105  contextlib is not imported for this
                _raise_explained(error, getattr(spec, "name", ""))
            except _EXHAUSTED:
                pass
            raise
        if gave_way:
            spec.loader = self  # type: ignore[assignment]
        return module

    @_cut_from_tracebacks
    def exec_module(self, module: ModuleType) -> None:
        """Run a module's code (importlib.abc.Loader)."""
        loader, spec = self._loader, getattr(module, "__spec__", None)
        # The code may change both, and the module need not be a module.
        name: Any = getattr(module, "__name__", "")
        name = name if spec is None else getattr(spec, "name", "")
        self._give_way(spec)
        if getattr(module, "__loader__", None) is self:
            module.__loader__ = loader
        _state.depth += 1
        try:
            loader.exec_module(module)
        except _RECOGNISED as error:
            try:  # noqa: SIM105
                _raise_explained(error, name)
            except _EXHAUSTED:
                pass
            raise
        finally:
            _state.depth -= 1
            if not _state.depth:
                swallowed, _state.swallowed, _state.in_vain = _state.swallowed, [], None
        if not _state.depth and swallowed:
            _ask("warn", swallowed, name)
        if type(name) is str and name in _SWALLOWING:
            _ask("warn", _ask("unloaded", module, name), name)


@_cut_from_tracebacks
def _raise_explained(error: Exception, module: str) -> None:
    """Raise the exception that explains another one, if there is one; never fail."""
    # A module that is not there is what most failed imports of a healthy program are.
    if isinstance(error, (DllguardError, ModuleNotFoundError)):
        return
    explanation = None if error is _state.in_vain else _ask("attempt", error, module)
    if explanation is error:
        _state.in_vain = error if _state.depth else None
    elif explanation is not None:
        if _state.depth and explanation.diagnosis not in _state.swallowed:
            _state.swallowed.append(explanation.diagnosis)
        try:
            raise explanation from trimmed(error)
        finally:
            # A frame that holds its own exception lives until it is collected.
            del explanation


def _ask(question: str, *facts: object) -> Any:
    """Have `_attempt` answer, and guard none of the imports that this takes."""
    if _state.explaining:
        return None
    _state.explaining = True
    try:
        try:
            from . import _attempt

            answer = getattr(_attempt, question)
        except Exception:  # noqa: BLE001  what happened without dllguard must come out
            return None
        return answer(*facts)
    finally:
        _state.explaining = False
