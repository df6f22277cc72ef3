// The dialog in which a link is set: to a page found by its title, or to an address.
import { closing, keepEnter, show } from "./writing-pick.js"
import { ask, later } from "./writing-send.js"

const ADDRESS = /^(https?:\/\/|mailto:|tel:|\/(?!\/))\S+$/i

export function linkDialog(root, editor, texts) {
  const dialog = root.querySelector("[data-link-dialog]")
  const words = dialog.querySelector("[data-link-words]")
  const found = dialog.querySelector("[data-link-found]")
  const problem = dialog.querySelector("[data-link-problem]")

  const set = (href, title) => {
    const chain = editor.chain().focus()
    if (editor.state.selection.empty && !editor.isActive("link")) {
      chain.insertContent({ type: "text", text: title || href, marks: [{ type: "link", attrs: { href } }] }).run()
    } else chain.extendMarkRange("link").setLink({ href }).run()
    dialog.close()
  }
  const search = later(250, async () => {
    const typed = words.value.trim()
    if (ADDRESS.test(typed)) return found.replaceChildren()
    const answer = await ask(`${root.dataset.links}?q=${encodeURIComponent(typed)}`)
    const label = ({ title, base }) => (base ? `${title} · ${base}` : title)
    show(found, answer?.items || [], label, texts.none, ({ url, title }) => set(url, title))
  })
  const take = () => {
    const typed = words.value.trim()
    if (ADDRESS.test(typed)) return set(typed)
    if (/^[\w-]+(\.[\w-]+)+(\/\S*)?$/.test(typed)) return set(`https://${typed}`)
    problem.textContent = texts.badLink
    problem.hidden = false
  }
  words.addEventListener("input", search)
  keepEnter(words, take)
  dialog.querySelector("[data-link-set]").addEventListener("click", take)
  dialog.querySelector("[data-link-unset]").addEventListener("click", () => {
    editor.chain().focus().extendMarkRange("link").unsetLink().run()
    dialog.close()
  })
  closing(dialog, () => editor.commands.focus())
  return () => {
    problem.hidden = true
    words.value = editor.getAttributes("link").href || ""
    dialog.querySelector("[data-link-unset]").hidden = !editor.isActive("link")
    dialog.showModal()
    search()
  }
}
