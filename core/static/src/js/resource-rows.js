// Resources as rows of a timeline, for visitors and for managers: how it is divided, and which rows are worth drawing.
// More rows than these are shown only where something is on, until one looks for more.
const MANY = 60
const ROWS_SHOWN = 200
const TALL = 14

export const HOUR = { hour: "2-digit", minute: "2-digit", hour12: false }

export const ROWS = {
  slotMinTime: "07:00",
  slotMaxTime: "22:00",
  flexibleSlotTimeLimits: true,
  views: {
    resourceTimelineDay: { slotDuration: "00:30", slotWidth: 26 },
    resourceTimelineWeek: { slotDuration: "02:00", slotWidth: 44 },
  },
}

// Only rows that are looked for are drawn: a thousand of them would be slow to draw and no help to read.
export function rowsOf({ resources, bars }, { word = "", kind = "", idle = false } = {}) {
  const wanted = resources.filter(
    (one) => (!word || one.title.toLowerCase().includes(word)) && (!kind || one.kind === kind),
  )
  const busy = new Set(bars.map((bar) => bar.resource))
  const few = wanted.length <= MANY || idle
  return { all: wanted.length, shown: (few ? wanted : wanted.filter((one) => busy.has(one.id))).slice(0, ROWS_SHOWN) }
}

export function drawRows(calendar, shown) {
  calendar.setOption("height", shown.length > TALL ? "36rem" : "auto")
  calendar.setOption("resources", shown)
}
