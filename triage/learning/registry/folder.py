"""`ModelRegistry`: a folder of bundles, which of them answers, and how that changes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from triage import bundle
from triage.bundle import MANIFEST, Manifest, bundles_in, is_name, new_folder, read_manifest
from triage.errors import BundleError, InputError, PromotionRefused, RegisterError, TriageError
from triage.learning.registry import register as record
from triage.learning.registry.card import README, card_text
from triage.learning.registry.compare import Comparison, Judged, Progress, compare
from triage.learning.registry.gate import objections
from triage.learning.registry.register import Action, Register, Step
from triage.records import Case
from triage.results import replace_file

Opener = Callable[[Path], Judged]
"""Opens a bundle folder or the bundle in use of a registry: `Triager.load`."""


@dataclass(frozen=True, slots=True)
class Held:
    """A bundle of the registry: its `manifest`, or the `problem` that keeps it from being read; and whether it answers
    now.
    """

    name: str
    manifest: Manifest | None
    problem: str = ""
    in_use: bool = False


class ModelRegistry:
    """A folder of bundles, each in a folder of its name, and ``register.json``.

    Wherever a bundle is named the registry's folder may be named instead, and means the bundle in use.
    """

    def __init__(self, folder: str | Path = "models") -> None:
        self.folder = Path(folder)

    def register(self) -> Register:
        """What was put into use, and when. Raises RegisterError if it is damaged, NewerFormat."""
        return record.read(self.folder)

    def bundles(self) -> tuple[Held, ...]:
        """The bundles that lie here, by name. One that is damaged is listed with its problem."""
        used = self.register().in_use
        found = []
        for name in bundles_in(self.folder):
            in_use = used is not None and used.bundle == name
            try:
                found.append(Held(name, read_manifest(self.folder / name), "", in_use))
            except BundleError as error:
                found.append(Held(name, None, str(error), in_use))
        return tuple(found)

    def path(self, name: str) -> Path:
        """The folder of a bundle. Raises InputError for what is no name, BundleError if there is none of that name."""
        place = self.folder / _named(name)
        if not (place / MANIFEST).is_file():
            held = ", ".join(bundles_in(self.folder)) or "none"
            raise BundleError(
                f"{self.folder}: no bundle {name!r} here; there are: {held}. Add it with `triage models add`."
            )
        return place

    def add(self, source: str | Path, name: str = "") -> Path:
        """Copy a bundle into the registry, verified, with its card; one that lies here already only gets the card.

        `name` is that of its folder unless given. Raises InputError for what is no name, BundleError for what is no
        bundle or a damaged one, StorageError if the name is taken or the folder cannot be written.
        """
        source = bundle.locate(source)
        name = _named(name or source.resolve().name)
        target = self.folder / name
        saved = bundle.load(source)
        if target.is_dir() and target.resolve() == source.resolve():
            replace_file(target / README, card_text(name, read_manifest(source)).encode())
            return target
        with new_folder(target) as temporary:
            for file in (MANIFEST, *(f"{part}{ending}" for part in saved.parts for ending in (".json", ".npz"))):
                if (source / file).exists():
                    shutil.copyfile(source / file, temporary / file)
            bundle.load(temporary)  # what was copied, not what was read
            (temporary / README).write_bytes(card_text(name, read_manifest(temporary)).encode())
        return target

    def promote(
        self,
        name: str,
        opened: Opener,
        cases: Sequence[Case] = (),
        *,
        force: bool = False,
        reason: str = "",
        by: str = "",
        progress: Progress | None = None,
        shown: Callable[[Comparison], None] | None = None,
    ) -> Step:
        """Put a bundle into use, if it is not worse than the one in use on `cases`; the first needs no comparison.

        `opened` (`Triager.load`) opens both, so that a bundle whose encoder is missing here is never put into use.
        `shown` gets the comparison before anything is decided. `force` does it in spite of all objections and needs a
        `reason`; both are kept. Raises PromotionRefused with the
        objections, InputError, BundleError and its kinds, EncoderError, RegisterError if the register was changed
        meanwhile.
        """
        place = self.path(name)
        if force and not reason.strip():
            raise InputError("force: without a reason. Say with --reason why this model goes live all the same.")
        before = self.register()
        used, manifest = before.in_use, read_manifest(place)
        if used is not None and (used.bundle, used.digest) == (name, manifest.digest):
            raise InputError(f"{name}: is in use already, since {used.day}. There is nothing to change.")
        candidate = opened(place)
        against: tuple[str, ...] = ()
        comparison = None
        if used is not None:
            comparison, against = self._examined(candidate, opened, cases, progress)
        if comparison is not None and shown is not None:
            shown(comparison)
        if against and not force:
            listed = "\n".join(f"- {objection}" for objection in against)
            raise PromotionRefused(
                f"{name} is not put into use in place of {used.bundle if used else ''}:\n{listed}\n"
                "To do it all the same, give --force and --reason TEXT, which are kept."
            )
        step = Step(
            Action.PROMOTE,
            name,
            manifest.digest,
            manifest.fingerprint,
            _now(),
            before=used.bundle if used else "",
            reason=reason,
            by=by,
            forced=bool(against),
            objections=against,
            comparison=None if comparison is None else comparison.summary(),
        )
        return self._changed(before, step)

    def rollback(self, *, reason: str = "", by: str = "", opened: Opener | None = None) -> Step:
        """Go back to the bundle that was in use before; twice, to the one before that.

        Its digests are verified first, and with `opened` that it can answer here. Raises RegisterError if nothing was
        in use before or the folder holds another bundle now, BundleError and its kinds.
        """
        before = self.register()
        used, target = before.in_use, before.previous
        if used is None or target is None:
            raise RegisterError(
                f"{self.folder}: nothing was in use before {used.bundle if used else 'now'}. Promote the bundle that "
                "should answer."
            )
        place = self.path(target.bundle)
        saved = bundle.load(place)
        if saved.digest != target.digest:
            raise RegisterError(
                f"{place}: is another bundle ({saved.digest[:12]}) than the one that was in use before "
                f"({target.digest[:12]}). Restore that one, or promote a bundle."
            )
        if opened is not None:
            opened(place)
        step = Step(
            *(Action.ROLLBACK, target.bundle, saved.digest, saved.fingerprint, _now()),
            before=used.bundle,
            reason=reason,
            by=by,
        )
        return self._changed(before, step)

    def _examined(
        self, candidate: Judged, opened: Opener, cases: Sequence[Case], progress: Progress | None
    ) -> tuple[Comparison | None, tuple[str, ...]]:
        """The comparison with the bundle in use, and what speaks against the candidate."""
        if not cases:
            return None, ("it was not compared with the model in use; give handled cases with --cases FILE",)
        try:
            earlier = opened(self.folder)
        except TriageError as error:
            return None, (f"it cannot be compared, as the model in use cannot be opened ({error})",)
        try:
            comparison = compare(earlier, candidate, cases, progress=progress)
        except InputError as error:
            return None, (str(error),)
        return comparison, objections(comparison)

    def _changed(self, before: Register, step: Step) -> Step:
        """Write the step, unless somebody else changed the register since `before` was read."""
        with record.locked(self.folder):
            if self.register() != before:
                raise RegisterError(
                    f"{self.folder}: the register was changed while this command ran. Look at `triage models list` and "
                    "run it again."
                )
            record.write(self.folder, before + step)
        return step


def _named(name: str) -> str:
    if not is_name(name):
        raise InputError(
            f"name {name!r}: a bundle's name has letters, digits, -, _ and ., no dot first, at most 100 characters."
        )
    return name


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
