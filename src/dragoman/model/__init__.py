"""The Transformer in torch, for training and for the GPU."""
