"""What all tests share: seeds, the way to the real corpora, and what happens where something is missing.

A test on real text says `@pytest.mark.real_data("multi30k")` and takes the fixture `shared`. Where the
corpora are absent it is skipped with a reason; under CI that is a failure: nothing goes untested in silence.
Importing this file does not import torch.
"""

import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import numpy as np
import pytest

import browser
from page import Page, missing, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHECKOUT = Path(__file__).resolve().parent.parent

# No deadline: the machine may be busy. Derandomized: the same code gives the same verdict.
hypothesis.settings.register_profile("dragoman", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("dragoman")


def shared_data() -> Path:
    """The folder of real corpora: DRAGOMAN_SHARED, or shared/data beside the checkout."""
    given = os.environ.get("DRAGOMAN_SHARED")
    return Path(given) if given else CHECKOUT.parent / "shared" / "data"


def under_ci() -> bool:
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def missing_data(corpora: tuple[str, ...]) -> str | None:
    """Why a test cannot have its corpora, or None when it can."""
    folder = shared_data()
    for path in (folder, *(folder / corpus for corpus in corpora)):
        if not path.is_dir():
            return f"real data missing: no folder {path}; set DRAGOMAN_SHARED to the folder of the corpora"
    return None


def seed_everything() -> None:
    random.seed(0)
    np.random.seed(0)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(0)


def pytest_runtest_setup(item: pytest.Item) -> None:
    seed_everything()
    if marker := item.get_closest_marker("real_data"):
        reason = missing_data(marker.args)
        if reason and under_ci():
            pytest.fail(reason, pytrace=False)
        if reason:
            pytest.skip(reason)
    if item.get_closest_marker("gpu"):
        import torch

        if not torch.cuda.is_available():
            pytest.skip("no CUDA device")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mutations", type=int, help="damaged files that a test of a reader tries, in the place of a few")


@pytest.fixture
def mutations(request: pytest.FixtureRequest) -> Callable[[int], int]:
    """How many damaged files to try where a few are the given number: these, or what --mutations says."""
    return lambda few: request.config.getoption("--mutations") or few


@pytest.fixture
def shared(request: pytest.FixtureRequest) -> Path:
    """The folder of the real corpora; only for tests marked real_data."""
    if request.node.get_closest_marker("real_data") is None:
        pytest.fail("this test takes `shared`; mark it @pytest.mark.real_data(...)", pytrace=False)
    return shared_data()


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The model in the page, running; where Node is missing its tests are skipped, under CI they fail."""
    reason = missing()
    if reason and under_ci():
        pytest.fail(reason, pytrace=False)
    if reason:
        pytest.skip(reason)
    with running(tmp_path_factory.mktemp("page")) as found:
        yield found


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """A browser; where there is none, or no page, the tests of the page in it are skipped, under CI they fail."""
    reason = browser.missing()
    if reason and under_ci():
        pytest.fail(reason, pytrace=False)
    if reason:
        pytest.skip(reason)
    with browser.running() as found:
        yield found
