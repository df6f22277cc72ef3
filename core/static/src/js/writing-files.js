// The files that hang on a text: sent at once, sorted and taken out in the list.
import { keepEnter, show } from "./writing-pick.js"
import { ask, later, sendFile } from "./writing-send.js"

export function startFiles(root) {
  const list = root.querySelector("[data-files-list]")
  const row = root.querySelector("[data-files-row]")
  const note = root.querySelector("[data-files-note]")
  const input = root.querySelector("[data-files-input]")
  const words = root.querySelector("[data-files-words]")
  const texts = JSON.parse(root.dataset.texts)
  const changed = () => root.dispatchEvent(new Event("input", { bubbles: true }))

  const add = ({ id, name }) => {
    if ([...list.querySelectorAll("input")].some(({ value }) => value === String(id))) return
    const made = row.content.firstElementChild.cloneNode(true)
    made.querySelector("input").value = id
    made.querySelector("[data-files-name]").textContent = name
    for (const button of made.querySelectorAll("button")) button.setAttribute("aria-label", button.getAttribute("aria-label") + name)
    list.append(made)
    settle(made)
    changed()
  }
  const send = async (files) => {
    for (const file of files) {
      note.textContent = `${texts.busy} ${file.name}`
      try {
        add(await sendFile(root.dataset.upload, file, texts))
        note.textContent = ""
      } catch (error) {
        note.textContent = `${file.name}: ${error.message}`
        return
      }
    }
  }
  const search = later(250, async () => {
    const answer = await ask(`${root.dataset.pick}?q=${encodeURIComponent(words.value)}`)
    show(root.querySelector("[data-files-found]"), answer?.items || [], ({ name }) => name, texts.none, add)
  })
  for (const made of list.children) settle(made)
  input.removeAttribute("name") // files go at once, not with the form
  input.addEventListener("change", () => {
    send([...input.files])
    input.value = ""
  })
  words.addEventListener("input", search)
  keepEnter(words, search)
  root.querySelector("[data-files-library]").addEventListener("toggle", search)
  list.addEventListener("click", ({ target }) => {
    const entry = target.closest("li")
    if (target.closest("[data-files-out]")) {
      (entry.nextElementSibling || entry.previousElementSibling)?.querySelector("[data-files-out]").focus()
      entry.remove()
    } else if (target.closest("[data-files-up]") && entry.previousElementSibling) {
      entry.previousElementSibling.before(entry)
      entry.querySelector("[data-files-up]").focus()
    } else return
    changed()
  })
  return send
}

// With script a file is taken out by its button; the box is what serves without.
function settle(entry) {
  entry.querySelector("input").type = "hidden"
}
