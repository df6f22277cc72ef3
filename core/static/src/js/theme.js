// Light or dark: as chosen with the switch, else as the system prefers.
const KEY = "jidi-theme"
const dark = matchMedia("(prefers-color-scheme: dark)")

function chosen() {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null // storage is shut off: the system's preference serves
  }
}

export function wantedTheme() {
  return chosen() ?? (dark.matches ? "dark" : "light")
}

function show(theme) {
  document.documentElement.dataset.bsTheme = theme
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    button.setAttribute("aria-pressed", String(theme === "dark"))
  }
}

export function startTheme() {
  show(wantedTheme())
  dark.addEventListener("change", () => show(wantedTheme()))
  document.addEventListener("click", ({ target }) => {
    if (!target.closest("[data-theme-switch]")) return
    const theme = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark"
    try {
      localStorage.setItem(KEY, theme)
    } catch {
      // the choice holds for this page only
    }
    show(theme)
  })
}
