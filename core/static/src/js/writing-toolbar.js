// The row of tools above a text: one stop for the tab key, arrows inside, what is switched on is said.
const COMMANDS = {
  h2: (chain) => chain.toggleHeading({ level: 2 }),
  h3: (chain) => chain.toggleHeading({ level: 3 }),
  bold: (chain) => chain.toggleBold(),
  italic: (chain) => chain.toggleItalic(),
  bullets: (chain) => chain.toggleBulletList(),
  numbers: (chain) => chain.toggleOrderedList(),
  quote: (chain) => chain.toggleBlockquote(),
  table: (chain) => chain.insertTable({ rows: 3, cols: 3, withHeaderRow: true }),
  undo: (chain) => chain.undo(),
  redo: (chain) => chain.redo(),
  rowAfter: (chain) => chain.addRowAfter(),
  rowDelete: (chain) => chain.deleteRow(),
  columnAfter: (chain) => chain.addColumnAfter(),
  columnDelete: (chain) => chain.deleteColumn(),
  headerRow: (chain) => chain.toggleHeaderRow(),
  tableDelete: (chain) => chain.deleteTable(),
}
const STATES = {
  h2: ["heading", { level: 2 }], h3: ["heading", { level: 3 }], bold: ["bold"], italic: ["italic"],
  bullets: ["bulletList"], numbers: ["orderedList"], quote: ["blockquote"], link: ["link"], picture: ["image"], table: ["table"],
}

export function startToolbars(root, editor, dialogs) {
  const bars = [root.querySelector("[data-bar]"), root.querySelector("[data-table-bar]")]
  bars[0].hidden = false
  for (const bar of bars) startBar(bar, editor, dialogs)
  const refresh = () => {
    for (const button of bars[0].querySelectorAll("[data-do]")) {
      const state = STATES[button.dataset.do]
      if (state) button.setAttribute("aria-pressed", String(editor.isActive(...state)))
    }
    bars[1].hidden = !editor.isActive("table")
  }
  editor.on("transaction", refresh)
  refresh()
}

function startBar(bar, editor, dialogs) {
  const buttons = [...bar.querySelectorAll("[data-do]")]
  const stop = (button) => {
    for (const other of buttons) other.tabIndex = other === button ? 0 : -1
  }
  stop(buttons[0])
  bar.addEventListener("mousedown", (event) => event.preventDefault()) // the text keeps its selection
  bar.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-do]")
    if (!button) return
    stop(button)
    const name = button.dataset.do
    if (dialogs[name]) dialogs[name]()
    else COMMANDS[name](editor.chain().focus()).run()
  })
  bar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement)
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    const button = buttons[(to + buttons.length) % buttons.length]
    stop(button)
    button.focus()
  })
}
