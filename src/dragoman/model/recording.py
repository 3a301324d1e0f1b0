"""Looking inside a model while it works, without a parameter for it anywhere.

Inside `with recording(model) as record:` every attention map, every norm's output and the residual
stream after every layer are collected under their names; afterwards the model is as it was.
"""

# Shapes.  R rows, N heads, L queries, K keys, H head width, D model width.

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from dragoman.model.attention import Attention, Kernel, View, weights
from dragoman.model.layers import DecoderLayer, EncoderLayer

Record = dict[str, list[Tensor]]


@contextmanager
def recording(model: nn.Module) -> Iterator[Record]:
    """Collect what happens inside: a list a name, one entry a call.

    Names are the module's own with an ending:
    `decoder.layers.0.cross_attention.weights` [R, N, L, K] (rows of one sentence with several hypotheses
    are folded into L), `encoder.layers.0.self_attention_norm.output` [R, L, D], `encoder.layers.0.output`
    [R, L, D], the residual stream after the layer, and `encoder.embedded` / `decoder.embedded`, before the first.
    """
    record: Record = {}
    kernels: list[tuple[Attention, Kernel]] = []
    hooks = []
    for name, module in model.named_modules():
        if isinstance(module, Attention):
            kernels.append((module, module.attend))
            module.attend = _watching(record.setdefault(f"{name}.weights", []), module.attend)
        elif isinstance(module, nn.LayerNorm | nn.RMSNorm | EncoderLayer | DecoderLayer):
            hooks.append(module.register_forward_hook(_collect(record.setdefault(f"{name}.output", []))))
        if name in ("encoder.layers.0", "decoder.layers.0"):
            embedded = record.setdefault(f"{name.split('.')[0]}.embedded", [])
            hooks.append(module.register_forward_pre_hook(_collect_input(embedded)))
    try:
        yield record
    finally:
        for attention, kernel in kernels:
            attention.attend = kernel
        for hook in hooks:
            hook.remove()


@contextmanager
def watching(attention: Attention, head: int) -> Iterator[list[Tensor]]:
    """Collect the weights [R, L, K] of one head with their gradients, for a loss on them."""
    entries: list[Tensor] = []
    kernel, only = attention.attend, slice(head, head + 1)

    def attend(q_RNLH: Tensor, k_RNKH: Tensor, v_RNKH: Tensor, view: View) -> Tensor:
        own = view if view.bias is None else replace(view, bias=view.bias[only])
        entries.append(weights(q_RNLH[:, only], k_RNKH[:, only], own)[:, 0])
        return kernel(q_RNLH, k_RNKH, v_RNKH, view)

    attention.attend = attend
    try:
        yield entries
    finally:
        attention.attend = kernel


def _watching(entries: list[Tensor], kernel: Kernel) -> Kernel:
    def attend(q_RNLH: Tensor, k_RNKH: Tensor, v_RNKH: Tensor, view: View) -> Tensor:
        entries.append(weights(q_RNLH, k_RNKH, view).detach())
        return kernel(q_RNLH, k_RNKH, v_RNKH, view)

    return attend


def _collect(entries: list[Tensor]) -> Callable[[nn.Module, Any, Tensor], None]:
    def hook(_module: nn.Module, _inputs: Any, output: Tensor) -> None:
        entries.append(output.detach())

    return hook


def _collect_input(entries: list[Tensor]) -> Callable[[nn.Module, tuple[Any, ...]], None]:
    def hook(_module: nn.Module, inputs: tuple[Any, ...]) -> None:
        entries.append(inputs[0].detach())

    return hook
