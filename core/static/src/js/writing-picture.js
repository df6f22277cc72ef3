// The dialog in which a picture is chosen and described; also for pictures that were dropped or pasted.
import { closing, keepEnter, show } from "./writing-pick.js"
import { ask, bare, later, sendFile } from "./writing-send.js"

export function pictureDialog(root, editor, texts) {
  const dialog = root.querySelector("[data-picture-dialog]")
  const part = (name) => dialog.querySelector(`[data-picture-${name}]`)
  const [choosing, describing, alt, plain, problem] = ["choose", "describe", "alt", "plain", "problem"].map(part)
  let chosen = null
  let waiting = []

  const complain = (message) => {
    problem.textContent = message
    problem.hidden = !message
  }
  const describe = (picture) => {
    chosen = picture
    complain("")
    choosing.hidden = true
    describing.hidden = false
    part("shown").src = picture.thumb || picture.url
    alt.value = picture.alt || ""
    plain.checked = false
    if (!dialog.open) dialog.showModal()
    alt.focus()
  }
  const next = () => {
    const file = waiting.shift()
    if (file) upload(file)
    else dialog.close()
  }
  const upload = async (file) => {
    choosing.hidden = true
    describing.hidden = true
    complain(texts.busy)
    if (!dialog.open) dialog.showModal()
    try {
      describe(await sendFile(root.dataset.upload, file, texts))
    } catch (error) {
      choosing.hidden = false
      complain(error.message)
    }
  }
  const insert = () => {
    if (!alt.value.trim() && !plain.checked) {
      complain(texts.needAlt)
      return alt.focus()
    }
    const attributes = { alt: plain.checked ? "" : alt.value.trim() }
    if (chosen.changed) editor.chain().focus().updateAttributes("image", attributes).run()
    else {
      const { url, width, height } = chosen
      // The picture stays selected: without a paragraph behind it the next one, or the next word, would replace it.
      editor.chain().focus().setImage({ src: bare(url), width, height, ...attributes }).createParagraphNear().run()
    }
    next()
  }
  const search = later(250, async () => {
    const answer = await ask(`${root.dataset.pick}?pictures=1&q=${encodeURIComponent(part("words").value)}`)
    show(part("found"), answer?.items || [], ({ name }) => name, texts.none, describe)
  })
  for (const input of dialog.querySelectorAll("[data-picture-file]")) {
    input.addEventListener("change", () => {
      waiting = [...input.files]
      input.value = ""
      next()
    })
  }
  part("words").addEventListener("input", search)
  keepEnter(part("words"), search)
  keepEnter(alt, insert)
  part("insert").addEventListener("click", insert)
  closing(dialog, () => {
    waiting = []
    editor.commands.focus()
  })
  const open = () => {
    if (editor.isActive("image")) {
      const { src, alt: described } = editor.getAttributes("image")
      return describe({ url: src, alt: described, changed: true })
    }
    complain("")
    choosing.hidden = false
    describing.hidden = true
    dialog.showModal()
    search()
  }
  const take = (files) => {
    waiting.push(...files)
    if (!dialog.open) next()
  }
  return { open, take }
}
