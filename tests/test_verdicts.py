"""On real wheels: dllguard and Wine's loader agree on every native file of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from dllguard._model import Fault, Link, Load
from dllguard._packages._environment import native_files
from tests.bench import Bench, BenchFactory
from tests.hearings import Asked, Hearing, Hearings, ends, lost_imports
from tests.pebuilder import build_pe
from tests.verdicts import Comparison, Verdict, main, requirements, told

POPULAR: Final = requirements(Path(__file__).with_name("popular_wheels.txt"))

BOTH: Final = (False, True)


@dataclasses.dataclass(frozen=True)
class FailingCode:
    """Start-up code that fails on Wine, after all imports were found.

    :param start_up: what it does.
    :param package_folders: the modes in which the imports are found.
    :param said: what Wine says then.
    """

    start_up: str
    package_folders: tuple[bool, ...]
    said: str


# A static initialiser of Qt5Bluetooth.dll asks Windows for its Bluetooth class. Wine 8
# has none, RoGetActivationFactory fails, and Qt calls exit(-1).
_NO_BLUETOOTH: Final = (
    'Failed to find library for L"Windows.Devices.Bluetooth.BluetoothDevice"'
)
FAILING_CODE: Final[Mapping[str, FailingCode]] = {
    "PyQt5/Qt5/bin/Qt5Bluetooth.dll": FailingCode(
        "ends the process with 0xffffffff", BOTH, _NO_BLUETOOTH
    ),
    # It imports that DLL, which lies in a folder that PyQt5 adds.
    "PyQt5/Qt5/qml/QtBluetooth/declarative_bluetooth.dll": FailingCode(
        "ends the process with 0xffffffff", (True,), _NO_BLUETOOTH
    ),
}


class Popular:
    """The wheels on a bench, with what both say of their files."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.files = tuple(native_files(str(bench.site_packages)))
        self.comparison = Comparison(bench, self.files)

    def short(self, file: str) -> str:
        return Path(file).relative_to(self.bench.site_packages).as_posix()


@pytest.fixture(scope="module")
def popular(bench_factory: BenchFactory) -> Popular:
    """Return the wheels, installed."""
    return Popular(bench_factory(*POPULAR))


@pytest.fixture(
    scope="module", params=BOTH, ids=["start-up folders", "package folders"]
)
def verdicts(request: pytest.FixtureRequest, popular: Popular) -> list[Verdict]:
    """Return what both say of every file, in one run of the judge."""
    return popular.comparison.verdicts(package_folders=request.param)


@pytest.mark.bench
def test_every_file_of_popular_wheels_agrees(
    verdicts: list[Verdict], popular: Popular
) -> None:
    different = {
        popular.short(verdict.load.path): verdict.difference
        for verdict in verdicts
        if verdict.difference
    }

    assert different == {}
    assert len(verdicts) == len(popular.files) > 800
    # Both kinds of verdict are put to the test.
    assert sum(not verdict.expected for verdict in verdicts) > 300
    assert sum(verdict.expected == 126 for verdict in verdicts) > 200


@pytest.mark.bench
def test_start_up_code_fails_where_it_is_known_to(
    verdicts: list[Verdict], popular: Popular
) -> None:
    mode = verdicts[0].package_folders
    failing = {
        popular.short(verdict.load.path): verdict.start_up
        for verdict in verdicts
        if verdict.start_up
    }

    assert failing == {
        file: known.start_up
        for file, known in FAILING_CODE.items()
        if mode in known.package_folders
    }


@pytest.mark.bench
@pytest.mark.parametrize("file", list(FAILING_CODE))
def test_start_up_code_fails_for_the_known_reason(file: str, popular: Popular) -> None:
    code = "import ctypes, os, sys; os.add_dll_directory(sys.argv[2]);"
    code += "ctypes.WinDLL(sys.argv[1]); print('loaded')"
    site = popular.bench.site_packages
    paths = site / file, site / "PyQt5/Qt5/bin"
    done = popular.bench.run_code(
        code,
        *map(popular.bench.windows_path, paths),
        env={"WINEDEBUG": "-all,err+combase", "DLLGUARD": "off"},
    )

    assert FAILING_CODE[file].said in done.stderr
    assert (done.stdout, done.returncode) == ("", 255)


# What the comparison itself can see.


@pytest.fixture(scope="module")
def plain(bench_factory: BenchFactory) -> Bench:
    """Return a bench without packages."""
    return bench_factory()


def planted(bench: Bench, files: Mapping[str, bytes]) -> list[str]:
    """Put files into site-packages, and return their paths."""
    folder = bench.site_packages / "planted"
    return [str(bench.replace(folder / name, data)) for name, data in files.items()]


@pytest.mark.bench
def test_start_up_code_is_told_from_imports(plain: Bench) -> None:
    imports = {"user32.dll": ["MessageBoxW"], "leaf.dll": ["f"]}
    root, leaf, refusing, text, lacking = planted(
        plain,
        {
            "root.pyd": build_pe(imports=imports),
            "leaf.dll": build_pe(name="leaf.dll", exports=["f"]),
            "refusing.pyd": build_pe(dll_main_result=False),
            "text.dll": b"text",
            "lacking.pyd": build_pe(imports={"root.pyd": ["f"], "Absent.dll": ["f"]}),
        },
    )
    heard = Hearings(plain).hear(list(map(Asked, (root, refusing, text, lacking))))
    user32, imm32 = (
        str(plain.system32 / f"{name}.dll") for name in ("user32", "imm32")
    )

    assert [hearing.code for hearing in heard] == [0, 1114, 193, 126]
    assert {root, leaf, user32} < heard[0].imported
    # Wine's user32.dll loads it when it starts.
    assert heard[0].started == (imm32,)
    assert imm32 not in heard[0].imported
    assert refusing in heard[1].imported
    assert text not in heard[2].imported
    assert heard[3].lost == {("absent.dll", lacking)}
    assert not list(plain.site_packages.rglob("hearing-*"))


@pytest.mark.bench
def test_added_folders_are_searched_newest_first(plain: Bench) -> None:
    [root, *leaves] = planted(
        plain,
        {
            "searching.pyd": build_pe(imports={"sought.dll": ["f"]}),
            "newer/sought.dll": build_pe(name="sought.dll", exports=["f"]),
            "older/sought.dll": build_pe(name="sought.dll", exports=["f"]),
        },
    )
    added = tuple(str(Path(leaf).parent) for leaf in leaves)
    newer, older, none = Hearings(plain).hear(
        [Asked(root, added), Asked(root, added[::-1]), Asked(root)]
    )

    assert newer.imported - older.imported == {leaves[0]}
    assert older.imported - newer.imported == {leaves[1]}
    assert none.lost == {("sought.dll", root)}


@pytest.mark.bench
@pytest.mark.parametrize(
    ("misleading", "code"), [(False, 0), (True, 1)], ids=["alike", "different"]
)
def test_the_tool_says_whether_there_is_a_difference(
    misleading: bool,
    code: int,
    plain: Bench,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert plain.python_dir.is_dir()
    # Wine does not read the field, by which the leaf may lie in System32 alone.
    flags = 0x800 if misleading else 0
    root = build_pe(imports={"leaf.dll": ["f"]}, dependent_load_flags=flags)
    tmp_path.joinpath("root.pyd").write_bytes(root)
    tmp_path.joinpath("leaf.dll").write_bytes(build_pe(name="leaf.dll", exports=["f"]))

    assert main(["--site", str(tmp_path)]) == code
    output = capsys.readouterr().out
    assert output.count("code 126, the loader's 0") == 2 * code
    assert output.endswith(f"{code} differ\n")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["leaf.dll", "root.pyd"]


@pytest.mark.parametrize(
    "arguments",
    [[], ["numpy", "--site", "."], ["--site", "absent"]],
    ids=["nothing", "both", "no such folder"],
)
def test_a_wrong_command_line_is_told(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(arguments)
    assert raised.value.code == 2


ROOT, LEAF, OTHER = "/site/root.pyd", "/site/leaf.dll", "/site/other.dll"
LOADS = Load(ROOT, (), resolved={"leaf.dll": LEAF})
FAILS = Load(
    ROOT,
    (),
    (Fault("missing", (Link("root.pyd", ROOT), Link("Absent.dll")), 126),),
)
NO_FILE = Load(ROOT, (), (Fault("unreadable", (Link("root.pyd", ROOT),), 193),))
HEARD = Hearing(0, frozenset({ROOT, LEAF}))
LOST = Hearing(126, frozenset(), frozenset({("absent.dll", ROOT)}))


@pytest.mark.parametrize(
    ("load", "heard", "said"),
    [
        pytest.param(LOADS, HEARD, "", id="loads"),
        pytest.param(FAILS, LOST, "", id="fails"),
        pytest.param(NO_FILE, Hearing(193, frozenset()), "", id="no image"),
        pytest.param(NO_FILE, LOST, "code 193, the loader's 126", id="other code"),
        pytest.param(LOADS, LOST, "code 0, the loader's 126", id="fails there"),
        pytest.param(FAILS, HEARD, "code 126, the loader's 0", id="fails here"),
        pytest.param(
            LOADS,
            Hearing(0, frozenset({ROOT, LEAF, OTHER})),
            "not resolved: ['/site/other.dll']; resolved, but not loaded: []",
            id="one more",
        ),
        pytest.param(
            LOADS,
            Hearing(0, frozenset({ROOT})),
            "not resolved: []; resolved, but not loaded: ['/site/leaf.dll']",
            id="one less",
        ),
        pytest.param(
            FAILS,
            dataclasses.replace(LOST, lost=LOST.lost | {("second.dll", ROOT)}),
            "only one does not find: ['second.dll']",
            id="a second one is not found",
        ),
        pytest.param(
            FAILS,
            dataclasses.replace(LOST, lost=frozenset({("absent.dll", LEAF)})),
            "only one does not find: []; not as told: ['absent.dll by /site/root.pyd']",
            id="another importer",
        ),
        pytest.param(
            FAILS,
            dataclasses.replace(LOST, lost=frozenset()),
            "only one does not find: ['absent.dll']",
            id="nothing heard",
        ),
    ],
)
def test_a_difference_is_seen(load: Load, heard: Hearing, said: str) -> None:
    verdict = Verdict(load, frozenset({ROOT, *load.resolved.values()}), heard, True)

    assert verdict.difference.startswith(said)
    assert bool(verdict.difference) == bool(said)
    assert verdict.start_up == ""


def test_start_up_code_is_no_difference() -> None:
    ours = frozenset({ROOT, LEAF})
    refused = Verdict(LOADS, ours, dataclasses.replace(HEARD, code=1114), True)
    ended = Verdict(LOADS, ours, dataclasses.replace(HEARD, code=-1, ended=7), False)

    assert (refused.difference, refused.start_up) == ("", "fails with 1114")
    assert (ended.difference, ended.start_up) == ("", "ends the process with 0x7")
    assert list(told([refused, ended]))[:2] == [
        f"{ROOT} (with package folders): {_CODE} fails with 1114; {_AGREED}",
        f"{ROOT} (without package folders): {_CODE} {ended.start_up}; {_AGREED}",
    ]


def test_the_sums_are_told() -> None:
    ours = frozenset({ROOT, LEAF})
    further = dataclasses.replace(HEARD, started=(OTHER,))
    refused = dataclasses.replace(HEARD, code=1114)
    lines = told(
        [
            Verdict(LOADS, ours, HEARD, False),
            Verdict(LOADS, ours, further, False),
            Verdict(FAILS, frozenset({ROOT}), LOST, False),
            Verdict(LOADS, ours, LOST, True),
            Verdict(LOADS, ours, refused, True),
        ]
    )

    assert list(lines)[-2:] == [
        f"without package folders, of 3 files: {_sums(2, 1, 0, 0)}",
        f"with package folders, of 2 files: {_sums(2, 0, 1, 1)}",
    ]


_CODE, _AGREED = "start-up code", "the imports agree"


def _sums(loads: int, further: int, failing: int, different: int) -> str:
    more = f"{further} of these get more from {_CODE}"
    return (
        f"{loads} load, {more}, {failing} of these fail in {_CODE}, {different} differ"
    )


def test_what_wine_does_not_find_is_read() -> None:
    output = r"""
0024:err:module:import_dll Library Absent.dll (which is needed by L"Z:\\a b\\m\00fcde.dll") not found
00ac:err:module:import_dll Loading library mid (which is needed by L"Z:\\root.pyd") failed (error c000007b).
00ac:err:module:LdrInitializeThunk Importing dlls failed, status c0000135
"""  # noqa: E501 -- as Wine writes it

    assert list(lost_imports(output)) == [
        ("0024", "absent.dll", "Z:\\a b\\müde.dll"),
        ("00ac", "mid.dll", "Z:\\root.pyd"),
    ]


def test_the_ends_of_chains_are_what_is_missing() -> None:
    chains = [("mid.dll", ROOT), ("absent.dll", "/site/Mid.dll"), ("absent.dll", ROOT)]

    assert ends(chains) == {("absent.dll", "/site/Mid.dll"), ("absent.dll", ROOT)}
