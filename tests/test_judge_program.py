"""The judge sees what Windows' loader is known to do, and tells it truly.

The loads are ruled on together, in one run of the program: see `jobs`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.bench import Bench, BenchFactory
from tests.judge import HUNG, Job, Judge, JudgeError, Ruling
from tests.pebuilder import X86, build_pe, write_pe

START = ["judge.exe", "ntdll.dll", "kernel32.dll", "kernelbase.dll"]

# Machine code for an entry point in the place of `mov eax, 1; ret`.
RETURN_TRUE = b"\xb8\1\0\0\0\xc3"
FAIL_FAST = b"\xb9\7\0\0\0\xcd\x29"  # mov ecx, 7; int 29h
LOOP = b"\xeb\xfe"  # jmp $

STATUS_STACK_BUFFER_OVERRUN = 0xC0000409


@dataclasses.dataclass(frozen=True)
class Places:
    """Folders that a load may look into; only some are on its list."""

    file: Path
    application: Path
    older: Path
    newer: Path
    system: Path
    path: Path
    elsewhere: Path

    def put(self, place: str, name: str, *imports: str, **fields: Any) -> Path:
        """Write a DLL that exports `f` and imports that from others."""
        wanted = {imported: ["f"] for imported in imports}
        folder: Path = getattr(self, place)
        return write_pe(folder / name, imports=wanted, exports=["f"], **fields)

    def of(self, path: str) -> str:
        """Name the place of a file, and the file."""
        found = [
            field.name
            for field in dataclasses.fields(self)
            if Path(path).parent == getattr(self, field.name)
        ]
        return f"{found[0]}/{Path(path).name}" if found else path


# Which copies there are of one DLL, and which of them loads, by flags.
SEARCHES = [
    ("file application older newer system", 0x1100, "file"),
    ("application older newer system", 0x1100, "application"),
    ("older newer system", 0x1100, "newer"),
    ("older system", 0x1100, "older"),
    ("system", 0x1100, "system"),
    ("path elsewhere", 0x1100, None),
    ("file path", 0, "path"),
    ("file application path", 8, "file"),
    ("file application", 0x1000, "application"),
]


def search_name(number: int) -> str:
    return f"searched{number}.dll"


def jobs(places: Places) -> dict[str, Job]:
    """Write the DLLs; return the loads to rule on."""
    put = places.put
    absent = places.elsewhere / "absent"
    folders = (places.older, places.newer)
    found: dict[str, Job] = {}

    for number, (copies, flags, _) in enumerate(SEARCHES):
        for place in copies.split():
            put(place, search_name(number))
        top = put("file", f"top{number}.dll", search_name(number))
        path = (places.path,)
        found[search_name(number)] = Job(top, folders, flags=flags, path=path)

    put("file", "left.dll", "bottom.dll")
    put("file", "right.dll", "BOTTOM.DLL")
    put("file", "bottom.dll")
    diamond = put("file", "diamond.dll", "left.dll", "right.dll")
    found["diamond"] = Job(diamond)

    lacking = put("file", "lacking.dll", "nowhere.dll")
    found["dependency absent"] = Job(lacking)
    found["file absent"] = Job(absent / "x.dll")
    (places.file / "text.dll").write_text("<html>", encoding="ascii")
    found["text"] = Job(places.file / "text.dll")
    found["other machine"] = Job(put("file", "x86.dll", machine=X86))
    found["relative path"] = Job("diamond.dll", current=places.file)
    refusing = put("file", "refusing.dll", dll_main_result=False)
    found["refuses"] = Job(refusing)

    put("newer", "fits.dll", machine=X86)
    put("older", "fits.dll")
    found["other machine on the list"] = Job("fits.dll", folders, flags=0x1000)

    copy = put("elsewhere", "bottom.dll")
    found["base name"] = Job(diamond, first=((copy, 0x1100), (lacking, 0x1100)))
    second = put("elsewhere", "diamond.dll", "bottom.dll")
    found["two of a name"] = Job(second, first=((diamond, 0x1100),))
    system = put("elsewhere", "version.dll")
    found["name of a system DLL"] = Job(system)

    put("elsewhere", "Cased.DLL")
    top = put("file", "cased.dll", "elsewhere.dll")
    found["folders"] = Job("CASED.dll", (absent, places.elsewhere), flags=0x400)
    found["set directory"] = Job(
        "cased.dll", flags=0, set_directory=places.elsewhere, path=()
    )
    odd = places.file / "Ünïcode 中 'x'; {y} %z%"
    odd.mkdir()
    found["odd characters"] = Job(write_pe(odd / " é.dll"))
    found["python"] = Job("python311.dll", flags=0)
    entry = build_pe(dll_main_result=True)
    write_machine_code(places.file / "ends.dll", entry, FAIL_FAST)
    first = ((diamond, 0x1100),)
    found["ends"] = Job(places.file / "ends.dll", first=first)
    return found


def write_machine_code(path: Path, image: bytes, code: bytes) -> Path:
    assert image.count(RETURN_TRUE) == 1
    at = image.index(RETURN_TRUE)
    path.write_bytes(image[:at] + code + image[at + len(code) :])
    return path


@pytest.fixture(scope="module")
def bench(bench_factory: BenchFactory) -> Bench:
    """Return a bench that the loads below alter."""
    return bench_factory()


@pytest.fixture(scope="module")
def places(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Return empty folders beside those of the bench."""
    root = tmp_path_factory.mktemp("places")
    names = ("file", "older", "newer", "path", "elsewhere")
    made = {name: root / name for name in names}
    for folder in made.values():
        folder.mkdir()
    return Places(application=bench.python_dir, system=bench.system32, **made)


@pytest.fixture(scope="module")
def rulings(bench: Bench, places: Places) -> Mapping[str, Ruling]:
    """Return what the judge says of each job."""
    todo = jobs(places)
    return dict(zip(todo, Judge(bench).rule(list(todo.values())), strict=True))


@pytest.fixture
def loaded(rulings: Mapping[str, Ruling], places: Places) -> Callable[[str], list[str]]:
    """Return what a job has loaded beyond what each process starts with."""

    def modules(job: str) -> list[str]:
        return [places.of(path) for path in list(rulings[job].paths.values())[4:]]

    return modules


@pytest.mark.bench
def test_a_job_starts_with_the_least(rulings: Mapping[str, Ruling]) -> None:
    assert list(rulings["file absent"].paths) == START


@pytest.mark.bench
@pytest.mark.parametrize(
    "number",
    range(len(SEARCHES)),
    ids=[f"{flags:#x} of {copies}" for copies, flags, _ in SEARCHES],
)
def test_search_order(
    number: int,
    rulings: Mapping[str, Ruling],
    places: Places,
) -> None:
    ruling = rulings[search_name(number)]
    path = ruling.paths.get(search_name(number))

    winner = SEARCHES[number][2]
    assert (path and places.of(path)) == (winner and f"{winner}/{search_name(number)}")
    assert ruling.code == (0 if winner else 126)


@pytest.mark.bench
@pytest.mark.parametrize(
    ("job", "code"),
    [
        ("dependency absent", 126),
        ("file absent", 126),
        ("text", 193),
        ("other machine", 193),
        ("relative path", 87),
        ("refuses", 1114),
    ],
)
def test_a_failure_has_its_code(
    job: str, code: int, rulings: Mapping[str, Ruling]
) -> None:
    ruling = rulings[job]

    assert (ruling.code, ruling.crashed) == (code, None)
    assert list(ruling.paths) == START


@pytest.mark.bench
@pytest.mark.parametrize(
    ("job", "modules"),
    [
        ("diamond", "file/diamond.dll file/left.dll file/bottom.dll file/right.dll"),
        ("other machine on the list", "older/fits.dll"),
        ("name of a system DLL", "elsewhere/version.dll"),
        ("set directory", "elsewhere/Cased.DLL"),
    ],
)
def test_modules_are_listed(
    job: str,
    modules: str,
    rulings: Mapping[str, Ruling],
    loaded: Callable[[str], list[str]],
) -> None:
    assert rulings[job].code == 0
    assert sorted(loaded(job)) == sorted(modules.split())


@pytest.mark.bench
def test_a_loaded_base_name_answers(
    rulings: Mapping[str, Ruling], loaded: Callable[[str], list[str]]
) -> None:
    ruling = rulings["base name"]

    assert (ruling.first_codes, ruling.code) == ((0, 126), 0)
    assert loaded("base name")[0] == "elsewhere/bottom.dll"
    assert "file/bottom.dll" not in loaded("base name")


@pytest.mark.bench
def test_of_two_modules_of_a_name_the_first_is_mapped(
    rulings: Mapping[str, Ruling], places: Places
) -> None:
    ruling = rulings["two of a name"]

    assert len(ruling.modules) == len(ruling.paths) + 1
    assert ruling.modules[-1].endswith("\\elsewhere\\diamond.dll")
    assert ruling.paths["diamond.dll"] == str(places.file / "diamond.dll")


@pytest.mark.bench
def test_an_absent_folder_is_refused(
    rulings: Mapping[str, Ruling], places: Places
) -> None:
    ruling = rulings["folders"]

    assert (ruling.folder_codes, ruling.code) == ((2, 0), 0)
    # As the file is written, not as it was asked for.
    assert ruling.paths["cased.dll"] == str(places.elsewhere / "Cased.DLL")


@pytest.mark.bench
def test_paths_are_told_character_by_character(
    rulings: Mapping[str, Ruling], places: Places
) -> None:
    ruling = rulings["odd characters"]

    folder = places.file / "Ünïcode 中 'x'; {y} %z%"
    assert ruling.paths[" é.dll"] == str(folder / " é.dll")
    assert ruling.modules[-1].endswith("\\file\\Ünïcode 中 'x'; {y} %z%\\ é.dll")


@pytest.mark.bench
def test_the_application_folder_is_that_of_python(
    rulings: Mapping[str, Ruling], bench: Bench
) -> None:
    paths = rulings["python"].paths

    assert paths["python311.dll"] == str(bench.python_dir / "python311.dll")
    assert paths["vcruntime140.dll"] == str(bench.python_dir / "vcruntime140.dll")
    assert paths["ucrtbase.dll"] == str(bench.system32 / "ucrtbase.dll")


@pytest.mark.bench
def test_a_process_that_ends_is_no_failure(rulings: Mapping[str, Ruling]) -> None:
    ruling = rulings["ends"]

    assert ruling.crashed == STATUS_STACK_BUFFER_OVERRUN
    assert (ruling.code, ruling.first_codes, ruling.modules) == (-1, (0,), ())


@pytest.mark.bench
def test_a_process_that_hangs_is_ended(bench: Bench, tmp_path: Path) -> None:
    image = build_pe(dll_main_result=True)
    hanging = write_machine_code(tmp_path / "hanging.dll", image, LOOP)
    healthy = write_pe(tmp_path / "healthy.dll")
    judge = Judge(bench, children=1, limit=3)

    first, second, third = judge.rule([Job(healthy), Job(hanging), Job(healthy)])

    assert (second.crashed, second.code) == (HUNG, -1)
    assert (first.code, first.modules) == (0, third.modules)


@pytest.mark.bench
def test_no_jobs_no_rulings(bench: Bench) -> None:
    assert Judge(bench).rule([]) == []


@pytest.mark.bench
def test_a_job_that_cannot_be_prepared_is_an_error(
    bench: Bench, tmp_path: Path
) -> None:
    job = Job("kernel32.dll", flags=0, current=tmp_path / "absent")

    with pytest.raises(JudgeError, match=r"current 2, for Job\(file='kernel32"):
        Judge(bench).rule([job])


@pytest.mark.bench
def test_a_name_that_would_be_read_as_another_line_is_an_error(bench: Bench) -> None:
    with pytest.raises(ValueError, match=r"no plan can hold .*a\\nload 0 b"):
        Judge(bench).rule([Job("a\nload 0 b")])


@pytest.mark.bench
def test_files_of_the_prefix_lie_on_drive_c(bench: Bench) -> None:
    judge = Judge(bench)

    assert judge.windows_path(bench.system32 / "a.dll") == r"C:\windows\system32\a.dll"
    assert judge.windows_path(Path("/x/a.dll")) == r"Z:\x\a.dll"
    assert judge.windows_path("a.dll ") == "a.dll "
