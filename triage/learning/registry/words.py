"""What a model card says around its figures, in English and in Chinese."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The headings and sentences of a card in one language. Braces name what is filled in."""

    details: str
    summary: str
    fields: dict[str, str]
    use: str
    used_for: str
    beyond: str
    not_for: str
    training: str
    trained: str
    cold: str
    evaluation: str
    held_out: str
    later: str
    compared: str
    unmeasured: str
    columns: tuple[str, str]
    figures: dict[str, str]
    limits: str
    limited: str
    no_promise: str
    how: str


_FIGURES = {
    "top_1": ("Lead right first", "主办单位首选正确"),
    "top_3": ("Lead within three", "主办单位前三命中"),
    "top_5": ("Lead within five", "主办单位前五命中"),
    "calibration_error": ("Calibration error of the first lead", "首选把握的校准误差"),
    "suggest_coverage": ("Answers that are a “suggest”", "建议交办所占比例"),
    "suggest_accuracy": ("“Suggest” right", "建议交办的正确率"),
    "co_recall_5": ("Helpers among the first five", "会办单位前五召回"),
    "topic_macro_f1": ("Topics, macro-F1", "类别宏平均 F1"),
}

ENGLISH = Words(
    details="Model Details",
    summary=(
        "Reads Chinese suggestions (建议、提案、群众来信) and proposes topic, lead unit (主办), helpers (会办) and why."
        " It answers with {units} units and {topics} topics. JSON and arrays, no code; it runs offline on a processor."
    ),
    fields={
        "name": "Name",
        "fingerprint": "Model fingerprint",
        "digest": "Digest of the bundle",
        "trained": "Trained",
        "version": "triage",
        "encoder": "Sentence encoder",
        "catalogue": "Catalogue (SHA-256)",
        "data": "Data (SHA-256)",
        "seed": "Seed",
        "python": "Python",
        "platform": "Platform",
        "blas": "BLAS and threads",
        "packages": "Packages",
    },
    use="Intended use",
    used_for=(
        "Advice for the clerk who hands suggestions out: every answer is checked by a person, who decides. The scores "
        "are probabilities; *suggest*, *choose* and *coordinate* say what to do with them."
    ),
    beyond="Out-of-scope",
    not_for=(
        "Rejecting, merging or sending anything without a person. Other places than the one whose units it knows. "
        "Judging who writes, how urgent or how well founded something is. Other languages than Chinese."
    ),
    training="Training data",
    trained=(
        "{cases} handled cases were given and {used} learned from{dates}; {phrases} duty phrases of the catalogue. "
        "{bare} units have no duties. The cases are not part of this card; the bundle holds titles of its precedents, "
        "so it is as confidential as they are."
    ),
    cold="No case: it answers from {phrases} duty phrases of the catalogue alone. {bare} units have no duties.",
    evaluation="Evaluation",
    held_out="On {cases} training cases, each answered by a model that had not seen it or its near-copies:",
    later="On the latest {cases} training cases, answered by a model of the earlier ones:",
    compared="On {cases} handled cases that it had not learned from, when it was put into use on {day}:",
    unmeasured="Nothing was measured: there was no case to measure on.",
    columns=("figure", "value"),
    figures={name: words[0] for name, words in _FIGURES.items()},
    limits="Limitations",
    limited=(
        "Figures of past cases say less about a year whose matters, units or writers are others: compare on later "
        "cases (`triage models compare`). Units with few cases are found by their duties alone. Habits of past handing "
        "out, the wrong ones too, are learned."
    ),
    no_promise="Its promise of {accuracy:.0%} is not proven: it never answers *suggest*.",
    how="How to use",
)

CHINESE = Words(
    details="模型说明",
    summary=(
        "阅读建议、提案和群众来信，提出类别、主办单位、会办单位和理由。可答 {units} 个单位、{topics} 个类别。"
        "模型只含 JSON 和数组，不含代码，在普通处理器上离线运行。"
    ),
    fields={
        "name": "名称",
        "fingerprint": "模型指纹",
        "digest": "模型包摘要",
        "trained": "训练时间",
        "version": "triage 版本",
        "encoder": "句向量模型",
        "catalogue": "目录（SHA-256）",
        "data": "数据（SHA-256）",
        "seed": "随机种子",
        "python": "Python",
        "platform": "平台",
        "blas": "BLAS 与线程数",
        "packages": "软件包",
    },
    use="适用范围",
    used_for=("供交办人员参考：每个答案都由人核对、由人决定。分数是概率；“建议交办”“请选择”“先协调”说明如何使用。"),
    beyond="不适用",
    not_for=(
        "不得无人审核即退回、并案或发出。不用于目录以外的地方。不评判提出人，也不评判事项是否紧急、是否合理。不适用于中文以外的文字。"
    ),
    training="训练数据",
    trained=(
        "给出已办案件 {cases} 件，学习 {used} 件{dates}；目录职责 {phrases} 条，{bare} 个单位没有职责。"
        "本说明不含案件内容；模型包内有先例标题，保密要求与案件相同。"
    ),
    cold="没有案件，只凭目录中的 {phrases} 条职责作答；{bare} 个单位没有职责。",
    evaluation="评估",
    held_out="在 {cases} 件训练案件上逐件留出（近似件一并留出）：",
    later="最近的 {cases} 件训练案件，由只学习过更早案件的模型作答：",
    compared="{day} 启用时，在未学习过的 {cases} 件已办案件上：",
    unmeasured="没有案件，未作评估。",
    columns=("指标", "数值"),
    figures={name: words[1] for name, words in _FIGURES.items()},
    limits="局限",
    limited=(
        "过去案件上的指标不代表事项、单位或来信人变化后的年份，请用较晚的案件比较（`triage models compare`）。"
        "案件少的单位只能凭职责找到。以往交办的习惯，包括不当之处，也会被学到。"
    ),
    no_promise="{accuracy:.0%} 的承诺未经证实：不会答“建议交办”。",
    how="使用方法",
)

LANGUAGES = {"en": ENGLISH, "zh": CHINESE}
