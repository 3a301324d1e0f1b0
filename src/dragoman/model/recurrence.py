"""The simpler simple recurrent unit, which fast students have in the place of the decoder's self-attention."""

# Shapes.  R rows, L pieces of this call, D model width.

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dragoman.architecture import ModelConfig


class SSRU(nn.Module):
    """c_t = f_t · c_(t-1) + (1 - f_t) · W x_t with f_t = sigmoid(W_f x_t + b_f); gives relu(c_t).

    Kim et al. 2019, section 3. What it keeps of all pieces before is one c [R, D].
    """

    def __init__(self, config: ModelConfig) -> None:
        """Make the two maps."""
        super().__init__()
        self.input = nn.Linear(config.d_model, config.d_model, bias=False)
        self.forget = nn.Linear(config.d_model, config.d_model, bias=config.biases)

    def forward(self, x_RLD: Tensor, cell_RD: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return relu(c) [R, L, D] of this call's pieces, and the cell [R, D] after the last; None: it is 0 before."""
        exact = torch.promote_types(x_RLD.dtype, torch.float32)  # a cell adds up many small steps
        forget_RLD = torch.sigmoid(self.forget(x_RLD).to(exact))
        given_RLD = (1 - forget_RLD) * self.input(x_RLD).to(exact)
        if cell_RD is not None:
            first_RLD = given_RLD[:, :1] + forget_RLD[:, :1] * cell_RD[:, None]
            given_RLD = torch.cat([first_RLD, given_RLD[:, 1:]], dim=1)
        cells_RLD = scan(forget_RLD, given_RLD)
        return F.relu(cells_RLD).to(x_RLD.dtype), cells_RLD[:, -1]


def scan(forget_RLD: Tensor, given_RLD: Tensor) -> Tensor:
    """Return c_t = f_t · c_(t-1) + g_t for all t at once, c before the first being 0.

    Two neighbours make one of their kind, (f, g) then (f', g') being (f f', f' g + g'), so that log2 L rounds
    join all of them (Hillis & Steele 1986).
    """
    step, length = 1, given_RLD.shape[1]
    while step < length:
        given_RLD = given_RLD + forget_RLD * F.pad(given_RLD, (0, 0, step, 0))[:, :length]
        forget_RLD = forget_RLD * F.pad(forget_RLD, (0, 0, step, 0), value=1.0)[:, :length]
        step *= 2
    return given_RLD
