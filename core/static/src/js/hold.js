// A place that is kept for a while: counts down, tells it at five minutes and at one, gives it back when one leaves.
const TOLD = [300, 60]
const CHOSEN = /^(on-start|on-end|on-period|pick-\d+|hold-units)$/
let asking

export function startHolds(root = document) {
  for (const box of root.querySelectorAll("[data-hold]")) countDown(box)
}

// With script a place is kept by itself as soon as session and time are chosen.
export function keepPlaces() {
  document.addEventListener("change", ({ target }) => {
    if (CHOSEN.test(target.name)) askSoon(target.closest("form"))
  })
  document.addEventListener("htmx:afterSwap", ({ target }) => {
    if (target.id === "slot") askSoon(document.getElementById("slot")?.closest("form"))
  })
}

function askSoon(form) {
  const box = form?.querySelector("[data-keeps]")
  if (!box || !isChosen(form)) return
  clearTimeout(asking)
  asking = setTimeout(() => form.querySelector("[data-keeps]")?.dispatchEvent(new Event("keep")), 600)
}

function isChosen(form) {
  if (!form.querySelector("[name=on-day]")) return true
  if (form.querySelector("[name=on-period]")) return Boolean(form.querySelector("[name=on-period]:checked"))
  const [start, end] = ["on-start", "on-end"].map((name) => form.querySelector(`[name=${name}]`)?.value)
  return Boolean(start && end && start < end)
}

export function releaseHolds() {
  let sending = false
  document.addEventListener("submit", (event) => {
    sending = !event.defaultPrevented
    clearTimeout(asking)
  })
  addEventListener("pagehide", () => {
    if (sending) return
    for (const box of document.querySelectorAll("[data-hold-release]")) {
      const token = box.closest("form")?.querySelector("[name=csrf_token]")?.value
      const body = new FormData()
      if (token) body.append("csrf_token", token)
      navigator.sendBeacon(box.dataset.holdRelease, body)
    }
  })
  // A page that comes back out of the browser's memory shows a place that was given back.
  addEventListener("pageshow", ({ persisted }) => {
    sending = false
    if (persisted && document.querySelector("[data-hold-release]")) location.reload()
  })
}

function countDown(box) {
  if (box.dataset.holdRuns) return
  box.dataset.holdRuns = "yes"
  const ends = performance.now() + Number(box.dataset.hold) * 1000
  const left = box.querySelector("[data-hold-left]")
  const say = box.querySelector("[data-hold-say]")
  let before = Infinity
  const tick = () => {
    if (!box.isConnected) return clearInterval(timer)
    const seconds = Math.max(0, Math.round((ends - performance.now()) / 1000))
    left.textContent = written(seconds)
    const due = TOLD.find((mark) => seconds <= mark && before > mark)
    if (due && before !== Infinity) say.textContent = box.dataset.holdTold.replace("0", due / 60)
    before = seconds
    if (seconds > 0) return
    clearInterval(timer)
    box.removeAttribute("data-hold-release")
    say.textContent = box.dataset.holdOver
    box.classList.add("is-over")
    box.querySelector("[data-hold-text]").hidden = true
    say.classList.remove("visually-hidden")
  }
  const timer = setInterval(tick, 1000)
  tick()
}

function written(seconds) {
  const hours = Math.floor(seconds / 3600)
  const minutes = String(Math.floor(seconds / 60) % 60).padStart(2, "0")
  const rest = `${minutes}:${String(seconds % 60).padStart(2, "0")}`
  return hours ? `${hours}:${rest}` : rest
}
