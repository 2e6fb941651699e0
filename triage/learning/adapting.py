"""How the adapter that ships with the default encoder is learned: what belongs together lies near, what looks alike and
does not belong together lies apart.

Learned from texts of our own writing alone: sessions and pairs with the matter of each (`triage.learning.pairs`), and
invented cases beside the duties of their lead. To make the file again (a quarter of an hour on two cores):

    triage encoder install --plain --out FOLDER
    python -m triage.learning.adapting FOLDER examples/cases.csv triage/encoders/adapter.npz

The same seed makes the same file again with the same processor, number of threads and torch. Elsewhere it comes out
nearly the same, not to the bit: sums are rounded in another order, and each step goes on from the one before.

A tuning to a place's own history is another thing: ``triage encoder tune``.
"""

from __future__ import annotations

import logging
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.catalogue import Resolver, starter_catalogue
from triage.datasets import read_cases
from triage.duplicates.rewrite import RULES, rewrite
from triage.encoders.adapter import Adapter
from triage.encoders.folder import read_manifest
from triage.learning.pairs import RANK, Filed, our_pairs, our_sessions
from triage.learning.tuning.network import check_packages
from triage.records import Case, Grade, Suggestion
from triage.results import replace_file
from triage.text import prepare

log = logging.getLogger(__name__)

Progress = Callable[[int, int, float], None]

READ = 90
"""Characters of a text that are read: what it asks for, most often."""
SAME = RANK[Grade.SAME_MATTER]
MATTERS_OF_A_TOPIC = 6
"""So many matters of one topic stand in a batch: they look alike, and are told apart."""
NEAREST_DUTIES = 3
"""Phrases of the lead that a case is learned with: those that lie nearest already."""
REWRITTEN = 0.3
"""The share of lone texts that are rewritten by rule."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the adapter is learned: `rank` of its matrices, `steps` of about `batch` texts each at a learning rate that
    rises to `rate`, with cosines divided by `temperature`. `letters` and `duties` are the shares of the batches that
    hold letters, and cases with duties; the others hold titles. Of what was learned the share `kept` is added: less
    than all keeps more of what the encoder knew (Wortsman et al., "Robust fine-tuning of zero-shot models", 2022).
    """

    rank: int = 16
    steps: int = 90
    batch: int = 48
    rate: float = 3e-4
    temperature: float = 0.05
    letters: float = 0.25
    duties: float = 0.15
    kept: float = 0.65
    seed: int = 0


Labelled = list[tuple[str, str]]
"""Texts of a batch, each with the name of what it belongs to."""
Topics = dict[str, dict[str, list[Suggestion]]]
"""The texts of each matter, by topic."""


def adapt(folder: Path, cases: Sequence[Case], recipe: Recipe, progress: Progress | None = None) -> Adapter:
    """Learn an adapter for the encoder in `folder`. Raises EncoderError without torch or an encoder."""
    check_packages()
    import torch

    network = _Network(folder, recipe)
    batches = _Batches(cases, recipe, network.encode)
    optimiser = torch.optim.AdamW(network.parameters, lr=recipe.rate, weight_decay=0.01)
    for step, batch in enumerate(batches.drawn(), start=1):
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * min(1.0, step / 15) * max(0.05, 1 - step / recipe.steps)
        loss = _loss(network.forward([text for text, _ in batch]), [name for _, name in batch], recipe.temperature)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters, 1.0)
        optimiser.step()
        if progress is not None:
            progress(step, recipe.steps, float(loss.detach()))
    return network.adapter()


def _loss(vectors: Any, names: Sequence[str], temperature: float) -> Any:
    """Supervised contrastive loss (Khosla et al., 2020): each text picks out those of its name among the batch."""
    import torch

    own = torch.eye(len(names), dtype=torch.bool)
    same = torch.tensor([[one == other for other in names] for one in names]) & ~own
    scores = (vectors @ vectors.T / temperature).masked_fill(own, -1e9)
    chances = scores - torch.logsumexp(scores, dim=1, keepdim=True)
    paired = same.any(dim=1)  # a text without a partner only stands in the others' way
    return -((chances * same).sum(dim=1)[paired] / same.sum(dim=1)[paired]).mean()


class _Network:
    """The encoder in torch, with two thin matrices beside every linear layer; they alone learn."""

    def __init__(self, folder: Path, recipe: Recipe) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        manifest = read_manifest(folder)
        self._prompt, self._most_tokens = manifest.prompt, manifest.max_tokens
        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        self._bert, self._tokenizer, self._kept = model[0].auto_model, model.tokenizer, recipe.kept
        self._bert.eval()
        for parameter in self._bert.parameters():
            parameter.requires_grad_(False)
        layers = {
            name: layer
            for name, layer in self._bert.named_modules()
            if isinstance(layer, torch.nn.Linear) and name.startswith("encoder.")
        }
        chance = torch.Generator().manual_seed(recipe.seed)
        self._changes = {name: _changed(layer, recipe.rank, chance) for name, layer in layers.items()}

    @property
    def parameters(self) -> list[Any]:
        return [matrix for change in self._changes.values() for matrix in change]

    def forward(self, texts: Sequence[str]) -> Any:
        import torch

        given = [self._prompt + text for text in texts]
        table = self._tokenizer(given, padding=True, truncation=True, max_length=self._most_tokens, return_tensors="pt")
        hidden = self._bert(**table).last_hidden_state
        mask = table["attention_mask"].unsqueeze(-1).float()
        return torch.nn.functional.normalize((hidden * mask).sum(dim=1) / mask.sum(dim=1), dim=-1)

    def encode(self, texts: Sequence[str]) -> Any:
        import torch

        with torch.inference_mode():
            return torch.cat([self.forward(texts[start : start + 32]) for start in range(0, len(texts), 32)]).numpy()

    def adapter(self) -> Adapter:
        return Adapter(
            {
                name: (down.detach().numpy(), self._kept * up.detach().numpy())
                for name, (down, up) in self._changes.items()
            }
        )


def _changed(layer: Any, rank: int, chance: Any) -> tuple[Any, Any]:
    """Put two thin matrices beside a linear layer; the second begins at zero, so that nothing changes at first."""
    import torch

    down = torch.nn.Parameter(torch.randn(rank, layer.in_features, generator=chance) / layer.in_features**0.5)
    up = torch.nn.Parameter(torch.zeros(layer.out_features, rank))
    layer.register_forward_hook(lambda _layer, given, made: made + given[0] @ down.T @ up.T)
    return down, up


class _Batches:
    """Batches in which what looks alike stands side by side: matters of one topic, in titles or in letters; pairs of
    two titles or of two letters; cases and the nearest duties of their lead.
    """

    def __init__(self, cases: Sequence[Case], recipe: Recipe, encode: Callable[[Sequence[str]], Any]) -> None:
        self._recipe = recipe
        self._chance = random.Random(recipe.seed)  # noqa: S311 (repeatable, no secret)
        sessions = our_sessions()
        self._titles = _by_topic([session for session in sessions if not _of_letters(session)])
        self._letters = _by_topic([session for session in sessions if _of_letters(session)])
        self._pairs = [pair for pair in our_pairs("train") if bool(pair.one.text) == bool(pair.other.text)]
        self._leads = _with_duties(cases, encode)

    def drawn(self) -> Iterator[Labelled]:
        for _ in range(self._recipe.steps):
            dice = self._chance.random()
            if dice > 1 - self._recipe.duties and self._leads:
                yield self._of_leads()
            elif dice < self._recipe.letters:
                yield self._of_matters(self._letters, self._recipe.batch // 2)  # they are longer
            else:
                yield self._of_matters(self._titles, self._recipe.batch * 3 // 4)

    def _of_leads(self) -> Labelled:
        chosen = self._chance.sample(sorted(self._leads), min(self._recipe.batch // 2, len(self._leads)))
        drawn = [(unit, self._chance.choice(self._leads[unit])) for unit in chosen]
        return [(text, unit) for unit, (case, duties) in drawn for text in (case, self._chance.choice(duties))]

    def _of_matters(self, topics: Topics, least: int) -> Labelled:
        """At least so many texts of sessions, and some pairs."""
        batch: Labelled = []
        while len(batch) < least:
            matters = topics[self._chance.choice(sorted(topics))]
            names = self._chance.sample(sorted(matters), min(MATTERS_OF_A_TOPIC, len(matters)))
            batch += [text for name in names for text in self._two(name, matters[name])]
        for number, pair in enumerate(self._chance.sample(self._pairs, self._recipe.batch // 8)):
            name = f"pair {number}"
            batch += [(_read(pair.one), name), (_read(pair.other), name if pair.rank >= SAME else f"{name}, other")]
        return batch

    def _two(self, name: str, texts: Sequence[Suggestion]) -> Labelled:
        """Two texts of a matter; of a lone one, rewritten or not, title and letter, or itself alone."""
        if len(texts) > 1:
            return [(_read(text), name) for text in self._chance.sample(texts, 2)]
        text = texts[0]
        if self._chance.random() < REWRITTEN:
            text = rewrite(text, self._chance, tuple(RULES))
        if text.title and text.text:
            return [(_read(Suggestion(title=text.title)), name), (_read(Suggestion(text=text.text)), name)]
        return [(_read(text), name)]


def _of_letters(session: Sequence[Filed]) -> bool:
    """Whether most entries of a session are letters; the others have a title alone."""
    return 2 * sum(bool(entry.suggestion.text) for entry in session) > len(session)


def _by_topic(sessions: Sequence[Sequence[Filed]]) -> Topics:
    topics: Topics = {}
    for entry in (entry for session in sessions for entry in session):
        topics.setdefault(entry.topic, {}).setdefault(entry.matter, []).append(entry.suggestion)
    return topics


def _with_duties(
    cases: Sequence[Case], encode: Callable[[Sequence[str]], Any]
) -> dict[str, list[tuple[str, list[str]]]]:
    """Cases with the nearest duty phrases of their lead, by unit."""
    resolver = Resolver(starter_catalogue())
    found: dict[str, list[tuple[str, list[str]]]] = {}
    duties: dict[str, Any] = {}
    read = [(_read(case.suggestion), resolver.resolve(case.leads[0]).unit) for case in cases if case.leads]
    texts = [(text, unit) for text, unit in read if text and unit is not None and unit.duties]
    for (text, unit), vector in zip(texts, encode([text for text, _ in texts]) if texts else (), strict=True):
        if unit.code not in duties:
            duties[unit.code] = encode(list(unit.duties))
        near = (duties[unit.code] @ vector).argsort()[::-1][:NEAREST_DUTIES]
        found.setdefault(unit.code, []).append((text, [unit.duties[int(row)] for row in near]))
    return found


def _read(suggestion: Suggestion) -> str:
    return prepare(suggestion).focus(256)[:READ]


def main() -> None:
    """Learn the adapter from the command line: encoder folder, cases file, file to write."""
    if len(sys.argv) != 4:
        raise SystemExit("usage: python -m triage.learning.adapting FOLDER CASES OUT")
    folder, cases, out = sys.argv[1:]
    logging.basicConfig(level=logging.INFO)
    adapter = adapt(
        Path(folder), read_cases(cases), Recipe(), lambda *told: log.info("step %d of %d: loss %.3f", *told)
    )
    replace_file(Path(out), adapter.to_bytes())


if __name__ == "__main__":
    main()
