// What a text can hold: the same as the server's allow-list (core/content/richtext.py), no looks.
import { Mark, mergeAttributes } from "@tiptap/core"
import Blockquote from "@tiptap/extension-blockquote"
import Bold from "@tiptap/extension-bold"
import Document from "@tiptap/extension-document"
import HardBreak from "@tiptap/extension-hard-break"
import Heading from "@tiptap/extension-heading"
import HorizontalRule from "@tiptap/extension-horizontal-rule"
import Image from "@tiptap/extension-image"
import Italic from "@tiptap/extension-italic"
import Link from "@tiptap/extension-link"
import { ListKit } from "@tiptap/extension-list"
import Paragraph from "@tiptap/extension-paragraph"
import Strike from "@tiptap/extension-strike"
import { Table, TableCell, TableHeader, TableRow } from "@tiptap/extension-table"
import Text from "@tiptap/extension-text"
import Underline from "@tiptap/extension-underline"
import { Dropcursor, Gapcursor, Placeholder, UndoRedo } from "@tiptap/extensions"

// Tiptap's own table writes its widths as inline styles, which the site's content policy refuses.
const PlainTable = Table.extend({ renderHTML: () => ["table", ["tbody", 0]] })
const spans = {
  colspan: { default: 1, parseHTML: (cell) => Number(cell.getAttribute("colspan")) || 1, renderHTML: ({ colspan }) => (colspan > 1 ? { colspan } : {}) },
  rowspan: { default: 1, parseHTML: (cell) => Number(cell.getAttribute("rowspan")) || 1, renderHTML: ({ rowspan }) => (rowspan > 1 ? { rowspan } : {}) },
  colwidth: { default: null, parseHTML: () => null, renderHTML: () => ({}) },
}
const Cell = TableCell.extend({ addAttributes: () => spans })
const HeaderCell = TableHeader.extend({
  addAttributes: () => ({ ...spans, scope: { default: "col" } }),
})
const Picture = Image.extend({
  addAttributes: () => ({ src: { default: null }, alt: { default: "" }, width: { default: null }, height: { default: null } }),
  renderHTML: ({ HTMLAttributes }) => ["img", mergeAttributes(HTMLAttributes)],
})
// Pictures come from the site's own library only; others are offered to it when they are pasted.
const OwnPicture = Picture.extend({ parseHTML: () => [{ tag: 'img[src^="/media/"]' }] })

const mark = (name, tag) => Mark.create({ name, parseHTML: () => [{ tag }], renderHTML: () => [tag, 0] })

export const schema = (placeholder) => [
  Document, Paragraph, Text, Bold, Italic, Strike, Underline, HardBreak, HorizontalRule, Blockquote,
  mark("code", "code"), mark("subscript", "sub"), mark("superscript", "sup"),
  Heading.configure({ levels: [2, 3, 4] }),
  ListKit.configure({ taskItem: false, taskList: false }),
  Link.configure({
    openOnClick: false, autolink: true, defaultProtocol: "https", protocols: ["http", "https", "mailto", "tel"],
    HTMLAttributes: { rel: null, target: null, class: null },
  }),
  OwnPicture, PlainTable.configure({ resizable: false }), TableRow, Cell, HeaderCell,
  UndoRedo, Dropcursor, Gapcursor, Placeholder.configure({ placeholder }),
]
