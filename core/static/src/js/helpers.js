// Small conveniences: copy an address, print the page, a select that sends its form, the name of a chosen file, the open tab.
async function copy(button) {
  const field = document.getElementById(button.dataset.copy)
  field.select()
  try {
    await navigator.clipboard.writeText(field.value)
    button.querySelector("[data-copy-text]").textContent = button.dataset.done
  } catch {
    // no permission: the text stays selected for the person to copy
  }
}

function nameFiles(input) {
  const names = [...input.files].map((file) => file.name).join(", ")
  if (names) input.parentElement.querySelector("[data-file-name]").textContent = names
}

// What scrolls sideways must be reachable with the keyboard.
function reachTables() {
  for (const table of document.querySelectorAll(".j-prose table")) {
    if (table.scrollWidth > table.clientWidth) table.tabIndex = 0
    else table.removeAttribute("tabindex")
  }
}

// On the phone the manage navigation is one line that scrolls: show where one is.
function showOpenTab() {
  document.querySelector(".j-tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" })
}

export function startHelpers() {
  reachTables()
  showOpenTab()
  addEventListener("resize", reachTables)
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-copy]")
    if (button) copy(button)
    if (target.closest("[data-print]")) print()
  })
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-submit-on-change]")) target.form.requestSubmit()
    if (target.matches(".j-drop input[type=file]")) nameFiles(target)
  })
}
