// The pages on which texts are written. Without script they hold a plain field that takes Markdown.
import { Editor } from "@tiptap/core"
import { startFiles } from "./js/writing-files.js"
import { startKeeping } from "./js/writing-keeping.js"
import { linkDialog } from "./js/writing-link.js"
import { leftOut, tidyPasted } from "./js/writing-paste.js"
import { keepEnter } from "./js/writing-pick.js"
import { pictureDialog } from "./js/writing-picture.js"
import { schema, titlesOut } from "./js/writing-schema.js"
import { startToolbars } from "./js/writing-toolbar.js"

const isPicture = ({ type }) => type.startsWith("image/")

function start(root, attach) {
  const field = root.querySelector("textarea")
  const area = root.querySelector("[data-area]")
  const texts = JSON.parse(root.dataset.texts)
  const note = root.querySelector("[data-note]")
  const format = field.form.elements.format
  let pictures

  // Pictures go into the text, all else to the files that hang on it.
  const take = (files) => {
    const found = [...(files || [])]
    if (!found.length) return false
    pictures.take(found.filter(isPicture))
    attach?.(found.filter((file) => !isPicture(file)))
    return true
  }
  const editor = new Editor({
    element: area,
    extensions: schema(texts.placeholder),
    content: titlesOut(field.value),
    injectCSS: false,
    editorProps: {
      attributes: {
        id: `${field.id}-area`,
        role: "textbox",
        "aria-multiline": "true",
        "aria-labelledby": `${field.id}-label`,
        ...(field.getAttribute("aria-describedby") ? { "aria-describedby": field.getAttribute("aria-describedby") } : {}),
      },
      transformPastedHTML: (html) => {
        const tidied = tidyPasted(html)
        note.textContent = leftOut(tidied) ? texts.leftOut : ""
        return titlesOut(tidied)
      },
      // Word puts a picture of the table beside the table itself; a picture that was copied alone has no words.
      handlePaste: (_view, { clipboardData }) => !hasWords(clipboardData.getData("text/html")) && take(clipboardData.files),
      handleDrop: (_view, { dataTransfer }, _slice, moved) => !moved && take(dataTransfer?.files),
    },
    onUpdate: () => {
      field.value = editor.isEmpty ? "" : editor.getHTML()
      field.dispatchEvent(new Event("input", { bubbles: true }))
    },
  })
  // What was typed as Markdown (without script, or an outline) is read as the server reads it only when it is sent so.
  if (format && format.value !== "html") {
    if (field.value.trim()) editor.commands.setContent(plainParagraphs(field.value))
    format.value = "html"
  }
  area.hidden = false
  field.hidden = true
  pictures = pictureDialog(root, editor, texts)
  startToolbars(root, editor, { link: linkDialog(root, editor, texts), picture: pictures.open })
  root.querySelector(".j-editor__plain").tabIndex = -1
  // The summary of errors leads to the field, which is hidden: it hands the focus on.
  field.addEventListener("focus", () => editor.commands.focus())
  for (const link of document.querySelectorAll(`[href="#${field.id}"]`)) {
    link.addEventListener("click", (event) => {
      event.preventDefault()
      editor.commands.focus()
    })
  }
}

const hasWords = (html) => Boolean(new DOMParser().parseFromString(html, "text/html").body.textContent.trim())

function plainParagraphs(text) {
  return text.split(/\n\s*\n/).map((part) => ({ type: "paragraph", content: part.trim() ? [{ type: "text", text: part.trim() }] : [] }))
}

// A title is one line, however many it takes to show it: Enter leads on to the text.
for (const title of document.querySelectorAll("textarea.j-title-input")) {
  keepEnter(title, () => document.querySelector("[data-area] [contenteditable]")?.focus())
}
for (const form of document.querySelectorAll("form[data-desk]")) startKeeping(form)
const attachers = [...document.querySelectorAll("[data-files]")].map(startFiles)
for (const root of document.querySelectorAll("[data-editor]")) start(root, attachers[0])
