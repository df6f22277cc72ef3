// A link to “how to follow this calendar” opens in a dialog; without script, or when it cannot be fetched, it is a page.

async function open(link) {
  const answer = await fetch(link.href)
  const ways = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-follow-ways]")
  if (!answer.ok || !ways) throw new Error("no ways to follow")
  const dialog = document.createElement("dialog")
  dialog.className = "j-dialog j-dialog--wide"
  const heading = ways.querySelector("h2")
  dialog.setAttribute("aria-labelledby", heading.id)
  const close = document.createElement("button")
  close.type = "button"
  close.className = "btn-close"
  close.setAttribute("aria-label", ways.dataset.close)
  close.addEventListener("click", () => dialog.close())
  ways.querySelector("[data-follow-more]").hidden = false
  dialog.append(close, ...ways.children)
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close())
  dialog.addEventListener("close", () => {
    dialog.remove()
    link.focus()
  })
  document.body.append(dialog)
  dialog.showModal()
}

export function startFollowing() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href*="/calendar/subscribe"]:not([data-page])')
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
    event.preventDefault()
    open(link).catch(() => location.assign(link.href))
  })
}
