// Runs in the head before the first paint: the outer look chosen last time, and the sign that scripts work.
import { wantedTheme } from "./js/theme.js"

document.documentElement.dataset.bsTheme = wantedTheme()
document.documentElement.classList.add("j-js")
