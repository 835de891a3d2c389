"""The model agrees with Wine's loader on random forests.

``DLLGUARD_FORESTS`` in the environment says on how many.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePosixPath
from typing import Any, Final

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase

from dllguard._tables._load_flags import ALTERED_PATH
from tests.bench import BenchFactory
from tests.forests import doubtful_modules, forests, plant
from tests.judge import Judge, Ruling
from tests.planting import Outcome, Planted, Planting

COUNT: Final = int(os.environ.get("DLLGUARD_FORESTS", "500"))

# Hypothesis draws many a forest twice.
_REPEATED: Final = 2

# One job takes three times as long in a run of the judge for itself.
_AT_A_TIME: Final = 250


class Nursery:
    """Where forests are planted, judged and taken away again.

    :param judge: on whose bench.
    :param root: an empty folder.
    """

    def __init__(self, judge: Judge, root: Path) -> None:
        self._judge = judge
        self._root = root
        self._differences: dict[str, str] = {}
        self._number = 0
        self.codes: Counter[int] = Counter()

    def judge(self, some: Sequence[Planting]) -> Iterator[str]:
        """Judge forests; yield what is said of each that the two disagree about."""
        for start in range(0, len(some), _AT_A_TIME):
            batch = some[start : start + _AT_A_TIME]
            planted = [self._plant(forest) for forest in batch]
            try:
                rulings = self._judge.rule([forest.job() for forest in planted])
                for forest, one, ruling in zip(batch, planted, rulings, strict=True):
                    difference = self._compare(one, ruling)
                    self._differences[repr(forest)] = difference
                    if difference:
                        yield difference
            finally:
                for one in planted:
                    one.remove()

    def check(self, forest: Planting) -> None:
        """Fail where the two disagree about a forest. What was judged is remembered."""
        if repr(forest) not in self._differences:
            list(self.judge([forest]))
        difference = self._differences[repr(forest)]
        assert not difference, difference

    def _plant(self, forest: Planting) -> Planted:
        self._number += 1
        name = str(self._number)
        return plant(forest, self._judge, self._root / name, f"q{name}-")

    def _compare(self, planted: Planted, ruling: Ruling) -> str:
        told, heard = planted.told(on_wine=True), planted.heard(ruling)
        self.codes[heard.code] += 1
        if told == heard and ruling.crashed is None:
            return ""
        doubtful = doubtful_modules(planted)
        different = told.modules ^ heard.modules
        alike = told.first_codes == heard.first_codes and heard.code == 0
        # Where Wine alone loads the file, any of them may be why.
        if alike and doubtful and (told.code or different <= doubtful):
            return ""
        return "\n".join(_described(planted.planting, told, heard, ruling))


def _described(
    forest: Planting, told: Outcome, heard: Outcome, ruling: Ruling
) -> Iterator[str]:
    first = [f"{file} ({flags:#x})" for file, flags in forest.first]
    yield f"load {forest.asked} with {forest.flags:#x}, after {first}"
    if forest.set_directory:
        yield f"  after SetDllDirectory({forest.set_directory})"
    for file, content in forest.files.items():
        yield f"  {file}: {_contents(content)}"
    yield f"  the model: {told.code}, before {list(told.first_codes)}"
    yield f"  the loader: {heard.code}, before {list(heard.first_codes)}"
    if ruling.crashed is not None:
        yield f"  the process ended with {ruling.crashed:#x}"
    yield f"  only the model has {sorted(told.modules - heard.modules)}"
    yield f"  only the loader has {sorted(heard.modules - told.modules)}"


def _contents(content: Mapping[str, Any] | bytes) -> str:
    if isinstance(content, bytes):
        return f"{len(content)} bytes, {content[:8]!r}"
    return ", ".join(f"{field} {value}" for field, value in content.items() if value)


def _drawing(check: Callable[[Planting], None], seed: int, count: int) -> None:
    """Draw forests, the same ones for the same seed, and shrink one that fails."""
    settings = hypothesis.settings(
        max_examples=count,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )

    @hypothesis.seed(seed)
    @settings
    @hypothesis.given(forests())
    def draw(forest: Planting) -> None:
        check(forest)

    draw()


def _seed() -> int:
    derandomized = hypothesis.settings().derandomize
    return 0 if derandomized else random.getrandbits(64)


def _distinct(drawn: Sequence[Planting]) -> list[Planting]:
    return list({repr(forest): forest for forest in drawn}.values())


def _images(forest: Planting) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for file, content in forest.files.items():
        if not isinstance(content, bytes):
            yield PurePosixPath(file).stem, content


def _imports(forest: Planting) -> Iterator[tuple[str, str, Sequence[str | int]]]:
    for name, fields in _images(forest):
        for imported, wanted in fields["imports"].items():
            yield name, imported, wanted


def _targets(forest: Planting) -> list[str]:
    return [
        to
        for _, fields in _images(forest)
        for to in fields.get("forwarders", {}).values()
    ]


def _is_cyclic(forest: Planting) -> bool:
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name, imported, _ in _imports(forest):
        sorter.add(name, imported.rstrip().lower().removesuffix(".dll"))
    try:
        sorter.prepare()
    except CycleError:
        return True
    return False


def _any(wanted: Callable[[str], object]) -> Callable[[Planting], bool]:
    return lambda forest: any(wanted(name) for _, name, _ in _imports(forest))


FEATURES: Final[Mapping[str, Callable[[Planting], object]]] = {
    "an absent name": _any(lambda name: name.startswith("%z")),
    "an API set": _any(lambda name: name.startswith("api-")),
    "a DLL of Windows": _any(lambda name: name.lower().startswith(("k", "v"))),
    "a folder in a name": _any(lambda name: name.startswith("sub")),
    "a name in upper case": _any(lambda name: name.endswith("DLL")),
    "a name without extension": _any(lambda name: "." not in name),
    "a trailing space": _any(lambda name: name.endswith(" ")),
    "an empty thunk list": lambda forest: any(not w for *_, w in _imports(forest)),
    "an ordinal": lambda forest: any(7 in w for *_, w in _imports(forest)),
    "a circle": _is_cyclic,
    "a forwarder": _targets,
    "a forwarder to an ordinal": lambda forest: any("#" in t for t in _targets(forest)),
    "a delay import": lambda f: any("delay_imports" in x for _, x in _images(f)),
    "a file for x86": lambda f: any("machine" in x for _, x in _images(f)),
    "an assembly of .NET": lambda f: any(x.get("il_only") for _, x in _images(f)),
    "a program": lambda f: any("dll" in x for _, x in _images(f)),
    "a spoilt file": lambda f: any(isinstance(c, bytes) for c in f.files.values()),
    "two files of a name": lambda f: (
        len({PurePosixPath(file).name for file in f.files}) < len(f.files)
    ),
    "a bare root": lambda forest: "/" not in forest.asked,
    "a file that is loaded before": lambda forest: forest.first,
    "SetDllDirectory": lambda forest: forest.set_directory,
    "no flags": lambda forest: forest.flags == 0,
    "flag 8": lambda forest: forest.flags == ALTERED_PATH,
    "a file on PATH": lambda f: any(x.startswith("path/") for x in f.files),
    "a file in the current folder": lambda f: any(
        x.startswith("current/") for x in f.files
    ),
}


@pytest.fixture(scope="module")
def some() -> list[Planting]:
    """Return some forests, the same in each run."""
    drawn: list[Planting] = []
    _drawing(drawn.append, 0, 700)
    return _distinct(drawn)


@pytest.mark.parametrize("feature", list(FEATURES))
def test_forests_have_it(feature: str, some: Sequence[Planting]) -> None:
    having = sum(bool(FEATURES[feature](forest)) for forest in some)

    assert having > len(some) / 50


@pytest.mark.bench
@pytest.mark.timeout(600 + COUNT)
def test_the_model_agrees_with_wine(
    bench_factory: BenchFactory, tmp_path: Path
) -> None:
    nursery = Nursery(Judge(bench_factory()), tmp_path)
    seed, drawn = _seed(), list[Planting]()
    _drawing(drawn.append, seed, _REPEATED * COUNT)
    distinct = _distinct(drawn)[:COUNT]

    wrong = list(nursery.judge(distinct))
    if wrong:
        # Once more, to have it shrunk: what was judged before is not judged again.
        _drawing(nursery.check, seed, _REPEATED * COUNT)

    assert not wrong, wrong[0]
    assert len(distinct) == COUNT
    assert not list(tmp_path.iterdir())
    # Where nearly all fail, or none, little is compared.
    assert 0.3 < nursery.codes[0] / COUNT < 0.7
