"""Cases that the model has not learned from speak for their units, and for nobody else."""

from __future__ import annotations

import numpy as np
import pytest

from triage.catalogue import starter_catalogue
from triage.heads.columns import UnitColumns
from triage.heads.told import HELPFUL, LEAST, RELIABLE, Told, heard

CATALOGUE = starter_catalogue()
UNITS = UnitColumns(CATALOGUE, CATALOGUE.current()[:5])
LEAD = np.array([0.5, 0.3, 0.1, 0.05, 0.05], np.float32)
CO = np.array([0.1, 0.2, 0.3, 0.0, 0.0], np.float32)


def test_no_case_changes_nothing() -> None:
    lead, co = heard(LEAD, CO, Told(), UNITS)
    assert (lead == LEAD).all()
    assert (co == CO).all()


def test_a_sure_case_comes_first_and_the_others_keep_their_order() -> None:
    lead, co = heard(LEAD, CO, Told({UNITS.names[3]: 1.0}, {UNITS.names[4]: 1.0}), UNITS)
    assert lead.argmax() == 3
    assert np.argsort(-lead).tolist()[1:3] == [0, 1]
    assert lead.sum() == pytest.approx(1.0)
    assert co[4] == pytest.approx(RELIABLE * HELPFUL)
    assert co[:3] == pytest.approx(CO[:3])


def test_unlikely_cases_and_unknown_units_say_nothing() -> None:
    lead, co = heard(LEAD, CO, Told({UNITS.names[3]: LEAST - 0.01, "某某局": 1.0}, {"某某局": 1.0}), UNITS)
    assert (lead == LEAD).all()
    assert (co == CO).all()


def test_a_case_that_agrees_makes_surer() -> None:
    lead, _ = heard(LEAD, CO, Told({UNITS.names[0]: 0.8}), UNITS)
    assert lead[0] > LEAD[0]
    assert lead.sum() <= 1.0 + 1e-6
