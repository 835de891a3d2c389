"""What real loads say beside the verdict of the files, and how it is told."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pefile
import pytest

from dllguard._causes import _tried
from dllguard._causes._scene import Scene
from dllguard._causes._tried import alone, disagreements, try_again, try_all
from dllguard._hosts._host import Host
from dllguard._hosts._trial import Trial
from dllguard._loader._loads import Call, make
from dllguard._model import Fault, Link, Load
from dllguard._verdict import Diagnosis
from tests.bench import Bench, BenchFactory
from tests.pebuilder import build_pe
from tests.texts import golden, obey
from tests.trees import Tree

ON_WINDOWS = sys.platform == "win32"


def core(tree: Tree) -> str:
    return str(tree.site / "shapes" / "_core.pyd")


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a machine with one package, whose extension module is in order."""
    made = Tree(tmp_path)
    made.install("shapes", "1.0", {"shapes/_core.pyd": made.pe()})
    return made


def judged(tree: Tree, winerror: int = 0) -> Load:
    path = core(tree)
    link = Link("_core.pyd", path)
    faults = (Fault("missing", (link, Link("gone.dll")), winerror),)
    search = tree.live(tree.root / "added").process.search_list(path)
    return Load(path, search, faults if winerror else ())


def disagreeing(tree: Tree, winerror: int, trial: Trial) -> list[Diagnosis]:
    load = judged(tree, winerror)
    scene = Scene(tree.live(), "shapes")
    found = list(disagreements([load], {load.path: trial}, scene))
    for one in found:
        obey(tree.plain(one))
    return found


# The loader and the files.


@pytest.mark.parametrize("code", [0, 126, 193])
def test_both_say_the_same(tree: Tree, code: int) -> None:
    assert disagreeing(tree, code, Trial(core(tree), code)) == []


def test_what_was_not_tried_is_not_compared(tree: Tree) -> None:
    scene = Scene(tree.live(), "shapes")

    assert list(disagreements([judged(tree, 126)], {}, scene)) == []


@pytest.mark.parametrize(
    ("winerror", "ended", "severity", "told", "shown"),
    [
        pytest.param(0, {"code": 1114}, "error", "1114", 1114, id="refuses"),
        pytest.param(0, {"code": 4551}, "error", "4551", 4551, id="policy"),
        pytest.param(0, {"code": 126}, "error", "126", 126, id="not-found"),
        pytest.param(
            0,
            {"crashed": 0xC0000005},
            "error",
            "0xC0000005",
            0,
            id="crashes",
        ),
        pytest.param(
            0,
            {"crashed": -0x3FFFFFFB},
            "error",
            "0xC0000005",
            0,
            id="signed",
        ),
        pytest.param(
            0,
            {"timed_out": True},
            "error",
            "30 seconds",
            0,
            id="hangs",
        ),
        pytest.param(126, {"code": 0}, "warning", "126", 0, id="loads-after-all"),
        pytest.param(127, {"code": 126}, "warning", "126", 126, id="another-code"),
    ],
)
def test_one_knows_more(
    tree: Tree,
    winerror: int,
    ended: Mapping[str, Any],
    *,
    severity: str,
    told: str,
    shown: int,
) -> None:
    (found,) = disagreeing(tree, winerror, Trial(core(tree), **ended))

    assert (found.code, found.severity) == ("loader-disagrees", severity)
    assert told in found.headline
    assert found.winerror == shown
    assert found.culprit == "_core.pyd"


def test_text_of_a_load_that_fails(tree: Tree) -> None:
    (found,) = disagreeing(tree, 0, Trial(core(tree), 1114))

    golden("loader-disagrees", tree.plain(found))


def test_text_of_a_load_that_succeeds(tree: Tree) -> None:
    (found,) = disagreeing(tree, 127, Trial(core(tree), 0))

    golden("loader-disagrees-warning", tree.plain(found))


def test_added_folders_are_in_the_command_the_oldest_first(tree: Tree) -> None:
    path = core(tree)
    process = tree.live(tree.root / "newer", tree.root / "older").process
    load = Load(path, process.search_list(path))

    (found,) = disagreements(
        [load], {path: Trial(path, 1114)}, Scene(tree.live(), "shapes")
    )

    (command,) = tree.plain(found).help[0].commands
    assert "add_dll_directory(r'C:\\older'); os.add_dll_directory(r'C:\\newer')" in (
        command
    )


def test_command_for_a_path_with_an_apostrophe(tree: Tree) -> None:
    path = str(tree.write(tree.root / "O'Brien" / "a.dll"))

    (found,) = disagreements(
        [Load(path, ())], {path: Trial(path, 1114)}, Scene(tree.live(), path)
    )

    (command,) = found.help[0].commands
    compile(command.partition('"')[2].rpartition('"')[0], "command", "exec")


# Which files are tried, and how.


class Asked:
    """Stands for `try_load`: notes what it was asked, and lets every load succeed."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[str], dict[str, Any]]] = []

    def __call__(self, paths: Sequence[str], **options: Any) -> tuple[Trial, ...]:
        self.calls.append((list(paths), options))
        return tuple(Trial(path, 0) for path in paths)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    asked = Asked()
    monkeypatch.setattr(_tried, "try_load", asked)
    return asked


def test_files_are_tried_with_the_folders_of_their_load(
    tree: Tree, asked: Asked
) -> None:
    one, two, three = (
        str(tree.write(tree.root / "own" / f"{n}.dll")) for n in (1, 2, 3)
    )
    with_folder = tree.host(tree.root / "added").process
    without = tree.host().process
    loads = [
        Load(one, with_folder.search_list(one)),
        Load(two, without.search_list(two)),
        Load(three, with_folder.search_list(three)),
        Load(str(tree.root / "own" / "gone.dll"), ()),
    ]

    trials = try_all(loads, tree.host())

    assert set(trials) == {one, two, three}
    added = (str(tree.root / "added"),)
    assert [(paths, o["added"]) for paths, o in asked.calls] == [
        ([one, three], added),
        ([two], ()),
    ]
    assert {o["python"] for _, o in asked.calls} == {str(tree.python / "python.exe")}


def test_trials_have_the_flags_and_the_set_directory_of_the_process(
    tree: Tree, asked: Asked
) -> None:
    host = tree.host()
    process = replace(host.process, set_directory="C:\\set", extension_flags=8)

    try_all([judged(tree)], replace(host, process=process))

    ((_, options),) = asked.calls
    assert (options["set_directory"], options["flags"]) == ("C:\\set", 8)


def test_nothing_to_try(tree: Tree, asked: Asked) -> None:
    assert try_all([], tree.host()) == {}
    assert asked.calls == []


def test_second_attempt_of_torch_is_tried_as_it_is_made(
    tree: Tree, asked: Asked
) -> None:
    files = {"torch/lib/shm.dll": tree.pe("leaf.dll")}
    tree.install("torch", "2.9.0", files)
    tree.write(tree.root / "tools" / "leaf.dll")
    host = tree.live(path=[tree.root / "tools"])
    call = Call(str(tree.site / "torch" / "lib" / "shm.dll"), path_fallback=True)
    load = make(call, host.process)
    assert load.faults == ()

    try_all([load], host)

    assert asked.calls[-1][1]["flags"] == 0


# A load that is repeated after it failed.


@pytest.mark.parametrize("code", [0, 998, 1114])
def test_load_is_repeated_as_it_was(tree: Tree, asked: Asked, code: int) -> None:
    host = tree.live(tree.root / "added")

    assert try_again(core(tree), None, code, host) == Trial(core(tree), 0)
    assert try_again(core(tree), 8, code, host) is not None

    (first, options), (_, others) = asked.calls
    assert first == [core(tree)]
    assert options["added"] == host.process.added
    assert (options["flags"], others["flags"]) == (host.process.extension_flags, 8)
    # Somebody waits for the exception.
    assert options["timeout"] <= 5


@pytest.mark.parametrize("code", [5, 126, 127, 193, 1455, 4551, 14001])
def test_other_codes_say_enough(tree: Tree, asked: Asked, code: int) -> None:
    assert try_again(core(tree), None, code, tree.live()) is None
    assert asked.calls == []


@pytest.mark.parametrize("value", ["off", "OFF", "Off"])
def test_repeated_loads_are_off(
    tree: Tree, asked: Asked, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("DLLGUARD_TRIAL", value)

    assert try_again(core(tree), None, 1114, tree.live()) is None
    assert asked.calls == []


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("value", ["", "on", "1"])
def test_repeated_loads_are_on(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("DLLGUARD_TRIAL", value)

    assert try_again(core(tree), None, 1114, tree.live()) is not None


def test_only_a_file_of_this_process_is_repeated(tree: Tree, asked: Asked) -> None:
    gone = str(tree.root / "gone.dll")

    assert try_again(core(tree), None, 1114, tree.host()) is None
    assert try_again(gone, None, 1114, tree.live()) is None
    assert try_again("", None, 1114, tree.live()) is None
    assert try_again(str(tree.root), None, 1114, tree.live()) is None
    assert asked.calls == []


def test_repeated_load_that_does_not_end_tells_nothing(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials = (Trial(core(tree), timed_out=True),)
    monkeypatch.setattr(_tried, "try_load", lambda *_, **__: trials)

    assert try_again(core(tree), None, 1114, tree.live()) is None


@pytest.mark.skipif(ON_WINDOWS, reason="a trial is possible there")
def test_where_no_trial_can_be_made_nothing_is_told(tree: Tree) -> None:
    assert try_again(core(tree), None, 1114, tree.live()) is None


# What a repeated load proves.


def with_loaded(tree: Tree, **paths: str) -> Host:
    host = tree.live()
    loaded = {f"{name}.dll": path for name, path in paths.items()}
    return replace(host, process=replace(host.process, loaded=loaded))


@pytest.mark.parametrize(
    ("ended", "loaded", "said"),
    [
        pytest.param(
            {"code": 1114},
            {},
            "in a fresh process it fails with WinError 1114 as well: what this "
            "process had loaded before is not the reason.",
            id="fails",
        ),
        pytest.param(
            {"crashed": 0xC0000409},
            {},
            "in a fresh process its start-up code ends the process (0xC0000409).",
            id="crashes",
        ),
        pytest.param(
            {"crashed": -0x3FFFFFFB},
            {},
            "in a fresh process its start-up code ends the process (0xC0000005).",
            id="crashes-signed",
        ),
        pytest.param(
            {"code": 0, "modules": (r"C:\a\_core.pyd", r"C:\a\uv.dll")},
            {},
            "in a fresh process the same file loads: the reason is what this process "
            "had loaded before.",
            id="loads",
        ),
        pytest.param(
            {"code": 0, "modules": (r"C:\a\_core.pyd", r"C:\a\uv.dll")},
            {"uv": r"c:\A\UV.dll"},
            "in a fresh process the same file loads: the reason is what this process "
            "had loaded before.",
            id="same-copy-in-another-case",
        ),
        pytest.param(
            {"code": 0, "modules": (r"C:\a\uv.dll", r"C:\a\x.dll", r"C:\a\z.dll")},
            {"uv": r"C:\b\uv.dll", "z": r"C:\b\z.dll"},
            "in a fresh process the same file loads: the reason is what this process "
            "had loaded before. Other copies of uv.dll, z.dll were loaded here.",
            id="other-copies",
        ),
    ],
)
def test_what_a_repeated_load_proves(
    tree: Tree, ended: Mapping[str, Any], loaded: Mapping[str, str], said: str
) -> None:
    process = with_loaded(tree, **loaded).process

    assert alone(Trial("x", **ended), process) == said


# On a real Windows Python.

INIT = b"from . import _core\n"


@pytest.fixture(scope="module")
def bench(bench_factory: BenchFactory) -> Bench:
    """Return a Windows Python with packages that load, and some that do not."""
    bench = bench_factory()
    install(bench, "healthy", extension("own.dll"), {"own.dll": dll("own.dll")})
    install(bench, "missing", extension("gone.dll"))
    install(bench, "refusing", extension(dll_main_result=False))
    install(bench, "lacking", extension("old.dll"), {"old.dll": dll("old.dll", "g")})
    return bench


def extension(*imports: str, **fields: Any) -> bytes:
    wanted = {name: ["f"] for name in imports}
    return build_pe(
        name="_core.pyd", imports=wanted, exports=["PyInit__core"], **fields
    )


def dll(name: str, *exports: str) -> bytes:
    return build_pe(name=name, exports=exports or ["f"])


def install(
    bench: Bench,
    name: str,
    core: bytes,
    further: Mapping[str, bytes] = {},
    requires: str = "",
) -> None:
    files = {"_core.pyd": core, "__init__.py": INIT, **further}
    if requires:
        files["__init__.py"] = f"import {requires}\n".encode() + INIT
    site, info = bench.site_packages, f"{name}-1.0.dist-info"
    for file, content in files.items():
        bench.replace(site / name / file, content)
    fields = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    fields += f"Requires-Dist: {requires}\n" if requires else ""
    rows = "".join(f"{name}/{f},,{len(c)}\n" for f, c in files.items())
    bench.replace(site / info / "METADATA", fields.encode())
    bench.replace(site / info / "RECORD", rows.encode())


def check(bench: Bench, *args: str, **env: str) -> tuple[int, str]:
    done = bench.run("-m", "dllguard", "check", "--try", *args, env=env)
    assert done.stderr == ""
    return done.returncode, done.stdout


def checked(bench: Bench, *args: str, **env: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(check(bench, "--json", *args, **env)[1])
    return found


@pytest.mark.bench
@pytest.mark.parametrize(
    ("target", "line", "tried", "codes"),
    [
        pytest.param(
            "healthy",
            "healthy: ok, 1 native file would load; tried 1, the loader agrees on 1",
            [0, 0],
            [],
            id="healthy",
        ),
        pytest.param(
            "missing",
            "missing: FAIL, 1 of 1 native file would not load; tried 1, the loader "
            "agrees on 1",
            [126, 126],
            ["missing-dll error"],
            id="missing-import",
        ),
        pytest.param(
            "refusing",
            "refusing: FAIL; tried 1, the loader agrees on 0",
            [0, 1114],
            ["loader-disagrees error"],
            id="refuses",
        ),
        pytest.param(
            # Wine puts a stub where a function is missing.
            "lacking",
            "lacking: FAIL, 1 of 1 native file would not load; tried 1, the loader "
            "agrees on 0",
            [127, 0],
            ["missing-export error", "loader-disagrees warning"],
            id="missing-function",
        ),
    ],
)
def test_check_with_real_loads(
    bench: Bench, target: str, line: str, tried: list[int], codes: list[str]
) -> None:
    ended, text = check(bench, target)
    (found,) = checked(bench, target)["targets"]

    assert text.splitlines()[0] == line
    assert ended == bool(codes)
    assert [[f["winerror"], f["tried"]] for f in found["files"]] == [tried]
    assert [f"{d['code']} {d['severity']}" for d in found["diagnoses"]] == codes


@pytest.mark.bench
def test_check_of_several_targets(bench: Bench) -> None:
    ended, text = check(bench, "healthy", "refusing", "lacking")

    ends = [line.rpartition("agrees on ")[2] for line in text.splitlines()[:3]]
    assert (ended, ends) == (1, ["1", "0", "0"])
    severities = [
        line.partition(":")[0]
        for line in text.splitlines()
        if line.startswith(("error:", "warning:"))
    ]
    assert severities == ["error", "error", "warning"]


@pytest.mark.bench
def test_check_without_real_loads_tries_nothing(bench: Bench) -> None:
    done = bench.run("-m", "dllguard", "check", "--json", "refusing")

    (target,) = json.loads(done.stdout)["targets"]
    assert (done.returncode, target["ok"]) == (0, True)
    assert [file["tried"] for file in target["files"]] == [None]


@pytest.mark.bench
def test_check_of_a_file(bench: Bench) -> None:
    file = bench.windows_path(bench.site_packages / "refusing" / "_core.pyd")

    ended, text = check(bench, file)

    assert ended == 1
    assert text.splitlines()[0] == f"{file}: FAIL; tried 1, the loader agrees on 0"


@pytest.mark.bench
def test_what_a_requirement_brings_is_there_for_the_trial(bench: Bench) -> None:
    install(bench, "upper", extension("own.dll"), requires="healthy")

    found = checked(bench, "upper")["targets"][0]

    assert [[f["winerror"], f["tried"]] for f in found["files"]] == [[0, 0]] * 2


@pytest.mark.bench
def test_second_attempt_of_torch(bench: Bench) -> None:
    install(bench, "torch", extension(), {"lib/shm.dll": extension("late.dll")})
    late = bench.replace("tools/late.dll", dll("late.dll"))

    found = checked(bench, "torch", PATH=bench.windows_path(late.parent))["targets"][0]

    assert [[f["winerror"], f["tried"]] for f in found["files"]] == [[0, 0]] * 2


PRINT_NOTE = """
    import dllguard
    dllguard.install()
    {before}
    try:
        import {name}
    except ImportError as error:
        print(error.diagnosis.code, error.diagnosis.winerror)
        print(error.diagnosis.note)
        print(*(remedy.text for remedy in error.diagnosis.help), sep="; ")
"""


def explained(bench: Bench, name: str, before: str = "", **env: str) -> list[str]:
    code = textwrap.dedent(PRINT_NOTE).format(name=name, before=before)
    done = bench.run_code(code, env=env)
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.bench
def test_refusal_in_a_fresh_process_as_well(bench: Bench) -> None:
    code, note, ways = explained(bench, "refusing")

    assert code == "initialization-failed 1114"
    assert note.startswith("in a fresh process it fails with WinError 1114 as well: ")
    # That is what was tried.
    assert "before all others" not in ways


@pytest.mark.bench
def test_refusal_without_a_trial(bench: Bench) -> None:
    code, note, ways = explained(bench, "refusing", DLLGUARD_TRIAL="off")

    assert code == "initialization-failed 1114"
    assert "fresh process" not in note
    assert "before all others" in ways


MOV_AL_1_RET, XOR_EAX_RET = b"\xb0\1\xc3\xcc", b"\x31\xc0\xc3\xcc"


def answering(name: str, machine_code: bytes) -> bytes:
    """Build a DLL whose one function is this code."""
    image = dll(name)
    return image.replace(b"\xc3\xcc\xcc\xcc", machine_code, 1)


def asking(*imports: str) -> bytes:
    """Build an extension module that starts if the imported function says so."""
    image = bytearray(extension(*imports, dll_main_result=True))
    # delvewheel, once imported, makes fast_load the default.
    pe = pefile.PE(data=bytes(image), fast_load=False)
    header = pe.OPTIONAL_HEADER
    entry = header.AddressOfEntryPoint
    slot = pe.DIRECTORY_ENTRY_IMPORT[0].imports[0].address - header.ImageBase
    at = pe.get_offset_from_rva(entry)
    # A jump through the import address table, relative to what follows it.
    image[at : at + 6] = b"\xff\x25" + (slot - entry - 6).to_bytes(4, "little")
    return bytes(image)


@pytest.mark.bench
def test_refusal_because_of_what_was_loaded_before(bench: Bench) -> None:
    files = {"uv.dll": answering("uv.dll", MOV_AL_1_RET)}
    install(bench, "picky", asking("uv.dll"), files)
    other = bench.replace("other/uv.dll", answering("uv.dll", XOR_EAX_RET))
    before = f"import ctypes; ctypes.WinDLL(r'{bench.windows_path(other)}')"

    code, note, _ = explained(bench, "picky", before)

    assert code == "conflicting-copies 1114"
    assert note.startswith("in a fresh process the same file loads: the reason is ")
    assert "Other copies of uv.dll were loaded here." in note


@pytest.mark.skipif(ON_WINDOWS, reason="files can be loaded there")
def test_only_windows_can_load_the_files(
    capsys: pytest.CaptureFixture[str], tree: Tree
) -> None:
    from dllguard._cli import main

    code = main(["check", "--python", str(tree.python), "--try", "shapes"])

    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert said.err == "dllguard: --try: only Windows can load the files\n"
