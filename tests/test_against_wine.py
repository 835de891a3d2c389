"""The model and Wine's loader judge the same small trees, and each other.

All trees are planted on one bench and ruled on in one run of the judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.bench import BenchFactory
from tests.judge import Judge, Ruling
from tests.planted_trees import MODEL_IS_WRONG, TREES
from tests.planting import FROM_THE_START, Outcome, Planted
from tests.wine_differences import DIFFERENCES

pytestmark = pytest.mark.bench


class Grove:
    """All trees on disk, with what the judge says of them."""

    def __init__(self, judge: Judge, planted: Mapping[str, Planted]) -> None:
        self._planted = planted
        rulings = judge.rule([tree.job() for tree in planted.values()])
        self._rulings: dict[str, Ruling] = dict(zip(planted, rulings, strict=True))

    def told(self, title: str, *, on_wine: bool) -> Outcome:
        """Return what the model says of a tree."""
        return self._planted[title].told(on_wine=on_wine)

    def heard(self, title: str) -> Outcome:
        """Return what Wine's loader does with it."""
        assert self._rulings[title].crashed is None
        return self._planted[title].heard(self._rulings[title])


@pytest.fixture(scope="module")
def grove(
    bench_factory: BenchFactory, tmp_path_factory: pytest.TempPathFactory
) -> Grove:
    """Return the trees of both tables."""
    judge, root = Judge(bench_factory()), tmp_path_factory.mktemp("grove")
    plantings = {**TREES, **{title: d.planting for title, d in DIFFERENCES.items()}}
    planted = {
        title: Planted(planting, judge, root / str(number), f"w{number}-")
        for number, (title, planting) in enumerate(plantings.items())
    }
    return Grove(judge, planted)


def _trees() -> Iterator[object]:
    for title in TREES:
        wrong = MODEL_IS_WRONG.get(title)
        marks = [pytest.mark.xfail(strict=True, reason=wrong)] if wrong else []
        yield pytest.param(title, id=title, marks=marks)


@pytest.mark.parametrize("title", list(_trees()))
def test_the_model_agrees_with_wine(title: str, grove: Grove) -> None:
    assert grove.told(title, on_wine=True) == grove.heard(title)


@pytest.mark.parametrize("title", list(DIFFERENCES))
def test_the_model_does_not_follow_wine(title: str, grove: Grove) -> None:
    difference = DIFFERENCES[title]
    told = grove.told(title, on_wine=False)
    heard = grove.heard(title)

    assert _said(told) == _wanted(difference.windows), difference.why
    assert _said(heard) == _wanted(difference.wine), difference.why


def _said(outcome: Outcome) -> int | frozenset[str]:
    return outcome.code or outcome.modules - FROM_THE_START


def _wanted(said: int | str) -> int | frozenset[str]:
    return frozenset(said.split()) if isinstance(said, str) else said
