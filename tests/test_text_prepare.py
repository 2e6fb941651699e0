"""What the models may see of a suggestion, and what the clerk is told about it."""

from __future__ import annotations

import pytest

from triage.records import Suggestion
from triage.text import Condition, prepare


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("", Condition.EMPTY),
        (" \n\u3000\u200b", Condition.EMPTY),
        ("#￥%……&*（）——", Condition.NOISE),
        ("2024 1100 33", Condition.NOISE),
        ("哈哈哈哈哈哈哈哈哈", Condition.NOISE),
        ("Please repair the lamp on our street", Condition.FOREIGN),
        ("Почините дорогу у школы", Condition.FOREIGN),
        ("😀😡🙏", Condition.FOREIGN),
        ("道路がとても悪いので直してください", Condition.FOREIGN),
        ("好", Condition.SHORT),
        ("桥头路灯不亮", Condition.OK),
        ("Wi-Fi信号太差，请在广场装AP", Condition.OK),
        ("村口石桥开裂，雨天行人不便。" * 15_000, Condition.LONG),
    ],
)
def test_every_text_gets_a_condition_and_a_notice(text: str, condition: Condition) -> None:
    prepared = prepare(Suggestion(text=text))
    assert prepared.condition is condition
    assert prepared.suggestion.text == text
    assert bool(prepared.notices) or condition is Condition.OK
