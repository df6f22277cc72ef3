// What a text can hold: the same as the server's allow-list (core/content/richtext.py), no looks.
import { Mark, mergeAttributes, Node } from "@tiptap/core"
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

// A picture or a table with its title; Enter leads on from the title, Backspace takes an empty one out.
const Figure = Node.create({
  name: "figure", group: "block", content: "block+ figcaption?", isolating: true,
  parseHTML: () => [{ tag: "figure" }], renderHTML: () => ["figure", 0],
})
const Caption = Node.create({
  name: "figcaption", content: "inline*",
  parseHTML: () => [{ tag: "figcaption" }], renderHTML: () => ["figcaption", 0],
  addKeyboardShortcuts() {
    const inside = (act) => ({ editor }) => editor.isActive("figcaption") && act(editor, editor.state.selection.$from)
    return {
      Enter: inside((editor, place) => {
        const after = place.after(place.depth - 1)
        return editor.chain().insertContentAt(after, { type: "paragraph" }).setTextSelection(after + 1).run()
      }),
      Backspace: inside((editor, place) => !place.parent.content.size && editor.commands.deleteNode("figcaption")),
    }
  },
})
const Preformatted = Node.create({
  name: "pre", group: "block", content: "text*", code: true, defining: true,
  parseHTML: () => [{ tag: "pre", preserveWhitespace: "full" }], renderHTML: () => ["pre", 0],
})

// A title that stood in the table stands below it here, where it can be written like any text.
export function titlesOut(html) {
  const page = new DOMParser().parseFromString(html, "text/html")
  for (const title of page.querySelectorAll("table > caption")) {
    const table = title.parentElement
    const words = page.createElement("figcaption")
    words.append(...title.childNodes)
    title.remove()
    let figure = table.closest("figure")
    if (!figure) {
      figure = page.createElement("figure")
      table.before(figure)
      figure.append(table)
    }
    if (!figure.querySelector("figcaption")) figure.append(words)
  }
  return page.body.innerHTML
}

const mark = (name, tag) => Mark.create({ name, parseHTML: () => [{ tag }], renderHTML: () => [tag, 0] })

export const schema = (placeholder) => [
  Document, Paragraph, Text, Bold, Italic, Strike, Underline, HardBreak, HorizontalRule, Blockquote, Figure, Caption, Preformatted,
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
