// Resources as rows on the desk; on the phone, where rows cannot be read, a list for each resource.
import { drawRows, rowsOf } from "./resource-rows.js"

export function showRows(root, calendar, known, texts) {
  const { shown, all } = rowsOf(known)
  root.querySelector("[data-calendar-note]").textContent = texts.shown.replace("{shown}", shown.length).replace("{all}", all)
  drawRows(calendar, shown)
}

export function barOf({ id, resource, title, start, end, ...extendedProps }) {
  return { id, resourceIds: [resource], title, start, end, extendedProps }
}

export function listRows(known, texts, locale) {
  return rowsOf(known).shown.map((resource) => {
    const card = made("section", "j-card")
    const head = card.appendChild(made("div", "j-card__head"))
    head.appendChild(made("h2", "h3", resource.title))
    const bars = known.bars.filter((bar) => bar.resource === resource.id)
    if (!bars.length) card.append(made("p", "j-card__body j-soft mb-0", texts.idle))
    else card.appendChild(made("ul", "j-list j-list--pad")).append(...bars.map((bar) => line(bar, texts, locale)))
    return card
  })
}

function line({ title, start, end, kind, url }, texts, locale) {
  const item = made("li")
  const [first, last] = [new Date(start), new Date(end)]
  const same = first.toDateString() === last.toDateString()
  item.append(made("div", "j-small j-soft j-num", `${said(first, locale)}–${same ? end.slice(11, 16) : said(last, locale)}`))
  const text = made(url ? "a" : "span", url ? "fw-semibold" : "", texts[kind] ? texts[kind].replace("#", title) : title)
  if (url) text.href = url
  item.append(text)
  return item
}

const SAID = { month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", hour12: false }
const said = (date, locale) => date.toLocaleString(locale, SAID)

function made(name, className = "", text = "") {
  const node = document.createElement(name)
  if (className) node.className = className
  node.textContent = text
  return node
}
