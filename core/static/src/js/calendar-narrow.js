// What the calendar is narrowed to: the links of the page become buttons that stay pressed.
import { addressOf, isNarrowed, isOn, NOTHING, toggled } from "./calendar-place.js"

export function startNarrowing(root, place, go, narrow) {
  const fold = root.querySelector("[data-calendar-narrow]")
  fold.open = !narrow.matches || isNarrowed(place)
  for (const chip of root.querySelectorAll("[data-calendar-chip]")) {
    chip.setAttribute("role", "button")
    chip.removeAttribute("aria-current")
    chip.addEventListener("keydown", (event) => {
      if (event.key !== " ") return
      event.preventDefault()
      chip.click()
    })
  }
  root.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-calendar-chip]")
    const clear = event.target.closest("[data-calendar-clear]")
    if ((!chip && !clear) || opensElsewhere(event)) return
    event.preventDefault()
    if (chip) go(toggled(root, place, chip.dataset.calendarChip, chip.dataset.value))
    if (clear) {
      go(NOTHING)
      fold.querySelector("summary").focus()
    }
  })
  root.addEventListener("change", ({ target }) => {
    if (target.matches("[data-calendar-choose]")) go({ [target.name]: target.value })
  })
}

export function showNarrowing(root, place) {
  for (const chip of root.querySelectorAll("[data-calendar-chip]")) {
    const { calendarChip: name, value } = chip.dataset
    chip.setAttribute("aria-pressed", String(isOn(place, name, value)))
    chip.href = addressOf({ ...place, ...toggled(root, place, name, value) })
  }
  for (const select of root.querySelectorAll("[data-calendar-choose]")) select.value = place[select.name]
  const clear = root.querySelector("[data-calendar-clear]")
  clear.hidden = !isNarrowed(place)
  clear.href = addressOf({ ...place, ...NOTHING })
}

// A click that asks for another tab or window is the browser's.
export const opensElsewhere = (event) => event.ctrlKey || event.metaKey || event.shiftKey || event.button > 0
