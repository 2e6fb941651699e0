"""A whole model: what was learned of one place, and how it becomes the parts of a bundle and comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.bundle import Part
from triage.catalogue import Catalogue, Resolver
from triage.encoders.lexical import LexicalEncoder
from triage.errors import DamagedBundle, TriageError
from triage.heads.co import CoHead
from triage.heads.columns import UnitColumns
from triage.heads.gazetteer import Gazetteer, named_places
from triage.heads.lead import LeadHead
from triage.heads.promise import Promise
from triage.heads.returns import Returns
from triage.heads.similarity import Encoder, Rows, Vectors
from triage.heads.topics import TopicColumns, TopicHead
from triage.heads.unseen import Unseen
from triage.text import Prepared, Segmenter

FOCUS = 256
"""Characters of a suggestion that the sentence encoder reads: title, opening and ask (`Prepared.focus`)."""


@dataclass(frozen=True, slots=True)
class Precedent:
    """What an answer may show of a handled case: never more than its title, and not that of a confidential one."""

    id: str
    title: str
    date: str = ""
    source: str = ""
    leads: tuple[str, ...] = ()
    co: tuple[str, ...] = ()
    outcome: str = ""


@dataclass(frozen=True)  # no slots: it keeps its resolver
class Model:
    """The fitted heads with the rows that they read, the catalogue they answer from and the precedents they cite.

    `precedents` are in the order of the case rows. `encoder` is the fingerprint of the sentence encoder that the
    model was trained with, or empty. `card` says what the model was made from and how good it is. `unseen` is None
    in bundles of before it was kept; without `returns` nothing is known of any.
    """

    catalogue: Catalogue
    lexical: LexicalEncoder
    encoder: str
    rows: Rows
    lead: LeadHead
    co: CoHead
    topics: TopicHead
    promise: Promise
    gazetteer: Gazetteer
    precedents: tuple[Precedent, ...] = ()
    card: dict[str, Any] = field(default_factory=dict)
    unseen: Unseen | None = None
    returns: Returns | None = None

    @cached_property
    def resolver(self) -> Resolver:
        """Reads names of units by the catalogue. Made once: that takes longer than an answer."""
        return Resolver(self.catalogue)

    @property
    def units(self) -> UnitColumns:
        """The units that can be answered."""
        return self.lead.columns

    @property
    def returning(self) -> Returns:
        """What is known of returns; without records, that there are none."""
        return self.returns or Returns.empty(len(self.units))

    def named(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """The places that each normalised text names; none where the gazetteer knows nothing of places."""
        return named_places(texts) if len(self.gazetteer) else [()] * len(texts)

    def mentions(self, texts: Sequence[str], named: Sequence[tuple[str, ...]] | None = None) -> NDArray[np.float32]:
        """What each normalised text says of the units' grounds, (texts, units, 5): `UnitColumns.mentions`, and what the
        gazetteer says of the places that are `named`.
        """
        grounds = self.units.mentions(texts)
        if not len(self.gazetteer):
            return with_grounds(grounds, np.zeros((len(texts), self.units.areas)), self.units)
        return with_grounds(grounds, self.gazetteer.says(self.named(texts) if named is None else named), self.units)

    def to_parts(self) -> dict[str, Part]:
        """The model as the parts of a bundle."""
        units = [unit.code for unit in self.units.units]
        parts = {
            "catalogue": Part({"catalogue": self.catalogue.to_dict(), "units": units}),
            "lexical": self.lexical.to_part(),
            "dense": Part({"fingerprint": self.encoder, "focus": FOCUS}),
            "references": self.rows.to_part(),
            "precedents": Part({"precedents": [_plain(precedent) for precedent in self.precedents]}),
            "lead": self.lead.to_part(),
            "co": self.co.to_part(),
            "topics": self.topics.to_part(),
            "promise": self.promise.to_part(),
            "gazetteer": self.gazetteer.to_part(),
            "returns": self.returning.to_part(),
        }
        return parts if self.unseen is None else {**parts, "unseen": self.unseen.to_part()}

    @classmethod
    def from_parts(cls, parts: Mapping[str, Part], card: Mapping[str, Any]) -> Model:
        """Rebuild from a bundle's parts. Raises DamagedBundle where they do not fit each other."""
        try:
            catalogue = Catalogue.from_dict(parts["catalogue"].data["catalogue"])
            units = UnitColumns(catalogue, [catalogue.unit(code) for code in parts["catalogue"].data["units"]])
            topics = TopicColumns(catalogue, parts["topics"].data["leaves"])
            rows = Rows.from_part(parts["references"])
            model = cls(
                catalogue,
                LexicalEncoder.from_part(parts["lexical"], Segmenter().words),
                str(parts["dense"].data["fingerprint"]),
                rows,
                LeadHead.from_part(parts["lead"], units, rows),
                CoHead.from_part(parts["co"], units, rows),
                TopicHead.from_part(parts["topics"], topics, rows),
                Promise.from_part(parts["promise"]),
                Gazetteer.from_part(parts["gazetteer"]) if "gazetteer" in parts else Gazetteer.empty(units),
                tuple(_precedent(entry) for entry in parts["precedents"].data["precedents"]),
                dict(card),
                Unseen.from_part(parts["unseen"]) if "unseen" in parts else None,
                Returns.from_part(parts["returns"]) if "returns" in parts else None,
            )
            _check_shapes(model)
            return model
        except (KeyError, TypeError, ValueError, AttributeError, TriageError) as error:
            raise DamagedBundle(f"the parts of the bundle do not fit each other ({error}). Train it again.") from error


def vectorize(texts: Sequence[Prepared], lexical: LexicalEncoder, sentence: Encoder | None) -> Vectors:
    """Prepared suggestions as matrices: wording of the whole text, meaning of its focus."""
    # Wording first: what it needs lies near while the text is being prepared, and the sentence encoder sweeps it away.
    wording = lexical.encode([text.full for text in texts])
    return Vectors(wording, None if sentence is None else sentence.encode([text.focus(FOCUS) for text in texts]))


def with_grounds(named: NDArray[np.float32], said: NDArray[Any], units: UnitColumns) -> NDArray[np.float32]:
    """`UnitColumns.mentions` (texts, units, 4) and what a gazetteer says of areas (texts, areas) as the fifth."""
    return np.concatenate([named, said[:, units.area, None]], axis=2, dtype=np.float32)


def _check_shapes(model: Model) -> None:
    """Raise ValueError where the arrays of one part are of another size than those of another."""
    cases, units, leaves = model.rows.cases.stop, len(model.units), len(model.topics.columns)
    pairs = units + model.units.kinds + model.units.areas
    sizes: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
        "precedents": ((len(model.precedents),), (cases,)),
        "lexical": ((model.lexical.dimension,), (model.rows.lexical.shape[1],)),
        "duties": ((model.rows.duties.stop - cases,), (len(model.units.phrases),)),
        "topic phrases": ((len(model.rows) - model.rows.duties.stop,), (len(model.topics.columns.phrases),)),
        "leads": (model.lead.leads_.shape, (cases, units)),
        "helpers": (model.co.helpers_.shape, (cases, units)),
        "roles": (model.co.roles_.shape, (cases, units)),
        "company": (model.co.company_.shape, (units, units)),
        "gazetteer": (model.gazetteer.usual.shape, (model.units.areas,)),
        "filed": (model.topics.filed_.shape, (cases, leaves)),
        "hand-outs": (model.returning.handed.shape, (units,)),
        "returns": (model.returning.returned.shape, (units,)),
    }
    if model.unseen is not None:
        sizes["unseen"] = (model.unseen.lead.shape, (cases,))
    # Alone, wording and meaning learn no kinds and areas.
    for head, mixed, alone in (("lead", pairs, units), ("co", units, units), ("topics", leaves, leaves)):
        learned = getattr(model, head).regressions_
        for name in {"mixed": 0, **learned.models_}:
            size = (len(learned.known_), mixed if name == "mixed" else alone)
            sizes[f"{head}, {name}"] = (learned.models_[name].alpha_.shape, size)
    for name, (found, wanted) in sizes.items():
        if found != wanted:
            raise ValueError(f"{name}: {found}, wanted {wanted}")


def _plain(precedent: Precedent) -> dict[str, Any]:
    return {
        "id": precedent.id,
        "title": precedent.title,
        "date": precedent.date,
        "source": precedent.source,
        "leads": list(precedent.leads),
        "co": list(precedent.co),
        "outcome": precedent.outcome,
    }


def _precedent(entry: Mapping[str, Any]) -> Precedent:
    return Precedent(**{**entry, "leads": tuple(entry["leads"]), "co": tuple(entry["co"])})
