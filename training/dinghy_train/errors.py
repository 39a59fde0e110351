"""What is wrong with an input: one line that says where, what, and what to do."""


class TrainingError(Exception):
    """Bad input. The command prints the message alone and ends with status 1."""
