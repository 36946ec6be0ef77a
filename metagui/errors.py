"""Errors a person can act on. Each names the field or file that is wrong and what would be right."""


class MetaguiError(Exception):
    """Base of every error that is shown as a sentence instead of a traceback.

    ``exit_code`` is what the command line returns: 1 run failed, 2 usage or invalid value, 3 environment.
    """

    exit_code = 1


class InvalidValueError(MetaguiError):
    """A value the person gave cannot be used. ``field`` is a configuration path such as ``task.n_way``."""

    exit_code = 2

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field
        self.message = message


class DataError(MetaguiError):
    """A data set is missing, truncated or not what it claims to be."""

    exit_code = 2


class CheckpointError(MetaguiError):
    """A checkpoint cannot be read, or does not belong to this configuration."""


class StoreError(MetaguiError):
    """The run store (database or run folder) cannot be read or written."""

    exit_code = 3


class EnvironmentProblemError(MetaguiError):
    """The machine lacks something: a screen, a device, a library, disk space."""

    exit_code = 3


class WorkerLostError(MetaguiError):
    """The worker process ended without saying why."""
