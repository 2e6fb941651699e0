"""Topics as columns and as a head: sums over the tree, learning from cases and phrases, out of a bundle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from triage import bundle
from triage.catalogue import Catalogue, Topic
from triage.heads.holdout import Holdout
from triage.heads.similarity import Rows, Vectors
from triage.heads.topics import SIGNALS, START, START_ON_WORDING, TopicColumns, TopicHead

TREE = Catalogue(
    topics=(
        Topic("jt", "交通"),
        Topic("jt-dl", "道路", "jt", phrases=("修路", "坑洼")),
        Topic("jt-gj", "公交", "jt", phrases=("公交站", "修路")),
        Topic("jt-gj-pj", "票价", "jt-gj"),
        Topic("jy", "教育"),
        Topic("jy-xx", "学校", "jy", phrases=("学校",)),
        Topic("qt", "其他"),
    )
)


def test_the_leaves_are_what_nothing_stands_below() -> None:
    columns = TopicColumns(TREE)
    assert columns.leaves == ("jt-dl", "jt-gj-pj", "jy-xx", "qt")
    assert columns.nodes == tuple(topic.code for topic in TREE.topics)
    assert len(columns) == 4
    assert columns.paths[columns.nodes.index("jt-gj-pj")] == ("交通", "公交", "票价")


def test_an_inner_node_that_history_files_under_is_answered_too() -> None:
    columns = TopicColumns(TREE, ("jt-gj", "jy-xx"))
    assert columns.leaves == ("jt-dl", "jt-gj", "jt-gj-pj", "jy-xx", "qt")
    again = TopicColumns(TREE, columns.leaves)
    assert (again.leaves, again.phrases) == (columns.leaves, columns.phrases)
    np.testing.assert_array_equal(again.above, columns.above)


@pytest.mark.parametrize("filed", [(), ("jt-gj", "jt"), ("jy",)])
def test_a_node_is_as_likely_as_all_leaves_within_it(filed: tuple[str, ...]) -> None:
    columns = TopicColumns(TREE, filed)
    shares = np.random.default_rng(1).dirichlet(np.ones(len(columns)), size=5).astype(np.float32)
    nodes = shares @ columns.above
    for node, code in enumerate(columns.nodes):
        path = columns.paths[node]
        inside = [leaf for leaf, own in enumerate(columns.leaves) if TREE.topic_path(own)[: len(path)] == path]
        np.testing.assert_allclose(nodes[:, node], shares[:, inside].sum(axis=1), atol=1e-6, err_msg=code)
    first = [node for node, path in enumerate(columns.paths) if len(path) == 1]
    np.testing.assert_allclose(nodes[:, first].sum(axis=1), 1.0, atol=1e-5)


def test_a_topic_s_name_is_one_of_its_phrases() -> None:
    columns = TopicColumns(TREE, ("jt-gj",))
    assert columns.phrases == ("道路", "修路", "坑洼", "公交", "公交站", "票价", "学校", "其他")
    owned = {
        leaf: [columns.phrases[row] for row in np.flatnonzero(columns.membership[:, column])]
        for column, leaf in enumerate(columns.leaves)
    }
    assert owned == {
        "jt-dl": ["道路", "修路", "坑洼"],
        "jt-gj": ["修路", "公交", "公交站"],
        "jt-gj-pj": ["票价"],
        "jy-xx": ["学校"],
        "qt": ["其他"],
    }


def rows_of(columns: TopicColumns, filed: Any, seed: int = 0, dense: bool = False) -> Rows:
    """Cases that lie near their topic's phrases, in wording and in meaning."""
    chance = np.random.default_rng(seed)
    places = chance.normal(size=(len(columns), 24))
    phrases = columns.membership @ places + 0.3 * chance.normal(size=(len(columns.phrases), 24))
    cases = filed @ places + 0.5 * chance.normal(size=(len(filed), 24))
    points = np.concatenate([cases, phrases])
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    lexical = np.maximum(points, 0)
    lexical /= np.linalg.norm(lexical, axis=1, keepdims=True)
    vectors = Vectors(sp.csr_array(lexical.astype(np.float32)), points.astype(np.float32) if dense else None)
    return Rows(vectors, len(filed), 0, len(columns.phrases))


def fitted(columns: TopicColumns, filed: Any, dense: bool = False) -> tuple[TopicHead, Any]:
    rows = rows_of(columns, filed, dense=dense)
    holdout = Holdout([np.array([case]) for case in range(len(filed))])
    return TopicHead(columns).fit(rows, rows.compare_themselves(), filed, holdout), rows


def filed_at(columns: TopicColumns, *leaves: int) -> Any:
    return np.eye(len(columns), dtype=np.float32)[list(leaves)].reshape(-1, len(columns))


@pytest.mark.parametrize("dense", [False, True])
def test_cases_teach_their_topics(dense: bool) -> None:
    columns = TopicColumns(TREE)
    filed = filed_at(columns, *([0, 1, 2, 3] * 15))
    head, rows = fitted(columns, filed, dense)
    shares = head.predict_proba(rows, rows.compare(Vectors(rows.lexical[:60], rows.dense[:60] if dense else None)))
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-5)
    assert (shares.argmax(axis=1) == filed.argmax(axis=1)).mean() > 0.95
    assert (head.unseen_.argmax(axis=1) == filed.argmax(axis=1)).mean() > 0.8
    np.testing.assert_allclose(head.unseen_.sum(axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize(("dense", "start"), [(False, START_ON_WORDING), (True, START)])
def test_without_cases_the_weights_are_the_stored_ones(dense: bool, start: tuple[float, ...]) -> None:
    columns = TopicColumns(TREE)
    head, rows = fitted(columns, np.zeros((0, 4), np.float32), dense)
    assert tuple(head.weights_) == start
    assert len(start) == len(SIGNALS)
    seen = rows.compare(Vectors(rows.lexical, rows.dense))
    shares = head.predict_proba(rows, seen)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-5)
    own = [row for row in range(len(columns.phrases)) if columns.membership[row].sum() == 1]
    assert (shares[own].argmax(axis=1) == columns.membership[own].argmax(axis=1)).all()


def test_cases_without_topic_teach_nothing() -> None:
    columns = TopicColumns(TREE)
    filed = filed_at(columns, *([0, 1, 2, 3] * 8))
    filed[::2] = 0.0
    head, rows = fitted(columns, filed)
    assert head.regressions_.known_.tolist() == [*range(1, 32, 2), *range(32, len(rows))]
    assert np.isfinite(head.unseen_).all()


def test_a_catalogue_without_topics_answers_none() -> None:
    columns = TopicColumns(Catalogue())
    vectors = Vectors(sp.csr_array(np.eye(3, dtype=np.float32)))
    rows = Rows(vectors, 3, 0, 0)
    holdout = Holdout([np.array([case]) for case in range(3)])
    head = TopicHead(columns).fit(rows, rows.compare_themselves(), np.zeros((3, 0), np.float32), holdout)
    assert head.predict_proba(rows, rows.compare(vectors)).shape == (3, 0)


@pytest.mark.parametrize("dense", [False, True])
def test_the_head_comes_back_from_a_bundle(tmp_path: Any, dense: bool) -> None:
    columns = TopicColumns(TREE, ("jt-gj",))
    head, rows = fitted(columns, filed_at(columns, *([0, 1, 2, 3, 4] * 8)), dense)
    first = TopicHead.from_part(head.to_part(), columns, rows)
    folder = bundle.save(tmp_path / "model", {"topics": first.to_part()}, {})
    again = TopicHead.from_part(bundle.load(folder).parts["topics"], columns, rows)
    seen = rows.compare(Vectors(rows.lexical[:9], rows.dense[:9] if dense else None))
    np.testing.assert_array_equal(first.predict_proba(rows, seen), again.predict_proba(rows, seen))
    np.testing.assert_allclose(first.predict_proba(rows, seen), head.predict_proba(rows, seen), atol=0.01)
