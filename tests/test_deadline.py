"""The look for a cause ends in time, says so, and leaves nothing half read."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dllguard import _deadline
from dllguard._causes import _tried
from dllguard._deadline import VARIABLE, OutOfTimeError, allowed, check, left, limited
from dllguard._explain import explain_failure
from dllguard._failure import Failure
from dllguard._files._disk import Disk
from dllguard._judge import judge
from dllguard._packages._added import added_folders
from dllguard._packages._conda import conda_packages
from dllguard._packages._environment import native_files
from dllguard._verdict import Diagnosis
from tests.texts import golden, obey
from tests.trees import Tree


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", 5.0),
        ("2.5", 2.5),
        (" 60 ", 60.0),
        ("0", 0.0),
        ("off", math.inf),
        ("OFF", math.inf),
        ("inf", math.inf),
        ("1e999", math.inf),
        ("-1", 5.0),
        ("nan", 5.0),
        ("soon", 5.0),
        ("5 s", 5.0),
    ],
)
def test_environment_tells_the_limit(
    monkeypatch: pytest.MonkeyPatch, text: str, seconds: float
) -> None:
    monkeypatch.setenv(VARIABLE, text)

    assert allowed() == seconds


def test_limit_without_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)

    assert allowed() == 5.0


def test_nothing_is_limited_outside() -> None:
    check()

    assert left(3.0) == 3.0


def test_time_runs_out() -> None:
    with limited(0.05):
        check()
        assert 0 < left(3.0) <= 0.05
        time.sleep(0.06)
        with pytest.raises(OutOfTimeError, match=r"longer than 0\.05 s$") as late:
            check()
        assert left(3.0) == 0.0
    assert late.value.seconds == 0.05
    check()


def test_outermost_limit_counts() -> None:
    with limited(0), limited(60):
        time.sleep(0.001)
        with pytest.raises(OutOfTimeError):
            check()
        with limited(math.inf), pytest.raises(OutOfTimeError):
            check()
        with pytest.raises(OutOfTimeError):
            check()
    check()


def test_limit_ends_with_the_block_that_raises() -> None:
    with pytest.raises(ZeroDivisionError), limited(0):
        1 / 0  # noqa: B018  what matters is that it fails
    time.sleep(0.001)
    check()


def test_limit_is_of_one_thread() -> None:
    raised: list[BaseException] = []

    def work() -> None:
        try:
            check()
        except OutOfTimeError as late:
            raised.append(late)

    with limited(0):
        time.sleep(0.001)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    assert raised == []


# Whatever reads asks first.


@pytest.fixture
def shapes(tree: Tree) -> Tree:
    """Return a machine with a package that adds a folder, made by conda besides."""
    source = b"import os\nos.add_dll_directory(os.path.dirname(__file__) + '/dlls')\n"
    tree.install(
        "shapes",
        "1.0",
        {
            "shapes/__init__.py": source,
            "shapes/dlls/areas.dll": tree.pe("msvcp140.dll"),
            "shapes/_core.pyd": tree.pe("areas.dll"),
        },
        requires=["numbers"],
    )
    tree.install("numbers", "1.0", {"numbers_core.pyd": tree.pe()})
    meta = tree.python / "conda-meta"
    meta.mkdir()
    (meta / "python-3.11-0.json").write_text('{"name": "python", "files": []}')
    return tree


Reading = Callable[[Tree], object]


READING: dict[str, Reading] = {
    "folder": lambda t: Disk().names(str(t.python)),
    "image": lambda t: Disk().image(str(t.python / "python.exe")),
    "version": lambda t: Disk().version(str(t.python / "vcruntime140.dll")),
    "imports": lambda t: Disk().imports(str(t.python / "python.exe")),
    "exports": lambda t: Disk().exports(str(t.python / "python3.dll")),
    "same files": lambda t: Disk().same(
        str(t.python / "python.exe"), str(t.python / "python.exe")
    ),
    "native files": lambda t: list(native_files(str(t.site))),
    "requirements": lambda t: t.host().environment.closure("shapes"),
    "import names": lambda t: t.host().environment.distribution("numbers_core"),
    "records": lambda t: list(t.host().environment.recorded("areas.dll")),
    "conda": lambda t: conda_packages(str(t.python)),
    "folders added": lambda t: added_folders(
        t.distribution("shapes"), t.host().environment
    ),
    "a whole target": lambda t: judge(t.host(), "shapes"),
}


@pytest.mark.parametrize("read", READING.values(), ids=READING.keys())
def test_reading_asks_first(
    shapes: Tree, read: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, distribution = shapes.host(), shapes.distribution("shapes")
    monkeypatch.setattr(shapes, "host", lambda *_: host)
    monkeypatch.setattr(shapes, "distribution", lambda _: distribution)

    with limited(0):
        time.sleep(0.001)
        with pytest.raises(OutOfTimeError):
            read(shapes)
    assert read(shapes) is not None


def test_what_was_cut_off_is_read_again(
    shapes: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever step is the first that comes too late, a later look sees all."""
    host = shapes.live()
    wanted = judge(shapes.live(), "shapes")
    steps, real = 0, _deadline.check

    def counted() -> None:
        nonlocal steps
        steps -= 1
        if steps == 0:
            raise OutOfTimeError(5.0)

    monkeypatch.setattr(_deadline, "check", counted)
    cut_off = 0
    for first_late in range(1, 1000):
        steps = first_late
        try:
            found = judge(host, "shapes")
        except OutOfTimeError:
            cut_off += 1
        else:
            break
    monkeypatch.setattr(_deadline, "check", real)

    assert cut_off > 10
    assert found == judge(host, "shapes") == wanted


# What is said.


@pytest.fixture
def failure(tree: Tree) -> Failure:
    tree.install("shapes", "1.0", {"shapes/_core.pyd": tree.pe("gone.dll")})
    return Failure(str(tree.site / "shapes" / "_core.pyd"), "shapes._core", 126)


def said(tree: Tree, failure: Failure, *, after: int = 0) -> Diagnosis:
    """Return the diagnosis where the time runs out after so many steps."""
    host, steps = tree.live(), 0

    def counted() -> None:
        nonlocal steps
        steps += 1
        if steps > after:
            raise OutOfTimeError(5.0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_deadline, "check", counted)
        found = explain_failure(failure, host)
    assert found is not None
    found = tree.plain(found)
    obey(found)
    return found


def test_says_that_the_time_ran_out(tree: Tree, failure: Failure) -> None:
    found = said(tree, failure)

    assert (found.code, found.winerror) == ("not-determined", 126)
    text = golden("not-determined-in-time", found).replace("\n", " ")
    assert "Not determined: the look for the cause took longer than 5 s" in text


def test_says_what_the_files_had_shown(tree: Tree, failure: Failure) -> None:
    found = [said(tree, failure, after=steps) for steps in range(60)]
    heads = list(dict.fromkeys(d.headline for d in found))

    assert heads == [
        "_core.pyd does not load; why was not determined in 5 s",
        "gone.dll is missing (needed by _core.pyd)",
        "gone.dll not found (needed by _core.pyd)",
    ]
    shown = next(d for d in found if d.headline == heads[1])
    golden("not-determined-in-time-but-shown", shown)
    assert [d.code for d in found[-1:]] == ["missing-dll"]


def test_what_the_code_contradicts_is_not_shown(tree: Tree, failure: Failure) -> None:
    failure = replace(failure, winerror=1114)
    found = [said(tree, failure, after=steps) for steps in range(60)]

    assert not any("had shown" in diagnosis.summary for diagnosis in found)


@pytest.mark.parametrize(
    "failure",
    [
        Failure(None, None, 126),
        Failure(None, "shapes", swallowed_by="shapes"),
        Failure(None, "shapes", python_dll="python39.dll"),
        Failure("C:\\a b\\c.dll", None, 1114, path_fallback=True),
    ],
    ids=["nothing named", "swallowed", "refused", "space"],
)
def test_any_failure_may_take_too_long(tree: Tree, failure: Failure) -> None:
    assert said(tree, failure).code == "not-determined"


def test_limit_of_an_explanation(
    tree: Tree, failure: Failure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that takes its time is left alone after the limit."""
    host, listed = tree.live(), Disk._list

    def slow(disk: Disk, folder: str) -> dict[str, str]:
        time.sleep(0.05)
        return listed(disk, folder)

    monkeypatch.setattr(Disk, "_list", slow)
    host = replace(host, process=replace(host.process, disk=Disk()))
    start = time.monotonic()
    with limited(0.06):
        found = explain_failure(failure, host)

    assert found is not None
    assert "longer than 0.06 s" in str(found).replace("\n", " ")
    assert time.monotonic() - start < 2


def test_repeated_load_takes_no_longer(
    tree: Tree, failure: Failure, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[object] = []
    monkeypatch.setattr(_tried, "own_python", lambda: "python.exe")

    def try_load(*_: object, **facts: object) -> tuple[()]:
        given.append(facts["timeout"])
        raise OSError

    monkeypatch.setattr(_tried, "try_load", try_load)
    (Path(str(failure.path))).write_bytes(tree.pe())
    with limited(60):
        explain_failure(replace(failure, winerror=1114), tree.live())
    with limited(2):
        explain_failure(replace(failure, winerror=1114), tree.live())

    assert given[0] == 5.0
    assert isinstance(given[1], float)
    assert 0 < given[1] <= 2
