// Where the calendar stands and what it is narrowed to, as its address says it: the same as core/calendars/place.py writes,
// so that it can be reloaded, shared and gone back to. Nothing chosen of a sort means all of it.
import { isDay } from "./days.js"

const NAMES = ["base", "kind", "resource", "state", "show"]

export function readPlace(root, usual) {
  const query = new URLSearchParams(location.search)
  const views = [...root.querySelectorAll("[data-calendar-view]")].map((link) => link.dataset.calendarView)
  const date = query.get("date")
  const place = {
    view: views.includes(query.get("view")) ? query.get("view") : usual,
    date: isDay(date) ? date : root.dataset.date,
  }
  for (const name of NAMES) place[name] = known(root, name, query.get(name) ?? "")
  return place
}

// What is not offered (any more) narrows nothing.
function known(root, name, text) {
  const select = root.querySelector(`[data-calendar-choose="${name}"]`)
  if (select) return [...select.options].some((option) => option.value === text) ? text : ""
  const every = values(root, name)
  const chosen = every.filter((value) => text.split(",").includes(value))
  return written(root, name, chosen)
}

// The values of a group of chips: sorts in the order shown, bases in that of the alphabet.
function values(root, name) {
  const every = [...root.querySelectorAll(`[data-calendar-chip="${name}"]`)].map((chip) => chip.dataset.value)
  return name === "base" ? every.sort() : every
}

const written = (root, name, chosen) =>
  name !== "state" && chosen.length === values(root, name).length ? "" : chosen.join(",")

export function isOn(place, name, value) {
  const chosen = place[name]
  return name === "state" ? chosen === value : !chosen || chosen.split(",").includes(value)
}

export function toggled(root, place, name, value) {
  const every = values(root, name)
  const on = every.filter((one) => isOn(place, name, one) !== (one === value))
  return { [name]: written(root, name, on) }
}

export const NOTHING = Object.fromEntries(NAMES.map((name) => [name, ""]))

export const isNarrowed = (place) => NAMES.some((name) => place[name])

export function narrowed(address, place) {
  for (const name of NAMES) if (place[name]) address.searchParams.set(name, place[name])
  return address
}

export function addressOf(place) {
  const address = new URL(location.pathname, location.href)
  address.searchParams.set("view", place.view)
  address.searchParams.set("date", place.date)
  return narrowed(address, place).href.replaceAll("%2C", ",")
}
