// Lists whose rows can be dragged into another order; without script each row has its buttons for that.
const ids = list => [...list.querySelectorAll("[data-arrange-id]")].map(row => row.dataset.arrangeId).join("-")

function send(list) {
  const form = document.getElementById(list.dataset.arrangeForm)
  const order = form.querySelector("[name=order]") ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "order" }))
  order.value = ids(list)
  form.requestSubmit()
}

function start(list) {
  let dragged = null
  for (const row of list.querySelectorAll("[data-arrange-id]")) {
    const grip = row.querySelector(".j-arrange__grip")
    // Only the grip begins a drag, so that words in the row can still be marked.
    grip.addEventListener("pointerdown", () => { row.draggable = true })
    grip.addEventListener("pointerup", () => { row.draggable = false })
    row.addEventListener("dragstart", ({ dataTransfer }) => {
      dragged = row
      dataTransfer.effectAllowed = "move"
      row.classList.add("is-dragged")
    })
    row.addEventListener("dragover", event => {
      if (!dragged || dragged === row) return
      event.preventDefault()
      const { top, height } = row.getBoundingClientRect()
      row.parentNode.insertBefore(dragged, event.clientY < top + height / 2 ? row : row.nextSibling)
    })
    row.addEventListener("dragend", () => {
      row.draggable = false
      row.classList.remove("is-dragged")
      dragged = null
      if (ids(list) !== list.dataset.arrange) send(list)
    })
  }
}

for (const list of document.querySelectorAll("[data-arrange]")) start(list)
