"""The table of CUDA: what a number in a name stands for."""

from __future__ import annotations

import pytest

from dllguard._tables._cuda import CUDNN, PARTS, WHEEL_SUFFIXES, WINGET


@pytest.mark.parametrize(
    ("part", "number", "title"),
    [
        ("cudart64", "110", "11"),
        ("cublas64", "12", "12"),
        ("cufft64", "11", "12"),
        ("cusolver64", "11", "11 or 12"),
        ("cusparse64", "12", "12 or 13"),
        ("curand64", "10", "10.1 or later"),
        ("nvrtc64", "112_0", "11.2 to 11.8"),
        ("nvjpeg64", "10", "10.1 or 10.2"),
        ("nppial64", "13", "13"),
    ],
)
def test_release(part: str, number: str, title: str) -> None:
    assert PARTS[part].releases[number].title == title


def test_every_release_has_a_wheel_or_is_older_than_them() -> None:
    majors = {
        major
        for part in PARTS.values()
        for release in part.releases.values()
        for major in release.majors
    }

    assert majors == {*WHEEL_SUFFIXES, 10}
    assert set(WINGET) == set(WHEEL_SUFFIXES)
    assert {major for row in CUDNN.values() for major in row} <= set(WHEEL_SUFFIXES)
