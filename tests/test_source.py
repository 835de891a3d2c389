"""Folders read from source: what is known is followed, what is not is left out."""

from __future__ import annotations

import os
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dllguard._model import ARM64, X64, X86
from dllguard._packages._environment import Environment
from dllguard._packages._marks import names_the_call
from dllguard._packages._source import Source
from dllguard._packages._source_places import Places

HEAD = "import glob, os, platform, site, sys\nfrom pathlib import Path\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    found = tmp_path / "Python311" / "Lib" / "site-packages"
    for name in (
        "pkg/a",
        "pkg/b",
        "pkg.libs",
        "nvidia/cublas/bin",
        "../../Library/bin",
    ):
        (found / name).mkdir(parents=True)
    (found / "pkg" / "a" / "x.dll").touch()
    (found / "nvidia" / "cublas" / "__init__.py").touch()
    (tmp_path / "elsewhere").mkdir()
    return found


def environment(site: Path) -> Environment:
    python = str(site.parent.parent)
    return Environment("python", (3, 11), X64, python, python, (str(site),))


def read(
    site: Path, text: str, where: Environment | None = None, **beside: str
) -> list[str]:
    """Return the folders that a package gives, relative to site-packages."""
    (site / "pkg" / "__init__.py").write_text(text, "utf-8")
    for name, content in beside.items():
        (site / "pkg" / f"{name}.py").write_text(content, "utf-8")
    places = Places(where or environment(site))
    source = Source(places, ["pkg"])
    source.read(str(site / "pkg" / "__init__.py"), "pkg", whole=True)
    found = filter(None, map(places.folder, source.given))
    return [os.path.relpath(f, site).replace("\\", "/") for f in found]


@pytest.mark.parametrize(
    "path",
    [
        "os.path.join(os.path.dirname(__file__), 'a')",
        "os.path.join(os.path.dirname(os.path.abspath(__file__)), 'b', os.pardir, 'a')",
        "os.path.dirname(os.path.realpath(__file__)) + '\\\\a'",
        "os.path.dirname(__file__) + os.sep + 'a'",
        "os.path.split(__file__)[0] + '/a/'",
        "os.path.normpath(os.path.join(__file__, '..', 'A'))",
        "f'{os.path.dirname(__file__)}/a'",
        "'%s/%s' % (os.path.dirname(__file__), 'a')",
        "'{}/{name}'.format(os.path.dirname(__file__), name='a')",
        "'\\\\'.join([os.path.dirname(__file__), 'a'])",
        "Path(__file__).parent / 'a'",
        "str(Path(__file__).resolve().parents[0].joinpath('a'))",
        "os.fspath(Path(__file__).with_name('a').absolute())",
        "__path__[0] + '/a'",
        "os.path.join(sys.prefix, 'Lib', 'site-packages', 'pkg', 'a')",
        "os.path.join(site.getsitepackages()[-1], 'pkg', 'a')",
        "os.path.dirname(glob.glob(os.path.dirname(__file__) + '/*/*.dll')[0])",
        "getattr(sys, '_MEIPASS', os.path.dirname(__file__)) + '/a'",
        "[p for p in Path(__file__).parent.iterdir() if p.name == 'a'][0]",
        "os.path.dirname(sys.executable) + '/Lib/site-packages/pkg/a'",
        "{'x': os.path.dirname(__file__) + '/a'}['x']",
        "{'x': os.path.dirname(__file__) + '/a'}.get('x')",
        "os.path.dirname(__file__) + ''.join(list('/a'))",
        "os.path.dirname(__file__) + '/' + list({'a': 0})[0]",
        "{}.get('x', os.path.dirname(__file__) + '/a')",
        "[v for k, v in {'x': os.path.dirname(__file__) + '/a'}.items()][0]",
        "os.path.dirname(__file__) + '/' + Path('x/a').as_posix().split('/')[1]",
    ],
)
def test_ways_to_write_a_folder(site: Path, path: str) -> None:
    assert read(site, f"{HEAD}os.add_dll_directory({path})") == ["pkg/a"]


@pytest.mark.parametrize(
    ("module", "path"),
    [
        ("pkg_resources", "pkg_resources.resource_filename('pkg', 'a')"),
        ("pkg_resources", "pkg_resources.resource_filename(__name__, 'a/')"),
        ("importlib.resources", "importlib.resources.files('pkg') / 'a'"),
        ("sysconfig", "sysconfig.get_path('platlib') + '/pkg/a'"),
        ("sysconfig", "sysconfig.get_config_var('base') + '/Lib/site-packages/pkg/a'"),
    ],
)
def test_ways_of_the_library(site: Path, module: str, path: str) -> None:
    assert read(site, f"import os, {module}\nos.add_dll_directory({path})") == ["pkg/a"]


@pytest.mark.parametrize(
    ("module", "path"),
    [
        ("pkg_resources", "pkg_resources.resource_filename('absent', 'a')"),
        ("sysconfig", "sysconfig.get_path('nowhere') + '/pkg/a'"),
        ("sysconfig", "sysconfig.get_config_var('LIBDIR') + '/pkg/a'"),
    ],
)
def test_what_the_library_does_not_tell(site: Path, module: str, path: str) -> None:
    assert read(site, f"import os, {module}\nos.add_dll_directory({path})") == []


@pytest.mark.parametrize(
    "path",
    [
        "os.environ['X'] + '/a'",
        "os.environ.get('X', os.path.dirname(__file__) + '/a')",
        "os.path.join(os.getcwd(), 'pkg', 'a')",
        "'pkg/a'",
        "os.path.abspath('pkg/a')",
        "os.path.dirname(__file__) + '/absent'",
        "__file__",
        "os.path.dirname(__file__) + unheard_of",
        "undefined()",
        "3",
        "None",
        "os.path.dirname(__file__) + '/a' * 3",
        "os.path.join()",
        "'%1000000000d' % 3",
        "os.path.dirname(__file__, 'a', 'b')",
        "b'a'",
        "lambda: 0",
        "os.path.dirname(__file__) + '\\0'",
        "os.path.dirname(__file__) + '/a'.split(3)[0]",
        "os.path.dirname(__file__) + '/a'.swapcase()",
        "os.path.dirname(__file__) + ''.join(3)",
        "os.path.dirname(__file__) + {'x': '/a'}.get()",
        "os.path.dirname(__file__) + {'x': '/a'}.pop('x')",
        "Path(__file__).parent.rename('a')",
        "os.path.dirname(__file__) + '/a' + ''.join(list(3))",
        "os.path.expanduser('~/a')",
        "os.path.expandvars('$X/a')",
    ],
)
def test_what_is_unknown_absent_or_wrong_is_left_out(site: Path, path: str) -> None:
    first = "os.add_dll_directory(os.path.dirname(__file__) + '/b')"

    found = read(site, f"{HEAD}os.add_dll_directory({path})\n{first}")

    assert found == ["pkg/b"]


A = "os.add_dll_directory(os.path.dirname(__file__) + '/a')"
B = "os.add_dll_directory(os.path.dirname(__file__) + '/b')"


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("os.name == 'nt'", "a"),
        ("os.name != 'nt'", "b"),
        ("sys.platform == 'win32'", "a"),
        ("sys.platform.startswith('win')", "a"),
        ("sys.platform in ('win32', 'cygwin')", "a"),
        ("sys.platform.startswith('linux')", "b"),
        ("platform.system() == 'Windows'", "a"),
        ("'Windows' not in platform.system()", "b"),
        ("hasattr(os, 'add_dll_directory')", "a"),
        ("getattr(os, 'add_dll_directory', None) is not None", "a"),
        ("sys.version_info >= (3, 8)", "a"),
        ("sys.version_info[:2] >= (3, 11)", "a"),
        ("sys.version_info[:3] < (3, 9, 9)", "b"),
        ("(3, 12) <= sys.version_info", "b"),
        ("sys.version_info.minor > 10", "a"),
        ("sys.version_info[0] == 2", "b"),
        ("sys.maxsize > 2**32", "a"),
        ("platform.machine() == 'ARM64'", "b"),
        ("os.path.isdir(os.path.dirname(__file__) + '/a')", "a"),
        ("os.path.exists(os.path.join(sys.base_prefix, 'conda-meta'))", "b"),
        ("os.path.isfile(os.path.dirname(__file__) + '/a/X.DLL')", "a"),
        ("sys.prefix != sys.base_prefix", "b"),
        ("hasattr(sys, 'frozen') or not __file__", "b"),
        ("os.environ.get('X') and sys.platform == 'darwin'", "b"),
        ("os.environ.get('X') or os.name == 'nt'", "a"),
        ("not sys.platform.startswith('win')", "b"),
        ("any(os.path.exists(__file__ + n) for n in ('x', ''))", "a"),
        ("os.environ.get('X')", "ab"),
        ("sys.version_info >= (3, 11, 4)", "ab"),
        ("os.path.exists('C:/no such folder/at all') or undefined", "ab"),
    ],
)
def test_conditions(site: Path, test: str, expected: str) -> None:
    found = read(site, f"{HEAD}if {test}:\n    {A}\nelse:\n    {B}")

    assert found == [f"pkg/{name}" for name in expected]


@pytest.mark.parametrize(
    ("change", "test"),
    [
        ({"version": (3, 8)}, "sys.version_info < (3, 9)"),
        ({"machine": X86}, "sys.maxsize == 2**31 - 1"),
        ({"machine": ARM64}, "platform.machine().lower() == 'arm64'"),
        ({"base_prefix": "/other"}, "sys.prefix != sys.base_prefix"),
        ({"user": "/home"}, "site.USER_BASE is not None"),
    ],
)
def test_the_python_that_is_asked_about(
    site: Path, change: dict[str, str | int], test: str
) -> None:
    where = replace(environment(site), **change)  # type: ignore[arg-type]

    assert read(site, f"{HEAD}if not ({test}):\n    {B}\n{A}", where) == ["pkg/a"]


def test_a_python_without_the_call(site: Path) -> None:
    where = replace(environment(site), version=(3, 7))

    text = f"try:\n    {A}\nexcept AttributeError:\n    pass"
    assert read(site, HEAD + text, where) == []


SHAPES = {
    "a loop over names": """
for name in ("a", "b", "c"):
    os.add_dll_directory(os.path.join(os.path.dirname(__file__), name))
""",
    "a list that grows": """
dirs = []
dirs.append(os.path.dirname(__file__) + "/a")
dirs += [os.path.dirname(__file__) + "/b"]
for p in filter(os.path.isdir, dirs):
    os.add_dll_directory(p)
""",
    "a function with a default": """
def add(name="b", *, base=os.path.dirname(__file__)):
    os.add_dll_directory(os.path.join(base, name))
add("a")
add()
""",
    "a generator": """
def folders(root):
    yield root / "a"
    yield from [root / "b"]
for p in folders(Path(__file__).parent):
    os.add_dll_directory(str(p))
""",
    "a helper of a helper": """
def outer():
    here = os.path.dirname(__file__)
    def inner(name):
        handles.append(os.add_dll_directory(os.path.join(here, name)))
    for name in "a", "b":
        inner(name)
handles = []
outer()
""",
    "a with statement": """
with os.add_dll_directory(os.path.dirname(__file__) + "/a"):
    from . import native
with contextlib.suppress(OSError):
    os.add_dll_directory(os.path.dirname(__file__) + "/b")
""",
    "another name": """
add = getattr(os, "add_dll_directory", lambda path: None)
from os import add_dll_directory as second
from os.path import dirname as d
add(d(__file__) + "/a")
second(path=d(__file__) + "/b")
""",
    "a handler that mends": """
try:
    os.add_dll_directory(os.path.dirname(__file__) + "/a")
    from . import native
except ImportError:
    os.add_dll_directory(os.path.dirname(__file__) + "/b")
    from . import native
""",
    "the call of Windows": """
import ctypes
kernel32 = ctypes.WinDLL("kernel32.dll", use_last_error=True)
kernel32.AddDllDirectory(os.path.dirname(__file__) + "/a")
ctypes.windll.kernel32.AddDllDirectory(os.path.dirname(__file__) + "/b")
""",
    "a list of which a part is unknown": """
dirs = [os.path.dirname(__file__) + "/a"] + os.environ["PATH"].split(";")
if os.environ.get("MORE"):
    dirs.append(os.path.dirname(__file__) + "/b")
for p in dirs:
    if not os.path.isdir(p):
        continue
    os.add_dll_directory(p)
""",
    "an early return": """
def setup(name):
    if os.name != "nt":
        return
    path = os.path.join(os.path.dirname(__file__), name)
    if not os.path.isdir(path):
        raise RuntimeError(path)
    os.add_dll_directory(path)
    return
    os.add_dll_directory(sys.prefix)
for name in "a", "absent", "b":
    setup(name)
""",
    "a search that breaks off": """
for name in ("absent", "a", "b"):
    found = os.path.join(os.path.dirname(__file__), name)
    if os.path.isfile(found + "\\\\x.dll"):
        break
else:
    found = sys.prefix
os.add_dll_directory(found)
globals()["x"] = 1
os.add_dll_directory(os.path.dirname(__file__) + "/b")
""",
    "a cache": """
seen = set()
def once(name):
    path = os.path.abspath(os.path.dirname(__file__) + "/" + name)
    if path in seen:
        return
    seen.add(path)
    os.add_dll_directory(path)
once("a")
once("a")
once("b")
""",
    "annotations": """
here: str = os.path.dirname(__file__)
name: str
for name in ("a", "b"):
    os.add_dll_directory(f"{here}/{name}")
""",
    "a global": """
name = "x"
def choose(value):
    global name
    name = value
for value in ("a", "b"):
    choose(value)
    os.add_dll_directory(os.path.dirname(__file__) + "/" + name)
""",
    "more arguments than are named": """
def add(first, *more, **options):
    for name in more:
        os.add_dll_directory(os.path.join(first, name))
add(os.path.dirname(__file__), "a", "b", quiet=True)
""",
    "a loop that returns": """
def first(names):
    for name in names:
        if os.path.isdir(os.path.join(os.path.dirname(__file__), name)):
            return name
os.add_dll_directory(os.path.dirname(__file__) + "/" + first(["absent", "a", "b"]))
os.add_dll_directory(os.path.dirname(__file__) + "/" + first(["b", "a"]))
""",
    "a handler of what is raised": """
try:
    raise ImportError
except ImportError:
    name = "a"
os.add_dll_directory(os.path.dirname(__file__) + "/" + name)
os.add_dll_directory(os.path.dirname(__file__) + "/b")
""",
    "what lies before an unknown part of a list": """
names = ["a", "b"] + os.environ["X"].split()
for name in names[:1] + names[1:2]:
    os.add_dll_directory(os.path.dirname(__file__) + "/" + name)
""",
    "a list that is extended": """
names = ["a"]
names.extend(["b"])
for name in names:
    os.add_dll_directory(os.path.dirname(__file__) + "/" + name)
""",
    "what comes after a match statement": """
match os.environ.get("X"):
    case None:
        where = "a"
    case where:
        pass
os.add_dll_directory(os.path.dirname(__file__) + "/" + where)
os.add_dll_directory(os.path.dirname(__file__) + "/a")
os.add_dll_directory(os.path.dirname(__file__) + "/b")
""",
}


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_shapes_of_code(site: Path, text: str) -> None:
    assert read(site, HEAD + text) == ["pkg/a", "pkg/b"]


UNTOLD = {
    "either of two": """
name = "a" if os.environ.get("X") else "b"
os.add_dll_directory(os.path.dirname(__file__) + "/" + name)
""",
    "bound in an open branch": """
name = "a"
if os.environ.get("X"):
    name = "b"
os.add_dll_directory(os.path.dirname(__file__) + "/" + name)
""",
    "bound in an open loop": """
name = "a"
while undefined():
    name = name + "b"
os.add_dll_directory(os.path.dirname(__file__) + "/" + name)
""",
    "returned from either way": """
def name():
    if os.environ.get("X"):
        return "a"
    return "b"
os.add_dll_directory(os.path.dirname(__file__) + "/" + name())
""",
    "rebound by a handler": """
name = "a"
try:
    import native
except ImportError:
    name = "b"
os.add_dll_directory(os.path.dirname(__file__) + "/" + name)
""",
    "in a function that nobody calls": """
def setup():
    os.add_dll_directory(os.path.dirname(__file__) + "/a")
""",
    "deleted before": """
name = "a"
del name
os.add_dll_directory(os.path.dirname(__file__) + "/" + name)
""",
    "in a class": """
class Name(str):
    name = "a"
os.add_dll_directory(os.path.dirname(__file__) + "/" + Name.name)
""",
    "behind an unknown part of a list": """
names = os.environ["X"].split() + ["a"]
os.add_dll_directory(os.path.dirname(__file__) + "/" + names[0])
""",
    "a list that was changed": """
names = ["a", "b"]
names.remove("a")
for name in names:
    os.add_dll_directory(os.path.dirname(__file__) + "/" + name)
""",
    "a table that was updated": """
names = {"x": "a"}
names.update(os.environ)
os.add_dll_directory(os.path.dirname(__file__) + "/" + names["x"])
""",
    "a name out of another module": """
from pkg.a import name
os.add_dll_directory(os.path.dirname(__file__) + "/" + name.rpartition(".")[2])
""",
    "a keyword that is not known": """
(found,) = glob.glob(os.path.dirname(__file__) + "/*", root_dir="x")
os.add_dll_directory(found)
""",
    "a part of a table that was changed": """
names = {"x": "a"}
names["x"] = "b"
os.add_dll_directory(os.path.dirname(__file__) + "/" + names["x"])
""",
    "a part of what is unpacked with a star": """
first, *others = "b", "a", "a"
os.add_dll_directory(os.path.dirname(__file__) + "/" + others[0])
""",
    "tests that something fails": """
if all([os.environ.get("X"), False]):
    os.add_dll_directory(os.path.dirname(__file__) + "/a")
if not any([os.environ.get("X"), True]):
    os.add_dll_directory(os.path.dirname(__file__) + "/b")
""",
    "the last before an unknown part": """
names = ["a"] + os.environ["X"].split()
os.add_dll_directory(os.path.dirname(__file__) + "/" + names[-1])
os.add_dll_directory(os.path.dirname(__file__) + "/" + names[:-1][0])
os.add_dll_directory(os.path.dirname(__file__) + "/" + names[0:][-1])
os.add_dll_directory(os.path.dirname(__file__) + "/" + ("a", undefined())[-1])
""",
    "a list that grows by what is unknown": """
names = ["a"]
names.extend(os.environ["X"].split())
os.add_dll_directory(os.path.dirname(__file__) + "/" + names[-1])
""",
}


@pytest.mark.parametrize("text", UNTOLD.values(), ids=UNTOLD)
def test_nothing_is_guessed(site: Path, text: str) -> None:
    assert read(site, HEAD + text) == []


@pytest.mark.parametrize(
    "text",
    [
        "from ._load import add\nadd('a')",
        "from pkg import _load\n_load.add('a')",
        "import pkg._load as load\nload.add('a')",
        "import pkg._load\npkg._load.add('a')",
        "from pkg._load import *\nadd('a')",
        "__import__('pkg._load')\nimport pkg._load as x\nx.add(name='a')",
    ],
)
def test_functions_of_modules_beside(site: Path, text: str) -> None:
    load = "import os\ndef add(name):\n"
    load += "    os.add_dll_directory(os.path.join(os.path.dirname(__file__), name))\n"

    assert read(site, text, _load=load) == ["pkg/a"]


def test_other_packages_are_found_and_not_read(site: Path) -> None:
    (site / "other").mkdir()
    (site / "other" / "__init__.py").write_text(f"{HEAD}{A}\nNAME = 'bin'")
    text = """
import nvidia.cublas, other
from importlib.resources import files
from importlib.util import find_spec
spec = find_spec("nvidia.cublas")
os.add_dll_directory(os.path.join(nvidia.cublas.__path__[0], "bin"))
os.add_dll_directory(files("nvidia.cublas") / "bin")
os.add_dll_directory(spec.submodule_search_locations[0] + "/bin")
os.add_dll_directory(os.path.dirname(spec.origin) + "/bin")
os.add_dll_directory(os.path.dirname(spec.origin) + "/" + other.NAME)
"""
    assert read(site, HEAD + text) == ["nvidia/cublas/bin"] * 4


def test_what_lies_outside_the_python(site: Path) -> None:
    outside = str(site.parents[2] / "elsewhere")
    text = f"if os.path.isdir({outside!r}):\n    {A}\nos.add_dll_directory({outside!r})"

    found = read(site, HEAD + text)

    # On Windows it is there to be seen; elsewhere it may be another system's.
    ours = os.path.relpath(outside, site).replace("\\", "/")
    assert found == (["pkg/a", ours] if os.name == "nt" else ["pkg/a"])


def test_module_that_imports_itself(site: Path) -> None:
    text = f"from . import _x\n{A}"

    assert read(site, HEAD + text, _x=f"import pkg, os\n{B}") == ["pkg/b", "pkg/a"]


@pytest.mark.parametrize(
    "text",
    [
        f"{A}\ndef f(n):\n    return f(n) + f(n)\nf(1)",
        f"{A}\nfor x in 'a' * 999:\n    pass\nfor x in glob.glob('**'):\n    pass",
        f"{A}\nl = ['x']\n" + "l = l + l\n" * 400,
        f"{A}\nx = " + "[" * 150 + "]" * 150,
        f"{A}\nx = " + "+".join(["'x'"] * 300),
        f"{A}\nfor a in range(9):\n    for b in (1, 2, 3):\n        f()\n",
        f"{A}\nl = [{'1,' * 900}]\nfor a in l:\n    for b in l:\n        c = a + b",
        f"{A}\nx = 2 ** 10 ** 10 ** 10\ny = 16 ** 64 * 16 ** 64 * 16 ** 64",
    ],
    ids=[
        "recursion",
        "glob",
        "doubling",
        "nesting",
        "long",
        "range",
        "steps",
        "power",
    ],
)
def test_effort_has_an_end(site: Path, text: str) -> None:
    assert read(site, HEAD + text) == ["pkg/a"]


@pytest.mark.parametrize("call", ["insert", "append", "extend", "update", "add"])
@pytest.mark.parametrize("arguments", ["", "0", "*x", "1, 2, 3"])
def test_calls_that_fail_in_the_program_too(
    site: Path, call: str, arguments: str
) -> None:
    text = (
        'names = ["x"]\nnames.{}({})\nos.add_dll_directory(os.path.dirname(__file__))'
    )

    assert read(site, HEAD + text.format(call, arguments)) == ["pkg"]


@pytest.mark.parametrize("text", ["x = (", "\0", "\udc80", "if:\n", "é" * 10])
def test_what_is_no_python(site: Path, text: str) -> None:
    path = site / "pkg" / "__init__.py"
    path.write_bytes(f"# add_dll_directory\n{text}".encode("utf-8", "surrogateescape"))
    source = Source(Places(environment(site)), ["pkg"])

    source.read(str(path), "pkg")

    assert source.given == []


def test_no_warning_comes_from_a_package(site: Path) -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        found = read(site, f'{HEAD}x = "\\S"\nif x is "a": pass\n{A}')

    assert (found, heard) == (["pkg/a"], [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("os.add_dll_directory(x)", True),
        ("kernel32.AddDllDirectory(x)", True),
        ("os.add_directory(x)", False),
        ("", False),
    ],
)
def test_files_that_are_parsed(tmp_path: Path, text: str, *, expected: bool) -> None:
    (tmp_path / "a.py").write_text(text)

    assert names_the_call(str(tmp_path / "a.py")) is expected
    assert not names_the_call(str(tmp_path / "absent.py"))


WHOLE = HEAD + "\n".join([*SHAPES.values(), *UNTOLD.values()])


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_damaged_source_never_raises(site: Path, data: st.DataObject) -> None:
    """Snippets with pieces cut out, doubled and put elsewhere."""
    lines = data.draw(st.lists(st.sampled_from(WHOLE.splitlines()), max_size=12))
    text = HEAD + "\n".join(lines)
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, len(text)))
        piece = data.draw(
            st.sampled_from(["", "(", "None", "__file__", "*", ".x", " "])
        )
        text = text[:start] + piece + text[end:]

    for folder in read(site, text):
        assert not folder.startswith("../../../..")


ATOMS = (
    "__file__ os sys.version_info sys.path 'a' b'a' (3) (2.5) None ... x [] {} () "
    "Path site.USER_BASE os.environ sys.modules glob.glob os.path.join str"
).split()
OPERATORS = "+ - * / % ** | < in is == and or".split()
NAMES = (
    "x parent append get format join glob resolve parents __path__ major split items"
).split()
CALLS = (
    "map filter getattr hasattr len sorted any zip enumerate reversed str __import__ "
    "Path os.path.join os.listdir os.add_dll_directory"
).split()


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    shapes = (
        "{}({})",
        "{}({}, {})",
        "{}(*{}, x={})",
        "{}[{}]",
        "{}[{}:{}]",
        "[{} for x, y in {} if {}]",
        "(x := {})",
        "{{{}: {}}}",
        "(not {} if {} else -{})",
    )
    plain = inner.filter(lambda text: "'" not in text)
    return st.one_of(
        *(st.builds(shape.format, *[inner] * shape.count("{}")) for shape in shapes),
        st.builds("({} {} {})".format, inner, st.sampled_from(OPERATORS), inner),
        st.builds("{}.{}".format, inner, st.sampled_from(NAMES)),
        st.builds("{}({}, {})".format, st.sampled_from(CALLS), inner, inner),
        st.builds("f'{{ {} }}'".format, plain),
    )


EXPRESSIONS = st.recursive(st.sampled_from(ATOMS), compound, max_leaves=12)


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(expressions=st.lists(EXPRESSIONS, min_size=1, max_size=4))
def test_any_expression_comes_to_something(site: Path, expressions: list[str]) -> None:
    text = "\n".join(f"x = {expression}" for expression in expressions)

    assert read(site, f"{HEAD}{text}\n{A}")[-1:] == ["pkg/a"]


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.text())
def test_any_text_never_raises(site: Path, text: str) -> None:
    path = site / "pkg" / "__init__.py"
    path.write_bytes(b"#add_dll_directory\n" + text.encode("utf-8", "surrogatepass"))
    source = Source(Places(environment(site)), ["pkg"])

    source.read(str(path), "pkg")

    assert source.given == []
