"""Every error that this library raises on purpose, as one tree.

    TriageError
    ├── InputError        a file, a row or a text that was handed in cannot be used
    │   └── TooManyRows       a file has more rows than are allowed
    ├── CatalogueError    the catalogue folder contradicts itself or cannot be read
    ├── EncoderError      the encoder folder is missing, damaged or could not be built
    ├── BundleError       a saved model cannot be read
    │   ├── DamagedBundle     a file is missing or its digest is wrong
    │   ├── NewerFormat       it was written by a later version of triage
    │   ├── ForeignEncoder    it was trained with another sentence encoder
    │   └── RegisterError     the register of models is damaged, or cannot do what is asked
    ├── IndexFileError    a saved duplicate index cannot be read
    │   ├── DamagedIndex      it was cut off or changed
    │   ├── NewerIndex        it was written by a later version of triage
    │   └── ForeignIndex      it is no duplicate index, one of another sentence encoder, or too old
    ├── PromotionRefused  a model may not take the place of the one in use
    └── StorageError      a result could not be written; what was there is unchanged

A message names the subject, the value met and what is allowed, and says what to do. The command line prints it
and exits with 2; the service answers it as an RFC 9457 problem document. Messages never quote a suggestion's text.
"""

from __future__ import annotations


class TriageError(Exception):
    """Something is wrong that the caller can mend; the message says how."""


class InputError(TriageError):
    """A file, a row or a text that was handed in cannot be used.

    `zh` says it in Chinese, for a clerk's screen and without the place, where somebody wrote that; `listed` are the
    errors that this one is made of, where it tells of several at once.
    """

    def __init__(self, message: str = "", *, zh: str = "", listed: tuple[InputError, ...] = ()) -> None:
        self.zh, self.listed = zh, listed
        super().__init__(message)


class TooManyRows(InputError):
    """A file has more rows than are allowed. Split it."""


class CatalogueError(TriageError):
    """The catalogue contradicts itself or cannot be read.

    `problems` holds one line a finding, each starting with ``file:line:``, so that all can be mended in one go.
    """

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        self.problems = problems
        super().__init__("\n".join((message, *problems)))


class EncoderError(TriageError):
    """The sentence encoder's folder is missing, damaged or could not be built."""


class BundleError(TriageError):
    """A saved model cannot be read."""


class DamagedBundle(BundleError):
    """A file of the bundle is missing, was changed or does not fit the others."""


class NewerFormat(BundleError):
    """The bundle was written by a later version of triage than this one."""


class ForeignEncoder(BundleError):
    """The bundle was trained with another sentence encoder than the one that is installed."""


class RegisterError(BundleError):
    """The register of models is damaged, has no bundle in use or nothing to go back to, or is being changed."""


class PromotionRefused(TriageError):
    """The gate between a model and its use: it is worse than the one in use, lost units, or was not compared."""


class IndexFileError(TriageError):
    """A saved duplicate index cannot be read."""


class DamagedIndex(IndexFileError):
    """The index file was cut off or changed, or its parts do not fit each other."""


class NewerIndex(IndexFileError):
    """The index was written by a later version of triage than this one."""


class ForeignIndex(IndexFileError):
    """The file is no duplicate index of triage, or one of another sentence encoder or of an earlier version."""


class StorageError(TriageError):
    """A result could not be written: disk full, folder locked or not writable. What was there is unchanged."""
