"""Muon: orthogonal steps, equal for one matrix or many, and fast where AdamW is slow."""

import pytest
import torch
from torch import nn

from dragoman.train.muon import SIZE, Muon, orthogonal


@pytest.mark.parametrize("shape", [(6, 6), (12, 5), (5, 12)])
def test_singular_values_come_near_one_and_directions_stay(shape):
    matrix = torch.randn(3, *shape, generator=torch.Generator().manual_seed(1))
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    found = orthogonal(matrix)
    assert found.shape == matrix.shape
    assert torch.linalg.svdvals(found).min() > 0.5 and torch.linalg.svdvals(found).max() < 1.3
    inside = left.mT @ found @ right.mT  # diagonal in the singular vectors of the gradient
    assert torch.allclose(inside - torch.diag_embed(inside.diagonal(dim1=1, dim2=2)), torch.zeros(()), atol=1e-4)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_weak_directions_are_lifted_like_the_strong(size):
    """Singular values spread over a factor of fifty come out alike, whatever the size of the matrix."""
    generator = torch.Generator().manual_seed(4)
    left, right = (torch.linalg.qr(torch.randn(2, 16, 16, generator=generator))[0] for _ in range(2))
    values = torch.logspace(-1.5, 0, 16)  # after the Schatten-4 norm of these from 0.024 on
    found = orthogonal(size * left * values @ right)
    assert (torch.linalg.svdvals(found) - 1).abs().max() < 0.13


def test_a_matrix_of_zeros_stays_finite():
    assert torch.equal(orthogonal(torch.zeros(1, 4, 3)), torch.zeros(1, 4, 3))


def test_many_matrices_move_as_each_would_alone():
    start = [torch.randn(4, 6), torch.randn(6, 4), torch.randn(4, 6)]
    gradients = [[torch.randn_like(matrix) for matrix in start] for _ in range(3)]

    def moved(chosen: list[int]) -> list[torch.Tensor]:
        matrices = [nn.Parameter(start[i].clone()) for i in chosen]
        optimizer = Muon(matrices, rate=0.1, momentum=0.9, weight_decay=0.1)
        for step in gradients:
            for matrix, i in zip(matrices, chosen, strict=True):
                matrix.grad = step[i].clone()
            optimizer.step()
        return [matrix.detach() for matrix in matrices]

    for i, together in enumerate(moved([0, 1, 2])):
        assert torch.allclose(together, moved([i])[0], atol=1e-6)


def test_a_step_has_the_size_that_the_rate_says_and_decay_is_apart():
    matrix = nn.Parameter(torch.zeros(64, 64))
    optimizer = Muon([matrix], rate=0.5, momentum=0.0, weight_decay=0.0)
    matrix.grad = torch.randn(64, 64, generator=torch.Generator().manual_seed(2))
    optimizer.step()
    assert matrix.detach().pow(2).mean().sqrt() == pytest.approx(0.5 * SIZE, rel=0.2)
    still = nn.Parameter(torch.ones(4, 4))
    optimizer = Muon([still], rate=0.5, momentum=0.0, weight_decay=0.1)
    still.grad = torch.zeros(4, 4)
    optimizer.step()
    assert torch.allclose(still.detach(), torch.full((4, 4), 0.95))


def test_a_badly_scaled_problem_is_solved():
    # Least squares whose directions differ a hundredfold: the weak ones are learned as fast as the strong.
    generator = torch.Generator().manual_seed(3)
    scale = torch.logspace(0, -2, 16)
    wanted, inputs = torch.randn(16, 16, generator=generator), torch.randn(256, 16, generator=generator) * scale
    matrix = nn.Parameter(torch.zeros(16, 16))
    optimizer = Muon([matrix], rate=0.1, momentum=0.9, weight_decay=0.0)
    for step in range(300):
        optimizer.param_groups[0]["lr"] = 0.3 * (1 - step / 300)
        optimizer.zero_grad()
        ((inputs @ (matrix - wanted).T) ** 2).sum().backward()
        optimizer.step()
    assert (matrix - wanted).abs().max() < 0.5 < wanted.abs().max()


@pytest.mark.parametrize("shape", [(64, 64), (96, 32), (32, 96)])
def test_products_in_bfloat16_reach_the_same_bound(shape):
    generator = torch.Generator().manual_seed(5)
    left = torch.linalg.qr(torch.randn(2, shape[0], min(shape), generator=generator))[0]
    right = torch.linalg.qr(torch.randn(2, shape[1], min(shape), generator=generator))[0]
    matrix = left * torch.logspace(-1.3, 0, min(shape)) @ right.mT
    found = orthogonal(matrix, low_precision=True)
    assert found.dtype == matrix.dtype
    assert (torch.linalg.svdvals(found) - 1).abs().max() < 0.15
    assert not torch.equal(found, orthogonal(matrix))
