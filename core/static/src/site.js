// What every page runs. Everything works without it; it only makes things quicker.
import "bootstrap/js/dist/collapse"
import "bootstrap/js/dist/dropdown"
import htmx from "htmx.org"
import { startDialogs } from "./js/dialogs.js"
import { startFollowing } from "./js/follow.js"
import { focusSummary, guardSubmits } from "./js/forms.js"
import { startHelpers } from "./js/helpers.js"
import { keepPlaces, releaseHolds, startHolds } from "./js/hold.js"
import { startRosters } from "./js/roster.js"
import { startTheme } from "./js/theme.js"

// The site's content policy allows neither inline styles nor eval.
htmx.config.includeIndicatorStyles = false
htmx.config.allowEval = false
htmx.config.selfRequestsOnly = true

startTheme()
guardSubmits()
startRosters()
startDialogs()
startHelpers()
startFollowing()
startHolds()
releaseHolds()
keepPlaces()
focusSummary()

document.addEventListener("htmx:afterSwap", ({ target }) => {
  startDialogs(target)
  startHolds()
  focusSummary(target)
})
