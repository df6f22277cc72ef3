// Forms: the error summary takes focus, nothing is sent twice.
export function focusSummary(root = document) {
  root.querySelector("[data-error-summary]")?.focus()
}

export function guardSubmits() {
  document.addEventListener("submit", (event) => {
    const form = event.target
    if (form.method !== "post" || event.defaultPrevented) return
    if (form.dataset.sent) {
      event.preventDefault()
      return
    }
    form.dataset.sent = "yes"
    // aria-disabled, not disabled: a disabled button would not send its own name and value
    for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) {
      button.setAttribute("aria-disabled", "true")
    }
  })
  // Coming back with the browser's own button shows the page as it was left: make it usable again.
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return
    for (const form of document.querySelectorAll("form[data-sent]")) release(form)
  })
}

function release(form) {
  delete form.dataset.sent
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled")
}
