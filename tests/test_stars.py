"""Star clustering: who is put together, what never chains, what is not cut, and that order plays no part."""

from __future__ import annotations

import itertools
import time

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from triage.duplicates.stars import Cover, Links, star_cover, unique_links

Pair = tuple[int, int, float]


def links_of(pairs: list[Pair], texts: int, threshold: float = 0.5) -> Links:
    low = np.array([pair[0] for pair in pairs], dtype=np.int64)
    high = np.array([pair[1] for pair in pairs], dtype=np.int64)
    return unique_links(low, high, np.array([pair[2] for pair in pairs], dtype=np.float64), threshold, texts)


def cover_of(pairs: list[Pair], texts: int, threshold: float = 0.5) -> Cover:
    return star_cover(links_of(pairs, texts, threshold), np.ones(texts, dtype=np.int64))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, list[Pair]]:
    texts = draw(st.integers(1, 14))
    pairs = list(itertools.combinations(range(texts), 2))
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    # Hundredths of 64ths are exact, so that sums do not depend on their order.
    return texts, [(a, b, draw(st.integers(16, 64)) / 64) for a, b in chosen]


def stars_by_hand(texts: int, pairs: list[Pair]) -> list[int]:
    """The centres, as in the paper: the text with the most expected neighbours of those that none has yet."""
    near: dict[int, dict[int, float]] = {text: {} for text in range(texts)}
    for a, b, likely in pairs:
        if likely >= 0.5:
            near[a][b] = near[b][a] = likely
    strength = {text: sum(near[text].values()) for text in near}
    rank = sorted(near, key=lambda text: (-strength[text], text))
    centres: list[int] = []
    for text in rank:
        if not any(text in near[centre] for centre in centres):
            centres.append(text)
    return [
        text
        if text in centres
        else min(
            (one for one in centres if one in near[text]),
            key=lambda one, text=text: (-near[text][one], rank.index(one)),
        )
        for text in range(texts)
    ]


@given(graphs())
def test_the_stars_are_those_of_the_paper(graph: tuple[int, list[Pair]]) -> None:
    texts, pairs = graph
    assert cover_of(pairs, texts).centre.tolist() == stars_by_hand(texts, pairs)


@given(graphs())
def test_every_text_is_above_the_threshold_with_its_centre(graph: tuple[int, list[Pair]]) -> None:
    texts, pairs = graph
    likely = {frozenset(pair[:2]): pair[2] for pair in pairs}
    cover = cover_of(pairs, texts)
    for text, centre in enumerate(cover.centre.tolist()):
        expected = 1 if text == centre else likely[frozenset((text, centre))]
        assert cover.closeness[text] == expected >= 0.5
    for one, other in itertools.combinations(set(cover.centre.tolist()), 2):
        assert likely.get(frozenset((one, other)), 0) < 0.5
    assert all(cover.head[text] == cover.head[cover.centre[text]] for text in range(texts))
    assert all(cover.centre[head] == head == cover.head[head] for head in cover.head)


@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_the_pairs_plays_no_part(graph: tuple[int, list[Pair]], chance: object) -> None:
    texts, pairs = graph
    turned = [(b, a, likely) for a, b, likely in pairs] + pairs[:2]
    chance.shuffle(turned)  # type: ignore[attr-defined]
    one, other = cover_of(pairs, texts), cover_of(turned, texts)
    assert one.centre.tolist() == other.centre.tolist()
    assert one.head.tolist() == other.head.tolist()


def test_a_chain_stays_apart() -> None:
    pairs = [(text, text + 1, 0.9) for text in range(59)]
    head = cover_of(pairs, 60).head
    reach = {int(one): np.ptp(np.flatnonzero(head == one)) for one in head}
    assert max(reach.values()) <= 2
    assert len(reach) >= 20


def test_a_drifting_topic_does_not_reach_from_end_to_end() -> None:
    pairs = [(a, b, 0.9) for a, b in itertools.combinations(range(120), 2) if b - a <= 5]
    head = cover_of(pairs, 120).head
    assert max(np.ptp(np.flatnonzero(head == one)) for one in set(head.tolist())) <= 10


def test_the_likelier_centre_takes_a_text_that_two_have() -> None:
    pairs = [(0, 1, 0.9), (0, 2, 0.9), (0, 3, 0.6), (4, 3, 0.8), (4, 5, 0.9)]
    assert cover_of(pairs, 6).centre.tolist() == [0, 0, 0, 4, 4, 4]


def test_what_lies_below_the_threshold_is_no_link() -> None:
    assert cover_of([(0, 1, 0.69)], 2, threshold=0.7).head.tolist() == [0, 1]
    assert cover_of([(0, 1, 0.7)], 2, threshold=0.7).head.tolist() == [0, 0]


def test_of_a_pair_given_twice_the_likelier_counts() -> None:
    links = links_of([(0, 1, 0.6), (1, 0, 0.8), (0, 1, 0.7)], 2)
    assert (links.low.tolist(), links.high.tolist(), links.probability.tolist()) == ([0], [1], [0.8])


def test_copies_make_a_centre() -> None:
    links = links_of([(0, 1, 0.9), (1, 2, 0.9)], 3)
    assert star_cover(links, np.array([1, 1, 1])).centre.tolist() == [1, 1, 1]
    assert star_cover(links, np.array([1, 1, 900])).centre.tolist()[2] in (1, 2)
    assert star_cover(links, np.array([900, 1, 1])).centre.tolist() == [0, 0, 2]


def test_stars_that_hang_together_as_within_are_one_topic() -> None:
    """Three groups whose leaders do not know each other, but whose members do."""
    groups = [range(7), range(7, 14), range(14, 21)]
    centres = {0, 7, 14}
    pairs = [
        (a, b, 0.95 if a in centres else 0.7)
        for a, b in itertools.combinations(range(21), 2)
        if not ({a, b} & centres) or any(a in group and b in group for group in groups)
    ]
    cover = cover_of(pairs, 21)
    assert len(set(cover.head.tolist())) == 1


def test_two_topics_with_a_few_links_between_stay_two() -> None:
    one, other = range(10), range(10, 20)
    pairs = [(a, b, 0.9) for group in (one, other) for a, b in itertools.combinations(group, 2)]
    pairs += [(a, b, 0.6) for a, b in zip(one, other, strict=True)]
    head = cover_of(pairs, 20).head
    assert len(set(head[:10].tolist())) == len(set(head[10:].tolist())) == 1
    assert head[0] != head[10]


def neighbour_lists(topic: np.ndarray, length: int, noise: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each text `length` others, by chance from its topic or, with probability `noise`, from anywhere."""
    chance = np.random.default_rng(5)
    order = np.argsort(topic, kind="stable")
    sizes = np.bincount(topic)
    starts = np.cumsum(sizes) - sizes
    text = np.repeat(np.arange(len(topic)), length)
    other = order[starts[topic[text]] + (chance.random(len(text)) * sizes[topic[text]]).astype(int)]
    stray = chance.random(len(text)) < noise
    other[stray] = chance.integers(0, len(topic), int(stray.sum()))
    likely = np.where(topic[text] == topic[other], 0.6 + 0.4 * chance.random(len(text)), 0.3)
    return text, other, likely


def test_a_topic_of_hundreds_is_one_though_each_text_knows_thirty() -> None:
    topic = np.repeat([0, 1, 2], [900, 300, 60])
    text, other, likely = neighbour_lists(topic, 30, noise=0.1)
    cover = star_cover(unique_links(text, other, likely, 0.5, len(topic)), np.ones(len(topic), dtype=np.int64))
    assert len(set(cover.centre[:900].tolist())) > 3  # cut by stars alone
    for one, size in enumerate((900, 300, 60)):
        heads = cover.head[topic == one]
        assert np.bincount(heads).max() == size


def test_a_hundred_thousand_texts_take_seconds() -> None:
    topic = np.minimum((np.random.default_rng(1).pareto(1.0, 100_000) * 20).astype(int), 9_999)
    text, other, likely = neighbour_lists(topic, 30, noise=0.1)
    start = time.process_time()
    cover = star_cover(unique_links(text, other, likely, 0.5, len(topic)), np.ones(len(topic), dtype=np.int64))
    assert time.process_time() - start < 20
    assert all(len(set(topic[cover.head == head].tolist())) == 1 for head in set(cover.head[:50].tolist()))
