"""The registry of models, administered while the service runs: compare, switch, go back, and what the trail says of it.

What may take the place of what is the library's to say (`triage.learning.registry`), and the register is its file; the
processes notice that it changed (`ServedModel.look`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.logs import log_fault
from service.problems import Finding, Problem
from service.served.bundle import is_registry, load_triager, public
from service.settings import Settings
from service.store.store import Store, Writing
from service.store.tables_service import TrailRow
from triage.errors import BundleError, EncoderError, ForeignEncoder, PromotionRefused, RegisterError, StorageError
from triage.records import Case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.served.model import Answering
    from triage import Triager
    from triage.learning.registry.compare import Comparison
    from triage.learning.registry.folder import Held, ModelRegistry
    from triage.learning.registry.register import Register, Step

SWITCHED, ROLLED_BACK = "model.switched", "model.rolled-back"
OUTSIDE = "registry"
"""The actor of a switch that was made on the command line; the register says who it was."""


def registry_of(settings: Settings) -> ModelRegistry:
    """The registry that answers. Raises Problem ``no-registry`` where the settings name a bundle."""
    from triage.learning.registry.folder import ModelRegistry

    if settings.model is None or not is_registry(settings):
        raise Problem("no-registry", "The service answers with one bundle, not with a registry, so nothing can change.")
    return ModelRegistry(settings.model)


def listed(settings: Settings) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The bundles that could answer, by name, and how the one in use came into use, the last step first. Where the
    settings name a bundle it is the only one.
    """
    from triage.bundle import read_manifest
    from triage.learning.registry.folder import Held

    if settings.model is None:
        return [], []
    if not is_registry(settings):
        name = settings.model.resolve().name
        return [_described(Held(name, read_manifest(settings.model), in_use=True), settings.model)], []
    with _told(settings.model):
        registry = registry_of(settings)
        held, steps = registry.bundles(), registry.register().steps
    return [_described(one, settings.model) for one in held], [told(step) for step in reversed(steps)]


def described(settings: Settings, name: str) -> dict[str, Any]:
    """One bundle with its whole card. Raises Problem ``not-found``."""
    found, steps = listed(settings)
    one = next((bundle for bundle in found if bundle["name"] == name), None)
    if one is None or settings.model is None:
        raise Problem("not-found", f"There is no model of this name; there are: {_names(found)}.")
    from triage.bundle import read_manifest

    place = settings.model / name if is_registry(settings) else settings.model
    card = {} if one["problem"] else public(read_manifest(place).card)
    return one | {"card": card, "history": [step for step in steps if step["bundle"] == name]}


def compared(settings: Settings, now: Answering, names: tuple[str, str], cases: Sequence[Case]) -> Comparison:
    """The library's comparison of two bundles, the earlier first; an empty name is the one that answers.

    Raises Problem ``not-found``, ``model-refused`` for one that cannot be opened, InputError for cases that show
    nothing.
    """
    from triage.learning.registry.compare import compare

    registry, opened = registry_of(settings), opener(settings, now)
    with _told(registry.folder):
        models = [now.triager if not name else opened(registry.path(_known(registry, name))) for name in names]
        return compare(models[0], models[1], cases)


def switch(
    settings: Settings, now: Answering, name: str, cases: Sequence[Case], *, reason: str, by: str, force: bool = False
) -> Step:
    """Put a bundle into use, if the library's gate lets it. Raises Problem ``not-found``, ``model-refused`` with the
    objections, ``register-busy``; InputError where it is in use already.
    """
    registry = registry_of(settings)
    with _told(registry.folder):
        named, opened = _known(registry, name), opener(settings, now)
        return registry.promote(named, opened, cases, force=force, reason=reason, by=by)


def go_back(settings: Settings, now: Answering, *, reason: str, by: str) -> Step:
    """Go back to the bundle that was in use before. Raises Problem ``model-refused``, ``register-busy``."""
    registry = registry_of(settings)
    with _told(registry.folder):
        if registry.register().previous is None:
            raise Problem("model-refused", "Nothing was in use before, so there is nothing to go back to.")
        return registry.rollback(reason=reason, by=by, opened=opener(settings, now))


def opener(settings: Settings, now: Answering) -> Callable[[Path], Triager]:
    """Opens a bundle with this service's encoder; the one that answers already is not loaded again."""
    from triage.bundle import locate, read_manifest

    def opened(folder: Path) -> Triager:
        place = locate(folder)
        if f"{place.resolve().name}@{read_manifest(place).digest[:12]}" == now.bundle:
            return now.triager
        return load_triager(settings, place)

    return opened


def unnoted(session: Session, register: Register) -> list[tuple[int, Step]]:
    """The steps of the register that the trail does not have yet, with their numbers."""
    chosen = select(TrailRow.details).where(TrailRow.action.in_((SWITCHED, ROLLED_BACK)))
    details = session.scalar(chosen.order_by(TrailRow.seq.desc()).limit(1)) or {}
    steps = list(enumerate(register.steps, start=1))
    known = int(details.get("step", 0))
    if known > len(steps):  # another registry took the place of the one that was noted
        known = len(steps) - 1
    return steps[known:]


def note_steps(writing: Writing, register: Register) -> None:
    """Note in the trail what the register says, also what was done on the command line, each step once."""
    from triage.learning.registry.register import Action

    for number, step in unnoted(writing.session, register):
        action = SWITCHED if step.action is Action.PROMOTE else ROLLED_BACK
        details = {"step": number, "digest": step.digest, "before": step.before, "forced": step.forced, "by": step.by}
        writing.note(action, step.bundle, **details)


def note_outside(settings: Settings, store: Store) -> None:
    """Note what was done on the command line. Raises RegisterError, StoreError."""
    if not is_registry(settings):
        return
    register = registry_of(settings).register()
    with store.read() as session:
        if not unnoted(session, register):
            return
    with store.write(OUTSIDE) as writing:
        note_steps(writing, register)


def told(step: Step) -> dict[str, Any]:
    """A step of the register as plain JSON types."""
    from triage.learning.registry.gate_zh import in_chinese

    plain = asdict(step) | {"action": str(step.action), "objections": list(step.objections)}
    return plain | {"objections_zh": [in_chinese(sentence) for sentence in step.objections]}


def told_comparison(comparison: Comparison) -> dict[str, Any]:
    """A comparison with what the gate says of it, in both languages, as plain JSON types."""
    from triage.learning.registry.gate import objections, remarks
    from triage.learning.registry.gate_zh import in_chinese

    against, beside = objections(comparison), remarks(comparison)
    return {
        "comparison": comparison.to_dict(),
        "objections": list(against),
        "remarks": list(beside),
        "objections_zh": [in_chinese(sentence) for sentence in against],
        "remarks_zh": [in_chinese(sentence) for sentence in beside],
    }


def _described(held: Held, folder: Path) -> dict[str, Any]:
    card = held.manifest.card if held.manifest else {}
    encoder = card.get("encoder")
    return {
        "name": held.name,
        "in_use": held.in_use,
        "problem": held.problem.replace(str(folder), folder.name),
        "fingerprint": held.manifest.fingerprint if held.manifest else "",
        "trained": str(card.get("trained") or ""),
        "cases": int(card.get("cases") or 0),
        "units": int(card.get("units") or 0),
        "topics": int(card.get("topics") or 0),
        "encoder": encoder["fingerprint"] if encoder else "",
        "figures": {name: value for name, value in (card.get("lead") or {}).items() if isinstance(value, int | float)},
    }


def _known(registry: ModelRegistry, name: str) -> str:
    from triage.bundle import bundles_in

    held = bundles_in(registry.folder)
    if name not in held:
        raise Problem("not-found", f"There is no model of this name; there are: {', '.join(held) or 'none'}.")
    return name


def _names(found: Sequence[dict[str, Any]]) -> str:
    return ", ".join(bundle["name"] for bundle in found) or "none"


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Say what the library refuses as problems, without the folders of this machine."""
    try:
        yield
    except PromotionRefused as error:
        from triage.learning.registry.gate_zh import in_chinese

        said = str(error).replace(str(folder), folder.name)
        against = [line[2:] for line in said.splitlines() if line.startswith("- ")]
        findings = [Finding(detail=one, detail_zh=in_chinese(one), pointer="#/name") for one in against]
        first = f"{len(findings)} objections; see errors. To do it all the same, send force: true with the reason."
        raise Problem("model-refused", first, findings=findings) from error
    except RegisterError as error:
        raise Problem("register-busy", str(error).replace(str(folder), folder.name)) from error
    except (EncoderError, ForeignEncoder) as error:
        log_fault(error)
        detail = "The model's sentence encoder is not the one of this service. The service's log says more."
        raise Problem("model-refused", detail) from error
    except (BundleError, StorageError) as error:
        raise Problem("model-refused", str(error).replace(str(folder), folder.name)) from error
