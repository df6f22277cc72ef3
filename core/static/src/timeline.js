// The timeline of a base's resources. The page holds the day as a list, which serves on the phone and without script.
import { createCalendar, Interaction, ResourceTimeline } from "@event-calendar/core"
import { plain } from "./js/calendar-access.js"
import { day, moment } from "./js/days.js"
import { drawRows, HOUR, ROWS, rowsOf } from "./js/resource-rows.js"
import { ask, send, toast } from "./js/timeline-move.js"

const WIDE = matchMedia("(min-width: 720px)")
const VIEWS = { day: "resourceTimelineDay", week: "resourceTimelineWeek" }

function start(root) {
  const box = root.querySelector("[data-timeline-box]")
  const list = root.querySelector("[data-timeline-list]")
  const find = root.querySelector("[data-timeline-find]")
  const kind = root.querySelector("[data-timeline-kind]")
  const idle = root.querySelector("[data-timeline-idle]")
  const note = root.querySelector("[data-timeline-note]")
  const failed = root.querySelector("[data-timeline-failed]")
  const texts = JSON.parse(root.dataset.texts)
  let known = { resources: [], bars: [] }
  let calendar

  const load = async ({ start, end }) => {
    const address = new URL(root.dataset.source, location.href)
    address.searchParams.set("start", day(start))
    address.searchParams.set("end", day(end))
    const answer = await fetch(address, { headers: { Accept: "application/json" } })
    failed.hidden = answer.ok
    if (!answer.ok) return []
    known = await answer.json()
    draw()
    return known.bars.map(event)
  }
  const draw = () => {
    const { shown, all } = rowsOf(known, { word: find.value.trim().toLowerCase(), kind: kind.value, idle: idle.checked })
    note.textContent = texts.shown.replace("{shown}", shown.length).replace("{all}", all)
    drawRows(calendar, shown)
  }

  const move = async (info, from, to, begins, ends) => {
    const bar = info.event.extendedProps
    const names = Object.fromEntries(known.resources.map((one) => [one.id, one.title]))
    const before = { begins: bar.begins, ends: bar.ends, resource: from, name: names[from] }
    const after = { begins, ends, resource: to, name: names[to] }
    const reason = await ask(root, bar, before, after)
    if (reason === null) return info.revert()
    const answer = await send(root, bar, before, after, reason)
    if (!answer.ok) {
      info.revert()
      return toast(root, answer)
    }
    calendar.refetchEvents()
    toast(root, answer, () => undo(bar, answer.version, after, before))
  }
  const undo = async (bar, version, from, to) => {
    const answer = await send(root, { ...bar, version }, from, to, texts.undoing)
    calendar.refetchEvents()
    toast(root, answer.ok ? { ...answer, text: texts.undone } : answer)
  }

  const show = () => {
    box.hidden = !WIDE.matches
    list.hidden = WIDE.matches
    if (!WIDE.matches || calendar) return
    calendar = createCalendar(box, [ResourceTimeline, Interaction], {
      view: VIEWS[root.dataset.view],
      date: root.dataset.date,
      locale: root.dataset.locale,
      firstDay: 1,
      height: "auto",
      headerToolbar: { start: "", center: "", end: "" },
      resources: [],
      eventSources: [{ events: (range) => load(range).catch(lost) }],
      editable: true,
      eventContent: (info) => content(info, texts),
      eventClassNames: ({ event: { extendedProps: bar } }) => ["j-taken", `j-taken--${bar.kind}`, `j-taken--${bar.state || "none"}`],
      eventDrop: (info) => {
        const bar = info.event.extendedProps
        const from = Number(info.oldResource?.id ?? bar.resource)
        const to = Number(info.newResource?.id ?? bar.resource)
        const by = info.event.start - info.oldEvent.start
        move(info, from, to, shifted(bar.begins, by), shifted(bar.ends, by))
      },
      eventResize: (info) => {
        const bar = info.event.extendedProps
        const first = info.event.start - info.oldEvent.start
        const last = info.event.end - info.oldEvent.end
        move(info, bar.resource, bar.resource, shifted(bar.begins, first), shifted(bar.ends, last))
      },
      eventResizableFromStart: true,
      eventTimeFormat: HOUR,
      slotLabelFormat: HOUR,
      snapDuration: "00:30",
      nowIndicator: true,
      ...ROWS,
    })
    const mend = () => plain(box)
    new MutationObserver(mend).observe(box, { childList: true, subtree: true })
    mend()
  }
  const lost = () => {
    failed.hidden = false
    return []
  }

  let waiting
  root.addEventListener("input", ({ target }) => {
    if (![find, kind, idle].includes(target)) return
    clearTimeout(waiting)
    waiting = setTimeout(() => calendar && draw(), 150)
  })
  WIDE.addEventListener("change", show)
  show()
}

function event(bar) {
  return {
    id: bar.id,
    resourceIds: [bar.resource],
    start: bar.start,
    end: bar.end,
    title: bar.title,
    startEditable: bar.movable,
    durationEditable: bar.movable,
    extendedProps: bar,
  }
}

// Set-up and clean-up are the hatched ends of a bar; the link leads to the page of the booking, for the keyboard too.
function content({ event: { extendedProps: bar } }, texts) {
  const [first, begins, ends, last] = [bar.start, bar.begins, bar.ends, bar.end].map((moment) => new Date(moment))
  const whole = last - first
  const part = (name, length) => {
    const piece = document.createElement("span")
    piece.className = `j-taken__${name}`
    piece.style.width = `${(100 * length) / whole}%`
    return piece
  }
  const text = document.createElement(bar.url ? "a" : "span")
  if (bar.url) text.href = bar.url
  text.draggable = false // the bar is dragged, not the address
  text.className = "j-taken__text"
  text.textContent = [texts[bar.kind], bar.whom, bar.title, bar.units > 1 ? `× ${bar.units}` : ""].filter(Boolean).join(" ")
  const time = `${bar.begins.slice(11, 16)}–${bar.ends.slice(11, 16)}`
  text.setAttribute("aria-label", `${text.textContent} ${time}`)
  text.title = `${text.textContent} ${time}`
  return { domNodes: [part("setup", begins - first), text, part("cleanup", last - ends)] }
}

const shifted = (start, by) => moment(new Date(new Date(start).getTime() + by))

for (const root of document.querySelectorAll("[data-timeline]")) start(root)
