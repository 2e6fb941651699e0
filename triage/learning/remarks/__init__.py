"""Texts written by hand and labelled, from which the small models of the pre-check are learned.

All places, people and firms in them are invented. Each file is UTF-8 with one JSON object a line; a text lies in
`machine.jsonl`, `several.jsonl`, `tagged.jsonl`, `near.jsonl` or `plain.jsonl` by the first of these it is.
`letters.jsonl` holds letters of several matters, and letters of one matter that look like several, whatever else they
are; `kinds.jsonl` holds texts of one matter that carry a tag or an urgency, or come close to one. Six files teach
where one matter ends and the next begins, as many texts of several matters as of one that looks like several:
`mailbox.jsonl` (letters, calls), `motions.jsonl` (deputies, sectors), `turns.jsonl` (the subject changes, nothing says
so), `counter.jsonl` (a week of an ordinary office), `short.jsonl`, and `lists.jsonl` (numbers and headings over several
matters or over one); only their matters are labelled. Fields:

`id`                 "L001" and so on, once over all files
`title`, `text`      as the office received them: mistakes, missing line breaks and all
`source`             人大, 政协, 群众 or 热线
`own`                the place of the office that reads the text, which decides what lies outside
`tags`               of personal, court, forwarded, advertising, outside, empty, accusation, secret; mostly none
`tag_sentences`      tag → the words of the text that show it; `empty` has none, since what is missing cannot be shown
`near`               the tags, or matters, machine or urgency, that the text comes close to and is not (hard negatives)
`unsure`             tags on which two careful readers could differ: learned as not there; a doubt is better not told
`matters`            the stretches of the text that are one matter each, what one unit's reply would answer, in order;
                     [] when the text is one matter, also when its measures are numbered or joined by 此外 and 另外
`parts`              subject, problem, analysis and ask → the sentences of the text that play the role; a comma parts
                     two roles within one sentence, headings and phrases of courtesy have none
`level`              村, 乡镇, 县, 市 or 省及以上, where it can be settled; "" when nobody could say from the text
                     (a city's district counts as 县, its streets as 乡镇)
`urgency`            of safety, health, mass, deadline
`urgency_sentences`  reason → the words of the text that show it
`machine`            true when the text looks machine-made, copied from a web page or left as an unfilled form

What the tags mean. personal: only the writer's own interest, nothing for others. court: the matter is before a court or
in arbitration or administrative reconsideration, or has been judged. forwarded: hands on somebody else's letter.
advertising: sells or promotes a product, service or firm. outside: asks for something wholly outside the office's own
place. empty: neither a fact nor an ask that a unit could act on. accusation: charges a person or unit that can be told
from the text with a crime or a breach of discipline. secret: gives away state or military secrets, or is marked
秘密, 机密 or 内部.
"""

from __future__ import annotations
