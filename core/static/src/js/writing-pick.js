// Lists of what was found, as buttons: pages to link to, files and pictures to choose.
export function show(box, items, label, none, choose) {
  box.replaceChildren(...items.map((item) => button(item, label, choose)))
  if (!items.length) box.textContent = none
}

function button(item, label, choose) {
  const made = document.createElement("button")
  made.type = "button"
  made.className = "j-pick__one"
  if (item.thumb) {
    const picture = document.createElement("img")
    picture.src = item.thumb
    picture.alt = ""
    picture.loading = "lazy"
    made.append(picture)
  }
  const words = document.createElement("span")
  words.textContent = label(item)
  made.append(words)
  made.addEventListener("click", () => choose(item))
  return made
}

// Enter in a dialog's field belongs to the dialog, not to the form around it.
export function keepEnter(field, act) {
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return
    event.preventDefault()
    act()
  })
}

export function closing(dialog, after) {
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog || target.closest("[data-close]")) dialog.close()
  })
  dialog.addEventListener("close", after)
}
