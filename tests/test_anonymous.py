"""What may leave a machine, and what a judgement of it still needs."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dllguard._hosts._anonymous import Secrets, anonymous
from dllguard._paths import base_name, folder_of, is_native

ALICE = Secrets(
    users=("alice",),
    hosts=("ALICE-PC", "alice-pc.corp.example"),
    domains=("CORP",),
    homes=(r"C:\Users\alice", "/home/alice"),
)


def written(text: str, secrets: Secrets = ALICE, *beside: str) -> str:
    """Return a text as it leaves a machine that also knows the other texts."""
    changed: str = anonymous([text, *beside], secrets)[0]
    return changed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"C:\Users\alice\venv\Lib", r"C:\Users\user1\venv\Lib"),
        ("c:/users/ALICE/venv", "c:/users/USER1/venv"),
        (r"\\?\C:\Users\Alice", r"\\?\C:\Users\User1"),
        (r"Z:\home\alice\.wine", r"Z:\home\user1\.wine"),
        (r"\\?\unix\home\alice\x", r"\\?\unix\home\user1\x"),
        ("/mnt/c/Users/alice/x", "/mnt/c/Users/user1/x"),
        ("file:///C:/Users/alice/x", "file:///C:/Users/user1/x"),
        (r"C:\Documents and Settings\alice", r"C:\Documents and Settings\user1"),
        (r"\\wsl$\Ubuntu\home\alice\x", r"\\wsl$\Ubuntu\home\user1\x"),
        (r"D:\alice-tools\bin", r"D:\user1-tools\bin"),
        (r"D:\tools_of_alice\bin", r"D:\tools_of_user1\bin"),
        (r"\\ALICE-PC\share\x", r"\\host0001\share\x"),
        (r"\\?\UNC\alice-pc\c$", r"\\?\UNC\host0001\c$"),
        ("//alice-pc/share/x", "//host0001/share/x"),
        (r"CORP\alice", r"domain1\user1"),
        ("ALICE-PC (x64); alice", "host0001 (x64); user1"),
        ("at alice-pc.corp.example", "at host00000000000000002"),
        (r"C:\a;C:\Users\alice\bin;D:\b", r"C:\a;C:\Users\user1\bin;D:\b"),
        ("/bin:/home/alice/bin", "/bin:/home/user1/bin"),
        (r"no file C:\Users\alice, it says", r"no file C:\Users\user1, it says"),
        (r"C:\malice\alice2\alicetools", r"C:\malice\alice2\alicetools"),
    ],
)
def test_own_names(text: str, expected: str) -> None:
    # The spelling that is met first is the plain one.
    assert written(text).lower() == expected.lower()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"C:\Users\bob\AppData\x", r"C:\Users\user2\AppData\x"),
        (r"C:\Users\Bob Fischer", r"C:\Users\user0000002"),
        (r"C:\Users\O'Brien\x", r"C:\Users\user002\x"),
        (r"C:\Users\Public\x", r"C:\Users\Public\x"),
        (r"C:\Users\Default User\x", r"C:\Users\Default User\x"),
        (r"C:\Users\All Users", r"C:\Users\All Users"),
        (r"C:\Users\..\Windows", r"C:\Users\..\Windows"),
        (r"C:\Users\core.dll", r"C:\Users\core.dll"),
        (r"\\files01\share\x", r"\\host001\share\x"),
        (r"\\localhost\share\x", r"\\localhost\share\x"),
        ("file://files01/share/x", "file://host001/share/x"),
        (r"C:\x\OneDrive - Acme Ltd\y", r"C:\x\OneDrive - domain02\y"),
        (
            r"C:\P\Lib\site-packages\users\models\_c.pyd",
            r"C:\P\Lib\site-packages\users\models\_c.pyd",
        ),
    ],
)
def test_names_of_others(text: str, expected: str) -> None:
    secrets = Secrets(users=("alice",), domains=("CORP",))

    assert written(text, secrets) == expected


def test_another_user_is_known_everywhere() -> None:
    given = [r"C:\Users\bob\x", r"D:\bob\bob-tools", r"E:\x of Bob\y"]

    assert anonymous(given, ALICE) == [
        r"C:\Users\user2\x",
        r"D:\user2\user2-tools",
        r"E:\x of User2\y",
    ]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "git+https://alice:ghp_1x@git.example/x.git",
            "git+https://login1@git.example/x.git",
        ),
        ("https://ghp_1x@example.org/simple", "https://login1@example.org/simple"),
        ("https://x.org/a.whl?sig=abc&v=2", "https://x.org/a.whl?sig=login1&v=2"),
        ("https://x.org/t/ab-1/main/", "https://x.org/t/login1/main/"),
        ("ssh://git@example.org/x", "ssh://git@example.org/x"),
        ("https://example.org/x", "https://example.org/x"),
    ],
)
def test_credentials_of_a_url(url: str, expected: str) -> None:
    assert written(url) == expected


@pytest.mark.parametrize(
    "name", ["torch", "Lib", "Python", "Windows", "x", "a", "shapes", "files", "dll"]
)
def test_a_name_that_is_a_word_is_replaced_where_it_stands_for_a_user(
    name: str,
) -> None:
    kept = [
        "torch_cpu.dll",
        "torch",
        "torch>=2.0",
        r"C:\Windows\System32\kernel32.dll",
        r"C:\Python\Lib\site-packages\shapes\x.dll",
        rf"D:\{name}\a\x.pyd",
        "api-ms-win-core-file-l1-1-0",
    ]
    secrets = Secrets(
        (name,), (name,), (name,), (rf"C:\Users\{name}", rf"D:\people\{name}")
    )
    data = {
        "files": kept,
        "variables": {"USERNAME": name, "LOGONSERVER": rf"\\{name}"},
        "homes": [rf"C:\Users\{name}\y", rf"d:/people/{name}", rf"\\{name}\share"],
    }

    changed: dict[str, Any] = anonymous(data, secrets)

    assert changed["files"] == kept
    left = json.dumps([changed["variables"], changed["homes"]])
    assert not re.search(rf"(?<!\w){name}(?!\w)", left)
    assert changed["homes"][0].startswith("C:\\Users\\")
    assert changed["homes"][1].startswith("d:/people/")


def test_home_on_a_drive_of_its_own() -> None:
    secrets = Secrets(homes=(r"D:\torch",))

    assert written(r"d:\Torch\x", secrets) == r"d:\User1\x"
    assert written(r"E:\torch\x", secrets) == r"E:\torch\x"
    assert written(r"D:\torch2\x", secrets) == r"D:\torch2\x"


def test_names_of_distributions_stay() -> None:
    data = {
        "distributions": [{"name": "alice-tools", "version": "1.0"}],
        r"C:\P\Lib\site-packages\alice_tools\x": ["alice.dll"],
        "requires": ["alice_tools>=1", "numpy", "of-alice ; extra == 'x'"],
        "record": [
            {"path": "alice_tools/_c.pyd"},
            {"path": "alice_tools-1.0.dist-info/RECORD"},
            {"path": "shapes/alice/_c.pyd"},
            {"path": "of_alice/__init__.py"},
        ],
        "top_level": ["alice_tools", "of_alice", "of_alice.core"],
        "symbols": ["alice", "alice_tools_init"],
        "forwarders": [[0, "?run@alice@@YAXXZ"]],
    }

    assert anonymous(data, ALICE) == data


def test_8_3_names_go_with_the_long_one() -> None:
    given = [
        r"C:\Users\ALEXAN~1\AppData",
        r"C:\Users\Alexander Smith\AppData",
        r"C:\Users\CAROL~1.SMI\AppData",
        r"C:\Users\carol.smith\AppData",
        r"C:\Users\DA1B2~1\x",
    ]

    assert anonymous(given, Secrets()) == [
        r"C:\Users\USER01~1\AppData",
        r"C:\Users\user00000000001\AppData",
        r"C:\Users\USER00002~1\AppData",
        r"C:\Users\user0000002\AppData",
        r"C:\Users\USER3~1\x",
    ]


def test_folders_listed_without_their_path() -> None:
    data = {
        r"C:\Users": ["Public", "desktop.ini", "bob", "x"],
        r"D:\people": {"names": ["Torch", "x.dll"], "files": {"x.dll": {}}},
        r"D:\other": ["torch", "x"],
        r"C:\Users\bob": ["torch"],
    }

    assert anonymous(data, Secrets(homes=(r"D:\people\torch",))) == {
        r"C:\Users": ["Public", "desktop.ini", "user2", "user3"],
        r"D:\people": {"names": ["User1", "x.dll"], "files": {"x.dll": {}}},
        r"D:\other": ["torch", "x"],
        r"C:\Users\user2": ["torch"],
    }


def test_length_and_ascii_of_a_path_stay() -> None:
    # A path of 260 characters is too long; ANSI programs fail in other characters.
    for name in ("alexander.smith", "J\u00fcrgen", "maria"):
        path = rf"C:\Users\{name}\x"

        changed = written(path)

        assert len(changed) == len(path)
        assert changed.isascii() == path.isascii()


def test_a_name_that_reads_like_a_stand_in_is_none_of_ours() -> None:
    given = [r"C:\Users\user1", r"C:\Users\bob", r"D:\user2", r"C:\Users\user20231187"]

    assert anonymous(given, Secrets()) == [
        r"C:\Users\user1",
        r"C:\Users\user3",
        r"D:\user2",
        r"C:\Users\user00000004",
    ]


def test_what_is_no_text_stays() -> None:
    data: dict[str, object] = {
        "a": 1,
        "b": None,
        "c": [True, 1.5, (r"C:\Users\bob",)],
        "d": {},
    }

    assert anonymous(data, ALICE) == {
        "a": 1,
        "b": None,
        "c": [True, 1.5, [r"C:\Users\user2"]],
        "d": {},
    }


PLANTED = ("zyxwvut", "Qorvax Blythe", "plumzig.ondrake", "J\u00fcrkmann", "VORPAL-9")
SPELLINGS = st.sampled_from([str, str.upper, str.title])
COMMON = ("torch", "Lib", "Python", "Windows", "x", "a", "user1", "USER2", "host1")
NAMES = st.one_of(
    st.builds(lambda name, spell: spell(name), st.sampled_from(PLANTED), SPELLINGS),
    st.sampled_from([*COMMON, "QORVAX~1", "PLUMZI~1.OND", "Public", "O'Neil"]),
)
STARTS = st.sampled_from(
    [
        "C:\\Users\\{}",
        "c:/users/{}",
        "\\\\?\\C:\\Users\\{}",
        "Z:\\home\\{}",
        "/home/{}",
        "D:\\people\\{}",
        "\\\\{}\\share",
        "D:\\{}",
        "E:\\of_{}-x\\y",
    ]
)
FOLDERS = st.sampled_from(
    [
        *"AppData Local Lib site-packages torch lib Users people home x".split(),
        *("user1", "user02", "Host1", "Program Files", "a b", "zyxwvut", "vorpal-9"),
    ]
)
FILES = st.sampled_from(
    ["c10.dll", "torch_cpu.dll", "zyxwvut.dll", "a.pyd", "user1.dll", "x", "vorpal-9"]
)


@st.composite
def paths(draw: st.DrawFn) -> str:
    start = draw(STARTS).format(draw(NAMES))
    separator = "/" if "/" in start else "\\"
    return separator.join([start, *draw(st.lists(FOLDERS, max_size=4)), draw(FILES)])


SECRETS = st.builds(
    Secrets,
    users=st.lists(NAMES, max_size=2).map(tuple),
    hosts=st.lists(NAMES, max_size=2).map(tuple),
    homes=st.lists(NAMES.map("D:\\people\\{}".format), max_size=2).map(tuple),
)


def _data(every: list[str]) -> dict[str, object]:
    folders = [folder_of(path) for path in every]
    return {
        "folders": {
            folder: [base_name(path)]
            for folder, path in zip(folders, every, strict=True)
        },
        "files": every,
        "of": folders,
    }


@given(st.lists(paths(), max_size=12, unique=True), SECRETS)
@example([r"C:\Users\user1\x", r"D:\zyxwvut\x"], Secrets(users=("zyxwvut",)))
def test_paths_stay_apart_and_what_is_in_them(every: list[str], own: Secrets) -> None:
    data = _data(every)

    changed: dict[str, Any] = anonymous(data, own)

    files, folders = changed["files"], changed["of"]
    assert len(set(files)) == len(every)
    assert len({path.lower() for path in files}) == len({p.lower() for p in every})
    assert list(changed["folders"]) == list(dict.fromkeys(folders))
    for path, new, folder in zip(every, files, folders, strict=True):
        assert folder_of(new) == folder
        if is_native(path):
            assert base_name(new) == base_name(path)
    assert anonymous(changed, own) == changed


OF_NO_PACKAGE = paths().filter(lambda path: "site-packages" not in path)


@given(st.lists(OF_NO_PACKAGE, max_size=12, unique=True))
def test_no_planted_name_survives(every: list[str]) -> None:
    own = Secrets(PLANTED[:4], PLANTED[4:], (), (r"D:\people\torch",))

    text = "\n".join(anonymous(every, own)).lower()

    text = re.sub(r"[\w-]+\.dll", "", text)
    for name in PLANTED:
        assert name.lower() not in text
    assert not re.search(r"[\\/]users[\\/](torch|x|windows|o'neil)[\\/]", text)
    assert "d:\\people\\torch\\" not in text
