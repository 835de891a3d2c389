"""Files that cannot be read, or vanish while they are read, end in a verdict.

Each access to the disk is counted, and each in turn is the one at which it goes wrong.
"""

from __future__ import annotations

import builtins
import errno
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dllguard._explain import explain_failure
from dllguard._failure import Failure
from dllguard._judge import judge
from dllguard._preflight import report_on
from tests.trees import Tree

if TYPE_CHECKING:
    from typing_extensions import Self

ACCESSES = [
    (builtins, "open"),
    (os, "scandir"),
    (os, "listdir"),
    (os, "stat"),
    (os, "open"),
]


class Disturbance:
    """Does something at one access to the disk below a folder, and from there on.

    :param below: the folder.
    :param at: which access it is, 0 for none.
    :param act: what is done, before each access from then on.
    """

    def __init__(self, below: Path, at: int, act: Callable[[], None]) -> None:
        self._below, self._at, self._act = str(below), at, act
        self.count = 0
        self._patch = pytest.MonkeyPatch()

    def __enter__(self) -> Self:
        for module, name in ACCESSES:
            self._patch.setattr(module, name, self._counted(getattr(module, name)))
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.undo()

    def _counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def access(path: Any = ".", *args: Any, **named: Any) -> Any:
            is_path = isinstance(path, (str, os.PathLike))
            if is_path and os.fspath(path).startswith(self._below):
                self.count += 1
                if 0 < self._at <= self.count:
                    act, self._act = self._act, lambda: None
                    try:
                        act()
                    finally:
                        self._act = act
            return real(path, *args, **named)

        return access


SOURCE = b"""import glob, os
here = os.path.dirname(__file__)
for name in sorted(os.listdir(here)):
    if os.path.isdir(os.path.join(here, name)):
        os.add_dll_directory(os.path.join(here, name))
for path in glob.glob(os.path.join(here, "dl*", "*.dll")):
    os.add_dll_directory(os.path.dirname(path))
from . import inner
"""


def laid_out(root: Path) -> Tree:
    """Return a machine with packages of several kinds, one of them broken."""
    tree = Tree(root)
    tree.install(
        "shapes",
        "1.0",
        {
            "shapes/__init__.py": SOURCE,
            "shapes/inner.py": b"import areas\n",
            "shapes/dlls/areas.dll": tree.pe("numbers.dll"),
            "shapes/_core.pyd": tree.pe("areas.dll", "gone.dll"),
        },
        requires=["numbers>=1"],
    )
    tree.install("numbers", "1.0", {"numbers/numbers.dll": tree.pe()})
    tree.install("bare", "1.0", {"bare.pyd": tree.pe("gone.dll")})
    (tree.site / "extra.pth").write_text("import os\nnowhere\n")
    (tree.python / "conda-meta").mkdir()
    (tree.python / "conda-meta/python-3.11-0.json").write_text('{"name": "python"}')
    return tree


def explained(tree: Tree) -> object:
    path = str(tree.site / "shapes" / "_core.pyd")
    return explain_failure(Failure(path, "shapes._core", 126), tree.live())


LOOKS: dict[str, Callable[[Tree], object]] = {
    "explain": explained,
    "package": lambda tree: judge(tree.live(), "shapes"),
    "file": lambda tree: judge(tree.live(), str(tree.site / "shapes" / "_core.pyd")),
    "report": lambda tree: str(report_on(tree.live(), ("shapes", "bare", "numbers"))),
}


def raising(code: int) -> Callable[[], None]:
    def act() -> None:
        raise OSError(code, os.strerror(code))

    return act


def disturbed(
    tree: Tree, look: Callable[[Tree], object], at: int, act: Callable[[], None]
) -> int:
    host = tree.live()
    tree.live = lambda *_, **__: host  # type: ignore[method-assign]
    with Disturbance(tree.site, at, act) as disturbance:
        assert look(tree) is not None
    return disturbance.count


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS.keys())
@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.ENOENT, errno.ELOOP])
def test_site_packages_cannot_be_read(
    tmp_path: Path, look: Callable[[Tree], object], code: int
) -> None:
    """From any access on; a network drive that goes away has such codes as well."""
    total = disturbed(laid_out(tmp_path / "0"), look, 0, lambda: None)
    assert total > 10
    tree = laid_out(tmp_path / "1")
    live = tree.live
    for at in range(1, total + 1, 1 + total // 60):
        tree.live = live  # type: ignore[method-assign]
        if look is LOOKS["file"]:
            # What is no file from the first is a wrong target, and said to be.
            at += 3  # noqa: PLW2901
        disturbed(tree, look, at, raising(code))


@pytest.mark.parametrize("what", ["site", "shapes", "shapes/_core.pyd"])
def test_site_packages_vanish(tmp_path: Path, what: str) -> None:
    total = disturbed(laid_out(tmp_path / "0"), explained, 0, lambda: None)
    for number, at in enumerate(range(1, total + 1, 1 + total // 12), 1):
        tree = laid_out(tmp_path / str(number))
        gone = tree.site if what == "site" else tree.site / what

        def vanish(gone: Path = gone) -> None:
            if gone.is_dir():
                shutil.rmtree(gone)
            else:
                gone.unlink(missing_ok=True)

        disturbed(tree, explained, at, vanish)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Give away the rights of root, who may read all the same."""
    if sys.platform == "win32" or os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
@pytest.mark.parametrize(
    "what", ["", "shapes", "shapes/_core.pyd", "shapes-1.0.dist-info"]
)
def test_no_right_to_read(tmp_path: Path, what: str) -> None:
    tree = laid_out(tmp_path / "machine")
    host = tree.live()
    tree.live = lambda *_, **__: host  # type: ignore[method-assign]
    closed = tree.site / what
    for folder in (tmp_path, *tmp_path.parents[:2], tree.root):
        folder.chmod(0o755)
    closed.chmod(0)
    try:
        with as_nobody():
            assert explained(tree) is not None
            assert judge(host, "shapes") is not None
    finally:
        closed.chmod(0o755)
