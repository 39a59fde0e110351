"""Deep Interest Networks in PyTorch: trained as in the paper, exported as .dinghy files."""
