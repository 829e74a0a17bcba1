"""What can go wrong in a study that is nobody's bug: said in one line, with an exit code."""

import errno


class StudyError(Exception):
    """A study cannot go on; the message says why and what to do about it."""

    exit_code = 1


class UsageError(StudyError):
    """The request itself is wrong, as is a bad file; the exit code is that of bad usage."""

    exit_code = 2


class MissingLibrary(StudyError):
    """An analysis needs a library that is not installed."""


class StorageError(StudyError):
    """The results folder cannot be read or written."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @classmethod
    def of(cls, error: OSError, where: object) -> "StorageError":
        """Put an operating system's complaint about `where` into one line."""
        reason = {
            errno.ENOSPC: "the disk is full",
            errno.EDQUOT: "the disk quota is used up",
            errno.EROFS: "the file system is read-only",
            errno.EACCES: "permission denied",
            errno.ENOTDIR: "a part of the path is a file, not a folder",
            errno.EEXIST: "there is a file where a folder should be",
            errno.ENAMETOOLONG: "the name is too long",
        }.get(error.errno or 0, error.strerror or str(error))
        return cls(f"cannot write to {where}: {reason}")


class Interrupted(StudyError):
    """The user stopped the study; what was finished is kept."""

    exit_code = 130
