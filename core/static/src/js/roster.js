// Roster: add and remove rows, paste rows copied from a spreadsheet. Fields are named <list>-<row>-<column>.
const fieldsOf = (row) => [...row.querySelectorAll("input:not([type=hidden]), select, textarea")]
const rowsOf = (roster) => [...roster.querySelectorAll("[data-roster-row]")]

function renumber(roster) {
  const list = roster.dataset.roster
  rowsOf(roster).forEach((row, index) => {
    for (const node of row.querySelectorAll("[name], [id], [for], [aria-describedby]")) {
      for (const attribute of ["name", "id", "for", "aria-describedby"]) {
        const value = node.getAttribute(attribute)
        if (value) node.setAttribute(attribute, value.replaceAll(new RegExp(`(^|\\s)${list}-\\d+-`, "g"), `$1${list}-${index}-`))
      }
    }
    const number = row.querySelector("[data-roster-number]")
    if (number) number.textContent = index + 1
    for (const node of row.querySelectorAll("[data-label-pattern]")) {
      node.setAttribute("aria-label", node.dataset.labelPattern.replace("#", index + 1))
    }
  })
}

function clear(row) {
  row.classList.remove("is-bad")
  for (const node of row.querySelectorAll(".j-error")) node.remove()
  for (const field of row.querySelectorAll("input, select, textarea")) {
    if (field.type === "checkbox") field.checked = false
    else field.value = field.tagName === "SELECT" ? (field.options[0]?.value ?? "") : ""
    field.classList.remove("is-invalid")
    field.removeAttribute("aria-invalid")
  }
}

function addRow(roster) {
  const rows = rowsOf(roster)
  if (rows.length >= Number(roster.dataset.max || 500)) return null
  const row = rows.at(-1).cloneNode(true)
  clear(row)
  rows.at(-1).after(row)
  renumber(roster)
  return row
}

function removeRow(roster, row) {
  const rows = rowsOf(roster)
  if (rows.length === 1) {
    clear(row)
    fieldsOf(row)[0]?.focus()
    return
  }
  const near = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1]
  row.remove()
  renumber(roster)
  fieldsOf(near)[0]?.focus()
}

function paste(event, roster, field) {
  const text = event.clipboardData?.getData("text/plain") ?? ""
  if (!/[\t\n]/.test(text.trim())) return
  event.preventDefault()
  let row = field.closest("[data-roster-row]")
  const column = fieldsOf(row).indexOf(field)
  for (const line of text.replace(/\r/g, "").split("\n").filter((entry) => entry.trim())) {
    row ??= addRow(roster)
    if (!row) break
    line.split("\t").forEach((cell, index) => {
      const target = fieldsOf(row)[column + index]
      if (target) fill(target, cell.trim())
    })
    row = row.nextElementSibling?.matches("[data-roster-row]") ? row.nextElementSibling : null
  }
}

function fill(field, text) {
  if (field.tagName !== "SELECT") {
    field.value = text
    return
  }
  const option = [...field.options].find((entry) => entry.text.trim() === text || entry.value === text)
  if (option) field.value = option.value
}

export function startRosters() {
  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-roster-add]")
    if (add) {
      // Without script the button asks the server for more rows; with it they come at once.
      event.preventDefault()
      const row = addRow(add.closest("[data-roster]"))
      if (row) fieldsOf(row)[0]?.focus()
    }
    const remove = event.target.closest("[data-roster-remove]")
    if (remove) removeRow(remove.closest("[data-roster]"), remove.closest("[data-roster-row]"))
  })
  document.addEventListener("paste", (event) => {
    const roster = event.target.closest?.("[data-roster]")
    if (roster && event.target.matches("input:not([type=file])")) paste(event, roster, event.target)
  })
}
