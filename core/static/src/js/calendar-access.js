// The calendar gives table roles to grids that are no tables. Screen readers get a plain, named region with headings and links.
const ROLES = ["role", "aria-colindex", "aria-colcount", "aria-rowindex", "aria-rowcount", "aria-colspan", "aria-rowspan"]

export function plain(box) {
  const root = box.querySelector(".ec") ?? box
  for (const node of [root, ...root.querySelectorAll("*")]) {
    if (node.matches("h4, button, .ec-main, [role=button], dialog, dialog *")) continue
    for (const name of ROLES) node.removeAttribute(name)
  }
  for (const heading of root.querySelectorAll("h4")) {
    heading.setAttribute("role", "heading")
    heading.setAttribute("aria-level", "2")
  }
  for (const node of root.querySelectorAll("time[aria-label], span[aria-label]")) node.removeAttribute("aria-label")
}

// What had the focus is gone after a view is drawn anew: then the calendar itself has it, not the top of the page.
export function keepFocus(box, redraw) {
  const inside = box.contains(document.activeElement)
  redraw()
  if (!inside) return
  requestAnimationFrame(() => {
    if (!box.contains(document.activeElement)) box.querySelector(".ec-main")?.focus({ preventScroll: true })
  })
}

// Whoever closes the rest of a day is led back to where it was opened.
export function leadBack(box) {
  let opener
  box.addEventListener("focusin", ({ target }) => {
    if (target.matches(".ec-day-foot a")) opener = target
  })
  new MutationObserver((records) => {
    const closed = records.some(({ removedNodes }) => [...removedNodes].some((node) => node.matches?.(".ec-popup")))
    if (closed && opener?.isConnected && document.activeElement === document.body) opener.focus()
  }).observe(box, { childList: true, subtree: true })
}
