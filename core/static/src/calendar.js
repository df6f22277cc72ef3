// The calendar in the page. Its place is drawn by templates/macros/calendar.html, with a list inside that serves without script.
import { createCalendar, DayGrid, List, TimeGrid } from "@event-calendar/core"
import { content } from "./js/calendar-entry.js"
import { plain } from "./js/calendar-access.js"
import { readPlace, writePlace } from "./js/calendar-place.js"

const NARROW = matchMedia("(max-width: 719.98px)")
const HOUR = { hour: "2-digit", minute: "2-digit", hour12: false }
const DAY = { year: "numeric", month: "long", day: "numeric" }
const VIEWS = { month: "dayGridMonth", week: "timeGridWeek", list: "listMonth" }
// A week of seven columns cannot be read on a phone: there it is a list too.
const viewName = (view) => (view === "week" && NARROW.matches ? "listWeek" : VIEWS[view])

function start(root) {
  const box = root.querySelector("[data-calendar-box]")
  const title = root.querySelector("[data-calendar-title]")
  const texts = JSON.parse(root.dataset.texts)
  const place = readPlace(root, NARROW.matches ? "list" : "month")
  const hidden = new Set()
  const week = (first, last) => span(root.dataset.locale, first, last)
  let calendar

  const fetchEvents = async ({ start, end }) => {
    const address = new URL(root.dataset.source, location.href)
    address.searchParams.set("start", day(start))
    address.searchParams.set("end", day(end))
    const answer = await fetch(address, { headers: { Accept: "application/json" } })
    if (!answer.ok) throw new Error(`calendar: ${answer.status}`)
    const events = await answer.json()
    root.querySelector("[data-calendar-failed]").hidden = true
    return events.filter((event) => !hidden.has(event.base)).map(entry)
  }
  const failed = () => {
    root.querySelector("[data-calendar-failed]").hidden = false
    return []
  }

  box.replaceChildren()
  calendar = createCalendar(box, [DayGrid, TimeGrid, List], {
    view: viewName(place.view),
    date: place.date,
    locale: root.dataset.locale,
    firstDay: 1,
    headerToolbar: { start: "", center: "", end: "" },
    eventSources: [{ events: (range) => fetchEvents(range).catch(failed) }],
    eventContent: (info) => content(info, texts),
    eventClassNames: ({ event }) => (event.extendedProps.kind ? [`j-ev--${event.extendedProps.kind}`] : []),
    eventDidMount: ({ el, event }) => {
      if (event.extendedProps.base) el.dataset.base = event.extendedProps.base
    },
    datesSet: ({ view }) => {
      title.textContent = view.title
      name(root, view.title, texts)
    },
    eventTimeFormat: HOUR,
    slotLabelFormat: HOUR,
    slotMinTime: "08:00",
    slotMaxTime: "18:00",
    flexibleSlotTimeLimits: true,
    slotDuration: "00:30",
    slotHeight: 26,
    slotEventOverlap: false,
    nowIndicator: true,
    allDayContent: texts.allDay,
    noEventsContent: texts.none,
    titleFormat: { year: "numeric", month: "long" },
    views: {
      dayGridMonth: {
        dayHeaderFormat: { weekday: "short" },
        dayCellContent: ({ date }) => String(date.getDate()),
      },
      timeGridWeek: { titleFormat: week, dayHeaderFormat: { weekday: "short", day: "numeric" } },
      listWeek: { titleFormat: week },
    },
  })

  const show = () => {
    calendar.setOption("view", viewName(place.view))
    calendar.setOption("date", place.date)
    press(root, place.view)
  }
  const go = (change) => {
    Object.assign(place, change)
    writePlace(place)
    show()
  }

  root.addEventListener("click", (event) => {
    const view = event.target.closest("[data-calendar-view]")
    const step = event.target.closest("[data-calendar-go]")
    const chip = event.target.closest("[data-calendar-filter]")
    if (!view && !step && !chip) return
    event.preventDefault()
    if (view) go({ view: view.dataset.calendarView })
    if (step) go({ date: moved(step.dataset.calendarGo, place, root.dataset.today) })
    if (chip) {
      const on = chip.getAttribute("aria-pressed") === "true"
      chip.setAttribute("aria-pressed", String(!on))
      if (on) hidden.add(chip.dataset.calendarFilter)
      else hidden.delete(chip.dataset.calendarFilter)
      calendar.refetchEvents()
    }
  })
  addEventListener("popstate", () => {
    Object.assign(place, readPlace(root, place.view))
    show()
  })
  NARROW.addEventListener("change", show)

  press(root, place.view)
  const mend = () => plain(box)
  new MutationObserver(mend).observe(box, { childList: true, subtree: true })
  mend()
}

// What lasts a day or longer is drawn as a bar over its days, not as columns from midnight to midnight.
function entry({ title, start, end, ...extendedProps }) {
  const long = new Date(end) - new Date(start) >= 24 * 3600 * 1000
  if (!long) return { title, start, end, extendedProps }
  const after = new Date(new Date(end).getTime() - 1)
  after.setDate(after.getDate() + 1)
  return { title, start: start.slice(0, 10), end: day(after), allDay: true, extendedProps }
}

function press(root, view) {
  for (const link of root.querySelectorAll("[data-calendar-view]")) {
    if (link.dataset.calendarView === view) link.setAttribute("aria-current", "true")
    else link.removeAttribute("aria-current")
  }
}

function name(root, title, texts) {
  const main = root.querySelector(".ec-main")
  if (!main) return
  main.tabIndex = 0
  main.setAttribute("role", "region")
  main.setAttribute("aria-label", `${texts.region} ${title}`)
}

// Chinese ranges come with slashes from Intl: 2026年11月23日–29日 is put together here.
function span(locale, first, last) {
  if (!locale.startsWith("zh")) return new Intl.DateTimeFormat(locale, DAY).formatRange(first, last)
  const end = first.getMonth() === last.getMonth() ? { day: "numeric" } : { month: "long", day: "numeric" }
  return `${first.toLocaleDateString(locale, DAY)}–${last.toLocaleDateString(locale, end)}`
}

const day = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
const two = (number) => String(number).padStart(2, "0")

function moved(step, { view, date }, today) {
  if (step === "today") return today
  const sign = step === "next" ? 1 : -1
  const [year, month, dayOfMonth] = date.split("-").map(Number)
  return day(view === "week" ? new Date(year, month - 1, dayOfMonth + 7 * sign) : new Date(year, month - 1 + sign, 1))
}

for (const root of document.querySelectorAll("[data-calendar]")) start(root)
