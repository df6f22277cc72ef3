// Where the calendar stands (?view=month|week|list&date=YYYY-MM-DD), so that it can be linked to and gone back to.
const VIEWS = ["month", "week", "list"]

export function readPlace(root, usual) {
  const query = new URLSearchParams(location.search)
  const view = query.get("view")
  const date = query.get("date")
  return {
    view: VIEWS.includes(view) ? view : usual,
    date: isDay(date) ? date : root.dataset.date,
  }
}

export function writePlace({ view, date }) {
  const address = new URL(location.href)
  address.searchParams.set("view", view)
  address.searchParams.set("date", date)
  history.pushState(null, "", address)
}

function isDay(text) {
  return /^\d{4}-\d\d-\d\d$/.test(text ?? "") && !Number.isNaN(Date.parse(text))
}
