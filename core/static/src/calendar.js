// The calendar in the page. Its place is drawn by templates/macros/calendar.html, with a list inside that serves without script.
import { createCalendar, DayGrid, List, ResourceTimeline, TimeGrid } from "@event-calendar/core"
import { keepFocus, leadBack, plain } from "./js/calendar-access.js"
import { content } from "./js/calendar-entry.js"
import { startKeys } from "./js/calendar-keys.js"
import { opensElsewhere, showNarrowing, startNarrowing } from "./js/calendar-narrow.js"
import { addressOf, narrowed, readPlace } from "./js/calendar-place.js"
import { barOf, listRows, showRows } from "./js/calendar-rows.js"
import { dateOf, day } from "./js/days.js"
import { HOUR, ROWS } from "./js/resource-rows.js"

const NARROW = matchMedia("(max-width: 719.98px)")
const DAY = { year: "numeric", month: "long", day: "numeric" }
const VIEWS = {
  month: "dayGridMonth",
  week: "timeGridWeek",
  list: "listMonth",
  timeline: "resourceTimelineWeek",
  day: "resourceTimelineDay",
}
// More entries than these on a day, and the month gets a height of its own.
const FEW = 4
const FULL = "58rem"
const isRows = (view) => view === "timeline" || view === "day"
// A week of seven columns cannot be read on a phone: there it is a list too.
const viewName = (view) => (view === "week" && NARROW.matches ? "listWeek" : VIEWS[view])

function start(root) {
  const box = root.querySelector("[data-calendar-box]")
  const title = root.querySelector("[data-calendar-title]")
  const said = root.querySelector("[data-calendar-said]")
  const failed = root.querySelector("[data-calendar-failed]")
  const cut = root.querySelector("[data-calendar-cut]")
  const zoom = root.querySelector("[data-calendar-zoom]")
  const texts = JSON.parse(root.dataset.texts)
  const { locale } = root.dataset
  const usual = NARROW.matches ? "list" : "month"
  const place = readPlace(root, usual)
  const range = (first, last) => span(locale, first, last)
  const lists = document.createElement("div")
  lists.className = "j-stack"
  let calendar

  const ask = async ({ start, end }) => {
    const rows = isRows(place.view)
    const address = narrowed(new URL(rows ? root.dataset.rows : root.dataset.source, location.href), place)
    address.searchParams.set("start", day(start))
    address.searchParams.set("end", day(end))
    const answer = await fetch(address, { headers: { Accept: "application/json" } })
    if (!answer.ok) throw new Error(`calendar: ${answer.status}`)
    const sent = await answer.json()
    failed.hidden = true
    cut.hidden = !sent.cut
    const found = sent.bars ?? sent.entries
    said.textContent = texts.said.replace("{span}", title.textContent).replace("{count}", found.length)
    if (!sent.bars) {
      // Rows of a month are alike, and no higher than is read at a glance: “n more” opens the rest.
      calendar.setOption("height", place.view === "month" && busiest(found) > FEW ? FULL : "auto")
      return named(found).map(entry)
    }
    showRows(root, calendar, sent, texts)
    lists.replaceChildren(...listRows(sent, texts, locale))
    return named(found).map(barOf)
  }
  const lost = () => {
    failed.hidden = false
    return []
  }

  box.replaceChildren()
  calendar = createCalendar(box, [DayGrid, TimeGrid, List, ResourceTimeline], {
    view: viewName(place.view),
    date: place.date,
    locale,
    firstDay: 1,
    headerToolbar: { start: "", center: "", end: "" },
    eventSources: [{ events: (range) => ask(range).catch(lost) }],
    eventContent: (info) => content(info, texts),
    eventClassNames: ({ event }) => (event.extendedProps.kind ? [`j-ev--${event.extendedProps.kind}`] : []),
    eventDidMount: ({ el, event }) => {
      if (event.extendedProps.base) el.dataset.base = event.extendedProps.base
    },
    datesSet: ({ view }) => {
      title.textContent = view.title
      name(root, title, texts)
    },
    eventTimeFormat: HOUR,
    slotLabelFormat: HOUR,
    slotDuration: "00:30",
    slotHeight: 26,
    slotEventOverlap: false,
    nowIndicator: true,
    allDayContent: texts.allDay,
    noEventsContent: texts.none,
    moreLinkContent: ({ num }) => (NARROW.matches ? `+${num}` : texts.more.replace("#", num)),
    buttonText: (known) => ({ ...known, close: texts.close }),
    titleFormat: { year: "numeric", month: "long" },
    ...ROWS,
    views: {
      dayGridMonth: {
        dayMaxEvents: true,
        dayHeaderFormat: { weekday: "short" },
        dayCellContent: ({ date }) => String(date.getDate()),
      },
      timeGridWeek: {
        slotMinTime: "08:00",
        slotMaxTime: "18:00",
        titleFormat: range,
        dayHeaderFormat: { weekday: "short", day: "numeric" },
      },
      listWeek: { titleFormat: range },
      resourceTimelineWeek: { ...ROWS.views.resourceTimelineWeek, titleFormat: range },
      resourceTimelineDay: { ...ROWS.views.resourceTimelineDay, slotWidth: 34, titleFormat: range },
    },
  })

  const show = () => {
    const phoneRows = isRows(place.view) && NARROW.matches
    box.classList.toggle("j-calendar--lists", phoneRows)
    lists.hidden = !phoneRows
    if (zoom) zoom.hidden = !isRows(place.view)
    mark(root, place)
    showNarrowing(root, place)
  }
  const draw = () => {
    keepFocus(box, () => {
      calendar.setOption("view", viewName(place.view))
      calendar.setOption("date", place.date)
    })
    show()
  }
  // The entries are fetched anew where the span stays the same: what is drawn depends on more than the span.
  const go = (change, { redraw = draw } = {}) => {
    Object.assign(place, change)
    history.pushState(null, "", addressOf(place))
    redraw()
    if (!("date" in change)) calendar.refetchEvents()
  }
  const step = (way) => go({ date: moved(way, place, root.dataset.today) })
  const view = (wanted) => {
    if (!root.querySelector(`[data-calendar-view="${wanted}"]`)) return false
    go({ view: wanted })
    return true
  }

  root.addEventListener("click", (event) => {
    const link = event.target.closest("[data-calendar-view], [data-calendar-go]")
    if (!link || opensElsewhere(event)) return
    event.preventDefault()
    if (link.dataset.calendarView) view(link.dataset.calendarView)
    else step(link.dataset.calendarGo)
  })
  addEventListener("popstate", () => {
    Object.assign(place, readPlace(root, usual))
    draw()
    calendar.refetchEvents()
  })
  NARROW.addEventListener("change", draw)
  startNarrowing(root, place, (change) => go(change, { redraw: show }), NARROW)
  startKeys(root, box, { step, view })

  box.append(lists)
  show()
  // Another view brings another region, which has yet to be named.
  const mend = () => {
    plain(box)
    name(root, title, texts)
  }
  new MutationObserver(mend).observe(box, { childList: true, subtree: true })
  mend()
  leadBack(box)
}

// Each entry has a name of its own: one without is drawn into the place of another, with that one's colours.
function named(found) {
  const seen = new Map()
  return found.map((one) => {
    const name = [one.start, one.base, one.resource, one.url, one.title].join("|")
    seen.set(name, (seen.get(name) ?? 0) + 1)
    return { ...one, id: `${name}|${seen.get(name)}` }
  })
}

// What lasts a day or longer is drawn as a bar over its days, not as columns from midnight to midnight.
function entry({ id, title, start, end, ...extendedProps }) {
  const long = new Date(end) - new Date(start) >= 24 * 3600 * 1000
  if (!long) return { id, title, start, end, extendedProps }
  const after = new Date(new Date(end).getTime() - 1)
  after.setDate(after.getDate() + 1)
  return { id, title, start: start.slice(0, 10), end: day(after), allDay: true, extendedProps }
}

function busiest(found) {
  const counts = new Map()
  for (const { start } of found) counts.set(start.slice(0, 10), (counts.get(start.slice(0, 10)) ?? 0) + 1)
  return Math.max(0, ...counts.values())
}

function mark(root, place) {
  for (const link of root.querySelectorAll("[data-calendar-view]")) {
    const { calendarView: view } = link.dataset
    const within = view === "timeline" && place.view === "day" && !link.closest("[data-calendar-zoom]")
    if (view === place.view || within) link.setAttribute("aria-current", "true")
    else link.removeAttribute("aria-current")
    link.href = addressOf({ ...place, view })
  }
  for (const link of root.querySelectorAll("[data-calendar-go]")) {
    link.href = addressOf({ ...place, date: moved(link.dataset.calendarGo, place, root.dataset.today) })
  }
}

function name(root, { textContent: title }, texts) {
  const main = root.querySelector(".ec-main")
  if (!main) return
  main.tabIndex = 0
  main.setAttribute("role", "region")
  main.setAttribute("aria-label", `${texts.region} ${title}`)
}

// Chinese ranges come with slashes from Intl: 2026年11月23日–29日 is put together here.
function span(locale, first, last) {
  if (first.toDateString() === last.toDateString()) return first.toLocaleDateString(locale, { ...DAY, weekday: "short" })
  if (!locale.startsWith("zh")) return new Intl.DateTimeFormat(locale, DAY).formatRange(first, last)
  const end = first.getMonth() === last.getMonth() ? { day: "numeric" } : { month: "long", day: "numeric" }
  return `${first.toLocaleDateString(locale, DAY)}–${last.toLocaleDateString(locale, end)}`
}

const DAYS = { week: 7, timeline: 7, day: 1 }

function moved(way, { view, date }, today) {
  if (way === "today") return today
  const sign = way.startsWith("next") ? 1 : -1
  const now = dateOf(date)
  const days = way.endsWith("Month") ? 0 : DAYS[view]
  if (days) return day(new Date(now.getFullYear(), now.getMonth(), now.getDate() + days * sign))
  return day(new Date(now.getFullYear(), now.getMonth() + sign, 1))
}

for (const root of document.querySelectorAll("[data-calendar]")) start(root)
