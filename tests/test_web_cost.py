"""What the page counts of a model's work is what `dragoman plan` counts, which is what torch counts."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dragoman.architecture import PRESETS, ModelConfig, preset, to_table
from dragoman.compress.quantize import quantized
from dragoman.train.plan import Work, parameters_by_part, work
from model_configs import EVERY, model_configs, random_weights


def counted(page, config: ModelConfig, source: int, target: int) -> dict[str, dict[str, int]]:
    found = page.ask("costs", config=to_table(config), source=source, target=target)
    return {cost.pop("part"): cost for cost in found}


def as_work(costs: dict[str, dict[str, int]]) -> Work:
    """The page's parts as those of a plan."""
    products = {name: cost["products"] for name, cost in costs.items()}
    return Work(
        projections=sum(count for name, count in products.items() if name.endswith(("attention", "cells"))),
        looking=sum(cost["looking"] for cost in costs.values()),
        feed_forward=sum(count for name, count in products.items() if name.endswith("feed-forward")),
        output=products["output"],
    )


@given(model_configs(), st.integers(1, 20), st.integers(1, 20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_page_counts_as_a_plan_does(page, config, source, target):
    costs = counted(page, config, source, target)
    assert as_work(costs) == work(config, source, target)
    assert {name: cost["parameters"] for name, cost in costs.items() if cost["parameters"]} == parameters_by_part(
        config
    )


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_counted_as_in_a_plan(page, name):
    config = replace(preset(name, 8000), max_positions=512)
    assert as_work(counted(page, config, 23, 31)) == work(config, 23, 31)


@pytest.mark.parametrize("name", EVERY)
def test_bytes_are_those_of_an_int8_file(page, name):
    config = EVERY[name]
    tensors = quantized(config, random_weights(config, 1, "float32"))
    assert sum(cost["bytes"] for cost in counted(page, config, 3, 3).values()) == sum(
        tensor.nbytes for tensor in tensors.values()
    )


def test_the_order_is_that_of_a_plan(page):
    names = list(counted(page, EVERY["learned"], 3, 3))
    order = list(parameters_by_part(EVERY["learned"]))
    assert all(names.index(one) < names.index(other) for one, other in pairwise(order))
