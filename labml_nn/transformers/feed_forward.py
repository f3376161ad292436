r"""
---
title: The feed-forward block
summary: >
  Two linear maps with GELU between them, applied to every token alone, and the gated
  variant.
---

# The feed-forward block

After [attention](mha.py) has mixed the tokens, each one is processed by itself. The
block widens the token $\mathbf{z}$ from `d_model` to `d_ff` numbers, applies a
nonlinearity, and projects back:

$$\operatorname{MLP}(\mathbf{z}) = \operatorname{GELU}(\mathbf{z}W_1 + b_1)\,W_2 + b_2$$

Two thirds of a transformer's weights are here, in the matrices $W$ and their biases
$b$. One way to see what they do: each of the `d_ff` hidden units looks for a pattern in
the token and, where it finds it, adds a vector to the result. In other words, the block
is a dictionary of patterns and what follows from them.

It is equation 3 of the Vision Transformer's [paper](https://arxiv.org/abs/2010.11929),
without the norm and the residual connection, which are in the [layer](
models.py#TransformerLayer). In this block, the variants of the model differ only in
width.
"""

from torch import Tensor, nn


class FeedForward(nn.Module):
    r"""
    ## The block

    GELU, $x\,\Phi(x)$, passes large numbers and suppresses negative ones; $\Phi$ is the
    cumulative distribution function of the standard normal distribution. Unlike ReLU it
    has no corner, and numbers just below zero still get a gradient.

    **Unlike the authors' code**, where JAX approximates it with tanh, this is the exact
    form, as in torchvision, timm and transformers. The two differ by less than 0.001.
    """

    def __init__(
        self,
        d_model: int,
        d_ff: int,
        dropout: float = 0.1,
        activation: nn.Module | None = None,
        is_gated: bool = False,
        bias1: bool = True,
        bias2: bool = True,
        bias_gate: bool = True,
    ) -> None:
        """
        * `d_model` is the width of a token
        * `d_ff` is the hidden width, four times `d_model` in the paper's table 1
        * `dropout` is the probability of dropping a hidden number in training
        * `activation` is the nonlinearity, by default `nn.GELU()`
        * `is_gated` adds a second hidden layer; the two are multiplied
        * `bias1`, `bias2`, `bias_gate` say which of the linear maps have a bias
        """
        super().__init__()
        self.layer1 = nn.Linear(d_model, d_ff, bias=bias1)
        self.layer2 = nn.Linear(d_ff, d_model, bias=bias2)
        self.activation = nn.GELU() if activation is None else activation
        self.dropout = nn.Dropout(dropout)

        # A gate looks at the same token through its own weights and decides how much of
        # each hidden number passes ([GLU variants](https://arxiv.org/abs/2002.05202)).
        # The Vision Transformer has no gate.
        self.gate = nn.Linear(d_model, d_ff, bias=bias_gate) if is_gated else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """
        Xavier initialisation for the weights. As in the authors' code, biases start
        close to zero but not at it.
        """
        for linear in filter(None, (self.layer1, self.layer2, self.gate)):
            nn.init.xavier_uniform_(linear.weight)
            if linear.bias is not None:
                nn.init.normal_(linear.bias, std=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        """`x` has shape `[batch, tokens, d_model]`, and so has the result."""
        # `hidden` has shape `[batch, tokens, d_ff]`.
        hidden = self.activation(self.layer1(x))
        if self.gate is not None:
            hidden = hidden * self.gate(x)

        # Dropout follows every dense layer except those for queries, keys and values
        # (the paper's appendix B.1). The dropout after `layer2` is in the
        # [layer](models.py#TransformerLayer).
        return self.layer2(self.dropout(hidden))
