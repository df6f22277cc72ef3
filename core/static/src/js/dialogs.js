// A question before something that cannot be undone: <details data-confirm> works without script; here it becomes a dialog.
function upgrade(details) {
  const summary = details.querySelector("summary")
  const body = details.querySelector("[data-confirm-body]")
  const dialog = document.createElement("dialog")
  dialog.className = "j-dialog"
  const heading = body.querySelector("[data-confirm-title]")
  if (heading) dialog.setAttribute("aria-labelledby", heading.id)
  const opener = document.createElement("button")
  opener.type = "button"
  opener.className = summary.className
  opener.append(...summary.childNodes)
  opener.setAttribute("aria-haspopup", "dialog")
  dialog.append(body)
  details.replaceWith(opener, dialog)
  opener.addEventListener("click", () => dialog.showModal())
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog || target.closest("[data-close]")) dialog.close()
  })
  dialog.addEventListener("close", () => opener.focus())
  // A refusal (a missing reason) came back: show the question again, with what was typed.
  if (details.open) dialog.showModal()
}

export function startDialogs(root = document) {
  for (const details of root.querySelectorAll("details[data-confirm]")) upgrade(details)
}
