"""PyTorch's exporters without their words, and modules in evaluation mode for a while."""

import contextlib
import io
import logging
import warnings


@contextlib.contextmanager
def quiet():
    """No warnings, logs and prints: what fails is raised."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


@contextlib.contextmanager
def evaluating(module):
    """The module and its parts in evaluation mode; each gets its own mode back."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, training in modes:
            part.training = training
