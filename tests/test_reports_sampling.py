"""The inspection sample: size, proportions, at least one a unit, the same again, whatever the order."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.errors import InputError
from triage.reports.sampling import Plan, apportioned, by_unit, draw, fingerprint, footer, plan, read_footer

STRATA = st.dictionaries(
    st.text("0123456789ab", min_size=1, max_size=4),
    st.tuples(st.sampled_from("甲乙丙丁"), st.sampled_from("教医路"), st.sampled_from("AB")),
    min_size=1,
    max_size=120,
)
SHARES = st.sampled_from([0.01, 0.05, 0.1, 0.2, 0.33, 0.5, 1.0])


@given(STRATA, SHARES, st.booleans(), st.integers(-5, 1000))
def test_size_strata_and_at_least_one(
    strata: dict[str, tuple[str, str, str]], share: float, per_unit: bool, seed: int
) -> None:
    drawing = plan(share, per_unit, seed)
    sample = draw(strata, drawing)
    units = Counter(stratum[0] for stratum in strata.values())
    wanted = max(floor(Fraction(str(share)) * len(strata) + Fraction(1, 2)), 1)
    assert len(sample.drawn) == len(set(sample.drawn)) == min(max(wanted, len(units) if per_unit else 0), len(strata))
    assert set(sample.drawn) <= set(strata)
    drawn = Counter(strata[name] for name in sample.drawn)
    there = Counter(strata.values())
    assert {stratum: (whole, some) for stratum, whole, some in sample.strata} == {
        stratum: (there[stratum], drawn[stratum]) for stratum in there
    }
    taken = Counter(strata[name][0] for name in sample.drawn)
    for unit, whole in units.items():
        if per_unit:
            assert taken[unit] >= 1
        else:  # the quota rule: what is due, rounded down or up
            due = Fraction(len(sample.drawn) * whole, len(strata))
            assert floor(due) <= taken[unit] <= ceil(due)


@given(STRATA, SHARES, st.booleans(), st.integers(0, 1000), st.randoms())
def test_the_same_again_from_the_footer_in_any_order(
    strata: dict[str, tuple[str, str, str]], share: float, per_unit: bool, seed: int, chance: object
) -> None:
    drawing = plan(share, per_unit, seed)
    names = list(strata)
    chance.shuffle(names)  # type: ignore[attr-defined]
    again, drawn_from = read_footer(["来件文件：a.csv", footer(drawing, strata), "程序版本：1"])
    shuffled = {name: strata[name] for name in names}
    assert again == drawing
    assert drawn_from == fingerprint(shuffled) == fingerprint(strata)
    assert draw(shuffled, again) == draw(strata, drawing)


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 50), min_size=1, max_size=12), st.data())
def test_seats_are_shared_out_by_largest_remainders(sizes: dict[str, int], data: st.DataObject) -> None:
    whole = sum(sizes.values())
    seats = data.draw(st.integers(0, whole))
    least = data.draw(st.integers(0, 1))
    given_out = apportioned(sizes, seats, seed=3, least=least)
    assert sum(given_out.values()) == seats
    assert all(0 <= given_out[name] <= size for name, size in sizes.items())
    if seats >= least * len(sizes):
        assert all(number >= least for number in given_out.values())


def test_seats_by_hand() -> None:
    # 10 of 100: 4.7, 1.6, 1.58, 1.2, 0.61, 0.31 → floors 4, 1, 1, 1, 0, 0, and three more for the largest remainders.
    sizes = {"甲": 47, "乙": 16, "丙": 15, "丁": 12, "戊": 7, "己": 3}
    assert apportioned(sizes, 10, 1) == {"甲": 5, "乙": 2, "丙": 1, "丁": 1, "戊": 1, "己": 0}
    assert apportioned(sizes, 10, 1, least=1) == {"甲": 4, "乙": 2, "丙": 1, "丁": 1, "戊": 1, "己": 1}


def test_equal_remainders_are_decided_by_the_seed() -> None:
    sizes = dict.fromkeys("甲乙丙丁戊己庚辛壬癸", 5)
    chosen = {tuple(name for name, seats in apportioned(sizes, 5, seed).items() if seats) for seed in range(30)}
    assert len(chosen) > 20
    assert {name for names in chosen for name in names} == set(sizes)


def test_another_seed_draws_others_and_every_case_may_come() -> None:
    strata = {f"{number}": ("甲", "教", "A") for number in range(100)}
    drawn = [draw(strata, plan(0.1, False, seed)).drawn for seed in range(100)]
    times = Counter(name for names in drawn for name in names)
    assert len(times) == 100
    assert max(times.values()) < 30  # each is expected ten times


def test_units_are_summed_up() -> None:
    strata = {"1": ("甲", "教", "A"), "2": ("甲", "医", "A"), "3": ("乙", "医", "A")}
    sample = draw(strata, plan(1, False, 1))
    assert by_unit(sample.strata) == [("乙", 1, 1), ("甲", 2, 2)]


def test_a_changed_population_changes_the_fingerprint() -> None:
    strata = {"1": ("甲", "教", "A"), "2": ("乙", "医", "B")}
    assert fingerprint(strata) != fingerprint({**strata, "2": ("乙", "医", "A")})
    assert fingerprint(strata) != fingerprint({**strata, "3": ("乙", "医", "B")})


@pytest.mark.parametrize("share", [0, -0.1, 1.01])
def test_a_share_that_is_none(share: float) -> None:
    with pytest.raises(InputError, match="the share of the sample"):
        plan(share, False, 1)


def test_nothing_to_draw_from_and_no_footer() -> None:
    with pytest.raises(InputError, match="no handled case"):
        draw({}, Plan(Fraction(1, 10)))
    with pytest.raises(InputError, match="no line of the footer begins with 抽样方法1"):
        read_footer(["程序版本：1"])
