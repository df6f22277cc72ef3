// What follows a bar that was dropped: what changes and why is asked for, sent, and answered in words.
const SHOWN = 10000

// Resolves with the reason, or null when the bar is to go back.
export function ask(root, bar, before, after) {
  const dialog = root.querySelector("[data-timeline-ask]")
  dialog.querySelector("[data-timeline-what]").textContent = [bar.whom, bar.title].filter(Boolean).join(" ")
  dialog.querySelector("[data-timeline-before]").textContent = place(before)
  dialog.querySelector("[data-timeline-after]").textContent = place(after)
  dialog.returnValue = ""
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => resolve(dialog.returnValue === "move" ? dialog.querySelector("[name=reason]").value : null),
      { once: true },
    )
  })
}

export async function send(root, bar, before, after, reason) {
  const body = new URLSearchParams({
    csrf_token: root.dataset.token,
    start: after.begins,
    end: after.ends,
    from: before.resource,
    to: after.resource,
    version: bar.version,
    reason,
  })
  try {
    const answer = await fetch(`${root.dataset.moves}/${encodeURIComponent(bar.ref)}`, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
    })
    return { conflicts: [], free: [], ...(await answer.json()), ok: answer.ok }
  } catch {
    return { ok: false, text: root.querySelector("[data-timeline-failed]").textContent.trim(), conflicts: [], free: [] }
  }
}

// A refusal stays until it is closed; what has succeeded goes by itself, and can be undone until then.
export function toast(root, answer, undo) {
  const box = root.querySelector("[data-timeline-toast]")
  const text = document.createElement("p")
  text.textContent = answer.text
  box.replaceChildren(text)
  box.classList.toggle("j-toast--bad", !answer.ok)
  if (answer.conflicts?.length) box.append(list(answer.conflicts.map((conflict) => document.createTextNode(conflict))))
  if (answer.free?.length) {
    const head = document.createElement("p")
    head.textContent = box.dataset.free
    box.append(head, list(answer.free.map(link)))
  }
  if (answer.ok && undo) box.append(button(box.dataset.undo, undo, box))
  box.append(button(box.dataset.close, () => {}, box))
  box.hidden = false
  clearTimeout(box.timer)
  if (answer.ok) box.timer = setTimeout(() => (box.hidden = true), SHOWN)
}

function place({ begins, ends, name }) {
  const last = ends.slice(0, 10) === begins.slice(0, 10) ? ends.slice(11, 16) : ends.slice(0, 16).replace("T", " ")
  return `${begins.slice(0, 16).replace("T", " ")}–${last} ${name}`
}

function list(nodes) {
  const all = document.createElement("ul")
  for (const node of nodes) {
    const item = document.createElement("li")
    item.append(node)
    all.append(item)
  }
  return all
}

function link({ text, url }) {
  const a = document.createElement("a")
  a.href = url
  a.textContent = text
  return a
}

function button(text, deed, box) {
  const one = document.createElement("button")
  one.type = "button"
  one.className = "btn btn-sm btn-outline-secondary"
  one.textContent = text
  one.addEventListener("click", () => {
    box.hidden = true
    deed()
  })
  return one
}
