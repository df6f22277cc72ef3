// What an entry shows: icon, time, title; the title is a link. Built from nodes, never from markup: titles come from people.
const MARKS = { event: "megaphone", closed: "tools", rest: "moon", full: "person-fill-slash", busy: "lock" }

export function content({ event, timeText, view }, texts) {
  const { kind, icon, url } = event.extendedProps
  const box = document.createElement("div")
  box.className = "ec-event-title"

  const mark = document.createElement("i")
  mark.className = `bi bi-${MARKS[kind] ?? icon ?? "calendar-event"}`
  mark.setAttribute("aria-hidden", "true")

  const text = document.createElement(url ? "a" : "span")
  if (url) text.href = url
  const time = document.createElement("span")
  time.className = "j-num j-ev__time"
  time.textContent = event.allDay ? "" : `${timeOf(timeText, view)} `
  text.append(time, texts[kind] ? texts[kind].replace("#", event.title) : event.title)

  // In rows the place says when; a short bar has room for a word.
  box.title = `${timeText} ${text.textContent}`
  if (view.type.startsWith("resource")) time.textContent = ""

  box.append(mark, " ", text)
  return { domNodes: [box] }
}

function timeOf(timeText, view) {
  const [from] = timeText.split(" - ")
  return view.type.startsWith("list") ? timeText.replace(" - ", "–") : from
}
