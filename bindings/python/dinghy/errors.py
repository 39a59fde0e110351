"""The exceptions of Dinghy. Messages are one line: what is wrong, where, and mostly what to do."""


class Error(Exception):
    """Whatever Dinghy raises by itself."""


class FileError(Error, OSError):
    """A file cannot be opened, read or mapped."""


class BadFileError(Error, ValueError):
    """The file is not a valid .dinghy file; the message names the field."""


class UnsupportedError(Error):
    """A valid file that needs a newer engine, or an ability that this one lacks."""


class OutOfMemoryError(Error, MemoryError):
    """The engine got no memory."""


class UnknownIsaError(Error, ValueError):
    """No instruction set of this name exists in this build."""


class UnavailableIsaError(Error):
    """This processor or operating system cannot run the instruction set."""


class InvalidArgumentError(Error, ValueError):
    """A column is missing, unknown, of the wrong length, or holds a value that no request may have."""


class ArgumentTypeError(InvalidArgumentError, TypeError):
    """A value of a type that the feature does not take."""


class LimitExceededError(Error, ValueError):
    """More candidates than there is room for."""


class MissingIdError(Error, LookupError):
    """An id without a row, in a table that has no row for such ids."""


class EmptyHistoryError(Error, ValueError):
    """The model defines no score for a user without behaviours."""


class WrongScoresError(Error):
    """A golden row of the file does not come out as it should."""


class VersionMismatchError(Error, ValueError):
    """Rows that came with a call are of another version of the table than the model's."""


class ConversionError(Error, ValueError):
    """The `dinghy` command failed: the message is what it printed."""


class MissingPackageError(Error, ImportError):
    """A call needs a package that is not installed; the message says how to install it."""


class AssumptionWarning(UserWarning):
    """A conversion assumed what neither the checkpoint nor a recipe says."""
