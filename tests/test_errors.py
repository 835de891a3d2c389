"""What leaves the hook is caught, read, copied and sent like what came in."""

from __future__ import annotations

import copy
import errno
import pickle
import subprocess
import sys
import traceback

import pytest

import dllguard
from dllguard._errors import DllguardError, explained, form_of, origin_of
from dllguard._model import Link
from dllguard._verdict import Diagnosis

DIAGNOSIS = Diagnosis(
    code="missing-dll",
    headline="absent.dll not found (needed by there.dll)",
    summary="import there failed with WinError 126.",
    winerror=126,
    chain=(Link("there.dll", r"C:\site\there.dll"), Link("absent.dll")),
    chain_end="NOT FOUND",
)


class PlainImportError(ImportError):
    """As a package may have one of its own."""


class TellingOSError(OSError):
    """One with an attribute, and a signature that its args do not fit."""

    def __init__(self, *, library: str) -> None:
        super().__init__(22, f"cannot load {library}")
        self.library = library


class ReadOnlyNameError(RuntimeError):
    """One whose name cannot be set."""

    @property
    def name(self) -> str:
        return "fixed"


def import_error() -> ImportError:
    return ImportError(
        "DLL load failed while importing there: words", name="there", path=r"C:\t.pyd"
    )


def os_error() -> OSError:
    error = OSError(22, "words", r"C:\t.dll")
    # Beyond Windows an OSError has no such attribute of its own.
    vars(error)["winerror"] = 126
    error.winerror = 126  # type: ignore[attr-defined,unused-ignore]
    return error


def fresh(kind: type[Exception]) -> Exception:
    return kind("words")


ORIGINALS = [
    pytest.param(import_error(), dllguard.DllImportError, id="ImportError"),
    pytest.param(os_error(), dllguard.DllOSError, id="OSError"),
    pytest.param(
        FileNotFoundError("Could not find module 'a.dll'"),
        dllguard.DllFileNotFoundError,
        id="FileNotFoundError of ctypes",
    ),
    pytest.param(
        OSError(errno.ENOENT, "words"),
        dllguard.DllFileNotFoundError,
        id="FileNotFoundError by number",
    ),
    pytest.param(
        OSError(errno.EACCES, "words"),
        dllguard.DllPermissionError,
        id="PermissionError",
    ),
    pytest.param(RuntimeError("words"), dllguard.DllRuntimeError, id="RuntimeError"),
    pytest.param(
        ModuleNotFoundError("words", name="there"),
        dllguard.DllImportError,
        id="ModuleNotFoundError",
    ),
    pytest.param(AttributeError("words"), DllguardError, id="AttributeError"),
    pytest.param(NotImplementedError("words"), dllguard.DllRuntimeError, id="derived"),
    pytest.param(PlainImportError("words"), dllguard.DllImportError, id="custom"),
    pytest.param(
        TellingOSError(library="a.dll"), dllguard.DllOSError, id="custom signature"
    ),
    pytest.param(ReadOnlyNameError("words"), dllguard.DllRuntimeError, id="property"),
]


def attributes_of(error: BaseException) -> dict[str, object]:
    names = "msg name path name_from errno strerror filename filename2 winerror obj"
    names += " args library"
    return {n: getattr(error, n) for n in names.split() if hasattr(error, n)}


@pytest.mark.parametrize(("original", "form"), ORIGINALS)
def test_keeps_type_and_attributes(
    original: Exception, form: type[DllguardError]
) -> None:
    error = explained(original, "text", DIAGNOSIS)

    assert isinstance(error, type(original))
    assert isinstance(error, form)
    assert isinstance(error, DllguardError)
    assert type(error).__module__ == "dllguard"
    assert attributes_of(error) == attributes_of(original)
    assert (str(error), error.diagnosis) == ("text", DIAGNOSIS)


@pytest.mark.parametrize(("original", "form"), ORIGINALS)
@pytest.mark.parametrize("protocol", range(3, pickle.HIGHEST_PROTOCOL + 1))
def test_survives_pickling(
    original: Exception, form: type[DllguardError], protocol: int
) -> None:
    error = explained(original, "text", DIAGNOSIS)
    again = pickle.loads(pickle.dumps(error, protocol))

    assert type(again) is type(error)
    assert issubclass(type(again), form)
    assert attributes_of(again) == attributes_of(original)
    assert (str(again), again.diagnosis) == ("text", DIAGNOSIS)


@pytest.mark.parametrize(("original", "form"), ORIGINALS)
def test_can_be_copied(original: Exception, form: type[DllguardError]) -> None:
    error = explained(original, "text", DIAGNOSIS)

    for again in (copy.copy(error), copy.deepcopy(error)):
        assert type(again) is type(error)
        assert issubclass(type(again), form)
        assert attributes_of(again) == attributes_of(original)
        assert (str(again), again.diagnosis) == ("text", DIAGNOSIS)


@pytest.mark.parametrize(
    "original",
    [import_error(), os_error(), AttributeError("words", name="n", obj="o")],
    ids=lambda error: type(error).__name__,
)
def test_can_be_read_by_another_process(original: Exception) -> None:
    error = explained(original, "text\nof two lines", DIAGNOSIS)
    program = """
import pickle, sys
error = pickle.load(sys.stdin.buffer)
print(type(error).__name__, isinstance(error, type(sys)), error, error.diagnosis.code)
print(getattr(error, "winerror", None), getattr(error, "name", None))
print(error.diagnosis.chain[0].path)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=pickle.dumps(error),
        capture_output=True,
        check=True,
    )

    lines = done.stdout.decode().splitlines()
    winerror, name = getattr(original, "winerror", None), getattr(original, "name", "")
    kind = type(error).__name__
    assert lines == [
        f"{kind} False text",
        "of two lines missing-dll",
        f"{winerror} {name or None}",
        r"C:\site\there.dll",
    ]


def test_object_without_the_attribute_need_not_pickle() -> None:
    original = AttributeError("words", name="nms", obj=sys)
    error = explained(original, "text", DIAGNOSIS)
    again = pickle.loads(pickle.dumps(error))

    # CPython leaves `obj` behind for the same reason.
    assert isinstance(error, AttributeError)
    assert error.obj is sys
    assert (again.name, again.obj) == ("nms", None)


@pytest.mark.parametrize("name", [n for n in dllguard.__all__ if n.endswith("Error")])
def test_can_be_made_from_one_text(name: str) -> None:
    """As torch does with what a DataLoader's worker sends (ExceptionWrapper)."""
    kind: type[DllguardError] = getattr(dllguard, name)
    error = kind("Caught in worker 0.\ntext")

    assert str(error) == "Caught in worker 0.\ntext"
    assert error.args == ("Caught in worker 0.\ntext",)
    assert error.diagnosis is None
    assert repr(error) == f"{name}('Caught in worker 0.\\ntext')"
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (kind, str(error))


def test_type_of_each_form_pickles() -> None:
    for kind in (ImportError, OSError, FileNotFoundError, PermissionError):
        form = form_of(kind)

        assert pickle.loads(pickle.dumps(form)) is form
        assert origin_of(form) is kind


def test_repr_names_the_form() -> None:
    error = explained(ImportError("words"), "text", DIAGNOSIS)

    assert repr(error) == "DllImportError('words')"


def test_traceback_shows_the_text_under_the_public_name() -> None:
    error = explained(ImportError("words"), "text", DIAGNOSIS)

    assert traceback.format_exception_only(error) == ["dllguard.DllImportError: text\n"]


def test_form_is_made_once() -> None:
    assert form_of(PlainImportError) is form_of(PlainImportError)
    assert form_of(PlainImportError).__name__ == "DllPlainImportError"
    assert origin_of(form_of(PlainImportError)) is PlainImportError


@pytest.mark.skipif(sys.version_info < (3, 11), reason="notes came with 3.11")
def test_keeps_notes() -> None:
    original = ImportError("words")
    if sys.version_info >= (3, 11):
        original.add_note("a note of the package")
    error = explained(original, "text", DIAGNOSIS)

    assert traceback.format_exception_only(error)[1:] == ["a note of the package\n"]
    assert pickle.loads(pickle.dumps(error)).__notes__ == ["a note of the package"]
    error.__notes__.append("later")  # type: ignore[attr-defined,unused-ignore]
    assert original.__notes__ == [  # type: ignore[attr-defined,unused-ignore]
        "a note of the package"
    ]


def test_what_cannot_be_derived_from_is_refused() -> None:
    class FinalError(ImportError):
        def __init_subclass__(cls) -> None:
            raise TypeError("final")

    with pytest.raises(TypeError, match="final"):
        explained(FinalError("words"), "text", DIAGNOSIS)


def test_original_is_left_alone() -> None:
    original = os_error()
    before = (original.args, str(original), dict(vars(original)))

    explained(original, "text", DIAGNOSIS)

    assert (original.args, str(original), vars(original)) == before


@pytest.mark.parametrize(
    ("raised", "caught"),
    [
        (ImportError("x"), (ImportError, dllguard.DllImportError, DllguardError)),
        (OSError("x"), (OSError, dllguard.DllOSError, DllguardError)),
        (FileNotFoundError("x"), (FileNotFoundError, dllguard.DllOSError, OSError)),
        (RuntimeError("x"), (RuntimeError, dllguard.DllRuntimeError, DllguardError)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_except_clauses_that_catch_it(
    raised: Exception, caught: tuple[type[Exception], ...]
) -> None:
    for kind in caught:
        with pytest.raises(kind):
            raise explained(raised, "text", DIAGNOSIS)


def test_import_and_os_errors_are_kept_apart() -> None:
    assert not issubclass(dllguard.DllOSError, ImportError)
    assert not issubclass(dllguard.DllImportError, OSError)
    assert issubclass(dllguard.DllguardWarning, UserWarning)
