"""Whose machine it is, from variables of Windows, Wine and other systems."""

from __future__ import annotations

import os
import socket

import pytest

from dllguard._hosts._secrets import (
    HOST_VARIABLES,
    Secrets,
    parts_of_home,
    secrets_of,
    secrets_of_this_machine,
)

WINDOWS = {
    "USERNAME": "alice",
    "USERDOMAIN": "CORP",
    "USERDNSDOMAIN": "CORP.EXAMPLE",
    "COMPUTERNAME": "ALICE-PC",
    "LOGONSERVER": r"\\DC01",
    "USERPROFILE": r"C:\Users\alice.CORP",
    "HOMEDRIVE": "H:",
    "HOMEPATH": "\\",
    "APPDATA": r"C:\Users\alice.CORP\AppData\Roaming",
    "TEMP": r"C:\Users\ALICE~1.COR\AppData\Local\Temp",
    "TMP": r"D:\Temp",
}


def test_variables_of_windows() -> None:
    assert secrets_of(WINDOWS) == Secrets(
        users=("alice",),
        hosts=("ALICE-PC", "DC01"),
        domains=("CORP", "CORP.EXAMPLE"),
        homes=(r"C:\Users\alice.CORP", "\\", r"C:\Users\ALICE~1.COR"),
    )


def test_variables_of_wine_and_posix() -> None:
    found = secrets_of(
        {
            "USERNAME": "carol",
            "LOGNAME": "carol",
            "HOME": "/home/carol",
            "WINEHOMEDIR": r"\??\unix\home\carol",
        }
    )

    assert found.users == ("carol",)
    assert found.homes == ("/home/carol", r"\??\unix\home\carol")


def test_account_of_a_service_is_named_after_its_machine() -> None:
    found = secrets_of({"USERNAME": "BUILD-7$", "COMPUTERNAME": "BUILD-7"})

    assert found == Secrets(users=("BUILD-7",), hosts=("BUILD-7",))


def test_no_variables_no_secrets() -> None:
    assert secrets_of({}) == Secrets()


@pytest.mark.parametrize(
    ("home", "parts"),
    [
        (r"C:\Users\alice", ("C:", "Users", "alice")),
        (r"c:/Users/alice/", ("c:", "Users", "alice")),
        (r"\Users\alice", ("", "Users", "alice")),
        (r"\\files01\homes$\alice", ("", "homes$", "alice")),
        (r"D:\alice", ("D:", "alice")),
        ("/home/alice", ("", "home", "alice")),
        ("/root", ()),
        ("/alice", ()),
        ("/", ()),
        ("\\", ()),
        ("", ()),
        (r"C:\Windows\system32\config\systemprofile", ()),
    ],
)
def test_parts_of_a_home(home: str, parts: tuple[str, ...]) -> None:
    assert parts_of_home(home) == parts


def test_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USERNAME", "zyxwvut")
    monkeypatch.setenv("USERPROFILE", r"C:\Users\zyxwvut")

    found = secrets_of_this_machine()

    assert "zyxwvut" in found.users
    assert r"C:\Users\zyxwvut" in found.homes
    assert os.path.expanduser("~") in found.homes
    assert found.hosts


def test_of_a_machine_that_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process without a terminal has no login, and a container may have no name."""

    def refuse() -> str:
        raise OSError(6, "No such device or address")

    monkeypatch.setattr(os, "getlogin", refuse)
    monkeypatch.setattr(socket, "gethostname", refuse)
    for name in HOST_VARIABLES:
        monkeypatch.delenv(name, raising=False)

    assert secrets_of_this_machine().hosts == ()
