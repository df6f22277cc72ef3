// Toasts leave by themselves, but not while they are pointed at or hold the focus.
const STAY = 10_000

function leaveLater(toast) {
  let timer = setTimeout(() => toast.remove(), STAY)
  const hold = () => clearTimeout(timer)
  const go = () => {
    clearTimeout(timer)
    timer = setTimeout(() => toast.remove(), STAY)
  }
  for (const name of ["mouseenter", "focusin"]) toast.addEventListener(name, hold)
  for (const name of ["mouseleave", "focusout"]) toast.addEventListener(name, go)
}

export function startToasts(root = document) {
  for (const toast of root.querySelectorAll("[data-toast]")) leaveLater(toast)
  document.addEventListener("click", ({ target }) => {
    target.closest("[data-toast-close]")?.closest("[data-toast]").remove()
  })
}
