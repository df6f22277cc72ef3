// The keyboard: keys move and switch views while no field has the focus. Whoever is hindered by them switches them off.
const OFF = "jidi-calendar-keys-off"
const VIEWS = { 1: "month", m: "month", 2: "week", w: "week", 3: "list", l: "list", 4: "timeline", t: "timeline" }
const STEPS = { ArrowLeft: "prev", ArrowRight: "next" }
// These scroll the page elsewhere.
const INSIDE = { PageUp: "prevMonth", PageDown: "nextMonth", Home: "today" }

export function startKeys(root, box, { step, view }) {
  const help = root.querySelector("[data-calendar-help]")
  const opener = root.querySelector("[data-calendar-keys]")
  const on = root.querySelector("[data-calendar-keys-on]")
  on.checked = !isOff()
  on.addEventListener("change", () => keep(!on.checked))
  opener.addEventListener("click", () => help.showModal())
  help.addEventListener("click", ({ target }) => {
    if (target === help || target.closest("[data-calendar-help-close]")) help.close()
  })

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (!on.checked || isBusy(event.target)) return
    if (!pressed(event)) return
    event.preventDefault()
  })

  const pressed = ({ key, target, shiftKey }) => {
    const letter = VIEWS[key.toLowerCase()]
    if (key === "?") return help.showModal() ?? true
    if (shiftKey) return false
    if (letter) return view(letter)
    if (STEPS[key]) return !isWide(target) && (step(STEPS[key]) ?? true)
    if (!box.contains(target)) return false
    if (INSIDE[key]) return step(INSIDE[key]) ?? true
    if (key === "ArrowDown") return walk(box, target, 1)
    return key === "ArrowUp" && walk(box, target, -1)
  }
}

// Rows of a week are wider than the screen: with the focus in them, the arrows scroll, as they do everywhere.
function isWide(target) {
  const main = target.closest?.(".ec-main")
  return Boolean(main) && main.scrollWidth > main.clientWidth
}

// Fields and open dialogs keep their keys.
function isBusy(target) {
  if (document.querySelector("dialog[open]:modal")) return true
  return target.isContentEditable || target.matches?.("input, select, textarea, iframe, [role=menu] *, .dropdown *")
}

function walk(box, from, by) {
  const links = [...box.querySelectorAll(".ec-event a, .j-list a")].filter(canBeSeen)
  const at = links.indexOf(from)
  const next = links[at < 0 ? (by > 0 ? 0 : -1) : at + by]
  next?.focus()
  return Boolean(next)
}

// What a full day of a month leaves away is there, but hidden.
const canBeSeen = (link) => link.offsetParent && getComputedStyle(link).visibility === "visible"

function isOff() {
  try {
    return localStorage.getItem(OFF) === "1"
  } catch {
    return false // a browser that keeps nothing
  }
}

function keep(off) {
  try {
    if (off) localStorage.setItem(OFF, "1")
    else localStorage.removeItem(OFF)
  } catch {
    // it holds until the page is left
  }
}
