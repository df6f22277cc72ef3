"""HTML of any origin put into the few forms that content has: paragraphs, headings, lists, tables, figures.

`tree` reads, `flow` decides what is a block and what its text, with `lists` and `tables` for what Word and spreadsheets
send; `inline` writes text with its marks. What comes out is well-formed and valid, and comes out again unchanged.
Whether it is safe is not decided here: `richtext.clean` lets an allow-list have the first and the last word.
"""
