"""What all tests share: Hypothesis' settings, a machine, the bench under Wine."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests.bench import Bench, BenchUnavailableError, make_bench
from tests.trees import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.bench import BenchFactory

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")

# Behind a shell's & it is ignored, and would be in each process that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

_UNAVAILABLE = pytest.StashKey[str]()


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a machine without packages."""
    return Tree(tmp_path)


@pytest.fixture(autouse=True)
def own_cache(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Keep small wheels of tests out of the user's cache; benches fetch into it."""
    if request.node.get_closest_marker("bench") is None:
        cache = tmp_path_factory.getbasetemp() / "cache"
        monkeypatch.setenv("DLLGUARD_CACHE", str(cache))


@pytest.fixture(scope="session")
def bench_factory(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BenchFactory]:
    """Make benches that live until the end of the session, a new one at each call.

    Where none can be made, the test is skipped; with ``DLLGUARD_REQUIRE_BENCH=1`` in
    the environment it fails.
    """
    benches: list[Bench] = []

    def factory(
        *requirements: str,
        overlay: Sequence[str] = (),
        redistributable: bool = False,
    ) -> Bench:
        try:
            bench = make_bench(
                *requirements,
                into=tmp_path_factory.mktemp("bench"),
                overlay=overlay,
                redistributable=redistributable,
            )
        except BenchUnavailableError as unavailable:
            reason = f"no bench: {unavailable}"
        else:
            benches.append(bench)
            return bench
        request.config.stash[_UNAVAILABLE] = reason
        if os.environ.get("DLLGUARD_REQUIRE_BENCH") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)

    yield factory
    for bench in benches:
        bench.kill()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that wait for Wine, so that no process ends with them."""
    slow = {item.path for item in items if item.get_closest_marker("bench")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say why the bench was missing, which pytest shows only when asked."""
    reason = config.stash.get(_UNAVAILABLE, None)
    if reason:
        terminalreporter.write_line(reason)
