"""All models of the pre-check from labelled texts, and the file that holds them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from triage.catalogue.rules import TAGS
from triage.errors import InputError
from triage.learning.prechecking.fitting import FOLDS, NEVER, rarity_of
from triage.learning.prechecking.labelled import Remark, lessons, our_remarks
from triage.learning.prechecking.matters import learn_matters
from triage.learning.prechecking.texts import learn_level, learn_roles, learn_tag, learn_urgency
from triage.precheck import level, tags, urgency
from triage.precheck.linear import FILE, Learned, stored
from triage.results import replace_file


def learn(remarks: Sequence[Remark]) -> Learned:
    """All models from labelled texts; the same texts give the same models. Raises InputError if there are too few."""
    if len(remarks) < FOLDS:
        raise InputError(f"{len(remarks)} labelled texts are too few to learn from; at least {FOLDS} are needed.")
    read_ = lessons(remarks)
    # Texts that were written to teach borders are of several matters far more often than what comes in.
    rarity = rarity_of([lesson.reading for lesson in read_ if lesson.remark.whole])
    models = {"roles": learn_roles(read_, rarity)}
    models[level.MODEL] = learn_level(read_, rarity)
    for tag in TAGS:
        models[tags.MODEL + tag] = learn_tag(tag, read_, rarity)
    for kind in urgency.REASONS:
        learned = learn_urgency(kind, read_, rarity)
        if learned.thresholds[0] < NEVER:  # else the words of urgency.csv do better alone
            models[urgency.MODEL + kind] = learned
    return Learned(models, *learn_matters(read_, rarity), rarity)


def main() -> None:
    """Learn and write the models beside the package's other tables."""
    target = Path(str(files("triage.precheck"))) / FILE
    replace_file(target, stored(learn(our_remarks())))
