// Days as addresses and data write them: 2026-12-08, on the wall clock of the bases.
const two = (number) => String(number).padStart(2, "0")

export const day = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`

export const moment = (date) => `${day(date)}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`

export function isDay(text) {
  return /^\d{4}-\d\d-\d\d$/.test(text ?? "") && !Number.isNaN(Date.parse(text))
}

export function dateOf(text) {
  const [year, month, dayOfMonth] = text.split("-").map(Number)
  return new Date(year, month - 1, dayOfMonth)
}
